// SPDX-License-Identifier: GPL-2.0-only
/* The reserve, and gets that find no memory. */
#include <linux/completion.h>
#include <linux/gfp.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>

#include "base/clock.h"
#include "base/work.h"
#include "fixture.h"
#include "hog.h"
#include "policy/age.h"
#include "pool.h"

#define RESERVE	4
#define MORE	10

/* From now on a ctor finds memory, or does not. */
static void memory(struct consumer *consumer, bool there)
{
	consumer->fail_with = -ENOMEM;
	WRITE_ONCE(consumer->fail_at, there ? 0 : 1);
}

/* As expect_whole(), for a pool whose reserve stays. */
static void expect_reserve(struct kunit *test, struct kpool *pool, struct consumer *consumer)
{
	u64 reserve = to_pool(pool)->reserve;

	expect_in_use(test, pool, 0);
	kpool_trim(pool);
	expect_in_use(test, pool, 0);
	KUNIT_EXPECT_EQ(test, figure(pool, existing), reserve);
	KUNIT_EXPECT_EQ(test, atomic_read(&consumer->ctors) - atomic_read(&consumer->dtors),
			(int)reserve);
	destroy(test, pool);
	KUNIT_EXPECT_EQ(test, atomic_read(&consumer->ctors), atomic_read(&consumer->dtors));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&consumer->wrongs));
}

static const struct kpool_params kinds[] = {
	{ .name = "cached", .size = 64, .magazine = 4, .reserve = RESERVE },
	{ .name = "bounded", .size = 64, .max = MORE, .reserve = RESERVE },
	{ .name = "all-of-max", .size = 64, .max = RESERVE, .reserve = RESERVE },
	{ .name = "max-idle", .size = 64, .max_idle = RESERVE, .reserve = RESERVE },
	{ .name = "min-idle", .size = 64, .min_idle = RESERVE + 2, .reserve = RESERVE },
	{ .name = "pages", .size = 8192, .reserve = RESERVE },
	{ .name = "vmalloc", .size = 64, .flags = KPOOL_VMALLOC, .reserve = RESERVE },
	{ .name = "kvmalloc", .size = 8192, .flags = KPOOL_KVMALLOC, .reserve = RESERVE },
	{ .name = "huge", .size = 8192, .flags = KPOOL_HUGE_PAGES, .reserve = RESERVE },
	{ .name = "sleeping", .size = 64, .flags = KPOOL_SLEEPING, .reserve = RESERVE },
	{ .name = "in-worker", .size = 64, .flags = KPOOL_BUILD_IN_WORKER, .reserve = RESERVE },
	{ .name = "wiped", .size = 64, .flags = KPOOL_ZERO_ON_PUT, .wipe_offset = 32,
	  .wipe_size = 32, .reserve = RESERVE },
	{ .name = "bypass", .size = 64, .flags = KPOOL_BYPASS, .reserve = RESERVE },
	{ .name = "bypass-max", .size = 64, .flags = KPOOL_BYPASS, .max = RESERVE,
	  .reserve = RESERVE },
	{ .name = "beyond", .size = 64, .flags = KPOOL_OVERFLOW, .max = RESERVE,
	  .reserve = RESERVE },
};

KUNIT_ARRAY_PARAM_DESC(kind, kinds, name);

static struct kpool *pool_of_kind(struct kunit *test, struct consumer **consumer)
{
	struct kpool_params p = *(const struct kpool_params *)test->param_value;

	*consumer = zalloc_for(test, struct consumer);
	p.ops = &consumer_ops;
	return pool_of_consumer(test, &p, *consumer);
}

static void it_is_built_and_stays(struct kunit *test)
{
	struct consumer *consumer;
	struct kpool *pool = pool_of_kind(test, &consumer);
	unsigned int reserve = RESERVE, i, n;
	void *objs[MORE];

	KUNIT_EXPECT_GE(test, figure(pool, idle), (u64)reserve);
	for (i = 0; i < 3; i++) {
		kp_age_pass();
		kp_defer_sync(to_pool(pool));
		KUNIT_EXPECT_GE(test, figure(pool, existing), (u64)reserve);
	}
	KUNIT_EXPECT_EQ(test, kpool_trim(pool), figure(pool, trimmed));
	KUNIT_EXPECT_EQ(test, figure(pool, existing), (u64)reserve);
	KUNIT_EXPECT_EQ(test, figure(pool, idle), (u64)reserve);

	for (n = 0; n < MORE; n++) {
		objs[n] = kpool_get(pool, GFP_KERNEL);
		if (IS_ERR(objs[n]))
			break;
	}
	KUNIT_EXPECT_GE(test, n, reserve);
	put_all(pool, objs, n);
	if (to_pool(pool)->max_idle)
		KUNIT_EXPECT_LE(test, figure(pool, idle), (u64)to_pool(pool)->max_idle);
	expect_reserve(test, pool, consumer);
}

