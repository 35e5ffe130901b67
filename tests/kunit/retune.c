// SPDX-License-Identifier: GPL-2.0-only
/* Limits that change while a pool is in use. */
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/prandom.h>
#include <linux/rcupdate.h>
#include <linux/sizes.h>

#include "base/clock.h"
#include "base/cpus.h"
#include "base/params.h"
#include "base/work.h"
#include "fixture.h"
#include "log.h"
#include "object/prefill.h"
#include "policy/age.h"
#include "policy/retune.h"
#include "pool.h"
#include "store/magazine.h"
#include "store/stats.h"
#include "store/waitlist.h"

#define OBJS	24

/* Pools of which each limit can change. */
static const struct kpool_params kinds[] = {
	{ .name = "plain", .size = 64, .max = KPOOL_UNLIMITED },
	{ .name = "small", .size = 64, .max = 4 * OBJS, .flags = KPOOL_ON_NODE },
	{ .name = "special", .size = 64, .max = KPOOL_UNLIMITED, .ops = &consumer_ops },
	{ .name = "mortal", .size = 64, .max = KPOOL_UNLIMITED, .idle_ms = KPOOL_UNLIMITED,
	  .lifetime_ms = KPOOL_UNLIMITED, .ops = &consumer_ops },
	{ .name = "pages", .size = 8192, .max = KPOOL_UNLIMITED, .ops = &consumer_ops },
	{ .name = "sleeping", .size = 64, .max = KPOOL_UNLIMITED, .flags = KPOOL_SLEEPING,
	  .ops = &consumer_ops },
	{ .name = "anyctx", .size = 64, .max = KPOOL_UNLIMITED, .flags = KPOOL_ANYCTX },
	{ .name = "bypassed", .size = 64, .max = KPOOL_UNLIMITED, .flags = KPOOL_BYPASS,
	  .ops = &consumer_ops },
};

KUNIT_ARRAY_PARAM_DESC(kind, kinds, name);

static struct kpool *pool_of_kind(struct kunit *test)
{
	return pool_of_consumer(test, test->param_value, zalloc_for(test, struct consumer));
}

/* Sets one limit, and leaves the others as they are. */
#define SET(test, pool, ...)							\
do {										\
	struct kpool_limits __l;						\
										\
	kpool_limits(pool, &__l);						\
	__l.__VA_ARGS__;							\
	KUNIT_ASSERT_EQ(test, 0, kpool_retune(pool, &__l));			\
} while (0)

/* Checks the counts that max_idle relies on, of a quiet pool. */
static void expect_counted(struct kunit *test, struct kpool *kpool)
{
	struct kp_pool *pool = to_pool(kpool);
	unsigned int i, magazine = pool->magazine;
	unsigned long n = kp_reserve_idle(pool);
	struct kpool_cpu *c;
	int cpu;

	for (i = 0; i < pool->nr_depots; i++)
		n += pool->depots[i].objects;
	KUNIT_EXPECT_EQ(test, atomic_long_read(&pool->depot_idle),
			pool->depot_max == ROOM_ANY ? 0L : (long)n);
	for_each_possible_cpu(cpu) {
		c = per_cpu_ptr(kpool->cpu, cpu);
		KUNIT_EXPECT_LE(test, kp_cpu_loaded(c), kp_cpu_capacity(c));
		KUNIT_EXPECT_LE(test, kp_cpu_capacity(c), magazine);
		if (c->spare)
			KUNIT_EXPECT_LE(test, c->spare->count, magazine);
	}
	KUNIT_EXPECT_EQ(test, (u64)atomic_long_read(&pool->kept), figure(kpool, existing));
	if (pool->max)
		KUNIT_EXPECT_LE(test, figure(kpool, existing), (u64)pool->max);
	if (pool->max_idle)
		KUNIT_EXPECT_LE(test, figure(kpool, idle),
				pool->max_idle == KPOOL_KEEP_NONE ? 0ULL : (u64)pool->max_idle);
}

static void expect_quiet(struct kunit *test, struct kpool *pool, u64 in_use)
{
	expect_in_use(test, pool, in_use);
	expect_counted(test, pool);
}

/* Checks the consumer's counts at the end of a test. */
static void expect_end(struct kunit *test, struct kpool *pool)
{
	struct consumer *consumer = to_pool(pool)->ctx;

	expect_quiet(test, pool, 0);
	destroy(test, pool);
	KUNIT_EXPECT_EQ(test, atomic_read(&consumer->dtors), atomic_read(&consumer->ctors));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&consumer->wrongs));
}

static void get_and_put(struct kunit *test, struct kpool *pool, void **objs, unsigned int n)
{
	get_all(test, pool, objs, n);
	put_all(pool, objs, n);
	kp_defer_sync(to_pool(pool));
}

/* The limits that a caller may write. kpool writes the rest. */
#define WRITTEN		offsetof(struct kpool_limits, magazine_now)

static void limits_read_as_they_were_written(struct kunit *test)
{
	const struct kpool_params p = {
		.name = "read", .size = 64, .magazine = 4, .min_idle = 3, .max_idle = 1000,
		.max = 2000, .reserve = 5, .idle_ms = 60000, .lifetime_ms = 70000,
	};
	const struct kpool_limits created = { 3, 1000, 2000, 5, 60000, 70000, 4 };
	const struct kpool_limits others = { 4, 2000, 1000, 6, 50000, 80000, 2 };
	const struct kpool_limits none = { .idle_ms = KPOOL_UNLIMITED };
	struct kpool *pool = pool_of(test, &p);
	struct kpool_limits now;

	kpool_limits(pool, &now);
	KUNIT_EXPECT_EQ(test, 0, memcmp(&now, &created, WRITTEN));
	KUNIT_EXPECT_EQ(test, 0, kpool_retune(pool, &others));
	kpool_limits(pool, &now);
	KUNIT_EXPECT_EQ(test, 0, memcmp(&now, &others, WRITTEN));
	KUNIT_EXPECT_EQ(test, 0, kpool_retune(pool, &none));
	kpool_limits(pool, &now);
	KUNIT_EXPECT_EQ(test, 0, memcmp(&now, &none, WRITTEN));
	KUNIT_EXPECT_EQ(test, 0, kpool_retune(pool, &created));
	expect_quiet(test, pool, 0);
}

struct refusal {
	const char *what;
	struct kpool_params p;
	struct kpool_limits l;
	int err;
};

