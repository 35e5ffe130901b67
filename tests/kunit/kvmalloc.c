// SPDX-License-Identifier: GPL-2.0-only
/* KPOOL_KVMALLOC: objects from pages and from vmalloc(), in one pool. */
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sizes.h>

#include "base/clock.h"
#include "base/work.h"
#include "hog.h"
#include "path/rcu.h"
#include "pool.h"
#include "sets.h"

#define OBJS	12	/* an even number */

/*
 * Gets an object for which there are no pages: the first page allocation of the build fails.
 * The pool has no idle object.
 */
static void *get_without_pages(struct kpool *pool, gfp_t gfp)
{
	void *obj;

	WRITE_ONCE(current->fail_nth, 1);
	obj = kpool_get(pool, gfp);
	WRITE_ONCE(current->fail_nth, 0);
	return obj;
}

static void need_faults(struct kunit *test)
{
	void *p;

	WRITE_ONCE(current->fail_nth, 1);
	p = kmalloc(8, GFP_KERNEL);
	WRITE_ONCE(current->fail_nth, 0);
	kfree(p);
	if (p)
		kunit_skip(test, "write N to debugfs failslab/ignore-gfp-wait");
}

static unsigned int vmalloced(struct kpool *pool)
{
	return atomic_long_read(&to_pool(pool)->vmalloced);
}

/* One object of each kind in turn. */
static void get_mixed(struct kunit *test, struct kpool *pool, void **objs)
{
	unsigned int i;

	for (i = 0; i < OBJS; i++) {
		objs[i] = i % 2 ? get_without_pages(pool, GFP_KERNEL) :
				  kpool_get(pool, GFP_KERNEL);
		KUNIT_ASSERT_FALSE(test, IS_ERR(objs[i]));
		KUNIT_EXPECT_EQ(test, is_vmalloc_addr(objs[i]), i % 2 == 1);
		KUNIT_EXPECT_TRUE(test, IS_ALIGNED((unsigned long)objs[i], PAGE_SIZE));
	}
	KUNIT_EXPECT_EQ(test, vmalloced(pool), OBJS / 2U);
}

static const struct kpool_params kinds[] = {
	{ .name = "plain", .size = 8192 },
	{ .name = "odd", .size = 10000 },
	{ .name = "ctor", .size = 8192, .ops = &consumer_ops },
	{ .name = "small-magazines", .size = 8192, .magazine = 2, .ops = &consumer_ops },
	{ .name = "wiped", .size = 8192, .flags = KPOOL_ZERO_ON_PUT },
	{ .name = "anyctx", .size = 8192, .flags = KPOOL_ANYCTX, .ops = &consumer_ops },
	{ .name = "sleeping", .size = 8192, .flags = KPOOL_SLEEPING, .ops = &consumer_ops },
	{ .name = "stamped", .size = 8192, .idle_ms = 1000000 },
	{ .name = "dated", .size = 8192, .lifetime_ms = 1000000, .ops = &consumer_ops },
	{ .name = "rcu", .size = 8192, .flags = KPOOL_RCU },
	{ .name = "bounded", .size = 8192, .max = OBJS },
	{ .name = "bounded-ctor", .size = 8192, .max = 200, .ops = &consumer_ops },
	{ .name = "nothing-idle", .size = 8192, .max_idle = KPOOL_KEEP_NONE, .ops = &consumer_ops },
	{ .name = "on-node", .size = 8192, .flags = KPOOL_ON_NODE },
	{ .name = "bypass", .size = 8192, .flags = KPOOL_BYPASS, .ops = &consumer_ops },
};

KUNIT_ARRAY_PARAM_DESC(kind, kinds, name);

static struct kpool *pool_of_kind(struct kunit *test, struct consumer **consumer)
{
	struct kpool_params p = *(const struct kpool_params *)test->param_value;

	need_faults(test);
	*consumer = zalloc_for(test, struct consumer);
	p.flags |= KPOOL_KVMALLOC;
	return pool_of_consumer(test, &p, *consumer);
}

static void put_somewhere(struct kpool *pool, void **objs, unsigned int how)
{
	switch (how) {
	case 0:
		put_all(pool, objs, OBJS);
		break;
	case 1:
		kpool_put_bulk(pool, objs, OBJS);
		break;
	case 2:
		local_irq_disable();
		put_all(pool, objs, OBJS);
		local_irq_enable();
		break;
	case 3:
		put_all_in_irq(pool, objs, OBJS);
		break;
	}
}

