// SPDX-License-Identifier: GPL-2.0-only
/* Pools of rings: a put ring, a pool that ends, and a pool whose creation failed. */
#include <kunit/resource.h>
#include <linux/debug_locks.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/sizes.h>
#include <linux/vmstat.h>

#include "base/work.h"
#include "object/due.h"
#include "pool.h"
#include "rings.h"

static struct kpool_ring_pool *create_rings(const struct kpool_ring_pool_params *params)
{
	struct kpool_ring_pool *pool = kpool_ring_pool_create(params);

	kp_age_stop();
	return pool;
}

static void end_rings(struct kunit_resource *res)
{
	kpool_ring_pool_destroy(res->data);
}

static struct kpool_ring_pool *rings_of(struct kunit *test,
					const struct kpool_ring_pool_params *params)
{
	struct kpool_ring_pool *pool = create_rings(params);

	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(pool), "create %s: %pe", params->name, pool);
	kunit_alloc_resource(test, NULL, end_rings, GFP_KERNEL, pool);
	return pool;
}

/* A worker wipes large rings, and then puts them. */
static void expect_none_in_use(struct kunit *test, struct kpool_ring_pool *pool)
{
	flush_workqueue(kpool_wq);
	expect_in_use(test, kpool_ring_pool(pool), 0);
}

static struct kpool_ring *get_ring(struct kunit *test, struct kpool_ring_pool *pool)
{
	struct kpool_ring *ring = kpool_ring_get(pool, GFP_KERNEL);

	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(ring), "get: %pe", ring);
	return ring;
}

static const struct kpool_ring_pool_params pools[] = {
	{ .name = "rings-small", .size = 100 },
	{ .name = "rings-page", .size = PAGE_SIZE },
	{ .name = "rings-large", .size = 300000 },
	{ .name = "rings-mirrored", .size = 2 * PAGE_SIZE, .ring_flags = KPOOL_RING_MIRRORED },
	{ .name = "rings-overwriting", .size = 100, .ring_flags = KPOOL_RING_OVERWRITE },
	{ .name = "rings-wiped", .size = 5000,
	  .ring_flags = KPOOL_RING_OVERWRITE | KPOOL_RING_WIPED },
	{ .name = "rings-all-flags", .size = PAGE_SIZE,
	  .ring_flags = KPOOL_RING_OVERWRITE | KPOOL_RING_MIRRORED | KPOOL_RING_WIPED },
	{ .name = "rings-wiped-large", .size = 100000, .ring_flags = KPOOL_RING_WIPED },
	{ .name = "rings-mappable", .size = 100, .ring_flags = KPOOL_RING_MAPPABLE },
	{ .name = "rings-mappable-mirrored", .size = 2 * PAGE_SIZE,
	  .ring_flags = KPOOL_RING_MAPPABLE | KPOOL_RING_MIRRORED | KPOOL_RING_OVERWRITE },
	{ .name = "rings-bounded", .size = 100, .max = 2 },
	{ .name = "rings-reserve", .size = 5000, .reserve = 2 },
	{ .name = "rings-bypass", .size = 5000, .flags = KPOOL_BYPASS },
};

KUNIT_ARRAY_PARAM_DESC(pool, pools, name);

/* Expects the state of a ring that was just created. */
static void expect_new(struct kunit *test, struct kpool_ring *ring, size_t size)
{
	size_t n = SIZE_MAX;

	KUNIT_EXPECT_EQ(test, kpool_ring_size(ring), size);
	KUNIT_EXPECT_EQ(test, kpool_ring_len(ring), (size_t)0);
	KUNIT_EXPECT_EQ(test, kpool_ring_space(ring), size);
	KUNIT_EXPECT_EQ(test, kpool_ring_lost(ring), 0ULL);
	/* A commit of bytes that another user reserved would cause a warning. */
	KUNIT_EXPECT_EQ(test, ring->reserved, (size_t)0);
	KUNIT_EXPECT_NULL(test, kpool_ring_peek_contiguous(ring, &n));
	/* All bytes, from the first one on. */
	n = SIZE_MAX;
	KUNIT_EXPECT_NOT_NULL(test, kpool_ring_reserve(ring, &n));
	KUNIT_EXPECT_EQ(test, n, size);
	kpool_ring_commit(ring, 0);
}

