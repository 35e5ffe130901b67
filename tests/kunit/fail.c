// SPDX-License-Identifier: GPL-2.0-only
/* Calls that fail on purpose, as an administrator asked for: base/fault.h. */
#include <linux/delay.h>

#include "base/fault.h"
#include "fixture.h"
#include "policy/instrument.h"
#include "pool.h"

#define SIZE	64
#define OBJS	12
#define ONE_IN	3

static int get_plain(struct kpool *pool, void **objs)
{
	*objs = kpool_get(pool, GFP_KERNEL);
	return PTR_ERR_OR_ZERO(*objs);
}

static int get_atomic(struct kpool *pool, void **objs)
{
	*objs = kpool_get(pool, GFP_NOWAIT);
	return PTR_ERR_OR_ZERO(*objs);
}

static int get_zeroed(struct kpool *pool, void **objs)
{
	*objs = kpool_get(pool, GFP_KERNEL | __GFP_ZERO);
	return PTR_ERR_OR_ZERO(*objs);
}

static int get_timed(struct kpool *pool, void **objs)
{
	*objs = kpool_get_timeout(pool, GFP_KERNEL, HZ);
	return PTR_ERR_OR_ZERO(*objs);
}

static int get_forever(struct kpool *pool, void **objs)
{
	*objs = kpool_get_timeout(pool, GFP_KERNEL, MAX_SCHEDULE_TIMEOUT);
	return PTR_ERR_OR_ZERO(*objs);
}

static int get_bulk(struct kpool *pool, void **objs)
{
	return kpool_get_bulk(pool, GFP_KERNEL, objs, 2);
}

static int get_bulk_timed(struct kpool *pool, void **objs)
{
	return kpool_get_bulk_timeout(pool, GFP_KERNEL, objs, 2, HZ);
}

static const struct way {
	const char *name;
	int (*get)(struct kpool *pool, void **objs);
	unsigned int n;
	struct kpool_params params;
	int err;			/* 0: the get never fails */
} ways[] = {
	{ "plain", get_plain, 1, { }, -ENOMEM },
	{ "atomic", get_atomic, 1, { }, -ENOMEM },
	{ "zeroed", get_zeroed, 1, { }, -ENOMEM },
	{ "bulk", get_bulk, 2, { }, -ENOMEM },
	{ "timed", get_timed, 1, { }, -ENOMEM },
	{ "timed, wiped", get_timed, 1, { .flags = KPOOL_ZERO_ON_PUT }, -ENOMEM },
	{ "expiring", get_plain, 1, { .idle_ms = 100000 }, -ENOMEM },
	{ "anyctx", get_atomic, 1, { .flags = KPOOL_ANYCTX, .min_idle = 2 }, -ENOMEM },
	{ "bounded", get_timed, 1, { .max = 2 * OBJS }, -ENOMEM },
	{ "forever", get_forever, 1, { .max = 2 * OBJS }, -ENOMEM },
	{ "bulk, timed", get_bulk_timed, 2, { .max = 2 * OBJS }, -ENOMEM },
	/* With a reserve a get that waits never fails for want of memory. */
	{ "reserve, plain", get_plain, 1, { .reserve = 1 }, -ENOMEM },
	{ "reserve, timed", get_timed, 1, { .reserve = 1 }, -ETIMEDOUT },
	{ "reserve, forever", get_forever, 1, { .reserve = 1 }, 0 },
	{ "reserve too small", get_bulk_timed, 2, { .reserve = 1 }, -ENOMEM },
};

KUNIT_ARRAY_PARAM_DESC(way, ways, name);

/* Exactly each third get fails, and returns nothing. The others work. */
static void gets_fail(struct kunit *test)
{
	const struct way *way = test->param_value;
	struct kpool_params p = way->params;
	unsigned int i, wanted = way->err ? OBJS / ONE_IN : 0;
	void *objs[OBJS][2];
	struct kpool *pool;

	p.name = "fails";
	p.size = SIZE;
	pool = pool_of(test, &p);
	if (p.flags & KPOOL_ANYCTX && !keeps(pool))
		kunit_skip(test, "a bypassed pool has nothing for gets that cannot build");
	for (i = 0; i < 2; i++) {	/* a hit would not fail */
		KUNIT_ASSERT_EQ(test, 0, way->get(pool, objs[0]));
		kpool_put_bulk(pool, objs[0], way->n);
	}
	KUNIT_ASSERT_EQ(test, 0, kp_set_fault(to_pool(pool), KP_FAIL_GET, ONE_IN));
	for (i = 0; i < OBJS; i++) {
		int err = way->get(pool, objs[i]);

		KUNIT_EXPECT_EQ_MSG(test, err, i % ONE_IN == ONE_IN - 1 ? way->err : 0,
				    "get %u", i);
		if (!err)
			kpool_put_bulk(pool, objs[i], way->n);
	}
	KUNIT_EXPECT_EQ(test, figure(pool, faults), (u64)wanted);
	KUNIT_EXPECT_EQ(test, figure(pool, gets), (u64)(OBJS - wanted + 2) * way->n);
	expect_in_use(test, pool, 0);

	KUNIT_ASSERT_EQ(test, 0, kp_set_fault(to_pool(pool), KP_FAIL_GET, 0));
	for (i = 0; i < OBJS; i++) {
		KUNIT_ASSERT_EQ(test, 0, way->get(pool, objs[0]));
		kpool_put_bulk(pool, objs[0], way->n);
	}
	KUNIT_EXPECT_EQ(test, figure(pool, faults), (u64)wanted);
}