#define MADE(...)	{ .name = "refuses", .size = 64, __VA_ARGS__ }
#define TO(...)		{ __VA_ARGS__ }

static const struct refusal refusals[] = {
	{ "min_idle over max", MADE(.max = 10), TO(.max = 10, .min_idle = 11), -EINVAL },
	{ "min_idle over max_idle", MADE(), TO(.max_idle = 3, .min_idle = 4), -EINVAL },
	{ "min_idle absurd", MADE(), TO(.min_idle = KPOOL_UNLIMITED), -EINVAL },
	{ "min_idle beyond memory", MADE(), TO(.min_idle = INT_MAX), -EINVAL },
	{ "max absurd", MADE(.max = 10), TO(.max = INT_MAX + 1U), -EINVAL },
	{ "reserve over max", MADE(.max = 10), TO(.max = 10, .reserve = 11), -EINVAL },
	{ "magazine over max", MADE(.max = 1000, .magazine = 4), TO(.max = 8, .magazine = 4),
	  -EINVAL },
	{ "magazine over max_idle", MADE(.magazine = 4), TO(.max_idle = 8, .magazine = 4),
	  -EINVAL },
	{ "idle_ms absurd", MADE(.idle_ms = 9), TO(.idle_ms = INT_MAX + 1U), -EINVAL },
	{ "lifetime_ms absurd", MADE(.lifetime_ms = 9), TO(.lifetime_ms = INT_MAX + 1U),
	  -EINVAL },
	{ "beyond no max", MADE(.max = 10, .flags = KPOOL_OVERFLOW), TO(.max = 0), -EINVAL },
	{ "beyond max none", MADE(.max = 10, .flags = KPOOL_OVERFLOW), TO(.max = KPOOL_UNLIMITED),
	  -EINVAL },
	{ "max, made without", MADE(), TO(.max = 10), -EOPNOTSUPP },
	{ "reserve, made without", MADE(), TO(.reserve = 1), -EOPNOTSUPP },
	{ "reserve, made without, in a worker",
	  MADE(.max = 10, .flags = KPOOL_BUILD_IN_WORKER, .ops = &consumer_ops),
	  TO(.max = 10, .reserve = 1), -EOPNOTSUPP },
	{ "idle_ms, made without", MADE(.lifetime_ms = 1), TO(.idle_ms = 1), -EOPNOTSUPP },
	{ "lifetime_ms, made without", MADE(.idle_ms = 1), TO(.lifetime_ms = 1), -EOPNOTSUPP },
	{ "magazine, made smaller", MADE(.magazine = 4), TO(.magazine = 5), -EOPNOTSUPP },
};

KUNIT_ARRAY_PARAM_DESC(refusal, refusals, what);

static void refused_limits_change_nothing(struct kunit *test)
{
	const struct refusal *r = test->param_value;
	struct kpool_params p = r->p;
	struct kpool *pool;
	struct kpool_limits before, after;
	unsigned int magazine;
	u64 idle;

	p.ctx = zalloc_for(test, struct consumer);
	pool = filled_pool(test, &p, 4);
	idle = figure(pool, idle);
	magazine = to_pool(pool)->magazine;
	kpool_limits(pool, &before);
	KUNIT_EXPECT_EQ(test, kpool_retune(pool, &r->l), r->err);
	kpool_limits(pool, &after);
	KUNIT_EXPECT_EQ(test, 0, memcmp(&before, &after, sizeof(before)));
	KUNIT_EXPECT_EQ(test, to_pool(pool)->magazine, magazine);
	expect_idle(test, pool, idle);
	expect_quiet(test, pool, 0);
}

/* A limit that is not given keeps its value. The value in its place is ignored. */
static void some_limits_leave_the_others(struct kunit *test)
{
	const struct kpool_params p = {
		.name = "some", .size = 64, .magazine = 4, .min_idle = 3, .max_idle = 1000,
		.max = 2000, .reserve = 5, .idle_ms = 60000, .lifetime_ms = 70000,
	};
	const struct kpool_limits wrong = { -2U, -2U, -2U, -2U, -2U, -2U, -2U };
	struct kpool *pool = pool_of(test, &p);
	struct kpool_limits l, wanted, now;
	struct kp_reason why;

	kpool_limits(pool, &wanted);
	wanted.max = 1500;
	l = wrong;
	l.max = wanted.max;
	KUNIT_EXPECT_EQ(test, 0, kp_retune(to_pool(pool), &l, KPOOL_LIMIT_MAX, &why));
	kpool_limits(pool, &now);
	KUNIT_EXPECT_EQ(test, 0, memcmp(&now, &wanted, sizeof(now)));
	wanted.idle_ms = 0;
	wanted.min_idle = 1;
	l = wrong;
	l.idle_ms = wanted.idle_ms;
	l.min_idle = wanted.min_idle;
	KUNIT_EXPECT_EQ(test, 0, kp_retune(to_pool(pool), &l,
					   KPOOL_LIMIT_MIN_IDLE | KPOOL_LIMIT_IDLE_MS, &why));
	kpool_limits(pool, &now);
	KUNIT_EXPECT_EQ(test, 0, memcmp(&now, &wanted, sizeof(now)));
	expect_quiet(test, pool, 0);
}

static void reason_names_what_does_not_go_together(struct kunit *test)
{
	const struct kpool_params p = { .name = "reason", .size = 64, .max = 10, .reserve = 3 };
	const struct kpool_limits l = { .max = 2, .reserve = 20 };
	struct kpool *pool = pool_of(test, &p);
	struct kp_reason why;

	KUNIT_EXPECT_EQ(test, -EINVAL, kp_retune(to_pool(pool), &l, KPOOL_LIMIT_RESERVE, &why));
	KUNIT_EXPECT_STREQ(test, why.text, "reserve: 20 is more than max, which is 10");
	KUNIT_EXPECT_EQ(test, why.about, (unsigned int)(KPOOL_LIMIT_RESERVE | KPOOL_LIMIT_MAX));
	KUNIT_EXPECT_EQ(test, -EINVAL, kp_retune(to_pool(pool), &l, KPOOL_LIMIT_MAX, &why));
	KUNIT_EXPECT_STREQ(test, why.text, "reserve: 3 is more than max, which is 2");
	expect_quiet(test, pool, 0);
}

