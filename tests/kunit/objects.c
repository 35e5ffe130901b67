// SPDX-License-Identifier: GPL-2.0-only
/* What happens to an object between get and put. */
#include <linux/kmsan-checks.h>
#include <linux/mm.h>
#include <linux/sched.h>

#include "base/work.h"
#include "fixture.h"
#include "pool.h"

#define OBJS	10

static const struct kpool_params kinds[] = {
	{ .name = "small", .size = 64 },
	{ .name = "own-cache", .size = 64, .flags = KPOOL_OWN_CACHE },
	{ .name = "pages", .size = 16384 },
	{ .name = "vmalloc", .size = 64, .flags = KPOOL_VMALLOC },
	{ .name = "kvmalloc", .size = 16384, .flags = KPOOL_KVMALLOC },
	{ .name = "huge", .size = 16384, .flags = KPOOL_HUGE_PAGES },
	{ .name = "sleeping", .size = 64, .flags = KPOOL_SLEEPING },
	{ .name = "anyctx", .size = 64, .flags = KPOOL_ANYCTX },
	{ .name = "wiped", .size = 64, .flags = KPOOL_ZERO_ON_PUT },
	{ .name = "uncached", .size = 64, .max_idle = 6 },
};

KUNIT_ARRAY_PARAM_DESC(kind, kinds, name);

static void last_put_is_first_got(struct kunit *test)
{
	struct kpool *pool;
	void *objs[5], *again[5];
	unsigned int i;

	pin(test, raw_smp_processor_id());
	pool = pool_of(test, test->param_value);
	get_all(test, pool, objs, ARRAY_SIZE(objs));
	put_all(pool, objs, ARRAY_SIZE(objs));
	get_all(test, pool, again, ARRAY_SIZE(again));

	for (i = 0; keeps(pool) && i < ARRAY_SIZE(objs); i++)
		KUNIT_EXPECT_PTR_EQ(test, again[i], objs[ARRAY_SIZE(objs) - 1 - i]);
	KUNIT_EXPECT_EQ(test, figure(pool, created), keeps(pool) ? 5ULL : 10ULL);
	put_all(pool, again, ARRAY_SIZE(again));
	expect_in_use(test, pool, 0);
}

static void contents_are_kept_while_idle(struct kunit *test)
{
	const struct kpool_params p = { .name = "contents", .size = 512 };
	struct kpool *pool;
	char *obj, *again;

	pin(test, raw_smp_processor_id());
	pool = pool_of(test, &p);
	obj = kpool_get(pool, GFP_KERNEL);
	KUNIT_ASSERT_FALSE(test, IS_ERR(obj));
	memset(obj, 0x5a, p.size);
	kpool_put(pool, obj);
	again = kpool_get(pool, GFP_KERNEL);

	KUNIT_ASSERT_FALSE(test, IS_ERR(again));
	/* The put has told KMSAN that consumers do not rely on this. */
	kmsan_unpoison_memory(again, p.size);
	if (keeps(pool))
		KUNIT_EXPECT_TRUE(test, !memchr_inv(again, 0x5a, p.size));
	kpool_put(pool, again);
}

/* Each get finds the state that ctor set up. reset runs once for each put. */
static void object_stays_built(struct kunit *test)
{
	struct consumer *consumer = zalloc_for(test, struct consumer);
	const struct kpool_params p = { .name = "built", .size = 64, .ops = &consumer_ops,
					.ctx = consumer };
	struct kpool *pool;
	struct object *o;
	int i;

	pin(test, raw_smp_processor_id());
	pool = pool_of(test, &p);
	for (i = 0; i < OBJS; i++) {
		o = kpool_get(pool, GFP_KERNEL);
		KUNIT_ASSERT_FALSE(test, IS_ERR(o));
		KUNIT_EXPECT_EQ(test, o->state, (unsigned int)OBJECT_BUILT);
		KUNIT_EXPECT_EQ(test, o->resets, keeps(pool) ? i : 0);
		kpool_put(pool, o);
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&consumer->ctors), keeps(pool) ? 1 : OBJS);
	KUNIT_EXPECT_EQ(test, OBJS, atomic_read(&consumer->resets));
	destroy(test, pool);

	KUNIT_EXPECT_EQ(test, atomic_read(&consumer->dtors), atomic_read(&consumer->ctors));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&consumer->wrongs));
}

