// SPDX-License-Identifier: GPL-2.0-only
/*
 * Gets that miss: they take objects from the depots, the wait list and other CPUs, or build them.
 * get.c has the hits that are out of line, and the exported calls.
 */
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/smp.h>

#include "base/context.h"
#include "base/fault.h"
#include "base/ref.h"
#include "base/refusal.h"
#include "base/trace.h"
#include "base/work.h"
#include "object/build.h"
#include "object/expiry.h"
#include "object/keep.h"
#include "object/nolock.h"
#include "object/object.h"
#include "path/cache.h"
#include "path/miss.h"
#include "path/put.h"
#include "path/sweep.h"
#include "path/wait.h"
#include "pool.h"
#include "store/depot.h"
#include "store/expired.h"
#include "store/magazine.h"
#include "store/slots.h"
#include "store/waitlist.h"

/* The patience of gets without a deadline while a worker builds. */
const struct kp_patience kp_until_killed = { .forever = true, .state = TASK_KILLABLE };

/* One object of this node's depot, or of one other node's. Returns NULL if there is none. */
static void *get_one(struct kp_pool *pool)
{
	struct kp_depot *depot = kp_depot(pool);
	void *obj = kp_depot_get_one(pool, depot);

	if (obj)
		return obj;
	depot = kp_depot_elsewhere(pool, depot);
	return depot ? kp_depot_get_one(pool, depot) : NULL;
}

/*
 * Takes up to n objects out of this CPU's cache, for which it loads at most one magazine. If the
 * cache cannot be used, takes one object out of a depot. So interrupts are off for a short time
 * only, and a bulk get calls again. Sets *again if all objects of the magazine were stale. Then the
 * caller calls again, too.
 */
static unsigned int refill(struct kp_pool *pool, void **objs, unsigned int n, bool *again)
{
	unsigned int got = 0;
	unsigned long flags;
	struct kpool_cpu *c = cache_enter(pool, &flags);

	if (c)
		WRITE_ONCE(c->get_misses, c->get_misses + 1);
	if (READ_ONCE(pool->gate) != GATE_OPEN)
		goto out;
	if (!c || !may_load(pool)) {
		objs[0] = get_one(pool);
		got = !!objs[0];
	} else if (kp_level(c) || kp_load_full(pool, c)) {
		got = pop(pool, c, objs, n);
		*again = !got;
		if (!got) {
			kp_defer_expired(pool, c->loaded->objs, kp_level(c), KP_IDLE_AGE);
			WRITE_ONCE(c->top, c->loaded->objs);
		}
		kp_rule_in(pool, c);
	}
	count_gets(pool, c, got);
out:
	cache_leave(pool, c, flags);
	return got;
}

/* Takes one object from a depot, for a get that cannot build. Returns NULL if there is none. */
static void *steal_one(struct kp_pool *pool, struct kp_depot *depot)
{
	unsigned long flags;
	struct kpool_cpu *c = cache_enter(pool, &flags);
	void *obj = NULL;

	if (READ_ONCE(pool->gate) == GATE_OPEN)
		obj = kp_depot_get_one(pool, depot);
	count_gets(pool, c, !!obj);
	cache_leave(pool, c, flags);
	return obj;
}

/* Takes one object from a CPU's spare. The rest of the spare goes to this node's depot. */
static void *steal_from_spare(struct kp_pool *pool, struct kpool_cpu *owner)
{
	unsigned long flags;
	struct kpool_cpu *c = cache_enter(pool, &flags);
	struct kpool_magazine *mag = NULL;
	void *obj = NULL;

	if (READ_ONCE(pool->gate) == GATE_OPEN)
		mag = kp_take_spare(owner);
	if (!mag)
		goto out;
	if (kp_all_stale(pool, mag->objs, mag->count)) {
		kp_defer_stale(pool, mag);
		goto out;
	}
	if (mag->count) {
		WRITE_ONCE(mag->count, mag->count - 1);
		obj = mag->objs[mag->count];
	}
	kp_keep(pool, kp_depot(pool), mag);
	count_gets(pool, c, !!obj);
out:
	cache_leave(pool, c, flags);
	return obj;
}

