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
#include <linux/ratelimit.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "base/clock.h"
#include "base/trace.h"
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
	seqcount_raw_spinlock_init(&waitlist->changes, &waitlist->lock);
	waitlist->waiters = RB_ROOT_CACHED;
	INIT_LIST_HEAD(&waitlist->parts);
	waitlist->max = max;
	waitlist->counted = pool->depot_max != ROOM_ANY;
	ratelimit_state_init(&waitlist->timeout_lines, DEFAULT_RATELIMIT_INTERVAL, 1);
	/* No line of the kernel's own about lines that were left out. */
	ratelimit_set_flags(&waitlist->timeout_lines, RATELIMIT_MSG_ON_RELEASE);
	kp_lockdep_init(&waitlist->lockdep, pool->name);
	waitlist->pool = pool;
	pool->waitlist = waitlist;
	kp_alarm_init(pool);
	return 0;
}

void kp_waitlist_exit(struct kp_pool *pool)
{
	if (pool->waitlist) {
		kp_alarm_exit(pool);
		kp_lockdep_exit(&pool->waitlist->lockdep);
	}
	kfree(pool->waitlist);
}

/*
 * A hold of waitlist->lock gives at most KP_BATCH objects or slots, and wakes nobody: the tasks are
 * in wakes, and kp_wake_all() wakes them after the unlock. Once a waiter is woken, its struct may
 * go away. RCU keeps its task, and kpool frees a pool a grace period after its last use.
 */
static unsigned long begin_hold(struct kp_waitlist *waitlist, struct kp_wakes *wakes)
	__acquires(RCU) __acquires(&waitlist->lock)
{
	unsigned long flags;

	kp_wakes_init(wakes);
	rcu_read_lock();
	raw_spin_lock_irqsave(&waitlist->lock, flags);
	return flags;
}

static void end_hold(struct kp_waitlist *waitlist, struct kp_wakes *wakes, unsigned long flags)
	__releases(&waitlist->lock) __releases(RCU)
{
	raw_spin_unlock_irqrestore(&waitlist->lock, flags);
	kp_wake_all(wakes);
	rcu_read_unlock();
}

/* Wakes the tasks of waiters. Context: in the section of RCU in which they were collected. */
void kp_wake_all(struct kp_wakes *wakes)
{
	unsigned int i;

	for (i = 0; i < wakes->n; i++)
		wake_up_process(wakes->tasks[i]);
}

static struct kp_waiter *to_waiter(struct rb_node *node)
{
	return rb_entry_safe(node, struct kp_waiter, node);
}

/*
 * The first waiter. A pool that is not live gives nothing to its waiters: kp_waitlist_shut() wakes
 * them soon.
 */
static struct kp_waiter *head(const struct kp_pool *pool)
{
	lockdep_assert_held(&pool->waitlist->lock);
	if (READ_ONCE(pool->state) != KPOOL_STATE_LIVE)
		return NULL;
	return to_waiter(rb_first_cached(&pool->waitlist->waiters));
}

/* A waiter was added to the wait list or removed: change is 1 or -1. */
static void count_waiting(struct kp_waitlist *waitlist, const struct kp_waiter *w, int change)
{
	const struct kp_waiter *first = to_waiter(rb_first_cached(&waitlist->waiters));

	lockdep_assert_held(&waitlist->lock);
	raw_write_seqcount_begin(&waitlist->changes);
	WRITE_ONCE(waitlist->waiting, waitlist->waiting + change);
	WRITE_ONCE(waitlist->waiting_began, waitlist->waiting_began + change * w->began);
	WRITE_ONCE(waitlist->first_began, first ? first->began : 0);
	raw_write_seqcount_end(&waitlist->changes);
}

static void unlink(struct kp_waitlist *waitlist, struct kp_waiter *w)
{
	lockdep_assert_held(&waitlist->lock);
	rb_erase_cached(&w->node, &waitlist->waiters);
	list_del_init(&w->part);
	count_waiting(waitlist, w, -1);
	kp_gate_stay(waitlist);
}