/* A get that does not wait takes an idle object of the reserve. When there is none: -ENOMEM. */
static void get_without_memory_has_the_reserve(struct kunit *test)
{
	struct consumer *consumer;
	struct kpool *pool = pool_of_kind(test, &consumer);
	unsigned int i, n = figure(pool, existing);
	void *objs[MORE], *none;

	memory(consumer, false);
	for (i = 0; i < n; i++) {
		objs[i] = kpool_get(pool, i % 2 ? GFP_KERNEL : GFP_NOWAIT);
		KUNIT_ASSERT_FALSE(test, IS_ERR(objs[i]));
	}
	if (!to_pool(pool)->max || to_pool(pool)->overflow)
		KUNIT_EXPECT_PTR_EQ(test, kpool_get(pool, GFP_KERNEL), ERR_PTR(-ENOMEM));
	/* Objects that are put in bulk can be got in bulk, all or nothing. */
	kpool_put_bulk(pool, objs, RESERVE);
	KUNIT_EXPECT_EQ(test, kpool_get_bulk(pool, GFP_KERNEL, objs, RESERVE), 0);
	KUNIT_EXPECT_NE(test, kpool_get_bulk(pool, GFP_KERNEL, &none, 1), 0);
	put_all(pool, objs, n);
	memory(consumer, true);
	expect_reserve(test, pool, consumer);
}

/* A waiter gets the object that is put, and no other get does. */
static void waiting_get_without_memory_has_what_is_put(struct kunit *test)
{
	struct consumer *consumer;
	struct kpool *pool = pool_of_kind(test, &consumer);
	unsigned int n = figure(pool, existing), i;
	struct getter *waitlist[3];
	void *objs[MORE];
	u64 used;

	memory(consumer, false);
	get_all(test, pool, objs, n);
	used = figure(pool, reserve_used);
	for (i = 0; i < ARRAY_SIZE(waitlist); i++)
		waitlist[i] = waiter_start(test, pool, 1, FOR_EVER, TASK_UNINTERRUPTIBLE);
	KUNIT_EXPECT_TRUE(test, IS_ERR(kpool_get(pool, GFP_NOWAIT)));
	put_all(pool, objs, ARRAY_SIZE(waitlist));
	for (i = 0; i < ARRAY_SIZE(waitlist); i++) {
		KUNIT_EXPECT_TRUE(test, came(waitlist[i]));
		KUNIT_EXPECT_EQ(test, waitlist[i]->err, 0);
	}
	for (i = 0; i < ARRAY_SIZE(waitlist); i++)
		getter_end(test, waitlist[i]);
	KUNIT_EXPECT_EQ(test, figure(pool, waits), (u64)ARRAY_SIZE(waitlist));
	/* The other waiters did not look for memory, because they are not the first. */
	if (!to_pool(pool)->max)
		KUNIT_EXPECT_GT(test, figure(pool, reserve_used), used);
	put_all(pool, objs + i, n - i);
	memory(consumer, true);
	expect_reserve(test, pool, consumer);
}

static const struct kpool_params plain = { .name = "reserve", .size = 64, .reserve = RESERVE,
					   .ops = &consumer_ops };

/* Such a get does not take the last memory: it gives up early, and uses the reserve. */
static void waiting_get_does_not_insist_on_memory(struct kunit *test)
{
	const gfp_t gives_up = __GFP_NOMEMALLOC | __GFP_NORETRY | __GFP_NOWARN;
	struct consumer *consumer = zalloc_for(test, struct consumer);
	struct kpool *pool = pool_of_consumer(test, &plain, consumer);
	void *objs[RESERVE + 1];

	get_all(test, pool, objs, RESERVE);
	objs[RESERVE] = kpool_get_timeout(pool, GFP_KERNEL, FOR_EVER);
	KUNIT_ASSERT_FALSE(test, IS_ERR(objs[RESERVE]));
	KUNIT_EXPECT_TRUE(test, (consumer->gfp & gives_up) == gives_up);
	put_all(pool, objs, RESERVE + 1);
	expect_reserve(test, pool, consumer);
}

