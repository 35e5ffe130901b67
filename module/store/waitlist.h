/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The wait list of a pool, and the counters of its waits. Only a pool with max or reserve has a
 * struct kp_waitlist. store/slots.h has the functions of slots and the gate, store/reserve_list.c
 * the functions of the reserve list, path/wait.c the get that sleeps.
 */
#ifndef _KPOOL_STORE_WAITLIST_H
#define _KPOOL_STORE_WAITLIST_H

#include <linux/sched.h>

#include "pool.h"

struct kpool_magazine;

/*
 * Waits are counted in classes by their length: class 0 is below 4 us, each next class has twice
 * the bound.
 */
#define WAIT_CLASSES	24
#define WAIT_SHIFT	12

/*
 * The part of a pool that only a pool with max or reserve has. One lock protects the whole struct.
 * It is taken with interrupts off and before a depot's lock. The scheduler's locks are taken inside
 * it.
 */
struct kp_waitlist {
	/* Protects all fields below, and writes of pool->gate. Counters are read without it. */
	raw_spinlock_t lock;
	struct list_head waiters;	/* in order of arrival */
	unsigned int waiting;
	unsigned int sweepers;		/* waiters that close the caches, or will do so next */
	unsigned long slots;		/* objects that exist or are being built */
	unsigned long max;		/* ULONG_MAX: no bound */
	bool counted;			/* reserve_idle is part of pool->depot_idle, for max_idle */
	struct kp_list reserve_list;	/* idle objects that the reserve keeps */
	unsigned long reserve_idle;
	struct kp_list memory;	/* of reserve objects that were torn down */
	unsigned long pieces;		/* entries in memory, one object each */
	unsigned long reopen_at;	/* jiffies; the gate stays closed until then */

	u64 waits, wait_ns, longest_ns, timeouts, interrupted, exhausted, overflow, sweeps;
	unsigned long slots_peak;
	unsigned int waiting_peak;
	u64 reserve_used;
	u64 by_time[WAIT_CLASSES];
};

/*
 * A waiter in the wait list. The struct is on the stack of the waiting task. waitlist->lock
 * protects all fields. The waiter reads only woken without the lock. Before the waiter returns it
 * takes the lock once. So the task that wakes the waiter no longer uses this struct.
 */
struct kp_waiter {
	struct list_head list;
	struct task_struct *task;
	void **objs;			/* objects that the waiter has so far */
	unsigned int wanted, got;
	unsigned int slots;		/* objects that the waiter may build */
	u32 since;			/* tick of the first hand-off */
	u64 arrival;			/* place in the list, also after a return; 0: none yet */
	bool no_memory;			/* allocation failed: slots are of no use to the waiter */
	bool woken;			/* no longer in the wait list; err has the reason */
	int err;
};

/* How many idle objects the reserve list has. */
static inline unsigned long kp_reserve_idle(const struct kp_pool *pool)
{
	return pool->waitlist ? READ_ONCE(pool->waitlist->reserve_idle) : 0;
}

/* Do as many objects exist as max allows? Those that are to be torn down do not count. */
static inline bool kp_is_full(const struct kp_pool *pool)
{
	const struct kp_waitlist *waitlist = pool->waitlist;

	return waitlist && (unsigned long)atomic_long_read(&pool->kept) >=
			   READ_ONCE(waitlist->max);
}

int kp_waitlist_init(struct kp_pool *pool, unsigned long max);
void kp_waitlist_exit(struct kp_pool *pool);
void kp_waitlist_kick(struct kp_pool *pool);
unsigned int kp_waitlist_take(struct kp_pool *pool, void **objs, unsigned int n,
			      unsigned int *slots);
void *kp_waitlist_try_take(struct kp_pool *pool);
int kp_waitlist_put(struct kp_pool *pool, void **objs, unsigned int n, unsigned int *placed,
		    struct kpool_magazine **mag);
void kp_waitlist_shut(struct kp_pool *pool);
void kp_waitlist_grant(struct kp_pool *pool);
unsigned int kp_waitlist_hand_off(struct kp_pool *pool, void **objs, unsigned int n);
void kp_slots_give(struct kp_pool *pool, unsigned int n);
bool kp_waitlist_set_max(struct kp_pool *pool, unsigned long max);
unsigned int kp_reserve_keep(struct kp_pool *pool, void **objs, unsigned int n);
void *kp_waitlist_take_reserve(struct kp_pool *pool);
void kp_reserve_count(struct kp_pool *pool);
int kp_waiter_join(struct kp_pool *pool, struct kp_waiter *w);
int kp_waiter_leave(struct kp_pool *pool, struct kp_waiter *w, int err);
void kp_waiter_look_for_memory(struct kp_pool *pool, struct kp_waiter *w);
void kp_waiter_count_wait(struct kp_waitlist *waitlist, u64 ns, int err);
void kp_waitlist_swept(struct kp_pool *pool);

#endif /* _KPOOL_STORE_WAITLIST_H */
