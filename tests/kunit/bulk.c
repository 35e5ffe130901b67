// SPDX-License-Identifier: GPL-2.0-only
/* Several objects at once, all or none. */
#include <linux/sched.h>

#include "fixture.h"

#define MAGAZINE	8
#define MOST		500

struct bulk_case {
	const char *what;
	unsigned int idle;	/* objects that were put before */
	unsigned int n;
};

static const struct bulk_case bulks[] = {
	{ "none", 0, 0 },
	{ "none of some", 5, 0 },
	{ "one", 0, 1 },
	{ "part of a magazine", 5, 3 },
	{ "all of a magazine", MAGAZINE, MAGAZINE },
	{ "more than is idle", 5, 7 },
	{ "more than a magazine", 20, MAGAZINE + 1 },
	{ "more than cache and spare", 40, 3 * MAGAZINE },
	{ "all that is idle", 40, 40 },
	{ "more than everything", 40, MOST },
};

KUNIT_ARRAY_PARAM_DESC(bulk, bulks, what);

/* Expects each object once. All objects are marked before the first mark is read. */
static void expect_distinct(struct kunit *test, void **objs, unsigned int n)
{
	unsigned int i, doubles = 0;

	for (i = 0; i < n; i++)
		((struct object *)objs[i])->resets = i;
	for (i = 0; i < n; i++)
		doubles += ((struct object *)objs[i])->resets != i;
	KUNIT_EXPECT_EQ(test, doubles, 0U);
}

static void bulk_get_and_put_are_exact(struct kunit *test)
{
	const struct bulk_case *b = test->param_value;
	struct consumer *consumer = zalloc_for(test, struct consumer);
	const struct kpool_params p = { .name = "bulk", .size = 64, .magazine = MAGAZINE,
					.ops = &consumer_ops, .ctx = consumer };
	void **objs = room_for(test, MOST);
	struct kpool *pool;
	u64 built;

	pin(test, raw_smp_processor_id());
	pool = pool_of(test, &p);
	get_all(test, pool, objs, b->idle);
	kpool_put_bulk(pool, objs, b->idle);
	KUNIT_ASSERT_EQ(test, 0, kpool_get_bulk(pool, GFP_KERNEL, objs, b->n));

	expect_distinct(test, objs, b->n);
	expect_in_use(test, pool, b->n);
	built = keeps(pool) ? max(b->idle, b->n) : b->idle + b->n;
	KUNIT_EXPECT_EQ(test, figure(pool, created), built);
	kpool_put_bulk(pool, objs, b->n);
	expect_in_use(test, pool, 0);
	expect_idle(test, pool, built);
	KUNIT_EXPECT_EQ(test, (unsigned int)atomic_read(&consumer->resets), b->idle + b->n);
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&consumer->wrongs));
}

static const int errors[] = { -ENOMEM, -EPERM };

static void describe_error(const int *err, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%pe", ERR_PTR(*err));
}

KUNIT_ARRAY_PARAM(error, errors, describe_error);

/* Some objects are idle, some are built, then ctor fails. */
static void bulk_get_that_fails_leaves_all_as_it_was(struct kunit *test)
{
	int err = *(const int *)test->param_value;
	struct consumer *consumer = zalloc_for(test, struct consumer);
	const struct kpool_params p = { .name = "bulk-fails", .size = 64, .magazine = MAGAZINE,
					.ops = &consumer_ops, .ctx = consumer };
	void **objs = room_for(test, MOST);
	struct kpool_stats *before, *after;
	struct kpool *pool;

	pin(test, raw_smp_processor_id());
	pool = pool_of(test, &p);
	get_all(test, pool, objs, 20);
	kpool_put_bulk(pool, objs, 20);
	before = stats_of(test, pool);
	consumer->fail_with = err;
	consumer->fail_at = atomic_read(&consumer->ctors) + 10;
	KUNIT_EXPECT_EQ(test, err, kpool_get_bulk(pool, GFP_KERNEL, objs, 50));

	after = stats_of(test, pool);
	KUNIT_EXPECT_EQ(test, after->existing, before->existing);
	KUNIT_EXPECT_EQ(test, after->idle, before->idle);
	KUNIT_EXPECT_EQ(test, after->build_failures, before->build_failures + 1);
	expect_in_use(test, pool, 0);
	destroy(test, pool);
	KUNIT_EXPECT_EQ(test, atomic_read(&consumer->dtors), atomic_read(&consumer->ctors));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&consumer->wrongs));
}

