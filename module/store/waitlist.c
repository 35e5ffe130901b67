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
#include "store/stock.h"
#include "store/waitlist.h"

/*
 * How long the gate stays closed after the last waiter, so that a pool which is
 * exhausted again and again interrupts the CPUs no more often than that.
 */
#define REOPEN_AFTER	max(msecs_to_jiffies(10), 1UL)

/**
 * kp_line_init() - give a pool that has a bound its line
 * @pool: the pool
 * @max: objects that may exist
 *
 * Context: process context, sleeps.
 * Return: 0, or -ENOMEM.
 */
int kp_line_init(struct pool *pool, unsigned long max)
{
	struct line *line = kzalloc(sizeof(*line), GFP_KERNEL);

	if (!line)
		return -ENOMEM;
	raw_spin_lock_init(&line->lock);
	INIT_LIST_HEAD(&line->waiters);
	line->max = max;
	line->counted = pool->depot_max != ROOM_ANY;
	pool->line = line;
	return 0;
}

void kp_line_exit(struct pool *pool)
{
	kfree(pool->line);
}

/* Slots that are free. With KPOOL_BEYOND_MAX there can be more objects than slots. */
static unsigned long free_slots(const struct line *line)
{
	lockdep_assert_held(&line->lock);
	return line->slots < line->max ? line->max - line->slots : 0;
}

/* Others read slots without the lock, for a hint or a figure. */
static void add_slots(struct line *line, unsigned int n)
{
	lockdep_assert_held(&line->lock);
	WRITE_ONCE(line->slots, line->slots + n);
	WRITE_ONCE(line->slots_peak, max(line->slots_peak, line->slots));
}

static void drop_slots(struct line *line, unsigned int n)
{
	lockdep_assert_held(&line->lock);
	WRITE_ONCE(line->slots, line->slots - n);
}

static unsigned int take_slots(struct line *line, unsigned int n)
{
	n = min_t(unsigned long, n, free_slots(line));
	add_slots(line, n);
	return n;
}

/* Slots, and more than there are: for KPOOL_BEYOND_MAX. */
static void exceed_slots(struct line *line, unsigned int n)
{
	WRITE_ONCE(line->beyond, line->beyond + n - min_t(unsigned long, n, free_slots(line)));
	add_slots(line, n);
}

/* For somebody who waits, so for memory alone where a pool builds beyond max. */
static unsigned int slots_for(struct pool *pool, unsigned int n)
{
	if (!pool->elastic)
		return take_slots(pool->line, n);
	exceed_slots(pool->line, n);
	return n;
}

/* Where there is no bound, slots are there for all, whoever waits for memory. */
static bool may_take_slots(const struct line *line)
{
	return list_empty(&line->waiters) || line->max == ULONG_MAX;
}

static void unlink(struct line *line, struct waiter *w)
{
	lockdep_assert_held(&line->lock);
	list_del(&w->list);
	WRITE_ONCE(line->waiting, line->waiting - 1);
	line->reopen_at = jiffies + REOPEN_AFTER;
}

/* Has all it wants, or will get no more. Gone from the line, it may go when it sees that. */
static void dismiss(struct line *line, struct waiter *w, int err)
{
	lockdep_assert_held(&line->lock);
	unlink(line, w);
	w->err = err;
	WRITE_ONCE(w->served, true);
	wake_up_process(w->task);
}

static void hand(struct waiter *w, void *obj)
{
	if (!w->got)
		w->since = kp_now();
	w->objs[w->got++] = obj;
}

/* The head of the line has been given something. */
static void dismiss_if_full(struct line *line, struct waiter *w)
{
	if (w->got + w->slots == w->wanted)
		dismiss(line, w, 0);
}

static struct waiter *head(struct line *line)
{
	return list_first_entry_or_null(&line->waiters, struct waiter, list);
}

/* An idle object, in stock (first: see strip()) or whichever depot has one. */
static void *take_idle(struct pool *pool)
{
	struct depot *near = kp_depot(pool);
	void *obj = kp_stock_take(pool) ?: kp_depot_get_one(pool, near);
	unsigned int i;

	for (i = 0; i < pool->nr_depots && !obj; i++)
		obj = kp_depot_get_one(pool, &pool->depots[i]);
	return obj;
}