/* The waiter looks for memory again, although nobody puts. */
static void waiting_get_finds_memory_that_came_back(struct kunit *test)
{
	struct consumer *consumer = zalloc_for(test, struct consumer);
	struct kpool *pool = pool_of_consumer(test, &plain, consumer);
	void *objs[RESERVE];
	struct getter *g;
	u64 used;

	memory(consumer, false);
	get_all(test, pool, objs, RESERVE);
	used = figure(pool, reserve_used);
	g = waiter_start(test, pool, 2, FOR_EVER, TASK_UNINTERRUPTIBLE);
	KUNIT_EXPECT_TRUE(test, spin_until(figure(pool, build_failures) >= 3));
	memory(consumer, true);
	getter_end(test, g);
	KUNIT_EXPECT_EQ(test, g->err, 0);
	KUNIT_EXPECT_EQ(test, figure(pool, reserve_used), used);
	put_all(pool, objs, RESERVE);
	expect_reserve(test, pool, consumer);
}

/* A waiter that leaves the wait list to look for memory returns to its old place. */
static void who_looked_for_memory_keeps_its_place(struct kunit *test)
{
	struct consumer *consumer = zalloc_for(test, struct consumer);
	struct kpool *pool = pool_of_consumer(test, &plain, consumer);
	struct getter *waitlist[RESERVE];
	void *objs[RESERVE];
	u64 failures;
	int i;

	memory(consumer, false);
	get_all(test, pool, objs, RESERVE);
	for (i = 0; i < RESERVE; i++)
		waitlist[i] = waiter_start(test, pool, 1, FOR_EVER, TASK_UNINTERRUPTIBLE);
	failures = figure(pool, build_failures);
	KUNIT_EXPECT_TRUE(test, spin_until(figure(pool, build_failures) > failures + 3 * RESERVE));
	for (i = 0; i < RESERVE; i++) {
		/*
		 * A put would pass over a waiter that looks for memory at this moment. So
		 * wait for all of them.
		 */
		KUNIT_EXPECT_TRUE(test, spin_until(waiting(pool) == RESERVE - i));
		kpool_put(pool, objs[i]);
		KUNIT_EXPECT_TRUE(test, came(waitlist[i]));
	}
	for (i = 0; i < RESERVE; i++)
		getter_end(test, waitlist[i]);
	memory(consumer, true);
	expect_reserve(test, pool, consumer);
}

/* Two bulks each want more than half of the objects. Neither keeps some of them for ever. */
static void bulks_without_memory_do_not_block_each_other(struct kunit *test)
{
	struct consumer *consumer = zalloc_for(test, struct consumer);
	struct kpool *pool = pool_of_consumer(test, &plain, consumer);
	struct getter *waitlist[2];
	void *objs[RESERVE];
	u64 failures;
	int i;

	memory(consumer, false);
	get_all(test, pool, objs, RESERVE);
	for (i = 0; i < 2; i++)
		waitlist[i] = waiter_start(test, pool, RESERVE - 1, FOR_EVER, TASK_UNINTERRUPTIBLE);
	for (i = 0; i < RESERVE; i++) {
		kpool_put(pool, objs[i]);
		failures = figure(pool, build_failures);
		if (i < RESERVE - 2)
			KUNIT_EXPECT_TRUE(test, spin_until(figure(pool, build_failures) >
							   failures + 2));
	}
	/* Either may be the first. The other gets the objects that it puts. */
	KUNIT_EXPECT_TRUE(test, spin_until(completion_done(&waitlist[0]->done) ||
					   completion_done(&waitlist[1]->done)));
	i = !completion_done(&waitlist[0]->done);
	getter_end(test, waitlist[i]);
	getter_end(test, waitlist[!i]);
	KUNIT_EXPECT_EQ(test, 0, waitlist[0]->err);
	KUNIT_EXPECT_EQ(test, 0, waitlist[1]->err);
	memory(consumer, true);
	expect_reserve(test, pool, consumer);
}