/* Objects of both kinds pass all stations of an object's life, in any context. */
static void mixed_objects_come_and_go(struct kunit *test)
{
	struct consumer *consumer;
	struct kpool *pool = pool_of_kind(test, &consumer);
	void *objs[OBJS], *again[OBJS];
	unsigned int how, i;
	bool kept;

	for (how = 0; how < 4; how++) {
		get_mixed(test, pool, objs);
		for (i = 0; i < OBJS && !to_pool(pool)->ops.ctor; i++)
			memset(objs[i], 0x5a, to_pool(pool)->size);
		put_somewhere(pool, objs, how);
		expect_in_use(test, pool, 0);
		kept = figure(pool, idle) == OBJS;
		get_all(test, pool, again, OBJS);
		KUNIT_EXPECT_EQ(test, vmalloced(pool), kept ? OBJS / 2U : 0);
		for (i = 0; i < OBJS && !to_pool(pool)->ops.ctor; i++)
			memset(again[i], 0x3c, to_pool(pool)->size);
		put_somewhere(pool, again, how);
		expect_whole(test, pool, consumer);
		KUNIT_EXPECT_EQ(test, vmalloced(pool), 0U);
	}
	destroy(test, pool);
}

/* vfree() may sleep, so a worker does it. */
static void teardown_is_left_to_a_worker(struct kunit *test)
{
	struct consumer *consumer = zalloc_for(test, struct consumer);
	const struct kpool_params p = { .name = "discarded", .size = 8192, .ops = &consumer_ops,
					.flags = KPOOL_KVMALLOC, .max_idle = KPOOL_KEEP_NONE };
	struct kpool *pool;
	void *objs[OBJS];

	need_faults(test);
	pool = pool_of_consumer(test, &p, consumer);
	get_mixed(test, pool, objs);
	put_all(pool, objs, OBJS);
	kp_defer_sync(to_pool(pool));

	KUNIT_EXPECT_EQ(test, figure(pool, deferred), (u64)OBJS);
	KUNIT_EXPECT_EQ(test, vmalloced(pool), 0U);
	expect_whole(test, pool, consumer);
}

/* If there are no pages, a get that may not wait has a worker build for the next get. */
static void get_that_may_not_wait_is_helped_by_a_worker(struct kunit *test)
{
	const struct kpool_params p = { .name = "atomic", .size = 8192, .flags = KPOOL_KVMALLOC };
	struct kpool *pool = pool_of(test, &p);
	void *first, *obj;

	need_faults(test);
	obj = kpool_get(pool, GFP_ATOMIC);
	KUNIT_ASSERT_FALSE(test, IS_ERR(obj));
	KUNIT_EXPECT_FALSE(test, is_vmalloc_addr(obj));
	/* The worker may be quick enough for this get. */
	first = get_without_pages(pool, GFP_ATOMIC);
	if (IS_ERR(first))
		KUNIT_EXPECT_EQ(test, PTR_ERR(first), (long)-ENOMEM);
	kpool_put(pool, first);
	kpool_put(pool, obj);
	kpool_trim(pool);
	obj = get_without_pages(pool, GFP_ATOMIC);
	kp_defer_sync(to_pool(pool));
	kpool_put(pool, obj);
	if (keeps(pool)) {
		obj = get_without_pages(pool, GFP_ATOMIC);
		KUNIT_EXPECT_FALSE(test, IS_ERR(obj));
		kpool_put(pool, obj);
	}
	expect_in_use(test, pool, 0);
}

static void zeroed_get_zeroes_both(struct kunit *test)
{
	const struct kpool_params p = { .name = "zeroed", .size = 8192, .flags = KPOOL_KVMALLOC };
	struct kpool *pool = pool_of(test, &p);
	void *objs[OBJS];
	unsigned int i, round;

	need_faults(test);
	pin(test, raw_smp_processor_id());
	get_mixed(test, pool, objs);
	for (round = 0; round < 2; round++) {
		for (i = 0; i < OBJS; i++)
			memset(objs[i], 0xff, p.size);
		put_all(pool, objs, OBJS);
		for (i = 0; i < OBJS; i++) {
			objs[i] = kpool_get(pool, GFP_KERNEL | __GFP_ZERO);
			KUNIT_ASSERT_FALSE(test, IS_ERR(objs[i]));
			KUNIT_EXPECT_TRUE(test, !memchr_inv(objs[i], 0, p.size));
		}
	}
	put_all(pool, objs, OBJS);
	expect_in_use(test, pool, 0);
}