/* A pool may always be told that it has no limit, also of a kind that the pool cannot have. */
static void no_limit_is_never_refused(struct kunit *test)
{
	const struct kpool_params p = { .name = "no-limit", .size = 64 };
	const struct kpool_limits none = {
		.max = KPOOL_UNLIMITED, .idle_ms = KPOOL_UNLIMITED, .lifetime_ms = KPOOL_UNLIMITED,
	};
	struct kpool *pool = pool_of(test, &p);

	KUNIT_EXPECT_EQ(test, 0, kpool_retune(pool, &none));
	KUNIT_EXPECT_EQ(test, 0, kpool_retune(pool, &(struct kpool_limits){ }));
}

static void pool_at_its_end_is_not_retuned(struct kunit *test)
{
	const struct kpool_params p = { .name = "ends", .size = 64 };
	struct kpool *pool = pool_of(test, &p);
	void *obj;

	get_all(test, pool, &obj, 1);
	destroy(test, pool);
	KUNIT_EXPECT_EQ(test, kpool_retune(pool, &(struct kpool_limits){ }), -ESHUTDOWN);
	kpool_put(pool, obj);
}

static void raised_max_wakes_who_waits(struct kunit *test)
{
	struct kpool *pool = pool_of_kind(test);
	struct getter *waitlist[4];
	void *objs[4];
	unsigned int i;

	SET(test, pool, max = 4);
	exhaust(test, pool, objs, 4);
	KUNIT_EXPECT_PTR_EQ(test, kpool_get(pool, GFP_NOWAIT), ERR_PTR(-EBUSY));
	for (i = 0; i < ARRAY_SIZE(waitlist); i++)
		waitlist[i] = waiter_start(test, pool, 1, FOR_EVER, TASK_UNINTERRUPTIBLE);
	SET(test, pool, max = 6);
	KUNIT_EXPECT_TRUE(test, came(waitlist[0]) && came(waitlist[1]));
	KUNIT_EXPECT_EQ(test, waiting(pool), 2U);
	SET(test, pool, max = 0);
	for (i = 0; i < ARRAY_SIZE(waitlist); i++) {
		KUNIT_EXPECT_TRUE(test, came(waitlist[i]));
		KUNIT_EXPECT_EQ(test, waitlist[i]->err, 0);
	}
	for (i = 0; i < ARRAY_SIZE(waitlist); i++)
		getter_end(test, waitlist[i]);
	put_all(pool, objs, ARRAY_SIZE(objs));
	expect_end(test, pool);
}

static void lowered_max_is_reached_as_objects_come_back(struct kunit *test)
{
	struct kpool *pool = pool_of_kind(test);
	void **objs = room_for(test, OBJS);
	unsigned int i;

	get_all(test, pool, objs, OBJS);
	SET(test, pool, max = 8);
	KUNIT_EXPECT_EQ(test, figure(pool, existing), (u64)OBJS);
	KUNIT_EXPECT_PTR_EQ(test, kpool_get(pool, GFP_KERNEL), ERR_PTR(-EBUSY));
	for (i = 0; i < OBJS; i++) {
		put_on(test, cpu_in_turn(i), pool, objs + i, 1);
		kp_defer_sync(to_pool(pool));
		KUNIT_EXPECT_LE(test, figure(pool, existing), (u64)max(OBJS - 1 - i, 8U));
	}
	if (keeps(pool))
		KUNIT_EXPECT_EQ(test, figure(pool, existing), 8ULL);
	expect_quiet(test, pool, 0);
	/* The same in bulk. Some of the objects are too many. */
	SET(test, pool, max = KPOOL_UNLIMITED);
	get_all(test, pool, objs, OBJS);
	SET(test, pool, max = 5);
	kpool_put_bulk(pool, objs, OBJS);
	expect_quiet(test, pool, 0);
	get_and_put(test, pool, objs, 5);
	expect_end(test, pool);
}

static void lowered_max_tears_down_what_is_idle(struct kunit *test)
{
	struct kpool *pool = pool_of_kind(test);
	void **objs = room_for(test, OBJS);
	unsigned int i;

	get_all(test, pool, objs, OBJS);
	for (i = 0; i < OBJS; i++)
		put_on(test, cpu_in_turn(i), pool, objs + i, 1);
	kp_defer_sync(to_pool(pool));
	SET(test, pool, max = 3);
	KUNIT_EXPECT_LE(test, figure(pool, existing), 3ULL);
	expect_idle(test, pool, 3);
	expect_end(test, pool);
}

/* Teardowns that wait until the test lets them go on. */
struct slow {
	struct completion may;
	atomic_t gone;
};

static void slow_dtor(void *obj, void *ctx)
{
	struct slow *slow = ctx;

	wait_for_completion(&slow->may);
	atomic_inc(&slow->gone);
}

/*
 * However long teardowns take, kpool tears down only as many objects as max asks for. It may
 * be expensive to build them again.
 */
static void slow_teardown_takes_no_others_along(struct kunit *test)
{
	static const struct kpool_ops ops = { .dtor = slow_dtor };
	struct slow *slow = zalloc_for(test, struct slow);
	struct kpool_params p = {
		.name = "slow", .size = 64, .max = OBJS, .ops = &ops, .ctx = slow,
		.flags = KPOOL_SLEEPING | (*(const unsigned int *)test->param_value),
	};
	void **objs = room_for(test, OBJS);
	struct kpool_limits l;
	struct kpool *pool;

	init_completion(&slow->may);
	pool = pool_of(test, &p);
	get_all(test, pool, objs, OBJS);
	SET(test, pool, max = OBJS - 3);
	if (keeps(pool)) {
		put_all(pool, objs, OBJS);
		KUNIT_EXPECT_EQ(test, figure(pool, idle), OBJS - 3ULL);
	}
	complete_all(&slow->may);
	if (!keeps(pool))
		put_all(pool, objs, OBJS);
	kp_defer_sync(to_pool(pool));
	expect_idle(test, pool, OBJS - 3);
	expect_quiet(test, pool, 0);
	KUNIT_EXPECT_EQ(test, figure(pool, destroyed), (u64)atomic_read(&slow->gone));
	/* Both limits ask for the same teardowns. Their numbers are not added. */
	kpool_limits(pool, &l);
	l.max = OBJS / 2;
	l.max_idle = OBJS / 2;
	KUNIT_EXPECT_EQ(test, 0, kpool_retune(pool, &l));
	expect_idle(test, pool, OBJS / 2);
	expect_quiet(test, pool, 0);
}

static const unsigned int beyond[] = { 0, KPOOL_OVERFLOW };