/**
 * kp_line_serve() - hand what there is to the head of the line, for as long as there is both
 * @pool: the pool, with a line
 *
 * What the model calls kick(). Spares need no look: those of open caches are the
 * sweep's to find.
 *
 * Context: any that is not restricted; the line's lock is held.
 */
void kp_line_serve(struct pool *pool)
{
	struct line *line = pool->line;
	unsigned int slots;
	struct waiter *w;
	void *obj;

	lockdep_assert_held(&line->lock);
	while ((w = head(line))) {
		obj = take_idle(pool);
		slots = obj || w->no_memory ? 0 :
			slots_for(pool, w->wanted - w->got - w->slots);
		if (!obj && !slots)
			break;
		if (obj)
			hand(w, obj);
		w->slots += slots;
		dismiss_if_full(line, w);
	}
}

/**
 * kp_line_kick() - see whether the head of the line can be served
 * @pool: the pool, with a line
 *
 * Context: any that is not restricted.
 */
void kp_line_kick(struct pool *pool)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&pool->line->lock, flags);
	kp_line_serve(pool);
	raw_spin_unlock_irqrestore(&pool->line->lock, flags);
}

/**
 * kp_beyond_max() - how many of the objects that exist are too many
 * @pool: the pool, with a line
 *
 * But for those on their way out: a teardown may take its time, and what is put until
 * then may stay.
 *
 * Context: any. Exact with the line's lock held.
 * Return: as many are to be torn down.
 */
unsigned long kp_beyond_max(const struct pool *pool)
{
	const struct line *line = pool->line;
	unsigned long slots = READ_ONCE(line->slots), most = READ_ONCE(line->max);
	long existing;

	if (likely(slots <= most))
		return 0;
	existing = atomic_long_read(&pool->existing);
	smp_rmb();	/* pairs with that in build(): what exists is seen to be kept */
	existing -= atomic_long_read(&line->kept);
	return max((long)(slots - most) - max(existing, 0L), 0L);
}

/* Those of a max that became smaller. With KPOOL_BEYOND_MAX all puts look for them. */
static unsigned long excess(const struct pool *pool)
{
	return pool->elastic ? 0 : kp_beyond_max(pool);
}

/* Do more objects exist than a max that became smaller allows? Then all puts come by here. */
bool kp_over_max(const struct pool *pool)
{
	return pool->line && excess(pool);
}

/* Caches may be opened again when nobody has waited for a while. */
static void reopen(struct pool *pool)
{
	struct line *line = pool->line;

	lockdep_assert_held(&line->lock);
	if (READ_ONCE(pool->gate) == GATE_WAITING && list_empty(&line->waiters) &&
	    !line->sweepers && !excess(pool) && time_after_eq(jiffies, line->reopen_at))
		WRITE_ONCE(pool->gate, GATE_OPEN);
}

/**
 * kp_line_take() - what a get that found nothing in its cache can have at once
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
unsigned int kp_line_take(struct pool *pool, void **objs, unsigned int n, unsigned int *slots)
{
	const unsigned int most = min(n, pool->container);
	struct line *line = pool->line;
	unsigned int got = 0;
	unsigned long flags;

	*slots = 0;
	raw_spin_lock_irqsave(&line->lock, flags);
	reopen(pool);
	if (list_empty(&line->waiters)) {
		while (got < most && READ_ONCE(pool->gate) != GATE_SHUT &&
		       (objs[got] = take_idle(pool)))
			got++;
	}
	if (got < most && n - got <= free_slots(line) && may_take_slots(line))
		*slots = take_slots(line, n - got);
	if (list_empty(&line->waiters)) {
		/* Where nothing is kept, the reserve is for when nothing can be built. */
		while (got < most && !*slots && READ_ONCE(pool->gate) == GATE_SHUT &&
		       (objs[got] = kp_stock_take(pool)))
			got++;
	}
	if (got < most && !*slots)
		WRITE_ONCE(line->exhausted, line->exhausted + 1);
	raw_spin_unlock_irqrestore(&line->lock, flags);
	return got;
}

/**
 * kp_line_try_take() - what a restricted get can have by way of the line's lock
 * @pool: the pool, with a line
 *
 * Context: interrupts off, restricted.
 * Return: an object, or NULL.
 */
