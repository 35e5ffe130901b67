/* SPDX-License-Identifier: GPL-2.0-only */
/* Objects that are built ahead of gets. */
#ifndef _KPOOL_OBJECT_PREFILL_H
#define _KPOOL_OBJECT_PREFILL_H

#include <linux/types.h>

struct kp_pool;

int kp_reserve_fill(struct kp_pool *pool);
long kp_reserve_missing(struct kp_pool *pool);
void kp_reserve_end(struct kp_pool *pool);
void kp_reserve_shrink(struct kp_pool *pool);
int kp_prefill(struct kp_pool *pool, unsigned long want);
bool kp_below_min(struct kp_pool *pool);
void kp_replenish(struct kp_pool *pool);

#endif /* _KPOOL_OBJECT_PREFILL_H */