static void describe_beyond(const unsigned int *flags, char *desc)
{
	strscpy(desc, *flags ? "beyond max" : "bounded", KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(beyond, beyond, describe_beyond);

static void pool_beyond_max_has_another_max(struct kunit *test)
{
	const struct kpool_params p = {
		.name = "beyond", .size = 64, .max = 20, .flags = KPOOL_OVERFLOW,
		.ops = &consumer_ops,
	};
	struct kpool *pool = pool_of_consumer(test, &p, zalloc_for(test, struct consumer));
	void **objs = room_for(test, OBJS);

	get_and_put(test, pool, objs, 20);
	expect_idle(test, pool, 20);
	SET(test, pool, max = 7);
	expect_idle(test, pool, 7);
	get_and_put(test, pool, objs, OBJS);
	expect_idle(test, pool, 7);
	SET(test, pool, max = 12);
	get_and_put(test, pool, objs, OBJS);
	expect_idle(test, pool, 12);
	expect_end(test, pool);
}

/* Without this, a wait list that never gets empty would keep the objects that are too many. */
static void what_is_beyond_max_goes_before_who_waits_is_served(struct kunit *test)
{
	struct kpool *pool = pool_of_kind(test);
	struct getter *waiter;
	void *objs[4];

	SET(test, pool, max = 4);
	exhaust(test, pool, objs, 4);
	waiter = waiter_start(test, pool, 1, FOR_EVER, TASK_UNINTERRUPTIBLE);
	SET(test, pool, max = 2);
	put_all(pool, objs, 2);
	kp_defer_sync(to_pool(pool));
	KUNIT_EXPECT_EQ(test, waiting(pool), 1U);
	KUNIT_EXPECT_EQ(test, figure(pool, existing), 2ULL);
	kpool_put(pool, objs[2]);
	getter_end(test, waiter);
	KUNIT_EXPECT_EQ(test, waiter->err, 0);
	kpool_put(pool, objs[3]);
	expect_end(test, pool);
}

static void who_waits_for_more_than_max_is_sent_home(struct kunit *test)
{
	struct kpool *pool = pool_of_kind(test);
	struct getter *many, *few;
	void *objs[4];

	SET(test, pool, max = 4);
	exhaust(test, pool, objs, 4);
	many = waiter_start(test, pool, 4, FOR_EVER, TASK_UNINTERRUPTIBLE);
	few = waiter_start(test, pool, 3, FOR_EVER, TASK_UNINTERRUPTIBLE);
	kpool_put(pool, objs[0]);	/* the first waiter has it, and waits for more */
	SET(test, pool, max = 3);
	KUNIT_EXPECT_TRUE(test, came(many));
	KUNIT_EXPECT_EQ(test, many->err, -EINVAL);
	put_all(pool, objs + 1, 3);
	KUNIT_EXPECT_TRUE(test, came(few));
	KUNIT_EXPECT_EQ(test, few->err, 0);
	getter_end(test, many);
	getter_end(test, few);
	expect_end(test, pool);
}

static void max_idle_holds_whatever_it_was(struct kunit *test)
{
	static const unsigned int steps[] = {
		10, 0, 3, 100, 400, KPOOL_KEEP_NONE, 20, KPOOL_UNLIMITED, 0, 1, 0, 1000, 0,
	};
	struct kpool *pool = pool_of_kind(test);
	void **objs = room_for(test, 2 * OBJS);
	unsigned int i, j, most;

	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		SET(test, pool, magazine = 0);
		get_all(test, pool, objs, 2 * OBJS);
		for (j = 0; j < 2 * OBJS; j++)
			put_on(test, cpu_in_turn(j), pool, objs + j, 1);
		expect_quiet(test, pool, 0);
		SET(test, pool, max_idle = steps[i]);
		expect_quiet(test, pool, 0);
		get_and_put(test, pool, objs, 2 * OBJS);
		expect_quiet(test, pool, 0);
		most = steps[i] == KPOOL_KEEP_NONE ? 0 : steps[i] ?: 2 * OBJS;
		if (!to_pool(pool)->magazine)
			expect_idle(test, pool, min(most, 2U * OBJS));
	}
	expect_end(test, pool);
}

static void lowered_max_idle_is_counted_as_the_cause(struct kunit *test)
{
	const struct kpool_params p = { .name = "cause", .size = 64 };
	struct kpool *pool = filled_pool(test, &p, OBJS);
	u64 idle = figure(pool, idle);

	SET(test, pool, max_idle = 3);
	expect_idle(test, pool, 3);
	if (keeps(pool))
		KUNIT_EXPECT_EQ(test, figure(pool, over_max_idle), idle - 3);
	expect_quiet(test, pool, 0);
}

static void magazine_becomes_smaller_and_larger(struct kunit *test)
{
	static const unsigned int steps[] = { 1, 8, 2, 16, 3, 1, 16 };
	const struct kpool_params *kind = test->param_value;
	struct kpool_params p = *kind;
	void **objs = room_for(test, 5 * OBJS);
	struct kpool *pool;
	unsigned int i, j;
	u64 idle;

	p.magazine = 16;
	p.max = KPOOL_UNLIMITED;
	pool = pool_of_consumer(test, &p, zalloc_for(test, struct consumer));
	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		get_all(test, pool, objs, 5 * OBJS);
		for (j = 0; j < 5 * OBJS; j++)
			put_on(test, cpu_in_turn(j / 5), pool, objs + j, 1);
		idle = figure(pool, idle);
		SET(test, pool, magazine = steps[i]);
		KUNIT_EXPECT_EQ(test, to_pool(pool)->magazine, steps[i]);
		expect_idle(test, pool, idle);
		for (j = 0; j < 5 * OBJS; j++)
			get_on(test, cpu_in_turn(j / 3), pool, objs + j, 1);
		expect_quiet(test, pool, 5 * OBJS);
		put_all(pool, objs, 5 * OBJS);
		expect_quiet(test, pool, 0);
	}
	/* No magazines, because the bound leaves no room for them; then magazines again. */
	SET(test, pool, magazine = 0);
	SET(test, pool, max = 1);
	KUNIT_EXPECT_EQ(test, to_pool(pool)->magazine, 0U);
	get_and_put(test, pool, objs, 1);
	expect_quiet(test, pool, 0);
	SET(test, pool, max = 0);
	KUNIT_EXPECT_GT(test, to_pool(pool)->magazine, 0U);
	get_and_put(test, pool, objs, 5 * OBJS);
	expect_end(test, pool);
}

struct retuning {
	struct work_struct work;
	struct kpool *pool;
	unsigned int magazine;
	int err;
};