/* The objects might never be there, and the bulk would keep objects that other gets need. */
static void bulk_of_more_than_the_reserve_fails(struct kunit *test)
{
	const struct kpool_params p = { .name = "more", .size = 64, .max = 3 * RESERVE,
					.reserve = RESERVE, .ops = &consumer_ops };
	struct consumer *consumer = zalloc_for(test, struct consumer);
	struct kpool *pool = pool_of_consumer(test, &p, consumer);
	void *objs[RESERVE + 1], *more[RESERVE + 1];
	struct getter *bulk, *single;

	memory(consumer, false);
	get_all(test, pool, objs, RESERVE);
	KUNIT_EXPECT_EQ(test, -ENOMEM,
			kpool_get_bulk_timeout(pool, GFP_KERNEL, more, RESERVE + 1, FOR_EVER));
	/* The bulk also fails if it waits only because others wait. */
	single = waiter_start(test, pool, 1, FOR_EVER, TASK_UNINTERRUPTIBLE);
	bulk = getter_start(test, pool, RESERVE + 1, FOR_EVER, TASK_UNINTERRUPTIBLE);
	KUNIT_EXPECT_TRUE(test, spin_until(waiting(pool) == 2 || completion_done(&bulk->done)));
	put_all(pool, objs, RESERVE);
	getter_end(test, single);
	KUNIT_EXPECT_EQ(test, single->err, 0);
	getter_end(test, bulk);
	KUNIT_EXPECT_EQ(test, bulk->err, -ENOMEM);
	memory(consumer, true);
	expect_reserve(test, pool, consumer);
}

/* The second waiter stands behind a waiter that has no use for slots. */
static void second_in_line_finds_memory_that_came_back(struct kunit *test)
{
	struct consumer *consumer = zalloc_for(test, struct consumer);
	struct kpool *pool = pool_of_consumer(test, &plain, consumer);
	struct getter *first, *second;
	void *objs[RESERVE];

	memory(consumer, false);
	get_all(test, pool, objs, RESERVE);
	first = waiter_start(test, pool, 1, FOR_EVER, TASK_UNINTERRUPTIBLE);
	second = waiter_start(test, pool, 1, FOR_EVER, TASK_UNINTERRUPTIBLE);
	memory(consumer, true);
	kpool_put(pool, objs[0]);
	KUNIT_EXPECT_TRUE(test, came(first));
	KUNIT_EXPECT_TRUE(test, came(second));
	getter_end(test, first);
	getter_end(test, second);
	put_all(pool, objs + 1, RESERVE - 1);
	expect_reserve(test, pool, consumer);
}

struct starved {
	struct task_struct *task;	/* this task finds no memory */
};

static int starved_ctor(void *obj, void *ctx, gfp_t gfp, int node)
{
	struct starved *starved = ctx;

	return current == READ_ONCE(starved->task) ? -ENOMEM : 0;
}

static const struct kpool_ops starved_ops = { .ctor = starved_ctor };

/* The first waiter has no use for the free slot. When it leaves, the second one gets the slot. */
static void second_in_line_gets_the_slot_that_the_first_left(struct kunit *test)
{
	struct starved *starved = zalloc_for(test, struct starved);
	const struct kpool_params p = { .name = "starved", .size = 64, .max = RESERVE + 1,
					.reserve = RESERVE, .ops = &starved_ops, .ctx = starved };
	struct kpool *pool = pool_of(test, &p);
	struct getter *first, *second;
	void *objs[RESERVE];

	/* A pool that keeps nothing builds the first of these in the free slot. */
	if (nothing_kept(test, pool))
		return;
	get_all(test, pool, objs, RESERVE);
	first = getter_prepare(test, -1, pool, FOR_EVER);
	first->state = TASK_KILLABLE;
	WRITE_ONCE(starved->task, first->task);
	wake_up_process(first->task);
	KUNIT_EXPECT_TRUE(test, spin_until(waiting(pool) == 1));
	second = getter_start(test, pool, 1, FOR_EVER, TASK_UNINTERRUPTIBLE);
	/* While the first one looks for memory, the slot is the second one's. */
	KUNIT_EXPECT_TRUE(test, spin_until(waiting(pool) == 2 || completion_done(&second->done)));
	send_sig(SIGKILL, first->task, 1);
	KUNIT_EXPECT_TRUE(test, came(second));
	KUNIT_EXPECT_EQ(test, 0, second->err);
	getter_end(test, first);
	KUNIT_EXPECT_EQ(test, -ERESTARTSYS, first->err);
	getter_end(test, second);
	put_all(pool, objs, RESERVE);
	expect_in_use(test, pool, 0);
}

/*
 * Nobody finds memory. One task finds none in its second look either, which lasts until the test
 * says so. Then there is memory.
 */