static void put_resets(struct kunit *test)
{
	const struct kpool_ring_pool_params *p = test->param_value;
	struct kpool_ring_pool *pool = rings_of(test, p);
	u8 *buf = bytes_of(test, p->size);
	struct kpool_ring *ring;
	unsigned int turn;
	size_t n;

	pin(test, raw_smp_processor_id());
	stream_fill(buf, 0, p->size);
	for (turn = 0; turn < 3; turn++) {
		ring = get_ring(test, pool);
		expect_new(test, ring, p->size);
		kpool_ring_write(ring, buf, p->size);
		kpool_ring_read(ring, buf, p->size / 3);
		kpool_ring_write(ring, buf, p->size);
		n = 1;
		kpool_ring_skip(ring, 10);
		kpool_ring_reserve(ring, &n);
		kpool_ring_put(pool, ring);
	}
	expect_none_in_use(test, pool);
}

static void put_wipes_if_asked_to(struct kunit *test)
{
	const struct kpool_ring_pool_params *p = test->param_value;
	struct kpool_ring_pool *pool = rings_of(test, p);
	struct kpool_ring *ring, *again;

	pin(test, raw_smp_processor_id());
	ring = get_ring(test, pool);
	memset(ring->data, 0xaa, p->size);
	kpool_ring_put(pool, ring);
	settle();	/* a worker wipes large rings */
	again = get_ring(test, pool);
	/*
	 * A pool that keeps rings gives the same ring again. Otherwise another may have its
	 * address. A worker may put a large ring on another CPU.
	 */
	if (p->size <= SZ_64K)
		KUNIT_EXPECT_TRUE(test, again == ring || !keeps(kpool_ring_pool(pool)));
	if (keeps(kpool_ring_pool(pool)) && again == ring) {
		KUNIT_EXPECT_EQ(test, !memchr_inv(again->data, 0, p->size),
				p->ring_flags & (KPOOL_RING_WIPED | KPOOL_RING_MAPPABLE) ||
				want_init_on_free());
	}
	kpool_ring_put(pool, again);
}

#define ATTEMPTS	1000

/* The worker may be done before this test looks, so the test tries again. */
static void large_ring_is_wiped_by_a_worker(struct kunit *test)
{
	const struct kpool_ring_pool_params p = {
		.name = "rings-wiped-late", .size = SZ_8M, .ring_flags = KPOOL_RING_WIPED, .max = 1,
	};
	struct kpool_ring_pool *pool = create_rings(&p);
	struct kpool_ring *ring;
	unsigned int i, busy = 0;

	KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
	for (i = 0; i < ATTEMPTS && !busy; i++) {
		ring = kpool_ring_get_timeout(pool, GFP_KERNEL, FOR_EVER);
		KUNIT_ASSERT_FALSE(test, IS_ERR(ring));
		memset(ring->data, 0xaa, p.size);
		local_irq_disable();
		kpool_ring_put(pool, ring);
		busy = work_busy(&ring->wipe_work);
		local_irq_enable();
	}
	KUNIT_EXPECT_NE(test, busy, 0U);
	/* A get that waits for the ring does not have it before it is wiped. */
	ring = kpool_ring_get_timeout(pool, GFP_KERNEL, FOR_EVER);
	KUNIT_ASSERT_FALSE(test, IS_ERR(ring));
	KUNIT_EXPECT_NULL(test, memchr_inv(ring->data, 0, p.size));
	memset(ring->data, 0xaa, p.size);
	kpool_ring_put(pool, ring);
	/* Waits for the worker, and finds no ring in use. */
	KUNIT_EXPECT_EQ(test, kpool_ring_pool_destroy_sync(pool, 0), 0);
}

static int (*const bulk_gets[])(struct kpool_ring_pool *pool, gfp_t gfp, struct kpool_ring **rings,
				unsigned int n, long timeout_jiffies) = {
	kpool_ring_get_bulk_timeout, kpool_ring_get_bulk_interruptible_timeout,
	kpool_ring_get_bulk_killable_timeout,
};

