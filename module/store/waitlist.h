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
struct line {
	/* Protects all below, and writes of pool->gate. Figures are read without it. */
	raw_spinlock_t lock;
	struct list_head waiters;	/* first come, first served */
	unsigned int waiting;
	unsigned int sweepers;		/* waiters that close the caches, or are about to */
	unsigned long slots;		/* objects that exist or are being built */
	unsigned long max;		/* ULONG_MAX while there is no bound */
	bool counted;			/* stocked is in pool->depot_idle, as max_idle needs it */
	atomic_long_t kept;		/* objects that exist, and are not to be torn down */
	struct llist_head stock;	/* idle ones that only the reserve keeps, see stock.c */
	unsigned long stocked;
	struct llist_head memory;	/* of the reserve's objects that are no more */
	unsigned long pieces;		/* of it, for an object each */
	unsigned long reopen_at;	/* jiffies; the gate stays closed until then */

	u64 waits, wait_ns, longest_ns, timeouts, interrupted, exhausted, beyond, sweeps;
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
struct waiter {
	struct list_head list;
	struct task_struct *task;
	void **objs;			/* what was handed over so far */
	unsigned int wanted, got;
	unsigned int slots;		/* objects that it may build itself */
	u32 since;			/* the tick when it was handed the first of them */
	u64 arrival;			/* who comes back goes where it was; 0: is yet to come */
	bool no_memory;			/* it found none: of no use are slots to it */
	bool served;			/* it is in the line no more, err says why */
	int err;
};

/* Idle objects that only the reserve keeps. */
static inline unsigned long kp_stocked(const struct pool *pool)
{
	return pool->line ? READ_ONCE(pool->line->stocked) : 0;
}

int kp_line_init(struct pool *pool, unsigned long max);
void kp_line_exit(struct pool *pool);
void kp_line_kick(struct pool *pool);
unsigned int kp_line_take(struct pool *pool, void **objs, unsigned int n, unsigned int *slots);
void *kp_line_try_take(struct pool *pool);
int kp_line_put(struct pool *pool, void **objs, unsigned int n, unsigned int *placed,
		struct kpool_magazine **mag);
void kp_line_shut(struct pool *pool);
void kp_line_serve(struct pool *pool);
unsigned int kp_line_hand(struct pool *pool, void **objs, unsigned int n);
unsigned int kp_slots_take(struct pool *pool, unsigned int n);
void kp_slots_exceed(struct pool *pool, unsigned int n);
void kp_slots_give(struct pool *pool, unsigned int n);
void kp_gate_set(struct pool *pool, enum pool_gate gate);
bool kp_line_set_max(struct pool *pool, unsigned long max);
unsigned long kp_beyond_max(const struct pool *pool);
bool kp_over_max(const struct pool *pool);
unsigned int kp_reserve_keep(struct pool *pool, void **objs, unsigned int n);
void *kp_line_take_stock(struct pool *pool);
void kp_reserve_count(struct pool *pool);
int kp_waiter_join(struct pool *pool, struct waiter *w);
int kp_waiter_leave(struct pool *pool, struct waiter *w, int err);
void kp_waiter_look_for_memory(struct pool *pool, struct waiter *w);
void kp_waiter_count_wait(struct line *line, u64 ns, int err);
void kp_line_swept(struct pool *pool);

#endif /* _KPOOL_STORE_WAITLIST_H */
