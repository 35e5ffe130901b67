// SPDX-License-Identifier: GPL-2.0-only
/* What kpool makes of the answers of a constructor. */
#include <linux/string.h>

#include "fixture.h"
#include "log.h"
#include "policy/bypass.h"
#include "pool.h"

#define OBJS	4

static int answering_ctor(void *obj, void *ctx, gfp_t gfp, int node)
{
	return READ_ONCE(*(int *)ctx);
}

static const struct kpool_ops answering_ops = { .ctor = answering_ctor };

static void log_names_the_pool_and_the_wrong_answer(struct kunit *test)
{
	int *answer = zalloc_for(test, int);
	const struct kpool_params p = { .name = "says-5000", .size = 64, .ops = &answering_ops,
					.ctx = answer };
	struct kpool *pool = pool_of(test, &p);

	*answer = -5000;
	log_begin();
	KUNIT_EXPECT_PTR_EQ(test, kpool_get(pool, GFP_KERNEL), ERR_PTR(-EINVAL));
	expect_in_log(test, log_end(), "pool says-5000: ctor returned -5000");
}

static const int answers[] = { 1, INT_MAX, -MAX_ERRNO - 1, -5000, INT_MIN };

static int get(struct kpool *pool)
{
	return PTR_ERR_OR_ZERO(kpool_get(pool, GFP_KERNEL));
}

static int get_timed(struct kpool *pool)
{
	return PTR_ERR_OR_ZERO(kpool_get_timeout(pool, GFP_KERNEL, HZ));
}

static int get_bulk(struct kpool *pool)
{
	void *objs[OBJS];

	return kpool_get_bulk(pool, GFP_KERNEL, objs, OBJS);
}

static int get_bulk_timed(struct kpool *pool)
{
	void *objs[OBJS];

	return kpool_get_bulk_timeout(pool, GFP_KERNEL, objs, OBJS, HZ);
}

static int (*const gets[])(struct kpool *pool) = { get, get_timed, get_bulk, get_bulk_timed };

static const struct kpool_params kinds[] = {
	{ .name = "plain" },
	{ .name = "bounded", .max = 2 * OBJS },
	{ .name = "overflow", .max = 1, .flags = KPOOL_OVERFLOW },
	{ .name = "sleeping", .flags = KPOOL_SLEEPING },
	{ .name = "worker", .flags = KPOOL_BUILD_IN_WORKER },
	{ .name = "bounded-worker", .flags = KPOOL_BUILD_IN_WORKER, .max = 2 * OBJS },
	{ .name = "vmalloc", .flags = KPOOL_VMALLOC },
};

KUNIT_ARRAY_PARAM_DESC(kind, kinds, name);

/* Before the get of an object ends, the answer of its ctor has to be an error or 0. */
static void get_makes_an_error_of_a_wrong_answer(struct kunit *test)
{
	struct kpool_params p = *(const struct kpool_params *)test->param_value;
	int *answer = zalloc_for(test, int);
	struct kpool *pool;
	unsigned int i, j;

	p.size = 64;
	p.ops = &answering_ops;
	p.ctx = answer;
	pool = pool_of(test, &p);
	for (i = 0; i < ARRAY_SIZE(answers); i++)
		for (j = 0; j < ARRAY_SIZE(gets); j++) {
			WRITE_ONCE(*answer, answers[i]);
			KUNIT_EXPECT_EQ(test, gets[j](pool), -EINVAL);
		}
	KUNIT_EXPECT_EQ(test, figure(pool, ctor_failures),
			(u64)ARRAY_SIZE(answers) * ARRAY_SIZE(gets));
	WRITE_ONCE(*answer, -MAX_ERRNO);
	KUNIT_EXPECT_EQ(test, get(pool), -MAX_ERRNO);
	expect_in_use(test, pool, 0);
}

/* Bypass keeps a pool from building for min_idle. */
static void create_makes_an_error_of_a_wrong_answer(struct kunit *test)
{
	int *answer = zalloc_for(test, int);
	struct kpool_params p = { .name = "creation", .size = 64, .ops = &answering_ops,
				  .ctx = answer };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(answers); i++) {
		*answer = answers[i];
		p.reserve = OBJS;
		p.min_idle = 0;
		KUNIT_EXPECT_PTR_EQ(test, create(&p), ERR_PTR(-EINVAL));
		p.reserve = 0;
		p.min_idle = OBJS;
		if (!kp_bypass_all())
			KUNIT_EXPECT_PTR_EQ(test, create(&p), ERR_PTR(-EINVAL));
	}
}

static const int errors[] = { -EBUSY, -ETIMEDOUT, -ESHUTDOWN, -ERESTARTSYS, -EIO };

static void describe_error(const int *err, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%pe", ERR_PTR(*err));
}

KUNIT_ARRAY_PARAM(error, errors, describe_error);

