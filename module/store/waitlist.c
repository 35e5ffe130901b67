// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bounded pools, and those with a reserve: how many objects may exist, and the line
 * of those who wait for one.
 *
 * Capacity is counted in slots. An object has one from before it is built until
 * it is torn down, so a cached get or put does not count.
 *
 * A hit has no barrier, so a waiter makes sure of the CPUs' caches itself: it
 * closes the gate, then the caches (see path/sweep.c), and only then sleeps. From
 * there on each put and each slot given up comes by here, or looks at the gate
 * after it (the RULE, kp_rule()), and is handed to the head of the line.
 *
 * The protocol has a model, Documentation/waiting.rst, with the same names.
 */
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "base/clock.h"
#include "pool.h"
#include "store/depot.h"
#include "store/expired.h"
#include "store/magazine.h"
#include "store/reserve_list.h"
#include "store/waitlist.h"

/*
 * How long the gate stays closed after the last waiter, so that a pool which is
 * exhausted again and again interrupts the CPUs no more often than that.
 */
#define REOPEN_AFTER	max(msecs_to_jiffies(10), 1UL)

/**
 * kp_waitlist_init() - give a pool that has a bound its line
 * @pool: the pool
 * @max: objects that may exist
 *
 * Context: process context, sleeps.
 * Return: 0, or -ENOMEM.
 */
int kp_waitlist_init(struct kp_pool *pool, unsigned long max)
{
	struct kp_waitlist *waitlist = kzalloc(sizeof(*waitlist), GFP_KERNEL);

	if (!waitlist)
		return -ENOMEM;
	raw_spin_lock_init(&waitlist->lock);
	INIT_LIST_HEAD(&waitlist->waiters);
	waitlist->max = max;
	waitlist->counted = pool->depot_max != ROOM_ANY;
	pool->waitlist = waitlist;
	return 0;
}

void kp_waitlist_exit(struct kp_pool *pool)
{
	kfree(pool->waitlist);
}

/* Slots that are free. With KPOOL_OVERFLOW there can be more objects than slots. */
static unsigned long free_slots(const struct kp_waitlist *waitlist)
{
	lockdep_assert_held(&waitlist->lock);
	return waitlist->slots < waitlist->max ? waitlist->max - waitlist->slots : 0;
}

/* Others read slots without the lock, for a hint or a figure. */
static void add_slots(struct kp_waitlist *waitlist, unsigned int n)
{
	lockdep_assert_held(&waitlist->lock);
	WRITE_ONCE(waitlist->slots, waitlist->slots + n);
	WRITE_ONCE(waitlist->slots_peak, max(waitlist->slots_peak, waitlist->slots));
}

static void drop_slots(struct kp_waitlist *waitlist, unsigned int n)
{
	lockdep_assert_held(&waitlist->lock);
	WRITE_ONCE(waitlist->slots, waitlist->slots - n);
}

static unsigned int take_slots(struct kp_waitlist *waitlist, unsigned int n)
{
	n = min_t(unsigned long, n, free_slots(waitlist));
	add_slots(waitlist, n);
	return n;
}

/* Slots, and more than there are: for KPOOL_OVERFLOW. */
static void exceed_slots(struct kp_waitlist *waitlist, unsigned int n)
{
	WRITE_ONCE(waitlist->overflow,
		   waitlist->overflow + n - min_t(unsigned long, n, free_slots(waitlist)));
	add_slots(waitlist, n);
}

/* For somebody who waits, so for memory alone where a pool builds beyond max. */
static unsigned int slots_for(struct kp_pool *pool, unsigned int n)
{
	if (!pool->overflow)
		return take_slots(pool->waitlist, n);
	exceed_slots(pool->waitlist, n);
	return n;
}

/* Where there is no bound, slots are there for all, whoever waits for memory. */
static bool may_take_slots(const struct kp_waitlist *waitlist)
{
	return list_empty(&waitlist->waiters) || waitlist->max == ULONG_MAX;
}

static void unlink(struct kp_waitlist *waitlist, struct kp_waiter *w)
{
	lockdep_assert_held(&waitlist->lock);
	list_del(&w->list);
	WRITE_ONCE(waitlist->waiting, waitlist->waiting - 1);
	waitlist->reopen_at = jiffies + REOPEN_AFTER;
}

