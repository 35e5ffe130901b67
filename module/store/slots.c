// SPDX-License-Identifier: GPL-2.0-only
/*
 * Slots, which bound how many objects exist, and the gate, which says whether CPU caches may open.
 * store/waitlist.c has the gets that wait for slots and objects.
 *
 * max counts slots. An object has a slot from before its construction until it is torn down. So a
 * get or put from a cache counts nothing.
 */
#include <linux/cpumask.h>
#include <linux/minmax.h>
#include <linux/spinlock.h>

#include "pool.h"
#include "store/slots.h"
#include "store/waitlist.h"

/*
 * A closed gate costs: each get and each put takes a lock. Opening the gate costs, too: the next
 * waiter has to interrupt all CPUs whose caches have opened. So after its last waiter, a pool opens
 * the gate only after this number of gets and puts for each online CPU. They share the cost of the
 * interrupt that may follow.
 */
#define REOPEN_AFTER	64U

/* Free slots. With KPOOL_OVERFLOW more objects than slots can exist. */
unsigned long kp_slots_free(const struct kp_waitlist *waitlist)
{
	lockdep_assert_held(&waitlist->lock);
	return waitlist->slots < waitlist->max ? waitlist->max - waitlist->slots : 0;
}

/* Readers of slots that want a hint or a counter do not take the lock. */
static void add_slots(struct kp_waitlist *waitlist, unsigned int n)
{
	lockdep_assert_held(&waitlist->lock);
	WRITE_ONCE(waitlist->slots, waitlist->slots + n);
	WRITE_ONCE(waitlist->slots_peak, max(waitlist->slots_peak, waitlist->slots));
}

void kp_slots_drop(struct kp_waitlist *waitlist, unsigned int n)
{
	lockdep_assert_held(&waitlist->lock);
	WRITE_ONCE(waitlist->slots, waitlist->slots - n);
}

/* Takes n free slots. If fewer are free, takes all free slots. Returns how many it took. */
unsigned int kp_slots_reserve(struct kp_waitlist *waitlist, unsigned int n)
{
	n = min_t(unsigned long, n, kp_slots_free(waitlist));
	add_slots(waitlist, n);
	return n;
}

/* For KPOOL_OVERFLOW: takes n slots, even if fewer are free. */
static void exceed_slots(struct kp_waitlist *waitlist, unsigned int n)
{
	WRITE_ONCE(waitlist->overflow,
		   waitlist->overflow + n - min_t(unsigned long, n, kp_slots_free(waitlist)));
	add_slots(waitlist, n);
}

/* Slots for a waiter. With KPOOL_OVERFLOW a get waits only for memory, never for a slot. */
unsigned int kp_slots_for_waiter(struct kp_pool *pool, unsigned int n)
{
	if (!pool->overflow)
		return kp_slots_reserve(pool->waitlist, n);
	exceed_slots(pool->waitlist, n);
	return n;
}

/* Without max every get may take slots, even while other gets wait for memory. */
bool kp_may_reserve(const struct kp_waitlist *waitlist)
{
	return kp_nobody_waits(waitlist) || waitlist->max == ULONG_MAX;
}

/**
 * kp_slots_take() - take slots for objects that are built ahead
 * @pool: the pool
 * @n: how many slots are wanted
 *
 * Context: any that is not restricted.
 * Return: how many slots were taken; 0 while a get waits for a slot.
 */
unsigned int kp_slots_take(struct kp_pool *pool, unsigned int n)
{
	struct kp_waitlist *waitlist = pool->waitlist;
	unsigned long flags;

	if (!waitlist)
		return n;
	raw_spin_lock_irqsave(&waitlist->lock, flags);
	n = kp_may_reserve(waitlist) ? kp_slots_reserve(waitlist, n) : 0;
	raw_spin_unlock_irqrestore(&waitlist->lock, flags);
	return n;
}

/**
 * kp_slots_try_take() - take a slot where code may wait for no lock
 * @pool: the pool
 *
 * Context: any, NMI too.
 * Return: whether a slot was taken; false, too, if the lock of the wait list is not free.
 */