/* All or none, in pools of all kinds. Each ring is new, and no two are the same. */
static void bulk_gets_several(struct kunit *test)
{
	const struct kpool_ring_pool_params *p = test->param_value;
	struct kpool_ring_pool *pool = rings_of(test, p);
	struct kpool_ring *rings[2], *same[2] = { NULL, ERR_PTR(-ENOMEM) };
	unsigned int i;

	KUNIT_ASSERT_EQ(test, 0, kpool_ring_get_bulk(pool, GFP_KERNEL, rings, 2));
	KUNIT_EXPECT_PTR_NE(test, rings[0], rings[1]);
	expect_new(test, rings[0], p->size);
	expect_new(test, rings[1], p->size);
	kpool_ring_put_bulk(pool, rings, 2);
	kpool_ring_put_bulk(pool, same, 2);
	for (i = 0; i < ARRAY_SIZE(bulk_gets); i++) {
		KUNIT_ASSERT_EQ(test, 0, bulk_gets[i](pool, GFP_KERNEL, rings, 2, FOR_EVER));
		kpool_ring_write(rings[0], "abc", 3);
		if (p->max) {
			KUNIT_EXPECT_EQ(test, -ETIMEDOUT,
					bulk_gets[i](pool, GFP_KERNEL, same, 2, 1));
			KUNIT_EXPECT_EQ(test, -EBUSY,
					kpool_ring_get_bulk(pool, GFP_KERNEL, same, 2));
		}
		kpool_ring_put_bulk(pool, rings, 2);
	}
	expect_none_in_use(test, pool);
}

static void bounded_one_waits(struct kunit *test)
{
	const struct kpool_ring_pool_params p = {
		.name = "rings-waited-for", .size = 5000, .max = 1,
	};
	struct kpool_ring_pool *pool = rings_of(test, &p);
	struct kpool_ring *ring = kpool_ring_get_timeout(pool, GFP_KERNEL, 0);
	struct getter *g;

	KUNIT_ASSERT_FALSE(test, IS_ERR(ring));
	KUNIT_EXPECT_EQ(test, PTR_ERR(kpool_ring_get(pool, GFP_KERNEL)), (long)-EBUSY);
	KUNIT_EXPECT_EQ(test, PTR_ERR(kpool_ring_get_timeout(pool, GFP_KERNEL, 1)),
			(long)-ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, PTR_ERR(kpool_ring_get_interruptible_timeout(pool, GFP_KERNEL, 1)),
			(long)-ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, PTR_ERR(kpool_ring_get_killable_timeout(pool, GFP_KERNEL, 1)),
			(long)-ETIMEDOUT);
	kpool_ring_write(ring, "abc", 3);
	g = waiter_start(test, kpool_ring_pool(pool), 1, FOR_EVER, TASK_UNINTERRUPTIBLE);

	kpool_ring_put(pool, ring);

	KUNIT_ASSERT_TRUE(test, came(g));
	KUNIT_EXPECT_EQ(test, 0, g->err);
	if (!g->err)
		expect_new(test, g->objs[0], p.size);
	getter_end(test, g);
	expect_none_in_use(test, pool);
}

/* A get that may not sleep builds only a ring that needs no vmalloc(). */
static void get_that_may_not_block(struct kunit *test)
{
	const struct kpool_ring_pool_params *p = test->param_value;
	struct kpool_ring_pool *pool = rings_of(test, p);
	bool sleeps = p->size > PAGE_SIZE ||
		      p->ring_flags & (KPOOL_RING_MIRRORED | KPOOL_RING_MAPPABLE);
	struct kpool_ring *ring;

	pin(test, raw_smp_processor_id());
	local_irq_disable();
	ring = kpool_ring_get(pool, GFP_ATOMIC);
	local_irq_enable();
	/* PREEMPT_RT allows no allocation there. */
	if ((sleeps || IS_ENABLED(CONFIG_PREEMPT_RT)) && !p->reserve)
		KUNIT_EXPECT_EQ(test, PTR_ERR(ring), (long)-ENOMEM);
	else
		KUNIT_EXPECT_FALSE(test, IS_ERR(ring));
	if (IS_ERR(ring))
		ring = get_ring(test, pool);
	local_irq_disable();
	kpool_ring_put(pool, ring);
	local_irq_enable();
	expect_none_in_use(test, pool);
}

/* A caller that holds a lock which reclaim may need says GFP_NOIO. Lockdep knows the lock here. */
static void gfp_without_io_is_heeded(struct kunit *test)
{
	const struct kpool_ring_pool_params *p = test->param_value;
	struct kpool_ring *ring;

	fs_reclaim_acquire(GFP_KERNEL);
	ring = kpool_ring_create(p->size, p->ring_flags, GFP_NOIO);
	fs_reclaim_release(GFP_KERNEL);

	KUNIT_EXPECT_TRUE(test, debug_locks);
	KUNIT_EXPECT_FALSE(test, IS_ERR(ring));
	kpool_ring_destroy(ring);
}

