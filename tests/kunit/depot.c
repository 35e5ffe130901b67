// SPDX-License-Identifier: GPL-2.0-only
/* The work of one hold of a depot's lock does not grow with the number of idle objects. */
#include <linux/list.h>
#include <linux/slab.h>

#include "base/clock.h"
#include "base/link.h"
#include "base/work.h"
#include "fixture.h"
#include "object/keep.h"
#include "pool.h"
#include "store/depot.h"
#include "store/magazine.h"

#define MAGAZINE	4
#define OBJS		200
#define LIMIT_MS	600000
#define BEYOND		(msecs_to_jiffies(LIMIT_MS) + 20 * HZ)

/* The most magazines that one hold moves, and the most objects that one hold looks at. */
#define MOVE_MOST	16
#define LOOK_MOST	64

static struct kp_depot *depot_of(struct kpool *pool)
{
	return &to_pool(pool)->depots[0];
}

/* As if the machine had slept. */
static void forward(long ticks)
{
	WRITE_ONCE(kp_clock_slept, kp_clock_slept + ticks);
}

/* A pool with OBJS idle objects, nearly all of them in its only depot. */
static struct kpool *pool_with_depot(struct kunit *test, unsigned int idle_ms,
				     unsigned int lifetime_ms)
{
	const struct kpool_params p = { .name = "depot", .size = 64, .magazine = MAGAZINE,
					.flags = KPOOL_ON_NODE, .idle_ms = idle_ms,
					.lifetime_ms = lifetime_ms };

	return filled_pool(test, &p, OBJS);
}

/* Gives the magazines to the depot. Returns how many there were. */
static unsigned int give_back(struct kpool *pool, struct list_head *mags)
{
	struct kpool_magazine *mag, *next;
	unsigned int n = 0;

	list_for_each_entry_safe(mag, next, mags, list) {
		kp_keep(to_pool(pool), depot_of(pool), mag);
		n++;
	}
	INIT_LIST_HEAD(mags);
	return n;
}

static void take_moves_few_magazines_at_once(struct kunit *test)
{
	struct kpool *pool = pool_with_depot(test, 0, 0);
	LIST_HEAD(mags);

	if (nothing_kept(test, pool))
		return;
	KUNIT_EXPECT_EQ(test, kp_depot_take(to_pool(pool), depot_of(pool), ULONG_MAX, &mags),
			(unsigned long)MOVE_MOST * MAGAZINE);
	KUNIT_EXPECT_EQ(test, give_back(pool, &mags), (unsigned int)MOVE_MOST);
	expect_idle(test, pool, OBJS);
}

/* Nothing in the depot was needed so far. Returns how many objects there are. */
static unsigned long need_nothing(struct kp_depot *depot)
{
	depot->min_level = depot->objects;
	return depot->objects;
}

static void trim_moves_few_magazines_at_once(struct kunit *test)
{
	struct kpool *pool = pool_with_depot(test, 0, 0);
	struct kp_depot *depot = depot_of(pool);
	unsigned int holds = 0;
	unsigned long objects;
	LIST_HEAD(mags);

	if (nothing_kept(test, pool))
		return;
	objects = need_nothing(depot);
	while (kp_depot_trim(to_pool(pool), depot, ULONG_MAX, NULL, &mags)) {
		KUNIT_EXPECT_LE(test, objects - depot->objects,
				(unsigned long)MOVE_MOST * MAGAZINE);
		objects = depot->objects;
		holds++;
	}

	KUNIT_EXPECT_EQ(test, objects, 0UL);
	KUNIT_EXPECT_GE(test, holds, OBJS / (MOVE_MOST * MAGAZINE));
	give_back(pool, &mags);
	expect_idle(test, pool, OBJS);
}

