// SPDX-License-Identifier: GPL-2.0-only
/*
 * Objects of min_idle are replaced before they expire, and objects that were built together do not
 * expire together. Stamps and births say when an object expires.
 */
#include <linux/delay.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/slab.h>

#include "base/clock.h"
#include "base/work.h"
#include "fixture.h"
#include "object/due.h"
#include "policy/age.h"
#include "pool.h"
#include "store/depot.h"
#include "store/magazine.h"

/* Much longer than a test takes. The test puts the clock forward instead of waiting. */
#define IDLE_MS		600000
#define LIFETIME_MS	1600000
#define IDLE		((long)msecs_to_jiffies(IDLE_MS))
#define LIFETIME	((long)msecs_to_jiffies(LIFETIME_MS))
#define OBJS		12
#define BUILD_MS	5

/* As if the machine had slept. */
static void forward(long ticks)
{
	WRITE_ONCE(kp_clock_slept, kp_clock_slept + ticks);
}

/* A look of ageing at the pools that are due now, and what it left to the pool's worker. */
static void look(struct kpool *pool)
{
	kp_age_start();
	flush_workqueue(kpool_wq);
	kp_age_stop();
	kp_defer_sync(to_pool(pool));
}

/* Expects that a get finds an object that is idle. */
static void expect_idle_object(struct kunit *test, struct kpool *pool)
{
	u64 created = figure(pool, created);
	void *obj = kpool_get(pool, GFP_KERNEL);

	KUNIT_ASSERT_FALSE(test, IS_ERR(obj));
	KUNIT_EXPECT_EQ(test, figure(pool, created), created);
	kpool_put(pool, obj);
}

static const struct kpool_params roomy[] = {
	{ .name = "plain", .size = 64, .min_idle = OBJS },
	{ .name = "bounded", .size = 64, .min_idle = OBJS, .max = 2 * OBJS },
	{ .name = "max-idle", .size = 64, .min_idle = OBJS, .max_idle = 100 * OBJS },
	{ .name = "pages", .size = 8192, .min_idle = OBJS },
};

KUNIT_ARRAY_PARAM_DESC(roomy, roomy, name);

static void min_idle_is_replaced_before_it_expires(struct kunit *test)
{
	struct kpool_params p = *(const struct kpool_params *)test->param_value;
	struct kpool *pool;

	p.idle_ms = IDLE_MS;
	pool = pool_of(test, &p);
	if (nothing_kept(test, pool))
		return;
	forward(IDLE / 16 * 15);
	look(pool);
	KUNIT_EXPECT_EQ(test, figure(pool, idle), 2ULL * OBJS);
	KUNIT_EXPECT_EQ(test, figure(pool, destroyed), 0ULL);

	/* Gets may not have the old objects now. */
	forward(IDLE / 8);
	expect_idle_object(test, pool);
	look(pool);
	KUNIT_EXPECT_EQ(test, figure(pool, idle), (u64)OBJS);
	KUNIT_EXPECT_EQ(test, figure(pool, created), 2ULL * OBJS);
	KUNIT_EXPECT_EQ(test, figure(pool, idle_expired), (u64)OBJS);
	expect_in_use(test, pool, 0);
}

static const struct kpool_params tight[] = {
	{ .name = "max", .size = 64, .min_idle = OBJS, .max = OBJS },
	{ .name = "max-idle", .size = 64, .min_idle = OBJS, .max_idle = OBJS },
};

KUNIT_ARRAY_PARAM_DESC(tight, tight, name);

