/* SPDX-License-Identifier: GPL-2.0-only */
/* Objects that are torn down for memory debuggers. */
#ifndef _KPOOL_PATH_SAMPLE_H
#define _KPOOL_PATH_SAMPLE_H

struct kp_pool;

unsigned int kp_sample(struct kp_pool *pool, void **objs, unsigned int n);
unsigned int kp_samples_due(struct kp_pool *pool);

#endif /* _KPOOL_PATH_SAMPLE_H */
