// SPDX-License-Identifier: GPL-2.0-only
/* Threads that each get once, by a call that may wait. */
#include <linux/kthread.h>
#include <linux/sched/signal.h>

#include "fixture.h"
#include "pool.h"
#include "store/waitlist.h"

static atomic_t returned;

static void *get_one(struct getter *g)
{
	switch (g->state) {
	case TASK_INTERRUPTIBLE:
		return kpool_get_interruptible_timeout(g->pool, GFP_KERNEL, g->timeout);
	case TASK_KILLABLE:
		return kpool_get_killable_timeout(g->pool, GFP_KERNEL, g->timeout);
	default:
		return kpool_get_timeout(g->pool, GFP_KERNEL, g->timeout);
	}
}

static int get_bulk(struct getter *g)
{
	switch (g->state) {
	case TASK_INTERRUPTIBLE:
		return kpool_get_bulk_interruptible_timeout(g->pool, GFP_KERNEL, g->objs, g->n,
							    g->timeout);
	case TASK_KILLABLE:
		return kpool_get_bulk_killable_timeout(g->pool, GFP_KERNEL, g->objs, g->n,
						       g->timeout);
	default:
		return kpool_get_bulk_timeout(g->pool, GFP_KERNEL, g->objs, g->n, g->timeout);
	}
}

static int getter_thread(void *arg)
{
	struct getter *g = arg;
	unsigned long began = jiffies;

	allow_signal(SIGUSR1);
	allow_signal(SIGKILL);
	if (g->n == 1) {
		g->objs[0] = get_one(g);
		g->err = PTR_ERR_OR_ZERO(g->objs[0]);
	} else {
		g->err = get_bulk(g);
	}
	g->took = jiffies - began;
	g->place = atomic_inc_return(&returned);
	complete_all(&g->done);
	flush_signals(current);
	while (!kthread_should_stop()) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		if (!kthread_should_stop())
			schedule();
		__set_current_state(TASK_RUNNING);
	}
	return 0;
}

bool came(struct getter *g)
{
	return wait_for_completion_timeout(&g->done, msecs_to_jiffies(PATIENCE_MS));
}

unsigned int waiting(struct kpool *pool)
{
	return READ_ONCE(to_pool(pool)->waitlist->waiting);
}

static struct getter *prepare(struct kunit *test, int cpu, struct kpool *pool, unsigned int n,
			      long timeout, unsigned int state)
{
	struct getter *g = zalloc_for(test, struct getter);

	*g = (struct getter){ .pool = pool, .n = n, .timeout = timeout, .state = state };
	init_completion(&g->done);
	g->task = kthread_create(getter_thread, g, "kpool/getter");
	KUNIT_ASSERT_FALSE(test, IS_ERR(g->task));
	if (cpu >= 0)
		kthread_bind(g->task, cpu);
	return g;
}

/* A get of one object that begins when the caller wakes the task. */
struct getter *getter_prepare(struct kunit *test, int cpu, struct kpool *pool, long timeout)
{
	return prepare(test, cpu, pool, 1, timeout, TASK_UNINTERRUPTIBLE);
}

struct getter *getter_start_on(struct kunit *test, int cpu, struct kpool *pool,
			       unsigned int n, long timeout, unsigned int state)
{
	struct getter *g = prepare(test, cpu, pool, n, timeout, state);

	wake_up_process(g->task);
	return g;
}

struct getter *getter_start(struct kunit *test, struct kpool *pool, unsigned int n,
			    long timeout, unsigned int state)
{
	return getter_start_on(test, -1, pool, n, timeout, state);
}

/* A getter that already waits when this returns. */
struct getter *waiter_start(struct kunit *test, struct kpool *pool, unsigned int n,
			    long timeout, unsigned int state)
{
	unsigned int before = waiting(pool);
	struct getter *g = getter_start(test, pool, n, timeout, state);

	KUNIT_EXPECT_TRUE(test, spin_until(waiting(pool) == before + 1));
	return g;
}

/* Puts the getter's objects, and ends its thread. */
void getter_end(struct kunit *test, struct getter *g)
{
	unsigned int i;

	KUNIT_ASSERT_TRUE(test, came(g));
	for (i = 0; i < g->n && !g->err; i++)
		kpool_put(g->pool, g->objs[i]);
	kthread_stop(g->task);
}