/* There is no room for all replacements, so one object makes room for the first of them. */
static void one_is_replaced_where_there_is_no_room(struct kunit *test)
{
	struct kpool_params p = *(const struct kpool_params *)test->param_value;
	struct kpool *pool;

	p.idle_ms = IDLE_MS;
	pool = pool_of(test, &p);
	if (nothing_kept(test, pool))
		return;
	forward(IDLE / 16 * 15);
	look(pool);
	expect_idle(test, pool, OBJS);
	KUNIT_EXPECT_EQ(test, figure(pool, created), OBJS + 1ULL);

	forward(IDLE / 8);
	expect_idle_object(test, pool);
	look(pool);
	KUNIT_EXPECT_EQ(test, figure(pool, idle_expired), (u64)OBJS);
	expect_idle(test, pool, OBJS);
	expect_in_use(test, pool, 0);
}

static const unsigned int intervals_ms[] = { 0, 15000 };

static void describe_interval(const unsigned int *ms, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "age_interval_ms %u", *ms);
}

KUNIT_ARRAY_PARAM(interval, intervals_ms, describe_interval);

/*
 * A hundred objects that were built together, from one look of ageing to the next, until all of
 * them are gone. An interval of ageing gives no object back that min_idle needs.
 */
static void objects_of_one_build_end_one_after_the_other(struct kunit *test)
{
	const unsigned int n = 100;
	const struct kpool_params p = { .name = "spread", .size = 64, .min_idle = n,
					.lifetime_ms = LIFETIME_MS };
	struct kpool *pool = pool_of(test, &p);
	u64 gone, built, most_gone = 0, most_built = 0;
	const unsigned int interval_ms = kp_age_interval_ms;
	unsigned int looks;
	long ahead;

	if (nothing_kept(test, pool))
		return;
	WRITE_ONCE(kp_age_interval_ms, *(const unsigned int *)test->param_value);
	for (looks = 0; looks < 1000 && figure(pool, destroyed) < n; looks++) {
		ahead = to_pool(pool)->due - kp_now();
		forward(max(ahead, 0L));
		KUNIT_EXPECT_GE(test, figure(pool, idle), (u64)n);
		gone = figure(pool, destroyed);
		built = figure(pool, created);
		look(pool);
		most_gone = max(most_gone, figure(pool, destroyed) - gone);
		most_built = max(most_built, figure(pool, created) - built);
	}

	WRITE_ONCE(kp_age_interval_ms, interval_ms);
	KUNIT_EXPECT_GE(test, figure(pool, destroyed), (u64)n);
	KUNIT_EXPECT_LT(test, most_gone, n * 2ULL / 5);
	KUNIT_EXPECT_LT(test, most_built, n * 2ULL / 5);
	/* Objects are replaced once, and not again while the old ones are still there. */
	KUNIT_EXPECT_LT(test, figure(pool, created), n * 5ULL / 2);
	expect_in_use(test, pool, 0);
}

/* However short a lifetime is, several looks find its objects. */
static void looks_fit_the_spread_of_lifetimes(struct kunit *test)
{
	static const unsigned int lifetimes_ms[] = { 500, 1000, 2000, 6000, LIFETIME_MS };
	struct kp_look found = { .fading = 1 };
	struct kpool *pool;
	unsigned int i;
	long spread;

	for (i = 0; i < ARRAY_SIZE(lifetimes_ms); i++) {
		const struct kpool_params p = { .name = "short", .size = 64,
						.lifetime_ms = lifetimes_ms[i] };

		pool = pool_of(test, &p);
		spread = msecs_to_jiffies(lifetimes_ms[i]) / LIFE_SPREAD;
		KUNIT_EXPECT_GE_MSG(test, spread,
				    4 * (long)kp_due_births(to_pool(pool), 0, &found),
				    "%u ms", lifetimes_ms[i]);
		destroy(test, pool);
	}
}