/* Has all it wants, or will get no more. Gone from the line, it may go when it sees that. */
static void wake(struct kp_waitlist *waitlist, struct kp_waiter *w, int err)
{
	lockdep_assert_held(&waitlist->lock);
	unlink(waitlist, w);
	w->err = err;
	WRITE_ONCE(w->woken, true);
	wake_up_process(w->task);
}

static void hand_off(struct kp_waiter *w, void *obj)
{
	if (!w->got)
		w->since = kp_now();
	w->objs[w->got++] = obj;
}

/* The head of the line has been given something. */
static void wake_if_complete(struct kp_waitlist *waitlist, struct kp_waiter *w)
{
	if (w->got + w->slots == w->wanted)
		wake(waitlist, w, 0);
}

static struct kp_waiter *head(struct kp_waitlist *waitlist)
{
	return list_first_entry_or_null(&waitlist->waiters, struct kp_waiter, list);
}

/* An idle object, in stock (first: see strip()) or whichever depot has one. */
static void *take_idle(struct kp_pool *pool)
{
	struct kp_depot *near = kp_depot(pool);
	void *obj = kp_reserve_list_take(pool) ?: kp_depot_get_one(pool, near);
	unsigned int i;

	for (i = 0; i < pool->nr_depots && !obj; i++)
		obj = kp_depot_get_one(pool, &pool->depots[i]);
	return obj;
}

/**
 * kp_waitlist_grant() - hand what there is to the head of the line, for as long as there is both
 * @pool: the pool, with a line
 *
 * What the model calls kick(). Spares need no look: those of open caches are the
 * sweep's to find.
 *
 * Context: any that is not restricted; the line's lock is held.
 */
void kp_waitlist_grant(struct kp_pool *pool)
{
	struct kp_waitlist *waitlist = pool->waitlist;
	unsigned int slots;
	struct kp_waiter *w;
	void *obj;

	lockdep_assert_held(&waitlist->lock);
	while ((w = head(waitlist))) {
		obj = take_idle(pool);
		slots = obj || w->no_memory ? 0 :
			slots_for(pool, w->wanted - w->got - w->slots);
		if (!obj && !slots)
			break;
		if (obj)
			hand_off(w, obj);
		w->slots += slots;
		wake_if_complete(waitlist, w);
	}
}

/**
 * kp_waitlist_kick() - see whether the head of the line can be served
 * @pool: the pool, with a line
 *
 * Context: any that is not restricted.
 */
void kp_waitlist_kick(struct kp_pool *pool)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&pool->waitlist->lock, flags);
	kp_waitlist_grant(pool);
	raw_spin_unlock_irqrestore(&pool->waitlist->lock, flags);
}

/**
 * kp_excess() - how many of the objects that exist are too many
 * @pool: the pool, with a line
 *
 * But for those on their way out: a teardown may take its time, and what is put until
 * then may stay.
 *
 * Context: any. Exact with the line's lock held.
 * Return: as many are to be torn down.
 */
unsigned long kp_excess(const struct kp_pool *pool)
{
	const struct kp_waitlist *waitlist = pool->waitlist;
	unsigned long slots = READ_ONCE(waitlist->slots), most = READ_ONCE(waitlist->max);
	long existing;

	if (likely(slots <= most))
		return 0;
	existing = atomic_long_read(&pool->existing);
	smp_rmb();	/* pairs with that in build(): what exists is seen to be kept */
	existing -= atomic_long_read(&waitlist->kept);
	return max((long)(slots - most) - max(existing, 0L), 0L);
}

/* Those of a max that became smaller. With KPOOL_OVERFLOW all puts look for them. */
static unsigned long excess(const struct kp_pool *pool)
{
	return pool->overflow ? 0 : kp_excess(pool);
}

/* Do more objects exist than a max that became smaller allows? Then all puts come by here. */
bool kp_over_max(const struct kp_pool *pool)
{
	return pool->waitlist && excess(pool);
}

/* Caches may be opened again when nobody has waited for a while. */
static void reopen(struct kp_pool *pool)
{
	struct kp_waitlist *waitlist = pool->waitlist;

	lockdep_assert_held(&waitlist->lock);
	if (READ_ONCE(pool->gate) == GATE_WAITING && list_empty(&waitlist->waiters) &&
	    !waitlist->sweepers && !excess(pool) && time_after_eq(jiffies, waitlist->reopen_at))
		WRITE_ONCE(pool->gate, GATE_OPEN);
}

