// SPDX-License-Identifier: GPL-2.0-only
/* How much memory pools and sets hold, to the byte. */
#include <linux/align.h>
#include <linux/limits.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "base/records.h"
#include "base/work.h"
#include "fixture.h"
#include "log.h"
#include "object/due.h"
#include "policy/age.h"
#include "policy/bypass.h"
#include "pool.h"
#include "rings.h"
#include "sets.h"
#include "store/magazine.h"

#define OBJS	20
#define EXTRA	1000UL
#define TRAILER	sizeof(void *)

static const struct kind {
	struct kpool_params p;
	size_t bytes;			/* of an object */
} kinds[] = {
	{ { .name = "slab", .size = 100 }, ALIGN(100, sizeof(void *)) },
	{ { .name = "trailer", .size = 104, .ops = &consumer_ops }, 104 + TRAILER },
	{ { .name = "aligned", .size = 100, .align = 64 }, 128 },
	{ { .name = "aligned-trailer", .size = 64, .align = 64, .flags = KPOOL_RCU }, 128 },
	{ { .name = "pages", .size = SZ_8K + 1 }, SZ_16K },
	{ { .name = "vmalloc", .size = SZ_8K + 1, .flags = KPOOL_VMALLOC }, 3 * PAGE_SIZE },
	{ { .name = "kvmalloc", .size = SZ_16K, .flags = KPOOL_KVMALLOC }, SZ_16K },
	{ { .name = "extra", .size = 104, .extra_bytes = EXTRA }, 104 + EXTRA },
	{ { .name = "bypass", .size = 104, .flags = KPOOL_BYPASS, .extra_bytes = EXTRA },
	  104 + EXTRA },
};