void *kp_line_try_take(struct pool *pool)
{
	struct line *line = pool->line;
	void *obj = NULL;
	unsigned int i;

	if (!raw_spin_trylock(&line->lock))
		return NULL;
	reopen(pool);
	if (list_empty(&line->waiters) && READ_ONCE(pool->gate) != GATE_SHUT) {
		for (i = 0; i < pool->nr_depots && !obj; i++)
			obj = kp_depot_try_get_one(pool, &pool->depots[i]);
		obj = obj ?: kp_stock_take(pool);
	}
	raw_spin_unlock(&line->lock);
	return obj;
}

/**
 * kp_line_hand() - hand objects to the line
 * @pool: the pool, with a line
 * @objs: the objects
 * @n: how many
 *
 * Context: any that is not restricted; the line's lock is held.
 * Return: how many, from the first, were handed over.
 */
unsigned int kp_line_hand(struct pool *pool, void **objs, unsigned int n)
{
	struct line *line = pool->line;
	unsigned int done = 0;
	struct waiter *w;

	lockdep_assert_held(&line->lock);
	while (done < n && (w = head(line))) {
		hand(w, objs[done++]);
		dismiss_if_full(line, w);
	}
	/* The next one may take slots, which who stood before it had no use for. */
	if (done && READ_ONCE(pool->reserve))
		kp_line_serve(pool);
	return done;
}

/**
 * kp_line_put() - the put of some objects while the gate is closed for waiters
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
int kp_line_put(struct pool *pool, void **objs, unsigned int n, unsigned int *placed,
		struct kpool_magazine **mag)
{
	struct line *line = pool->line;
	unsigned int done;
	int err = 0;

	raw_spin_lock(&line->lock);
	if (unlikely(excess(pool))) {
		*placed = min_t(unsigned long, n, excess(pool));
		raw_spin_unlock(&line->lock);
		return -EDQUOT;
	}
	done = kp_line_hand(pool, objs, n);
	reopen(pool);
	if (!done) {
		if (READ_ONCE(pool->gate) == GATE_SHUT)
			err = -ESHUTDOWN;
		else
			err = kp_depot_put_one(pool, kp_depot(pool), objs[0], mag);
		done = !err;
	}
	raw_spin_unlock(&line->lock);
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
unsigned int kp_slots_take(struct pool *pool, unsigned int n)
{
	struct line *line = pool->line;
	unsigned long flags;

	if (!line)
		return n;
	raw_spin_lock_irqsave(&line->lock, flags);
	n = may_take_slots(line) ? take_slots(line, n) : 0;
	raw_spin_unlock_irqrestore(&line->lock, flags);
	return n;
}

/**
 * kp_slots_exceed() - slots that there are not, for KPOOL_BEYOND_MAX
 * @pool: the pool
 * @n: how many
 *
 * Context: any that is not restricted.
 */