/**
 * kp_waitlist_take() - what a get that found nothing in its cache can have at once
 * @pool: the pool, with a line
 * @objs: where objects go
 * @n: how many are wanted
 * @slots: slots for all of them that are not there, or 0
 *
 * Nothing, where others wait: they came first; but for slots, where there is no bound
 * and they wait for memory. A magazine's worth of objects at most, so as not to keep
 * interrupts off for long: who gets as many calls again.
 *
 * Context: any that is not restricted.
 * Return: how many objects there are.
 */
unsigned int kp_waitlist_take(struct kp_pool *pool, void **objs, unsigned int n,
			      unsigned int *slots)
{
	const unsigned int most = min(n, pool->magazine_room);
	struct kp_waitlist *waitlist = pool->waitlist;
	unsigned int got = 0;
	unsigned long flags;

	*slots = 0;
	raw_spin_lock_irqsave(&waitlist->lock, flags);
	reopen(pool);
	if (list_empty(&waitlist->waiters)) {
		while (got < most && READ_ONCE(pool->gate) != GATE_SHUT &&
		       (objs[got] = take_idle(pool)))
			got++;
	}
	if (got < most && n - got <= free_slots(waitlist) && may_take_slots(waitlist))
		*slots = take_slots(waitlist, n - got);
	if (list_empty(&waitlist->waiters)) {
		/* Where nothing is kept, the reserve is for when nothing can be built. */
		while (got < most && !*slots && READ_ONCE(pool->gate) == GATE_SHUT &&
		       (objs[got] = kp_reserve_list_take(pool)))
			got++;
	}
	if (got < most && !*slots)
		WRITE_ONCE(waitlist->exhausted, waitlist->exhausted + 1);
	raw_spin_unlock_irqrestore(&waitlist->lock, flags);
	return got;
}

/**
 * kp_waitlist_try_take() - what a restricted get can have by way of the line's lock
 * @pool: the pool, with a line
 *
 * Context: interrupts off, restricted.
 * Return: an object, or NULL.
 */
void *kp_waitlist_try_take(struct kp_pool *pool)
{
	struct kp_waitlist *waitlist = pool->waitlist;
	void *obj = NULL;
	unsigned int i;

	if (!raw_spin_trylock(&waitlist->lock))
		return NULL;
	reopen(pool);
	if (list_empty(&waitlist->waiters) && READ_ONCE(pool->gate) != GATE_SHUT) {
		for (i = 0; i < pool->nr_depots && !obj; i++)
			obj = kp_depot_try_get_one(pool, &pool->depots[i]);
		obj = obj ?: kp_reserve_list_take(pool);
	}
	raw_spin_unlock(&waitlist->lock);
	return obj;
}

/**
 * kp_waitlist_hand_off() - hand objects to the line
 * @pool: the pool, with a line
 * @objs: the objects
 * @n: how many
 *
 * Context: any that is not restricted; the line's lock is held.
 * Return: how many, from the first, were handed over.
 */
unsigned int kp_waitlist_hand_off(struct kp_pool *pool, void **objs, unsigned int n)
{
	struct kp_waitlist *waitlist = pool->waitlist;
	unsigned int done = 0;
	struct kp_waiter *w;

	lockdep_assert_held(&waitlist->lock);
	while (done < n && (w = head(waitlist))) {
		hand_off(w, objs[done++]);
		wake_if_complete(waitlist, w);
	}
	/* The next one may take slots, which who stood before it had no use for. */
	if (done && READ_ONCE(pool->reserve))
		kp_waitlist_grant(pool);
	return done;
}

/**
 * kp_waitlist_put() - the put of some objects while the gate is closed for waiters
 * @pool: the pool, with a line
 * @objs: the objects
 * @n: how many
 * @placed: how many were handed over or kept
 * @mag: as for kp_depot_put_one()
 *
 * What is beyond max goes before all else, or a line that never ends would keep it. Then
 * the line; where there is none, one object to the depot.
 *
 * Context: interrupts off, not restricted.
 * Return: as kp_depot_put_one(), or -ESHUTDOWN if nothing is to be kept; -EDQUOT if
 * @placed says how many are to be torn down.
 */
