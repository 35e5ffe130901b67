/* SPDX-License-Identifier: GPL-2.0-only */
/* Closing the CPUs' caches. */
#ifndef _KPOOL_PATH_SWEEP_H
#define _KPOOL_PATH_SWEEP_H

#include "pool.h"

/* A get reads this before it looks for objects, for kp_collect(). Context: any. */
static inline unsigned int kp_collections(const struct kp_pool *pool)
{
	return smp_load_acquire(&pool->collections);	/* pairs with end_collection() */
}

void kp_close_all(struct kp_pool *pool, struct llist_head *found);
void kp_close_loaded(struct kp_pool *pool, struct llist_head *found);
void kp_found_keep(struct kp_pool *pool, struct llist_head *found);
void kp_sweep_to_depot(struct kp_pool *pool);
bool kp_collect(struct kp_pool *pool, unsigned int *seen);
void kp_gate_close(struct kp_pool *pool, struct llist_head *found);

#endif /* _KPOOL_PATH_SWEEP_H */