struct second_look {
	struct task_struct *task;
	bool no_memory;
	unsigned int looks;
	struct completion begins, ends;
};

static int looking_ctor(void *obj, void *ctx, gfp_t gfp, int node)
{
	struct second_look *look = ctx;

	if (current == READ_ONCE(look->task) && ++look->looks == 2) {
		complete(&look->begins);
		wait_for_completion_timeout(&look->ends, msecs_to_jiffies(PATIENCE_MS));
		return -ENOMEM;
	}
	return READ_ONCE(look->no_memory) ? -ENOMEM : 0;
}

static const struct kpool_ops looking_ops = { .ctor = looking_ctor };

/*
 * A pool of which the test has two objects, and a get of @n objects that has waited. Just now the
 * get is not in the wait list: it looks for memory again.
 */
static struct getter *getter_that_looks(struct kunit *test, const struct kpool_params *params,
					unsigned int n, void **objs, struct second_look **look)
{
	struct kpool_params p = *params;
	struct kpool *pool;
	struct getter *g;

	*look = zalloc_for(test, struct second_look);
	init_completion(&(*look)->begins);
	init_completion(&(*look)->ends);
	p.ops = &looking_ops;
	p.ctx = *look;
	pool = pool_of(test, &p);
	/* A pool that keeps nothing builds the test's objects. */
	if (nothing_kept(test, pool))
		return NULL;
	get_all(test, pool, objs, 2);
	WRITE_ONCE((*look)->no_memory, true);
	g = getter_prepare(test, -1, pool, FOR_EVER);
	g->n = n;
	WRITE_ONCE((*look)->task, g->task);
	wake_up_process(g->task);
	wait_for_completion_timeout(&(*look)->begins, msecs_to_jiffies(PATIENCE_MS));
	KUNIT_EXPECT_EQ(test, (*look)->looks, 2U);
	return g;
}

/* Both waiters have got what they wanted. */
static void both_end(struct kunit *test, struct getter *first, struct getter *second)
{
	getter_end(test, first);
	KUNIT_EXPECT_EQ(test, first->err, 0);
	getter_end(test, second);
	KUNIT_EXPECT_EQ(test, second->err, 0);
}

/* A waiter that was the first meanwhile has no slots any more. So the other one can have them. */
static void who_looked_for_memory_has_the_slots(struct kunit *test)
{
	const struct kpool_params p = { .name = "slots", .size = 64, .max = 5, .reserve = 2,
					.flags = KPOOL_SLEEPING };
	struct getter *first, *second;
	struct second_look *look;
	void *objs[2];

	first = getter_that_looks(test, &p, 2, objs, &look);
	if (!first)
		return;
	/* Has the free slot, and then those that the first one gives back. One is missing. */
	second = waiter_start(test, first->pool, 4, FOR_EVER, TASK_UNINTERRUPTIBLE);
	WRITE_ONCE(look->no_memory, false);
	complete(&look->ends);
	KUNIT_EXPECT_TRUE(test, came(first));
	KUNIT_EXPECT_FALSE(test, completion_done(&second->done));
	put_all(first->pool, objs, 2);
	both_end(test, first, second);
	expect_in_use(test, second->pool, 0);
}

/* A waiter that was the first meanwhile has a part of its bulk. It does not keep that. */
static void who_looked_for_memory_has_what_was_put(struct kunit *test)
{
	const struct kpool_params p = { .name = "part", .size = 64, .max = KPOOL_UNLIMITED,
					.reserve = 2, .flags = KPOOL_SLEEPING };
	struct getter *first, *second;
	struct second_look *look;
	void *objs[2];

	first = getter_that_looks(test, &p, 1, objs, &look);
	if (!first)
		return;
	second = waiter_start(test, first->pool, 2, FOR_EVER, TASK_UNINTERRUPTIBLE);
	kpool_put(first->pool, objs[0]);
	complete(&look->ends);
	KUNIT_EXPECT_TRUE(test, came(first));
	KUNIT_EXPECT_PTR_EQ(test, first->objs[0], objs[0]);
	KUNIT_EXPECT_FALSE(test, completion_done(&second->done));
	kpool_put(first->pool, objs[1]);
	both_end(test, first, second);
	expect_in_use(test, second->pool, 0);
}

#define IDLE_MS		600000