/*
 * Takes one object from any node's depot or any CPU's spare, for a get that cannot build. Returns
 * NULL if there is none. Between nodes and between CPUs interrupts are as the get had them.
 */
static void *steal(struct kp_pool *pool)
{
	struct kpool_cpu *owner;
	void *obj = NULL;
	unsigned int i;
	int cpu;

	for (i = 0; i < pool->nr_depots && !obj; i++)
		if (READ_ONCE(pool->depots[i].objects))
			obj = steal_one(pool, &pool->depots[i]);
	for_each_online_cpu(cpu) {
		if (obj)
			break;
		owner = per_cpu_ptr(pool->kpool.cpu, cpu);
		if (READ_ONCE(owner->spare))
			obj = steal_from_spare(pool, owner);
	}
	return obj;
}

unsigned int kp_validate_all(struct kp_pool *pool, void **objs, unsigned int n)
{
	unsigned int fit = n ? kp_validate(pool, objs, n) : 0;

	if (fit < n)
		kp_count_outside(pool, (int)fit - (int)n, 0);
	return fit;
}

/*
 * Takes an object for a restricted get, see kp_is_restricted(). The get uses the cache, unless it
 * interrupted code that works in the cache. The get takes depot->lock and waitlist->lock by trylock
 * only. Returns NULL if this finds no object.
 */
static void *take_restricted(struct kp_pool *pool)
{
	unsigned long flags;
	struct kpool_cpu *c = cache_enter(pool, &flags);
	enum kp_gate gate = READ_ONCE(pool->gate);
	void *obj = NULL;
	unsigned int i;

	if (c)
		WRITE_ONCE(c->get_misses, c->get_misses + 1);
	if (gate == GATE_SHUT || !may_validate(pool))
		goto out;
	if (gate == GATE_WAITING)
		obj = kp_waitlist_try_take(pool);
	/* This opens no cache and inserts no object, so the RULE is not needed. */
	else if (c && kp_is_open(c) && (kp_level(c) || kp_load_spare(pool, c)))
		pop(pool, c, &obj, 1);
	for (i = 0; i < pool->nr_depots && !obj && gate == GATE_OPEN; i++)
		obj = kp_depot_try_get_one(pool, &pool->depots[i]);
	if (!obj && gate == GATE_OPEN && kp_reserve_idle(pool))
		obj = kp_waitlist_try_take(pool);
	count_gets(pool, c, !!obj);
out:
	cache_leave(pool, c, flags);
	return obj;
}

/* Builds n objects where this get may wait for no lock. All or none. Returns 0 or -ENOMEM. */
static int get_nolock(struct kp_pool *pool, void **objs, unsigned int n)
{
	unsigned int got = 0;

	while (got < n && (objs[got] = kp_build_nolock(pool)))
		got++;
	if (!got)
		return -ENOMEM;
	kp_count_outside(pool, got, 0);
	if (got == n)
		return 0;
	kp_put_back(pool, objs, got);
	return -ENOMEM;
}

static void *get_restricted(struct kp_pool *pool, gfp_t gfp)
{
	void *obj;

	while ((obj = take_restricted(pool)))
		if (validate(pool, &obj, 1)) {
			kp_tell_got(pool, gfp, &obj, 1);
			return obj;
		}
	kp_queue_refill(pool);
	if (!get_nolock(pool, &obj, 1)) {
		kp_tell_got(pool, gfp, &obj, 1);
		return obj;
	}
	return ERR_PTR(READ_ONCE(pool->state) == KPOOL_STATE_LIVE ? -EBUSY : -ESHUTDOWN);
}