static void late_put_ends_the_pool(struct kunit *test)
{
	const struct kpool_ring_pool_params *p = test->param_value;
	struct kpool_ring_pool *pool = create_rings(p);
	struct kpool_ring *a, *b;
	u32 id;

	KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
	id = to_pool(kpool_ring_pool(pool))->id;
	a = get_ring(test, pool);
	b = get_ring(test, pool);
	kpool_ring_pool_destroy(pool);
	/* The rings live on, whole. */
	KUNIT_EXPECT_EQ(test, kpool_ring_write(a, "abc", 3), (size_t)3);
	kpool_ring_put(pool, a);
	KUNIT_EXPECT_TRUE(test, pool_left(id));
	KUNIT_EXPECT_EQ(test, kpool_ring_write(b, "abc", 3), (size_t)3);

	kpool_ring_put(pool, b);

	settle();
	KUNIT_EXPECT_FALSE(test, pool_left(id));
}

static void destroy_sync_of_a_quiet_pool_is_at_once(struct kunit *test)
{
	struct kpool_ring_pool *pool = create_rings(test->param_value);
	u32 id;

	KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
	id = to_pool(kpool_ring_pool(pool))->id;
	kpool_ring_put(pool, get_ring(test, pool));
	KUNIT_EXPECT_EQ(test, 0, kpool_ring_pool_destroy_sync(pool, 0));
	KUNIT_EXPECT_FALSE(test, pool_left(id));
}

#define ENOUGH	2000	/* no act here makes so many allocations */

/* As in faults.c: the n-th allocation fails, for every n until there is no n-th one. */
static bool fail_nth(unsigned int n, void (*act)(void *arg), void *arg)
{
	unsigned int left;

	WRITE_ONCE(current->fail_nth, n);
	act(arg);
	left = READ_ONCE(current->fail_nth);
	WRITE_ONCE(current->fail_nth, 0);
	return !left;
}

struct attempt {
	const struct kpool_ring_pool_params *params;
	struct kpool_ring_pool *pool;
	struct kpool_ring *ring;
};

static void try_create(void *arg)
{
	struct attempt *a = arg;

	a->pool = create_rings(a->params);
}

static void try_get(void *arg)
{
	struct attempt *a = arg;

	a->ring = kpool_ring_get(a->pool, GFP_KERNEL);
}

static void try_create_ring(void *arg)
{
	struct attempt *a = arg;

	a->ring = kpool_ring_create(a->params->size, a->params->ring_flags, GFP_KERNEL);
}

/* After the tests kmemleak finds memory that one of these leaves. */
static void without_memory_nothing_is_left(struct kunit *test)
{
	struct attempt a = { .params = test->param_value };
	unsigned int n, failed = 0, before = pools_left();
	struct kpool_ring_pool_params shares = *a.params;
	struct kpool_ring_pool *other;

	if (!faults_reach_us())
		kunit_skip(test, "failslab does not reach allocations that may sleep");
	/* As in faults.c: Linux 6.1 leaks a name if it cannot make a slab cache. */
	shares.name = "rings-share-slab-cache";
	other = create_rings(&shares);
	KUNIT_ASSERT_FALSE(test, IS_ERR(other));
	kpool_ring_put(other, get_ring(test, other));
	pin(test, raw_smp_processor_id());
	for (n = 1; n < ENOUGH && fail_nth(n, try_create, &a); n++) {
		KUNIT_EXPECT_TRUE(test, !IS_ERR(a.pool) || PTR_ERR(a.pool) == -ENOMEM);
		failed += IS_ERR(a.pool);
		kpool_ring_pool_destroy(a.pool);
		KUNIT_EXPECT_EQ(test, pools_left(), before + 1);
	}
	KUNIT_EXPECT_GT(test, failed, 0U);
	KUNIT_ASSERT_FALSE(test, IS_ERR(a.pool));
	failed = 0;
	for (n = 1; n < ENOUGH && fail_nth(n, try_get, &a); n++) {
		KUNIT_EXPECT_TRUE(test, !IS_ERR(a.ring) || PTR_ERR(a.ring) == -ENOMEM);
		failed += IS_ERR(a.ring);
		kpool_ring_put(a.pool, a.ring);
		flush_workqueue(kpool_wq);	/* a worker wipes large rings */
		kpool_trim(kpool_ring_pool(a.pool));
		expect_in_use(test, kpool_ring_pool(a.pool), 0);
	}
	KUNIT_EXPECT_TRUE(test, failed || a.params->reserve);
	kpool_ring_put(a.pool, a.ring);
	kpool_ring_pool_destroy(a.pool);
	failed = 0;
	for (n = 1; n < ENOUGH && fail_nth(n, try_create_ring, &a); n++) {
		failed += IS_ERR(a.ring);
		kpool_ring_destroy(a.ring);
	}
	KUNIT_EXPECT_GT(test, failed, 0U);
	kpool_ring_destroy(a.ring);
	kpool_ring_pool_destroy(other);
}