/*
 * Ends the wait of a waiter that has all that it wants, or that will get no more. The waiter takes
 * the lock no more, so its struct may go away as soon as woken is set.
 */
static void wake(struct kp_waitlist *waitlist, struct kp_waiter *w, int err,
		 struct kp_wakes *wakes)
{
	lockdep_assert_held(&waitlist->lock);
	unlink(waitlist, w);
	w->err = err;
	wakes->tasks[wakes->n++] = w->task;
	smp_store_release(&w->woken, true);	/* pairs with the acquire in kp_waiter_is_woken() */
}

/* since: the tick from which on the object was in no cache and no depot. */
static void hand_off(struct kp_waitlist *waitlist, struct kp_waiter *w, void *obj, u32 since)
{
	lockdep_assert_held(&waitlist->lock);
	if (!w->got)
		list_add(&w->part, &waitlist->parts);
	if (!w->got || (s32)(since - w->since) < 0)
		w->since = since;
	w->objs[w->got++] = obj;
}

/* Call after the first waiter was given an object or slots. */
static void wake_if_complete(struct kp_waitlist *waitlist, struct kp_waiter *w,
			     struct kp_wakes *wakes)
{
	wakes->steps++;
	if (w->got + w->slots == w->wanted)
		wake(waitlist, w, 0, wakes);
}

/* An idle object: from the reserve list first, then from any depot that has one. */
static void *take_idle(struct kp_pool *pool)
{
	struct kp_depot *near = kp_depot(pool);
	void *obj = kp_reserve_list_take(pool) ?: kp_depot_get_one(pool, near);
	unsigned int i;

	for (i = 0; i < pool->nr_depots && !obj; i++)
		obj = kp_depot_get_one(pool, &pool->depots[i]);
	return obj;
}

/*
 * An object of a waiter that is not the first one, or NULL. A waiter that came back, or behind
 * which a waiter came back, may have a part of a bulk and not be the first one. Two waiters that
 * each keep a part would wait for each other. Sets *since to when that waiter got its first object:
 * an object does not become younger by this move.
 */
static void *take_part_of_other(struct kp_waitlist *waitlist, struct kp_waiter *w, u32 *since)
{
	struct kp_waiter *other;
	void *obj;

	list_for_each_entry(other, &waitlist->parts, part) {
		if (other == w)
			continue;
		obj = other->objs[--other->got];
		*since = other->since;
		if (!other->got)
			list_del_init(&other->part);
		return obj;
	}
	return NULL;
}

/*
 * Gives objects and slots to the first waiter, while there are both and the batch has room. The
 * model calls this function kick(). It does not look at spares: the sweep finds the spares. Returns
 * the first waiter if there may be more to give, else NULL.
 */
static struct kp_waiter *grant(struct kp_pool *pool, struct kp_wakes *wakes)
{
	struct kp_waitlist *waitlist = pool->waitlist;
	unsigned int slots;
	struct kp_waiter *w;
	void *obj;
	u32 since;

	lockdep_assert_held(&waitlist->lock);
	while ((w = head(pool)) && wakes->steps < KP_BATCH) {
		since = kp_now();
		obj = take_part_of_other(waitlist, w, &since) ?: take_idle(pool);
		slots = obj || w->no_memory ? 0 :
			kp_slots_for_waiter(pool, w->wanted - w->got - w->slots);
		if (!obj && !slots)
			break;
		if (obj)
			hand_off(waitlist, w, obj, since);
		w->slots += slots;
		wake_if_complete(waitlist, w, wakes);
	}
	waitlist->unfinished = w && wakes->steps == KP_BATCH;
	return waitlist->unfinished ? w : NULL;
}

/*
 * Grants one batch. If there may be more to give, has the first waiter go on, in process context:
 * the caller may be in any context, and other waiters are none of its business.
 *
 * The first waiter cannot miss that. It sees goes_on in sleep(), or leaves the wait list with
 * kp_waiter_leave(), which goes on as well. If others give it all that it wants, they see
 * unfinished and call this function in the same hold.
 */
