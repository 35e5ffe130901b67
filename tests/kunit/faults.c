// SPDX-License-Identifier: GPL-2.0-only
/*
 * A ctor or an allocation that fails in the middle leaves nothing behind. The n-th one fails,
 * for every n until there is no n-th one.
 */
#include <linux/sched.h>
#include <linux/slab.h>

#include "base/work.h"
#include "fixture.h"
#include "policy/bypass.h"
#include "pool.h"

#define MAGAZINE	4
#define OBJS		10
#define SOME_IDLE	6
#define ENOUGH		2000	/* no attempt here makes so many allocations */

/* vmalloc() makes so many allocations that a short run fails only each third one. */
#define STRIDE		3

/* The act that is attempted, its result, and the state before. */
struct attempt {
	struct kpool_params params;
	struct consumer *consumer;
	struct kpool *pool;
	unsigned int pools_before;
	struct kpool_stats before;
	int err;
	void *objs[OBJS];
};

static struct attempt *attempt_of(struct kunit *test)
{
	struct attempt *a = zalloc_for(test, struct attempt);

	pin(test, raw_smp_processor_id());
	a->params = *(const struct kpool_params *)test->param_value;
	a->consumer = zalloc_for(test, struct consumer);
	a->params.ctx = a->consumer;
	return a;
}

static void expect_no_object_lost(struct kunit *test, struct attempt *a, int existing)
{
	KUNIT_EXPECT_EQ(test, atomic_read(&a->consumer->ctors) - atomic_read(&a->consumer->dtors),
			existing);
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&a->consumer->wrongs));
}

static void arrange_create(struct kunit *test, struct attempt *a)
{
	a->params.min_idle = SOME_IDLE;
	a->pools_before = pools_left();
}

static void try_create(struct attempt *a)
{
	a->pool = create(&a->params);
	a->err = PTR_ERR_OR_ZERO(a->pool);
}

static void expect_nothing_created(struct kunit *test, struct attempt *a)
{
	kpool_destroy(a->pool);
	KUNIT_EXPECT_EQ(test, pools_left(), a->pools_before);
	expect_no_object_lost(test, a, 0);
}

/* A pool with some idle objects. A bulk get needs more than these. */
static void arrange_get(struct kunit *test, struct attempt *a)
{
	get_all(test, a->pool, a->objs, SOME_IDLE);
	put_all(a->pool, a->objs, SOME_IDLE);
	a->before = *stats_of(test, a->pool);
}

static void try_get(struct attempt *a)
{
	a->err = kpool_get_bulk(a->pool, GFP_KERNEL, a->objs, OBJS);
}

static void expect_all_or_nothing(struct kunit *test, struct attempt *a)
{
	struct kpool_stats *after = stats_of(test, a->pool);

	if (a->err) {
		expect_in_use(test, a->pool, 0);
		/* Fewer objects are idle only if there was no memory for a magazine. */
		KUNIT_EXPECT_LE(test, after->idle, a->before.idle);
		KUNIT_EXPECT_LE(test, after->existing, a->before.existing);
		KUNIT_EXPECT_EQ(test, after->build_failures, a->before.build_failures + 1);
	} else {
		expect_in_use(test, a->pool, OBJS);
		put_all(a->pool, a->objs, OBJS);
	}
	kpool_trim(a->pool);
	expect_in_use(test, a->pool, 0);
	KUNIT_EXPECT_EQ(test, figure(a->pool, existing), (u64)a->params.reserve);
	expect_no_object_lost(test, a, a->params.reserve);
}

static void arrange_put(struct kunit *test, struct attempt *a)
{
	get_all(test, a->pool, a->objs, OBJS);
}

static void try_put(struct attempt *a)
{
	put_all(a->pool, a->objs, OBJS);
}

/* A put cannot fail: an object that the pool cannot keep is torn down. */
static void expect_all_put(struct kunit *test, struct attempt *a)
{
	kp_defer_sync(to_pool(a->pool));
	expect_in_use(test, a->pool, 0);
	KUNIT_EXPECT_GE(test, figure(a->pool, idle), (u64)a->params.reserve);
	expect_no_object_lost(test, a, a->params.ops ? figure(a->pool, idle) : 0);
	kpool_trim(a->pool);
	KUNIT_EXPECT_EQ(test, figure(a->pool, existing), (u64)a->params.reserve);
	expect_no_object_lost(test, a, a->params.reserve);
}

struct procedure {
	void (*arrange)(struct kunit *test, struct attempt *a);
	void (*act)(struct attempt *a);
	void (*assert)(struct kunit *test, struct attempt *a);
};