static bool may_build(const struct kp_pool *pool, gfp_t gfp)
{
	if (pool->flags & (KPOOL_SLEEPING | KPOOL_BUILD_IN_WORKER) ||
	    pool->memory->flags & KPOOL_MEMORY_ALLOC_SLEEPS)
		return gfpflags_allow_blocking(gfp);
	return kp_may_allocate(pool);
}

/*
 * Takes an object from the reserve list, for a get that found no memory. Counts the object as got.
 * Returns NULL if there is none.
 */
static void *take_reserve(struct kp_pool *pool)
{
	void *obj = kp_waitlist_take_reserve(pool);

	kp_count_outside(pool, !!obj, 0);
	return obj;
}

/*
 * Takes n objects from other CPUs, other nodes and the reserve list, for a get that cannot build.
 * All or none. Returns 0, -ESHUTDOWN, or err if there are fewer than n objects.
 */
static int get_stolen(struct kp_pool *pool, void **objs, unsigned int n, int err)
{
	unsigned int got = 0;

	if (READ_ONCE(pool->state) != KPOOL_STATE_LIVE)
		return -ESHUTDOWN;
	while (got < n && (objs[got] = steal(pool) ?: take_reserve(pool)))
		got += validate(pool, objs + got, 1);
	if (got == n)
		return 0;
	kp_put_back(pool, objs, got);
	return err;
}

/* Has the worker build objects for later gets, if the worker can build where this get could not. */
static void refill_for_next(struct kp_pool *pool, gfp_t gfp)
{
	if (!may_build(pool, gfp) ||
	    (pool->flags & (KPOOL_KVMALLOC | KPOOL_HUGE_PAGES) && !gfpflags_allow_blocking(gfp)))
		kp_queue_refill(pool);
}

/*
 * Builds n objects after a miss. If there is no memory, or this get may not build, takes idle
 * objects from elsewhere. All or none.
 */
static int get_build(struct kp_pool *pool, gfp_t gfp, void **objs, unsigned int n,
		     const struct kp_patience *patience)
{
	int err = -ENOMEM;

	if (may_build(pool, gfp))
		err = kp_build(pool, gfp, objs, n, patience);
	if (err == -ENOMEM)
		refill_for_next(pool, gfp);
	if (!err) {
		kp_count_outside(pool, n, 0);
		return 0;
	}
	return err == -ENOMEM ? get_stolen(pool, objs, n, err) : err;
}

/* Builds n objects in n slots of the caller. All or none; an error takes the slots, too. */
static int build_in_slots(struct kp_pool *pool, gfp_t gfp, void **objs, unsigned int n,
			  const struct kp_patience *patience)
{
	int err = kp_build(pool, gfp, objs, n, patience);

	if (!err)
		kp_count_outside(pool, n, 0);
	return err;
}

/*
 * get_build() for a pool with a wait list. Takes idle objects and slots, and builds objects in the
 * slots. All or none.
 */
static int get_bounded(struct kp_pool *pool, gfp_t gfp, void **objs, unsigned int n,
		       const struct kp_patience *patience)
{
	unsigned int slots, more, fit, got = 0;
	bool no_memory = false;
	int err = EXHAUSTED;

again:
	do {
		more = kp_waitlist_take(pool, objs + got, n - got, &slots, !patience->looked);
		kp_count_outside(pool, more, 0);
		fit = validate(pool, objs + got, more);
		got += fit;
		/* The slots are not enough to replace the expired objects, too. */
		if (fit < more && slots) {
			kp_slots_give(pool, slots);
			slots = 0;
		}
	} while (more && !slots && got < n);
	if (got == n)
		return 0;
	/* Expired objects on the teardown list still have their slots. */
	if (!slots && kp_reap(pool, gfp, n - got))
		goto again;
	if (slots && may_build(pool, gfp)) {
		err = build_in_slots(pool, gfp, objs + got, slots, patience);
		no_memory = err == -ENOMEM;
	} else if (slots) {
		kp_slots_give(pool, slots);
		err = -ENOMEM;
	}
	if (err == -ENOMEM)
		refill_for_next(pool, gfp);
	if (err == EXHAUSTED || err == -ENOMEM)
		err = get_stolen(pool, objs + got, n - got, err);
	if (!err && no_memory)
		kp_reserve_count(pool);
	if (err == EXHAUSTED && pool->overflow && may_build(pool, gfp)) {
		kp_slots_exceed(pool, n - got);
		err = build_in_slots(pool, gfp, objs + got, n - got, patience);
	}
	if (err)
		kp_put_back(pool, objs, got);
	return err;
}