static void grant_batch(struct kp_pool *pool, struct kp_wakes *wakes)
{
	struct kp_waiter *w = grant(pool, wakes);

	if (!w)
		return;
	WRITE_ONCE(w->goes_on, true);
	wakes->tasks[wakes->n++] = w->task;
}

/**
 * kp_waitlist_kick() - give objects and slots to the first waiter, if there are any
 * @pool: the pool, which has a wait list
 *
 * Context: any that is not restricted.
 */
void kp_waitlist_kick(struct kp_pool *pool)
{
	struct kp_wakes wakes;
	unsigned long flags;

	flags = begin_hold(pool->waitlist, &wakes);
	grant_batch(pool, &wakes);
	end_hold(pool->waitlist, &wakes, flags);
}

/**
 * kp_waitlist_kick_all() - kp_waitlist_kick() until there is nothing more to give
 * @pool: the pool, which has a wait list
 *
 * Context: process context.
 */
void kp_waitlist_kick_all(struct kp_pool *pool)
{
	struct kp_wakes wakes;
	unsigned long flags;
	bool more;

	do {
		flags = begin_hold(pool->waitlist, &wakes);
		more = grant(pool, &wakes);
		end_hold(pool->waitlist, &wakes, flags);
		cond_resched();
	} while (more);
}

/**
 * kp_waitlist_take() - take objects or slots for a get that found none in its cache
 * @pool: the pool, which has a wait list
 * @objs: array for the objects
 * @n: how many objects the get wants
 * @slots: set to the slots for all missing objects, or to 0
 * @count: count a get that finds neither; once for each get
 *
 * If other gets wait, this get takes no objects and no slots: the waiters came first. Exception:
 * without max the waiters wait for memory, so this get may take slots. The get takes at most
 * KP_BATCH objects in one call, which keeps interrupts off for a short time only. A get that wants
 * more objects calls again.
 *
 * Context: any that is not restricted.
 * Return: how many objects are in @objs.
 */
unsigned int kp_waitlist_take(struct kp_pool *pool, void **objs, unsigned int n,
			      unsigned int *slots, bool count)
{
	const unsigned int most = min(n, KP_BATCH);
	struct kp_waitlist *waitlist = pool->waitlist;
	unsigned int got = 0;
	unsigned long flags;
	bool exhausted;

	*slots = 0;
	raw_spin_lock_irqsave(&waitlist->lock, flags);
	kp_gate_reopen(pool);
	if (kp_nobody_waits(waitlist)) {
		while (got < most && READ_ONCE(pool->gate) != GATE_SHUT &&
		       (objs[got] = take_idle(pool)))
			got++;
	}
	if (got < most && n - got <= kp_slots_free(waitlist) && kp_may_reserve(waitlist))
		*slots = kp_slots_reserve(waitlist, n - got);
	if (kp_nobody_waits(waitlist)) {
		/* While the gate is shut, the reserve list is only for gets that cannot build. */
		while (got < most && !*slots && READ_ONCE(pool->gate) == GATE_SHUT &&
		       (objs[got] = kp_reserve_list_take(pool)))
			got++;
	}
	exhausted = got < most && !*slots && count;
	if (exhausted)
		WRITE_ONCE(waitlist->exhausted, waitlist->exhausted + 1);
	raw_spin_unlock_irqrestore(&waitlist->lock, flags);
	if (exhausted)
		trace_kpool_exhausted(pool, n);
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
	if (kp_nobody_waits(waitlist) && READ_ONCE(pool->gate) != GATE_SHUT) {
		for (i = 0; i < pool->nr_depots && !obj; i++)
			obj = kp_depot_try_get_one(pool, &pool->depots[i]);
		obj = obj ?: kp_reserve_list_take(pool);
	}
	raw_spin_unlock(&waitlist->lock);
	return obj;
}

/*
 * Gives objects to the waiters, at most a batch. Returns how many, from the first, the waiters have
 * got.
 */
static unsigned int hand_off_some(struct kp_pool *pool, void **objs, unsigned int n,
				  struct kp_wakes *wakes)
{
	struct kp_waitlist *waitlist = pool->waitlist;
	unsigned int done = 0;
	struct kp_waiter *w;