static const struct kpool_params kinds[] = {
	{ .name = "small", .size = 64 },
	{ .name = "pages", .size = 8192 },
	{ .name = "uncached", .size = 64, .max_idle = 6 },
	{ .name = "nothing-idle", .size = 64, .max_idle = KPOOL_KEEP_NONE },
	{ .name = "bypassed", .size = 64, .flags = KPOOL_BYPASS },
	{ .name = "on-node", .size = 64, .flags = KPOOL_ON_NODE },
};

KUNIT_ARRAY_PARAM_DESC(kind, kinds, name);

static void bulk_works_with_interrupts_off(struct kunit *test)
{
	struct kpool *pool = pool_of(test, test->param_value);
	void **objs = room_for(test, 100);
	int expected = 0, err;

	local_irq_disable();
	err = kpool_get_bulk(pool, GFP_ATOMIC, objs, 100);
	if (!err)
		kpool_put_bulk(pool, objs, 100);
	local_irq_enable();

	/*
	 * PREEMPT_RT does not allow the usual allocators there. An empty pool has no object to give
	 * unless it can build without locks.
	 */
	if (IS_ENABLED(CONFIG_PREEMPT_RT) && !figure(pool, built_nolock))
		expected = -ENOMEM;
	KUNIT_EXPECT_EQ(test, expected, err);
	KUNIT_EXPECT_EQ(test, figure(pool, gets), expected ? 0ULL : 100ULL);
	expect_in_use(test, pool, 0);
}

/* Puts n entries, of which those with a bit in bad are NULL or an ERR_PTR. */
static void put_with_gaps(struct kunit *test, struct kpool *pool, unsigned int n, u32 bad)
{
	void *const none[] = { NULL, ERR_PTR(-1), ERR_PTR(-ENOMEM), ERR_PTR(-MAX_ERRNO) };
	void *objs[8], *missing[8];
	unsigned int i, left = 0;

	get_all(test, pool, objs, n);
	for (i = 0; i < n; i++) {
		if (!(bad & BIT(i)))
			continue;
		missing[left++] = objs[i];
		objs[i] = none[i % ARRAY_SIZE(none)];
	}
	kpool_put_bulk(pool, objs, n);
	expect_in_use(test, pool, left);
	kpool_put_bulk(pool, missing, left);
	expect_in_use(test, pool, 0);
}

static void bulk_put_ignores_what_is_no_object(struct kunit *test)
{
	struct kpool *pool = pool_of(test, test->param_value);
	unsigned int n;
	u32 bad;

	for (n = 1; n <= 8; n++)
		for (bad = 0; bad < BIT(n); bad += n < 6 ? 1 : 7)
			put_with_gaps(test, pool, n, bad);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(bulk_get_and_put_are_exact, bulk_gen_params),
	KUNIT_CASE_PARAM(bulk_get_that_fails_leaves_all_as_it_was, error_gen_params),
	KUNIT_CASE_PARAM(bulk_put_ignores_what_is_no_object, kind_gen_params),
	KUNIT_CASE_PARAM(bulk_works_with_interrupts_off, kind_gen_params),
	{}
};

struct kunit_suite bulk_suite = {
	.name = "kpool_bulk",
	.suite_exit = resume_ageing,
	.test_cases = cases,
};