int kp_waitlist_put(struct kp_pool *pool, void **objs, unsigned int n, unsigned int *placed,
		    struct kpool_magazine **mag)
{
	struct kp_waitlist *waitlist = pool->waitlist;
	unsigned int done;
	int err = 0;

	raw_spin_lock(&waitlist->lock);
	if (unlikely(excess(pool))) {
		*placed = min_t(unsigned long, n, excess(pool));
		raw_spin_unlock(&waitlist->lock);
		return -EDQUOT;
	}
	done = kp_waitlist_hand_off(pool, objs, n);
	reopen(pool);
	if (!done) {
		if (READ_ONCE(pool->gate) == GATE_SHUT)
			err = -ESHUTDOWN;
		else
			err = kp_depot_put_one(pool, kp_depot(pool), objs[0], mag);
		done = !err;
	}
	raw_spin_unlock(&waitlist->lock);
	*placed = done;
	return err;
}

/**
 * kp_slots_take() - slots for objects that are built ahead
 * @pool: the pool
 * @n: how many are wanted
 *
 * Context: any that is not restricted.
 * Return: how many there are; none, where somebody waits for one.
 */
unsigned int kp_slots_take(struct kp_pool *pool, unsigned int n)
{
	struct kp_waitlist *waitlist = pool->waitlist;
	unsigned long flags;

	if (!waitlist)
		return n;
	raw_spin_lock_irqsave(&waitlist->lock, flags);
	n = may_take_slots(waitlist) ? take_slots(waitlist, n) : 0;
	raw_spin_unlock_irqrestore(&waitlist->lock, flags);
	return n;
}

/**
 * kp_slots_exceed() - slots that there are not, for KPOOL_OVERFLOW
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
 * kp_slots_give() - slots of objects that are no more, or could not be built
 * @pool: the pool
 * @n: how many
 *
 * Each goes to the next in the line: under the lock, so the RULE has nothing to add.
 *
 * Context: any that is not restricted.
 */
void kp_slots_give(struct kp_pool *pool, unsigned int n)
{
	struct kp_waitlist *waitlist = pool->waitlist;
	unsigned long flags;

	if (!waitlist)
		return;
	raw_spin_lock_irqsave(&waitlist->lock, flags);
	drop_slots(waitlist, n);
	kp_waitlist_grant(pool);
	raw_spin_unlock_irqrestore(&waitlist->lock, flags);
}

/**
 * kp_gate_set() - shut the gate, or open it again
 * @pool: the pool
 * @gate: GATE_SHUT, or GATE_OPEN: that is, unless somebody waits
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
	    (waitlist->sweepers || !list_empty(&waitlist->waiters) || excess(pool)))
		gate = GATE_WAITING;
	WRITE_ONCE(pool->gate, gate);
	raw_spin_unlock_irq(&waitlist->lock);
}

/**
 * kp_waitlist_set_max() - change how many objects may exist
 * @pool: the pool, with a line
 * @max: how many; ULONG_MAX: any number
 *
 * Those who could come by more now do. While more exist, the gate is closed, so that
 * all puts see it; whoever waits for more than may exist ever is sent home.
 *
 * Context: process context; the caller holds gate_lock.
 * Return: whether more exist; then the caller closes the caches, and sheds.
 */
bool kp_waitlist_set_max(struct kp_pool *pool, unsigned long max)
{
	struct kp_waitlist *waitlist = pool->waitlist;
	struct kp_waiter *w, *next;
	bool over;

	lockdep_assert_held(&pool->gate_lock);
	raw_spin_lock_irq(&waitlist->lock);
	WRITE_ONCE(waitlist->max, max);
	over = excess(pool);
	if (over && READ_ONCE(pool->gate) == GATE_OPEN)
		WRITE_ONCE(pool->gate, GATE_WAITING);
	list_for_each_entry_safe(w, next, &waitlist->waiters, list)
		if (w->wanted > max && !pool->overflow)
			wake(waitlist, w, -EINVAL);
	kp_waitlist_grant(pool);
	raw_spin_unlock_irq(&waitlist->lock);
	smp_mb();	/* pairs with that in kp_rule() */
	return over;
}

