// SPDX-License-Identifier: GPL-2.0-only
/* Magazines of a CPU, depots of a node, and the objects that move between them. */
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/vmalloc.h>

#include "fixture.h"
#include "pool.h"
#include "store/magazine.h"
#include "store/stats.h"

#define MAGAZINE	4
#define OBJS		(3 * MAGAZINE)

/* One depot, so the CPU's node does not matter. */
static const struct kpool_params small_magazines = {
	.name = "small-magazines", .size = 64, .magazine = MAGAZINE, .flags = KPOOL_ON_NODE,
};

static struct kpool_cpu *cache_here(struct kpool *pool)
{
	return per_cpu_ptr(pool->cpu, raw_smp_processor_id());
}

static unsigned int in_spare(struct kpool *pool)
{
	struct kpool_magazine *spare = cache_here(pool)->spare;

	return spare ? spare->count : 0;
}

/* The expected state after a number of puts. */
struct stage {
	unsigned int puts;
	unsigned int loaded, spare, depot;	/* objects */
	unsigned int misses, depot_puts;	/* totals since the pool's creation */
};

static const struct stage filling[] = {
	{ 1, 1, 0, 0, 1, 0 },		/* opens the cache */
	{ 4, 4, 0, 0, 1, 0 },
	{ 5, 1, 4, 0, 2, 0 },		/* the full magazine becomes the spare */
	{ 8, 4, 4, 0, 2, 0 },
	{ 9, 1, 4, 4, 3, 1 },		/* the spare goes to the depot */
	{ 12, 4, 4, 4, 3, 1 },
};

static void expect_stage(struct kunit *test, struct kpool *pool, const struct stage *s)
{
	struct kpool_stats *st = stats_of(test, pool);

	KUNIT_EXPECT_EQ(test, kp_cpu_capacity(cache_here(pool)), (unsigned int)MAGAZINE);
	KUNIT_EXPECT_EQ(test, kp_cpu_loaded(cache_here(pool)), s->loaded);
	KUNIT_EXPECT_EQ(test, in_spare(pool), s->spare);
	KUNIT_EXPECT_EQ(test, to_pool(pool)->depots[0].objects, (unsigned long)s->depot);
	KUNIT_EXPECT_EQ(test, st->put_misses, (u64)s->misses);
	KUNIT_EXPECT_EQ(test, st->depot_puts, (u64)s->depot_puts);
}

/* Expects that with bypass each get builds, each put tears down, and nothing else happens. */
static void expect_nothing_kept(struct kunit *test, struct kpool *pool)
{
	struct kpool_stats *st = stats_of(test, pool);

	KUNIT_EXPECT_EQ(test, st->idle, 0ULL);
	KUNIT_EXPECT_EQ(test, st->created, st->gets);
	KUNIT_EXPECT_EQ(test, st->destroyed, st->puts);
	KUNIT_EXPECT_EQ(test, st->depot_gets + st->depot_puts, 0ULL);
	KUNIT_EXPECT_EQ(test, st->get_misses, st->gets);
}

static void puts_fill_cache_then_spare_then_depot(struct kunit *test)
{
	unsigned int i, done = 0;
	struct kpool *pool;
	void *objs[OBJS];

	pin(test, raw_smp_processor_id());
	pool = pool_of(test, &small_magazines);
	get_all(test, pool, objs, OBJS);
	for (i = 0; i < ARRAY_SIZE(filling); i++) {
		put_all(pool, objs + done, filling[i].puts - done);
		done = filling[i].puts;
		if (keeps(pool))
			expect_stage(test, pool, &filling[i]);
		else
			expect_nothing_kept(test, pool);
	}
	expect_in_use(test, pool, 0);
}

/* The expected state after a number of gets of the objects above. */
static const struct stage emptying[] = {
	{ 1, 3, 4, 4, 0, 0 },
	{ 4, 0, 4, 4, 0, 0 },
	{ 5, 3, 0, 4, 1, 0 },		/* the spare is loaded */
	{ 8, 0, 0, 4, 1, 0 },
	{ 9, 3, 0, 0, 2, 1 },		/* a magazine of the depot is loaded */
	{ 12, 0, 0, 0, 2, 1 },
};