/* An object that the other waiter had for too long is no younger for the one that takes it. */
static void what_another_waiter_had_is_no_younger(struct kunit *test)
{
	const struct kpool_params p = { .name = "older", .size = 64, .max = KPOOL_UNLIMITED,
					.reserve = 2, .idle_ms = IDLE_MS,
					.flags = KPOOL_SLEEPING };
	struct getter *first, *second;
	struct second_look *look;
	void *objs[2];

	first = getter_that_looks(test, &p, 1, objs, &look);
	if (!first)
		return;
	second = waiter_start(test, first->pool, 2, FOR_EVER, TASK_UNINTERRUPTIBLE);
	kpool_put(first->pool, objs[0]);
	/* As if the machine had slept. */
	WRITE_ONCE(kp_clock_slept, kp_clock_slept + msecs_to_jiffies(2 * IDLE_MS));
	complete(&look->ends);
	KUNIT_EXPECT_TRUE(test, spin_until(figure(first->pool, idle_expired) == 1 ||
					   completion_done(&first->done)));
	KUNIT_EXPECT_EQ(test, figure(first->pool, idle_expired), 1ULL);
	WRITE_ONCE(look->no_memory, false);
	both_end(test, first, second);
	kpool_put(second->pool, objs[1]);
	expect_in_use(test, second->pool, 0);
}

/*
 * A waiter without memory leaves a slot free. A worker, which has memory, does not take it. The
 * waiter stays in the wait list for a moment only: if that was too short, the test tries again.
 */
static void nothing_is_built_ahead_while_somebody_waits(struct kunit *test)
{
	struct starved *starved = zalloc_for(test, struct starved);
	const struct kpool_params p = { .name = "ahead", .size = 64, .max = RESERVE + 1,
					.reserve = RESERVE, .min_idle = 1, .ops = &starved_ops,
					.ctx = starved };
	struct kpool *pool = pool_of(test, &p);
	void *objs[RESERVE];
	unsigned long began;
	unsigned int tries;
	struct getter *g;
	bool in_time;
	u64 created;

	if (nothing_kept(test, pool))
		return;
	get_all(test, pool, objs, RESERVE);
	for (tries = 0, in_time = false; !in_time && tries < 20; tries++) {
		kpool_trim(pool);
		created = figure(pool, created);
		began = jiffies;
		g = getter_prepare(test, -1, pool, FOR_EVER);
		g->state = TASK_KILLABLE;
		WRITE_ONCE(starved->task, g->task);
		wake_up_process(g->task);
		KUNIT_EXPECT_TRUE(test, spin_until(waiting(pool) == 1));
		kp_queue_todo(to_pool(pool), POOL_TODO_REPLENISH);
		kp_defer_sync(to_pool(pool));
		created = figure(pool, created) - created;
		in_time = time_before(jiffies, began + msecs_to_jiffies(80));
		send_sig(SIGKILL, g->task, 1);
		getter_end(test, g);
	}
	put_all(pool, objs, RESERVE);
	expect_in_use(test, pool, 0);
	if (!in_time)
		kunit_skip(test, "this machine is too busy");
	KUNIT_EXPECT_EQ(test, created, 0ULL);
}

/* Without a bound there is a slot for each get, although somebody waits. */
static void get_looks_for_memory_while_others_wait(struct kunit *test)
{
	struct consumer *consumer = zalloc_for(test, struct consumer);
	struct kpool *pool = pool_of_consumer(test, &plain, consumer);
	void *objs[RESERVE], *obj;
	struct getter *g;

	memory(consumer, false);
	get_all(test, pool, objs, RESERVE);
	g = waiter_start(test, pool, 1, FOR_EVER, TASK_UNINTERRUPTIBLE);
	memory(consumer, true);
	obj = kpool_get(pool, GFP_ATOMIC);
	KUNIT_EXPECT_FALSE(test, IS_ERR(obj));
	getter_end(test, g);
	kpool_put(pool, obj);
	put_all(pool, objs, RESERVE);
	expect_reserve(test, pool, consumer);
}

static const struct kpool_params beyond = { .name = "beyond", .size = 64, .max = RESERVE,
					    .reserve = 2, .flags = KPOOL_OVERFLOW,
					    .ops = &consumer_ops };