/*
 * A consumer that writes down the order of its callbacks, and whether its secret was still
 * there.
 */
#define SECRET		0xa5
#define SECRET_AT	16
#define SECRET_SIZE	24
#define LAST_BYTE	(64 - 1)

struct diary {
	char text[16];
	unsigned int len;
};

static void note(struct diary *diary, char event, const u8 *obj)
{
	bool secret = memchr(obj + SECRET_AT, SECRET, SECRET_SIZE);

	if (diary->len + 2 < sizeof(diary->text)) {
		diary->text[diary->len++] = event;
		diary->text[diary->len++] = secret ? '+' : '-';
	}
}

static int diary_ctor(void *obj, void *ctx, gfp_t gfp, int node)
{
	memset(obj, 0, LAST_BYTE + 1);
	note(ctx, 'c', obj);
	return 0;
}

static void diary_reset(void *obj, void *ctx)
{
	note(ctx, 'r', obj);
}

static void diary_dtor(void *obj, void *ctx)
{
	note(ctx, 'd', obj);
}

static const struct kpool_ops diary_ops = {
	.ctor = diary_ctor, .reset = diary_reset, .dtor = diary_dtor,
};

/* reset still sees the user's bytes. Later callbacks and users do not. */
static void wipe_comes_after_reset(struct kunit *test)
{
	struct diary *diary = zalloc_for(test, struct diary);
	const struct kpool_params p = {
		.name = "diary", .size = LAST_BYTE + 1, .ops = &diary_ops, .ctx = diary,
		.flags = KPOOL_ZERO_ON_PUT, .wipe_offset = SECRET_AT, .wipe_size = SECRET_SIZE,
	};
	struct kpool *pool = pool_of(test, &p);
	u8 *obj = kpool_get(pool, GFP_KERNEL);

	KUNIT_ASSERT_FALSE(test, IS_ERR(obj));
	memset(obj, SECRET, p.size);
	kpool_put(pool, obj);
	destroy(test, pool);

	KUNIT_EXPECT_STREQ(test, diary->text, "c-r+d-");
}

static void wipe_spares_what_is_outside_its_range(struct kunit *test)
{
	struct diary *diary = zalloc_for(test, struct diary);
	const struct kpool_params p = {
		.name = "wipe-range", .size = LAST_BYTE + 1, .ops = &diary_ops, .ctx = diary,
		.flags = KPOOL_ZERO_ON_PUT, .wipe_offset = SECRET_AT, .wipe_size = SECRET_SIZE,
	};
	u8 secret = SECRET, *obj, *again;
	struct kpool *pool;

	pin(test, raw_smp_processor_id());
	pool = pool_of(test, &p);
	obj = kpool_get(pool, GFP_KERNEL);
	KUNIT_ASSERT_FALSE(test, IS_ERR(obj));
	memset(obj, SECRET, p.size);
	kpool_put(pool, obj);
	again = kpool_get(pool, GFP_KERNEL);

	KUNIT_ASSERT_FALSE(test, IS_ERR(again));
	KUNIT_EXPECT_TRUE(test, !memchr_inv(again + SECRET_AT, 0, SECRET_SIZE));
	if (keeps(pool)) {
		KUNIT_EXPECT_TRUE(test, !memchr_inv(again, secret, SECRET_AT));
		KUNIT_EXPECT_TRUE(test, !memchr_inv(again + SECRET_AT + SECRET_SIZE, secret,
						    p.size - SECRET_AT - SECRET_SIZE));
	}
	kpool_put(pool, again);
}

static const struct kpool_params wiped_whole[] = {
	{ .name = "wiped-small", .size = 96, .flags = KPOOL_ZERO_ON_PUT },
	{ .name = "wiped-pages", .size = 8192, .flags = KPOOL_ZERO_ON_PUT },
	{ .name = "wiped-vmalloc", .size = 8192, .flags = KPOOL_ZERO_ON_PUT | KPOOL_VMALLOC },
	{ .name = "wiped-kvmalloc", .size = 8192, .flags = KPOOL_ZERO_ON_PUT | KPOOL_KVMALLOC },
	{ .name = "wiped-huge", .size = 8192, .flags = KPOOL_ZERO_ON_PUT | KPOOL_HUGE_PAGES },
};

