// SPDX-License-Identifier: GPL-2.0-only
/* Gets and puts in interrupts that nest in gets and puts. */
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/sched.h>

#include "base/context.h"
#include "base/work.h"
#include "compat/hrtimer.h"
#include "fixture.h"
#include "interrupts.h"
#include "nmi.h"
#include "pool.h"
#include "store/depot.h"

#define MAGAZINE	4
#define OBJS		(3 * MAGAZINE)
#define VISIT		6	/* objects that a visitor gets: more than a magazine */

/* Lockdep knows where no allocator may be called, so HARD is for pools with KPOOL_ANYCTX. */
static const struct context_case {
	const char *what;
	enum context context;
	unsigned int flags;	/* of the pool */
} contexts[] = {
	{ "irq_work", IRQ_WORK },
	{ "timer", TIMER },
	{ "softirq", SOFTIRQ },
	{ "anyctx, hard irq_work", HARD_IRQ_WORK, KPOOL_ANYCTX },
	{ "anyctx, hard timer", HARD_TIMER, KPOOL_ANYCTX },
	{ "anyctx, softirq", SOFTIRQ, KPOOL_ANYCTX },
	{ "NMI", NMI },
	{ "anyctx, NMI", NMI, KPOOL_ANYCTX },
};

KUNIT_ARRAY_PARAM_DESC(context, contexts, what);

/* A visitor runs in an interrupt. It gets some objects from the pool, and puts them back. */
struct visitor {
	struct kpool *pool;
	struct interrupt interrupt;
	unsigned int visits, got;
	unsigned int unexpected;	/* errors that a get cannot return there */
	struct task_struct *host;	/* the task whose callbacks call the visitor */
	bool inside;
	void *objs[VISIT];
};

/* Does the visitor run where only a trylock may be used? */
static bool is_restricted(const struct visitor *v)
{
	return v->interrupt.context == NMI || to_pool(v->pool)->flags & KPOOL_ANYCTX;
}

static bool may_fail(const struct visitor *v, long err)
{
	if (is_restricted(v))
		return err == -EBUSY;
	return to_pool(v->pool)->flags & KPOOL_SLEEPING && err == -ENOMEM;
}

static void visit(void *arg)
{
	struct visitor *v = arg;
	unsigned int i;

	for (i = 0; i < VISIT; i++) {
		v->objs[i] = kpool_get(v->pool, GFP_NOWAIT | __GFP_NOWARN);
		if (!IS_ERR(v->objs[i]))
			v->got++;
		else if (!may_fail(v, PTR_ERR(v->objs[i])))
			v->unexpected++;
	}
	put_all(v->pool, v->objs, VISIT);
	WRITE_ONCE(v->visits, v->visits + 1);
}

static struct visitor *visitor_of(struct kunit *test, enum context context)
{
	struct visitor *v = zalloc_for(test, struct visitor);

	interrupt_init(test, &v->interrupt, context, visit, v);
	return v;
}

static void expect_visits(struct kunit *test, struct visitor *v, unsigned int visits)
{
	KUNIT_EXPECT_EQ(test, v->visits, visits);
	KUNIT_EXPECT_EQ(test, v->unexpected, 0U);
	if (!is_restricted(v))
		KUNIT_EXPECT_EQ(test, v->got, visits * VISIT);
	else if (keeps(v->pool))
		KUNIT_EXPECT_GT(test, v->got, 0U);
}

static const struct kpool_params small_magazines = {
	.name = "interrupted", .size = 64, .magazine = MAGAZINE,
};

static struct visitor *visitor_to(struct kunit *test, const struct context_case *c)
{
	struct visitor *v = visitor_of(test, c->context);
	struct kpool_params p = small_magazines;

	p.flags = c->flags;
	v->pool = filled_pool(test, &p, OBJS);
	return v;
}

static void interrupt_gets_and_puts(struct kunit *test)
{
	struct visitor *v = visitor_to(test, test->param_value);

	preempt_disable();
	interrupt(&v->interrupt);
	preempt_enable();

	expect_visits(test, v, 1);
	expect_in_use(test, v->pool, 0);
}