/* Expects that kpool took no error of ctor for one of its own. */
static void expect_errors_of_ctor(struct kunit *test, struct kpool *pool, u64 n)
{
	struct kpool_stats *st = stats_of(test, pool);

	KUNIT_EXPECT_EQ(test, st->ctor_failures, n);
	KUNIT_EXPECT_EQ(test, st->build_failures, n);
	KUNIT_EXPECT_EQ(test, st->timeouts, 0ULL);
	KUNIT_EXPECT_EQ(test, st->interrupted, 0ULL);
	KUNIT_EXPECT_EQ(test, st->exhausted, 0ULL);
}

/* An idle object on another CPU stays there: the get does not take it in place of the error. */
static void error_reaches_the_caller_at_once(struct kunit *test)
{
	int *answer = zalloc_for(test, int), err = *(const int *)test->param_value;
	const struct kpool_params p = { .name = "errors", .size = 64, .ops = &answering_ops,
					.ctx = answer, .max = bound_for(1), .magazine = 1 };
	int here = raw_smp_processor_id();
	struct kpool *pool;
	void *objs[2];
	unsigned int i;

	pin(test, here);
	pool = pool_of(test, &p);
	get_all(test, pool, objs, 2);
	/* One lies in the loaded magazine, one in the spare. */
	put_on(test, cpu_beside(test, here), pool, objs, 2);
	WRITE_ONCE(*answer, err);
	for (i = 0; i < ARRAY_SIZE(gets); i++)
		KUNIT_EXPECT_EQ(test, gets[i](pool), err);
	expect_errors_of_ctor(test, pool, ARRAY_SIZE(gets));
	KUNIT_EXPECT_EQ(test, figure(pool, waits), 0ULL);
	expect_idle(test, pool, 2);
	expect_in_use(test, pool, 0);
}

/* The get waits until max has room for one more object, and then builds the object. */
static void error_of_a_get_that_waited_is_no_timeout(struct kunit *test)
{
	int *answer = zalloc_for(test, int), err = *(const int *)test->param_value;
	const struct kpool_params p = { .name = "waited", .size = 64, .ops = &answering_ops,
					.ctx = answer, .max = 1 };
	struct kpool *pool = pool_of(test, &p);
	struct kpool_limits limits;
	struct getter *g;
	void *obj;

	exhaust(test, pool, &obj, 1);
	WRITE_ONCE(*answer, err);
	g = waiter_start(test, pool, 1, FOR_EVER, TASK_KILLABLE);
	kpool_limits(pool, &limits);
	limits.max = 2;
	log_begin();
	KUNIT_EXPECT_EQ(test, kpool_retune(pool, &limits), 0);
	getter_end(test, g);
	KUNIT_EXPECT_EQ(test, g->err, err);
	KUNIT_EXPECT_NULL(test, strstr(log_end(), "waited"));
	KUNIT_EXPECT_EQ(test, figure(pool, waits), 1ULL);
	KUNIT_EXPECT_EQ(test, figure(pool, ctor_failures), 1ULL);
	KUNIT_EXPECT_EQ(test, figure(pool, timeouts), 0ULL);
	KUNIT_EXPECT_EQ(test, figure(pool, interrupted), 0ULL);
	kpool_put(pool, obj);
	expect_in_use(test, pool, 0);
}

/* The memory that ctor lacks counts like memory that kpool lacks. */
static void ctor_without_memory_has_the_get_look_elsewhere(struct kunit *test)
{
	int *answer = zalloc_for(test, int);
	const struct kpool_params p = { .name = "no-memory", .size = 64, .ops = &answering_ops,
					.ctx = answer, .magazine = 1 };
	int here = raw_smp_processor_id();
	struct kpool *pool;
	void *objs[2], *obj;

	pin(test, here);
	pool = pool_of(test, &p);
	if (nothing_kept(test, pool))
		return;
	get_all(test, pool, objs, 2);
	put_on(test, cpu_beside(test, here), pool, objs, 2);
	WRITE_ONCE(*answer, -ENOMEM);
	obj = kpool_get(pool, GFP_KERNEL);
	KUNIT_EXPECT_FALSE(test, IS_ERR(obj));
	KUNIT_EXPECT_EQ(test, figure(pool, ctor_failures), 1ULL);
	kpool_put(pool, obj);
	expect_in_use(test, pool, 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(log_names_the_pool_and_the_wrong_answer),
	KUNIT_CASE_PARAM(get_makes_an_error_of_a_wrong_answer, kind_gen_params),
	KUNIT_CASE(create_makes_an_error_of_a_wrong_answer),
	KUNIT_CASE_PARAM(error_reaches_the_caller_at_once, error_gen_params),
	KUNIT_CASE_PARAM(error_of_a_get_that_waited_is_no_timeout, error_gen_params),
	KUNIT_CASE(ctor_without_memory_has_the_get_look_elsewhere),
	{}
};

struct kunit_suite ctor_suite = {
	.name = "kpool_ctor",
	.suite_exit = resume_ageing,
	.test_cases = cases,
};
