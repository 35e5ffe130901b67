// SPDX-License-Identifier: GPL-2.0-only
/*
 * Magazines whose size follows from contention. The tests write the depots' counters themselves:
 * contention cannot be had at will.
 */
#include <linux/minmax.h>
#include <linux/sizes.h>

#include "base/work.h"
#include "fixture.h"
#include "policy/adapt.h"
#include "policy/age.h"
#include "pool.h"
#include "sets.h"
#include "store/depot.h"
#include "store/magazine.h"

#define OBJS	600
#define MOST	256	/* the largest magazine that kpool chooses */
#define QUIET	4	/* intervals without contention after which magazines become smaller */

static const struct kpool_params large = { .name = "adapts", .size = SZ_4K, .ops = &consumer_ops };

static unsigned int magazine_of(struct kpool *pool)
{
	return READ_ONCE(to_pool(pool)->magazine);
}

/* kpool finds that one in 32 holds of the depot's lock, or more, had to wait. */
static void grow(struct kpool *pool)
{
	contend(pool, KP_CONTENDED_MANY);
	kp_adapt_contended(to_pool(pool));
}

static void pass_intervals(struct kpool *pool, unsigned int n)
{
	while (n--)
		kp_adapt_interval(to_pool(pool));
}

static void contention_makes_magazines_larger(struct kunit *test)
{
	struct kpool *pool = pool_of_consumer(test, &large, zalloc_for(test, struct consumer));
	unsigned int before, looks = 0;

	KUNIT_EXPECT_EQ(test, magazine_of(pool), 4U);
	do {
		before = magazine_of(pool);
		grow(pool);
		KUNIT_EXPECT_LE(test, magazine_of(pool), 2 * before + before / 2);
	} while (magazine_of(pool) > before && looks++ < 20);
	KUNIT_EXPECT_GT(test, magazine_of(pool), MOST / 2);
	/* cache_bytes has room for MOST of these objects in a magazine. */
	KUNIT_EXPECT_LE(test, magazine_of(pool), MOST);
	KUNIT_EXPECT_LT(test, looks, 10U);
}

static void work_looks_after_many_waits(struct kunit *test)
{
	struct kpool *pool = pool_of_consumer(test, &large, zalloc_for(test, struct consumer));

	contend(pool, KP_CONTENDED_MANY);
	kp_queue_todo(to_pool(pool), POOL_TODO_CONTENDED);
	kp_defer_sync(to_pool(pool));
	KUNIT_EXPECT_GT(test, magazine_of(pool), 4U);
}

/* A wait in so many holds costs less than larger magazines. */
static void few_waits_change_nothing(struct kunit *test)
{
	struct kpool *pool = pool_of_consumer(test, &large, zalloc_for(test, struct consumer));
	unsigned int before = magazine_of(pool);

	WRITE_ONCE(to_pool(pool)->depots[0].gets, 33 * KP_CONTENDED_MANY);
	grow(pool);
	KUNIT_EXPECT_EQ(test, magazine_of(pool), before);
	/* These holds were counted. */
	grow(pool);
	KUNIT_EXPECT_GT(test, magazine_of(pool), before);
}

static void quiet_makes_magazines_smaller(struct kunit *test)
{
	struct kpool *pool = pool_of_consumer(test, &large, zalloc_for(test, struct consumer));
	unsigned int most, halves = 0, before;

	grow(pool);
	grow(pool);
	grow(pool);
	most = magazine_of(pool);
	pass_intervals(pool, QUIET - 1);
	KUNIT_EXPECT_EQ(test, magazine_of(pool), most);
	/* An interval with waits: the quiet ones count from the beginning again. */
	contend(pool, 1);
	pass_intervals(pool, QUIET);
	KUNIT_EXPECT_EQ(test, magazine_of(pool), most);
	do {
		before = magazine_of(pool);
		pass_intervals(pool, QUIET);
	} while (magazine_of(pool) < before && halves++ < 20);
	KUNIT_EXPECT_EQ(test, magazine_of(pool), 4U);
	KUNIT_EXPECT_GE(test, halves, 2U);
}

static void ageing_tells_of_intervals(struct kunit *test)
{
	struct kpool *pool = filled_pool(test, &(struct kpool_params){
					 .name = "adapts", .size = SZ_4K }, 4 * OBJS);
	unsigned int i, most;

	grow(pool);
	most = magazine_of(pool);
	if (!keeps(pool))	/* ageing does not look at a pool without objects */
		return;
	for (i = 0; i < QUIET; i++) {
		KUNIT_EXPECT_EQ(test, magazine_of(pool), most);
		kp_age_pass();
		kp_defer_sync(to_pool(pool));
		kpool_put(pool, kpool_get(pool, GFP_KERNEL));
	}
	KUNIT_EXPECT_LT(test, magazine_of(pool), most);
}

static const struct kpool_params fixed[] = {
	{ .name = "asked", .size = SZ_4K, .magazine = 8 },
	{ .name = "stamped", .size = SZ_4K, .idle_ms = 60000 },
	{ .name = "no-room", .size = SZ_4K, .max_idle = 100 },
	{ .name = "uncached", .size = SZ_4K, .max_idle = 1 },
	{ .name = "huge", .size = SZ_1M },
};

KUNIT_ARRAY_PARAM_DESC(fixed, fixed, name);

