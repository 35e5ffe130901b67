// SPDX-License-Identifier: GPL-2.0-only
/*
 * The wait list: gets that wait for an object or a slot. store/slots.c has the slots and the gate,
 * path/wait.c has the get that sleeps, store/reserve_list.c has the objects that the reserve keeps.
 *
 * A hit has no barrier, so a waiter cannot know which objects the CPUs' caches hold. The waiter
 * closes the gate, then closes the caches (see path/sweep.c), and only then sleeps. From then on
 * each put and each freed slot comes to this file, or is followed by a look at the gate (the RULE,
 * kp_rule()). The first waiter gets the object or the slot.
 *
 * The protocol has a model with the same names, see Documentation/waiting.rst.
 */
#include <linux/bitops.h>
#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "base/clock.h"
#include "pool.h"
#include "store/depot.h"
#include "store/expired.h"
#include "store/magazine.h"
#include "store/reserve_list.h"
#include "store/slots.h"
#include "store/waitlist.h"

/**
 * kp_waitlist_init() - give a pool with max or reserve its wait list
 * @pool: the pool
 * @max: how many objects may exist; ULONG_MAX: no bound
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

static void unlink(struct kp_waitlist *waitlist, struct kp_waiter *w)
{
	lockdep_assert_held(&waitlist->lock);
	list_del(&w->list);
	WRITE_ONCE(waitlist->waiting, waitlist->waiting - 1);
	kp_gate_stay(waitlist);
}

/*
 * Wakes a waiter that has all that it wants, or that will get no more. The waiter leaves the wait
 * list. When the waiter sees woken, its struct may go away.
 */
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

/* Call after the first waiter was given an object or slots. */
static void wake_if_complete(struct kp_waitlist *waitlist, struct kp_waiter *w)
{
	if (w->got + w->slots == w->wanted)
		wake(waitlist, w, 0);
}

static struct kp_waiter *head(struct kp_waitlist *waitlist)
{
	return list_first_entry_or_null(&waitlist->waiters, struct kp_waiter, list);
}

/* An idle object: from the reserve list first (see strip()), then from any depot that has one. */
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
 * kp_waitlist_grant() - give objects and slots to the first waiter, while there are both
 * @pool: the pool, which has a wait list
 *
 * The model calls this function kick(). It does not look at spares: the sweep finds the spares of
 * open caches.
 *
 * Context: any that is not restricted; the caller holds waitlist->lock.
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
			kp_slots_for_waiter(pool, w->wanted - w->got - w->slots);
		if (!obj && !slots)
			break;
		if (obj)
			hand_off(w, obj);
		w->slots += slots;
		wake_if_complete(waitlist, w);
	}
}

/**
 * kp_waitlist_kick() - give objects and slots to the first waiter, if there are any
 * @pool: the pool, which has a wait list
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
 * kp_waitlist_take() - take objects or slots for a get that found none in its cache
 * @pool: the pool, which has a wait list
 * @objs: array for the objects
 * @n: how many objects the get wants
 * @slots: set to the slots for all missing objects, or to 0
 *
 * If other gets wait, this get takes no objects and no slots: the waiters came first. Exception:
 * without max the waiters wait for memory, so this get may take slots. The get takes at most a
 * magazine of objects in one call, which keeps interrupts off for a short time only. A get that
 * wants more objects calls again.
 *
 * Context: any that is not restricted.
 * Return: how many objects are in @objs.
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
	kp_gate_reopen(pool);
	if (list_empty(&waitlist->waiters)) {
		while (got < most && READ_ONCE(pool->gate) != GATE_SHUT &&
		       (objs[got] = take_idle(pool)))
			got++;
	}
	if (got < most && n - got <= kp_slots_free(waitlist) && kp_may_reserve(waitlist))
		*slots = kp_slots_reserve(waitlist, n - got);
	if (list_empty(&waitlist->waiters)) {
		/* While the gate is shut, the reserve list is only for gets that cannot build. */
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
 * kp_waitlist_try_take() - take an object for a restricted get, if waitlist->lock is free
 * @pool: the pool, which has a wait list
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
	kp_gate_reopen(pool);
	if (list_empty(&waitlist->waiters) && READ_ONCE(pool->gate) != GATE_SHUT) {
		for (i = 0; i < pool->nr_depots && !obj; i++)
			obj = kp_depot_try_get_one(pool, &pool->depots[i]);
		obj = obj ?: kp_reserve_list_take(pool);
	}
	raw_spin_unlock(&waitlist->lock);
	return obj;
}

