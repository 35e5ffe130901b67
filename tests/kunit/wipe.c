// SPDX-License-Identifier: GPL-2.0-only
/* Wiping of many bytes. objects.c has what is wiped. */
#include <linux/completion.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include <linux/kpool_ring.h>

#include "base/wipe.h"
#include "base/work.h"
#include "fixture.h"
#include "interrupts.h"
#include "path/rcu.h"
#include "pool.h"

#define LARGE	(4 * KP_WIPE_AT_ONCE)
#define DIRT	0x5a

/* Counts the callbacks that a worker made, and the others. Any CPU, any context. */
struct places {
	atomic_t in_worker, elsewhere;
};

static void note_place(struct places *places)
{
	bool worker = in_task() && !irqs_disabled() && current->flags & PF_WQ_WORKER;

	atomic_inc(worker ? &places->in_worker : &places->elsewhere);
}

static void noting_reset(void *obj, void *ctx)
{
	note_place(ctx);
}

static void noting_dtor(void *obj, void *ctx)
{
	note_place(ctx);
}

static const struct kpool_ops noting_reset_ops = { .reset = noting_reset };
static const struct kpool_ops noting_dtor_ops = { .dtor = noting_dtor };

static void expect_places(struct kunit *test, const struct places *places, int in_worker,
			  int elsewhere)
{
	KUNIT_EXPECT_EQ(test, atomic_read(&places->in_worker), in_worker);
	KUNIT_EXPECT_EQ(test, atomic_read(&places->elsewhere), elsewhere);
}

/* How a caller keeps other tasks from running. */
enum hold { NO_PREEMPTION, NO_INTERRUPTS, READER, INTERRUPT };

static const struct hold_case {
	const char *what;
	enum hold hold;
	enum context context;	/* INTERRUPT: which one */
	unsigned int flags;
	u32 idle_ms;
} holds[] = {
	{ "preemption off", NO_PREEMPTION },
	{ "interrupts off", NO_INTERRUPTS },
	{ "RCU reader", READER },
	{ "softirq", INTERRUPT, SOFTIRQ },
	{ "timer", INTERRUPT, TIMER },
	{ "irq_work", INTERRUPT, HARD_IRQ_WORK },
	{ "NMI", INTERRUPT, NMI },
	{ "anyctx, preemption off", NO_PREEMPTION, .flags = KPOOL_ANYCTX },
	{ "stamped, preemption off", NO_PREEMPTION, .idle_ms = 1000000 },
	{ "stamped, NMI", INTERRUPT, NMI, .idle_ms = 1000000 },
};

KUNIT_ARRAY_PARAM_DESC(hold, holds, what);

static void nothing(void *unused)
{
}

/* Skips the test if the machine has no such interrupt. For calls before the test has an object. */
static void needs_hold(struct kunit *test, const struct hold_case *c)
{
	if (c->hold == INTERRUPT)
		interrupt_init(test, zalloc_for(test, struct interrupt), c->context, nothing, NULL);
}

/* Calls in such a context. */
static void call_held(struct kunit *test, const struct hold_case *c, void (*call)(void *arg),
		      void *arg)
{
	struct interrupt *in;

	switch (c->hold) {
	case NO_PREEMPTION:
		preempt_disable();
		call(arg);
		preempt_enable();
		break;
	case NO_INTERRUPTS:
		local_irq_disable();
		call(arg);
		local_irq_enable();
		break;
	case READER:
		rcu_read_lock();
		call(arg);
		rcu_read_unlock();
		break;
	case INTERRUPT:
		in = zalloc_for(test, struct interrupt);
		interrupt_init(test, in, c->context, call, arg);
		preempt_disable();
		KUNIT_EXPECT_TRUE(test, interrupt(in));
		preempt_enable();
		break;
	}
}

struct putting {
	struct kpool *pool;
	u8 **objs;
	unsigned int n;
	unsigned int dirty;		/* objects that were not wiped when the put returned */
};

/* The objects stay this test's until they are wiped, or are idle. */
static void put_and_look(void *arg)
{
	struct putting *p = arg;
	size_t last = to_pool(p->pool)->size - 1;
	unsigned int i;

	if (p->n == 1)
		kpool_put(p->pool, p->objs[0]);
	else
		kpool_put_bulk(p->pool, (void **)p->objs, p->n);
	for (i = 0; i < p->n && keeps(p->pool); i++)
		p->dirty += READ_ONCE(p->objs[i][last]) == DIRT;
}

