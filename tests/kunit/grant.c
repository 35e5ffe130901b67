// SPDX-License-Identifier: GPL-2.0-only
/*
 * More waiters than one hold of waitlist->lock serves. Each hold gives a batch, and a waiter or the
 * caller goes on until there is nothing more to give.
 */
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "fixture.h"
#include "interrupts.h"
#include "object/keep.h"
#include "policy/shrink.h"
#include "pool.h"
#include "store/depot.h"
#include "store/magazine.h"
#include "store/slots.h"
#include "store/waitlist.h"

/* More than two batches. */
#define WAITERS		(2 * KP_BATCH + 8)

static struct getter **waiters_start(struct kunit *test, struct kpool *pool, unsigned int n)
{
	struct getter **g = kunit_kcalloc(test, n, sizeof(*g), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, g);
	for (i = 0; i < n; i++)
		g[i] = waiter_start(test, pool, 1, FOR_EVER, TASK_UNINTERRUPTIBLE);
	return g;
}

static void waiters_end(struct kunit *test, struct getter **g, unsigned int n, int err)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		KUNIT_EXPECT_TRUE(test, came(g[i]));
	for (i = 0; i < n; i++) {
		KUNIT_EXPECT_EQ(test, g[i]->err, err);
		getter_end(test, g[i]);
	}
}

struct bulk {
	struct kpool *pool;
	void **objs;
};

static void put_bulk(void *arg)
{
	struct bulk *bulk = arg;

	kpool_put_bulk(bulk->pool, bulk->objs, WAITERS);
}

/* No waiter puts before all have come, so each needs an object of this bulk. */
static void put_bulk_in_hardirq_serves_all(struct kunit *test)
{
	const struct kpool_params p = { .name = "bulk", .size = 64, .max = WAITERS };
	struct bulk bulk = { .pool = pool_of(test, &p), .objs = room_for(test, WAITERS) };
	struct getter **g;

	exhaust(test, bulk.pool, bulk.objs, WAITERS);
	g = waiters_start(test, bulk.pool, WAITERS);
	call_in_hardirq(put_bulk, &bulk);
	waiters_end(test, g, WAITERS, 0);
	expect_in_use(test, bulk.pool, 0);
}

static void larger_max_serves_all(struct kunit *test)
{
	const struct kpool_params p = { .name = "larger", .size = 64, .max = 1 };
	struct kpool *pool = pool_of(test, &p);
	struct kpool_limits limits;
	struct getter **g;
	void *obj;

	exhaust(test, pool, &obj, 1);
	g = waiters_start(test, pool, WAITERS);
	kpool_limits(pool, &limits);
	limits.max = 1 + WAITERS;
	KUNIT_EXPECT_EQ(test, 0, kpool_retune(pool, &limits));
	waiters_end(test, g, WAITERS, 0);
	kpool_put(pool, obj);
	expect_in_use(test, pool, 0);
}

/* Every second waiter wants more than the new max. */
static void smaller_max_refuses_all_that_want_more(struct kunit *test)
{
	const struct kpool_params p = { .name = "smaller", .size = 64, .max = WAITERS };
	struct kpool *pool = pool_of(test, &p);
	void **objs = room_for(test, WAITERS);
	struct getter *g[WAITERS];
	struct kpool_limits limits;
	unsigned int i;

	exhaust(test, pool, objs, WAITERS);
	for (i = 0; i < WAITERS; i++)
		g[i] = waiter_start(test, pool, i % 2 ? 3 : 1, FOR_EVER, TASK_UNINTERRUPTIBLE);
	kpool_limits(pool, &limits);
	limits.max = 2;
	KUNIT_EXPECT_EQ(test, 0, kpool_retune(pool, &limits));
	for (i = 1; i < WAITERS; i += 2) {
		getter_end(test, g[i]);
		KUNIT_EXPECT_EQ(test, g[i]->err, -EINVAL);
	}
	KUNIT_EXPECT_EQ(test, waiting(pool), WAITERS / 2);
	put_all(pool, objs, WAITERS);
	for (i = 0; i < WAITERS; i += 2) {
		getter_end(test, g[i]);
		KUNIT_EXPECT_EQ(test, g[i]->err, 0);
	}
	expect_in_use(test, pool, 0);
}