static void trim_moves_few_empty_magazines_at_once(struct kunit *test)
{
	struct kpool *pool = pool_with_depot(test, 0, 0);
	struct kp_depot *depot = depot_of(pool);
	void **objs = room_for(test, OBJS);
	unsigned long empties;
	LIST_HEAD(mags);

	if (nothing_kept(test, pool))
		return;
	get_all(test, pool, objs, OBJS);
	empties = depot->empties;
	KUNIT_EXPECT_GT(test, empties, (unsigned long)MOVE_MOST);
	depot->min_empties = empties;	/* none was needed */
	while (kp_depot_trim(to_pool(pool), depot, ULONG_MAX, NULL, &mags)) {
		KUNIT_EXPECT_LE(test, empties - depot->empties, (unsigned long)MOVE_MOST);
		empties = depot->empties;
	}

	KUNIT_EXPECT_EQ(test, empties, 0UL);
	give_back(pool, &mags);
	put_all(pool, objs, OBJS);
	expect_idle(test, pool, OBJS);
}

static void trim_leaves_what_gets_need_meanwhile(struct kunit *test)
{
	struct kpool *pool = pool_with_depot(test, 0, 0);
	const unsigned int used = 48, cached = 2 * MAGAZINE;
	struct kp_depot *depot = depot_of(pool);
	void **objs = room_for(test, used);
	LIST_HEAD(mags);

	if (nothing_kept(test, pool))
		return;
	need_nothing(depot);
	KUNIT_EXPECT_TRUE(test, kp_depot_trim(to_pool(pool), depot, ULONG_MAX, NULL, &mags));
	get_all(test, pool, objs, used);
	put_all(pool, objs, used);
	while (kp_depot_trim(to_pool(pool), depot, ULONG_MAX, NULL, &mags))
		;

	KUNIT_EXPECT_GE(test, depot->objects, (unsigned long)used - cached);
	KUNIT_EXPECT_LE(test, depot->objects, (unsigned long)used + cached);
	give_back(pool, &mags);
	expect_idle(test, pool, OBJS);
}

/* A put that finds its cache busy goes to the depot alone. No magazine there is filled too far. */
static void single_objects_fill_magazines(struct kunit *test)
{
	struct kpool *pool = pool_with_depot(test, 0, 0);
	struct kp_depot *depot = depot_of(pool);
	void **objs = room_for(test, OBJS);
	struct kpool_magazine *mag;
	unsigned int most = 0;
	struct kpool_cpu *c;

	if (nothing_kept(test, pool))
		return;
	get_all(test, pool, objs, OBJS);
	preempt_disable();
	c = this_cpu_ptr(pool->cpu);
	WRITE_ONCE(c->state, KPOOL_CPU_BUSY);
	put_all(pool, objs, OBJS);
	WRITE_ONCE(c->state, 0);
	preempt_enable();

	raw_spin_lock_irq(&depot->lock);
	list_for_each_entry(mag, &depot->full, list)
		most = max(most, mag->count);
	raw_spin_unlock_irq(&depot->lock);
	KUNIT_EXPECT_EQ(test, most, (unsigned int)MAGAZINE);
	expect_in_use(test, pool, 0);
}

static void get_drops_few_stale_magazines(struct kunit *test)
{
	struct kpool *pool = pool_with_depot(test, LIMIT_MS, 0);
	struct kp_depot *depot = depot_of(pool);
	unsigned long before;

	if (nothing_kept(test, pool))
		return;
	forward(BEYOND);
	before = depot->objects;
	local_irq_disable();
	KUNIT_EXPECT_PTR_EQ(test, kp_depot_get_one(to_pool(pool), depot), NULL);
	KUNIT_EXPECT_EQ(test, before - depot->objects, (unsigned long)MOVE_MOST * MAGAZINE);
	local_irq_enable();

	/* The worker drops the rest, and tears all of them down. */
	kp_defer_sync(to_pool(pool));
	KUNIT_EXPECT_EQ(test, depot->objects, 0UL);
	KUNIT_EXPECT_EQ(test, figure(pool, idle_expired), (u64)before);
	KUNIT_EXPECT_EQ(test, figure(pool, existing), (u64)OBJS - before);
	expect_in_use(test, pool, 0);
}