/**
 * kp_waitlist_hand_off() - give objects to the waiters
 * @pool: the pool, which has a wait list
 * @objs: the objects
 * @n: how many
 *
 * Context: any that is not restricted; the caller holds waitlist->lock.
 * Return: how many objects, from the first, the waiters have got.
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
	/* The next waiter may use slots that the waiter before it had no use for. */
	if (done && READ_ONCE(pool->reserve))
		kp_waitlist_grant(pool);
	return done;
}

/**
 * kp_waitlist_put() - put objects while the gate is closed for waiters
 * @pool: the pool, which has a wait list
 * @objs: the objects
 * @n: how many
 * @placed: set to how many objects a waiter or a depot has got
 * @mag: as for kp_depot_put_one()
 *
 * Objects above max are torn down first. Otherwise a wait list that never becomes empty would keep
 * them. Then come the waiters. If there are none, one object goes to the depot.
 *
 * Context: interrupts off, not restricted.
 * Return: as kp_depot_put_one(). -ESHUTDOWN if the pool keeps no objects. -EDQUOT if the caller has
 * to tear down @placed objects.
 */
int kp_waitlist_put(struct kp_pool *pool, void **objs, unsigned int n, unsigned int *placed,
		    struct kpool_magazine **mag)
{
	struct kp_waitlist *waitlist = pool->waitlist;
	unsigned int done;
	int err = 0;

	raw_spin_lock(&waitlist->lock);
	if (unlikely(kp_excess_of_max(pool))) {
		*placed = min_t(unsigned long, n, kp_excess_of_max(pool));
		raw_spin_unlock(&waitlist->lock);
		return -EDQUOT;
	}
	done = kp_waitlist_hand_off(pool, objs, n);
	kp_gate_reopen(pool);
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
 * kp_slots_give() - give back the slots of objects that were torn down or not built
 * @pool: the pool
 * @n: how many
 *
 * The first waiters get the slots. All this is in one hold of waitlist->lock, so the RULE is not
 * needed here.
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
	kp_slots_drop(waitlist, n);
	kp_waitlist_grant(pool);
	raw_spin_unlock_irqrestore(&waitlist->lock, flags);
}

/**
 * kp_waitlist_set_max() - change how many objects may exist
 * @pool: the pool, which has a wait list
 * @max: how many; ULONG_MAX: any number
 *
 * Waiters that a larger max allows slots get them. While more than @max objects exist the gate is
 * closed, so that all puts see it. A waiter that wants more than @max objects is woken with an
 * error.
 *
 * Context: process context; the caller holds gate_lock.
 * Return: whether more than @max objects exist. The caller then closes the caches and calls
 * kp_shed().
 */
bool kp_waitlist_set_max(struct kp_pool *pool, unsigned long max)
{
	struct kp_waitlist *waitlist = pool->waitlist;
	struct kp_waiter *w, *next;
	bool over;

	lockdep_assert_held(&pool->gate_lock);
	raw_spin_lock_irq(&waitlist->lock);
	WRITE_ONCE(waitlist->max, max);
	over = kp_excess_of_max(pool);
	if (over && READ_ONCE(pool->gate) == GATE_OPEN)
		WRITE_ONCE(pool->gate, GATE_WAITING);
	list_for_each_entry_safe(w, next, &waitlist->waiters, list)
		if (w->wanted > max && !pool->overflow)
			wake(waitlist, w, -EINVAL);
	kp_waitlist_grant(pool);
	raw_spin_unlock_irq(&waitlist->lock);
	smp_mb();	/* pairs with the barrier in kp_rule() */
	return over;
}

/*
 * Wakes all waiters with an error. The pool is no longer live, and gets that come later see that.
 */
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
 * Takes objects and slots back from a waiter that is not the first one. Two waiters that each hold
 * only a part of their objects would wait for each other. The waiters together want at least as
 * many objects as are taken back. So the next kp_waitlist_grant() leaves none of these objects in
 * the reserve list.
 */