	lockdep_assert_held(&waitlist->lock);
	while (done < n && wakes->steps < KP_BATCH && (w = head(pool))) {
		hand_off(waitlist, w, objs[done++], kp_now());
		wake_if_complete(waitlist, w, wakes);
	}
	return done;
}

/**
 * kp_waitlist_put() - put objects while the gate is closed for waiters
 * @pool: the pool, which has a wait list
 * @objs: the objects
 * @n: how many
 * @placed: set to how many objects a waiter or a depot has got
 * @mag: as for kp_depot_put_one()
 * @wakes: receives the tasks that the caller has to wake, with kp_wake_all()
 *
 * Objects above max are torn down first. Otherwise a wait list that never becomes empty would keep
 * them. Then come the waiters. If there are none, one object goes to the depot.
 *
 * Context: interrupts off, not restricted. The caller is in the section of RCU in which it calls
 * kp_wake_all().
 * Return: as kp_depot_put_one(). -ESHUTDOWN if the pool keeps no objects. -EDQUOT if the caller has
 * to tear down @placed objects.
 */
int kp_waitlist_put(struct kp_pool *pool, void **objs, unsigned int n, unsigned int *placed,
		    struct kpool_magazine **mag, struct kp_wakes *wakes)
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
	done = hand_off_some(pool, objs, n, wakes);
	/* The next waiter may use slots that the waiter before it had no use for. */
	if (done && (READ_ONCE(pool->reserve) || waitlist->unfinished))
		grant_batch(pool, wakes);
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
	struct kp_wakes wakes;
	unsigned long flags;

	if (!waitlist)
		return;
	flags = begin_hold(waitlist, &wakes);
	kp_slots_drop(waitlist, n);
	grant_batch(pool, &wakes);
	end_hold(waitlist, &wakes, flags);
}

/* The first waiter that arrived after this one, or NULL. */
static struct kp_waiter *first_after(struct kp_waitlist *waitlist, u64 arrival)
{
	struct rb_node *node = waitlist->waiters.rb_root.rb_node;
	struct kp_waiter *w, *found = NULL;

	lockdep_assert_held(&waitlist->lock);
	while (node) {
		w = to_waiter(node);
		if (w->arrival > arrival)
			found = w;
		node = w->arrival > arrival ? node->rb_left : node->rb_right;
	}
	return found;
}

/* Wakes the waiters that want more than max objects, with an error. */
static void wake_too_large(struct kp_pool *pool)
{
	struct kp_waitlist *waitlist = pool->waitlist;
	struct kp_waiter *w, *next;
	struct kp_wakes wakes;
	unsigned long flags;
	u64 arrival = 0;

	do {
		flags = begin_hold(waitlist, &wakes);
		for (w = first_after(waitlist, arrival); w && wakes.steps < KP_BATCH; w = next) {
			next = to_waiter(rb_next(&w->node));
			arrival = w->arrival;
			wakes.steps++;
			if (w->wanted > waitlist->max)
				wake(waitlist, w, -EINVAL, &wakes);
		}
		end_hold(waitlist, &wakes, flags);
		cond_resched();
	} while (w);
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
	bool over;

	lockdep_assert_held(&pool->gate_lock);
	raw_spin_lock_irq(&waitlist->lock);
	WRITE_ONCE(waitlist->max, max);
	over = kp_excess_of_max(pool);
	if (over && READ_ONCE(pool->gate) == GATE_OPEN)
		WRITE_ONCE(pool->gate, GATE_WAITING);
	raw_spin_unlock_irq(&waitlist->lock);
	/* A waiter that joins later compares with the new max. */
	if (!pool->overflow)
		wake_too_large(pool);
	kp_waitlist_kick_all(pool);
	smp_mb();	/* pairs with the barrier in kp_rule() */
	return over;
}

/*
 * Wakes all waiters with an error. The pool is no longer live, and gets that come later see that.
 * Context: process context.
 */