/* Both kinds are put after a grace period. Each kind is linked in its own way meanwhile. */
static void both_wait_for_a_grace_period(struct kunit *test)
{
	struct consumer *consumer = zalloc_for(test, struct consumer);
	const struct kpool_params p = { .name = "rcu", .size = 8192, .ops = &consumer_ops,
					.flags = KPOOL_KVMALLOC | KPOOL_RCU };
	struct kpool *pool;
	void *objs[OBJS];
	unsigned int i;

	need_faults(test);
	pool = pool_of_consumer(test, &p, consumer);
	get_mixed(test, pool, objs);
	for (i = 0; i < OBJS; i++)
		kpool_put_rcu(pool, objs[i]);
	kp_rcu_sync(to_pool(pool));
	expect_in_use(test, pool, 0);
	expect_idle(test, pool, OBJS);
	KUNIT_EXPECT_EQ(test, atomic_read(&consumer->resets), OBJS);
	expect_whole(test, pool, consumer);
}

/* Each kind stores its birth in its own way. */
static void both_have_a_lifetime(struct kunit *test)
{
	struct consumer *consumer = zalloc_for(test, struct consumer);
	const struct kpool_params p = { .name = "dated", .size = 8192, .ops = &consumer_ops,
					.flags = KPOOL_KVMALLOC, .lifetime_ms = 100000 };
	struct kpool *pool;
	void *objs[OBJS];

	need_faults(test);
	pool = pool_of_consumer(test, &p, consumer);
	get_mixed(test, pool, objs);
	put_all(pool, objs, OBJS);
	kp_defer_sync(to_pool(pool));
	expect_idle(test, pool, OBJS);
	KUNIT_EXPECT_EQ(test, figure(pool, lifetime_expired), 0ULL);
	if (nothing_kept(test, pool))
		return;
	get_all(test, pool, objs, OBJS);
	WRITE_ONCE(kp_clock_slept, kp_clock_slept + msecs_to_jiffies(200000));
	put_all(pool, objs, OBJS);
	kp_defer_sync(to_pool(pool));

	KUNIT_EXPECT_EQ(test, figure(pool, lifetime_expired), (u64)OBJS);
	KUNIT_EXPECT_EQ(test, figure(pool, idle), 0ULL);
	KUNIT_EXPECT_EQ(test, vmalloced(pool), 0U);
	expect_whole(test, pool, consumer);
}

/* A reserve keeps objects of both kinds, or their memory if objects expire. */
static void reserve_keeps_both(struct kunit *test)
{
	struct consumer *consumer = zalloc_for(test, struct consumer);
	struct kpool_params p = { .name = "reserve", .size = 8192, .ops = &consumer_ops,
				  .flags = KPOOL_KVMALLOC, .reserve = OBJS, .ctx = consumer };
	unsigned int round, i;
	struct kpool *pool;
	void *objs[OBJS], *mixed[OBJS];
	bool mixes;

	need_faults(test);
	pin(test, raw_smp_processor_id());
	for (round = 0; round < 2; round++) {
		p.idle_ms = round ? 1000000 : 0;
		pool = pool_of(test, &p);
		get_all(test, pool, objs, OBJS);
		get_mixed(test, pool, mixed);
		put_all(pool, objs, OBJS);
		kpool_trim(pool);
		kp_defer_sync(to_pool(pool));
		put_all(pool, mixed, OBJS);
		kpool_trim(pool);
		kp_defer_sync(to_pool(pool));
		/*
		 * With bypass a get does not use the reserve list, so the list's objects stay
		 * as they are.
		 */
		mixes = keeps(pool) || round;
		KUNIT_EXPECT_EQ(test, vmalloced(pool), mixes ? OBJS / 2U : 0);
		KUNIT_EXPECT_EQ(test, figure(pool, existing), round ? 0ULL : (u64)OBJS);
		get_all(test, pool, objs, OBJS);
		KUNIT_EXPECT_EQ(test, vmalloced(pool), mixes ? OBJS / 2U : 0);
		for (i = 0; i < OBJS; i++)
			memset(objs[i] + sizeof(struct object), 0x5a,
			       p.size - sizeof(struct object));
		put_all(pool, objs, OBJS);
		expect_in_use(test, pool, 0);
		destroy(test, pool);
		KUNIT_EXPECT_EQ(test, atomic_read(&consumer->dtors),
				atomic_read(&consumer->ctors));
		KUNIT_EXPECT_EQ(test, 0, atomic_read(&consumer->wrongs));
	}
}