static void retune_work(struct work_struct *work)
{
	struct retuning *r = container_of(work, struct retuning, work);
	const struct kpool_limits limits = { .magazine = r->magazine };

	r->err = kpool_retune_some(r->pool, &limits, KPOOL_LIMIT_MAGAZINE);
}

/*
 * The depots have less room before magazines become larger, because max_idle holds at any time. The
 * test is an RCU reader, so it sees the moment at which the size of magazines changes.
 */
static void depots_make_room_for_larger_magazines(struct kunit *test)
{
	const unsigned int cpus = num_possible_cpus();
	const struct kpool_params p = { .name = "larger", .size = 64, .magazine = 8,
					.max_idle = 64 * cpus };
	struct retuning *r = zalloc_for(test, struct retuning);
	struct kp_pool *pool;
	bool larger;
	int beside;
	long room;

	beside = cpu_beside(test, raw_smp_processor_id());
	pin(test, raw_smp_processor_id());
	r->pool = pool_of(test, &p);
	pool = to_pool(r->pool);
	SET(test, r->pool, magazine = 2);
	KUNIT_EXPECT_EQ(test, pool->depot_max, 60L * cpus);
	r->magazine = 8;
	INIT_WORK(&r->work, retune_work);
	rcu_read_lock();
	schedule_work_on(beside, &r->work);
	larger = spin_until(READ_ONCE(pool->magazine) == 8);
	room = READ_ONCE(pool->depot_max);
	rcu_read_unlock();
	flush_work(&r->work);
	KUNIT_EXPECT_TRUE(test, larger);
	KUNIT_EXPECT_EQ(test, room, 48L * cpus);
	KUNIT_EXPECT_EQ(test, 0, r->err);
}

static void min_idle_is_built_and_let_go(struct kunit *test)
{
	struct kpool *pool = pool_of_kind(test);

	SET(test, pool, min_idle = 9);
	expect_idle(test, pool, 9);
	SET(test, pool, max_idle = 12);
	expect_idle(test, pool, 9);
	kp_age_pass();
	kp_age_pass();
	kp_defer_sync(to_pool(pool));
	expect_idle(test, pool, 9);
	SET(test, pool, min_idle = 2);
	kp_age_pass();
	kp_age_pass();
	kp_defer_sync(to_pool(pool));
	expect_idle(test, pool, 2);
	expect_end(test, pool);
}

static void reserve_is_built_and_let_go(struct kunit *test)
{
	struct kpool *pool = pool_of_kind(test);
	bool memory = to_pool(pool)->stamped;
	void *objs[8];

	get_and_put(test, pool, objs, 2);
	SET(test, pool, reserve = 6);
	KUNIT_EXPECT_LE(test, kp_reserve_missing(to_pool(pool)), 0L);
	kpool_trim(pool);
	KUNIT_EXPECT_EQ(test, kp_reserve_missing(to_pool(pool)), 0L);
	KUNIT_EXPECT_EQ(test, figure(pool, existing), memory ? 0ULL : 6ULL);
	SET(test, pool, reserve = 2);
	kpool_trim(pool);
	KUNIT_EXPECT_EQ(test, figure(pool, existing), memory ? 0ULL : 2ULL);
	KUNIT_EXPECT_EQ(test, to_pool(pool)->waitlist->pieces, memory ? 2UL : 0UL);
	get_and_put(test, pool, objs, 8);
	SET(test, pool, reserve = 0);
	kpool_trim(pool);
	KUNIT_EXPECT_EQ(test, figure(pool, existing), 0ULL);
	KUNIT_EXPECT_EQ(test, to_pool(pool)->waitlist->pieces, 0UL);
	expect_end(test, pool);
}

/* The call of an administrator. A worker builds later what a reserve lacks. */
static int set_reserve(struct kpool *pool, unsigned int reserve)
{
	const struct kpool_limits limits = { .reserve = reserve };
	struct kp_reason why;

	return kp_retune(to_pool(pool), &limits, KPOOL_LIMIT_RESERVE, &why);
}

/* The memory that a smaller reserve does not need is freed. The rest of it stays. */
static void reserve_lets_memory_go(struct kunit *test)
{
	const struct kpool_params p = { .name = "memory", .size = 64, .idle_ms = 600000,
					.reserve = 6 };
	struct kpool *pool = pool_of(test, &p);

	KUNIT_EXPECT_EQ(test, to_pool(pool)->waitlist->pieces, 6UL);
	KUNIT_EXPECT_EQ(test, 0, set_reserve(pool, 2));
	KUNIT_EXPECT_EQ(test, to_pool(pool)->waitlist->pieces, 2UL);
}

/* Ageing looks at once, although it would have had nothing to do for long. */
static void ages_are_looked_at_at_once(struct kunit *test)
{
	const struct kpool_params p = { .name = "aged", .size = 64, .idle_ms = 600000 };
	struct kpool *pool = pool_of(test, &p);
	void *obj;

	get_and_put(test, pool, &obj, 1);
	KUNIT_EXPECT_TRUE(test, to_pool(pool)->expected);
	to_pool(pool)->due = kp_now() + msecs_to_jiffies(600000);
	SET(test, pool, idle_ms = 500000);
	KUNIT_EXPECT_FALSE(test, time_after(to_pool(pool)->due, kp_now()));
	expect_quiet(test, pool, 0);
}

/* Once the background finds the expired objects, once a get does. */
static void ages_hold_for_what_is_idle_already(struct kunit *test)
{
	struct kpool *pool = pool_of_consumer(test, &kinds[3], zalloc_for(test, struct consumer));
	void **objs = room_for(test, OBJS);
	bool kept = keeps(pool);

	get_and_put(test, pool, objs, OBJS);
	msleep(40);
	SET(test, pool, idle_ms = 20);
	get_all(test, pool, objs, 1);
	kp_defer_sync(to_pool(pool));
	KUNIT_EXPECT_EQ(test, !!figure(pool, idle_expired), kept);
	kpool_put(pool, objs[0]);
	msleep(40);
	kp_age_pass();
	kp_defer_sync(to_pool(pool));
	expect_idle(test, pool, 0);

	SET(test, pool, idle_ms = KPOOL_UNLIMITED);
	get_and_put(test, pool, objs, OBJS);
	msleep(40);
	SET(test, pool, lifetime_ms = 20);
	kp_age_pass();
	kp_defer_sync(to_pool(pool));
	expect_idle(test, pool, 0);
	KUNIT_EXPECT_EQ(test, figure(pool, lifetime_expired), kept ? (u64)OBJS : 0ULL);

	SET(test, pool, lifetime_ms = 0);
	get_and_put(test, pool, objs, OBJS);
	msleep(40);
	get_and_put(test, pool, objs, OBJS);
	KUNIT_EXPECT_EQ(test, figure(pool, lifetime_expired), kept ? (u64)OBJS : 0ULL);
	expect_idle(test, pool, OBJS);
	expect_end(test, pool);
}