/* max_idle and cache_bytes leave room for no larger magazines in the last ones. */
static void magazine_stays(struct kunit *test)
{
	struct kpool_params p = *(const struct kpool_params *)test->param_value;
	struct kpool *pool;
	unsigned int before;

	if (p.max_idle > 1)
		p.max_idle = 4 * 4 * num_possible_cpus();
	pool = pool_of(test, &p);
	before = magazine_of(pool);
	grow(pool);
	grow(pool);
	KUNIT_EXPECT_EQ(test, magazine_of(pool), before);
	pass_intervals(pool, QUIET);
	KUNIT_EXPECT_EQ(test, magazine_of(pool), before);
}

static void limited_set_stays(struct kunit *test)
{
	static const struct kpool_sized_class classes[] = { { .size = SZ_4K } };
	struct kpool_sized *set = set_of(test, &(struct kpool_sized_params){
					 .name = "limited", CLASSES(classes),
					 .max_idle_bytes = SZ_16M });
	struct kpool *pool = class_pool(set, 0);
	unsigned int before = magazine_of(pool);

	grow(pool);
	KUNIT_EXPECT_EQ(test, magazine_of(pool), before);
}

/* Somebody chooses a size while magazines are larger, and gives the choice back. */
static void choice_of_the_consumer_holds(struct kunit *test)
{
	struct kpool *pool = pool_of_consumer(test, &large, zalloc_for(test, struct consumer));
	struct kpool_limits limits = { .magazine = 2 };

	grow(pool);
	grow(pool);
	KUNIT_EXPECT_EQ(test, 0, kpool_retune_some(pool, &limits, KPOOL_LIMIT_MAGAZINE));
	KUNIT_EXPECT_EQ(test, magazine_of(pool), 2U);
	grow(pool);
	KUNIT_EXPECT_EQ(test, magazine_of(pool), 2U);
	/* A larger size than at creation is still refused. */
	limits.magazine = 8;
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, kpool_retune_some(pool, &limits, KPOOL_LIMIT_MAGAZINE));
	limits.magazine = 0;
	KUNIT_EXPECT_EQ(test, 0, kpool_retune_some(pool, &limits, KPOOL_LIMIT_MAGAZINE));
	KUNIT_EXPECT_GE(test, magazine_of(pool), 4U);
}

/* How many magazines of a depot have another number of slots than new ones. */
static unsigned int others(struct kp_pool *pool)
{
	struct kpool_magazine *mag;
	unsigned int i, n = 0;

	for (i = 0; i < pool->nr_depots; i++) {
		list_for_each_entry(mag, &pool->depots[i].full, list)
			n += !kp_is_of_now(pool, mag);
		list_for_each_entry(mag, &pool->depots[i].empty, list)
			n += !kp_is_of_now(pool, mag);
	}
	return n;
}

static void use_all(struct kunit *test, struct kpool *pool, void **objs)
{
	get_all(test, pool, objs, OBJS);
	put_all(pool, objs, OBJS);
}

/*
 * All sizes are in use at a time. An old magazine goes once it is an empty spare. The one that is
 * loaded when the last object is got and the first is put may stay.
 */
static void old_magazines_go(struct kunit *test)
{
	struct consumer *consumer = zalloc_for(test, struct consumer);
	struct kpool *pool = pool_of_consumer(test, &large, consumer);
	void **objs = room_for(test, OBJS);
	unsigned int i, most;

	pin(test, cpu_in_turn(0));
	use_all(test, pool, objs);
	grow(pool);
	grow(pool);
	grow(pool);
	for (i = 0; i < 4; i++)
		use_all(test, pool, objs);
	kp_defer_sync(to_pool(pool));
	most = magazine_of(pool);
	KUNIT_EXPECT_GE(test, most, 24U);
	if (keeps(pool)) {
		KUNIT_EXPECT_LE(test, others(to_pool(pool)), 1U);
		KUNIT_EXPECT_EQ(test, atomic_read(&consumer->ctors), OBJS);
	}
	pass_intervals(pool, QUIET);
	pass_intervals(pool, QUIET);
	for (i = 0; i < 4; i++)
		use_all(test, pool, objs);
	kp_defer_sync(to_pool(pool));
	KUNIT_EXPECT_LT(test, magazine_of(pool), most);
	if (keeps(pool)) {
		KUNIT_EXPECT_LE(test, others(to_pool(pool)), 1U);
		KUNIT_EXPECT_EQ(test, atomic_read(&consumer->ctors), OBJS);
	}
	expect_in_use(test, pool, 0);
	expect_whole(test, pool, consumer);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(contention_makes_magazines_larger),
	KUNIT_CASE(work_looks_after_many_waits),
	KUNIT_CASE(few_waits_change_nothing),
	KUNIT_CASE(quiet_makes_magazines_smaller),
	KUNIT_CASE(ageing_tells_of_intervals),
	KUNIT_CASE_PARAM(magazine_stays, fixed_gen_params),
	KUNIT_CASE(limited_set_stays),
	KUNIT_CASE(choice_of_the_consumer_holds),
	KUNIT_CASE(old_magazines_go),
	{}
};

struct kunit_suite adapt_suite = {
	.name = "kpool_adapt",
	.suite_exit = resume_ageing,
	.test_cases = cases,
};