/* Sends all waiters home: the pool is not live any more, which who comes later sees. */
void kp_waitlist_shut(struct kp_pool *pool)
{
	struct kp_waitlist *waitlist = pool->waitlist;
	struct kp_waiter *w;

	if (!waitlist)
		return;
	raw_spin_lock_irq(&waitlist->lock);
	while ((w = head(waitlist)))
		wake(waitlist, w, -ESHUTDOWN);
	raw_spin_unlock_irq(&waitlist->lock);
}

/*
 * Takes back what was handed to somebody who is not at the head of the line: two
 * that each hold a part of what they want would wait for each other. Those who wait
 * want at least as much, so that nothing of it is in stock when the line was served.
 */
static void strip(struct kp_pool *pool, struct kp_waiter *w)
{
	struct kp_waitlist *waitlist = pool->waitlist;

	lockdep_assert_held(&waitlist->lock);
	while (w->got)
		kp_reserve_list_add(pool, w->objs[--w->got]);
	drop_slots(waitlist, w->slots);
	w->slots = 0;
}

/* To the tail; or, who was in the line before, to its place by arrival. */
static void enter(struct kp_pool *pool, struct kp_waiter *w)
{
	struct kp_waitlist *waitlist = pool->waitlist;
	struct kp_waiter *was_head = head(waitlist), *pos;

	WRITE_ONCE(waitlist->waiting, waitlist->waiting + 1);
	WRITE_ONCE(waitlist->waiting_peak, max(waitlist->waiting_peak, waitlist->waiting));
	if (!w->arrival) {
		w->arrival = waitlist->waits + 1;
		WRITE_ONCE(waitlist->waits, w->arrival);
		list_add_tail(&w->list, &waitlist->waiters);
		return;
	}
	list_for_each_entry(pos, &waitlist->waiters, list)
		if (pos->arrival > w->arrival)
			break;
	list_add_tail(&w->list, &pos->list);
	if (head(waitlist) != w)
		strip(pool, w);
	else if (was_head)
		strip(pool, was_head);
}

/*
 * Joins the line; returns whether this waiter has to sweep: because it closed the
 * gate, or because who did so is not through, and may be slow or have less time.
 */
int kp_waiter_join(struct kp_pool *pool, struct kp_waiter *w)
{
	struct kp_waitlist *waitlist = pool->waitlist;
	bool sweeper = false;

	raw_spin_lock_irq(&waitlist->lock);
	if (READ_ONCE(pool->state) != KPOOL_STATE_LIVE) {
		raw_spin_unlock_irq(&waitlist->lock);
		return -ESHUTDOWN;
	}
	/* max became smaller since the get compared them. */
	if (w->wanted > waitlist->max && !pool->overflow) {
		raw_spin_unlock_irq(&waitlist->lock);
		return -EINVAL;
	}
	enter(pool, w);
	/* Not worth an interrupt, if something came just now. */
	kp_waitlist_grant(pool);
	if (!w->woken && READ_ONCE(pool->gate) == GATE_OPEN) {
		WRITE_ONCE(pool->gate, GATE_WAITING);
		sweeper = true;
	} else if (!w->woken && waitlist->sweepers) {
		sweeper = true;
	}
	waitlist->sweepers += sweeper;
	raw_spin_unlock_irq(&waitlist->lock);
	return sweeper;
}

/* Slots are of use to it again. */
void kp_waiter_look_for_memory(struct kp_pool *pool, struct kp_waiter *w)
{
	struct kp_waitlist *waitlist = pool->waitlist;

	raw_spin_lock_irq(&waitlist->lock);
	w->no_memory = false;
	kp_waitlist_grant(pool);
	raw_spin_unlock_irq(&waitlist->lock);
}

void kp_waiter_count_wait(struct kp_waitlist *waitlist, u64 ns, int err)
{
	unsigned int class = min_t(unsigned int, fls64(ns >> WAIT_SHIFT), WAIT_CLASSES - 1);

	raw_spin_lock_irq(&waitlist->lock);
	WRITE_ONCE(waitlist->wait_ns, waitlist->wait_ns + ns);
	WRITE_ONCE(waitlist->longest_ns, max(waitlist->longest_ns, ns));
	WRITE_ONCE(waitlist->by_time[class], waitlist->by_time[class] + 1);
	WRITE_ONCE(waitlist->timeouts, waitlist->timeouts + (err == -ETIMEDOUT));
	WRITE_ONCE(waitlist->interrupted, waitlist->interrupted + (err == -ERESTARTSYS));
	raw_spin_unlock_irq(&waitlist->lock);
}

