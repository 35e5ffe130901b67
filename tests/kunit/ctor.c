// SPDX-License-Identifier: GPL-2.0-only
/* What kpool makes of the answers of a constructor. */
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

static struct kunit_case cases[] = {
	KUNIT_CASE(log_names_the_pool_and_the_wrong_answer),
	KUNIT_CASE_PARAM(get_makes_an_error_of_a_wrong_answer, kind_gen_params),
	KUNIT_CASE(create_makes_an_error_of_a_wrong_answer),
	{}
};

struct kunit_suite ctor_suite = {
	.name = "kpool_ctor",
	.suite_exit = resume_ageing,
	.test_cases = cases,
};