static void gets_empty_cache_then_spare_then_depot(struct kunit *test)
{
	unsigned int i, done = 0;
	struct kpool_stats *before, *st;
	void *objs[OBJS], *again[OBJS];
	struct kpool *pool;

	pin(test, raw_smp_processor_id());
	pool = pool_of(test, &small_magazines);
	get_all(test, pool, objs, OBJS);
	put_all(pool, objs, OBJS);
	before = stats_of(test, pool);
	for (i = 0; i < ARRAY_SIZE(emptying); i++) {
		get_all(test, pool, again + done, emptying[i].puts - done);
		done = emptying[i].puts;
		st = stats_of(test, pool);
		if (!keeps(pool))
			continue;
		KUNIT_EXPECT_EQ(test, kp_cpu_loaded(cache_here(pool)), emptying[i].loaded);
		KUNIT_EXPECT_EQ(test, in_spare(pool), emptying[i].spare);
		KUNIT_EXPECT_EQ(test, st->get_misses - before->get_misses,
				(u64)emptying[i].misses);
		KUNIT_EXPECT_EQ(test, st->depot_gets, (u64)emptying[i].depot_puts);
	}
	for (i = 0; keeps(pool) && i < OBJS; i++)
		KUNIT_EXPECT_PTR_EQ(test, again[i], objs[OBJS - 1 - i]);
	if (!keeps(pool))
		expect_nothing_kept(test, pool);
	put_all(pool, again, OBJS);
	expect_in_use(test, pool, 0);
}

/* A hit uses only the cache: no miss, no depot, no build. */
static void hits_stay_in_the_cache(struct kunit *test)
{
	struct kpool_stats *before, *st;
	struct kpool *pool;
	void *obj;
	int i;

	pin(test, raw_smp_processor_id());
	pool = pool_of(test, &small_magazines);
	obj = kpool_get(pool, GFP_KERNEL);
	kpool_put(pool, obj);
	before = stats_of(test, pool);
	for (i = 0; i < 100; i++)
		kpool_put(pool, kpool_get(pool, GFP_KERNEL));

	st = stats_of(test, pool);
	KUNIT_EXPECT_EQ(test, st->gets - before->gets, 100ULL);
	if (keeps(pool)) {
		KUNIT_EXPECT_EQ(test, st->get_misses, before->get_misses);
		KUNIT_EXPECT_EQ(test, st->put_misses, before->put_misses);
		KUNIT_EXPECT_EQ(test, st->created, 1ULL);
	} else {
		expect_nothing_kept(test, pool);
	}
}

static const struct kpool_params crossed[] = {
	{ .name = "crossed-plain", .size = 64, .magazine = MAGAZINE, .flags = KPOOL_ON_NODE },
	{ .name = "crossed-ctor", .size = 64, .magazine = MAGAZINE, .flags = KPOOL_ON_NODE,
	  .ops = &consumer_ops },
	{ .name = "crossed-pages", .size = 8192, .magazine = 1, .flags = KPOOL_ON_NODE },
};

KUNIT_ARRAY_PARAM_DESC(crossed, crossed, name);

/* One CPU always gets, another always puts. Each side locks the depot once a magazine. */
static void crossing_costs_one_lock_pair_a_magazine(struct kunit *test)
{
	struct kpool_params p = *(const struct kpool_params *)test->param_value;
	struct kpool_stats *before, *st;
	struct kpool *pool;
	const unsigned int n = 10 * MAGAZINE;
	void **objs = room_for(test, n);
	u64 rounds = 20, magazines = rounds * n / p.magazine;
	u64 r;
	int here, there;

	p.ctx = zalloc_for(test, struct consumer);
	here = raw_smp_processor_id();
	there = cpu_beside(test, here);
	pin(test, here);
	pool = pool_of(test, &p);
	for (r = 0; r < 2; r++) {		/* until there are enough magazines */
		get_all(test, pool, objs, n);
		put_on(test, there, pool, objs, n);
	}
	before = stats_of(test, pool);
	for (r = 0; r < rounds; r++) {
		get_all(test, pool, objs, n);
		put_on(test, there, pool, objs, n);
	}

	st = stats_of(test, pool);
	expect_in_use(test, pool, 0);
	if (!keeps(pool)) {
		expect_nothing_kept(test, pool);
		return;
	}
	KUNIT_EXPECT_EQ(test, st->created, before->created);
	KUNIT_EXPECT_EQ(test, st->depot_gets - before->depot_gets, magazines);
	KUNIT_EXPECT_EQ(test, st->depot_puts - before->depot_puts, magazines);
}