static void destroy_wakes_all(struct kunit *test)
{
	const struct kpool_params p = { .name = "all", .size = 64, .max = 1 };
	struct kpool *pool = create(&p);
	struct getter **g;
	void *obj;

	KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
	obj = kpool_get(pool, GFP_KERNEL);
	g = waiters_start(test, pool, WAITERS);
	kpool_destroy(pool);
	waiters_end(test, g, WAITERS, -ESHUTDOWN);
	kpool_put(pool, obj);
	settle();
}

/* A build of WAITERS objects, which fails when the test says so. */
struct failing {
	struct consumer consumer;	/* first: it is the callbacks' ctx */
	struct completion all_wait;
	bool fails;
};

static int fail_when_all_wait(void *obj, void *ctx, gfp_t gfp, int node)
{
	struct failing *f = ctx;

	if (!xchg(&f->fails, false))
		return consumer_ops.ctor(obj, ctx, gfp, node);
	wait_for_completion(&f->all_wait);
	return -EIO;
}

static int many_getter(void *arg)
{
	struct bulk *bulk = arg;
	int err = kpool_get_bulk(bulk->pool, GFP_KERNEL, bulk->objs, WAITERS);

	while (!kthread_should_stop()) {
		set_current_state(TASK_IDLE);
		if (!kthread_should_stop())
			schedule();
		__set_current_state(TASK_RUNNING);
	}
	return err;
}

/* The slots come in one call, from a get in whose interest it is not to serve others. */
static void slots_of_a_failed_build_serve_all(struct kunit *test)
{
	const struct kpool_ops ops = { .ctor = fail_when_all_wait, .reset = consumer_ops.reset,
				       .dtor = consumer_ops.dtor };
	struct failing *f = zalloc_for(test, struct failing);
	const struct kpool_params p = { .name = "slots", .size = 64, .max = 1 + WAITERS,
					.ops = &ops, .flags = KPOOL_SLEEPING };
	struct kpool *pool = pool_of_consumer(test, &p, &f->consumer);
	struct bulk bulk = { .pool = pool, .objs = room_for(test, WAITERS) };
	struct task_struct *task;
	struct getter **g;
	void *obj;

	init_completion(&f->all_wait);
	exhaust(test, pool, &obj, 1);
	WRITE_ONCE(f->fails, true);
	task = kthread_run(many_getter, &bulk, "kpool/many");
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	KUNIT_EXPECT_TRUE(test, spin_until(!READ_ONCE(f->fails)));
	g = waiters_start(test, pool, WAITERS);
	complete(&f->all_wait);
	waiters_end(test, g, WAITERS, 0);
	KUNIT_EXPECT_EQ(test, kthread_stop(task), -EIO);
	kpool_put(pool, obj);
	expect_whole(test, pool, &f->consumer);
}

/* A bulk at the head has a slot and waits for objects. The next waiter needs just that slot. */
static void bulk_that_gives_up_leaves_its_slot(struct kunit *test)
{
	const struct kpool_params p = { .name = "slot", .size = 64, .max = 3 };
	struct kpool *pool = pool_of(test, &p);
	struct getter *bulk, *one;
	void *objs[2];

	get_all(test, pool, objs, 2);
	bulk = waiter_start(test, pool, 3, FOR_EVER, TASK_INTERRUPTIBLE);
	one = waiter_start(test, pool, 1, FOR_EVER, TASK_UNINTERRUPTIBLE);
	KUNIT_EXPECT_FALSE(test, completion_done(&one->done));
	send_sig(SIGUSR1, bulk->task, 1);
	getter_end(test, bulk);
	KUNIT_EXPECT_EQ(test, bulk->err, -ERESTARTSYS);
	KUNIT_ASSERT_TRUE(test, came(one));
	KUNIT_EXPECT_EQ(test, one->err, 0);
	getter_end(test, one);
	put_all(pool, objs, 2);
	expect_in_use(test, pool, 0);
}

/* Each hold of the lock counts for the gate as one get. */
static void bulk_takes_a_batch_at_a_time(struct kunit *test)
{
	const struct kpool_params p = { .name = "batches", .size = 64, .max = WAITERS };
	struct kpool *pool = pool_of(test, &p);
	void **objs = room_for(test, WAITERS);
	unsigned int before;

	exhaust(test, pool, objs, WAITERS);
	KUNIT_EXPECT_PTR_EQ(test, kpool_get_timeout(pool, GFP_KERNEL, 0), ERR_PTR(-ETIMEDOUT));
	put_all(pool, objs, WAITERS);
	if (nothing_kept(test, pool))
		return;
	before = to_pool(pool)->waitlist->until_open;
	KUNIT_ASSERT_EQ(test, 0, kpool_get_bulk(pool, GFP_KERNEL, objs, WAITERS));
	KUNIT_EXPECT_EQ(test, before - to_pool(pool)->waitlist->until_open,
			(unsigned int)DIV_ROUND_UP(WAITERS, KP_BATCH));
	put_all(pool, objs, WAITERS);
	expect_in_use(test, pool, 0);
}