/*
 * No tool finds pages that are lost. So the test looks how many fewer are free. Each allocation
 * fails once, that of each page too: if a failure kept the pages before, that would be far more
 * than this.
 */
#define PAGES_LOST_MOST	2048

static void failed_ring_frees_its_pages(struct kunit *test)
{
	static const struct kpool_ring_pool_params p = { .size = SZ_512K,
							 .ring_flags = KPOOL_RING_MIRRORED };
	unsigned long before = global_zone_page_state(NR_FREE_PAGES);
	struct attempt a = { .params = &p };
	unsigned int n, failed = 0;
	long lost;

	if (!faults_reach_us())
		return;
	for (n = 1; n < ENOUGH && fail_nth(n, try_create_ring, &a); n++) {
		failed += IS_ERR(a.ring);
		kpool_ring_destroy(a.ring);
	}
	kpool_ring_destroy(a.ring);
	lost = before - global_zone_page_state(NR_FREE_PAGES);
	KUNIT_EXPECT_GT(test, failed, 0U);
	KUNIT_EXPECT_LT(test, lost, (long)PAGES_LOST_MOST);
	kunit_info(test, "%u failures, %ld pages fewer are free", failed, lost);
}

/* A creation that fails at any point frees what the ring pool made for its constructor. */
static void refused_create_leaves_nothing(struct kunit *test)
{
	const struct kpool_ring_pool_params p = { .name = "rings-named", .size = 100 };
	struct kpool_ring_pool_params refused = p;
	unsigned int before = pools_left();

	rings_of(test, &p);
	KUNIT_EXPECT_EQ(test, PTR_ERR(kpool_ring_pool_create(&refused)), (long)-EEXIST);
	refused.name = "rings-refused";
	refused.min_idle = 2;
	refused.max_idle = 1;
	KUNIT_EXPECT_EQ(test, PTR_ERR(kpool_ring_pool_create(&refused)), (long)-EINVAL);
	refused.min_idle = 0;
	refused.flags = KPOOL_ANYCTX;
	KUNIT_EXPECT_EQ(test, PTR_ERR(kpool_ring_pool_create(&refused)), (long)-EINVAL);
	KUNIT_EXPECT_EQ(test, pools_left(), before + 1);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(put_resets, pool_gen_params),
	KUNIT_CASE_PARAM(put_wipes_if_asked_to, pool_gen_params),
	KUNIT_CASE(large_ring_is_wiped_by_a_worker),
	KUNIT_CASE_PARAM(bulk_gets_several, pool_gen_params),
	KUNIT_CASE(bounded_one_waits),
	KUNIT_CASE_PARAM(get_that_may_not_block, pool_gen_params),
	KUNIT_CASE_PARAM(gfp_without_io_is_heeded, pool_gen_params),
	KUNIT_CASE_PARAM(late_put_ends_the_pool, pool_gen_params),
	KUNIT_CASE_PARAM(destroy_sync_of_a_quiet_pool_is_at_once, pool_gen_params),
	KUNIT_CASE(refused_create_leaves_nothing),
	KUNIT_CASE_PARAM(without_memory_nothing_is_left, pool_gen_params),
	KUNIT_CASE(failed_ring_frees_its_pages),
	{}
};

static void ring_pool_exit(struct kunit_suite *suite)
{
	settle();
	resume_ageing(suite);
}

struct kunit_suite ring_pool_suite = {
	.name = "kpool_ring_pool",
	.suite_exit = ring_pool_exit,
	.test_cases = cases,
};