/*
 * Gets n objects after a miss, all or none. patience is for the wait for a worker that builds.
 * Returns 0, EXHAUSTED, or an error.
 */
int kp_get_miss(struct kp_pool *pool, gfp_t gfp, void **objs, unsigned int n,
		const struct kp_patience *patience)
{
	unsigned int got = 0, more;
	bool again;
	int err;

	trace_kpool_get_miss(pool, n);
	do {
		again = false;
		more = refill(pool, objs + got, n - got, &again);
		got += validate(pool, objs + got, more);
	} while ((more || again) && got < n);
	if (got == n)
		return 0;
	if (pool->waitlist)
		err = get_bounded(pool, gfp, objs + got, n - got, patience);
	else
		err = get_build(pool, gfp, objs + got, n - got, patience);
	if (err == -ENOMEM && !kp_may_allocate(pool))
		err = get_nolock(pool, objs + got, n - got);
	if (err)
		kp_put_back(pool, objs, got);
	return err;
}

/* How often a get that fails collects. Other gets may take what a collection brought. */
#define COLLECT_ATTEMPTS	4

/* Was the gate closed since the get read seen, and all caches? A sweep follows each closing. */
static bool was_settled(const struct kp_pool *pool, const struct kp_reach *seen)
{
	return seen->settled && kp_reach(pool).settled == seen->settled;
}

/*
 * Becomes the first waiter for a moment. This closes the gate. So no other get can overtake, and no
 * idle object can hide in a cache, or move from one place to another while this get looks.
 */
static int get_in_line(struct kp_pool *pool, gfp_t gfp, void **objs, unsigned int n)
{
	bool ended = false;
	const struct kp_patience patience = {
		.expires = jiffies,
		.state = TASK_UNINTERRUPTIBLE,
		.ended = &ended,
		.no_timeout = true,
	};
	int err = kp_wait(pool, gfp, objs, n, &patience, false);

	return ended ? EXHAUSTED : err;
}

/*
 * What a get that failed with err does last: collects idle objects of all CPUs, and looks again. A
 * function of its own, so that gets that do not fail pay for nothing.
 *
 * A get that looks at one place after another may miss an idle object that moves. If the gate was
 * closed for the whole look, the look was under one lock, and missed nothing. After a get like this
 * the gate stays closed for some gets and puts, so a full pool does not pay for this each time.
 */
static noinline int collect_and_get(struct kp_pool *pool, gfp_t gfp, void **objs, unsigned int n,
				    const struct kp_patience *patience, int err)
{
	struct kp_patience again = *patience;
	unsigned int attempts = COLLECT_ATTEMPTS;
	struct kp_reach seen;

	if ((err != EXHAUSTED && err != -ENOMEM) || !gfpflags_allow_blocking(gfp))
		return err;
	again.looked = true;
	seen = kp_reach(pool);
	if (err == EXHAUSTED)
		err = kp_get_miss(pool, gfp, objs, n, &again);
	while ((err == EXHAUSTED || err == -ENOMEM) && attempts-- && kp_collect(pool, &seen))
		err = kp_get_miss(pool, gfp, objs, n, &again);
	if (err == EXHAUSTED && !was_settled(pool, &seen) &&
	    (READ_ONCE(pool->magazine) || pool->nr_depots > 1))
		err = get_in_line(pool, gfp, objs, n);
	return err;
}

