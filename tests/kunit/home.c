// SPDX-License-Identifier: GPL-2.0-only
/* Objects of pools with KPOOL_NUMA_STRICT, which go to the depot of their own node. */
#include <linux/minmax.h>
#include <linux/sizes.h>

#include "base/fault.h"
#include "base/work.h"
#include "fixture.h"
#include "policy/instrument.h"
#include "pool.h"
#include "store/depot.h"
#include "store/magazine.h"

#define OBJS		100
#define MAGAZINE	8U
/* What stays on the other node: two magazines of a CPU, and one that is being filled. */
#define STAY		(3 * MAGAZINE)

static const struct kpool_params strict[] = {
	{ .name = "plain", .size = 64, .magazine = MAGAZINE },
	{ .name = "callbacks", .size = 96, .magazine = MAGAZINE, .ops = &consumer_ops },
	{ .name = "pages", .size = SZ_8K, .magazine = MAGAZINE, .ops = &consumer_ops },
	{ .name = "vmalloc", .size = SZ_8K, .magazine = MAGAZINE, .flags = KPOOL_VMALLOC },
	{ .name = "stamped", .size = 64, .magazine = MAGAZINE, .idle_ms = 60000 },
	{ .name = "limited", .size = 64, .magazine = MAGAZINE, .max_idle = 1000 },
	{ .name = "bounded", .size = 64, .magazine = MAGAZINE, .max = 1000 },
};

KUNIT_ARRAY_PARAM_DESC(strict, strict, name);

static struct kpool *pool_of_two_nodes(struct kunit *test, const struct kpool_params *params,
				       unsigned int flags)
{
	struct kpool_params p = *params;

	cpu_on_node(test, 1);	/* skips the test without two nodes */
	p.flags |= flags;
	p.ctx = zalloc_for(test, struct consumer);
	return pool_of(test, &p);
}

static struct kpool *strict_pool(struct kunit *test, const struct kpool_params *params)
{
	return pool_of_two_nodes(test, params, KPOOL_NUMA_STRICT);
}

/* Objects in the depot of a node, and how many of them lie on another node. */
static void count_depot(struct kpool *pool, unsigned int node, unsigned int *all,
			unsigned int *others)
{
	struct kp_depot *depot = &to_pool(pool)->depots[node];
	struct kpool_magazine *mag;
	unsigned int i;

	*all = 0;
	*others = 0;
	list_for_each_entry(mag, &depot->full, list) {
		for (i = 0; i < mag->count; i++)
			*others += kp_depot_of_object(to_pool(pool), mag->objs[i]) != depot;
		*all += mag->count;
	}
}

static void objects_go_home_in_magazines(struct kunit *test)
{
	const struct kpool_params *p = test->param_value;
	struct kpool *pool = strict_pool(test, p);
	void **objs = room_for(test, OBJS);
	unsigned int all, others;
	u64 holds;

	get_on(test, cpu_on_node(test, 0), pool, objs, OBJS);
	holds = figure(pool, depot_puts);
	put_on(test, cpu_on_node(test, 1), pool, objs, OBJS);
	kp_defer_sync(to_pool(pool));
	expect_in_use(test, pool, 0);
	if (!keeps(pool)) {
		KUNIT_EXPECT_EQ(test, figure(pool, sent_home), 0ULL);
		return;
	}
	KUNIT_EXPECT_EQ(test, figure(pool, idle), (u64)OBJS);
	KUNIT_EXPECT_GE(test, figure(pool, sent_home), (u64)OBJS - STAY);
	KUNIT_EXPECT_EQ(test, figure(pool, sent_home) % MAGAZINE, 0ULL);
	count_depot(pool, 0, &all, &others);
	KUNIT_EXPECT_EQ(test, all, figure(pool, sent_home));
	KUNIT_EXPECT_EQ(test, others, 0U);
	count_depot(pool, 1, &all, &others);
	KUNIT_EXPECT_LE(test, others, MAGAZINE);
	/* Two holds a magazine: to leave the cache, and to enter the other depot. */
	KUNIT_EXPECT_LE(test, figure(pool, depot_puts) - holds, 2ULL * OBJS / MAGAZINE);

	get_on(test, cpu_on_node(test, 0), pool, objs, OBJS - STAY);
	KUNIT_EXPECT_EQ(test, figure(pool, created), (u64)OBJS);
	put_on(test, cpu_on_node(test, 0), pool, objs, OBJS - STAY);
}

/* All magazines of the depots. */
static unsigned long depot_magazines(struct kpool *pool)
{
	unsigned long n = 0;
	unsigned int i;

	for (i = 0; i < to_pool(pool)->nr_depots; i++)
		n += list_count_nodes(&to_pool(pool)->depots[i].full) +
		     READ_ONCE(to_pool(pool)->depots[i].empties);
	return n;
}

/* One node always gets, the other always puts. */
static void magazines_come_back(struct kunit *test)
{
	struct kpool *pool = strict_pool(test, &strict[0]);
	void **objs = room_for(test, OBJS);
	unsigned long before = 0;
	unsigned int i;

	for (i = 0; i < 10; i++) {
		get_on(test, cpu_on_node(test, 0), pool, objs, OBJS);
		put_on(test, cpu_on_node(test, 1), pool, objs, OBJS);
		if (i == 1)
			before = depot_magazines(pool);
	}
	KUNIT_EXPECT_LE(test, depot_magazines(pool), before + 4);
}