static const struct procedure creating = { arrange_create, try_create, expect_nothing_created };
static const struct procedure getting = { arrange_get, try_get, expect_all_or_nothing };
static const struct procedure putting = { arrange_put, try_put, expect_all_put };

/*
 * Another pool that shares the slab cache, and makes it first. Linux 6.1 leaks a name if it
 * has no memory to make a slab cache (in sysfs_slab_add()), and kmemleak would report the
 * name.
 */
static void share_slab_cache(struct kunit *test, struct attempt *a)
{
	struct kpool_params p = a->params;
	struct kpool *pool;

	p.name = "shares-slab-cache";
	p.reserve = 0;
	pool = pool_of(test, &p);
	kpool_put(pool, kpool_get(pool, GFP_KERNEL));
	kpool_trim(pool);
	expect_no_object_lost(test, a, a->pool ? a->params.reserve : 0);
}

static void fail_each_allocation(struct kunit *test, struct attempt *a,
				 const struct procedure *procedure)
{
	bool strides = a->params.flags & KPOOL_VMALLOC && !is_full_run();
	unsigned int n, left = 0, failed = 0;

	if (!faults_reach_us())
		kunit_skip(test, "write N to debugfs failslab/ignore-gfp-wait");
	share_slab_cache(test, a);
	for (n = 1; !left && n < ENOUGH; n += strides ? STRIDE : 1) {
		procedure->arrange(test, a);
		WRITE_ONCE(current->fail_nth, n);
		procedure->act(a);
		left = READ_ONCE(current->fail_nth);
		WRITE_ONCE(current->fail_nth, 0);
		failed += !!a->err;
		KUNIT_EXPECT_TRUE(test, !a->err || a->err == -ENOMEM);
		procedure->assert(test, a);
	}
	/* The last attempt succeeded, because it made no n-th allocation. */
	KUNIT_EXPECT_EQ(test, 0, a->err);
	KUNIT_EXPECT_GT(test, left, 0U);
	/* Then each object comes from vmalloc(). */
	if (procedure == &getting && a->params.flags & KPOOL_KVMALLOC)
		KUNIT_EXPECT_GE(test, n, (unsigned int)OBJS - SOME_IDLE);
	else if (procedure == &getting && a->params.flags & KPOOL_HUGE_PAGES)
		/* Then the first object comes from other pages, and a later one opens the page. */
		KUNIT_EXPECT_GT(test, n, 2U);
	else if (procedure != &putting)
		KUNIT_EXPECT_GT(test, failed, 0U);
	else if (keeps(a->pool))
		KUNIT_EXPECT_GT(test, n, 2U);
}

/* Fails the n-th call of ctor, for each n until the act makes no n-th call. */
static void fail_each_ctor(struct kunit *test, struct attempt *a,
			   const struct procedure *procedure, bool more_than_idle)
{
	int n, err = -EIO;

	for (n = 1; err && n < ENOUGH; n++) {
		a->consumer->fail_at = 0;
		procedure->arrange(test, a);
		a->consumer->fail_with = err;
		a->consumer->fail_at = atomic_read(&a->consumer->ctors) + n;
		procedure->act(a);
		err = a->err;
		KUNIT_EXPECT_TRUE(test, !err || err == -EIO);
		procedure->assert(test, a);
	}
	KUNIT_EXPECT_EQ(test, 0, err);
	KUNIT_EXPECT_TRUE(test, n > 2 || !more_than_idle);
}

static const struct kpool_params built[] = {
	{ .name = "small", .size = 64, .magazine = MAGAZINE, .ops = &consumer_ops },
	{ .name = "own-cache", .size = 64, .flags = KPOOL_OWN_CACHE, .ops = &consumer_ops },
	{ .name = "pages", .size = 8192, .magazine = MAGAZINE, .ops = &consumer_ops },
	{ .name = "vmalloc", .size = 64, .flags = KPOOL_VMALLOC, .ops = &consumer_ops },
	{ .name = "kvmalloc", .size = 8192, .flags = KPOOL_KVMALLOC, .ops = &consumer_ops },
	{ .name = "huge", .size = 8192, .flags = KPOOL_HUGE_PAGES, .ops = &consumer_ops },
	{ .name = "in-worker", .size = 64, .flags = KPOOL_BUILD_IN_WORKER, .ops = &consumer_ops },
	{ .name = "on-node", .size = 64, .flags = KPOOL_ON_NODE, .ops = &consumer_ops },
	{ .name = "bounded", .size = 64, .max = OBJS, .ops = &consumer_ops },
	{ .name = "reserve", .size = 64, .reserve = SOME_IDLE, .ops = &consumer_ops },
};