/**
 * kp_get_or_collect() - kp_get_miss() that collects idle objects of all CPUs before it fails
 * @pool: the pool
 * @gfp: as for kpool_get()
 * @objs: receives the objects
 * @n: how many
 * @patience: for the wait for a worker that builds
 *
 * For gets that do not wait for puts. Only a get that may block collects.
 *
 * Context: any that is not restricted.
 * Return: as kp_get_miss().
 */
int kp_get_or_collect(struct kp_pool *pool, gfp_t gfp, void **objs, unsigned int n,
		      const struct kp_patience *patience)
{
	int err = kp_get_miss(pool, gfp, objs, n, patience);

	return likely(!err) ? 0 : collect_and_get(pool, gfp, objs, n, patience, err);
}

/* How long a get that does not wait for puts waits for the slot of an object on its way out. */
#define CLOSING_PATIENCE	msecs_to_jiffies(1000)

/**
 * kp_get_closing() - get objects in the slots of objects on their way out
 * @pool: the pool, which has a wait list
 * @gfp: as for kpool_get()
 * @objs: receives the objects
 * @n: how many
 *
 * For a get that found max objects, does not wait for puts, and holds no object. Workers tear the
 * objects down, and give their slots up. The get waits for that only if it may block, only if there
 * are slots for it and for the gets that wait already, and only for a moment: a dtor may hang.
 *
 * Context: any that is not restricted.
 * Return: 0; -EBUSY; or as kp_wait().
 */
int kp_get_closing(struct kp_pool *pool, gfp_t gfp, void **objs, unsigned int n)
{
	bool ended = false;
	const struct kp_patience patience = {
		.expires = jiffies + CLOSING_PATIENCE,
		.state = TASK_KILLABLE,
		.ended = &ended,
		.no_timeout = true,
	};
	int err;

	if (!gfpflags_allow_blocking(gfp) ||
	    kp_closing(pool) < (unsigned long)READ_ONCE(pool->waitlist->waiting) + n) {
		kp_alarm_raise(pool);
		return -EBUSY;
	}
	/* kpool_destroy() waits for a get in the wait list, but not for what follows the wait. */
	if (!kp_enter(pool))
		return -ESHUTDOWN;
	err = kp_wait(pool, gfp, objs, n, &patience, false);
	if (ended) {
		kp_alarm_raise(pool);
		err = -EBUSY;
	}
	kp_leave(pool);
	return err;
}

int kp_gfp_check(const struct kp_pool *pool, gfp_t gfp)
{
	gfp_t refused = gfp & KPOOL_GFP_REFUSED;

	if (likely(!refused))
		return 0;
	pr_err_ratelimited("pool %s: get by %pS with gfp flags %pGg, which a get cannot have\n",
			   pool->name, kp_consumer(), &refused);
	return -EINVAL;
}

void *kp_get_one_miss(struct kp_pool *pool, gfp_t gfp)
{
	void *obj;
	int err;

	err = kp_gfp_check(pool, gfp) ?: kp_fail(pool, KP_FAIL_GET);
	if (err)
		return ERR_PTR(err);
	if (kp_is_restricted(pool) && !gfpflags_allow_blocking(gfp))
		return get_restricted(pool, gfp);
	err = kp_get_miss(pool, gfp, &obj, 1, &kp_until_killed);
	if (unlikely(err))
		err = collect_and_get(pool, gfp, &obj, 1, &kp_until_killed, err);
	if (unlikely(err == EXHAUSTED))
		err = kp_get_closing(pool, gfp, &obj, 1);
	if (unlikely(err))
		return ERR_PTR(err);
	kp_tell_got(pool, gfp, &obj, 1);
	return obj;
}
