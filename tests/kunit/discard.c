// SPDX-License-Identifier: GPL-2.0-only
/* Objects that their consumer discards. context.c discards in interrupts. */
#include <linux/jiffies.h>

#include "base/work.h"
#include "fixture.h"
#include "object/due.h"
#include "pool.h"

#define OBJS		6

static const struct kpool_params kinds[] = {
	{ .name = "cached", .size = 64 },
	{ .name = "bounded", .size = 64, .max = OBJS },
	{ .name = "checked", .size = 64, .idle_ms = 60000, .lifetime_ms = 60000 },
	{ .name = "pages", .size = 8192 },
	{ .name = "vmalloc", .size = 64, .flags = KPOOL_VMALLOC },
	{ .name = "sleeping", .size = 64, .flags = KPOOL_SLEEPING },
	{ .name = "overflow", .size = 64, .max = 2, .flags = KPOOL_OVERFLOW },
	{ .name = "anyctx", .size = 64, .flags = KPOOL_ANYCTX },
	{ .name = "reserve", .size = 64, .reserve = OBJS },
	{ .name = "reserve-sleeping", .size = 64, .reserve = OBJS, .flags = KPOOL_SLEEPING },
};

KUNIT_ARRAY_PARAM_DESC(kind, kinds, name);

static struct kpool *pool_of_kind(struct kunit *test, struct consumer **consumer)
{
	struct kpool_params p = *(const struct kpool_params *)test->param_value;

	*consumer = zalloc_for(test, struct consumer);
	p.ops = &consumer_ops;
	return pool_of_consumer(test, &p, *consumer);
}

/* The object is gone: no get has it, reset does not run, and its cause is in the figures. */
static void discarded_object_is_torn_down(struct kunit *test)
{
	struct consumer *consumer;
	struct kpool *pool = pool_of_kind(test, &consumer);
	void *objs[OBJS];
	u64 created;
	unsigned int i;

	get_all(test, pool, objs, OBJS);
	created = figure(pool, created);
	for (i = 0; i < OBJS; i++)
		kpool_discard(pool, objs[i]);
	kp_defer_sync(to_pool(pool));

	KUNIT_EXPECT_EQ(test, atomic_read(&consumer->dtors), OBJS);
	KUNIT_EXPECT_EQ(test, atomic_read(&consumer->resets), 0);
	KUNIT_EXPECT_EQ(test, figure(pool, discarded), (u64)OBJS);
	KUNIT_EXPECT_EQ(test, figure(pool, destroyed), (u64)OBJS);
	KUNIT_EXPECT_EQ(test, figure(pool, puts), (u64)OBJS);
	expect_in_use(test, pool, 0);

	get_all(test, pool, objs, OBJS);
	KUNIT_EXPECT_EQ(test, figure(pool, created), created + OBJS);
	put_all(pool, objs, OBJS);
	expect_in_use(test, pool, 0);
	destroy(test, pool);
	KUNIT_EXPECT_EQ(test, atomic_read(&consumer->dtors), atomic_read(&consumer->ctors));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&consumer->wrongs));
}

static const struct kpool_params bounds[] = {
	{ .name = "one", .size = 64, .max = 1 },
	{ .name = "one-sleeping", .size = 64, .max = 1, .flags = KPOOL_SLEEPING },
	{ .name = "one-anyctx", .size = 64, .max = 1, .flags = KPOOL_ANYCTX },
	{ .name = "one-reserved", .size = 64, .max = 1, .reserve = 1 },
};

KUNIT_ARRAY_PARAM_DESC(bound, bounds, name);