#define HELD	12
#define STEPS	(is_full_run() ? 40000 : 1000)
#define CHANGES	(is_full_run() ? 400 : 20)

/* A pool that all CPUs use while its limits change. Some of them wait. */
struct market {
	struct kpool *pool;
	atomic_t twice, failed, waited;
};

struct trader {
	unsigned int n;
	struct object *held[HELD];
};

static void take(struct market *market, struct trader *t, void **objs, unsigned int n)
{
	while (n--) {
		if (!taken(market->pool, objs[n]))
			atomic_inc(&market->twice);
		t->held[t->n++] = objs[n];
	}
}

static void trader_get(struct member *m, unsigned int n)
{
	struct market *market = m->ctx;
	struct trader *t = m->priv;
	long timeout = prandom_u32_state(&m->rnd) % 4;
	void *objs[HELD];
	int err;

	if (t->n + n > HELD)
		return;
	if (n == 1) {
		objs[0] = timeout == 3 ? kpool_get(market->pool, GFP_NOWAIT) :
				  kpool_get_timeout(market->pool, GFP_KERNEL, timeout);
		err = PTR_ERR_OR_ZERO(objs[0]);
	} else {
		err = kpool_get_bulk_timeout(market->pool, GFP_KERNEL, objs, n, timeout);
	}
	if (!err)
		take(market, t, objs, n);
	else if (err == -ETIMEDOUT)
		atomic_inc(&market->waited);
	else if (err != -EBUSY && err != -EINVAL && err != -ENOMEM)
		atomic_inc(&market->failed);
}

static void trader_put(struct market *market, struct trader *t, unsigned int n)
{
	void *objs[HELD];
	unsigned int i;

	n = min(n, t->n);
	for (i = 0; i < n; i++) {
		objs[i] = t->held[--t->n];
		if (!given(objs[i]))
			atomic_inc(&market->twice);
	}
	if (n == 1)
		kpool_put(market->pool, objs[0]);
	else
		kpool_put_bulk(market->pool, objs, n);
}

static void trade(struct member *m)
{
	u32 r;

	catch_up(m, ((struct market *)m->ctx)->pool);
	r = prandom_u32_state(&m->rnd);
	if (r % 2)
		trader_get(m, r & 4 ? 1 : 1 + (r >> 8) % 6);
	else
		trader_put(m->ctx, m->priv, r & 4 ? 1 : (r >> 8) % HELD);
}

static void trader_finish(struct member *m)
{
	trader_put(m->ctx, m->priv, HELD);
}

static const struct duty trader = {
	.priv_size = sizeof(struct trader), .step = trade, .finish = trader_finish,
};

/* Threads of which each changes one limit of its own. Only two of them do. */
struct owners {
	struct kpool *pool;
	atomic_t n;
	atomic_t undone;		/* values that somebody else changed */
	atomic_t failed;
};

struct owner {
	unsigned int number, value;
};

static void owner_start(struct member *m)
{
	struct owners *owners = m->ctx;
	struct owner *owner = m->priv;

	owner->number = atomic_inc_return(&owners->n);
}

static unsigned int *own_limit(const struct owner *owner, struct kpool_limits *limits)
{
	return owner->number == 1 ? &limits->max : &limits->idle_ms;
}

static void change_own_limit(struct member *m)
{
	struct owners *owners = m->ctx;
	struct owner *owner = m->priv;
	struct kpool_limits limits = { };
	unsigned int given = owner->number == 1 ? KPOOL_LIMIT_MAX : KPOOL_LIMIT_IDLE_MS;

	if (owner->number > 2)
		return;
	kpool_limits(owners->pool, &limits);
	if (owner->value && *own_limit(owner, &limits) != owner->value)
		atomic_inc(&owners->undone);
	owner->value = 1000 + m->steps % 1000;
	limits = (struct kpool_limits){ };
	*own_limit(owner, &limits) = owner->value;
	if (kpool_retune_some(owners->pool, &limits, given))
		atomic_inc(&owners->failed);
}

static const struct duty limit_owner = {
	.priv_size = sizeof(struct owner), .start = owner_start, .step = change_own_limit,
};

static void changes_of_one_limit_undo_no_other(struct kunit *test)
{
	const struct kpool_params p = {
		.name = "owned", .size = 64, .max = KPOOL_UNLIMITED, .idle_ms = KPOOL_UNLIMITED,
		.min_idle = 3,
	};
	struct owners *owners = zalloc_for(test, struct owners);
	struct kpool_limits now;
	struct team *team;

	owners->pool = pool_of(test, &p);
	team = team_start(test, &limit_owner, owners, 300);
	team_wait(team);
	team_stop(team);

	KUNIT_EXPECT_EQ(test, 0, atomic_read(&owners->undone));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&owners->failed));
	kpool_limits(owners->pool, &now);
	KUNIT_EXPECT_EQ(test, now.min_idle, 3U);
}

static void limits_that_do_not_exist_are_refused(struct kunit *test)
{
	const struct kpool_params p = { .name = "unknown", .size = 64, .max = 10 };
	struct kpool *pool = pool_of(test, &p);
	struct kpool_limits limits = { .max = 20 }, now;

	KUNIT_EXPECT_EQ(test, -EINVAL,
			kpool_retune_some(pool, &limits, KPOOL_LIMIT_MAX | BIT(30)));
	KUNIT_EXPECT_EQ(test, 0, kpool_retune_some(pool, &limits, 0));
	kpool_limits(pool, &now);
	KUNIT_EXPECT_EQ(test, now.max, 10U);
}

static unsigned int one_of(struct rnd_state *rnd, const unsigned int *from, unsigned int n)
{
	return from[prandom_u32_state(rnd) % n];
}