KUNIT_ARRAY_PARAM_DESC(wiped, wiped_whole, name);

/* Looks at the object while it is idle, so only the put can have wiped it. */
static void wipe_without_range_takes_all(struct kunit *test)
{
	const struct kpool_params *p = test->param_value;
	struct kpool *pool = pool_of(test, p);
	u8 *objs[2];

	get_all(test, pool, (void **)objs, 2);
	memset(objs[0], SECRET, p->size);
	memset(objs[1], SECRET, p->size);
	kpool_put(pool, objs[0]);
	if (keeps(pool))
		KUNIT_EXPECT_TRUE(test, !memchr_inv(objs[0], 0, p->size));
	kpool_put_bulk(pool, (void **)&objs[1], 1);

	if (keeps(pool))
		KUNIT_EXPECT_TRUE(test, !memchr_inv(objs[1], 0, p->size));
}

/* Keeps the memory, so that a test can look at memory that kpool has freed. */
static void secretive_dtor(void *obj, void *ctx)
{
	*(struct page **)ctx = virt_to_page(obj);
	get_page(virt_to_page(obj));
	memset(obj, SECRET, PAGE_SIZE);
}

static const struct kpool_ops secretive_ops = { .dtor = secretive_dtor };

/* The bytes that dtor leaves are wiped before kpool frees the memory. */
static void memory_goes_back_wiped(struct kunit *test)
{
	struct page **page = zalloc_for(test, struct page *);
	const struct kpool_params p = {
		.name = "secretive", .size = PAGE_SIZE, .ops = &secretive_ops, .ctx = page,
		.flags = KPOOL_ZERO_ON_PUT, .wipe_offset = SECRET_AT, .wipe_size = SECRET_SIZE,
	};
	struct kpool *pool = pool_of(test, &p);
	u8 *obj = kpool_get(pool, GFP_KERNEL);

	KUNIT_ASSERT_FALSE(test, IS_ERR(obj));
	kpool_put(pool, obj);
	destroy(test, pool);

	KUNIT_ASSERT_NOT_NULL(test, *page);
	KUNIT_EXPECT_TRUE(test, !memchr_inv(obj + SECRET_AT, 0, SECRET_SIZE));
	KUNIT_EXPECT_EQ(test, obj[SECRET_AT - 1], SECRET);
	KUNIT_EXPECT_EQ(test, obj[SECRET_AT + SECRET_SIZE], SECRET);
	put_page(*page);
}

static void ctor_learns_gfp_and_node(struct kunit *test)
{
	struct consumer *consumer = zalloc_for(test, struct consumer);
	const struct kpool_params p = { .name = "gfp", .size = 64, .ops = &consumer_ops,
					.ctx = consumer };
	struct kpool *pool;
	void *objs[2];

	pin(test, raw_smp_processor_id());
	pool = pool_of(test, &p);
	objs[0] = kpool_get(pool, GFP_NOWAIT);
	KUNIT_EXPECT_EQ(test, (__force u32)consumer->gfp, (__force u32)GFP_NOWAIT);
	KUNIT_EXPECT_EQ(test, consumer->node, numa_mem_id());
	objs[1] = kpool_get(pool, GFP_KERNEL);

	KUNIT_EXPECT_EQ(test, (__force u32)consumer->gfp, (__force u32)GFP_KERNEL);
	put_all(pool, objs, 2);
	destroy(test, pool);
}

static void ctor_error_reaches_the_caller(struct kunit *test)
{
	struct consumer *consumer = failing_consumer(test, 1, -EPERM);
	const struct kpool_params p = { .name = "ctor-error", .size = 64, .ops = &consumer_ops,
					.ctx = consumer };
	struct kpool *pool = pool_of(test, &p);

	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(kpool_get(pool, GFP_KERNEL)), -EPERM);

	KUNIT_EXPECT_EQ(test, figure(pool, build_failures), 1ULL);
	expect_in_use(test, pool, 0);
	destroy(test, pool);
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&consumer->dtors));
}

