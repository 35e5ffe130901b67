// SPDX-License-Identifier: GPL-2.0-only
/* KPOOL_HUGE_PAGES: objects that are carved out of pages of 2 MiB. */
#include <linux/align.h>
#include <linux/jump_label.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sizes.h>

#include "base/work.h"
#include "pool.h"
#include "sets.h"

/* The steps of a build, each of which may find no memory, are fewer. */
#define ENOUGH	20

static void expect_pages(struct kunit *test, struct kpool *pool, u64 huge_pages, u64 carved)
{
	KUNIT_EXPECT_EQ(test, figure(pool, huge_pages), huge_pages);
	KUNIT_EXPECT_EQ(test, figure(pool, carved), carved);
}

/* No object is left in a huge page, so none stays. */
static void expect_given_back(struct kunit *test, struct kpool *pool)
{
	kpool_trim(pool);
	kp_defer_sync(to_pool(pool));
	flush_workqueue(kpool_wq);
	expect_in_use(test, pool, 0);
	expect_pages(test, pool, 0, 0);
}

static unsigned long huge_page_of(const void *obj)
{
	return (unsigned long)obj / SZ_2M;
}

static const struct kpool_params carved[] = {
	{ .name = "page", .size = PAGE_SIZE },
	{ .name = "8K", .size = SZ_8K, .ops = &consumer_ops },
	{ .name = "odd", .size = 20000, .ops = &consumer_ops },
	{ .name = "aligned", .size = SZ_8K, .align = SZ_64K },
	{ .name = "wiped", .size = SZ_64K, .flags = KPOOL_ZERO_ON_PUT },
	{ .name = "kvmalloc", .size = SZ_128K, .flags = KPOOL_KVMALLOC, .ops = &consumer_ops },
	{ .name = "sleeping", .size = SZ_256K, .flags = KPOOL_SLEEPING, .ops = &consumer_ops },
	{ .name = "dated", .size = SZ_512K, .lifetime_ms = 1000000, .ops = &consumer_ops },
	{ .name = "half", .size = SZ_1M },
};

KUNIT_ARRAY_PARAM_DESC(carved, carved, name);

static struct kpool *huge_pool(struct kunit *test, const struct kpool_params *params)
{
	struct kpool_params p = *params;

	p.flags |= KPOOL_HUGE_PAGES;
	p.ctx = zalloc_for(test, struct consumer);
	return pool_of(test, &p);
}

/* Nothing of a bypassed pool is carved. Then checks only that. */
static bool nothing_carved(struct kunit *test, struct kpool *pool)
{
	void *obj;

	if (keeps(pool))
		return false;
	obj = kpool_get(pool, GFP_KERNEL);
	KUNIT_EXPECT_FALSE(test, IS_ERR(obj));
	expect_pages(test, pool, 0, 0);
	kpool_put(pool, obj);
	expect_given_back(test, pool);
	return true;
}

/* As many objects as fit lie side by side in a huge page. The next one opens another. */
static void objects_share_a_huge_page(struct kunit *test)
{
	struct kpool *pool = huge_pool(test, test->param_value);
	size_t bytes = to_pool(pool)->footprint;
	unsigned int i, k, n = SZ_2M / bytes;
	void **objs = room_for(test, n + 1);
	unsigned long *seen = zalloc_bytes(test, BITS_TO_LONGS(n) * sizeof(long));

	if (nothing_carved(test, pool))
		return;
	pin(test, raw_smp_processor_id());
	get_all(test, pool, objs, n);
	expect_pages(test, pool, 1, n);
	for (i = 0; i < n; i++) {
		KUNIT_ASSERT_EQ(test, huge_page_of(objs[i]), huge_page_of(objs[0]));
		KUNIT_ASSERT_TRUE(test, IS_ALIGNED((unsigned long)objs[i], bytes));
		k = (unsigned long)objs[i] % SZ_2M / bytes;
		KUNIT_EXPECT_FALSE(test, __test_and_set_bit(k, seen));
		if (!to_pool(pool)->ops.ctor)
			memset(objs[i], i, to_pool(pool)->size);
	}
	get_all(test, pool, objs + n, 1);
	KUNIT_EXPECT_NE(test, huge_page_of(objs[n]), huge_page_of(objs[0]));
	expect_pages(test, pool, 2, n + 1);
	put_all(pool, objs, n + 1);
	expect_given_back(test, pool);
}

/* Each node has huge pages of its own. A get on one node takes nothing of another node's. */
static void objects_lie_on_the_node_of_their_get(struct kunit *test)
{
	const struct kpool_params p = { .name = "nodes", .size = SZ_64K };
	int cpus[] = { cpu_on_node(test, 0), cpu_on_node(test, 1) };
	struct kpool *pool = huge_pool(test, &p);
	void *objs[8];
	unsigned int i;

	if (nothing_carved(test, pool))
		return;
	for (i = 0; i < ARRAY_SIZE(objs); i++)
		get_on(test, cpus[i % 2], pool, objs + i, 1);
	for (i = 0; i < ARRAY_SIZE(objs); i++)
		KUNIT_EXPECT_EQ(test, page_to_nid(virt_to_page(objs[i])), (int)i % 2);
	expect_pages(test, pool, 2, ARRAY_SIZE(objs));
	put_all(pool, objs, ARRAY_SIZE(objs));
	expect_given_back(test, pool);
}