void kp_slots_exceed(struct pool *pool, unsigned int n)
{
	struct line *line = pool->line;
	unsigned long flags;

	raw_spin_lock_irqsave(&line->lock, flags);
	exceed_slots(line, n);
	raw_spin_unlock_irqrestore(&line->lock, flags);
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
void kp_slots_give(struct pool *pool, unsigned int n)
{
	struct line *line = pool->line;
	unsigned long flags;

	if (!line)
		return;
	raw_spin_lock_irqsave(&line->lock, flags);
	drop_slots(line, n);
	kp_line_serve(pool);
	raw_spin_unlock_irqrestore(&line->lock, flags);
}

/**
 * kp_gate_set() - shut the gate, or open it again
 * @pool: the pool
 * @gate: GATE_SHUT, or GATE_OPEN: that is, unless somebody waits
 *
 * Context: process context; the caller holds gate_lock.
 */
void kp_gate_set(struct pool *pool, enum pool_gate gate)
{
	struct line *line = pool->line;

	lockdep_assert_held(&pool->gate_lock);
	if (!line) {
		WRITE_ONCE(pool->gate, gate);
		return;
	}
	raw_spin_lock_irq(&line->lock);
	if (gate == GATE_OPEN &&
	    (line->sweepers || !list_empty(&line->waiters) || excess(pool)))
		gate = GATE_WAITING;
	WRITE_ONCE(pool->gate, gate);
	raw_spin_unlock_irq(&line->lock);
}

/**
 * kp_line_set_max() - change how many objects may exist
 * @pool: the pool, with a line
 * @max: how many; ULONG_MAX: any number
 *
 * Those who could come by more now do. While more exist, the gate is closed, so that
 * all puts see it; whoever waits for more than may exist ever is sent home.
 *
 * Context: process context; the caller holds gate_lock.
 * Return: whether more exist; then the caller closes the caches, and sheds.
 */
bool kp_line_set_max(struct pool *pool, unsigned long max)
{
	struct line *line = pool->line;
	struct waiter *w, *next;
	bool over;

	lockdep_assert_held(&pool->gate_lock);
	raw_spin_lock_irq(&line->lock);
	WRITE_ONCE(line->max, max);
	over = excess(pool);
	if (over && READ_ONCE(pool->gate) == GATE_OPEN)
		WRITE_ONCE(pool->gate, GATE_WAITING);
	list_for_each_entry_safe(w, next, &line->waiters, list)
		if (w->wanted > max && !pool->elastic)
			dismiss(line, w, -EINVAL);
	kp_line_serve(pool);
	raw_spin_unlock_irq(&line->lock);
	smp_mb();	/* pairs with that in kp_rule() */
	return over;
}

/* Sends all waiters home: the pool is not live any more, which who comes later sees. */
void kp_line_shut(struct pool *pool)
{
	struct line *line = pool->line;
	struct waiter *w;

	if (!line)
		return;
	raw_spin_lock_irq(&line->lock);
	while ((w = head(line)))
		dismiss(line, w, -ESHUTDOWN);
	raw_spin_unlock_irq(&line->lock);
}

/*
 * Takes back what was handed to somebody who is not at the head of the line: two
 * that each hold a part of what they want would wait for each other. Those who wait
 * want at least as much, so that nothing of it is in stock when the line was served.
 */
static void strip(struct pool *pool, struct waiter *w)
{
	struct line *line = pool->line;

	lockdep_assert_held(&line->lock);
	while (w->got)
		kp_stock_add(pool, w->objs[--w->got]);
	drop_slots(line, w->slots);
	w->slots = 0;
}

/* To the tail; or, who was in the line before, to its place by arrival. */
static void enter(struct pool *pool, struct waiter *w)
{
	struct line *line = pool->line;
	struct waiter *was_head = head(line), *pos;

	WRITE_ONCE(line->waiting, line->waiting + 1);
	WRITE_ONCE(line->waiting_peak, max(line->waiting_peak, line->waiting));
	if (!w->arrival) {
		w->arrival = line->waits + 1;
		WRITE_ONCE(line->waits, w->arrival);
		list_add_tail(&w->list, &line->waiters);
		return;
	}
	list_for_each_entry(pos, &line->waiters, list)
		if (pos->arrival > w->arrival)
			break;
	list_add_tail(&w->list, &pos->list);
	if (head(line) != w)
		strip(pool, w);
	else if (was_head)
		strip(pool, was_head);
}

/*
 * Joins the line; returns whether this waiter has to sweep: because it closed the
 * gate, or because who did so is not through, and may be slow or have less time.
 */
int kp_waiter_join(struct pool *pool, struct waiter *w)
{
	struct line *line = pool->line;
	bool sweeper = false;

	raw_spin_lock_irq(&line->lock);
	if (READ_ONCE(pool->state) != KPOOL_STATE_LIVE) {
		raw_spin_unlock_irq(&line->lock);
		return -ESHUTDOWN;
	}
	/* max became smaller since the get compared them. */
	if (w->wanted > line->max && !pool->elastic) {
		raw_spin_unlock_irq(&line->lock);
		return -EINVAL;
	}
	enter(pool, w);
	/* Not worth an interrupt, if something came just now. */
	kp_line_serve(pool);
	if (!w->served && READ_ONCE(pool->gate) == GATE_OPEN) {
		WRITE_ONCE(pool->gate, GATE_WAITING);
		sweeper = true;
	} else if (!w->served && line->sweepers) {
		sweeper = true;
	}
	line->sweepers += sweeper;
	raw_spin_unlock_irq(&line->lock);
	return sweeper;
}

/* Slots are of use to it again. */
void kp_waiter_look_for_memory(struct pool *pool, struct waiter *w)
{
	struct line *line = pool->line;

	raw_spin_lock_irq(&line->lock);
	w->no_memory = false;
	kp_line_serve(pool);
	raw_spin_unlock_irq(&line->lock);
}

void kp_waiter_count_wait(struct line *line, u64 ns, int err)
{
	unsigned int class = min_t(unsigned int, fls64(ns >> WAIT_SHIFT), WAIT_CLASSES - 1);

	raw_spin_lock_irq(&line->lock);
	WRITE_ONCE(line->wait_ns, line->wait_ns + ns);
	WRITE_ONCE(line->longest_ns, max(line->longest_ns, ns));
	WRITE_ONCE(line->by_time[class], line->by_time[class] + 1);
	WRITE_ONCE(line->timeouts, line->timeouts + (err == -ETIMEDOUT));
	WRITE_ONCE(line->interrupted, line->interrupted + (err == -ERESTARTSYS));
	raw_spin_unlock_irq(&line->lock);
}

/* Leaves the line; whoever was served keeps what it has, timed out or not. */
int kp_waiter_leave(struct pool *pool, struct waiter *w, int err)
{
	struct line *line = pool->line;

	raw_spin_lock_irq(&line->lock);
	if (w->served)
		err = w->err;
	else
		unlink(line, w);
	if (err) {
		drop_slots(line, w->slots);
		w->slots = 0;
		kp_line_serve(pool);
	}
	raw_spin_unlock_irq(&line->lock);
	return err;
}

/* The waiter's sweep is through. Context: process context. */
void kp_line_swept(struct pool *pool)
{
	struct line *line = pool->line;

	raw_spin_lock_irq(&line->lock);
	line->sweepers--;
	WRITE_ONCE(line->sweeps, line->sweeps + 1);
	raw_spin_unlock_irq(&line->lock);
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
unsigned int kp_reserve_keep(struct pool *pool, void **objs, unsigned int n)
{
	struct line *line = pool->line;
	unsigned int i, go, handed;
	unsigned long flags;
	long more;

	if (!line)
		return n;
	if (!READ_ONCE(pool->reserve) || pool->stamped) {
		kp_let_go(pool, n);
		return n;
	}
	raw_spin_lock_irqsave(&line->lock, flags);
	/*
	 * Somebody may have found no memory, and has more use for it than anybody. But not for
	 * what is beyond a max that became smaller: that is to go.
	 */
	handed = kp_over_max(pool) ? 0 : kp_line_hand(pool, objs, n);
	memmove(objs, objs + handed, (n - handed) * sizeof(*objs));
	go = n -= handed;
	more = atomic_long_read(&line->kept) - READ_ONCE(pool->reserve);
	if (READ_ONCE(pool->state) == KPOOL_STATE_LIVE)
		go = clamp_t(long, more, 0, n);
	atomic_long_sub(go, &line->kept);
	for (i = go; i < n; i++)
		kp_stock_add(pool, objs[i]);
	kp_line_serve(pool);
	raw_spin_unlock_irqrestore(&line->lock, flags);
	return go;
}

/* A get that found no memory has an object all the same. Context: as kp_reserve_take(). */
void kp_reserve_count(struct pool *pool)
{
	unsigned long flags;

	if (!READ_ONCE(pool->reserve))
		return;
	raw_spin_lock_irqsave(&pool->line->lock, flags);
	WRITE_ONCE(pool->line->reserve_used, pool->line->reserve_used + 1);
	raw_spin_unlock_irqrestore(&pool->line->lock, flags);
}

/**
 * kp_line_take_stock() - what is in stock, for a get that found no memory
 * @pool: the pool
 *
 * Context: any that is not restricted.
 * Return: an object, or NULL.
 */
void *kp_line_take_stock(struct pool *pool)
{
	struct line *line = pool->line;
	unsigned long flags;
	void *obj = NULL;

	if (!READ_ONCE(pool->reserve))
		return NULL;
	raw_spin_lock_irqsave(&line->lock, flags);
	if (list_empty(&line->waiters))
		obj = kp_stock_take(pool);
	raw_spin_unlock_irqrestore(&line->lock, flags);
	return obj;
}