static void strip(struct kp_pool *pool, struct kp_waiter *w)
{
	struct kp_waitlist *waitlist = pool->waitlist;

	lockdep_assert_held(&waitlist->lock);
	while (w->got)
		kp_reserve_list_add(pool, w->objs[--w->got]);
	kp_slots_drop(waitlist, w->slots);
	w->slots = 0;
}

/*
 * Adds the waiter at the tail. A waiter that was in the wait list before returns to its place by
 * arrival.
 */
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
 * Joins the wait list. Returns whether this waiter has to sweep: it closed the gate, or another
 * sweep is not done yet. That other sweep may be slow, or its waiter may have less time.
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
	/* max may have become smaller since the get compared n with max. */
	if (w->wanted > waitlist->max && !pool->overflow) {
		raw_spin_unlock_irq(&waitlist->lock);
		return -EINVAL;
	}
	enter(pool, w);
	/* If this grants all that the waiter wants, no CPU needs an interrupt. */
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

/* The waiter looks for memory again, so it can use slots. */
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

/*
 * Leaves the wait list. A waiter that has all that it wants keeps that, even if its time is over.
 */
int kp_waiter_leave(struct kp_pool *pool, struct kp_waiter *w, int err)
{
	struct kp_waitlist *waitlist = pool->waitlist;

	raw_spin_lock_irq(&waitlist->lock);
	if (w->woken)
		err = w->err;
	else
		unlink(waitlist, w);
	if (err) {
		kp_slots_drop(waitlist, w->slots);
		w->slots = 0;
		kp_waitlist_grant(pool);
	}
	raw_spin_unlock_irq(&waitlist->lock);
	return err;
}

/* The waiter's sweep is done. Context: process context. */
void kp_waitlist_swept(struct kp_pool *pool)
{
	struct kp_waitlist *waitlist = pool->waitlist;

	raw_spin_lock_irq(&waitlist->lock);
	waitlist->sweepers--;
	WRITE_ONCE(waitlist->sweeps, waitlist->sweeps + 1);
	raw_spin_unlock_irq(&waitlist->lock);
}

/**
 * kp_reserve_keep() - save from teardown the objects that the reserve needs
 * @pool: the pool
 * @objs: the objects, reset and wiped
 * @n: how many
 *
 * Other gets may have the kept objects at once. A pool that is not live keeps none.
 *
 * In two cases the reserve keeps memory instead of objects, see kp_reserve_keep_memory(). First,
 * expired objects, which do not come to this function. Second, pools whose idle objects expire:
 * objects in the reserve list have no stamp.
 *
 * Context: any that is not restricted.
 * Return: how many objects, from the first, the caller has to tear down.
 */
unsigned int kp_reserve_keep(struct kp_pool *pool, void **objs, unsigned int n)
{
	struct kp_waitlist *waitlist = pool->waitlist;
	unsigned int i, go, handed;
	unsigned long flags;
	long more;

	if (!READ_ONCE(pool->reserve) || pool->stamped) {
		kp_unkeep(pool, n);
		return n;
	}
	raw_spin_lock_irqsave(&waitlist->lock, flags);
	/*
	 * A waiter may have found no memory, and needs the objects most. But objects above a
	 * smaller max are for no waiter: they have to be torn down.
	 */
	handed = kp_over_max(pool) ? 0 : kp_waitlist_hand_off(pool, objs, n);
	memmove(objs, objs + handed, (n - handed) * sizeof(*objs));
	go = n -= handed;
	more = atomic_long_read(&pool->kept) - READ_ONCE(pool->reserve);
	if (READ_ONCE(pool->state) == KPOOL_STATE_LIVE)
		go = clamp_t(long, more, 0, n);
	atomic_long_sub(go, &pool->kept);
	for (i = go; i < n; i++)
		kp_reserve_list_add(pool, objs[i]);
	kp_waitlist_grant(pool);
	raw_spin_unlock_irqrestore(&waitlist->lock, flags);
	return go;
}

/*
 * Counts a get that found no memory and has got an object all the same. Context: as
 * kp_waitlist_take_reserve().
 */
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
 * kp_waitlist_take_reserve() - take an object of the reserve list, for a get without memory
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
