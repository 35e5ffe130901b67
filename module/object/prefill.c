// SPDX-License-Identifier: GPL-2.0-only
/*
 * Objects that are built ahead: for min_idle, for the reserve, and for later gets. Each object is
 * there for gets as soon as it is built. object/object.c builds objects, policy/worker.c calls this
 * file when the pool's workers run.
 */
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/sched.h>

#include "base/export.h"
#include "base/link.h"
#include "object/build.h"
#include "object/keep.h"
#include "object/object.h"
#include "object/prefill.h"
#include "pool.h"
#include "store/depot.h"
#include "store/magazine.h"
#include "store/memory.h"
#include "store/reserve_list.h"
#include "store/stats.h"
#include "store/slots.h"
#include "store/waitlist.h"

/* Builds an object in a slot of the caller. After an error the caller has the slot no more. */
static int build_one(struct kp_pool *pool, void **obj, bool in_worker)
{
	int err;

	if (!in_worker)
		return kp_build(pool, GFP_KERNEL, obj, 1, NULL);
	atomic_long_inc(&pool->building);
	err = kp_build_here(pool, GFP_KERNEL, obj, 1);
	if (err)
		kp_slots_give(pool, 1);
	atomic_long_dec(&pool->building);
	return err;
}

/* Builds an object for the reserve list. */
static int reserve_one(struct kp_pool *pool, bool in_worker)
{
	void *obj;
	int err = build_one(pool, &obj, in_worker);

	if (err)
		return err;
	kp_reserve_add(pool, obj);
	return 0;
}

/* Builds an object for the depot. */
static int idle_one(struct kp_pool *pool, bool in_worker)
{
	ktime_t began = ktime_get();
	void *obj;
	int err = build_one(pool, &obj, in_worker);

	if (err)
		return err;
	WRITE_ONCE(pool->build_us, min_t(s64, ktime_us_delta(ktime_get(), began), UINT_MAX));
	kp_keep_one(pool, obj);
	return 0;
}

/* Allocates memory for one object, which the reserve keeps. */
static int keep_memory_for_one(struct kp_pool *pool)
{
	void *obj;

	if (!kp_memory_alloc(pool, GFP_KERNEL, &obj, 1))
		return -ENOMEM;
	if (kp_reserve_keep_memory(pool, &obj, 1))
		kp_memory_free(pool, &obj, 1);
	return 0;
}

/*
 * How many objects the reserve is short of. If idle objects expire, kept memory counts like
 * objects.
 */
long kp_reserve_missing(struct kp_pool *pool)
{
	unsigned int reserve = READ_ONCE(pool->reserve);
	struct kp_waitlist *waitlist = pool->waitlist;

	if (!reserve)
		return 0;
	return reserve - atomic_long_read(&pool->kept) -
	       (pool->stamped ? READ_ONCE(waitlist->pieces) : 0);
}
EXPORT_SYMBOL_FOR_TESTS(kp_reserve_missing);

/* How many idle objects do not expire soon. The others need to be replaced first. */
static unsigned long lasting(struct kp_pool *pool)
{
	unsigned long idle = kp_idle(pool), fading = READ_ONCE(pool->fading);

	return idle > fading ? idle - fading : 0;
}

/* Is the pool below min_idle or reserve, and may it build? */
bool kp_below_min(struct kp_pool *pool)
{
	if (kp_is_full(pool))
		return false;
	if (kp_reserve_missing(pool) > 0)
		return true;
	return READ_ONCE(pool->min_idle) && READ_ONCE(pool->gate) != GATE_SHUT &&
	       lasting(pool) < READ_ONCE(pool->min_idle);
}

/*
 * Idle objects count wherever they are, except those that expire soon. So the pool has their
 * replacements before they are torn down.
 */
static bool lacks_min_idle(struct kp_pool *pool, unsigned int building)
{
	unsigned int min_idle = READ_ONCE(pool->min_idle);

	return min_idle && lasting(pool) + building < min_idle;
}

/* For gets that cannot build: this node's depot has less than a magazine of objects. */
static bool lacks_refill(struct kp_pool *pool, unsigned int building)
{
	return READ_ONCE(kp_depot_here(pool)->objects) + kp_reserve_idle(pool) + building <
	       max(READ_ONCE(pool->min_idle), kp_full(pool));
}

