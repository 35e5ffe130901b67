// SPDX-License-Identifier: GPL-2.0-only
/*
 * How a waiter gets what others have in their caches, and what may come in between:
 * features S4, P4, P25.
 */
#include <linux/cpu.h>
#include <linux/mutex.h>
#include <linux/sched.h>

#include "fixture.h"

#define MAGAZINE	4
#define CACHED_MAX	bound_for(MAGAZINE)

static void timeout_of_0_collects_from_other_caches(struct kunit *test)
{
	const struct kpool_params p = { .name = "collects", .size = 64, .max = CACHED_MAX,
					.magazine = MAGAZINE };
	struct kpool *pool = pool_of(test, &p);
	unsigned int max = CACHED_MAX, i;
	void **objs = room_for(test, max);
	int beside;

	pin(test, raw_smp_processor_id());
	beside = cpu_beside(test, raw_smp_processor_id());
	exhaust(test, pool, objs, max);
	/* Both of its magazines. */
	put_on(test, beside, pool, objs, 2 * MAGAZINE);

	for (i = 0; i < 2 * MAGAZINE; i++) {
		objs[i] = kpool_get_timeout(pool, GFP_KERNEL, 0);
		KUNIT_EXPECT_FALSE_MSG(test, IS_ERR(objs[i]), "object %u", i);
	}
	KUNIT_EXPECT_PTR_EQ(test, kpool_get_timeout(pool, GFP_KERNEL, 0), ERR_PTR(-ETIMEDOUT));
	KUNIT_EXPECT_EQ(test, (u64)max, figure(pool, existing));
	put_all(pool, objs, max);
	expect_in_use(test, pool, 0);
}

/* Who comes while another is about to sweep does not rely on that one. */
static void everybody_in_line_collects(struct kunit *test)
{
	const struct kpool_params p = { .name = "collect", .size = 64, .max = CACHED_MAX,
					.magazine = MAGAZINE };
	struct kpool *pool = pool_of(test, &p);
	unsigned int max = CACHED_MAX;
	void **objs = room_for(test, max);
	struct getter *slow, *quick;
	int here = raw_smp_processor_id();

	pin(test, here);
	exhaust(test, pool, objs, max);
	put_on(test, cpu_beside(test, here), pool, objs, 2);
	mutex_lock(&to_pool(pool)->gate_lock);
	slow = getter_start_on(test, here, pool, 1, FOR_EVER, TASK_UNINTERRUPTIBLE);
	if (keeps(pool))
		KUNIT_EXPECT_TRUE(test, spin_until(waiting(pool) == 1));
	quick = getter_start_on(test, here, pool, 1, 0, TASK_UNINTERRUPTIBLE);
	if (keeps(pool))
		KUNIT_EXPECT_TRUE(test, spin_until(waiting(pool) == 2));
	mutex_unlock(&to_pool(pool)->gate_lock);
	getter_end(test, slow);
	getter_end(test, quick);
	KUNIT_EXPECT_EQ(test, slow->err, 0);
	KUNIT_EXPECT_EQ(test, quick->err, 0);
	put_all(pool, objs + 2, max - 2);
	expect_in_use(test, pool, 0);
}

/* The only idle object is in a cache that is busy when the sweep comes, again and again. */
static void sweep_waits_for_a_busy_section(struct kunit *test)
{
	const struct kpool_params p = { .name = "swept", .size = 64, .max = CACHED_MAX,
					.magazine = MAGAZINE };
	struct kpool *pool = pool_of(test, &p);
	unsigned int max = CACHED_MAX;
	void **objs = room_for(test, max);
	int here = raw_smp_processor_id();
	bool retried, waits;
	struct kpool_cpu *c;
	struct getter *g;

	pin(test, here);
	exhaust(test, pool, objs, max);
	kpool_put(pool, objs[0]);
	preempt_disable();
	c = this_cpu_ptr(pool->cpu);
	WRITE_ONCE(c->state, KPOOL_CPU_BUSY);
	preempt_enable();
	g = getter_start_on(test, cpu_beside(test, here), pool, 1, FOR_EVER, TASK_UNINTERRUPTIBLE);
	preempt_disable();
	retried = spin_until(figure(pool, close_retries) >= 5 || !keeps(pool));
	waits = !keeps(pool) || (c->count == 1 && !completion_done(&g->done));
	WRITE_ONCE(c->state, 0);
	preempt_enable();
	getter_end(test, g);

	KUNIT_EXPECT_TRUE(test, retried);
	KUNIT_EXPECT_TRUE(test, waits);
	KUNIT_EXPECT_EQ(test, g->err, 0);
	put_all(pool, objs + 1, max - 1);
	expect_in_use(test, pool, 0);
}

/* The last object is in the cache of a CPU that goes away. */
static void waiter_gets_what_a_dead_cpu_had(struct kunit *test)
{
	const struct kpool_params p = { .name = "dead", .size = 64, .max = CACHED_MAX,
					.magazine = MAGAZINE };
	struct kpool *pool = pool_of(test, &p);
	unsigned int max = CACHED_MAX;
	void **objs = room_for(test, max);
	struct getter *g;
	int gone = cpu_in_turn(1) ?: cpu_in_turn(2);

	exhaust(test, pool, objs, max);
	put_on(test, gone, pool, objs, 1);
	g = getter_start(test, pool, 1, FOR_EVER, TASK_UNINTERRUPTIBLE);
	KUNIT_ASSERT_EQ(test, remove_cpu(gone), 0);
	KUNIT_EXPECT_TRUE(test, came(g));
	KUNIT_ASSERT_EQ(test, add_cpu(gone), 0);
	getter_end(test, g);
	put_all(pool, objs + 1, max - 1);
	expect_in_use(test, pool, 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(timeout_of_0_collects_from_other_caches),
	KUNIT_CASE(everybody_in_line_collects),
	KUNIT_CASE(sweep_waits_for_a_busy_section),
	KUNIT_CASE(waiter_gets_what_a_dead_cpu_had),
	{}
};

struct kunit_suite sweep_suite = {
	.name = "kpool_sweep",
	.suite_exit = resume_ageing,
	.test_cases = cases,
};