static void hits_come_back(struct kunit *test)
{
	static const struct kpool_params p = { .name = "hits", .size = SIZE };
	struct kpool *pool = pool_of(test, &p);
	void *obj;
	u64 misses;
	int i;

	if (!keeps(pool))
		return;	/* a bypassed pool has no hits */
	KUNIT_ASSERT_EQ(test, 0, kp_set_fault(to_pool(pool), KP_FAIL_GET, 1));
	KUNIT_EXPECT_EQ(test, get_plain(pool, &obj), -ENOMEM);
	KUNIT_ASSERT_EQ(test, 0, kp_set_fault(to_pool(pool), KP_FAIL_GET, 0));
	pin(test, raw_smp_processor_id());
	for (i = 0; i < 3; i++) {
		misses = figure(pool, get_misses);
		KUNIT_ASSERT_EQ(test, 0, get_plain(pool, &obj));
		kpool_put(pool, obj);
	}
	KUNIT_EXPECT_EQ(test, figure(pool, get_misses), misses);
}

static void builds_fail(struct kunit *test)
{
	static const struct kpool_params p = { .name = "fails", .size = SIZE };
	struct kpool *pool = pool_of(test, &p);
	unsigned int i, n = 0;
	void *objs[OBJS];

	KUNIT_ASSERT_EQ(test, 0, kp_set_fault(to_pool(pool), KP_FAIL_BUILD, 2));
	for (i = 0; i < OBJS; i++) {
		int err = get_plain(pool, &objs[n]);

		KUNIT_EXPECT_EQ(test, err, i % 2 ? -ENOMEM : 0);
		n += !err;
	}
	KUNIT_EXPECT_EQ(test, figure(pool, build_failures), (u64)OBJS / 2);
	KUNIT_EXPECT_EQ(test, figure(pool, faults), (u64)OBJS / 2);
	put_all(pool, objs, n);
	/* A get finds an idle object in place of memory. */
	if (keeps(pool))
		get_all(test, pool, objs, n);
	else
		n = 0;
	put_all(pool, objs, n);
	expect_in_use(test, pool, 0);
}

/* A waiting get has the memory that the reserve guarantees. */
static void reserve_is_safe_from_failing_builds(struct kunit *test)
{
	static const struct kpool_params p = { .name = "fails", .size = SIZE, .reserve = 2 };
	struct kpool *pool = pool_of(test, &p);
	void *objs[2];
	unsigned int i;

	KUNIT_ASSERT_EQ(test, 0, kp_set_fault(to_pool(pool), KP_FAIL_BUILD, 1));
	for (i = 0; i < OBJS; i++) {
		KUNIT_ASSERT_EQ(test, 0, get_forever(pool, objs));
		KUNIT_ASSERT_EQ(test, 0, get_forever(pool, objs + 1));
		kpool_discard(pool, objs[0]);
		kpool_put(pool, objs[1]);
	}
	expect_in_use(test, pool, 0);
}

static void ctors_fail(struct kunit *test)
{
	static const struct kpool_params p = { .name = "fails", .size = SIZE,
					       .ops = &consumer_ops };
	struct consumer *consumer = zalloc_for(test, struct consumer);
	struct kpool *pool = pool_of_consumer(test, &p, consumer);
	void *objs[4];

	KUNIT_ASSERT_EQ(test, 0, kp_set_fault(to_pool(pool), KP_FAIL_CTOR, 4));
	/* The fourth ctor is not called. The objects of the first three are torn down. */
	KUNIT_EXPECT_EQ(test, kpool_get_bulk(pool, GFP_KERNEL, objs, 4), -ENOMEM);
	KUNIT_EXPECT_EQ(test, atomic_read(&consumer->ctors), 3);
	KUNIT_EXPECT_EQ(test, atomic_read(&consumer->dtors), 3);
	KUNIT_EXPECT_EQ(test, figure(pool, ctor_failures), 1ULL);
	KUNIT_EXPECT_EQ(test, figure(pool, faults), 1ULL);
	expect_whole(test, pool, consumer);
}