/* As if an interrupt came between the first and the last instruction of a hit. */
static void interrupt_nests_in_a_hit(struct kunit *test)
{
	struct visitor *v = visitor_to(test, test->param_value);
	struct kpool_cpu *c, before, after;

	preempt_disable();
	c = this_cpu_ptr(v->pool->cpu);
	WRITE_ONCE(c->state, KPOOL_CPU_BUSY);
	before = *c;
	interrupt(&v->interrupt);
	after = *c;
	WRITE_ONCE(c->state, 0);
	preempt_enable();

	KUNIT_EXPECT_EQ(test, 0, memcmp(&before, &after, sizeof(before)));
	expect_visits(test, v, 1);
	expect_in_use(test, v->pool, 0);
}

/* A visit to the same pool interrupts each callback of this consumer. */
static void be_interrupted(struct visitor *v)
{
	if (current != v->host || !in_task() || irqs_disabled() || v->inside)
		return;
	v->inside = true;
	preempt_disable();
	interrupt(&v->interrupt);
	preempt_enable();
	v->inside = false;
}

static int interrupted_ctor(void *obj, void *ctx, gfp_t gfp, int node)
{
	be_interrupted(ctx);
	return 0;
}

static void interrupted_reset(void *obj, void *ctx)
{
	struct visitor *v = ctx;

	if (in_nmi())
		v->unexpected++;
	be_interrupted(v);
}

static void interrupted_dtor(void *obj, void *ctx)
{
	struct visitor *v = ctx;

	if (in_nmi())
		v->unexpected++;
	be_interrupted(v);
}

static const struct kpool_ops interrupted_ops = {
	.ctor = interrupted_ctor, .reset = interrupted_reset, .dtor = interrupted_dtor,
};

static void interrupt_nests_in_a_slow_path(struct kunit *test)
{
	const struct context_case *c = test->param_value;
	struct visitor *v = visitor_of(test, c->context);
	struct kpool_params p = small_magazines;
	void *objs[OBJS];

	v->host = current;
	p.flags = c->flags;
	p.ops = &interrupted_ops;
	p.ctx = v;
	pin(test, raw_smp_processor_id());
	v->pool = pool_of(test, &p);
	get_all(test, v->pool, objs, OBJS);
	put_all(v->pool, objs, OBJS);
	kpool_trim(v->pool);

	/* A visit in each reset, and in each ctor and dtor that ran here. */
	KUNIT_EXPECT_GT(test, v->visits, (unsigned int)OBJS);
	KUNIT_EXPECT_EQ(test, v->unexpected, 0U);
	expect_in_use(test, v->pool, 0);
}

/* A storm of timers, on a CPU whose gets and puts mostly go out of line. */
#define STORM_TICKS	60

struct storm {
	struct visitor *hard, *soft;
	struct hrtimer hard_timer, soft_timer;
};

static enum hrtimer_restart storm_hard(struct hrtimer *timer)
{
	visit(container_of(timer, struct storm, hard_timer)->hard);
	hrtimer_forward_now(timer, ms_to_ktime(1));
	return HRTIMER_RESTART;
}

static enum hrtimer_restart storm_soft(struct hrtimer *timer)
{
	visit(container_of(timer, struct storm, soft_timer)->soft);
	hrtimer_forward_now(timer, ms_to_ktime(2));
	return HRTIMER_RESTART;
}

static void storm_start(struct storm *storm, bool hard)
{
	hrtimer_setup(&storm->hard_timer, storm_hard, CLOCK_MONOTONIC,
		      hard ? HRTIMER_MODE_REL_HARD : HRTIMER_MODE_REL);
	hrtimer_setup(&storm->soft_timer, storm_soft, CLOCK_MONOTONIC, HRTIMER_MODE_REL_SOFT);
	hrtimer_start(&storm->hard_timer, 0,
		      hard ? HRTIMER_MODE_REL_PINNED_HARD : HRTIMER_MODE_REL_PINNED);
	hrtimer_start(&storm->soft_timer, 0, HRTIMER_MODE_REL_PINNED_SOFT);
}

static void storm_stop(struct storm *storm)
{
	hrtimer_cancel(&storm->hard_timer);
	hrtimer_cancel(&storm->soft_timer);
}