static void fresh_objects_below_stale_ones_are_found(struct kunit *test)
{
	struct kpool *pool = pool_with_depot(test, LIMIT_MS, 0);
	const unsigned int fresh = 3 * MAGAZINE;
	void **objs = room_for(test, OBJS);
	u64 created;

	if (nothing_kept(test, pool))
		return;
	get_all(test, pool, objs, OBJS);
	forward(BEYOND);
	put_all(pool, objs, fresh);
	forward(-BEYOND);
	put_all(pool, objs + fresh, OBJS - fresh);
	forward(BEYOND);
	/* This get drops the most magazines that one get may drop. Then it builds an object. */
	get_all(test, pool, objs, 1);
	kp_defer_sync(to_pool(pool));

	created = figure(pool, created);
	get_all(test, pool, objs + 1, fresh);
	KUNIT_EXPECT_EQ(test, figure(pool, created), created);
	put_all(pool, objs, 1 + fresh);
	forward(-BEYOND);
	expect_in_use(test, pool, 0);
}

/* A look at births goes on behind magazines that were taken out, also behind its own. */
static void look_goes_on_whatever_is_taken(struct kunit *test)
{
	struct kpool *pool = pool_with_depot(test, 0, LIMIT_MS);
	const unsigned int looked = LOOK_MOST / MAGAZINE;
	struct kp_depot *depot = depot_of(pool);
	struct kp_look look = { .births = true };
	struct kpool_magazine *mag, *old;
	unsigned int i, calls, found = 0;
	LIST_HEAD(mags);

	if (nothing_kept(test, pool))
		return;
	old = list_last_entry(&depot->full, struct kpool_magazine, list);
	for (i = 0; i < 2 * looked - 2; i++)
		old = list_prev_entry(old, list);
	*kp_birth(to_pool(pool), old->objs[1]) -= BEYOND;

	kp_depot_look(depot, &look);
	for (calls = 0; kp_depot_find_expired(to_pool(pool), depot, &look, &mag); calls++) {
		if (mag) {
			KUNIT_EXPECT_PTR_EQ(test, mag, old);
			list_add(&mag->list, &mags);
			found++;
		}
		if (calls)
			continue;
		KUNIT_EXPECT_NULL(test, mag);
		/* All that it has looked at, and the magazine that comes next. */
		kp_depot_take(to_pool(pool), depot, looked * MAGAZINE, &mags);
		KUNIT_EXPECT_PTR_EQ(test, depot->look_at,
				    list_last_entry(&depot->full, struct kpool_magazine, list));
		kp_depot_take(to_pool(pool), depot, MAGAZINE, &mags);
	}

	KUNIT_EXPECT_EQ(test, found, 1U);
	KUNIT_EXPECT_LE(test, calls, OBJS / LOOK_MOST + 2U);
	KUNIT_EXPECT_NULL(test, depot->look_at);
	give_back(pool, &mags);
	expect_idle(test, pool, OBJS);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(take_moves_few_magazines_at_once),
	KUNIT_CASE(trim_moves_few_magazines_at_once),
	KUNIT_CASE(trim_moves_few_empty_magazines_at_once),
	KUNIT_CASE(trim_leaves_what_gets_need_meanwhile),
	KUNIT_CASE(single_objects_fill_magazines),
	KUNIT_CASE(get_drops_few_stale_magazines),
	KUNIT_CASE(fresh_objects_below_stale_ones_are_found),
	KUNIT_CASE(look_goes_on_whatever_is_taken),
	{}
};

struct kunit_suite depot_suite = {
	.name = "kpool_depot",
	.suite_exit = resume_ageing,
	.test_cases = cases,
};