/* A get that cannot build takes another CPU's spare. What it leaves of that goes to the depot. */
static void rest_of_a_spare_goes_to_the_depot(struct kunit *test)
{
	struct consumer *consumer = zalloc_for(test, struct consumer);
	struct kpool_params p = small_magazines;
	int here = raw_smp_processor_id(), beside;
	void *objs[2 * MAGAZINE], *obj;
	struct kpool *pool;

	pin(test, here);
	beside = cpu_beside(test, here);
	p.ops = &consumer_ops;
	p.ctx = consumer;
	pool = pool_of(test, &p);
	if (nothing_kept(test, pool))
		return;
	get_all(test, pool, objs, 2 * MAGAZINE);
	put_on(test, beside, pool, objs, 2 * MAGAZINE);
	consumer->fail_with = -ENOMEM;
	consumer->fail_at = 1;
	obj = kpool_get(pool, GFP_NOWAIT);

	KUNIT_ASSERT_FALSE(test, IS_ERR(obj));
	KUNIT_EXPECT_NULL(test, per_cpu_ptr(pool->cpu, beside)->spare);
	KUNIT_EXPECT_EQ(test, to_pool(pool)->depots[0].objects, MAGAZINE - 1UL);
	kpool_put(pool, obj);
	expect_whole(test, pool, consumer);
}

static struct page *page_of(struct kpool *pool, void *obj)
{
	return is_vmalloc_addr(obj) ? vmalloc_to_page(obj) : virt_to_page(obj);
}

static const struct kpool_params homes[] = {
	{ .name = "small", .size = 100 },
	{ .name = "own-cache", .size = 100, .flags = KPOOL_OWN_CACHE },
	{ .name = "pages", .size = 16384 },
	{ .name = "vmalloc", .size = 10000, .flags = KPOOL_VMALLOC },
};

KUNIT_ARRAY_PARAM_DESC(home, homes, name);

/* Objects are built on the node that the pool asks for, on whichever CPU the get runs. */
static void fixed_node_is_kept(struct kunit *test)
{
	struct kpool_params p = *(const struct kpool_params *)test->param_value;
	struct consumer *consumer = zalloc_for(test, struct consumer);
	struct kpool *pool;
	void *objs[20];
	unsigned int i;

	pin(test, cpu_on_node(test, 0));
	cpu_on_node(test, 1);
	p.flags |= KPOOL_ON_NODE;
	p.node = 1;
	p.ops = &consumer_ops;
	p.ctx = consumer;
	pool = pool_of(test, &p);
	get_all(test, pool, objs, ARRAY_SIZE(objs));

	for (i = 0; i < ARRAY_SIZE(objs); i++)
		KUNIT_EXPECT_EQ(test, page_to_nid(page_of(pool, objs[i])), 1);
	KUNIT_EXPECT_EQ(test, consumer->node, 1);
	KUNIT_EXPECT_EQ(test, to_pool(pool)->nr_depots, 1U);
	put_all(pool, objs, ARRAY_SIZE(objs));
	expect_in_use(test, pool, 0);
}

static void object_is_built_on_the_node_of_the_cpu(struct kunit *test)
{
	struct consumer *consumer = zalloc_for(test, struct consumer);
	const struct kpool_params p = { .name = "local", .size = 16384, .ops = &consumer_ops,
					.ctx = consumer };
	struct kpool *pool = pool_of(test, &p);
	void *objs[2];
	int node;

	cpu_on_node(test, 1);
	for (node = 0; node < 2; node++) {
		get_on(test, cpu_on_node(test, node), pool, &objs[node], 1);
		KUNIT_EXPECT_EQ(test, page_to_nid(virt_to_page(objs[node])), node);
		KUNIT_EXPECT_EQ(test, consumer->node, node);
	}
	put_all(pool, objs, 2);
	expect_in_use(test, pool, 0);
}