static void objects_that_are_built_ahead_have_stamps(struct kunit *test)
{
	const struct kpool_params p = { .name = "stamped", .size = 64, .min_idle = OBJS,
					.flags = KPOOL_ON_NODE, .idle_ms = IDLE_MS };
	u32 before = kp_now(), *stamps;
	struct kpool *pool = pool_of(test, &p);
	struct kpool_magazine *mag;
	unsigned int i, n = 0;

	if (nothing_kept(test, pool))
		return;
	list_for_each_entry(mag, &to_pool(pool)->depots[0].full, list) {
		stamps = kp_stamps(to_pool(pool), mag->objs);
		for (i = 0; i < mag->count; i++, n++)
			KUNIT_EXPECT_LE(test, stamps[i] - before, (u32)kp_now() - before);
	}
	KUNIT_EXPECT_EQ(test, n, (unsigned int)OBJS);
}

static void split_moves_stamps_with_their_objects(struct kunit *test)
{
	const struct kpool_params p = { .name = "split", .size = 64, .magazine = OBJS,
					.idle_ms = IDLE_MS };
	struct kp_pool *pool = to_pool(pool_of(test, &p));
	const unsigned int cold = 5;
	struct kpool_magazine *mag, *rest;
	unsigned int i;

	mag = kp_magazine_alloc(pool, GFP_KERNEL);
	rest = kp_magazine_alloc(pool, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, mag);
	KUNIT_ASSERT_NOT_NULL(test, rest);
	for (i = 0; i < OBJS; i++) {
		mag->objs[i] = (void *)(100UL + i);
		kp_stamps(pool, mag->objs)[i] = 100 + i;
		kp_stamps(pool, rest->objs)[i] = 0;
	}
	mag->count = OBJS;
	kp_magazine_split(pool, mag, rest, cold);

	KUNIT_EXPECT_EQ(test, rest->count, cold);
	KUNIT_EXPECT_EQ(test, mag->count, OBJS - cold);
	for (i = 0; i < cold; i++) {
		KUNIT_EXPECT_PTR_EQ(test, rest->objs[i], (void *)(100UL + i));
		KUNIT_EXPECT_EQ(test, kp_stamps(pool, rest->objs)[i], 100 + i);
	}
	for (i = 0; i < OBJS - cold; i++) {
		KUNIT_EXPECT_PTR_EQ(test, mag->objs[i], (void *)(100UL + cold + i));
		KUNIT_EXPECT_EQ(test, kp_stamps(pool, mag->objs)[i], 100 + cold + i);
	}
	kp_magazine_free(pool, mag);
	kp_magazine_free(pool, rest);
}

static int slow_ctor(void *obj, void *ctx, gfp_t gfp, int node)
{
	ktime_t end = ktime_add_ms(ktime_get(), BUILD_MS);

	/* By the clock that measures: ticks may come late, and then several at once. */
	while (ktime_before(ktime_get(), end))
		usleep_range(500, 1000);
	return 0;
}

static void time_of_a_build_ahead_is_measured(struct kunit *test)
{
	const struct kpool_ops ops = { .ctor = slow_ctor };
	const struct kpool_params p = { .name = "slow", .size = 64, .min_idle = 1, .ops = &ops,
					.flags = KPOOL_SLEEPING };
	struct kpool *pool = pool_of(test, &p);

	if (nothing_kept(test, pool))
		return;
	KUNIT_EXPECT_GE(test, to_pool(pool)->build_us, BUILD_MS * 1000U);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(min_idle_is_replaced_before_it_expires, roomy_gen_params),
	KUNIT_CASE_PARAM(one_is_replaced_where_there_is_no_room, tight_gen_params),
	KUNIT_CASE_PARAM(objects_of_one_build_end_one_after_the_other, interval_gen_params),
	KUNIT_CASE(looks_fit_the_spread_of_lifetimes),
	KUNIT_CASE(objects_that_are_built_ahead_have_stamps),
	KUNIT_CASE(split_moves_stamps_with_their_objects),
	KUNIT_CASE(time_of_a_build_ahead_is_measured),
	{}
};

struct kunit_suite renewal_suite = {
	.name = "kpool_renewal",
	.suite_exit = resume_ageing,
	.test_cases = cases,
};