/* More than max objects exist. None is torn down while somebody waits. */
static void put_beyond_max_goes_to_who_waits(struct kunit *test)
{
	struct consumer *consumer = zalloc_for(test, struct consumer);
	struct kpool *pool = pool_of_consumer(test, &beyond, consumer);
	void *objs[RESERVE + 2];
	struct getter *g;

	/* Needs objects in the reserve list. */
	if (nothing_kept(test, pool))
		return;
	get_all(test, pool, objs, RESERVE + 2);
	memory(consumer, false);
	g = waiter_start(test, pool, 1, FOR_EVER, TASK_UNINTERRUPTIBLE);
	kpool_put(pool, objs[0]);
	KUNIT_EXPECT_TRUE(test, came(g));
	KUNIT_EXPECT_EQ(test, g->err, 0);
	memory(consumer, true);
	getter_end(test, g);
	put_all(pool, objs + 1, RESERVE + 1);
	expect_reserve(test, pool, consumer);
}

/* The waiter builds more than max as soon as there is memory, although nobody puts. */
static void wait_beyond_max_finds_memory_that_came_back(struct kunit *test)
{
	struct consumer *consumer = zalloc_for(test, struct consumer);
	struct kpool *pool = pool_of_consumer(test, &beyond, consumer);
	void *objs[RESERVE];
	struct getter *g;

	/* Needs objects in the reserve list. */
	if (nothing_kept(test, pool))
		return;
	get_all(test, pool, objs, RESERVE);
	memory(consumer, false);
	g = waiter_start(test, pool, 2, FOR_EVER, TASK_UNINTERRUPTIBLE);
	memory(consumer, true);
	getter_end(test, g);
	KUNIT_EXPECT_EQ(test, g->err, 0);
	put_all(pool, objs, RESERVE);
	expect_reserve(test, pool, consumer);
}

static void wait_without_memory_ends_in_time(struct kunit *test)
{
	struct consumer *consumer = zalloc_for(test, struct consumer);
	struct kpool *pool = pool_of_consumer(test, &plain, consumer);
	struct getter *timed, *bulk, *signalled;
	void *objs[RESERVE];

	memory(consumer, false);
	get_all(test, pool, objs, RESERVE);
	KUNIT_EXPECT_PTR_EQ(test, kpool_get_timeout(pool, GFP_KERNEL, 0), ERR_PTR(-ETIMEDOUT));
	bulk = waiter_start(test, pool, 2, msecs_to_jiffies(350), TASK_UNINTERRUPTIBLE);
	timed = waiter_start(test, pool, 1, msecs_to_jiffies(350), TASK_UNINTERRUPTIBLE);
	signalled = waiter_start(test, pool, 1, FOR_EVER, TASK_KILLABLE);
	send_sig(SIGKILL, signalled->task, 1);
	/* This is half of what the bulk wants. It goes to the other waiters. */
	kpool_put(pool, objs[0]);
	getter_end(test, bulk);
	getter_end(test, timed);
	getter_end(test, signalled);
	KUNIT_EXPECT_EQ(test, bulk->err, -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, signalled->err, -ERESTARTSYS);
	KUNIT_EXPECT_EQ(test, waiting(pool), 0U);
	put_all(pool, objs + 1, RESERVE - 1);
	memory(consumer, true);
	expect_reserve(test, pool, consumer);
}

static void destroy_ends_waits_without_memory(struct kunit *test)
{
	struct consumer *consumer = zalloc_for(test, struct consumer);
	struct kpool *pool = pool_of_consumer(test, &plain, consumer);
	u32 id = to_pool(pool)->id;
	void *objs[RESERVE];
	struct getter *g;

	memory(consumer, false);
	get_all(test, pool, objs, RESERVE);
	g = waiter_start(test, pool, 2, FOR_EVER, TASK_UNINTERRUPTIBLE);
	put_all(pool, objs, 1);
	kpool_trim(pool);
	destroy(test, pool);
	getter_end(test, g);
	KUNIT_EXPECT_EQ(test, g->err, -ESHUTDOWN);
	put_all(pool, objs + 1, RESERVE - 1);
	settle();
	KUNIT_EXPECT_FALSE(test, pool_left(id));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&consumer->wrongs));
}

/* A restricted get may take objects of the reserve, too. */
static void it_is_served_to_an_interrupt(struct kunit *test)
{
	const struct kpool_params p = { .name = "anyctx", .size = 64, .reserve = RESERVE,
					.flags = KPOOL_ANYCTX, .ops = &consumer_ops };
	struct consumer *consumer = zalloc_for(test, struct consumer);
	struct kpool *pool = pool_of_consumer(test, &p, consumer);
	void *objs[RESERVE];
	int i;

	/* With bypass a get that may not build finds no object. */
	if (nothing_kept(test, pool))
		return;
	for (i = 0; i < RESERVE; i++) {
		objs[i] = kpool_get(pool, GFP_ATOMIC);
		KUNIT_ASSERT_FALSE(test, IS_ERR(objs[i]));
	}
	put_all(pool, objs, RESERVE);
	expect_reserve(test, pool, consumer);
}