static void objects_stay_without_the_flag(struct kunit *test)
{
	static const struct kpool_params p = { .name = "stay", .size = 64, .magazine = MAGAZINE };
	struct kpool *pool = pool_of_two_nodes(test, &p, 0);
	void **objs = room_for(test, OBJS);
	unsigned int all, others;

	get_on(test, cpu_on_node(test, 0), pool, objs, OBJS);
	put_on(test, cpu_on_node(test, 1), pool, objs, OBJS);
	KUNIT_EXPECT_EQ(test, figure(pool, sent_home), 0ULL);
	count_depot(pool, 1, &all, &others);
	KUNIT_EXPECT_EQ(test, others > OBJS / 2, keeps(pool));
}

/* One node always gets, the other always puts. Without the flag, gets take what the other has. */
static void gets_take_from_another_node_before_they_build(struct kunit *test)
{
	struct kpool *pool = pool_of_two_nodes(test, test->param_value, 0);
	void **objs = room_for(test, OBJS);
	unsigned int i;

	for (i = 0; i < 10; i++) {
		get_on(test, cpu_on_node(test, 0), pool, objs, OBJS);
		put_on(test, cpu_on_node(test, 1), pool, objs, OBJS);
	}
	if (keeps(pool))
		KUNIT_EXPECT_LE(test, figure(pool, created), (u64)OBJS + STAY);
	expect_in_use(test, pool, 0);
}

/* Every second object is of the CPU's own node. */
static void own_objects_stay(struct kunit *test)
{
	struct kpool *pool = strict_pool(test, &strict[0]);
	void **objs = room_for(test, 2 * OBJS), **own = room_for(test, OBJS);
	unsigned int i, all, others;

	get_on(test, cpu_on_node(test, 0), pool, objs, OBJS);
	get_on(test, cpu_on_node(test, 1), pool, own, OBJS);
	for (i = OBJS; i--; ) {
		objs[2 * i] = objs[i];
		objs[2 * i + 1] = own[i];
	}
	put_on(test, cpu_on_node(test, 1), pool, objs, 2 * OBJS);
	expect_in_use(test, pool, 0);
	if (!keeps(pool))
		return;
	count_depot(pool, 0, &all, &others);
	KUNIT_EXPECT_GE(test, all, OBJS - STAY);
	KUNIT_EXPECT_EQ(test, others, 0U);
	count_depot(pool, 1, &all, &others);
	KUNIT_EXPECT_GE(test, all, OBJS - STAY);
	KUNIT_EXPECT_LE(test, others, MAGAZINE);
	KUNIT_EXPECT_EQ(test, figure(pool, idle), 2ULL * OBJS);
}

/* Without caches, each put goes to a depot. */
static void single_objects_go_home(struct kunit *test)
{
	static const struct kpool_params p = { .name = "uncached", .size = 64, .max_idle = 6 };
	struct kpool *pool = strict_pool(test, &p);
	unsigned int all, others;
	void *objs[4];

	KUNIT_EXPECT_EQ(test, to_pool(pool)->magazine, 0U);
	get_on(test, cpu_on_node(test, 0), pool, objs, 4);
	put_on(test, cpu_on_node(test, 1), pool, objs, 4);
	count_depot(pool, 0, &all, &others);
	KUNIT_EXPECT_EQ(test, all, keeps(pool) ? 4U : 0U);
	KUNIT_EXPECT_EQ(test, others, 0U);
}

/* Objects that find no magazine stay where they are, and none is lost. */
static void objects_without_a_magazine_stay(struct kunit *test)
{
	struct kpool *pool = strict_pool(test, &strict[0]);
	void **objs = room_for(test, OBJS);

	get_on(test, cpu_on_node(test, 0), pool, objs, OBJS);
	KUNIT_ASSERT_EQ(test, 0, kp_set_fault(to_pool(pool), KP_FAIL_MAGAZINE, 2));
	put_on(test, cpu_on_node(test, 1), pool, objs, OBJS);
	KUNIT_ASSERT_EQ(test, 0, kp_set_fault(to_pool(pool), KP_FAIL_MAGAZINE, 0));
	kp_defer_sync(to_pool(pool));
	expect_in_use(test, pool, 0);
	KUNIT_EXPECT_EQ(test, figure(pool, idle) + figure(pool, destroyed), figure(pool, created));
}

/* All magazines that go home find no room there: their objects are torn down. */
static void max_idle_holds(struct kunit *test)
{
	static const struct kpool_params p = {
		.name = "few", .size = 64, .magazine = 1, .max_idle = 40,
	};
	struct kpool *pool = strict_pool(test, &p);
	void **objs = room_for(test, OBJS);

	get_on(test, cpu_on_node(test, 0), pool, objs, OBJS);
	put_on(test, cpu_on_node(test, 1), pool, objs, OBJS);
	kp_defer_sync(to_pool(pool));
	expect_in_use(test, pool, 0);
	KUNIT_EXPECT_LE(test, figure(pool, idle), 40ULL);
	KUNIT_EXPECT_EQ(test, figure(pool, idle) + figure(pool, destroyed), (u64)OBJS);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(objects_go_home_in_magazines, strict_gen_params),
	KUNIT_CASE(magazines_come_back),
	KUNIT_CASE(objects_stay_without_the_flag),
	KUNIT_CASE_PARAM(gets_take_from_another_node_before_they_build, strict_gen_params),
	KUNIT_CASE(own_objects_stay),
	KUNIT_CASE(single_objects_go_home),
	KUNIT_CASE(objects_without_a_magazine_stay),
	KUNIT_CASE(max_idle_holds),
	{}
};

struct kunit_suite home_suite = {
	.name = "kpool_home",
	.suite_exit = resume_ageing,
	.test_cases = cases,
};