void kp_waitlist_shut(struct kp_pool *pool)
{
	struct kp_waitlist *waitlist = pool->waitlist;
	struct kp_wakes wakes;
	unsigned long flags;
	struct kp_waiter *w;

	if (!waitlist)
		return;
	do {
		flags = begin_hold(waitlist, &wakes);
		while (wakes.n < KP_BATCH && (w = to_waiter(rb_first_cached(&waitlist->waiters))))
			wake(waitlist, w, -ESHUTDOWN, &wakes);
		end_hold(waitlist, &wakes, flags);
		cond_resched();
	} while (wakes.n);
}

static bool arrived_before(struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct kp_waiter, node)->arrival <
	       rb_entry(b, struct kp_waiter, node)->arrival;
}

/*
 * Adds the waiter at the tail. A waiter that was in the wait list before returns to its place by
 * arrival, with the objects that it has. Only the first waiter has slots.
 */
static void enter(struct kp_pool *pool, struct kp_waiter *w)
{
	struct kp_waitlist *waitlist = pool->waitlist;
	struct kp_waiter *first = head(pool);

	lockdep_assert_held(&waitlist->lock);
	if (!w->arrival) {
		w->arrival = waitlist->waits + 1;
		WRITE_ONCE(waitlist->waits, w->arrival);
	}
	rb_add_cached(&w->node, &waitlist->waiters, arrived_before);
	count_waiting(waitlist, w, 1);
	WRITE_ONCE(waitlist->waiting_peak, max(waitlist->waiting_peak, waitlist->waiting));
	INIT_LIST_HEAD(&w->part);
	if (w->got)
		list_add(&w->part, &waitlist->parts);
	if (first && first->arrival > w->arrival) {
		kp_slots_drop(waitlist, first->slots);
		first->slots = 0;
	}
}

/*
 * Joins the wait list. Returns whether this waiter has to sweep: it closed the gate, or another
 * sweep is not done yet. That other sweep may be slow, or its waiter may have less time.
 */
int kp_waiter_join(struct kp_pool *pool, struct kp_waiter *w)
{
	struct kp_waitlist *waitlist = pool->waitlist;
	struct kp_wakes wakes;
	unsigned long flags;
	int ret = 0;

	flags = begin_hold(waitlist, &wakes);
	if (READ_ONCE(pool->state) != KPOOL_STATE_LIVE) {
		ret = -ESHUTDOWN;
		goto out;
	}
	/* max may have become smaller since the get compared n with max. */
	if (w->wanted > waitlist->max && !pool->overflow) {
		ret = -EINVAL;
		goto out;
	}
	enter(pool, w);
	/* If this grants all that the waiter wants, no CPU needs an interrupt. */
	grant_batch(pool, &wakes);
	if (w->woken)
		goto out;
	if (READ_ONCE(pool->gate) == GATE_OPEN) {
		WRITE_ONCE(pool->gate, GATE_WAITING);
		ret = 1;
	} else if (waitlist->sweepers) {
		ret = 1;
	}
	WRITE_ONCE(waitlist->sweepers, waitlist->sweepers + ret);
out:
	end_hold(waitlist, &wakes, flags);
	return ret;
}

/* The waiter looks for memory again, so it can use slots. */
void kp_waiter_look_for_memory(struct kp_pool *pool, struct kp_waiter *w)
{
	struct kp_waitlist *waitlist = pool->waitlist;

	raw_spin_lock_irq(&waitlist->lock);
	w->no_memory = false;
	raw_spin_unlock_irq(&waitlist->lock);
	kp_waitlist_kick_all(pool);
}

/* Goes on where another task let go of the lock. Context: process context, the waiter's task. */
void kp_waiter_go_on(struct kp_pool *pool, struct kp_waiter *w)
{
	/* Before the lock: code that sets goes_on again, in a later hold, may have more to give. */
	WRITE_ONCE(w->goes_on, false);
	kp_waitlist_kick_all(pool);
}

/*
 * Ends a wait. A waiter that has all that it wants keeps that, even if its time is over. A waiter
 * that was woken is in no list, and no other code uses its struct. So it takes the lock only if it
 * has slots to give back.
 */
