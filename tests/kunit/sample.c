// SPDX-License-Identifier: GPL-2.0-only
/* Samples: puts that tear objects down for memory debuggers. */
#include "base/work.h"
#include "fixture.h"
#include "object/due.h"
#include "policy/age.h"
#include "pool.h"

#define OBJS	20
#define ROOM	8

/* The parameter is for all pools. The other suites do not run meanwhile. */
static void samples_end(struct kunit_suite *suite)
{
	WRITE_ONCE(kp_sample_every, 0);
	resume_ageing(suite);
}

static const struct kpool_params kinds[] = {
	{ .name = "plain", .size = 64, .magazine = ROOM },
	{ .name = "callbacks", .size = 64, .magazine = ROOM, .ops = &consumer_ops },
	{ .name = "idle-age", .size = 64, .magazine = ROOM, .idle_ms = 60000 },
	{ .name = "bounded", .size = 64, .magazine = ROOM, .max = 1000 },
	{ .name = "pages", .size = 8192, .magazine = ROOM },
	{ .name = "sleeping", .size = 64, .magazine = ROOM, .flags = KPOOL_SLEEPING },
};

KUNIT_ARRAY_PARAM_DESC(kind, kinds, name);

static struct kpool *pool_of_kind(struct kunit *test)
{
	return pool_of_consumer(test, test->param_value, zalloc_for(test, struct consumer));
}

/* The cache of a CPU does not even open. */
static void each_put_is_a_sample(struct kunit *test)
{
	struct kpool *pool = pool_of_kind(test);
	void *objs[OBJS];

	WRITE_ONCE(kp_sample_every, 1);
	get_all(test, pool, objs, OBJS);
	put_all(pool, objs, OBJS / 2);
	kpool_put_bulk(pool, objs + OBJS / 2, OBJS / 2);
	WRITE_ONCE(kp_sample_every, 0);

	expect_in_use(test, pool, 0);
	KUNIT_EXPECT_EQ(test, figure(pool, sampled), keeps(pool) ? (u64)OBJS : 0);
	KUNIT_EXPECT_EQ(test, figure(pool, idle), 0ULL);
	KUNIT_EXPECT_EQ(test, figure(pool, puts), (u64)OBJS);
}

/* Hits count nothing. The next put that misses takes what they have put. */
static void put_that_misses_catches_up(struct kunit *test)
{
	struct kpool *pool = pool_of_kind(test);
	void *objs[OBJS];
	u64 hits;

	get_all(test, pool, objs, OBJS);
	put_all(pool, objs, ROOM);
	hits = figure(pool, puts) - figure(pool, put_misses);
	WRITE_ONCE(kp_sample_every, 1);
	kpool_put(pool, objs[ROOM]);
	WRITE_ONCE(kp_sample_every, 0);

	if (keeps(pool)) {
		KUNIT_EXPECT_EQ(test, hits, ROOM - 1ULL);
		KUNIT_EXPECT_EQ(test, figure(pool, sampled), ROOM + 1ULL);
	}
	KUNIT_EXPECT_EQ(test, figure(pool, idle), 0ULL);
	put_all(pool, objs + ROOM + 1, OBJS - ROOM - 1);
	expect_in_use(test, pool, 0);
}

#define ROUNDS	1000
#define EVERY	10

static void about_one_put_in_so_many_is_a_sample(struct kunit *test)
{
	const u64 expected = OBJS * ROUNDS / EVERY;
	struct kpool *pool = pool_of_kind(test);
	void *objs[OBJS];
	unsigned int i;

	WRITE_ONCE(kp_sample_every, EVERY);
	for (i = 0; i < ROUNDS; i++) {
		get_all(test, pool, objs, OBJS);
		put_all(pool, objs, OBJS);
		cond_resched();
	}
	WRITE_ONCE(kp_sample_every, 0);

	expect_in_use(test, pool, 0);
	if (!keeps(pool))
		return;
	KUNIT_EXPECT_GT(test, figure(pool, sampled), expected * 3 / 4);
	KUNIT_EXPECT_LT(test, figure(pool, sampled), expected * 5 / 4);
}

/* The caches of this CPU never overflow. */
static void ageing_takes_samples_of_pools_whose_puts_hit(struct kunit *test)
{
	struct kpool *pool = pool_of_kind(test);
	void *objs[ROOM];
	unsigned int i;

	get_all(test, pool, objs, ROOM);
	put_all(pool, objs, ROOM);
	WRITE_ONCE(kp_sample_every, 4);
	kp_age_pass();		/* from here on */
	kp_defer_sync(to_pool(pool));
	get_all(test, pool, objs, ROOM);
	put_all(pool, objs, ROOM);
	for (i = 0; i < 3; i++) {
		get_all(test, pool, objs, ROOM);
		put_all(pool, objs, ROOM);
	}
	kp_age_pass();
	WRITE_ONCE(kp_sample_every, 0);

	expect_in_use(test, pool, 0);
	if (keeps(pool))
		KUNIT_EXPECT_GE(test, figure(pool, sampled), (u64)4 * ROOM / 4);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(each_put_is_a_sample, kind_gen_params),
	KUNIT_CASE_PARAM(put_that_misses_catches_up, kind_gen_params),
	KUNIT_CASE_PARAM(about_one_put_in_so_many_is_a_sample, kind_gen_params),
	KUNIT_CASE_PARAM(ageing_takes_samples_of_pools_whose_puts_hit, kind_gen_params),
	{}
};

struct kunit_suite sample_suite = {
	.name = "kpool_sample",
	.suite_exit = samples_end,
	.test_cases = cases,
};
