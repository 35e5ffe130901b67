// SPDX-License-Identifier: GPL-2.0-only
/*
 * A put looks at the gate, and inserts its object a moment later. Here a waiter closes the gate
 * between the two, sweeps and falls asleep. The put has to notice, or the waiter sleeps in vain.
 */
#include <linux/jiffies.h>
#include <linux/sched.h>

#include "base/work.h"
#include "fixture.h"
#include "path/window.h"
#include "pool.h"
#include "store/stats.h"
#include "store/waitlist.h"

#define MAGAZINE	4
#define CACHED_MAX	bound_for(MAGAZINE)

/* For a get that ends long before, unless the put forgot it. */
#define IN_VAIN		msecs_to_jiffies(5000)

static struct {
	struct kpool *pool;
	struct getter *waiter;
	u64 sweeps;
	bool waits;
} window;

/* Interrupts are off. The cache of this CPU is closed, so the sweep needs no interrupt here. */
static void let_waiter_sleep(struct kp_pool *pool)
{
	struct task_struct *task = window.waiter->task;

	if (pool != to_pool(window.pool))
		return;
	WRITE_ONCE(kp_in_window, NULL);
	wake_up_process(task);
	window.waits = spin_until(waiting(window.pool) &&
				  figure(window.pool, sweeps) > window.sweeps &&
				  READ_ONCE(task->__state) == TASK_UNINTERRUPTIBLE);
}

/* All objects are in use. Leaves the caches closed, and the gate open. */
static void close_caches(struct kunit *test, struct kpool *pool)
{
	struct kp_waitlist *waitlist = to_pool(pool)->waitlist;

	KUNIT_EXPECT_PTR_EQ(test, kpool_get_timeout(pool, GFP_KERNEL, 0), ERR_PTR(-ETIMEDOUT));
	raw_spin_lock_irq(&waitlist->lock);
	waitlist->until_open = 0;
	raw_spin_unlock_irq(&waitlist->lock);
	KUNIT_EXPECT_PTR_EQ(test, kpool_get(pool, GFP_NOWAIT), ERR_PTR(-EBUSY));
	KUNIT_EXPECT_EQ(test, (int)to_pool(pool)->gate, (int)GATE_OPEN);
	KUNIT_EXPECT_EQ(test, kp_cpu_capacity(raw_cpu_ptr(pool->cpu)), 0U);
}

static const struct window_case {
	const char *name;
	unsigned int flags;
} window_cases[] = {
	{ "a put that opens a cache" },
	{ "a put in any context", KPOOL_ANYCTX },
};

KUNIT_ARRAY_PARAM_DESC(window, window_cases, name);

static void put_notices_a_gate_that_was_closed(struct kunit *test)
{
	const struct window_case *c = test->param_value;
	const struct kpool_params p = { .name = "window", .size = 64, .max = CACHED_MAX,
					.magazine = MAGAZINE, .flags = c->flags };
	struct kpool *pool = pool_of(test, &p);
	int here = raw_smp_processor_id();
	void **objs = room_for(test, p.max);

	if (nothing_kept(test, pool))
		return;
	pin(test, here);
	exhaust(test, pool, objs, p.max);
	/* The depot gets an empty magazine. */
	put_all(pool, objs, MAGAZINE);
	kp_defer_sync(to_pool(pool));
	get_all(test, pool, objs, MAGAZINE);
	close_caches(test, pool);

	window.pool = pool;
	window.sweeps = figure(pool, sweeps);
	window.waits = false;
	window.waiter = getter_prepare(test, cpu_beside(test, here), pool, IN_VAIN);
	WRITE_ONCE(kp_in_window, let_waiter_sleep);
	kpool_put(pool, objs[0]);
	WRITE_ONCE(kp_in_window, NULL);
	KUNIT_EXPECT_TRUE(test, window.waits);
	getter_end(test, window.waiter);
	KUNIT_EXPECT_EQ(test, 0, window.waiter->err);
	put_all(pool, objs + 1, p.max - 1);
	expect_in_use(test, pool, 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(put_notices_a_gate_that_was_closed, window_gen_params),
	{}
};

struct kunit_suite window_suite = {
	.name = "kpool_window",
	.test_cases = cases,
};