static void name_kind(const struct kind *k, char *name)
{
	strscpy(name, k->p.name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kind, kinds, name_kind);

/* In use and idle objects weigh the same. */
static void objects_weigh_what_they_take(struct kunit *test)
{
	const struct kind *k = test->param_value;
	struct kpool *pool = pool_of_consumer(test, &k->p, zalloc_for(test, struct consumer));
	void **objs = room_for(test, OBJS);

	KUNIT_EXPECT_EQ(test, figure(pool, memory), 0ULL);
	get_all(test, pool, objs, OBJS);
	KUNIT_EXPECT_EQ(test, figure(pool, memory), (u64)OBJS * k->bytes);
	put_all(pool, objs, OBJS / 2);
	kp_defer_sync(to_pool(pool));
	KUNIT_EXPECT_EQ(test, figure(pool, memory), figure(pool, existing) * k->bytes);
	put_all(pool, objs + OBJS / 2, OBJS / 2);
	kpool_trim(pool);
	KUNIT_EXPECT_EQ(test, figure(pool, memory), 0ULL);
}

/* If pages fail on purpose, vmalloc() memory weighs what vmalloc() takes. */
static void vmalloc_instead_of_pages_weighs_less(struct kunit *test)
{
	const struct kpool_params p = { .name = "instead", .size = SZ_8K + 1,
					.flags = KPOOL_KVMALLOC };
	struct kpool *pool = pool_of(test, &p);
	void **objs = room_for(test, OBJS);
	u64 vmalloced;

	get_all(test, pool, objs, OBJS);
	vmalloced = atomic_long_read(&to_pool(pool)->vmalloced);
	KUNIT_EXPECT_EQ(test, figure(pool, memory),
			(OBJS - vmalloced) * SZ_16K + vmalloced * 3 * PAGE_SIZE);
	/* As if the second half had got no pages. */
	atomic_long_set(&to_pool(pool)->vmalloced, OBJS / 2);
	KUNIT_EXPECT_EQ(test, figure(pool, memory),
			(u64)OBJS / 2 * (SZ_16K + 3 * PAGE_SIZE));
	atomic_long_set(&to_pool(pool)->vmalloced, vmalloced);
	put_all(pool, objs, OBJS);
}

/* The reserve of a pool with idle_ms is memory without objects. */
static void kept_memory_weighs(struct kunit *test)
{
	const struct kpool_params p = { .name = "kept", .size = 104, .reserve = 4,
					.idle_ms = 600000, .extra_bytes = EXTRA };
	struct kpool *pool = pool_of(test, &p);
	size_t each = to_pool(pool)->footprint;
	void *obj;

	KUNIT_EXPECT_EQ(test, figure(pool, existing), 0ULL);
	KUNIT_EXPECT_EQ(test, figure(pool, memory), 4ULL * each);
	get_all(test, pool, &obj, 1);
	KUNIT_EXPECT_EQ(test, figure(pool, memory), 4ULL * each + EXTRA);
	kpool_put(pool, obj);
}

static const struct {
	struct kpool_ring_pool_params p;
	size_t bytes;			/* of a ring that is not from kvmalloc(), or 0 */
} rings[] = {
	{ { .name = "rings-small", .size = 100 }, 100 },
	{ { .name = "rings-page", .size = PAGE_SIZE }, PAGE_SIZE },
	{ { .name = "rings-slab", .size = 5000 }, 0 },
	{ { .name = "rings-large", .size = 300000 }, 0 },
	{ { .name = "rings-mirrored", .size = 2 * PAGE_SIZE, .ring_flags = KPOOL_RING_MIRRORED },
	  2 * PAGE_SIZE + 4 * sizeof(struct page *) },
#ifdef CONFIG_64BIT
	{ { .name = "rings-mappable", .size = 100, .ring_flags = KPOOL_RING_MAPPABLE },
	  2 * PAGE_SIZE + 2 * sizeof(struct page *) },
#endif
	{ { .name = "rings-min-idle", .size = 100, .min_idle = 3 }, 100 },
	{ { .name = "rings-bypass", .size = 100, .flags = KPOOL_BYPASS }, 100 },
};

/* What the allocator gave for a ring's bytes. */
static size_t bytes_of_ring(const struct kpool_ring *ring, size_t size)
{
	if (is_vmalloc_addr(ring->data))
		return round_up(size, PAGE_SIZE);
	return size <= KMALLOC_MAX_CACHE_SIZE ? size : roundup_pow_of_two(size);
}

static void rings_weigh_what_they_hold(struct kunit *test)
{
	struct kpool_ring_pool *rpool;
	struct kpool_ring *ring[OBJS];
	struct kpool *pool;
	unsigned int i, j;
	u64 bytes;

	pin(test, raw_smp_processor_id());
	for (i = 0; i < ARRAY_SIZE(rings); i++) {
		rpool = kpool_ring_pool_create(&rings[i].p);
		KUNIT_ASSERT_FALSE(test, IS_ERR(rpool));
		kp_age_stop();
		pool = kpool_ring_pool(rpool);
		KUNIT_EXPECT_EQ(test, 0, kpool_ring_get_bulk(rpool, GFP_KERNEL, ring, OBJS));
		for (j = 0, bytes = 0; j < OBJS; j++)
			bytes += to_pool(pool)->footprint +
				 (rings[i].bytes ?: bytes_of_ring(ring[j], rings[i].p.size));
		KUNIT_EXPECT_EQ_MSG(test, figure(pool, memory), bytes, "%s", rings[i].p.name);
		KUNIT_EXPECT_GE(test, figure(pool, memory), (u64)OBJS * rings[i].p.size);
		kpool_ring_put_bulk(rpool, ring, OBJS);
		kpool_trim(pool);
		KUNIT_EXPECT_EQ_MSG(test, figure(pool, memory), 0ULL, "%s", rings[i].p.name);
		KUNIT_EXPECT_EQ(test, stats_of(test, pool)->accounted, 0LL);
		KUNIT_EXPECT_EQ(test, kpool_ring_pool_destroy(rpool), 0UL);
	}
}

/* A consumer whose objects hold i bytes, where i is the number of the ctor's call. */
struct accountant {
	struct kpool *pool;
	unsigned int ctors;
	unsigned int fail_at;		/* this call of ctor fails; 0: none */
	bool forgets;			/* dtor takes nothing back */
};

static int account_ctor(void *obj, void *ctx, gfp_t gfp, int node)
{
	struct accountant *a = ctx;
	size_t *bytes = obj;

	*bytes = ++a->ctors;
	kpool_account(a->pool, obj, *bytes);
	if (a->ctors != a->fail_at)
		return 0;
	kpool_account(a->pool, obj, -(ssize_t)*bytes);
	return -EIO;
}

static void account_dtor(void *obj, void *ctx)
{
	struct accountant *a = ctx;
	size_t *bytes = obj;

	if (!a->forgets)
		kpool_account(a->pool, obj, -(ssize_t)*bytes);
}

static const struct kpool_ops account_ops = { .ctor = account_ctor, .dtor = account_dtor };

/* A pool whose objects weigh 64 and a trailer, and their number. */
static struct kpool *accounted(struct kunit *test, struct accountant **a, unsigned int fail_at)
{
	struct accountant *new = zalloc_for(test, struct accountant);
	const struct kpool_params p = { .name = "accounted", .size = 64, .ops = &account_ops,
					.ctx = new, .self = &new->pool };

	new->fail_at = fail_at;
	*a = new;
	pin(test, raw_smp_processor_id());
	return pool_of(test, &p);
}

static void consumer_says_what_objects_hold(struct kunit *test)
{
	struct accountant *a;
	struct kpool *pool = accounted(test, &a, 0);
	void **objs = room_for(test, OBJS);
	const u64 own = OBJS * (64 + TRAILER), sum = OBJS * (OBJS + 1) / 2;

	KUNIT_EXPECT_PTR_EQ(test, a->pool, pool);
	get_all(test, pool, objs, OBJS);
	KUNIT_EXPECT_EQ(test, figure(pool, memory), own + sum);
	KUNIT_EXPECT_EQ(test, stats_of(test, pool)->accounted, (s64)sum);
	/* An object gets a larger buffer, and is put with it. */
	*(size_t *)objs[0] += SZ_1M;
	kpool_account(pool, objs[0], SZ_1M);
	kpool_account(pool, NULL, SZ_1M);
	kpool_account(pool, ERR_PTR(-ENOMEM), SZ_1M);
	KUNIT_EXPECT_EQ(test, figure(pool, memory), own + sum + SZ_1M);
	put_all(pool, objs, OBJS);
	if (keeps(pool))
		KUNIT_EXPECT_EQ(test, figure(pool, memory), own + sum + SZ_1M);
	kpool_trim(pool);
	KUNIT_EXPECT_EQ(test, figure(pool, memory), 0ULL);
	KUNIT_EXPECT_EQ(test, stats_of(test, pool)->accounted, 0LL);
}

/* Objects that another failed build undoes leave nothing. */
static void failed_builds_leave_nothing(struct kunit *test)
{
	struct accountant *a;
	struct kpool *pool = accounted(test, &a, 4);
	void **objs = room_for(test, OBJS);

	KUNIT_EXPECT_EQ(test, kpool_get_bulk(pool, GFP_KERNEL, objs, 8), -EIO);
	KUNIT_EXPECT_EQ(test, a->ctors, 4U);
	kpool_trim(pool);
	KUNIT_EXPECT_EQ(test, figure(pool, memory), 0ULL);
	KUNIT_EXPECT_EQ(test, stats_of(test, pool)->accounted, 0LL);
	get_all(test, pool, objs, 2);
	KUNIT_EXPECT_EQ(test, figure(pool, memory), 2ULL * (64 + TRAILER) + 5 + 6);
	put_all(pool, objs, 2);
}

/* The ctor knows the pool already when kpool_create() builds. After an error there is no pool. */
static void first_objects_know_their_pool(struct kunit *test)
{
	struct accountant *a = zalloc_for(test, struct accountant);
	const struct kpool_params p = { .name = "prefilled", .size = 64, .ops = &account_ops,
					.min_idle = 3, .ctx = a, .self = &a->pool };
	struct kpool *pool = pool_of(test, &p);

	if (keeps(pool))
		KUNIT_EXPECT_EQ(test, figure(pool, memory), 3ULL * (64 + TRAILER) + 1 + 2 + 3);
	destroy(test, pool);
	a->ctors = 0;
	a->fail_at = 3;
	log_begin();
	pool = create(&p);
	KUNIT_EXPECT_EQ(test, reports_in(log_end()), 0U);
	if (!IS_ERR(pool)) {	/* with bypass nothing is built here */
		kpool_destroy(pool);
		return;
	}
	KUNIT_EXPECT_EQ(test, PTR_ERR(pool), (long)-EIO);
	KUNIT_EXPECT_NULL(test, a->pool);
	a->pool = pool;
	pool = create(&(struct kpool_params){ .name = "none", .self = &a->pool });
	KUNIT_EXPECT_EQ(test, PTR_ERR(pool), (long)-EINVAL);
	KUNIT_EXPECT_NULL(test, a->pool);
}

static void what_is_not_taken_back_is_told(struct kunit *test)
{
	struct accountant *a;
	struct kpool *pool = accounted(test, &a, 0);
	void *objs[2];

	a->forgets = true;
	get_all(test, pool, objs, 2);
	put_all(pool, objs, 2);
	log_begin();
	destroy(test, pool);
	expect_report(test, "pool accounted (id ",
		      "no object is left, but kpool_account() has noted 3 bytes more than it has taken back");
}

/* Magazines are the only part of the overhead that comes and goes. */
static void overhead_has_all_magazines(struct kunit *test)
{
	static const struct kpool_params p[] = {
		{ .name = "plain", .size = 64, .magazine = 4 },
		{ .name = "stamped", .size = 64, .magazine = 4, .idle_ms = KPOOL_UNLIMITED },
		{ .name = "bounded", .size = 64, .max = KPOOL_UNLIMITED },
	};
	unsigned int i, n;
	struct kp_pool *pool;
	u64 before, bytes;

	for (i = 0; i < ARRAY_SIZE(p); i++) {
		pool = to_pool(pool_of(test, &p[i]));
		before = figure(&pool->kpool, overhead);
		KUNIT_EXPECT_GT(test, before, (u64)sizeof(*pool));
		destroy(test, &pool->kpool);
		pool = to_pool(filled_pool(test, &p[i], OBJS));
		bytes = atomic_long_read(&pool->magazine_bytes);
		if (keeps(&pool->kpool))
			KUNIT_EXPECT_GE(test, bytes, OBJS * sizeof(void *));
		KUNIT_EXPECT_EQ_MSG(test, figure(&pool->kpool, overhead), before + bytes, "%s",
				    p[i].name);
		/* Ageing gives all of them back. */
		for (n = 0; n < 4; n++)
			kp_age_pass();
		KUNIT_EXPECT_EQ_MSG(test, figure(&pool->kpool, overhead), before, "%s", p[i].name);
		destroy(test, &pool->kpool);
	}
}

/* Puts after a grace period need memory that other pools do not have. */
static void overhead_has_what_only_some_pools_need(struct kunit *test)
{
	const struct kpool_params p = { .name = "weighed", .size = 64 };
	const struct kpool_params with_rcu = { .name = "with-rcu", .size = 64, .flags = KPOOL_RCU };

	KUNIT_EXPECT_GE(test, figure(pool_of(test, &with_rcu), overhead),
			figure(pool_of(test, &p), overhead) + sizeof(struct rcu_head));
}

/* The smallest magazines cannot fill the memory that kmalloc() gives for them. */
static void chosen_magazines_waste_little(struct kunit *test)
{
	struct kpool_params p = { .name = "chosen" };
	struct kpool_magazine *mag;
	struct kp_pool *pool;
	size_t bytes, memory;
	unsigned int room;

	for (p.size = 64; p.size < SZ_8K; p.size *= 2) {
		for (p.idle_ms = 0; p.idle_ms != 1000; p.idle_ms += 500) {
			pool = to_pool(pool_of(test, &p));
			room = pool->magazine_room;
			bytes = struct_size(mag, objs, room + 1) + (p.idle_ms ? 4 * room : 0);
			kpool_put(&pool->kpool, kpool_get(&pool->kpool, GFP_KERNEL));
			memory = atomic_long_read(&pool->magazine_bytes);
			if (!keeps(&pool->kpool))
				memory = bytes;
			KUNIT_EXPECT_LE_MSG(test, memory - bytes,
					    memory / (room == 4 ? 4 : 16), "%u of %zu bytes",
					    room, p.size);
			KUNIT_EXPECT_GE(test, room, 4U);
			KUNIT_EXPECT_LE(test, room, 80U);
			destroy(test, &pool->kpool);
		}
	}
}

static void records_of_a_debugged_pool_are_overhead(struct kunit *test)
{
	const struct kpool_params p = { .name = "recorded", .size = 64, .flags = KPOOL_DEBUG };
	struct kpool *pool = pool_of(test, &p);
	u64 before = figure(pool, overhead);
	void *obj;

	get_all(test, pool, &obj, 1);
	KUNIT_EXPECT_EQ(test, figure(pool, overhead), before + sizeof(struct kp_record));
	kpool_put(pool, obj);
}

static const struct kpool_sized_class classes[] = { { .size = 512 }, { .size = SZ_16K } };

/* Sizes of buffers, and what they weigh. A put may name less than the get. */
static const struct {
	size_t size, least, bytes;
} bufs[] = {
	{ 100, 100, 512 },
	{ 10000, 600, SZ_16K },
	{ SZ_16K + 1, SZ_16K + 1, 0 },
	{ 100000, SZ_16K + 1, 0 },
};

static void sets_weigh_their_classes_and_oversize(struct kunit *test)
{
	const struct kpool_sized_params p = { .name = "weighed", CLASSES(classes) };
	struct kpool_sized *set = set_of(test, &p);
	u64 overhead = set_figure(set, overhead), bytes = 0, oversize = 0;
	void *buf[ARRAY_SIZE(bufs)];
	unsigned int i;
	size_t size;

	KUNIT_EXPECT_EQ(test, set_figure(set, memory), 0ULL);
	KUNIT_EXPECT_GT(test, overhead, (u64)sizeof(struct kp_sized));
	for (i = 0; i < ARRAY_SIZE(bufs); i++) {
		buf[i] = buf_of(test, set, bufs[i].size);
		size = bufs[i].bytes;
		if (!size) {
			size = round_up(bufs[i].size, PAGE_SIZE);
			size = is_vmalloc_addr(buf[i]) ? size : roundup_pow_of_two(size);
			oversize += size;
		}
		bytes += size;
	}
	KUNIT_EXPECT_EQ(test, set_figure(set, memory), bytes);
	KUNIT_EXPECT_EQ(test, set_figure(set, oversize_memory), oversize);
	for (i = 0; i < ARRAY_SIZE(bufs); i++)
		put_buf(set, buf[i], bufs[i].least);
	kpool_sized_trim(set);
	see_puts_through(set);
	KUNIT_EXPECT_EQ(test, set_figure(set, oversize_memory), 0ULL);
	KUNIT_EXPECT_EQ(test, set_figure(set, memory), 0ULL);
}

static void too_many_extra_bytes_are_refused(struct kunit *test)
{
	struct kpool *pool;

	log_begin();
	pool = create(&(struct kpool_params){ .name = "extra", .size = 64, .extra_bytes = -1UL });
	KUNIT_EXPECT_EQ(test, PTR_ERR(pool), (long)-EINVAL);
	expect_report(test, "cannot create pool extra: extra_bytes: ", " are possible");
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(objects_weigh_what_they_take, kind_gen_params),
	KUNIT_CASE(vmalloc_instead_of_pages_weighs_less),
	KUNIT_CASE(kept_memory_weighs),
	KUNIT_CASE(rings_weigh_what_they_hold),
	KUNIT_CASE(consumer_says_what_objects_hold),
	KUNIT_CASE(failed_builds_leave_nothing),
	KUNIT_CASE(first_objects_know_their_pool),
	KUNIT_CASE(what_is_not_taken_back_is_told),
	KUNIT_CASE(overhead_has_all_magazines),
	KUNIT_CASE(overhead_has_what_only_some_pools_need),
	KUNIT_CASE(chosen_magazines_waste_little),
	KUNIT_CASE(records_of_a_debugged_pool_are_overhead),
	KUNIT_CASE(sets_weigh_their_classes_and_oversize),
	KUNIT_CASE(too_many_extra_bytes_are_refused),
	{}
};

struct kunit_suite weigh_suite = {
	.name = "kpool_weigh",
	.suite_exit = resume_ageing,
	.test_cases = cases,
};