static void put_ignores_null_and_errors(struct kunit *test)
{
	const struct kpool_params p = { .name = "nulls", .size = 64 };
	struct kpool *pool = pool_of(test, &p);

	kpool_put(pool, NULL);
	kpool_put(pool, ERR_PTR(-ENOMEM));

	KUNIT_EXPECT_EQ(test, figure(pool, puts), 0ULL);
	expect_in_use(test, pool, 0);
}

/*
 * An object that waits for its teardown is linked. The link does not lie in the consumer's
 * bytes.
 */
static int undisturbed_ctor(void *obj, void *ctx, gfp_t gfp, int node)
{
	memset(obj, 0x3c, 56);
	return 0;
}

struct sleeper {
	atomic_t dtors, in_worker, disturbed;
};

static void sleeping_dtor(void *obj, void *ctx)
{
	struct sleeper *sleeper = ctx;

	schedule_timeout_uninterruptible(1);
	if (memchr_inv(obj, 0x3c, 56))
		atomic_inc(&sleeper->disturbed);
	if (current->flags & PF_WQ_WORKER)
		atomic_inc(&sleeper->in_worker);
	atomic_inc(&sleeper->dtors);
}

static const struct kpool_ops sleeping_ops = { .ctor = undisturbed_ctor, .dtor = sleeping_dtor };

static const struct kpool_params sleepers[] = {
	{ .name = "sleeping-small", .size = 56 },
	{ .name = "sleeping-pages", .size = 8192 },
	{ .name = "sleeping-vmalloc", .size = 56, .flags = KPOOL_VMALLOC },
	{ .name = "sleeping-kvmalloc", .size = 8192, .flags = KPOOL_KVMALLOC },
};

KUNIT_ARRAY_PARAM_DESC(sleeper, sleepers, name);

static void sleeping_dtor_runs_in_a_worker(struct kunit *test)
{
	struct kpool_params p = *(const struct kpool_params *)test->param_value;
	struct sleeper *sleeper = zalloc_for(test, struct sleeper);
	struct kpool *pool;
	void *objs[OBJS];

	p.flags |= KPOOL_SLEEPING;
	p.ops = &sleeping_ops;
	p.ctx = sleeper;
	p.max_idle = KPOOL_KEEP_NONE;
	pool = pool_of(test, &p);
	get_all(test, pool, objs, OBJS);
	local_irq_disable();
	put_all(pool, objs, OBJS);
	local_irq_enable();
	kp_defer_sync(to_pool(pool));

	KUNIT_EXPECT_EQ(test, OBJS, atomic_read(&sleeper->dtors));
	KUNIT_EXPECT_EQ(test, OBJS, atomic_read(&sleeper->in_worker));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&sleeper->disturbed));
	KUNIT_EXPECT_EQ(test, figure(pool, deferred), (u64)OBJS);
	expect_in_use(test, pool, 0);
	destroy(test, pool);
}

struct builder {
	atomic_t ctors, in_worker;
};

static int builder_ctor(void *obj, void *ctx, gfp_t gfp, int node)
{
	struct builder *builder = ctx;

	atomic_inc(&builder->ctors);
	if (current->flags & PF_WQ_WORKER)
		atomic_inc(&builder->in_worker);
	return 0;
}

static const struct kpool_ops builder_ops = { .ctor = builder_ctor };

static const unsigned int builders[] = { 0, KPOOL_BUILD_IN_WORKER };

