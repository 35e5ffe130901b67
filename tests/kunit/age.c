// SPDX-License-Identifier: GPL-2.0-only
/* Ageing gives back objects that nobody needs, and no other objects. */
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/wait_bit.h>

#include "base/clock.h"
#include "base/work.h"
#include "fixture.h"
#include "policy/age.h"
#include "pool.h"

#define MAGAZINE	4
#define OBJS		50
#define POOLS		70

static const struct kpool_params drained[] = {
	{ .name = "small", .size = 64, .magazine = MAGAZINE },
	{ .name = "on-node", .size = 64, .magazine = MAGAZINE, .flags = KPOOL_ON_NODE },
	{ .name = "uncached", .size = 64, .max_idle = OBJS, .magazine = 0 },
	{ .name = "pages", .size = 8192 },
	{ .name = "sleeping", .size = 64, .flags = KPOOL_SLEEPING, .ops = &consumer_ops },
	{ .name = "wiped", .size = 64, .flags = KPOOL_ZERO_ON_PUT },
	{ .name = "one-magazine", .size = 64, .magazine = OBJS + 1 },
};

KUNIT_ARRAY_PARAM_DESC(drained, drained, name);

/* Runs one pass, and waits for the work that the pass left to the pool's worker. */
static void pass(struct kpool *pool)
{
	kp_age_pass();
	kp_defer_sync(to_pool(pool));
}

static struct kpool *pool_with_idle(struct kunit *test, const struct kpool_params *params,
				    unsigned int n)
{
	struct kpool_params p = *params;

	p.ctx = zalloc_for(test, struct consumer);
	return filled_pool(test, &p, n);
}

static void unused_pool_drains_in_two_passes(struct kunit *test)
{
	struct kpool *pool = pool_with_idle(test, test->param_value, OBJS);
	u64 idle = figure(pool, idle);

	pass(pool);
	KUNIT_EXPECT_EQ(test, figure(pool, idle), idle);
	KUNIT_EXPECT_TRUE(test, !keeps(pool) || idle);
	pass(pool);

	KUNIT_EXPECT_EQ(test, figure(pool, idle), 0ULL);
	KUNIT_EXPECT_EQ(test, figure(pool, trimmed), idle);
	expect_in_use(test, pool, 0);
}

/* Ageing does not touch objects that are in use. */
static void objects_in_use_do_not_age(struct kunit *test)
{
	const struct kpool_params p = { .name = "used", .size = 64 };
	struct kpool *pool = pool_with_idle(test, &p, OBJS);
	struct object *o = kpool_get(pool, GFP_KERNEL);
	int i;

	KUNIT_ASSERT_FALSE(test, IS_ERR(o));
	for (i = 0; i < 3; i++)
		pass(pool);

	expect_in_use(test, pool, 1);
	expect_idle(test, pool, 0);
	o->state = OBJECT_BUILT;
	kpool_put(pool, o);
}

static void cache_in_use_is_kept(struct kunit *test)
{
	const struct kpool_params p = { .name = "busy", .size = 64 };
	struct kpool *pool = pool_with_idle(test, &p, 5);
	int i;

	for (i = 0; i < 5; i++) {
		kpool_put(pool, kpool_get(pool, GFP_KERNEL));
		pass(pool);
	}

	expect_idle(test, pool, 5);
	KUNIT_EXPECT_EQ(test, figure(pool, created), keeps(pool) ? 5ULL : 10ULL);
}

/* Each interval uses 40 of 100 objects. Ageing keeps these, and none is built again. */
static void working_set_is_kept(struct kunit *test)
{
	const struct kpool_params p = { .name = "working-set", .size = 64, .magazine = MAGAZINE };
	struct kpool *pool = pool_with_idle(test, &p, 2 * OBJS);
	u64 created = figure(pool, created);
	const unsigned int used = 40;
	void **objs = room_for(test, used);
	int i;

	for (i = 0; i < 5; i++) {
		get_all(test, pool, objs, used);
		put_all(pool, objs, used);
		pass(pool);
	}

	if (keeps(pool)) {
		KUNIT_EXPECT_EQ(test, figure(pool, created), created);
		KUNIT_EXPECT_GE(test, figure(pool, idle), (u64)used);
		/* kpool cannot tell how many objects of a magazine were needed. */
		KUNIT_EXPECT_LE(test, figure(pool, idle), (u64)used + 2 * MAGAZINE);
	}
	expect_in_use(test, pool, 0);
}

static const unsigned int floors[] = { 1, 10, 30 };

static void describe_floor(const unsigned int *n, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "min_idle %u", *n);
}

KUNIT_ARRAY_PARAM(floor, floors, describe_floor);