static void expect_wiped(struct kunit *test, const struct putting *p)
{
	unsigned int i;

	for (i = 0; i < p->n && keeps(p->pool); i++)
		KUNIT_EXPECT_NULL(test, memchr_inv(p->objs[i], 0, to_pool(p->pool)->size));
}

static struct putting *dirty_objects(struct kunit *test, struct kpool *pool, unsigned int n)
{
	struct putting *p = zalloc_for(test, struct putting);
	unsigned int i;

	p->pool = pool;
	p->n = n;
	p->objs = (u8 **)room_for(test, n);
	get_all(test, pool, (void **)p->objs, n);
	for (i = 0; i < n; i++)
		memset(p->objs[i], DIRT, to_pool(pool)->size);
	return p;
}

/* A caller that cannot let other tasks run leaves the whole put to a worker, reset included. */
static void atomic_put_of_a_large_object_is_left_to_a_worker(struct kunit *test)
{
	const struct hold_case *c = test->param_value;
	struct places *places = zalloc_for(test, struct places);
	const struct kpool_params params = {
		.name = "wiped-large", .size = LARGE, .flags = KPOOL_ZERO_ON_PUT | c->flags,
		.idle_ms = c->idle_ms, .ops = &noting_reset_ops, .ctx = places,
	};
	struct kpool *pool;
	struct putting *p;

	needs_hold(test, c);
	pool = pool_of(test, &params);
	p = dirty_objects(test, pool, 1);
	call_held(test, c, put_and_look, p);
	kp_defer_sync(to_pool(pool));
	expect_places(test, places, 1, 0);
	expect_wiped(test, p);
	expect_in_use(test, pool, 0);
}

/* A reset that ends when the test says so. */
struct slow_reset {
	struct places places;		/* first: for noting_reset() */
	bool began, may_end;
};

static void slow_reset(void *obj, void *ctx)
{
	struct slow_reset *slow = ctx;

	WRITE_ONCE(slow->began, true);
	spin_until(READ_ONCE(slow->may_end));
	noting_reset(obj, ctx);
}

static const struct kpool_ops slow_reset_ops = { .reset = slow_reset };

struct syncer {
	struct work_struct work;
	struct kpool *pool;
	struct completion done;
};

static void sync_work(struct work_struct *work)
{
	struct syncer *syncer = container_of(work, struct syncer, work);

	kp_defer_sync(to_pool(syncer->pool));
	complete(&syncer->done);
}

static void sync_waits_for_a_put_that_a_worker_finishes(struct kunit *test)
{
	struct slow_reset *slow = zalloc_for(test, struct slow_reset);
	struct syncer *syncer = zalloc_for(test, struct syncer);
	const struct kpool_params params = { .name = "wiped-slowly", .size = LARGE,
					     .flags = KPOOL_ZERO_ON_PUT, .ops = &slow_reset_ops,
					     .ctx = slow };
	struct putting *p;

	syncer->pool = pool_of(test, &params);
	INIT_WORK(&syncer->work, sync_work);
	init_completion(&syncer->done);
	p = dirty_objects(test, syncer->pool, 1);
	local_irq_disable();
	put_and_look(p);
	local_irq_enable();
	KUNIT_EXPECT_TRUE(test, spin_until(READ_ONCE(slow->began)));
	queue_work(system_unbound_wq, &syncer->work);
	KUNIT_EXPECT_FALSE(test, wait_for_completion_timeout(&syncer->done, HZ / 20));
	WRITE_ONCE(slow->may_end, true);
	flush_work(&syncer->work);
	expect_places(test, &slow->places, 1, 0);
	expect_in_use(test, syncer->pool, 0);
}

static void preemptible_put_of_a_large_object_wipes_at_once(struct kunit *test)
{
	const struct kpool_params params = { .name = "wiped-here", .size = LARGE,
					     .flags = KPOOL_ZERO_ON_PUT };
	struct kpool *pool = pool_of(test, &params);
	struct putting *p = dirty_objects(test, pool, 1);

	put_and_look(p);
	KUNIT_EXPECT_EQ(test, p->dirty, 0U);
	KUNIT_EXPECT_EQ(test, figure(pool, deferred), 0ULL);
	expect_wiped(test, p);
	expect_in_use(test, pool, 0);
}

