// SPDX-License-Identifier: GPL-2.0-only
/*
 * Objects that are built ahead: for min_idle, for the reserve, and for later gets. object/object.c
 * builds them, policy/worker.c calls this file when the pool's work runs.
 */
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/slab.h>

#include "base/export.h"
#include "base/link.h"
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

/* Allocates memory for one object, which the reserve will keep. */
static int memory_for_one(struct kp_pool *pool, gfp_t gfp, void **obj)
{
	return kp_memory_alloc(pool, gfp, obj, 1) ? 0 : -ENOMEM;
}

static int reserve_one(struct kp_pool *pool)
{
	void *obj;
	int err;

	if (!kp_slots_take(pool, 1))
		return -EBUSY;
	err = kp_build(pool, GFP_KERNEL, &obj, 1);
	if (err) {
		kp_slots_give(pool, 1);
		return err;
	}
	kp_reserve_add(pool, obj);
	return 0;
}

static int keep_memory_for_one(struct kp_pool *pool)
{
	void *obj;
	int err;

	err = memory_for_one(pool, GFP_KERNEL, &obj);
	if (!err && kp_reserve_keep_memory(pool, &obj, 1))
		kp_memory_free(pool, &obj, 1);
	return err;
}

/**
 * kp_reserve_fill() - build the reserve, or its missing part
 * @pool: the pool
 *
 * Context: process context, sleeps. The caller is between kp_enter() and kp_leave(), or no other
 * code knows the pool yet.
 * Return: 0, or the error of the build.
 */
int kp_reserve_fill(struct kp_pool *pool)
{
	long missing = kp_reserve_missing(pool);
	int err = 0;

	for (; missing > 0 && !err; missing--) {
		err = pool->stamped ? keep_memory_for_one(pool) : reserve_one(pool);
		cond_resched();
	}
	return err;
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

/* Builds up to n objects into a magazine for the depot. Returns how many, or an error. */
static int build_some(struct kp_pool *pool, struct kp_depot *depot, unsigned long n)
{
	struct kpool_magazine *mag = kp_magazine_alloc(pool, GFP_KERNEL);
	ktime_t began = ktime_get();
	int err;

	if (!mag)
		return -ENOMEM;
	n = kp_slots_take(pool, min_t(unsigned long, n, kp_full(pool)));
	err = n ? kp_build(pool, GFP_KERNEL, mag->objs, n) : 0;
	if (err || !n) {
		kp_slots_give(pool, n);
		kfree(mag);
		return err;
	}
	WRITE_ONCE(pool->build_us, div_s64(ktime_us_delta(ktime_get(), began), n));
	mag->count = n;
	kp_stamp(pool, mag->objs, 0, n);
	kp_keep(pool, depot, mag);
	return n;
}

/**
 * kp_prefill() - build objects into this node's depot
 * @pool: the pool
 * @want: build until this many objects are idle, or max_idle or max has no room
 *
 * Context: process context, sleeps. The caller is between kp_enter() and kp_leave(), or no other
 * code knows the pool yet.
 * Return: 0, or the error of the build that failed.
 */
int kp_prefill(struct kp_pool *pool, unsigned long want)
{
	struct kp_depot *depot = kp_depot_here(pool);
	unsigned long have, n;
	int built;

	while (READ_ONCE(pool->gate) != GATE_SHUT) {
		have = READ_ONCE(depot->objects) + kp_reserve_idle(pool);
		n = min(want > have ? want - have : 0, kp_depot_room(pool));
		if (!n)
			break;
		built = build_some(pool, depot, n);
		if (built <= 0)
			return built;
	}
	return 0;
}

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

/**
 * kp_replenish() - build the missing objects of min_idle and of the reserve
 * @pool: the pool
 *
 * Builds a few objects at a time. Idle objects count wherever they are, except those that expire
 * soon. So the pool has their replacements before they are torn down. If a build fails, the next
 * pass of ageing tries again.
 *
 * Context: as kp_prefill().
 */
void kp_replenish(struct kp_pool *pool)
{
	unsigned long idle, min_idle, n;
	struct kp_depot *depot = kp_depot_here(pool);

	if (kp_reserve_fill(pool))
		return;
	while (READ_ONCE(pool->gate) != GATE_SHUT) {
		idle = lasting(pool);
		min_idle = READ_ONCE(pool->min_idle);
		n = min(min_idle > idle ? min_idle - idle : 0, kp_depot_room(pool));
		if (!n || build_some(pool, depot, n) <= 0)
			break;
		cond_resched();
	}
}

static void free_memory(struct kp_pool *pool, struct kp_list *memory)
{
	void *obj;

	while (kp_list_take(pool, memory, &obj, 1)) {
		kp_memory_free(pool, &obj, 1);
		cond_resched();
	}
}

/**
 * kp_reserve_shrink() - free the objects and memory that a smaller reserve does not need
 * @pool: the pool
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
		kp_teardown_list(pool, &idle);
		free_memory(pool, &memory);
		cond_resched();
	} while (more);
}

/**
 * kp_reserve_end() - tear down the reserve list, and free the memory that the reserve kept
 * @pool: the pool, which is not live, so that neither list grows
 *
 * Context: process context, sleeps.
 */
void kp_reserve_end(struct kp_pool *pool)
{
	struct kp_list idle, memory;

	if (!pool->waitlist)
		return;
	idle = kp_reserve_list_take_all(pool, &memory);
	kp_teardown_list(pool, &idle);
	free_memory(pool, &memory);
}