bool kp_slots_try_take(struct kp_pool *pool)
{
	struct kp_waitlist *waitlist = pool->waitlist;
	unsigned long flags;
	bool taken;

	if (!waitlist)
		return true;
	if (!raw_spin_trylock_irqsave(&waitlist->lock, flags))
		return false;
	taken = kp_may_reserve(waitlist) && kp_slots_reserve(waitlist, 1);
	raw_spin_unlock_irqrestore(&waitlist->lock, flags);
	return taken;
}

/**
 * kp_slots_exceed() - take slots above max, for KPOOL_OVERFLOW
 * @pool: the pool
 * @n: how many
 *
 * Context: any that is not restricted.
 */
void kp_slots_exceed(struct kp_pool *pool, unsigned int n)
{
	struct kp_waitlist *waitlist = pool->waitlist;
	unsigned long flags;

	raw_spin_lock_irqsave(&waitlist->lock, flags);
	exceed_slots(waitlist, n);
	raw_spin_unlock_irqrestore(&waitlist->lock, flags);
}

/**
 * kp_excess() - how many more objects exist than max allows
 * @pool: the pool, which has a wait list
 *
 * Objects that are already to be torn down are not counted. Their teardown may take time, and
 * objects that are put meanwhile may stay.
 *
 * Context: any. The result is exact while the caller holds waitlist->lock.
 * Return: how many objects have to be torn down.
 */
unsigned long kp_excess(const struct kp_pool *pool)
{
	const struct kp_waitlist *waitlist = pool->waitlist;
	unsigned long slots = READ_ONCE(waitlist->slots), most = READ_ONCE(waitlist->max);

	if (likely(slots <= most))
		return 0;
	return max((long)(slots - most - kp_closing(pool)), 0L);
}

/* kp_excess() after max became smaller. With KPOOL_OVERFLOW each put calls kp_excess() itself. */
unsigned long kp_excess_of_max(const struct kp_pool *pool)
{
	return pool->overflow ? 0 : kp_excess(pool);
}

/* Do more objects exist than a smaller max allows? Then all puts come to kp_waitlist_put(). */
bool kp_over_max(const struct kp_pool *pool)
{
	return pool->waitlist && kp_excess_of_max(pool);
}

/* A waiter leaves the wait list. The gate stays closed for some gets and puts from now on. */
void kp_gate_stay(struct kp_waitlist *waitlist)
{
	lockdep_assert_held(&waitlist->lock);
	waitlist->until_open = REOPEN_AFTER * num_online_cpus();
}

/*
 * Each get and put under waitlist->lock calls this. Opens the gate if nobody waits and the last
 * waiter left long enough ago.
 */
void kp_gate_reopen(struct kp_pool *pool)
{
	struct kp_waitlist *waitlist = pool->waitlist;

	lockdep_assert_held(&waitlist->lock);
	if (READ_ONCE(pool->gate) != GATE_WAITING || !kp_nobody_waits(waitlist) ||
	    waitlist->sweepers || kp_excess_of_max(pool))
		return;
	if (waitlist->until_open)
		waitlist->until_open--;
	else
		WRITE_ONCE(pool->gate, GATE_OPEN);
}

/**
 * kp_gate_set() - shut the gate, or open it again
 * @pool: the pool
 * @gate: GATE_SHUT, or GATE_OPEN. The gate becomes GATE_WAITING instead of open while a get waits,
 *	a sweep runs or more than max objects exist.
 *
 * Context: process context; the caller holds gate_lock.
 */
void kp_gate_set(struct kp_pool *pool, enum kp_gate gate)
{
	struct kp_waitlist *waitlist = pool->waitlist;

	lockdep_assert_held(&pool->gate_lock);
	if (!waitlist) {
		WRITE_ONCE(pool->gate, gate);
		return;
	}
	raw_spin_lock_irq(&waitlist->lock);
	if (gate == GATE_OPEN &&
	    (waitlist->sweepers || !kp_nobody_waits(waitlist) || kp_excess_of_max(pool)))
		gate = GATE_WAITING;
	WRITE_ONCE(pool->gate, gate);
	raw_spin_unlock_irq(&waitlist->lock);
}