static void min_idle_is_kept_by_ageing(struct kunit *test)
{
	unsigned int min_idle = *(const unsigned int *)test->param_value;
	const struct kpool_params p = { .name = "floor", .size = 64, .magazine = MAGAZINE,
					.min_idle = min_idle };
	struct kpool *pool = pool_with_idle(test, &p, OBJS);
	u64 idle;
	int i;

	for (i = 0; i < 5; i++)
		pass(pool);

	idle = figure(pool, idle);
	if (keeps(pool)) {
		KUNIT_EXPECT_GE(test, idle, (u64)min_idle);
		/* Ageing takes a whole magazine, or leaves it. */
		KUNIT_EXPECT_LT(test, idle, (u64)min_idle + MAGAZINE);
		/* It did not take what it then had to build again. */
		KUNIT_EXPECT_EQ(test, figure(pool, created), (u64)OBJS);
	}
	expect_in_use(test, pool, 0);
}

static void min_idle_is_not_kept_by_trim(struct kunit *test)
{
	const struct kpool_params p = { .name = "trimmed", .size = 64, .min_idle = 10 };
	struct kpool *pool = pool_of(test, &p);

	KUNIT_EXPECT_EQ(test, kpool_trim(pool), keeps(pool) ? 10UL : 0UL);

	KUNIT_EXPECT_EQ(test, figure(pool, existing), 0ULL);
	expect_in_use(test, pool, 0);
}

/* There are more pools than one interrupt looks at, on all CPUs. */
static void all_pools_age(struct kunit *test)
{
	struct kpool **pools = (struct kpool **)room_for(test, POOLS);
	char name[16];
	const struct kpool_params p = { .name = name, .size = 64 };
	unsigned int i;
	void *obj;

	for (i = 0; i < POOLS; i++) {
		snprintf(name, sizeof(name), "many-%u", i);
		pools[i] = pool_of(test, &p);
		get_on(test, cpu_in_turn(i), pools[i], &obj, 1);
		put_on(test, cpu_in_turn(i), pools[i], &obj, 1);
		expect_idle(test, pools[i], 1);
	}
	kp_age_pass();
	kp_age_pass();

	for (i = 0; i < POOLS; i++) {
		kp_defer_sync(to_pool(pools[i]));
		KUNIT_EXPECT_EQ(test, figure(pools[i], existing), 0ULL);
	}
}

/* Creates more pools than are in one batch of a pass. Sets when a pass looked at them last. */
static void create_two_batches(struct kunit *test, struct kp_pool **first, struct kp_pool **last,
			       unsigned long looked_at)
{
	char name[16];
	const struct kpool_params p = { .name = name, .size = 64 };
	unsigned int i;

	for (i = 0; i < POOLS; i++) {
		snprintf(name, sizeof(name), "crowd-%u", i);
		*last = to_pool(pool_of(test, &p));
		(*last)->trimmed_at = looked_at;
		if (!i)
			*first = *last;
	}
}

static int pass_thread(void *unused)
{
	kp_age_pass();
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return 0;
}

/*
 * Wakes as soon as a pass has left the first pool of its first batch. From then on the pass does
 * not run while the test does: both are on one CPU, and the test has the higher priority.
 */
static void interrupt_pass(struct kunit *test, struct task_struct *pass, struct kp_pool *first,
			   unsigned long looked_at)
{
	pin(test, raw_smp_processor_id());
	kthread_bind(pass, raw_smp_processor_id());
	sched_set_fifo(current);
	wake_up_process(pass);
	wait_var_event(&first->active,
		       READ_ONCE(first->trimmed_at) != looked_at && !atomic_read(&first->active));
}

static void destroy_does_not_wait_for_a_pass(struct kunit *test)
{
	const struct kpool_params p = { .name = "destroyed", .size = 64 };
	const unsigned long long_ago = kp_now() - HZ;
	struct kp_pool *first, *last;
	struct kpool *pool = create(&p);
	struct task_struct *pass;

	KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
	create_two_batches(test, &first, &last, long_ago);
	pass = kthread_create(pass_thread, NULL, "kpool/pass");
	KUNIT_ASSERT_FALSE(test, IS_ERR(pass));
	interrupt_pass(test, pass, first, long_ago);
	kpool_destroy(pool);
	/* The second batch has not begun. */
	KUNIT_EXPECT_EQ(test, READ_ONCE(last->trimmed_at), long_ago);

	sched_set_normal(current, 0);
	kthread_stop(pass);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(unused_pool_drains_in_two_passes, drained_gen_params),
	KUNIT_CASE(objects_in_use_do_not_age),
	KUNIT_CASE(cache_in_use_is_kept),
	KUNIT_CASE(working_set_is_kept),
	KUNIT_CASE_PARAM(min_idle_is_kept_by_ageing, floor_gen_params),
	KUNIT_CASE(min_idle_is_not_kept_by_trim),
	KUNIT_CASE(all_pools_age),
	KUNIT_CASE(destroy_does_not_wait_for_a_pass),
	{}
};

struct kunit_suite age_suite = {
	.name = "kpool_age",
	.suite_exit = resume_ageing,
	.test_cases = cases,
};
