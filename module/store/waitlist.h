/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The wait list of a pool, and the counters of its waits. Only a pool with max or reserve has a
 * struct kp_waitlist. store/slots.h has the functions of slots and the gate, store/reserve_list.c
 * the functions of the reserve list, path/wait.c the get that sleeps.
 */
#ifndef _KPOOL_STORE_WAITLIST_H
#define _KPOOL_STORE_WAITLIST_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/ratelimit_types.h>
#include <linux/rbtree.h>
#include <linux/sched.h>
#include <linux/seqlock.h>
#include <linux/spinlock.h>

#include "pool.h"
#include "store/alarm.h"
#include "store/lockdep.h"

struct kpool_magazine;

/*
 * Waits are counted in classes by their length: class 0 is below 4 us, each next class has twice
 * the bound.
 */
#define WAIT_CLASSES	24
#define WAIT_SHIFT	12

/*
 * The part of a pool that only a pool with max or reserve has. One lock protects the whole struct.
 * It is taken with interrupts off and before a depot's lock. No task is woken inside it.
 */
struct kp_waitlist {
	/* Protects all fields below, and writes of pool->gate. Counters are read without it. */
	raw_spinlock_t lock;
	struct rb_root_cached waiters;	/* in order of arrival */
	struct list_head parts;		/* waiters that have some of their objects */
	bool unfinished;		/* the last hold may have left something to give */
	unsigned int waiting;
	seqcount_raw_spinlock_t changes;	/* of waiting, waiting_began and first_began */
	u64 waiting_began;		/* when the waits of the list began, all added up */
	u64 first_began;		/* when the wait of the first waiter began; 0: none waits */
	unsigned int sweepers;		/* waiters that close the caches, or will do so next */
	unsigned long slots;		/* objects that exist or are being built */
	unsigned long max;		/* ULONG_MAX: no bound */
	bool counted;			/* reserve_idle is part of pool->depot_idle, for max_idle */
	struct kp_list reserve_list;	/* idle objects that the reserve keeps */
	unsigned long reserve_idle;
	struct kp_list memory;	/* of reserve objects that were torn down */
	unsigned long pieces;		/* entries in memory, one object each */
	unsigned int until_open;	/* gets and puts; then the gate may open, see slots.c */

	u64 waits, exhausted, overflow, sweeps;
	unsigned long slots_peak;
	unsigned int waiting_peak;
	u64 reserve_used;
	atomic64_t wait_ns, longest_ns, timeouts, interrupted, by_time[WAIT_CLASSES];
	struct ratelimit_state timeout_lines;	/* of the log */
	atomic_long_t unsaid;		/* timeouts since the last line */
	struct kp_lockdep lockdep;
	struct kp_pool *pool;
	struct kp_alarm alarm;
};

/*
 * A waiter in the wait list. The struct is on the stack of the waiting task. waitlist->lock
 * protects all fields while the waiter is in the list. The waiter reads only woken and goes_on
 * without the lock. Code that sets woken has unlinked the waiter, and no longer uses this struct.
 */
struct kp_waiter {
	struct rb_node node;
	struct list_head part;		/* in waitlist->parts, or empty */
	struct task_struct *task;
	void **objs;			/* objects that the waiter has so far */
	unsigned int wanted, got;
	unsigned int slots;		/* objects that the waiter may build */
	u32 since;			/* tick of the first hand-off */
	u64 arrival;			/* place in the list, also after a return; 0: none yet */
	u64 began;			/* nanoseconds of ktime_get() */
	bool no_memory;			/* allocation failed: slots are of no use to the waiter */
	bool goes_on;			/* has to go on granting: see grant_batch() */
	bool woken;			/* no longer in the wait list; err has the reason */
	int err;
};

/* How many objects or slots one hold of waitlist->lock gives, and how many tasks it wakes. */
#define KP_BATCH	16U

/* Tasks to be woken when waitlist->lock is released: up to a batch, and one that goes on. */
struct kp_wakes {
	unsigned int n;
	unsigned int steps;		/* objects and slots given, or waiters looked at */
	struct task_struct *tasks[KP_BATCH + 1];
};

static inline void kp_wakes_init(struct kp_wakes *wakes)
{
	wakes->n = 0;
	wakes->steps = 0;
}

/* Has the waiter all that it wants, or an error? Context: the waiter's task. */
static inline bool kp_waiter_is_woken(const struct kp_waiter *w)
{
	return smp_load_acquire(&w->woken);	/* pairs with the release in wake() */
}

static inline bool kp_nobody_waits(const struct kp_waitlist *waitlist)
{
	lockdep_assert_held(&waitlist->lock);
	return RB_EMPTY_ROOT(&waitlist->waiters.rb_root);
}

/* A hint without the lock: does a get wait? A closed gate does not say so, see kp_gate_stay(). */
static inline bool kp_somebody_waits(const struct kp_pool *pool)
{
	return pool->waitlist && READ_ONCE(pool->waitlist->waiting);
}

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
void kp_waitlist_kick_all(struct kp_pool *pool);
void kp_wake_all(struct kp_wakes *wakes);
unsigned int kp_waitlist_take(struct kp_pool *pool, void **objs, unsigned int n,
			      unsigned int *slots, bool count);
void *kp_waitlist_try_take(struct kp_pool *pool);
int kp_waitlist_put(struct kp_pool *pool, void **objs, unsigned int n, unsigned int *placed,
		    struct kpool_magazine **mag, struct kp_wakes *wakes);
void kp_waitlist_shut(struct kp_pool *pool);
void kp_slots_give(struct kp_pool *pool, unsigned int n);
bool kp_waitlist_set_max(struct kp_pool *pool, unsigned long max);
unsigned int kp_reserve_keep(struct kp_pool *pool, void **objs, unsigned int n);
void kp_reserve_add(struct kp_pool *pool, void *obj);
void *kp_waitlist_take_reserve(struct kp_pool *pool);
void kp_reserve_count(struct kp_pool *pool);
int kp_waiter_join(struct kp_pool *pool, struct kp_waiter *w);
void kp_waiter_go_on(struct kp_pool *pool, struct kp_waiter *w);
int kp_waiter_leave(struct kp_pool *pool, struct kp_waiter *w, int err);
void kp_waiter_look_for_memory(struct kp_pool *pool, struct kp_waiter *w);
void kp_waitlist_swept(struct kp_pool *pool);
void kp_waitlist_count_sweep(struct kp_pool *pool);

#endif /* _KPOOL_STORE_WAITLIST_H */