KUNIT_ARRAY_PARAM_DESC(built, built, name);

static const struct kpool_params allocated[] = {
	{ .name = "small", .size = 64, .magazine = MAGAZINE, .ops = &consumer_ops },
	{ .name = "pages", .size = 8192, .magazine = MAGAZINE, .ops = &consumer_ops },
	{ .name = "vmalloc", .size = 64, .flags = KPOOL_VMALLOC, .ops = &consumer_ops },
	{ .name = "kvmalloc", .size = 8192, .flags = KPOOL_KVMALLOC, .ops = &consumer_ops },
	{ .name = "huge", .size = 8192, .flags = KPOOL_HUGE_PAGES, .ops = &consumer_ops },
	{ .name = "sleeping", .size = 64, .flags = KPOOL_SLEEPING, .ops = &consumer_ops },
	{ .name = "on-node", .size = 64, .flags = KPOOL_ON_NODE, .ops = &consumer_ops },
	{ .name = "uncached", .size = 64, .max_idle = OBJS, .ops = &consumer_ops },
	{ .name = "bounded", .size = 64, .max = OBJS, .ops = &consumer_ops },
	{ .name = "reserve", .size = 64, .reserve = SOME_IDLE, .ops = &consumer_ops },
};

KUNIT_ARRAY_PARAM_DESC(allocated, allocated, name);

static void create_with_a_failing_ctor_leaves_nothing(struct kunit *test)
{
	struct attempt *a = attempt_of(test);

	fail_each_ctor(test, a, &creating, !kp_bypass_all());
}

static void create_without_memory_leaves_nothing(struct kunit *test)
{
	fail_each_allocation(test, attempt_of(test), &creating);
}

static void bulk_get_with_a_failing_ctor_leaves_nothing(struct kunit *test)
{
	struct attempt *a = attempt_of(test);

	a->pool = pool_of(test, &a->params);
	fail_each_ctor(test, a, &getting, true);
}

static void bulk_get_without_memory_leaves_nothing(struct kunit *test)
{
	struct attempt *a = attempt_of(test);

	a->pool = pool_of(test, &a->params);
	fail_each_allocation(test, a, &getting);
}

/* A worker builds the reserve's object in memory that the pool kept. Asking takes memory, too. */
static void get_asks_a_worker_without_memory(struct kunit *test)
{
	struct consumer *consumer = zalloc_for(test, struct consumer);
	const struct kpool_params p = {
		.name = "asks", .size = 64, .flags = KPOOL_BUILD_IN_WORKER, .reserve = 1,
		.idle_ms = 1000000, .ops = &consumer_ops, .ctx = consumer,
	};
	struct kpool *pool = pool_of(test, &p);
	void *obj;

	if (!faults_reach_us())
		kunit_skip(test, "write N to debugfs failslab/ignore-gfp-wait");
	kpool_trim(pool);	/* no object is idle now */
	WRITE_ONCE(current->fail_nth, 1);
	obj = kpool_get(pool, GFP_KERNEL);
	WRITE_ONCE(current->fail_nth, 0);
	KUNIT_EXPECT_FALSE(test, IS_ERR(obj));
	kpool_put(pool, obj);
	expect_in_use(test, pool, 0);
}

static void put_without_memory_succeeds(struct kunit *test)
{
	struct attempt *a = attempt_of(test);

	a->pool = pool_of(test, &a->params);
	fail_each_allocation(test, a, &putting);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(create_with_a_failing_ctor_leaves_nothing, built_gen_params),
	KUNIT_CASE_PARAM(create_without_memory_leaves_nothing, allocated_gen_params),
	KUNIT_CASE_PARAM(bulk_get_with_a_failing_ctor_leaves_nothing, built_gen_params),
	KUNIT_CASE_PARAM(bulk_get_without_memory_leaves_nothing, allocated_gen_params),
	KUNIT_CASE(get_asks_a_worker_without_memory),
	KUNIT_CASE_PARAM(put_without_memory_succeeds, allocated_gen_params),
	{}
};

static void faults_exit(struct kunit_suite *suite)
{
	settle();
	resume_ageing(suite);
}

struct kunit_suite faults_suite = {
	.name = "kpool_faults",
	.suite_exit = faults_exit,
	.test_cases = cases,
};