/* What one object left is where the next one comes to lie. */
static void free_piece_is_carved_again(struct kunit *test)
{
	const struct kpool_params p = { .name = "again", .size = SZ_512K,
					.max_idle = KPOOL_KEEP_NONE };
	struct kpool *pool = huge_pool(test, &p);
	void *objs[8], *hole;

	if (nothing_carved(test, pool))
		return;
	pin(test, raw_smp_processor_id());
	get_all(test, pool, objs, ARRAY_SIZE(objs));
	expect_pages(test, pool, 2, ARRAY_SIZE(objs));
	hole = objs[1];
	kpool_put(pool, objs[1]);
	kp_defer_sync(to_pool(pool));
	expect_pages(test, pool, 2, ARRAY_SIZE(objs) - 1);
	get_all(test, pool, objs + 1, 1);
	KUNIT_EXPECT_PTR_EQ(test, objs[1], hole);
	put_all(pool, objs, ARRAY_SIZE(objs));
	expect_given_back(test, pool);
}

/* A fresh object has no bytes of an earlier one, in a kernel that promises that. */
static void old_bytes_do_not_come_back(struct kunit *test)
{
	const struct kpool_params p = { .name = "old-bytes", .size = SZ_512K,
					.max_idle = KPOOL_KEEP_NONE };
	struct kpool *pool = huge_pool(test, &p);
	bool promised = want_init_on_alloc(GFP_KERNEL);
	void *objs[2], *before;

	if (!promised)
		static_branch_enable(&init_on_alloc);
	pin(test, raw_smp_processor_id());
	get_all(test, pool, objs, 2);
	before = objs[1];
	memset(before, 0x5a, p.size);
	kpool_put(pool, objs[1]);
	kp_defer_sync(to_pool(pool));
	get_all(test, pool, objs + 1, 1);
	KUNIT_EXPECT_TRUE(test, !keeps(pool) || objs[1] == before);
	KUNIT_EXPECT_TRUE(test, !memchr_inv(objs[1], 0, p.size));
	put_all(pool, objs, 2);
	expect_given_back(test, pool);
	if (!promised)
		static_branch_disable(&init_on_alloc);
}

/* One huge page goes back while objects are in another. */
static void empty_huge_page_goes_back(struct kunit *test)
{
	const struct kpool_params p = { .name = "one-by-one", .size = SZ_1M,
					.max_idle = KPOOL_KEEP_NONE };
	struct kpool *pool = huge_pool(test, &p);
	void *objs[6];

	if (nothing_carved(test, pool))
		return;
	pin(test, raw_smp_processor_id());
	get_all(test, pool, objs, ARRAY_SIZE(objs));
	expect_pages(test, pool, 3, 6);
	put_all(pool, objs + 2, 2);
	kp_defer_sync(to_pool(pool));
	flush_workqueue(kpool_wq);
	expect_pages(test, pool, 2, 4);
	put_all(pool, objs, 1);
	kp_defer_sync(to_pool(pool));
	flush_workqueue(kpool_wq);
	expect_pages(test, pool, 2, 3);
	put_all(pool, objs + 1, 1);
	put_all(pool, objs + 4, 2);
	expect_given_back(test, pool);
}

/* The bytes that no object has are the pool's overhead. */
static void what_is_free_is_overhead(struct kunit *test)
{
	const struct kpool_params p = { .name = "overhead", .size = SZ_256K };
	struct kpool *pool = huge_pool(test, &p);
	u64 before = figure(pool, overhead), one;
	void *objs[2];

	if (nothing_carved(test, pool))
		return;
	pin(test, raw_smp_processor_id());
	get_all(test, pool, objs, 1);
	one = figure(pool, overhead);
	KUNIT_EXPECT_GE(test, one, before + SZ_2M - SZ_256K);
	KUNIT_EXPECT_EQ(test, figure(pool, memory), (u64)SZ_256K);
	get_all(test, pool, objs + 1, 1);
	KUNIT_EXPECT_LE(test, figure(pool, overhead), one - SZ_256K + SZ_4K);
	put_all(pool, objs, 2);
	expect_given_back(test, pool);
}

/* A get that may not block opens no huge page, but uses what is open. */
static void atomic_gets_use_what_is_open(struct kunit *test)
{
	const struct kpool_params p = { .name = "atomic", .size = SZ_8K };
	struct kpool *pool = huge_pool(test, &p);
	void *objs[3];

	if (nothing_carved(test, pool))
		return;
	pin(test, raw_smp_processor_id());
	objs[0] = kpool_get(pool, GFP_ATOMIC);
	KUNIT_ASSERT_FALSE(test, IS_ERR(objs[0]));
	expect_pages(test, pool, 0, 0);
	get_all(test, pool, objs + 1, 1);
	expect_pages(test, pool, 1, 1);
	objs[2] = kpool_get(pool, GFP_ATOMIC);
	KUNIT_ASSERT_FALSE(test, IS_ERR(objs[2]));
	expect_pages(test, pool, 1, 2);
	put_all_in_irq(pool, objs, ARRAY_SIZE(objs));
	expect_given_back(test, pool);
}