static void objects_larger_than_any_pages_are_of_vmalloc(struct kunit *test)
{
	const struct kpool_params p = { .name = "huge", .size = KMALLOC_MAX_SIZE + 1,
					.flags = KPOOL_KVMALLOC };
	struct kpool *pool = pool_of(test, &p);
	void *obj = kpool_get(pool, GFP_KERNEL);

	KUNIT_ASSERT_FALSE(test, IS_ERR(obj));
	KUNIT_EXPECT_TRUE(test, is_vmalloc_addr(obj));
	kpool_put(pool, obj);
	expect_in_use(test, pool, 0);
}

static void sets_say_what_is_of_vmalloc(struct kunit *test)
{
	struct kpool_sized_class_stats *st = zalloc_for(test, struct kpool_sized_class_stats);
	static const struct kpool_sized_class classes[] = { { .size = 8192 }, { .size = 100000 } };
	static const struct kpool_sized_params p = { .name = "says", CLASSES(classes),
						     .flags = KPOOL_ZERO_ON_PUT };
	struct kpool_sized *set = set_of(test, &p);
	void *buf, *small;

	need_faults(test);
	WRITE_ONCE(current->fail_nth, 1);
	small = kpool_sized_get(set, 8000, GFP_KERNEL);
	WRITE_ONCE(current->fail_nth, 1);
	buf = kpool_sized_get(set, 90000, GFP_KERNEL);
	WRITE_ONCE(current->fail_nth, 0);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(small), -ENOMEM);
	KUNIT_ASSERT_FALSE(test, IS_ERR(buf));
	KUNIT_EXPECT_TRUE(test, is_vmalloc_addr(buf));
	memset(buf, 0x5a, 100000);
	KUNIT_EXPECT_EQ(test, 0, kpool_sized_class_stats(set, 1, st));
	KUNIT_EXPECT_EQ(test, st->vmalloced, 1ULL);
	kpool_sized_put(set, buf, 90000);
	expect_set_trimmed(test, set);
	KUNIT_EXPECT_EQ(test, 0, kpool_sized_class_stats(set, 1, st));
	KUNIT_EXPECT_EQ(test, st->vmalloced, 0ULL);
}

/* No injected fault: memory is fragmented as after a long time. */
static void large_buffers_come_while_memory_is_in_pieces(struct kunit *test)
{
	struct kpool_sized *set = set_of(test, &(struct kpool_sized_params){ .name = "pieces" });
	struct kpool_sized_class_stats stats;
	struct hog *hog = zalloc_for(test, struct hog);
	void *bufs[4];
	unsigned int i;

	hog_start(hog);
	for (i = 0; i < ARRAY_SIZE(bufs); i++) {
		hog_more(hog);
		bufs[i] = kpool_sized_get(set, SZ_1M, GFP_KERNEL);
	}
	hog_end(hog);
	for (i = 0; i < ARRAY_SIZE(bufs); i++) {
		KUNIT_EXPECT_FALSE(test, IS_ERR(bufs[i]));
		if (!IS_ERR(bufs[i]))
			memset(bufs[i], i, SZ_1M);
	}
	KUNIT_EXPECT_EQ(test, 0, kpool_sized_class_stats(set, nr_classes(set) - 1, &stats));
	/* Others may free a block in the meantime. */
	KUNIT_EXPECT_GT(test, stats.vmalloced, 0ULL);
	put_bufs(set, bufs, ARRAY_SIZE(bufs), SZ_1M);
	end_set(test, set);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(mixed_objects_come_and_go, kind_gen_params),
	KUNIT_CASE(teardown_is_left_to_a_worker),
	KUNIT_CASE(get_that_may_not_wait_is_helped_by_a_worker),
	KUNIT_CASE(zeroed_get_zeroes_both),
	KUNIT_CASE(both_wait_for_a_grace_period),
	KUNIT_CASE(both_have_a_lifetime),
	KUNIT_CASE(reserve_keeps_both),
	KUNIT_CASE(objects_larger_than_any_pages_are_of_vmalloc),
	KUNIT_CASE(sets_say_what_is_of_vmalloc),
	KUNIT_CASE(large_buffers_come_while_memory_is_in_pieces),
	{}
};

struct kunit_suite kvmalloc_suite = {
	.name = "kpool_kvmalloc",
	.suite_exit = resume_ageing,
	.test_cases = cases,
};