static enum kp_shortage shortage(struct kp_pool *pool, unsigned int building, bool refill)
{
	if (kp_reserve_missing(pool) > (long)building)
		return pool->stamped ? KP_SHORT_OF_MEMORY : KP_SHORT_OF_RESERVE;
	if (READ_ONCE(pool->gate) == GATE_SHUT || kp_depot_room(pool) <= building)
		return KP_SHORT_OF_NOTHING;
	if (lacks_min_idle(pool, building) || (refill && lacks_refill(pool, building)))
		return KP_SHORT_OF_IDLE;
	return KP_SHORT_OF_NOTHING;
}

/**
 * kp_shortage() - what a pool should build next: for the reserve, or for min_idle
 * @pool: the pool
 * @building: how many such objects are being built
 * @refill: build for gets that cannot build, too: up to a magazine of objects in this node's depot
 *
 * Takes a slot for the object. kp_build_missing() uses the slot.
 *
 * Context: process context.
 */
enum kp_shortage kp_shortage(struct kp_pool *pool, unsigned int building, bool refill)
{
	enum kp_shortage what = shortage(pool, building, refill);

	if ((what == KP_SHORT_OF_RESERVE || what == KP_SHORT_OF_IDLE) && !kp_slots_take(pool, 1))
		return KP_SHORT_OF_NOTHING;
	return what;
}

/**
 * kp_build_missing() - build one object that kp_shortage() asked for
 * @pool: the pool
 * @what: what kp_shortage() has returned
 * @in_worker: the caller is a worker, so it builds itself
 *
 * Context: process context, sleeps. The caller is between kp_enter() and kp_leave(), or no other
 * code knows the pool yet.
 * Return: 0, or the error of the build.
 */
int kp_build_missing(struct kp_pool *pool, enum kp_shortage what, bool in_worker)
{
	switch (what) {
	case KP_SHORT_OF_MEMORY:
		return keep_memory_for_one(pool);
	case KP_SHORT_OF_RESERVE:
		return reserve_one(pool, in_worker);
	case KP_SHORT_OF_IDLE:
		return idle_one(pool, in_worker);
	default:
		return 0;
	}
}

/**
 * kp_prefill() - build the objects of a new pool, for the reserve and for min_idle
 * @pool: the pool, which no other code knows yet
 *
 * Context: process context, sleeps.
 * Return: 0, or the error of the build that failed.
 */
int kp_prefill(struct kp_pool *pool)
{
	enum kp_shortage what;
	int err = 0;

	while (!err && (what = kp_shortage(pool, 0, false))) {
		err = kp_build_missing(pool, what, false);
		cond_resched();
	}
	return err;
}

static void free_memory(struct kp_pool *pool, struct kp_list *memory)
{
	void *obj;

	while (kp_list_take_dead(pool, memory, &obj, 1)) {
		kp_memory_free(pool, &obj, 1);
		cond_resched();
	}
}

/**
 * kp_reserve_shrink() - free the objects and memory that a smaller reserve does not need
 * @pool: the pool
 *
 * A worker tears the objects down.
 *
 * Context: process context, sleeps.
 */
void kp_reserve_shrink(struct kp_pool *pool)
{
	struct kp_list idle = {}, memory = {};
	bool more;

	if (!pool->waitlist)
		return;
	do {
		more = kp_reserve_list_take_excess(pool, &idle, &memory);
		kp_discard_list(pool, &idle, KP_TRIM);
		free_memory(pool, &memory);
		cond_resched();
	} while (more);
}

/**
 * kp_reserve_end() - tear down the reserve list, and free the memory that the reserve kept
 * @pool: the pool, which is not live, so that neither list grows
 *
 * A worker tears the objects down.
 *
 * Context: process context, sleeps.
 */
void kp_reserve_end(struct kp_pool *pool)
{
	struct kp_list idle, memory;

	if (!pool->waitlist)
		return;
	idle = kp_reserve_list_take_all(pool, &memory);
	kp_discard_list(pool, &idle, KP_SHUTDOWN);
	free_memory(pool, &memory);
}