/* Whatever the huge page needs, and does not find, the object comes from other pages. */
static void without_huge_page_objects_come_from_pages(struct kunit *test)
{
	const struct kpool_params p = { .name = "fallback", .size = SZ_8K };
	struct kpool *pool = huge_pool(test, &p);
	unsigned int n, left, others = 0;
	void *obj;

	if (!faults_reach_us())
		kunit_skip(test, "needs failslab and fail_page_alloc");
	if (nothing_carved(test, pool))
		return;
	for (n = 1; n < ENOUGH; n++) {
		WRITE_ONCE(current->fail_nth, n);
		obj = kpool_get(pool, GFP_KERNEL);
		left = READ_ONCE(current->fail_nth);
		WRITE_ONCE(current->fail_nth, 0);
		KUNIT_ASSERT_FALSE(test, IS_ERR(obj));
		memset(obj, n, SZ_8K);
		others += !figure(pool, carved);
		kpool_put(pool, obj);
		expect_given_back(test, pool);
		if (left)
			break;
	}
	/* At least the note about the huge page, and the huge page itself. */
	KUNIT_EXPECT_GE(test, others, 2U);
	KUNIT_EXPECT_LT(test, n, (unsigned int)ENOUGH);
}

/* Memory debuggers are to see each object of such a pool. */
static void bypassed_pool_has_no_huge_page(struct kunit *test)
{
	const struct kpool_params p = { .name = "bypassed", .size = SZ_8K, .flags = KPOOL_BYPASS };
	struct kpool *pool = huge_pool(test, &p);

	KUNIT_EXPECT_TRUE(test, nothing_carved(test, pool));
}

/* Some objects of a bulk get find memory, and others do not: what was carved goes back. */
static void failed_bulk_get_gives_back(struct kunit *test)
{
	struct consumer *consumer = failing_consumer(test, 5, -EIO);
	const struct kpool_params p = { .name = "undone", .size = SZ_512K,
					.flags = KPOOL_HUGE_PAGES, .ops = &consumer_ops };
	struct kpool *pool = pool_of_consumer(test, &p, consumer);
	void *objs[6];

	KUNIT_EXPECT_EQ(test, kpool_get_bulk(pool, GFP_KERNEL, objs, ARRAY_SIZE(objs)), -EIO);
	expect_given_back(test, pool);
}

/* Classes of a page to 1 MiB are carved. Others come from where they always do. */
static void sets_carve_what_can_be_carved(struct kunit *test)
{
	static const struct kpool_sized_class classes[] = {
		{ .size = 64 }, { .size = SZ_8K }, { .size = SZ_128K }, { .size = SZ_2M },
	};
	static const struct kpool_sized_params p = { .name = "huge", CLASSES(classes),
						     .flags = KPOOL_HUGE_PAGES };
	struct kpool_sized_class_stats *st = zalloc_for(test, struct kpool_sized_class_stats);
	struct kpool_sized *set = set_of(test, &p);
	unsigned int i;
	u64 wanted;
	void *buf;

	for (i = 0; i < ARRAY_SIZE(classes); i++) {
		wanted = set_keeps(set) && (i == 1 || i == 2);
		buf = kpool_sized_get(set, classes[i].size, GFP_KERNEL);
		KUNIT_ASSERT_FALSE(test, IS_ERR(buf));
		memset(buf, i, classes[i].size);
		KUNIT_EXPECT_EQ(test, 0, kpool_sized_class_stats(set, i, st));
		KUNIT_EXPECT_EQ(test, st->pool.carved, wanted);
		kpool_sized_put(set, buf, classes[i].size);
	}
	expect_set_trimmed(test, set);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(objects_lie_on_the_node_of_their_get),
	ONLY_ON_A_MACHINE
	KUNIT_CASE_PARAM(objects_share_a_huge_page, carved_gen_params),
	KUNIT_CASE(free_piece_is_carved_again),
	KUNIT_CASE(old_bytes_do_not_come_back),
	KUNIT_CASE(empty_huge_page_goes_back),
	KUNIT_CASE(what_is_free_is_overhead),
	KUNIT_CASE(atomic_gets_use_what_is_open),
	KUNIT_CASE(without_huge_page_objects_come_from_pages),
	KUNIT_CASE(bypassed_pool_has_no_huge_page),
	KUNIT_CASE(failed_bulk_get_gives_back),
	KUNIT_CASE(sets_carve_what_can_be_carved),
	{}
};

struct kunit_suite huge_suite = {
	.name = "kpool_huge",
	.suite_exit = resume_ageing,
	.test_cases = cases,
};