/* The waiter builds an object of its own in the slot. */
static void slot_goes_to_the_next_waiter(struct kunit *test)
{
	struct consumer *consumer;
	struct kpool *pool = pool_of_kind(test, &consumer);
	struct getter *g;
	void *obj;

	get_all(test, pool, &obj, 1);
	g = waiter_start(test, pool, 1, FOR_EVER, TASK_UNINTERRUPTIBLE);
	kpool_discard(pool, obj);
	KUNIT_EXPECT_TRUE(test, came(g));
	KUNIT_EXPECT_EQ(test, 0, g->err);
	getter_end(test, g);
	KUNIT_EXPECT_EQ(test, atomic_read(&consumer->ctors), 2);
	KUNIT_EXPECT_EQ(test, figure(pool, discarded), 1ULL);
	KUNIT_EXPECT_GT(test, figure(pool, wait_max_ns), 0ULL);
	KUNIT_EXPECT_EQ(test, figure(pool, wait_max_ns), figure(pool, wait_ns));
	expect_in_use(test, pool, 0);
	destroy(test, pool);
	KUNIT_EXPECT_EQ(test, atomic_read(&consumer->dtors), atomic_read(&consumer->ctors));
}

/* The memory of a reserve stays. So the next object comes without an allocation. */
static void reserve_keeps_the_memory(struct kunit *test)
{
	const struct kpool_params p = { .name = "kept", .size = 64, .max = 1, .reserve = 1 };
	struct kpool *pool = pool_of(test, &p);
	void *obj, *next;

	get_all(test, pool, &obj, 1);
	kpool_discard(pool, obj);
	get_all(test, pool, &next, 1);
	KUNIT_EXPECT_PTR_EQ(test, obj, next);
	kpool_put(pool, next);
	expect_in_use(test, pool, 0);
}

static void discard_ignores_null_and_errors(struct kunit *test)
{
	const struct kpool_params p = { .name = "nothing", .size = 64 };
	struct kpool *pool = pool_of(test, &p);

	kpool_discard(pool, NULL);
	kpool_discard(pool, ERR_PTR(-ENOMEM));
	KUNIT_EXPECT_EQ(test, figure(pool, puts), 0ULL);
	KUNIT_EXPECT_EQ(test, figure(pool, discarded), 0ULL);
}

/* kpool_destroy() says how many are out. A late discard of the last object ends the pool. */
static void late_discard_ends_the_pool(struct kunit *test)
{
	const struct kpool_params p = { .name = "late", .size = 64 };
	struct kpool *pool = create(&p);
	void *objs[2];
	u32 id;

	KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
	id = to_pool(pool)->id;
	get_all(test, pool, objs, 2);
	KUNIT_EXPECT_EQ(test, kpool_destroy(pool), 2UL);
	KUNIT_EXPECT_TRUE(test, pool_left(id));
	kpool_put(pool, objs[0]);
	kpool_discard(pool, objs[1]);
	settle();
	KUNIT_EXPECT_FALSE(test, pool_left(id));
}

static void destroy_of_a_quiet_pool_says_none(struct kunit *test)
{
	const struct kpool_params p = { .name = "quiet", .size = 64 };
	struct kpool *pool = create(&p);
	void *obj;

	KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
	get_all(test, pool, &obj, 1);
	kpool_put(pool, obj);
	KUNIT_EXPECT_EQ(test, kpool_destroy(pool), 0UL);
	KUNIT_EXPECT_EQ(test, kpool_destroy(NULL), 0UL);
	KUNIT_EXPECT_EQ(test, kpool_destroy(ERR_PTR(-EINVAL)), 0UL);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(discarded_object_is_torn_down, kind_gen_params),
	KUNIT_CASE_PARAM(slot_goes_to_the_next_waiter, bound_gen_params),
	KUNIT_CASE(reserve_keeps_the_memory),
	KUNIT_CASE(discard_ignores_null_and_errors),
	KUNIT_CASE(late_discard_ends_the_pool),
	KUNIT_CASE(destroy_of_a_quiet_pool_says_none),
	{}
};

struct kunit_suite discard_suite = {
	.name = "kpool_discard",
	.suite_exit = resume_ageing,
	.test_cases = cases,
};
