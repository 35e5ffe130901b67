/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory pressure: the shrinker. */
#ifndef _KPOOL_POLICY_SHRINK_H
#define _KPOOL_POLICY_SHRINK_H

#include "pool.h"

int kp_shrink_init(void);
void kp_shrink_exit(void);
void kp_shrink_might_lock(void);
void kp_shrink_add(struct kp_pool *pool);
void kp_shrink_remove(struct kp_pool *pool);
void kp_shrink_last(struct kp_pool *pool);
unsigned long kp_shrink_pool(struct kp_pool *pool, unsigned long want, enum kp_cause cause,
			     unsigned long *freed);
unsigned long kp_shrink_count(void);
u64 kp_shrink_oom(void);
unsigned long kp_shrink_scan(unsigned long want, unsigned long *taken);

#endif /* _KPOOL_POLICY_SHRINK_H */
