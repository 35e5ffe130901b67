/* SPDX-License-Identifier: GPL-2.0-only */
/* The line of waiters, and the slots of a pool with a bound or a reserve. */
#ifndef _KPOOL_STORE_WAITLIST_H
#define _KPOOL_STORE_WAITLIST_H

#include <linux/sched.h>

#include "pool.h"

struct kpool_magazine;

/* Waits are counted by their time, in classes: below 4 us, then below twice that, ... */
#define WAIT_CLASSES	24
#define WAIT_SHIFT	12

/*
 * What only a pool with a bound or a reserve has. A lock of its own for all of it;
 * taken before a depot's, with interrupts off, and the scheduler's are taken inside.
 */
struct kp_waitlist {
	/* Protects all below, and writes of pool->gate. Figures are read without it. */
	raw_spinlock_t lock;
	struct list_head waiters;	/* first come, first served */
	unsigned int waiting;
	unsigned int sweepers;		/* waiters that close the caches, or are about to */
	unsigned long slots;		/* objects that exist or are being built */
	unsigned long max;		/* ULONG_MAX while there is no bound */
	bool counted;			/* stocked is in pool->depot_idle, as max_idle needs it */
	atomic_long_t kept;		/* objects that exist, and are not to be torn down */
	struct llist_head reserve_list;	/* idle ones that only the reserve keeps, see stock.c */
	unsigned long reserve_idle;
	struct llist_head memory;	/* of the reserve's objects that are no more */
	unsigned long pieces;		/* of it, for an object each */
	unsigned long reopen_at;	/* jiffies; the gate stays closed until then */

	u64 waits, wait_ns, longest_ns, timeouts, interrupted, exhausted, overflow, sweeps;
	unsigned long slots_peak;
	unsigned int waiting_peak;
	u64 reserve_used;
	u64 by_time[WAIT_CLASSES];
};

/*
 * Somebody in the line, on its own stack. All is protected by line->lock, but
 * for served, which the waiter looks at without it: before it returns it takes
 * the lock once, so that whoever serves it is through with the record.
 */
struct kp_waiter {
	struct list_head list;
	struct task_struct *task;
	void **objs;			/* what was handed over so far */
	unsigned int wanted, got;
	unsigned int slots;		/* objects that it may build itself */
	u32 since;			/* the tick when it was handed the first of them */
	u64 arrival;			/* who comes back goes where it was; 0: is yet to come */
	bool no_memory;			/* it found none: of no use are slots to it */
	bool woken;			/* it is in the list no more, err says why */
	int err;
};

/* Idle objects that only the reserve keeps. */
static inline unsigned long kp_reserve_idle(const struct kp_pool *pool)
{
	return pool->waitlist ? READ_ONCE(pool->waitlist->reserve_idle) : 0;
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
unsigned int kp_slots_take(struct kp_pool *pool, unsigned int n);
void kp_slots_exceed(struct kp_pool *pool, unsigned int n);
void kp_slots_give(struct kp_pool *pool, unsigned int n);
void kp_gate_set(struct kp_pool *pool, enum kp_gate gate);
bool kp_waitlist_set_max(struct kp_pool *pool, unsigned long max);
unsigned long kp_excess(const struct kp_pool *pool);
bool kp_over_max(const struct kp_pool *pool);
unsigned int kp_reserve_keep(struct kp_pool *pool, void **objs, unsigned int n);
void *kp_waitlist_take_reserve(struct kp_pool *pool);
void kp_reserve_count(struct kp_pool *pool);
int kp_waiter_join(struct kp_pool *pool, struct kp_waiter *w);
int kp_waiter_leave(struct kp_pool *pool, struct kp_waiter *w, int err);
void kp_waiter_look_for_memory(struct kp_pool *pool, struct kp_waiter *w);
void kp_waiter_count_wait(struct kp_waitlist *waitlist, u64 ns, int err);
void kp_waitlist_swept(struct kp_pool *pool);

#endif /* _KPOOL_STORE_WAITLIST_H */