static void magazines_fail(struct kunit *test)
{
	static const struct kpool_params p = { .name = "fails", .size = SIZE, .magazine = 4 };
	struct kpool *pool = pool_of(test, &p);
	void *objs[OBJS];

	if (!keeps(pool))
		return;	/* a bypassed pool has no magazines */
	get_all(test, pool, objs, OBJS);
	KUNIT_ASSERT_EQ(test, 0, kp_set_fault(to_pool(pool), KP_FAIL_MAGAZINE, 1));
	put_all(pool, objs, OBJS);
	KUNIT_EXPECT_EQ(test, figure(pool, no_magazine), (u64)OBJS);
	KUNIT_EXPECT_EQ(test, figure(pool, faults), (u64)OBJS);
	expect_in_use(test, pool, 0);
	KUNIT_ASSERT_EQ(test, 0, kp_set_fault(to_pool(pool), KP_FAIL_MAGAZINE, 0));
	get_all(test, pool, objs, OBJS);
	put_all(pool, objs, OBJS);
	KUNIT_EXPECT_EQ(test, figure(pool, no_magazine), (u64)OBJS);
	expect_idle(test, pool, OBJS);
}

/* The pool ends with the last put, and its faults with the pool. */
static void pool_ends_with_its_faults(struct kunit *test)
{
	static const struct kpool_params p = { .name = "ends", .size = SIZE };
	struct kpool *pool = create(&p);
	struct kp_pool *kp;
	void *obj;

	KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
	kp = to_pool(pool);
	KUNIT_EXPECT_EQ(test, 0, kp_set_fault(kp, KP_FAIL_GET, ONE_IN));
	KUNIT_ASSERT_EQ(test, 0, get_plain(pool, &obj));
	KUNIT_EXPECT_EQ(test, kpool_destroy(pool), 1UL);
	KUNIT_EXPECT_EQ(test, kp_set_fault(kp, KP_FAIL_GET, ONE_IN), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, kp_set_fault(kp, KP_FAIL_GET, 0), 0);
	kpool_put(pool, obj);
}

static void load_step(struct member *m)
{
	struct kpool *pool = m->ctx;
	void *objs[2];
	int err;

	if (m->steps % 2)
		err = kpool_get_bulk(pool, GFP_KERNEL, objs, 2);
	else
		err = kpool_get_bulk_timeout(pool, GFP_KERNEL, objs, 2, 1);
	if (err)
		return;
	if (m->steps % 7)
		kpool_put_bulk(pool, objs, 2);
	else
		put_all(pool, objs, 2);
}

static const struct duty load_duty = { .step = load_step };

static const struct kpool_params loaded[] = {
	{ .name = "plain", .size = SIZE, .magazine = 4 },
	{ .name = "built", .size = SIZE, .magazine = 4, .ops = &consumer_ops },
	{ .name = "tight", .size = SIZE, .max = 5 },
	{ .name = "reserve", .size = SIZE, .reserve = 4, .ops = &consumer_ops },
	{ .name = "in-worker", .size = SIZE, .flags = KPOOL_BUILD_IN_WORKER, .max = 8,
	  .ops = &consumer_ops },
};

KUNIT_ARRAY_PARAM_DESC(loaded, loaded, name);

/* All faults begin and end again and again while threads get and put. Nothing is lost. */
static void nothing_is_lost_under_load(struct kunit *test)
{
	const struct kpool_params *p = test->param_value;
	struct consumer *consumer = zalloc_for(test, struct consumer);
	struct kpool *kpool = pool_of_consumer(test, p, consumer);
	unsigned int i, rounds = is_full_run() ? 1000 : 100;
	struct kp_pool *pool = to_pool(kpool);
	struct team *team;

	team = team_start(test, &load_duty, kpool, U64_MAX);
	for (i = 0; i < rounds; i++) {
		KUNIT_EXPECT_EQ(test, 0, kp_set_fault(pool, i % KP_FAULTS_END, i % 4));
		if (i % 16 == 0)
			kpool_trim(kpool);
		usleep_range(50, 200);
	}
	for (i = 0; i < KP_FAULTS_END; i++)
		KUNIT_EXPECT_EQ(test, 0, kp_set_fault(pool, i, 0));
	team_stop(team);
	KUNIT_EXPECT_GT(test, figure(kpool, faults), 0ULL);
	/* A worker may still build for a get that has left, or give away what it has built. */
	KUNIT_EXPECT_TRUE(test, spin_until(!figure(kpool, building) && !figure(kpool, in_use) &&
					   !atomic_read(&pool->active)));
	expect_in_use(test, kpool, 0);
	destroy(test, kpool);
	KUNIT_EXPECT_EQ(test, atomic_read(&consumer->ctors), atomic_read(&consumer->dtors));
	KUNIT_EXPECT_EQ(test, atomic_read(&consumer->wrongs), 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(gets_fail, way_gen_params),
	KUNIT_CASE(hits_come_back),
	KUNIT_CASE(builds_fail),
	KUNIT_CASE(reserve_is_safe_from_failing_builds),
	KUNIT_CASE(ctors_fail),
	KUNIT_CASE(magazines_fail),
	KUNIT_CASE(pool_ends_with_its_faults),
	KUNIT_CASE_PARAM(nothing_is_lost_under_load, loaded_gen_params),
	{}
};

struct kunit_suite fail_suite = {
	.name = "kpool_fail",
	.suite_exit = resume_ageing,
	.test_cases = cases,
};