static void describe_builder(const unsigned int *flags, char *desc)
{
	strscpy(desc, *flags ? "in a worker" : "where it missed", KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(builder, builders, describe_builder);

static void ctor_runs_where_the_pool_says(struct kunit *test)
{
	unsigned int flags = *(const unsigned int *)test->param_value;
	struct builder *builder = zalloc_for(test, struct builder);
	const struct kpool_params p = { .name = "built", .size = 64, .flags = flags,
					.ops = &builder_ops, .ctx = builder };
	struct kpool *pool;
	void *objs[OBJS];

	pool = pool_of(test, &p);
	KUNIT_ASSERT_EQ(test, 0, kpool_get_bulk(pool, GFP_KERNEL, objs, OBJS));

	KUNIT_EXPECT_EQ(test, OBJS, atomic_read(&builder->ctors));
	KUNIT_EXPECT_EQ(test, flags ? OBJS : 0, atomic_read(&builder->in_worker));
	kpool_put_bulk(pool, objs, OBJS);
	expect_in_use(test, pool, 0);
}

static const unsigned int unbuildables[] = { KPOOL_SLEEPING, KPOOL_BUILD_IN_WORKER };

static void describe_unbuildable(const unsigned int *flags, char *desc)
{
	strscpy(desc, *flags == KPOOL_SLEEPING ? "sleeping" : "in a worker",
		KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(unbuildable, unbuildables, describe_unbuildable);

/* A get that may not block builds nothing itself. A worker builds the object for a later get. */
static void atomic_get_has_a_worker_build(struct kunit *test)
{
	unsigned int flags = *(const unsigned int *)test->param_value;
	struct builder *builder = zalloc_for(test, struct builder);
	const struct kpool_params p = { .name = "unbuildable", .size = 64, .flags = flags,
					.ops = &builder_ops, .ctx = builder };
	struct kpool *pool;
	void *obj;

	pin(test, raw_smp_processor_id());
	pool = pool_of(test, &p);
	obj = kpool_get(pool, GFP_NOWAIT);
	kpool_put(pool, obj);
	kp_defer_sync(to_pool(pool));

	/* The worker may have been quick enough. */
	KUNIT_EXPECT_TRUE(test, !IS_ERR(obj) || PTR_ERR(obj) == -ENOMEM);
	KUNIT_EXPECT_EQ(test, atomic_read(&builder->in_worker), atomic_read(&builder->ctors));
	KUNIT_EXPECT_TRUE(test, figure(pool, idle) || !keeps(pool));
	obj = kpool_get(pool, GFP_NOWAIT);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(obj), keeps(pool) ? 0 : -ENOMEM);
	kpool_put(pool, obj);
	expect_in_use(test, pool, 0);
}

struct point {
	long x, y;
} __aligned(32);

DEFINE_KPOOL_TYPE(point, struct point);

static void typed_pool_has_the_size_of_its_type(struct kunit *test)
{
	const struct kpool_params p = { .name = "points" };
	struct point_pool *points = point_pool_create(&p);
	struct point *one, *more[3];

	KUNIT_ASSERT_FALSE(test, IS_ERR(points));
	KUNIT_EXPECT_EQ(test, to_pool(point_pool(points))->size, sizeof(struct point));
	KUNIT_EXPECT_EQ(test, to_pool(point_pool(points))->align, __alignof__(struct point));
	one = point_get(points, GFP_KERNEL);
	KUNIT_ASSERT_FALSE(test, IS_ERR(one));
	KUNIT_EXPECT_EQ(test, 0, point_get_bulk(points, GFP_KERNEL, more, ARRAY_SIZE(more)));
	expect_in_use(test, point_pool(points), 4);
	point_put(points, one);
	point_put_bulk(points, more, ARRAY_SIZE(more));

	expect_in_use(test, point_pool(points), 0);
	KUNIT_EXPECT_EQ(test, 0, point_pool_destroy_sync(points, 1000));
}

static int (*const point_gets[])(struct point_pool *pool, gfp_t gfp, struct point **objs,
				 unsigned int n, long timeout_jiffies) = {
	point_get_bulk_timeout, point_get_bulk_interruptible_timeout,
	point_get_bulk_killable_timeout,
};

static void typed_pool_has_all_calls(struct kunit *test)
{
	const struct kpool_params p = { .name = "points-bounded", .max = 2 };
	struct point_pool *points = point_pool_create(&p);
	struct point *some[2], *more[2];
	struct kpool_limits limits;
	static struct kpool_stats stats;	/* too large for the stack */
	unsigned int i;

	KUNIT_ASSERT_FALSE(test, IS_ERR(points));
	for (i = 0; i < ARRAY_SIZE(point_gets); i++) {
		KUNIT_ASSERT_EQ(test, 0, point_gets[i](points, GFP_KERNEL, some, 2, FOR_EVER));
		KUNIT_EXPECT_EQ(test, -ETIMEDOUT, point_gets[i](points, GFP_KERNEL, more, 2, 1));
		point_put_bulk(points, some, 2);
	}
	point_pool_limits(points, &limits);
	KUNIT_EXPECT_EQ(test, limits.max, 2U);
	limits.max = 3;
	KUNIT_EXPECT_EQ(test, 0, point_pool_retune(points, &limits));
	KUNIT_EXPECT_EQ(test, 0, point_pool_retune_some(points, &limits, KPOOL_LIMIT_MAX_IDLE));
	point_pool_limits(points, &limits);
	KUNIT_EXPECT_EQ(test, limits.max, 3U);
	point_pool_trim(points);
	point_pool_stats(points, &stats);
	KUNIT_EXPECT_EQ(test, stats.existing, 0ULL);
	KUNIT_EXPECT_EQ(test, stats.timeouts, 3ULL);
	KUNIT_EXPECT_EQ(test, 0, point_pool_destroy_sync(points, 1000));
}

static int leave_early(struct kpool *pool, struct kpool_stats *inside)
{
	kpool_scoped(struct object, o, pool, GFP_KERNEL);

	if (IS_ERR(o))
		return PTR_ERR(o);
	kpool_stats(pool, inside);
	return 1;
}

static void scoped_get_puts_on_leaving(struct kunit *test)
{
	const struct kpool_params p = { .name = "scoped", .size = 64 };
	struct kpool *pool = pool_of(test, &p);
	struct kpool_stats inside;

	KUNIT_ASSERT_EQ(test, 1, leave_early(pool, &inside));

	KUNIT_EXPECT_EQ(test, inside.in_use, 1ULL);
	KUNIT_EXPECT_EQ(test, figure(pool, puts), 1ULL);
	expect_in_use(test, pool, 0);
}

static void scoped_get_that_failed_puts_nothing(struct kunit *test)
{
	struct consumer *consumer = failing_consumer(test, 1, -EIO);
	const struct kpool_params p = { .name = "scoped-fails", .size = 64, .ops = &consumer_ops,
					.ctx = consumer };
	struct kpool *pool = pool_of(test, &p);
	struct kpool_stats inside;

	KUNIT_EXPECT_EQ(test, -EIO, leave_early(pool, &inside));

	expect_in_use(test, pool, 0);
	destroy(test, pool);
}

static struct object *keep_one(struct kpool *pool)
{
	kpool_scoped(struct object, o, pool, GFP_KERNEL);

	return kpool_scope_keep(o);
}

static void scoped_get_can_be_kept(struct kunit *test)
{
	const struct kpool_params p = { .name = "scope-kept", .size = 64 };
	struct kpool *pool = pool_of(test, &p);
	struct object *o = keep_one(pool);

	KUNIT_ASSERT_FALSE(test, IS_ERR_OR_NULL(o));
	expect_in_use(test, pool, 1);
	kpool_put(pool, o);
	expect_in_use(test, pool, 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(last_put_is_first_got, kind_gen_params),
	KUNIT_CASE(contents_are_kept_while_idle),
	KUNIT_CASE(object_stays_built),
	KUNIT_CASE(wipe_comes_after_reset),
	KUNIT_CASE(wipe_spares_what_is_outside_its_range),
	KUNIT_CASE_PARAM(wipe_without_range_takes_all, wiped_gen_params),
	KUNIT_CASE(memory_goes_back_wiped),
	KUNIT_CASE(ctor_learns_gfp_and_node),
	KUNIT_CASE(ctor_error_reaches_the_caller),
	KUNIT_CASE(put_ignores_null_and_errors),
	KUNIT_CASE_PARAM(sleeping_dtor_runs_in_a_worker, sleeper_gen_params),
	KUNIT_CASE_PARAM(ctor_runs_where_the_pool_says, builder_gen_params),
	KUNIT_CASE_PARAM(atomic_get_has_a_worker_build, unbuildable_gen_params),
	KUNIT_CASE(typed_pool_has_the_size_of_its_type),
	KUNIT_CASE(typed_pool_has_all_calls),
	KUNIT_CASE(scoped_get_puts_on_leaving),
	KUNIT_CASE(scoped_get_that_failed_puts_nothing),
	KUNIT_CASE(scoped_get_can_be_kept),
	{}
};

struct kunit_suite objects_suite = {
	.name = "kpool_objects",
	.suite_exit = resume_ageing,
	.test_cases = cases,
};
