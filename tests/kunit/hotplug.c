// SPDX-License-Identifier: GPL-2.0-only
/* CPUs that go and come while pools are in use. */
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/sched.h>

#include "fixture.h"
#include "store/stats.h"

#define MAGAZINE	4
#define OBJS		(3 * MAGAZINE)

static int last_cpu(void)
{
	return cpumask_last(cpu_online_mask);
}

static const struct kpool_params kinds[] = {
	{ .name = "plain", .size = 64, .magazine = MAGAZINE },
	{ .name = "callbacks", .size = 64, .magazine = MAGAZINE, .ops = &consumer_ops },
	{ .name = "limited", .size = 64, .magazine = MAGAZINE, .max_idle = 400 },
};

KUNIT_ARRAY_PARAM_DESC(kind, kinds, name);

/*
 * A CPU goes that has objects in its loaded magazine, its spare and its depot. Other CPUs get
 * all of them.
 */
static void objects_of_a_dead_cpu_are_had_by_others(struct kunit *test)
{
	struct kpool_params p = *(const struct kpool_params *)test->param_value;
	int dying = last_cpu(), beside = cpu_beside(test, dying);
	struct kpool_cpu *c;
	struct kpool *pool;
	void *objs[OBJS];
	u64 created;

	needs_hotplug(test);
	p.ctx = zalloc_for(test, struct consumer);
	pin(test, beside);
	pool = pool_of(test, &p);
	c = per_cpu_ptr(pool->cpu, dying);
	get_all(test, pool, objs, OBJS);
	put_on(test, dying, pool, objs, OBJS);
	created = figure(pool, created);
	KUNIT_EXPECT_EQ(test, kp_cpu_loaded(c), keeps(pool) ? (unsigned int)MAGAZINE : 0U);
	KUNIT_ASSERT_EQ(test, 0, remove_cpu(dying));

	KUNIT_EXPECT_EQ(test, kp_cpu_capacity(c), 0U);
	KUNIT_EXPECT_EQ(test, kp_cpu_loaded(c), 0U);
	KUNIT_EXPECT_NULL(test, c->spare);
	expect_in_use(test, pool, 0);
	expect_idle(test, pool, OBJS);
	get_all(test, pool, objs, OBJS);
	KUNIT_EXPECT_EQ(test, figure(pool, created), keeps(pool) ? created : created + OBJS);
	KUNIT_ASSERT_EQ(test, 0, add_cpu(dying));
	put_on(test, dying, pool, objs, OBJS);

	KUNIT_EXPECT_EQ(test, kp_cpu_capacity(c), keeps(pool) ? (unsigned int)MAGAZINE : 0U);
	expect_in_use(test, pool, 0);
	expect_idle(test, pool, OBJS);
}

/* Consumers have hotplug callbacks too, and use pools in them. */
static struct {
	struct kpool *pool;
	struct kpool *bounded;		/* one object is idle, in the cache of some CPU */
	unsigned int calls, errors;
} callback;

static int use_pools(unsigned int cpu)
{
	const struct kpool_params p = { .name = "callback", .size = 96, .min_idle = 3 };
	struct kpool *pool = create(&p);
	void *objs[OBJS];

	callback.calls++;
	callback.errors += IS_ERR(pool);
	kpool_destroy(pool);
	if (kpool_get_bulk(callback.pool, GFP_KERNEL, objs, OBJS))
		callback.errors++;
	else
		kpool_put_bulk(callback.pool, objs, OBJS);
	kpool_trim(callback.pool);
	/* Waits until the caches of all CPUs are closed, while a CPU comes or goes. */
	objs[0] = kpool_get_timeout(callback.bounded, GFP_KERNEL, HZ);
	callback.errors += IS_ERR(objs[0]);
	kpool_put(callback.bounded, objs[0]);
	return 0;
}

static const enum cpuhp_state states[] = { CPUHP_BP_PREPARE_DYN, CPUHP_AP_ONLINE_DYN };

static void describe_state(const enum cpuhp_state *state, char *desc)
{
	strscpy(desc, *state == CPUHP_BP_PREPARE_DYN ? "on another CPU" : "on the CPU",
		KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(state, states, describe_state);

static void pools_are_used_in_hotplug_callbacks(struct kunit *test)
{
	enum cpuhp_state wanted = *(const enum cpuhp_state *)test->param_value;
	const struct kpool_params p = { .name = "called-back", .size = 64, .magazine = MAGAZINE };
	const struct kpool_params bounded = { .name = "bounded", .size = 64, .magazine = MAGAZINE,
					      .max = bound_for(MAGAZINE) };
	void **objs = room_for(test, bounded.max);
	int cpu = last_cpu(), state;

	needs_hotplug(test);
	memset(&callback, 0, sizeof(callback));
	callback.pool = pool_of(test, &p);
	callback.bounded = pool_of(test, &bounded);
	get_all(test, callback.bounded, objs, bounded.max);
	put_on(test, cpu_in_turn(0), callback.bounded, objs, 1);
	state = cpuhp_setup_state_nocalls(wanted, "kpool_kunit", use_pools, use_pools);
	KUNIT_ASSERT_GE(test, state, 0);
	KUNIT_EXPECT_EQ(test, 0, remove_cpu(cpu));
	KUNIT_EXPECT_EQ(test, 0, add_cpu(cpu));
	cpuhp_remove_state_nocalls(state);

	KUNIT_EXPECT_EQ(test, callback.calls, 2U);
	KUNIT_EXPECT_EQ(test, callback.errors, 0U);
	expect_in_use(test, callback.pool, 0);
	put_all(callback.bounded, objs + 1, bounded.max - 1);
	expect_in_use(test, callback.bounded, 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(objects_of_a_dead_cpu_are_had_by_others, kind_gen_params),
	KUNIT_CASE_PARAM(pools_are_used_in_hotplug_callbacks, state_gen_params),
	{}
};

struct kunit_suite hotplug_suite = {
	.name = "kpool_hotplug",
	.suite_exit = resume_ageing,
	.test_cases = cases,
};