/* Leaves the line; whoever was served keeps what it has, timed out or not. */
int kp_waiter_leave(struct kp_pool *pool, struct kp_waiter *w, int err)
{
	struct kp_waitlist *waitlist = pool->waitlist;

	raw_spin_lock_irq(&waitlist->lock);
	if (w->woken)
		err = w->err;
	else
		unlink(waitlist, w);
	if (err) {
		drop_slots(waitlist, w->slots);
		w->slots = 0;
		kp_waitlist_grant(pool);
	}
	raw_spin_unlock_irq(&waitlist->lock);
	return err;
}

/* The waiter's sweep is through. Context: process context. */
void kp_waitlist_swept(struct kp_pool *pool)
{
	struct kp_waitlist *waitlist = pool->waitlist;

	raw_spin_lock_irq(&waitlist->lock);
	waitlist->sweepers--;
	WRITE_ONCE(waitlist->sweeps, waitlist->sweeps + 1);
	raw_spin_unlock_irq(&waitlist->lock);
}

/**
 * kp_reserve_keep() - keep what the reserve needs of objects that are to be torn down
 * @pool: the pool
 * @objs: the objects, reset and wiped
 * @n: how many
 *
 * Others may have what is kept at once. A pool that ends keeps nothing. Of objects
 * that are of no use, which do not come here, and where idle ones expire (those in stock say
 * nothing of when they were put), it is the memory that is kept: see
 * kp_reserve_keep_memory().
 *
 * Context: any that is not restricted.
 * Return: how many, from the first, are to be torn down.
 */
unsigned int kp_reserve_keep(struct kp_pool *pool, void **objs, unsigned int n)
{
	struct kp_waitlist *waitlist = pool->waitlist;
	unsigned int i, go, handed;
	unsigned long flags;
	long more;

	if (!waitlist)
		return n;
	if (!READ_ONCE(pool->reserve) || pool->stamped) {
		kp_unkeep(pool, n);
		return n;
	}
	raw_spin_lock_irqsave(&waitlist->lock, flags);
	/*
	 * Somebody may have found no memory, and has more use for it than anybody. But not for
	 * what is beyond a max that became smaller: that is to go.
	 */
	handed = kp_over_max(pool) ? 0 : kp_waitlist_hand_off(pool, objs, n);
	memmove(objs, objs + handed, (n - handed) * sizeof(*objs));
	go = n -= handed;
	more = atomic_long_read(&waitlist->kept) - READ_ONCE(pool->reserve);
	if (READ_ONCE(pool->state) == KPOOL_STATE_LIVE)
		go = clamp_t(long, more, 0, n);
	atomic_long_sub(go, &waitlist->kept);
	for (i = go; i < n; i++)
		kp_reserve_list_add(pool, objs[i]);
	kp_waitlist_grant(pool);
	raw_spin_unlock_irqrestore(&waitlist->lock, flags);
	return go;
}

/* A get that found no memory has an object all the same. Context: as kp_reserve_take(). */
void kp_reserve_count(struct kp_pool *pool)
{
	unsigned long flags;

	if (!READ_ONCE(pool->reserve))
		return;
	raw_spin_lock_irqsave(&pool->waitlist->lock, flags);
	WRITE_ONCE(pool->waitlist->reserve_used, pool->waitlist->reserve_used + 1);
	raw_spin_unlock_irqrestore(&pool->waitlist->lock, flags);
}

/**
 * kp_waitlist_take_reserve() - what is in stock, for a get that found no memory
 * @pool: the pool
 *
 * Context: any that is not restricted.
 * Return: an object, or NULL.
 */
void *kp_waitlist_take_reserve(struct kp_pool *pool)
{
	struct kp_waitlist *waitlist = pool->waitlist;
	unsigned long flags;
	void *obj = NULL;

	if (!READ_ONCE(pool->reserve))
		return NULL;
	raw_spin_lock_irqsave(&waitlist->lock, flags);
	if (list_empty(&waitlist->waiters))
		obj = kp_reserve_list_take(pool);
	raw_spin_unlock_irqrestore(&waitlist->lock, flags);
	return obj;
}