static void atomic_put_of_a_small_object_wipes_at_once(struct kunit *test)
{
	static const struct hold_case held = { .hold = NO_INTERRUPTS };
	const struct kpool_params params = { .name = "wiped-small", .size = KP_WIPE_AT_ONCE,
					     .flags = KPOOL_ZERO_ON_PUT };
	struct kpool *pool = pool_of(test, &params);
	struct putting *p = dirty_objects(test, pool, 1);

	call_held(test, &held, put_and_look, p);
	KUNIT_EXPECT_EQ(test, p->dirty, 0U);
	expect_wiped(test, p);
	expect_in_use(test, pool, 0);
}

static const struct bulk_case {
	const char *what;
	unsigned int n;
	bool later;
} bulks[] = {
	{ "as many bytes as one call may wipe", 4, false },
	{ "more", 5, true },
};

KUNIT_ARRAY_PARAM_DESC(bulk, bulks, what);

/* What counts is the sum of one call. */
static void atomic_bulk_put_wipes_so_much(struct kunit *test)
{
	static const struct hold_case held = { .hold = NO_PREEMPTION };
	const struct bulk_case *c = test->param_value;
	struct places *places = zalloc_for(test, struct places);
	const struct kpool_params params = {
		.name = "wiped-bulk", .size = KP_WIPE_AT_ONCE / 4, .flags = KPOOL_ZERO_ON_PUT,
		.ops = &noting_reset_ops, .ctx = places,
	};
	struct kpool *pool = pool_of(test, &params);
	struct putting *p = dirty_objects(test, pool, c->n);

	call_held(test, &held, put_and_look, p);
	kp_defer_sync(to_pool(pool));
	expect_places(test, places, c->later ? c->n : 0, c->later ? 0 : c->n);
	if (!c->later)
		KUNIT_EXPECT_EQ(test, p->dirty, 0U);
	expect_wiped(test, p);
	expect_in_use(test, pool, 0);
}

static void discard_it(void *arg)
{
	struct putting *p = arg;

	kpool_discard(p->pool, p->objs[0]);
}

/* A teardown wipes, too. */
static void atomic_discard_of_a_large_object_is_left_to_a_worker(struct kunit *test)
{
	const struct hold_case *c = test->param_value;
	struct places *places = zalloc_for(test, struct places);
	const struct kpool_params params = {
		.name = "wiped-discarded", .size = LARGE, .flags = KPOOL_ZERO_ON_PUT | c->flags,
		.idle_ms = c->idle_ms, .ops = &noting_dtor_ops, .ctx = places,
	};
	struct kpool *pool;

	needs_hold(test, c);
	pool = pool_of(test, &params);
	call_held(test, c, discard_it, dirty_objects(test, pool, 1));
	kp_defer_sync(to_pool(pool));
	expect_places(test, places, 1, 0);
	KUNIT_EXPECT_EQ(test, figure(pool, discarded), 1ULL);
	expect_in_use(test, pool, 0);
}

#define READERS	3

/* Each of these objects may be wiped in an interrupt, but RCU calls back for several at once. */
static void puts_after_a_grace_period_are_left_to_a_worker(struct kunit *test)
{
	struct places *places = zalloc_for(test, struct places);
	const struct kpool_params params = {
		.name = "wiped-rcu", .size = KP_WIPE_AT_ONCE,
		.flags = KPOOL_ZERO_ON_PUT | KPOOL_RCU, .ops = &noting_reset_ops, .ctx = places,
	};
	struct kpool *pool = pool_of(test, &params);
	struct putting *p = dirty_objects(test, pool, READERS);
	unsigned int i;

	for (i = 0; i < READERS; i++)
		kpool_put_rcu(pool, p->objs[i]);
	kp_rcu_sync(to_pool(pool));
	kp_defer_sync(to_pool(pool));
	expect_places(test, places, READERS, 0);
	expect_wiped(test, p);
	expect_in_use(test, pool, 0);
}

struct ring_putting {
	struct kpool_ring_pool *pool;
	struct kpool_ring *ring;
	bool dirty;
};