int kp_waiter_leave(struct kp_pool *pool, struct kp_waiter *w, int err)
{
	struct kp_waitlist *waitlist = pool->waitlist;

	if (!kp_waiter_is_woken(w)) {
		raw_spin_lock_irq(&waitlist->lock);
		if (!w->woken) {
			unlink(waitlist, w);
			w->err = err;
		}
		raw_spin_unlock_irq(&waitlist->lock);
		if (w->err && !w->slots)
			kp_waitlist_kick_all(pool);
	}
	if (w->err && w->slots) {
		kp_slots_give(pool, w->slots);
		w->slots = 0;
	}
	return w->err;
}

/* The waiter's sweep is done. Context: process context. */
void kp_waitlist_swept(struct kp_pool *pool)
{
	struct kp_waitlist *waitlist = pool->waitlist;

	raw_spin_lock_irq(&waitlist->lock);
	WRITE_ONCE(waitlist->sweepers, waitlist->sweepers - 1);
	WRITE_ONCE(waitlist->sweeps, waitlist->sweeps + 1);
	raw_spin_unlock_irq(&waitlist->lock);
}

/* Counts a sweep for a get that does not wait. Context: process context. */
void kp_waitlist_count_sweep(struct kp_pool *pool)
{
	struct kp_waitlist *waitlist = pool->waitlist;

	if (!waitlist)
		return;
	raw_spin_lock_irq(&waitlist->lock);
	WRITE_ONCE(waitlist->sweeps, waitlist->sweeps + 1);
	raw_spin_unlock_irq(&waitlist->lock);
}

/*
 * kp_reserve_keep() in one hold of the lock. Moves the objects to be torn down to go, and returns
 * how many these are.
 */
static unsigned int keep_batch(struct kp_pool *pool, void **objs, unsigned int n, void **go)
{
	struct kp_waitlist *waitlist = pool->waitlist;
	unsigned int i, gone, handed;
	struct kp_wakes wakes;
	unsigned long flags;
	long more;

	flags = begin_hold(waitlist, &wakes);
	/*
	 * A waiter may have found no memory, and needs the objects most. But objects above a
	 * smaller max are for no waiter: they have to be torn down.
	 */
	handed = kp_over_max(pool) ? 0 : hand_off_some(pool, objs, n, &wakes);
	objs += handed;
	n -= handed;
	gone = n;
	more = atomic_long_read(&pool->kept) - READ_ONCE(pool->reserve);
	if (READ_ONCE(pool->state) == KPOOL_STATE_LIVE)
		gone = clamp_t(long, more, 0, n);
	atomic_long_sub(gone, &pool->kept);
	for (i = gone; i < n; i++)
		kp_reserve_list_add(pool, objs[i]);
	grant_batch(pool, &wakes);
	end_hold(waitlist, &wakes, flags);
	memmove(go, objs, gone * sizeof(*objs));
	return gone;
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
	unsigned int at, some, go = 0;

	if (!READ_ONCE(pool->reserve) || pool->stamped) {
		kp_unkeep(pool, n);
		return n;
	}
	for (at = 0; at < n; at += some) {
		some = min(n - at, KP_BATCH);
		go += keep_batch(pool, objs + at, some, objs + go);
	}
	return go;
}

/**
 * kp_reserve_add() - add an object that was built for the reserve
 * @pool: the pool, which has a wait list
 * @obj: the object
 *
 * Context: any that is not restricted.
 */
void kp_reserve_add(struct kp_pool *pool, void *obj)
{
	struct kp_wakes wakes;
	unsigned long flags;

	flags = begin_hold(pool->waitlist, &wakes);
	kp_reserve_list_add(pool, obj);
	grant_batch(pool, &wakes);
	end_hold(pool->waitlist, &wakes, flags);
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
	if (kp_nobody_waits(waitlist))
		obj = kp_reserve_list_take(pool);
	raw_spin_unlock_irqrestore(&waitlist->lock, flags);
	return obj;
}
