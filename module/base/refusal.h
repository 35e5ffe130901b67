/* SPDX-License-Identifier: GPL-2.0-only */
/* Objects that kpool refuses: the log says which, and whose fault it is. */
#ifndef _KPOOL_BASE_REFUSAL_H
#define _KPOOL_BASE_REFUSAL_H

struct kp_pool;

unsigned int kp_callers(unsigned long *callers, unsigned int most, unsigned int *first);
void *kp_consumer(void);
void kp_refuse_object(struct kp_pool *pool, const void *obj, const char *why);

#endif /* _KPOOL_BASE_REFUSAL_H */
