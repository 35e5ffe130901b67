/* SPDX-License-Identifier: GPL-2.0-only */
/* The idle memory of pools that the machine counts as available. */
#ifndef _KPOOL_POLICY_AVAILABLE_H
#define _KPOOL_POLICY_AVAILABLE_H

struct kp_pool;

unsigned long kp_may_go(struct kp_pool *pool);
void kp_available_update(struct kp_pool *pool);
void kp_available_end(struct kp_pool *pool);

#endif /* _KPOOL_POLICY_AVAILABLE_H */