/* An object that was put on a node stays there, until a get of another node finds nothing. */
static void depot_is_that_of_the_putting_cpu(struct kunit *test)
{
	const struct kpool_params p = { .name = "depots", .size = 64, .magazine = MAGAZINE };
	struct kpool *pool = pool_of(test, &p);
	void *objs[OBJS];
	unsigned long there;

	cpu_on_node(test, 1);
	get_on(test, cpu_on_node(test, 0), pool, objs, OBJS);
	put_on(test, cpu_on_node(test, 1), pool, objs, OBJS);

	there = to_pool(pool)->depots[1].objects;
	KUNIT_EXPECT_EQ(test, to_pool(pool)->depots[0].objects, 0UL);
	KUNIT_EXPECT_EQ(test, there, keeps(pool) ? (unsigned long)MAGAZINE : 0UL);
	get_on(test, cpu_on_node(test, 0), pool, objs, 1);
	KUNIT_EXPECT_EQ(test, to_pool(pool)->depots[1].objects, 0UL);
	KUNIT_EXPECT_EQ(test, figure(pool, created), keeps(pool) ? (u64)OBJS : OBJS + 1ULL);
	kpool_put(pool, objs[0]);
	expect_in_use(test, pool, 0);
}

static void get_prefers_its_own_node(struct kunit *test)
{
	const struct kpool_params p = { .name = "both", .size = 64, .magazine = MAGAZINE };
	struct kpool *pool = pool_of(test, &p);
	void *objs[2 * OBJS];
	unsigned long there;

	cpu_on_node(test, 1);
	get_on(test, cpu_on_node(test, 0), pool, objs, 2 * OBJS);
	put_on(test, cpu_on_node(test, 1), pool, objs, OBJS);
	put_on(test, cpu_on_node(test, 0), pool, objs + OBJS, OBJS);
	there = to_pool(pool)->depots[1].objects;
	KUNIT_EXPECT_EQ(test, there, keeps(pool) ? (unsigned long)MAGAZINE : 0UL);
	get_on(test, cpu_on_node(test, 0), pool, objs, OBJS);
	KUNIT_EXPECT_EQ(test, to_pool(pool)->depots[0].objects, 0UL);
	KUNIT_EXPECT_EQ(test, to_pool(pool)->depots[1].objects, there);
	put_all(pool, objs, OBJS);
	expect_in_use(test, pool, 0);
}

/*
 * But a get that cannot build looks into other nodes' depots and other CPUs' spares. If it may
 * sleep, it also has other CPUs give up their loaded magazines.
 */
static void get_that_cannot_build_takes_from_afar(struct kunit *test)
{
	struct consumer *consumer = zalloc_for(test, struct consumer);
	const struct kpool_params p = { .name = "afar", .size = 64, .magazine = MAGAZINE,
					.ops = &consumer_ops, .ctx = consumer };
	struct kpool *pool = pool_of(test, &p);
	void *objs[OBJS + 1];
	unsigned int i;

	cpu_on_node(test, 1);
	get_on(test, cpu_on_node(test, 0), pool, objs, OBJS);
	put_on(test, cpu_on_node(test, 1), pool, objs, OBJS);
	consumer->fail_with = -ENOMEM;
	consumer->fail_at = 1;
	pin(test, cpu_on_node(test, 0));
	for (i = 0; i < OBJS; i++) {
		objs[i] = kpool_get(pool, GFP_NOWAIT);
		if (IS_ERR(objs[i]))
			break;
	}
	KUNIT_EXPECT_EQ(test, i, keeps(pool) ? OBJS - MAGAZINE : 0);
	for (; i < OBJS; i++) {
		objs[i] = kpool_get(pool, GFP_KERNEL);
		if (IS_ERR(objs[i]))
			break;
	}
	KUNIT_EXPECT_EQ(test, i, keeps(pool) ? OBJS : 0);
	put_all(pool, objs, i);
	expect_in_use(test, pool, 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(fixed_node_is_kept, home_gen_params),
	KUNIT_CASE(object_is_built_on_the_node_of_the_cpu),
	KUNIT_CASE(depot_is_that_of_the_putting_cpu),
	KUNIT_CASE(get_prefers_its_own_node),
	KUNIT_CASE(get_that_cannot_build_takes_from_afar),
	ONLY_ON_A_MACHINE
	KUNIT_CASE(puts_fill_cache_then_spare_then_depot),
	KUNIT_CASE(gets_empty_cache_then_spare_then_depot),
	KUNIT_CASE(hits_stay_in_the_cache),
	KUNIT_CASE_PARAM(crossing_costs_one_lock_pair_a_magazine, crossed_gen_params),
	KUNIT_CASE(rest_of_a_spare_goes_to_the_depot),
	{}
};

struct kunit_suite cache_suite = {
	.name = "kpool_cache",
	.suite_exit = resume_ageing,
	.test_cases = cases,
};