/* Tries limits of which some contradict each other. Returns whether kpool took them. */
static bool retune_somehow(struct kpool *pool, struct rnd_state *rnd)
{
	static const unsigned int few[] = { 0, 0, 1, 4, 9 };
	static const unsigned int magazines[] = { 0, 0, 0, 1, 2, 5 };
	static const unsigned int maxes[] = { 0, 6, 9, 15, 40, 100, 300, KPOOL_UNLIMITED };
	static const unsigned int max_idles[] = { 0, 6, 9, 15, 40, 100, 300, KPOOL_KEEP_NONE };
	static const unsigned int ages[] = { 0, KPOOL_UNLIMITED, 1, 10, 1000 };
	bool mortal = to_pool(pool)->stamped;
	const struct kpool_limits l = {
		.min_idle = one_of(rnd, few, ARRAY_SIZE(few)),
		.reserve = one_of(rnd, few, ARRAY_SIZE(few)),
		.magazine = one_of(rnd, magazines, ARRAY_SIZE(magazines)),
		.max = one_of(rnd, maxes, ARRAY_SIZE(maxes)),
		.max_idle = one_of(rnd, max_idles, ARRAY_SIZE(max_idles)),
		.idle_ms = mortal ? one_of(rnd, ages, ARRAY_SIZE(ages)) : 0,
		.lifetime_ms = mortal ? one_of(rnd, ages, ARRAY_SIZE(ages)) : 0,
	};

	return !kpool_retune(pool, &l);
}

static void limits_change_under_load(struct kunit *test)
{
	struct market *market = zalloc_for(test, struct market);
	const struct kpool_limits last = { .max = 10, .max_idle = 7, .reserve = 3 };
	const struct kpool_limits none = { };
	unsigned int taken = 0, refused = 0;
	struct rnd_state rnd;
	struct team *team;
	struct kpool *pool;

	prandom_seed_state(&rnd, 1);
	pool = pool_of_kind(test);
	market->pool = pool;
	team = team_start(test, &trader, market, STEPS);
	while (!team_did(team) || taken < CHANGES) {
		if (retune_somehow(pool, &rnd))
			taken++;
		else
			refused++;
	}
	KUNIT_EXPECT_EQ(test, 0, kpool_retune(pool, &last));
	team_stop(team);
	kunit_info(test, "limits changed %u times, refused %u, gets %llu, timed out %d, waits %llu\n",
		   taken, refused, figure(pool, gets), atomic_read(&market->waited),
		   figure(pool, waits));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&market->twice));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&market->failed));
	expect_quiet(test, pool, 0);
	/* If the reserve found no slot while others waited for slots, ageing fills it later. */
	kp_age_pass();
	kp_defer_sync(to_pool(pool));
	KUNIT_EXPECT_LE(test, kp_reserve_missing(to_pool(pool)), 0L);
	KUNIT_EXPECT_EQ(test, 0, kpool_retune(pool, &none));
	expect_end(test, pool);
}

/* Many CPUs are possible, and few are online. Only those that are online have a share of max. */
static void cpus_share_what_max_leaves(struct kunit *test)
{
	unsigned int before = READ_ONCE(kp_cpus), cpus = num_possible_cpus();
	const struct kpool_params few = { .name = "few-cpus", .size = 64, .max = 4 * cpus };
	const struct kpool_params many = { .name = "many-cpus", .size = 64, .max = 4 * cpus,
					   .max_idle = 4 * cpus };
	struct kpool *pool = pool_of(test, &few), *late;
	struct kpool_limits l;

	WRITE_ONCE(kp_cpus, cpus);
	kp_retune_magazines(to_pool(pool));
	KUNIT_EXPECT_EQ(test, to_pool(pool)->magazine, 1U);
	WRITE_ONCE(kp_cpus, 64 * cpus);
	kp_retune_magazines(to_pool(pool));
	KUNIT_EXPECT_EQ(test, to_pool(pool)->magazine, 0U);
	late = pool_of(test, &many);
	KUNIT_EXPECT_EQ(test, to_pool(late)->magazine, 0U);
	KUNIT_EXPECT_EQ(test, to_pool(late)->depot_max, 4L * cpus);
	/* A limit that an earlier number of CPUs allowed does not stop the change of another. */
	kpool_limits(pool, &l);
	l.min_idle = 1;
	KUNIT_EXPECT_EQ(test, kpool_retune(pool, &l), 0);
	WRITE_ONCE(kp_cpus, cpus);
	kp_retune_magazines(to_pool(pool));
	kp_retune_magazines(to_pool(late));
	WRITE_ONCE(kp_cpus, before);
	KUNIT_EXPECT_EQ(test, to_pool(pool)->magazine, 1U);
	KUNIT_EXPECT_EQ(test, to_pool(late)->magazine, 1U);
	KUNIT_EXPECT_EQ(test, to_pool(late)->depot_max, 2L * cpus);
}

/* A magazine that was asked for and fitted, but does not fit more CPUs. */
static void limits_change_while_more_cpus_are_online(struct kunit *test)
{
	unsigned int before = READ_ONCE(kp_cpus), cpus = num_possible_cpus();
	const struct kpool_params p = { .name = "asked", .size = 64, .magazine = 4,
					.max = bound_for(4) };
	struct kpool *pool = pool_of(test, &p);
	struct kpool_limits l;

	WRITE_ONCE(kp_cpus, 2 * cpus);
	kp_retune_magazines(to_pool(pool));
	KUNIT_EXPECT_EQ(test, to_pool(pool)->magazine, 2U);
	kpool_limits(pool, &l);
	KUNIT_EXPECT_EQ(test, l.magazine, 4U);
	l.idle_ms = 0;
	KUNIT_EXPECT_EQ(test, kpool_retune(pool, &l), 0);
	l.max--;
	KUNIT_EXPECT_EQ(test, kpool_retune(pool, &l), -EINVAL);
	WRITE_ONCE(kp_cpus, before);
	kp_retune_magazines(to_pool(pool));
	KUNIT_EXPECT_EQ(test, to_pool(pool)->magazine, 4U);
}

static const struct kpool_params heavy[] = {
	{ .name = "256K", .size = SZ_256K },
	{ .name = "512K", .size = SZ_512K },
	{ .name = "1M", .size = SZ_1M },
	{ .name = "2M", .size = SZ_2M },
	{ .name = "asked", .size = SZ_4K, .magazine = 1024 },
};

KUNIT_ARRAY_PARAM_DESC(heavy, heavy, name);