/* Gets and puts in process context, single ones and bulks. */
static void work_through(struct kpool *pool)
{
	void *objs[VISIT];
	unsigned int i;

	for (i = 0; i < VISIT; i++)
		objs[i] = kpool_get(pool, GFP_KERNEL);
	put_all(pool, objs, VISIT);
	if (!kpool_get_bulk(pool, GFP_KERNEL, objs, VISIT))
		kpool_put_bulk(pool, objs, VISIT);
}

KUNIT_ARRAY_PARAM_DESC(stormed, nested_pools, name);

static void interrupts_storm_through_gets_and_puts(struct kunit *test)
{
	struct consumer *consumer = zalloc_for(test, struct consumer);
	struct storm *storm = zalloc_for(test, struct storm);
	struct kpool *pool = pool_of_consumer(test, test->param_value, consumer);

	storm->hard = visitor_of(test, HARD_TIMER);
	storm->soft = visitor_of(test, SOFTIRQ);
	storm->hard->pool = pool;
	storm->soft->pool = pool;
	storm_start(storm, to_pool(pool)->flags & KPOOL_ANYCTX);
	while (READ_ONCE(storm->hard->visits) < STORM_TICKS ||
	       READ_ONCE(storm->soft->visits) < STORM_TICKS / 4)
		work_through(pool);
	storm_stop(storm);

	KUNIT_EXPECT_EQ(test, storm->hard->unexpected, 0U);
	KUNIT_EXPECT_EQ(test, storm->soft->unexpected, 0U);
	expect_whole(test, pool, consumer);
}

/* Another CPU sends the NMIs, so they also come in sections with interrupts off. */
struct nmi_storm {
	struct hrtimer timer;
	int target;
};

static enum hrtimer_restart send_nmi(struct hrtimer *timer)
{
	nmi_to(container_of(timer, struct nmi_storm, timer)->target);
	hrtimer_forward_now(timer, ms_to_ktime(1));
	return HRTIMER_RESTART;
}

