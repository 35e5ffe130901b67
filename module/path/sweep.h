/* SPDX-License-Identifier: GPL-2.0-only */
/* Closing the CPUs' caches. */
#ifndef _KPOOL_PATH_SWEEP_H
#define _KPOOL_PATH_SWEEP_H

#include "pool.h"
#include "store/waitlist.h"

/*
 * Whether a get can rely on what it sees. Odd counters: idle objects are out of reach for a moment.
 * settled: 0, or the gate is closed, and so are all caches, since this number of sweeps. Then
 * waitlist->lock covers each idle object.
 */
struct kp_reach {
	unsigned int collections, asides;
	u64 settled;
};

/* A get reads this before it looks for objects, for kp_collect(). Context: any. */
static inline struct kp_reach kp_reach(const struct kp_pool *pool)
{
	struct kp_reach reach = {
		/* pairs with end_collection() */
		.collections = smp_load_acquire(&pool->collections),
		/* pairs with kp_aside_end() */
		.asides = smp_load_acquire(&pool->asides),
	};

	if (unlikely(READ_ONCE(pool->gate) == GATE_WAITING) &&
	    !READ_ONCE(pool->waitlist->sweepers))
		reach.settled = READ_ONCE(pool->waitlist->sweeps);
	return reach;
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