struct shortage {
	struct kpool *pool;
	atomic_t gets, wrongs;
};

static void get_and_put(struct member *m)
{
	struct shortage *s = m->ctx;
	unsigned int i, n = 1 + m->steps % RESERVE;
	void *objs[RESERVE];
	int err;

	err = kpool_get_bulk_timeout(s->pool, GFP_KERNEL, objs, n, FOR_EVER);
	if (err) {
		pr_err("kpool_kunit: get of %u: %d\n", n, err);
		atomic_inc(&s->wrongs);
		return;
	}
	for (i = 0; i < n; i++)
		WRITE_ONCE(*(struct member **)objs[i], m);
	if (m->steps % 8 == 0)
		schedule_timeout_uninterruptible(1);
	for (i = 0; i < n; i++)
		if (READ_ONCE(*(struct member **)objs[i]) != m)
			atomic_inc(&s->wrongs);
	atomic_inc(&s->gets);
	kpool_put_bulk(s->pool, objs, n);
}

static const struct duty shortage_duty = { .step = get_and_put };

static void every_get_ends_while_memory_is_short(struct kunit *test)
{
	const struct kpool_params p = { .name = "short", .size = PAGE_SIZE << HOG_ORDER,
					.reserve = RESERVE };
	struct shortage *s = zalloc_for(test, struct shortage);
	struct hog *hog = zalloc_for(test, struct hog);
	struct team *team;

	s->pool = pool_of(test, &p);
	hog_start(hog);
	team = team_start(test, &shortage_duty, s, is_full_run() ? 20000 : 100);
	/*
	 * The pool does not get memory that others free. It also gives back the memory that
	 * it got.
	 */
	while (!team_did(team) || !figure(s->pool, reserve_used)) {
		kpool_trim(s->pool);
		hog_more(hog);
	}
	hog_end(hog);
	team_stop(team);
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&s->wrongs));
	KUNIT_EXPECT_GT(test, figure(s->pool, build_failures), 0ULL);
	KUNIT_EXPECT_GT(test, figure(s->pool, reserve_used), 0ULL);
	expect_in_use(test, s->pool, 0);
	kunit_info(test, "gets %d, waits %llu, built %llu, builds failed %llu, reserve used %llu",
		   atomic_read(&s->gets), figure(s->pool, waits), figure(s->pool, created),
		   figure(s->pool, build_failures), figure(s->pool, reserve_used));
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(it_is_built_and_stays, kind_gen_params),
	KUNIT_CASE_PARAM(get_without_memory_has_the_reserve, kind_gen_params),
	KUNIT_CASE_PARAM(waiting_get_without_memory_has_what_is_put, kind_gen_params),
	KUNIT_CASE(waiting_get_does_not_insist_on_memory),
	KUNIT_CASE(waiting_get_finds_memory_that_came_back),
	KUNIT_CASE(who_looked_for_memory_keeps_its_place),
	KUNIT_CASE(bulks_without_memory_do_not_block_each_other),
	KUNIT_CASE(bulk_of_more_than_the_reserve_fails),
	KUNIT_CASE(second_in_line_finds_memory_that_came_back),
	KUNIT_CASE(second_in_line_gets_the_slot_that_the_first_left),
	KUNIT_CASE(who_looked_for_memory_has_the_slots),
	KUNIT_CASE(who_looked_for_memory_has_what_was_put),
	KUNIT_CASE(what_another_waiter_had_is_no_younger),
	KUNIT_CASE(nothing_is_built_ahead_while_somebody_waits),
	KUNIT_CASE(get_looks_for_memory_while_others_wait),
	KUNIT_CASE(put_beyond_max_goes_to_who_waits),
	KUNIT_CASE(wait_beyond_max_finds_memory_that_came_back),
	KUNIT_CASE(wait_without_memory_ends_in_time),
	KUNIT_CASE(destroy_ends_waits_without_memory),
	KUNIT_CASE(it_is_served_to_an_interrupt),
	KUNIT_CASE(every_get_ends_while_memory_is_short),
	{}
};

struct kunit_suite reserve_suite = {
	.name = "kpool_reserve",
	.suite_exit = resume_ageing,
	.test_cases = cases,
};