static void put_ring(void *arg)
{
	struct ring_putting *p = arg;
	u8 *last = p->ring->data + p->ring->size - 1;

	kpool_ring_put(p->pool, p->ring);
	/* A ring that was torn down has no memory. */
	if (keeps(kpool_ring_pool(p->pool)) && !to_pool(kpool_ring_pool(p->pool))->nothing_idle)
		p->dirty = READ_ONCE(*last) == DIRT;
}

/* A worker on another CPU may have wiped the ring before its put looks. It cannot do so always. */
#define ATTEMPTS	20

/* In an NMI, too, although no work can be queued there. */
static void large_ring_is_left_to_a_worker(struct kunit *test)
{
	const struct hold_case *c = test->param_value;
	const struct kpool_ring_pool_params params = {
		.name = "wiped-rings", .size = LARGE, .ring_flags = KPOOL_RING_WIPED, .max = 1,
	};
	struct ring_putting p = { };
	unsigned int i;

	needs_hold(test, c);
	p.pool = kpool_ring_pool_create(&params);
	KUNIT_ASSERT_FALSE(test, IS_ERR(p.pool));
	for (i = 0; i < ATTEMPTS && !p.dirty; i++) {
		p.ring = kpool_ring_get(p.pool, GFP_KERNEL);
		KUNIT_ASSERT_FALSE(test, IS_ERR(p.ring));
		memset(p.ring->data, DIRT, LARGE);
		call_held(test, c, put_ring, &p);
		settle();
	}
	KUNIT_EXPECT_EQ(test, p.dirty, keeps(kpool_ring_pool(p.pool)));
	p.ring = kpool_ring_get(p.pool, GFP_KERNEL);
	KUNIT_ASSERT_FALSE(test, IS_ERR(p.ring));
	if (keeps(kpool_ring_pool(p.pool)))
		KUNIT_EXPECT_NULL(test, memchr_inv(p.ring->data, 0, LARGE));
	kpool_ring_put(p.pool, p.ring);
	KUNIT_EXPECT_EQ(test, kpool_ring_pool_destroy(p.pool), 0UL);
}

/* Its dtor runs in the put, and must not sleep. */
static void small_ring_is_torn_down_in_any_context(struct kunit *test)
{
	static const struct hold_case held = { .hold = NO_INTERRUPTS };
	const struct kpool_ring_pool_params params = {
		.name = "wiped-ring", .size = 100, .ring_flags = KPOOL_RING_WIPED,
		.max_idle = KPOOL_KEEP_NONE,
	};
	struct ring_putting p = { .pool = kpool_ring_pool_create(&params) };

	KUNIT_ASSERT_FALSE(test, IS_ERR(p.pool));
	p.ring = kpool_ring_get(p.pool, GFP_KERNEL);
	KUNIT_ASSERT_FALSE(test, IS_ERR(p.ring));
	call_held(test, &held, put_ring, &p);
	KUNIT_EXPECT_EQ(test, figure(kpool_ring_pool(p.pool), existing), 0ULL);
	KUNIT_EXPECT_EQ(test, kpool_ring_pool_destroy(p.pool), 0UL);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(atomic_put_of_a_large_object_is_left_to_a_worker, hold_gen_params),
	KUNIT_CASE(sync_waits_for_a_put_that_a_worker_finishes),
	KUNIT_CASE(preemptible_put_of_a_large_object_wipes_at_once),
	KUNIT_CASE(atomic_put_of_a_small_object_wipes_at_once),
	KUNIT_CASE_PARAM(atomic_bulk_put_wipes_so_much, bulk_gen_params),
	KUNIT_CASE_PARAM(atomic_discard_of_a_large_object_is_left_to_a_worker, hold_gen_params),
	KUNIT_CASE(puts_after_a_grace_period_are_left_to_a_worker),
	KUNIT_CASE_PARAM(large_ring_is_left_to_a_worker, hold_gen_params),
	KUNIT_CASE(small_ring_is_torn_down_in_any_context),
	{}
};

struct kunit_suite wipe_suite = {
	.name = "kpool_wipe",
	.suite_init = nmi_suite_init,
	.suite_exit = nmi_suite_exit,
	.test_cases = cases,
};