/* Two waiters, of which the first one has got all that it wants. The rest is idle. */
struct between {
	struct kpool *pool;
	void **objs;
	unsigned int n;
	struct getter *g[2];
};

/*
 * A magazine of two batches comes to a depot. One hold of the lock gives a batch of it. The second
 * waiter has to go on, but does not run: the test is on its CPU, and has the higher priority.
 * Returns NULL if the pool keeps nothing.
 */
static struct between *between_batches(struct kunit *test)
{
	const struct kpool_params p = { .name = "between", .size = 64, .magazine = 2 * KP_BATCH,
					.max = bound_for(2 * KP_BATCH), .flags = KPOOL_ON_NODE };
	struct between *b = zalloc_for(test, struct between);
	const unsigned int full = 2 * KP_BATCH;
	struct kpool_magazine *mag;
	struct kp_pool *pool;
	LIST_HEAD(mags);
	unsigned int i;

	b->pool = pool_of(test, &p);
	if (nothing_kept(test, b->pool))
		return NULL;
	pool = to_pool(b->pool);
	b->n = p.max;
	b->objs = room_for(test, b->n);
	pin(test, raw_smp_processor_id());
	exhaust(test, b->pool, b->objs, b->n);
	/* Two magazines fill the cache. Nobody sees the third one while the test has it. */
	put_all(b->pool, b->objs, 3 * full);
	KUNIT_ASSERT_EQ(test, kp_depot_take(pool, pool->depots, full, &mags), (unsigned long)full);
	mag = list_first_entry(&mags, struct kpool_magazine, list);
	b->n -= full;
	get_all(test, b->pool, b->objs + full, 2 * full);
	b->objs += full;
	for (i = 0; i < 2; i++) {
		b->g[i] = waiter_start(test, b->pool, KP_BATCH, FOR_EVER, TASK_UNINTERRUPTIBLE);
		KUNIT_EXPECT_EQ(test, 0, set_cpus_allowed_ptr(b->g[i]->task,
							      cpumask_of(raw_smp_processor_id())));
	}
	sched_set_fifo(current);
	kp_keep(pool, pool->depots, mag);
	KUNIT_EXPECT_EQ(test, pool->depots[0].objects, (unsigned long)KP_BATCH);
	return b;
}

static void between_end(struct kunit *test, struct between *b)
{
	unsigned int i;

	sched_set_normal(current, 0);
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_TRUE(test, came(b->g[i]));
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_EQ(test, b->g[i]->err, 0);
		getter_end(test, b->g[i]);
	}
	put_all(b->pool, b->objs, b->n);
	expect_in_use(test, b->pool, 0);
}

static void get_does_not_overtake_between_batches(struct kunit *test)
{
	struct between *b = between_batches(test);
	void *obj;

	if (!b)
		return;
	obj = kpool_get(b->pool, GFP_ATOMIC);
	KUNIT_EXPECT_PTR_EQ(test, obj, ERR_PTR(-EBUSY));
	kpool_put(b->pool, obj);
	between_end(test, b);
}

static void scan_takes_nothing_between_batches(struct kunit *test)
{
	struct between *b = between_batches(test);
	unsigned long taken;

	if (!b)
		return;
	kp_shrink_scan(ULONG_MAX, &taken);
	KUNIT_EXPECT_EQ(test, figure(b->pool, reclaimed), 0ULL);
	between_end(test, b);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(put_bulk_in_hardirq_serves_all),
	KUNIT_CASE(larger_max_serves_all),
	KUNIT_CASE(smaller_max_refuses_all_that_want_more),
	KUNIT_CASE(destroy_wakes_all),
	KUNIT_CASE(slots_of_a_failed_build_serve_all),
	KUNIT_CASE(bulk_that_gives_up_leaves_its_slot),
	KUNIT_CASE(bulk_takes_a_batch_at_a_time),
	KUNIT_CASE(get_does_not_overtake_between_batches),
	KUNIT_CASE(scan_takes_nothing_between_batches),
	{}
};

struct kunit_suite grant_suite = {
	.name = "kpool_grant",
	.suite_exit = resume_ageing,
	.test_cases = cases,
};
