// SPDX-License-Identifier: GPL-2.0-only
/* Gets and puts in sections that may not sleep, or may not take any lock. */
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

#include "base/work.h"
#include "fixture.h"
#include "pool.h"
#include "store/depot.h"

#define MAGAZINE	4
#define OBJS		(3 * MAGAZINE)

KUNIT_ARRAY_PARAM_DESC(kind, nested_pools, name);

/* This CPU holds the depot's lock. A get or put that waits for the lock here never returns. */
static void anyctx_waits_for_no_lock(struct kunit *test)
{
	const struct kpool_params p = { .name = "anyctx", .size = 64, .magazine = MAGAZINE,
					.flags = KPOOL_ANYCTX | KPOOL_ON_NODE };
	struct kpool *pool = filled_pool(test, &p, OBJS);
	struct kp_depot *depot = &to_pool(pool)->depots[0];
	void *objs[2 * MAGAZINE], *got;
	unsigned long flags;

	get_all(test, pool, objs, 2 * MAGAZINE);	/* the others are in the depot */
	raw_spin_lock_irqsave(&depot->lock, flags);
	got = kpool_get(pool, GFP_NOWAIT);
	put_all(pool, objs, 2 * MAGAZINE);
	raw_spin_unlock_irqrestore(&depot->lock, flags);

	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(got), -EBUSY);
	KUNIT_EXPECT_GT(test, figure(pool, deferred), 0ULL);
	expect_in_use(test, pool, 0);
	if (keeps(pool))
		KUNIT_EXPECT_GE(test, figure(pool, idle), (u64)OBJS);
}

/* Sections in which a get and a put may be called. */
struct session {
	struct kpool *pool;
	unsigned int failed;
};

static void use(struct session *s)
{
	void *objs[OBJS];
	unsigned int i;

	for (i = 0; i < OBJS; i++) {
		objs[i] = kpool_get(s->pool, GFP_NOWAIT);
		s->failed += IS_ERR(objs[i]);
	}
	put_all(s->pool, objs, OBJS);
}

static void use_with_preemption_off(struct session *s)
{
	preempt_disable();
	use(s);
	preempt_enable();
}

static void use_with_interrupts_off(struct session *s)
{
	local_irq_disable();
	use(s);
	local_irq_enable();
}

static void use_with_softirqs_off(struct session *s)
{
	local_bh_disable();
	use(s);
	local_bh_enable();
}

static void use_under_a_spinlock(struct session *s)
{
	static DEFINE_SPINLOCK(some_lock);

	spin_lock_irq(&some_lock);
	use(s);
	spin_unlock_irq(&some_lock);
}

static void (*const sections[])(struct session *s) = {
	use, use_with_preemption_off, use_with_interrupts_off, use_with_softirqs_off,
	use_under_a_spinlock,
};

static void atomic_sections_get_and_put(struct kunit *test)
{
	struct consumer *consumer = zalloc_for(test, struct consumer);
	struct session s = { pool_of_consumer(test, test->param_value, consumer) };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sections); i++)
		sections[i](&s);

	/* PREEMPT_RT does not allow the usual allocators there. */
	KUNIT_EXPECT_TRUE(test, !s.failed || IS_ENABLED(CONFIG_PREEMPT_RT) ||
			  to_pool(s.pool)->flags & (KPOOL_SLEEPING | KPOOL_ANYCTX));
	expect_whole(test, s.pool, consumer);
}

/* Gets and puts under locks that forbid every allocator. Lockdep checks this. */
static void anyctx_is_used_under_a_raw_lock(struct kunit *test)
{
	static DEFINE_RAW_SPINLOCK(scheduler_lock);
	struct consumer *consumer = zalloc_for(test, struct consumer);
	const struct kpool_params p = { .name = "raw", .size = 64, .magazine = MAGAZINE,
					.flags = KPOOL_ANYCTX, .ops = &consumer_ops,
					.ctx = consumer };
	struct kpool *pool = filled_pool(test, &p, OBJS);
	void *objs[OBJS];
	unsigned int i, got = 0, wrong = 0;

	raw_spin_lock_irq(&scheduler_lock);
	for (i = 0; i < OBJS; i++) {
		objs[i] = kpool_get(pool, GFP_NOWAIT);
		got += !IS_ERR(objs[i]);
		wrong += IS_ERR(objs[i]) && PTR_ERR(objs[i]) != -EBUSY;
	}
	put_all(pool, objs, OBJS);
	raw_spin_unlock_irq(&scheduler_lock);

	KUNIT_EXPECT_EQ(test, wrong, 0U);
	if (keeps(pool))
		KUNIT_EXPECT_GE(test, got, (unsigned int)MAGAZINE);
	expect_whole(test, pool, consumer);
}

/* A restricted get that found no object has a worker build some. */
static void anyctx_is_refilled(struct kunit *test)
{
	const struct kpool_params p = { .name = "refilled", .size = 64, .flags = KPOOL_ANYCTX };
	struct kpool *pool;
	void *obj;

	pin(test, raw_smp_processor_id());
	pool = pool_of(test, &p);
	obj = kpool_get(pool, GFP_NOWAIT);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(obj), -EBUSY);
	kp_defer_sync(to_pool(pool));
	obj = kpool_get(pool, GFP_NOWAIT);

	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(obj), keeps(pool) ? 0 : -EBUSY);
	kpool_put(pool, obj);
	expect_in_use(test, pool, 0);
}

#define MANY		1000
#define A_FEW		16	/* puts that an interrupt may finish */

/* Counts the teardowns that a worker did not do. */
static void count_in_interrupt(void *obj, void *ctx)
{
	if (!in_task() || !(current->flags & PF_WQ_WORKER))
		atomic_inc(ctx);
}

/* The pool keeps nothing idle, so each put leaves its object to the irq_work. */
static void irq_work_finishes_a_few_puts(struct kunit *test)
{
	static const struct kpool_ops ops = { .dtor = count_in_interrupt };
	atomic_t *in_interrupt = zalloc_for(test, atomic_t);
	const struct kpool_params p = { .name = "many", .size = 64, .max_idle = KPOOL_KEEP_NONE,
					.flags = KPOOL_ANYCTX, .ops = &ops, .ctx = in_interrupt };
	struct kpool *pool = pool_of(test, &p);
	void **objs = room_for(test, MANY);

	get_all(test, pool, objs, MANY);
	local_irq_disable();
	put_all(pool, objs, MANY);
	local_irq_enable();
	kp_defer_sync(to_pool(pool));
	KUNIT_EXPECT_EQ(test, figure(pool, destroyed), (u64)MANY);
	KUNIT_EXPECT_LE(test, atomic_read(in_interrupt), A_FEW);
	expect_in_use(test, pool, 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(atomic_sections_get_and_put, kind_gen_params),
	KUNIT_CASE(anyctx_waits_for_no_lock),
	KUNIT_CASE(anyctx_is_used_under_a_raw_lock),
	KUNIT_CASE(anyctx_is_refilled),
	KUNIT_CASE(irq_work_finishes_a_few_puts),
	{}
};

struct kunit_suite atomic_suite = {
	.name = "kpool_atomic",
	.suite_exit = resume_ageing,
	.test_cases = cases,
};