static int start_nmis(void *arg)
{
	struct nmi_storm *storm = arg;

	hrtimer_setup(&storm->timer, send_nmi, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	hrtimer_start(&storm->timer, 0, HRTIMER_MODE_REL_PINNED_HARD);
	return 0;
}

static void nmis_storm_through_gets_and_puts(struct kunit *test)
{
	struct consumer *consumer = zalloc_for(test, struct consumer);
	struct nmi_storm *storm = zalloc_for(test, struct nmi_storm);
	struct visitor *v = visitor_of(test, NMI);

	v->pool = pool_of_consumer(test, test->param_value, consumer);
	storm->target = raw_smp_processor_id();
	nmi_catch(storm->target, visit, v);
	on_cpu(test, cpu_beside(test, storm->target), start_nmis, storm);
	while (READ_ONCE(v->visits) < STORM_TICKS)
		work_through(v->pool);
	hrtimer_cancel(&storm->timer);
	mdelay(1);		/* an NMI may be on its way */
	nmi_catch(-1, NULL, NULL);

	KUNIT_EXPECT_EQ(test, v->unexpected, 0U);
	expect_whole(test, v->pool, consumer);
}

static void nmi_waits_for_no_lock(struct kunit *test)
{
	struct kpool_params p = small_magazines;
	struct visitor *v = visitor_of(test, NMI);
	struct kp_depot *depot;
	unsigned int i;
	unsigned long flags;

	p.flags = KPOOL_ON_NODE;
	v->pool = filled_pool(test, &p, OBJS);
	depot = &to_pool(v->pool)->depots[0];
	for (i = 0; i < 3; i++) {
		raw_spin_lock_irqsave(&depot->lock, flags);
		interrupt(&v->interrupt);
		raw_spin_unlock_irqrestore(&depot->lock, flags);
	}

	KUNIT_EXPECT_EQ(test, v->visits, 3U);
	KUNIT_EXPECT_EQ(test, v->unexpected, 0U);
	expect_in_use(test, v->pool, 0);
}

/* An object that is put in NMI is reset and wiped later, outside of the NMI. */
static void put_in_nmi_is_finished_outside(struct kunit *test)
{
	struct consumer *consumer = zalloc_for(test, struct consumer);
	struct visitor *v = visitor_of(test, NMI);
	struct kpool_params p = small_magazines;
	u64 deferred;

	p.ops = &consumer_ops;
	p.ctx = consumer;
	v->pool = filled_pool(test, &p, OBJS);
	atomic_set(&consumer->resets, 0);
	preempt_disable();
	interrupt(&v->interrupt);
	preempt_enable();
	kp_defer_sync(to_pool(v->pool));

	deferred = figure(v->pool, deferred);
	KUNIT_EXPECT_EQ(test, (unsigned int)atomic_read(&consumer->resets), v->got);
	KUNIT_EXPECT_EQ(test, deferred, (u64)v->got);
	expect_whole(test, v->pool, consumer);
}

/* Discards what it gets. */
static void discard(void *arg)
{
	struct visitor *v = arg;
	void *obj;

	while (v->got < VISIT) {
		obj = kpool_get(v->pool, GFP_NOWAIT | __GFP_NOWARN);
		if (IS_ERR(obj))
			break;
		v->got++;
		kpool_discard(v->pool, obj);
	}
}

static void interrupt_discards(struct kunit *test)
{
	const struct context_case *c = test->param_value;
	struct consumer *consumer = zalloc_for(test, struct consumer);
	struct kpool_params p = small_magazines;
	struct visitor *v = visitor_of(test, c->context);

	v->interrupt.call = discard;
	p.flags = c->flags;
	p.ops = &consumer_ops;
	p.ctx = consumer;
	v->pool = filled_pool(test, &p, OBJS);
	preempt_disable();
	interrupt(&v->interrupt);
	preempt_enable();
	kp_defer_sync(to_pool(v->pool));

	if (keeps(v->pool))
		KUNIT_EXPECT_GT(test, v->got, 0U);
	KUNIT_EXPECT_EQ(test, figure(v->pool, discarded), (u64)v->got);
	expect_whole(test, v->pool, consumer);
}

static const struct context_case hard_contexts[] = {
	{ "hard irq_work", HARD_IRQ_WORK },
	{ "hard timer", HARD_TIMER },
};

KUNIT_ARRAY_PARAM_DESC(hard, hard_contexts, what);

/*
 * A pool that is made as kpool_get() advises for hardirq, with KPOOL_ANYCTX and min_idle. A kernel
 * with CONFIG_PROVE_RAW_LOCK_NESTING has nothing to report. All gets succeed, and none builds.
 */
static void hardirq_gets_what_min_idle_keeps(struct kunit *test)
{
	const struct context_case *c = test->param_value;
	struct visitor *v = visitor_of(test, c->context);
	struct kpool_params p = small_magazines;
	unsigned int i;

	p.flags = KPOOL_ANYCTX;
	p.min_idle = VISIT;
	v->pool = pool_of(test, &p);
	if (nothing_kept(test, v->pool))
		return;
	for (i = 1; i <= 3; i++) {
		interrupt(&v->interrupt);
		kp_defer_sync(to_pool(v->pool));
		KUNIT_EXPECT_EQ(test, v->got, i * VISIT);
	}
	expect_visits(test, v, 3);
	KUNIT_EXPECT_EQ(test, figure(v->pool, created), (u64)VISIT);
	expect_in_use(test, v->pool, 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(interrupt_gets_and_puts, context_gen_params),
	KUNIT_CASE_PARAM(interrupt_nests_in_a_hit, context_gen_params),
	KUNIT_CASE_PARAM(interrupt_nests_in_a_slow_path, context_gen_params),
	KUNIT_CASE_PARAM(interrupts_storm_through_gets_and_puts, stormed_gen_params),
	KUNIT_CASE_PARAM(nmis_storm_through_gets_and_puts, stormed_gen_params),
	KUNIT_CASE(nmi_waits_for_no_lock),
	KUNIT_CASE(put_in_nmi_is_finished_outside),
	KUNIT_CASE_PARAM(interrupt_discards, context_gen_params),
	KUNIT_CASE_PARAM(hardirq_gets_what_min_idle_keeps, hard_gen_params),
	{}
};

struct kunit_suite context_suite = {
	.name = "kpool_context",
	.suite_init = nmi_suite_init,
	.suite_exit = nmi_suite_exit,
	.test_cases = cases,
};
