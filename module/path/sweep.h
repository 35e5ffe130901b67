/* SPDX-License-Identifier: GPL-2.0-only */
/* Closing the CPUs' caches. */
#ifndef _KPOOL_PATH_SWEEP_H
#define _KPOOL_PATH_SWEEP_H

#include "pool.h"

/* Odd counters: idle objects are out of reach for a moment. */
struct kp_reach {
	unsigned int collections, asides;
};

/* A get reads this before it looks for objects, for kp_collect(). Context: any. */
static inline struct kp_reach kp_reach(const struct kp_pool *pool)
{
	/* Pairs with end_collection() and kp_aside_end(). */
	return (struct kp_reach){
		.collections = smp_load_acquire(&pool->collections),
		.asides = smp_load_acquire(&pool->asides),
	};
}

void kp_close_all(struct kp_pool *pool, struct llist_head *found);
void kp_close_loaded(struct kp_pool *pool, struct llist_head *found);
void kp_found_keep(struct kp_pool *pool, struct llist_head *found);
void kp_sweep_to_depot(struct kp_pool *pool);
void kp_aside_begin(struct kp_pool *pool);
void kp_aside_end(struct kp_pool *pool);
bool kp_collect(struct kp_pool *pool, struct kp_reach *seen);
void kp_gate_close(struct kp_pool *pool, struct llist_head *found);

#endif /* _KPOOL_PATH_SWEEP_H */