/* The two magazines of a CPU hold 2 MiB at most, however many objects a consumer asks for. */
static void magazines_are_bounded_in_bytes(struct kunit *test)
{
	const struct kpool_params *p = test->param_value;
	struct kp_pool *pool = to_pool(pool_of(test, p));

	KUNIT_EXPECT_LE(test, 2 * pool->magazine * p->size, (size_t)SZ_2M);
	KUNIT_EXPECT_GE(test, 2 * (pool->magazine + 1) * p->size, (size_t)SZ_2M);
}

/* cache_bytes made the magazine smaller than asked for. That is no reason to refuse max. */
static void magazine_that_was_made_smaller_refuses_nothing(struct kunit *test)
{
	const struct kpool_params p = { .name = "smaller", .size = SZ_64K, .magazine = 64,
					.max = KPOOL_UNLIMITED };
	struct kpool *pool = pool_of(test, &p);

	SET(test, pool, max = 10000);
	KUNIT_EXPECT_EQ(test, to_pool(pool)->max, 10000U);
	SET(test, pool, magazine = 4);
	if (keeps(pool))
		KUNIT_EXPECT_EQ(test, to_pool(pool)->magazine, 4U);
}

static const struct kpool_params bulked[] = {
	{ .name = "lowered", .size = 64, .max = OBJS },
	{ .name = "limited", .size = 64, .max = KPOOL_UNLIMITED },
};

KUNIT_ARRAY_PARAM_DESC(bulked, bulked, name);

/* The caller may have chosen the number before max became smaller. */
static void bulk_of_more_than_a_lowered_max_is_no_error_in_the_log(struct kunit *test)
{
	struct kpool *pool = pool_of(test, test->param_value);
	bool was_limited = to_pool(pool)->max;
	const char *says = "bulk get by";
	void **objs = room_for(test, OBJS + 1);
	const char *log;

	SET(test, pool, max = OBJS / 2);
	log_begin();
	KUNIT_EXPECT_EQ(test, kpool_get_bulk(pool, GFP_KERNEL, objs, OBJS), -EINVAL);
	KUNIT_EXPECT_EQ(test, kpool_get_bulk_timeout(pool, GFP_KERNEL, objs, OBJS, 1), -EINVAL);
	KUNIT_EXPECT_NULL(test, strstr(log_end(), says));
	/* No max of this pool allowed so many. */
	log_begin();
	KUNIT_EXPECT_EQ(test, kpool_get_bulk(pool, GFP_KERNEL, objs, OBJS + 1), -EINVAL);
	log = log_end();
	KUNIT_EXPECT_EQ(test, !!strstr(log, says), was_limited);
	expect_in_use(test, pool, 0);
}

/* Limits that are copied back do not fix the magazine that kpool chose. */
static void limits_say_the_magazine_in_use(struct kunit *test)
{
	const struct kpool_params p = { .name = "chosen", .size = 64, .max = KPOOL_UNLIMITED };
	struct kpool *pool = pool_of(test, &p);
	struct kpool_limits limits;
	unsigned int at_first;

	kpool_limits(pool, &limits);
	at_first = limits.magazine_now;
	KUNIT_EXPECT_EQ(test, limits.magazine, 0U);
	KUNIT_EXPECT_GT(test, at_first, 0U);
	KUNIT_EXPECT_EQ(test, at_first, to_pool(pool)->magazine);
	limits.max = 1;
	KUNIT_EXPECT_EQ(test, 0, kpool_retune(pool, &limits));
	kpool_limits(pool, &limits);
	KUNIT_EXPECT_EQ(test, limits.magazine, 0U);
	KUNIT_EXPECT_EQ(test, limits.magazine_now, 0U);
	limits.max = 0;
	KUNIT_EXPECT_EQ(test, 0, kpool_retune(pool, &limits));
	kpool_limits(pool, &limits);
	KUNIT_EXPECT_EQ(test, limits.magazine_now, at_first);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(limits_read_as_they_were_written),
	KUNIT_CASE_PARAM(refused_limits_change_nothing, refusal_gen_params),
	KUNIT_CASE(some_limits_leave_the_others),
	KUNIT_CASE(changes_of_one_limit_undo_no_other),
	KUNIT_CASE(limits_that_do_not_exist_are_refused),
	KUNIT_CASE(reason_names_what_does_not_go_together),
	KUNIT_CASE(no_limit_is_never_refused),
	KUNIT_CASE(pool_at_its_end_is_not_retuned),
	KUNIT_CASE_PARAM(raised_max_wakes_who_waits, kind_gen_params),
	KUNIT_CASE_PARAM(lowered_max_is_reached_as_objects_come_back, kind_gen_params),
	KUNIT_CASE_PARAM(lowered_max_tears_down_what_is_idle, kind_gen_params),
	KUNIT_CASE_PARAM(slow_teardown_takes_no_others_along, beyond_gen_params),
	KUNIT_CASE(pool_beyond_max_has_another_max),
	KUNIT_CASE_PARAM(what_is_beyond_max_goes_before_who_waits_is_served, kind_gen_params),
	KUNIT_CASE_PARAM(who_waits_for_more_than_max_is_sent_home, kind_gen_params),
	KUNIT_CASE_PARAM(max_idle_holds_whatever_it_was, kind_gen_params),
	KUNIT_CASE(lowered_max_idle_is_counted_as_the_cause),
	KUNIT_CASE_PARAM(magazine_becomes_smaller_and_larger, kind_gen_params),
	KUNIT_CASE(depots_make_room_for_larger_magazines),
	KUNIT_CASE_PARAM(min_idle_is_built_and_let_go, kind_gen_params),
	KUNIT_CASE_PARAM(reserve_is_built_and_let_go, kind_gen_params),
	KUNIT_CASE(reserve_lets_memory_go),
	KUNIT_CASE(ages_are_looked_at_at_once),
	KUNIT_CASE(ages_hold_for_what_is_idle_already),
	KUNIT_CASE_PARAM(limits_change_under_load, kind_gen_params),
	KUNIT_CASE(cpus_share_what_max_leaves),
	KUNIT_CASE(limits_change_while_more_cpus_are_online),
	KUNIT_CASE_PARAM(magazines_are_bounded_in_bytes, heavy_gen_params),
	KUNIT_CASE(magazine_that_was_made_smaller_refuses_nothing),
	KUNIT_CASE_PARAM(bulk_of_more_than_a_lowered_max_is_no_error_in_the_log, bulked_gen_params),
	KUNIT_CASE(limits_say_the_magazine_in_use),
	{}
};

struct kunit_suite retune_suite = {
	.name = "kpool_retune",
	.suite_exit = resume_ageing,
	.test_cases = cases,
};
