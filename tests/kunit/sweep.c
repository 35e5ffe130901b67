// SPDX-License-Identifier: GPL-2.0-only
/* How a waiter gets objects from other CPUs' caches, and what may happen in between. */
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/delay.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/topology.h>

#include "base/work.h"
#include "fixture.h"
#include "policy/age.h"
#include "policy/bypass.h"
#include "pool.h"
#include "store/magazine.h"
#include "store/stats.h"
#include "store/waitlist.h"

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
	/* Fills both magazines of the other CPU. */
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

/* Sets after how many gets and puts the gate may open again. */
static void reopen_after(struct kpool *pool, unsigned int n)
{
	struct kp_waitlist *waitlist = to_pool(pool)->waitlist;

	raw_spin_lock_irq(&waitlist->lock);
	waitlist->until_open = n;
	raw_spin_unlock_irq(&waitlist->lock);
}

/*
 * Opens the gate, as if the last waiter had left long ago. All objects are in use, so the get is
 * refused.
 */
static void open_gate(struct kunit *test, struct kpool *pool)
{
	reopen_after(pool, 0);
	KUNIT_EXPECT_PTR_EQ(test, kpool_get(pool, GFP_NOWAIT), ERR_PTR(-EBUSY));
	if (keeps(pool))
		KUNIT_EXPECT_EQ(test, (int)to_pool(pool)->gate, (int)GATE_OPEN);
}

static int ctor_without_memory(void *obj, void *ctx, gfp_t gfp, int node)
{
	return READ_ONCE(*(bool *)ctx) ? -ENOMEM : 0;
}

static const struct kpool_ops memory_ops = { .ctor = ctor_without_memory };

/* Pools that have no object for a get which may not sleep, and what such a get returns. */
static const struct collect_case {
	struct kpool_params params;
	int err;
} collect_cases[] = {
	{ { .name = "collect-max", .max = 64 }, -EBUSY },
	{ { .name = "collect-memory" }, -ENOMEM },
	{ { .name = "collect-reserve", .max = KPOOL_UNLIMITED, .reserve = 2 }, -ENOMEM },
};

KUNIT_ARRAY_PARAM_DESC(collect, collect_cases, params.name);

/* The only idle objects are in the loaded magazine of another CPU. */
static void get_that_may_sleep_collects(struct kunit *test)
{
	const struct collect_case *c = test->param_value;
	bool *no_memory = zalloc_for(test, bool);
	struct kpool_params p = c->params;
	int here = raw_smp_processor_id(), beside;
	unsigned int n, i;
	struct kpool *pool;
	void **objs, *obj;

	p.size = 64;
	p.magazine = MAGAZINE;
	p.ops = &memory_ops;
	p.ctx = no_memory;
	n = p.max == 64 ? CACHED_MAX : 2 * MAGAZINE;
	if (p.max == 64)
		p.max = n;
	objs = room_for(test, n);
	pin(test, here);
	beside = cpu_beside(test, here);
	pool = pool_of(test, &p);
	if (nothing_kept(test, pool))
		return;
	get_all(test, pool, objs, n);
	*no_memory = true;
	for (i = 0; i < 5; i++) {
		put_on(test, beside, pool, objs, 2);
		KUNIT_EXPECT_EQ(test, kp_cpu_loaded(per_cpu_ptr(pool->cpu, beside)), 2U);
		KUNIT_ASSERT_PTR_EQ(test, kpool_get(pool, GFP_NOWAIT), ERR_PTR(c->err));
		obj = kpool_get(pool, GFP_KERNEL);
		KUNIT_ASSERT_PTR_EQ(test, obj, objs[1]);
		put_on(test, beside, pool, &obj, 1);
		KUNIT_ASSERT_EQ(test, kpool_get_bulk(pool, GFP_KERNEL, objs, 2), 0);
		put_on(test, beside, pool, objs, 2);
		KUNIT_ASSERT_EQ(test, kpool_get_bulk_timeout(pool, GFP_KERNEL, objs, 2, 0), 0);
		if (!p.max)
			continue;
		/* The timed get has closed the gate. */
		reopen_after(pool, 0);
		KUNIT_ASSERT_PTR_EQ(test, kpool_get(pool, GFP_NOWAIT), ERR_PTR(c->err));
	}
	KUNIT_EXPECT_EQ(test, (int)to_pool(pool)->gate, (int)GATE_OPEN);
	put_all(pool, objs, n);
	expect_in_use(test, pool, 0);
}

/* The first of these closes the gate. While it is closed, others know that all is in use. */
static void gets_in_a_full_pool_sweep_rarely(struct kunit *test)
{
	const struct kpool_params p = { .name = "full", .size = 64, .max = CACHED_MAX,
					.magazine = MAGAZINE };
	struct kpool *pool = pool_of(test, &p);
	unsigned int max = CACHED_MAX, i;
	void **objs = room_for(test, max);

	exhaust(test, pool, objs, max);
	KUNIT_EXPECT_PTR_EQ(test, kpool_get(pool, GFP_KERNEL), ERR_PTR(-EBUSY));
	if (keeps(pool))
		KUNIT_EXPECT_EQ(test, (int)to_pool(pool)->gate, (int)GATE_WAITING);
	for (i = 1; i < 1000; i++)
		KUNIT_EXPECT_PTR_EQ(test, kpool_get(pool, GFP_KERNEL), ERR_PTR(-EBUSY));
	KUNIT_EXPECT_LE(test, figure(pool, sweeps), 2000ULL / 64 / num_online_cpus() + 1);
	KUNIT_EXPECT_EQ(test, figure(pool, timeouts), 0ULL);
	put_all(pool, objs, max);
	expect_in_use(test, pool, 0);
}

static void gets_collect_once_in_a_tick(struct kunit *test)
{
	const struct kpool_params p = { .name = "rate", .size = 64, .max = CACHED_MAX,
					.magazine = MAGAZINE };
	struct kpool *pool = pool_of(test, &p);
	unsigned int max = CACHED_MAX, i;
	void **objs = room_for(test, max);
	int here = raw_smp_processor_id();
	unsigned long began;

	pin(test, here);
	exhaust(test, pool, objs, max);
	began = jiffies;
	for (i = 0; i < 20; i++) {
		put_on(test, cpu_beside(test, here), pool, objs, 1);
		objs[0] = kpool_get(pool, GFP_KERNEL);
		KUNIT_ASSERT_FALSE(test, IS_ERR(objs[0]));
	}
	KUNIT_EXPECT_EQ(test, figure(pool, sweeps), keeps(pool) ? 20ULL : 0ULL);
	KUNIT_EXPECT_LE(test, figure(pool, sweeps), jiffies - began + 1ULL);
	/* A get that looked before one of them, in vain, sees afterwards that there was one. */
	KUNIT_EXPECT_EQ(test, to_pool(pool)->collections, 2U * (unsigned int)figure(pool, sweeps));
	put_all(pool, objs, max);
	expect_in_use(test, pool, 0);
}

/* What this CPU has is not enough. The get has seen that, and does not collect it. */
static void get_does_not_collect_from_its_own_cpu(struct kunit *test)
{
	const struct kpool_params p = { .name = "own", .size = 64, .max = CACHED_MAX,
					.magazine = MAGAZINE };
	struct kpool *pool = pool_of(test, &p);
	void **objs = room_for(test, p.max), *more[2 * MAGAZINE + 1];
	unsigned int max = p.max;

	pin(test, raw_smp_processor_id());
	exhaust(test, pool, objs, max);
	put_all(pool, objs, 2 * MAGAZINE);
	if (keeps(pool))
		KUNIT_EXPECT_EQ(test, -EBUSY, kpool_get_bulk(pool, GFP_KERNEL, more,
							     ARRAY_SIZE(more)));
	/* That of the get that becomes the first waiter. */
	KUNIT_EXPECT_EQ(test, figure(pool, sweeps), keeps(pool) ? 1ULL : 0ULL);
	expect_idle(test, pool, 2 * MAGAZINE);
	put_all(pool, objs + 2 * MAGAZINE, max - 2 * MAGAZINE);
	expect_in_use(test, pool, 0);
}

struct scramble {
	struct kpool *pool;
	void *between;		/* an object on its way from one CPU to another */
	atomic_t refused;
};

/* Now the object of one CPU goes to another, now it does not. So some caches run empty. */
static void get_one_and_put_another(struct member *m)
{
	struct scramble *s = m->ctx;
	void *obj = kpool_get(s->pool, GFP_KERNEL);

	if (IS_ERR(obj)) {
		atomic_inc(&s->refused);
		return;
	}
	kpool_put(s->pool, xchg(&s->between, obj));
	if (prandom_u32_state(&m->rnd) & 1)
		kpool_put(s->pool, xchg(&s->between, NULL));
}

static const struct duty scramble_duty = { .step = get_one_and_put_another };

/* Each CPU has one object at most, and one is between them. So each get has an idle one. */
static void get_finds_the_object_that_is_left(struct kunit *test)
{
	const struct kpool_params p = { .name = "left", .size = 64, .max = CACHED_MAX,
					.magazine = MAGAZINE };
	struct scramble *s = zalloc_for(test, struct scramble);
	unsigned int n = CACHED_MAX - num_online_cpus() - 1;
	struct kpool *pool = pool_of(test, &p);
	void **objs = room_for(test, n);
	struct team *team;

	s->pool = pool;
	get_all(test, pool, objs, n);
	team = team_start(test, &scramble_duty, s, 20000);
	team_wait(team);
	team_stop(team);
	KUNIT_EXPECT_EQ(test, atomic_read(&s->refused), 0);
	kpool_put(pool, s->between);
	put_all(pool, objs, n);
	expect_in_use(test, pool, 0);
	kunit_info(test, "sweeps %llu", figure(pool, sweeps));
}

/* A waiter does not rely on the sweep that another waiter is about to make. */
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

/* The only idle object is in a cache. Each time the sweep comes, the cache is busy. */
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
	waits = !keeps(pool) || (kp_cpu_loaded(c) == 1 && !completion_done(&g->done));
	WRITE_ONCE(c->state, 0);
	preempt_enable();
	getter_end(test, g);

	KUNIT_EXPECT_TRUE(test, retried);
	KUNIT_EXPECT_TRUE(test, waits);
	KUNIT_EXPECT_EQ(test, g->err, 0);
	put_all(pool, objs + 1, max - 1);
	expect_in_use(test, pool, 0);
}

/* A timeout for gets that end long before, unless they were forgotten. */
#define IN_VAIN		msecs_to_jiffies(5000)

/*
 * A CPU is gone. kpool has not looked at its cache yet, because kpool's callback came first
 * and runs last.
 */
static struct {
	struct kunit *test;
	struct kpool *pool;
	struct getter *waiter;
} dying;

static int come_too_late(unsigned int cpu)
{
	struct kpool *pool = dying.pool;

	dying.waiter = getter_start(dying.test, pool, 1, IN_VAIN, TASK_UNINTERRUPTIBLE);
	if (keeps(pool))
		KUNIT_EXPECT_TRUE(dying.test, spin_until(figure(pool, sweeps) == 1));
	return 0;
}

/* The last object is in the cache of an offline CPU, which a sweep does not interrupt. */
static void waiter_gets_what_a_dead_cpu_had(struct kunit *test)
{
	const struct kpool_params p = { .name = "dead", .size = 64, .max = CACHED_MAX,
					.magazine = MAGAZINE };
	struct kpool *pool = pool_of(test, &p);
	unsigned int max = CACHED_MAX;
	void **objs = room_for(test, max);
	int gone = cpu_in_turn(1) ?: cpu_in_turn(2), state;

	needs_hotplug(test);
	dying.test = test;
	dying.pool = pool;
	exhaust(test, pool, objs, max);
	put_on(test, gone, pool, objs, 1);
	state = cpuhp_setup_state_nocalls(CPUHP_BP_PREPARE_DYN, "kpool_kunit", NULL,
					  come_too_late);
	KUNIT_ASSERT_GE(test, state, 0);
	KUNIT_EXPECT_EQ(test, remove_cpu(gone), 0);
	cpuhp_remove_state_nocalls(state);
	KUNIT_EXPECT_EQ(test, add_cpu(gone), 0);
	KUNIT_ASSERT_NOT_NULL(test, dying.waiter);
	getter_end(test, dying.waiter);
	KUNIT_EXPECT_EQ(test, dying.waiter->err, 0);
	put_all(pool, objs + 1, max - 1);
	expect_in_use(test, pool, 0);
}

static int cpu_elsewhere(struct kunit *test, int cpu)
{
	return cpu_on_node(test, cpu_to_node(cpu) ? 0 : 1);
}

/* The value is the number of objects that are put first and then got again. */
enum place { LOADED, SPARE, DEPOT };

static const struct last_case {
	const char *name;
	enum place place;
	bool far;
} last_cases[] = {
	{ "loaded, same node", LOADED, false },
	{ "spare, same node", SPARE, false },
	{ "depot, same node", DEPOT, false },
	{ "loaded, other node", LOADED, true },
	{ "spare, other node", SPARE, true },
	{ "depot, other node", DEPOT, true },
};

KUNIT_ARRAY_PARAM_DESC(last, last_cases, name);

static int cpu_for(struct kunit *test, const struct last_case *c)
{
	int here = raw_smp_processor_id();

	pin(test, here);
	return c->far ? cpu_elsewhere(test, here) : cpu_beside(test, here);
}

/* For magazines of one object. Afterwards only objs[0] is idle, and lies only in @place. */
static void leave_one(struct kunit *test, int cpu, struct kpool *pool, void **objs,
		      enum place place)
{
	struct kpool_cpu *c = per_cpu_ptr(pool->cpu, cpu);

	put_on(test, cpu, pool, objs, place + 1);
	kp_defer_sync(to_pool(pool));
	get_on(test, cpu, pool, objs + 1, place);
	expect_idle(test, pool, 1);
	if (!keeps(pool))
		return;
	KUNIT_EXPECT_EQ(test, kp_cpu_loaded(c), place == LOADED ? 1U : 0U);
	KUNIT_EXPECT_EQ(test, c->spare ? c->spare->count : 0U, place == SPARE ? 1U : 0U);
	KUNIT_EXPECT_EQ(test, to_pool(pool)->depots[cpu_to_mem(cpu)].objects,
			place == DEPOT ? 1UL : 0UL);
}

/* Only an object in a loaded magazine needs an interrupt. */
static void get_finds_the_last_object(struct kunit *test)
{
	const struct last_case *c = test->param_value;
	const struct kpool_params p = { .name = "last", .size = 64, .magazine = 1,
					.max = bound_for(1) };
	struct kpool *pool = pool_of(test, &p);
	void **objs = room_for(test, p.max), *obj;
	int cpu = cpu_for(test, c);

	exhaust(test, pool, objs, p.max);
	leave_one(test, cpu, pool, objs, c->place);
	obj = kpool_get_timeout(pool, GFP_KERNEL, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR(obj));
	if (keeps(pool)) {
		KUNIT_EXPECT_PTR_EQ(test, obj, objs[0]);
		KUNIT_EXPECT_EQ(test, figure(pool, sweeps), c->place == LOADED ? 1ULL : 0ULL);
	}
	objs[0] = obj;
	put_all(pool, objs, p.max);
	expect_in_use(test, pool, 0);
}

/* A ctor that finds no memory: the first time at once, the second time after a while. */
struct scarcity {
	unsigned int left;		/* times that ctor fails */
	struct completion asked, answer;
};

static int no_memory_twice(void *obj, void *ctx, gfp_t gfp, int node)
{
	struct scarcity *s = ctx;

	if (!s->left)
		return 0;
	if (--s->left)
		return -ENOMEM;
	complete(&s->asked);
	wait_for_completion_timeout(&s->answer, msecs_to_jiffies(PATIENCE_MS));
	return -ENOMEM;
}

static const struct kpool_ops scarce_ops = { .ctor = no_memory_twice };

/*
 * A waiter that returns to the wait list takes nothing from other CPUs on its way. So only
 * the sweep can find the object.
 */
static void waiter_finds_the_last_object(struct kunit *test)
{
	const struct last_case *c = test->param_value;
	struct scarcity *s = zalloc_for(test, struct scarcity);
	const struct kpool_params p = { .name = "last", .size = 64, .magazine = 1,
					.max = bound_for(1), .reserve = 1,
					.flags = KPOOL_SLEEPING, .ops = &scarce_ops, .ctx = s };
	struct kpool *pool = pool_of(test, &p);
	void **objs = room_for(test, p.max);
	int cpu = cpu_for(test, c);
	struct getter *g;
	u64 sweeps;

	/* Needs objects in the reserve list. No other object is idle. */
	if (nothing_kept(test, pool))
		return;
	init_completion(&s->asked);
	init_completion(&s->answer);
	exhaust(test, pool, objs, p.max - 1);
	s->left = 2;
	g = getter_start_on(test, raw_smp_processor_id(), pool, 1, IN_VAIN, TASK_UNINTERRUPTIBLE);
	/* The getter has waited. It leaves the wait list with a slot to look for memory again. */
	wait_for_completion_timeout(&s->asked, msecs_to_jiffies(PATIENCE_MS));
	/*
	 * Nobody waits at this moment, so caches may be opened. Bypass on and off opens them
	 * at once.
	 */
	kp_set_bypass(to_pool(pool), true);
	kp_set_bypass(to_pool(pool), false);
	sweeps = figure(pool, sweeps);
	leave_one(test, cpu, pool, objs, c->place);
	complete(&s->answer);
	KUNIT_ASSERT_TRUE(test, came(g));

	KUNIT_EXPECT_EQ(test, g->err, 0);
	KUNIT_EXPECT_PTR_EQ(test, g->objs[0], objs[0]);
	KUNIT_EXPECT_EQ(test, figure(pool, sweeps) - sweeps, c->place == DEPOT ? 0ULL : 1ULL);
	getter_end(test, g);
	put_all(pool, objs + 1, p.max - 2);
	expect_in_use(test, pool, 0);
}

static unsigned int rounds(void)
{
	return is_full_run() ? 5000 : 40;
}

/*
 * A miss on another CPU holds a full magazine, which is neither in the depot nor in a cache.
 * The miss needs one object of the magazine, and the waiter needs all others.
 */
static void waiter_gets_what_a_refill_leaves(struct kunit *test)
{
	struct consumer *consumer = zalloc_for(test, struct consumer);
	const struct kpool_params p = { .name = "refill", .size = 64, .max = CACHED_MAX,
					.magazine = MAGAZINE, .ops = &consumer_ops };
	struct kpool *pool = pool_of_consumer(test, &p, consumer);
	int far = cpu_elsewhere(test, raw_smp_processor_id());
	void **objs = room_for(test, p.max);
	unsigned int i, max = p.max;
	struct getter *g;

	exhaust(test, pool, objs, max);
	for (i = 0; i < rounds(); i++) {
		/* While the gate is closed, puts go to the depot. */
		KUNIT_EXPECT_PTR_EQ(test, kpool_get_timeout(pool, GFP_KERNEL, 0),
				    ERR_PTR(-ETIMEDOUT));
		reopen_after(pool, UINT_MAX);
		put_all(pool, objs, MAGAZINE - 1);
		reopen_after(pool, 0);
		kpool_put(pool, objs[MAGAZINE - 1]);
		expect_idle(test, pool, MAGAZINE);

		g = getter_start_on(test, far, pool, MAGAZINE - 1, IN_VAIN, TASK_UNINTERRUPTIBLE);
		udelay(5 * (i % 40));
		objs[0] = kpool_get(pool, GFP_KERNEL);
		KUNIT_ASSERT_TRUE(test, came(g));
		KUNIT_ASSERT_FALSE(test, IS_ERR(objs[0]));
		KUNIT_ASSERT_EQ(test, g->err, 0);
		expect_idle(test, pool, 0);
		getter_end(test, g);
		get_all(test, pool, objs + 1, MAGAZINE - 1);
	}
	put_all(pool, objs, max);
	KUNIT_EXPECT_EQ(test, figure(pool, existing_peak), (u64)max);
	expect_whole(test, pool, consumer);
	kunit_info(test, "waits %llu, sweeps %llu", figure(pool, waits), figure(pool, sweeps));
}

/* If armed, builds only when somebody waits, after a delay. */
struct slow {
	struct consumer consumer;	/* first, because it is the callbacks' ctx */
	struct kpool *pool;
	bool armed, building;
	unsigned int us;
};

static int slow_ctor(void *obj, void *ctx, gfp_t gfp, int node)
{
	struct slow *slow = ctx;

	if (xchg(&slow->armed, false)) {
		WRITE_ONCE(slow->building, true);
		spin_until(waiting(slow->pool));
		udelay(slow->us);
	}
	return consumer_ops.ctor(obj, ctx, gfp, node);
}

/* When the waiter comes, the only worker is building the first object. */
static void waiter_gets_what_a_worker_builds(struct kunit *test)
{
	const struct kpool_ops ops = { .ctor = slow_ctor, .reset = consumer_ops.reset,
				       .dtor = consumer_ops.dtor };
	struct slow *slow = zalloc_for(test, struct slow);
	const struct kpool_params p = { .name = "worker", .size = 64, .max = CACHED_MAX,
					.magazine = MAGAZINE, .ops = &ops,
					.flags = KPOOL_BUILD_IN_WORKER, .workers = 1 };
	struct kpool *pool = pool_of_consumer(test, &p, &slow->consumer);
	int beside = cpu_beside(test, raw_smp_processor_id());
	void **objs = room_for(test, p.max);
	unsigned int i, max = p.max;
	struct getter *g;

	slow->pool = pool;
	exhaust(test, pool, objs, max);
	put_all(pool, objs, MAGAZINE);
	for (i = 0; i < rounds(); i++) {
		kpool_trim(pool);
		reopen_after(pool, 0);
		slow->us = 10 * (i % 40);
		slow->building = false;
		WRITE_ONCE(slow->armed, keeps(pool));
		/* This get cannot build, and has the worker build. */
		KUNIT_EXPECT_PTR_EQ(test, kpool_get(pool, GFP_ATOMIC), ERR_PTR(-ENOMEM));
		if (keeps(pool))
			KUNIT_EXPECT_TRUE(test, spin_until(READ_ONCE(slow->building)));
		g = getter_start_on(test, beside, pool, MAGAZINE, IN_VAIN, TASK_UNINTERRUPTIBLE);
		KUNIT_ASSERT_TRUE(test, came(g));
		KUNIT_ASSERT_EQ(test, g->err, 0);
		kp_defer_sync(to_pool(pool));
		KUNIT_EXPECT_EQ(test, figure(pool, existing), (u64)max);
		getter_end(test, g);
	}
	put_all(pool, objs + MAGAZINE, max - MAGAZINE);
	KUNIT_EXPECT_EQ(test, figure(pool, existing_peak), (u64)max);
	if (keeps(pool))
		KUNIT_EXPECT_EQ(test, figure(pool, waits), (u64)rounds());
	expect_whole(test, pool, &slow->consumer);
}

/* An act that also closes caches, opens them, or takes objects from them. */
struct rival {
	const char *name;
	void (*act)(struct kunit *test, struct kpool *pool);
};

static void trim(struct kunit *test, struct kpool *pool)
{
	kpool_trim(pool);
}

static void sweep(struct kunit *test, struct kpool *pool)
{
	void *obj;

	reopen_after(pool, 0);
	obj = kpool_get_timeout(pool, GFP_KERNEL, 0);
	if (!IS_ERR(obj))
		kpool_put(pool, obj);
}

static void bypass(struct kunit *test, struct kpool *pool)
{
	kp_set_bypass(to_pool(pool), true);
	kp_set_bypass(to_pool(pool), false);
}

static void age(struct kunit *test, struct kpool *pool)
{
	kp_age_pass();
}

static void unplug(struct kunit *test, struct kpool *pool)
{
	int cpu = cpumask_last(cpu_online_mask);

	KUNIT_ASSERT_EQ(test, 0, remove_cpu(cpu));
	KUNIT_ASSERT_EQ(test, 0, add_cpu(cpu));
}

static const struct rival rivals[] = {
	{ "trim", trim },
	{ "another sweep", sweep },
	{ "bypass", bypass },
	{ "ageing", age },
	{ "hotplug", unplug },
};

KUNIT_ARRAY_PARAM_DESC(rival, rivals, name);

/* The only idle object is in a cache that both want to close. Nobody puts another one. */
static void waiter_and_rival_race_for_a_cache(struct kunit *test)
{
	const struct rival *r = test->param_value;
	struct consumer *consumer = zalloc_for(test, struct consumer);
	const struct kpool_params p = { .name = "rival", .size = 64, .max = CACHED_MAX,
					.magazine = MAGAZINE, .ops = &consumer_ops,
					.ctx = consumer };
	int here = cpumask_first(cpu_online_mask), beside = cpu_beside(test, here);
	struct kpool *pool = pool_of(test, &p);
	void **objs = room_for(test, p.max);
	unsigned int i, max = p.max;
	struct getter *g;

	if (r->act == unplug)
		kunit_skip(test, "a CPU does not go so fast that much of a race would come of it");
	pin(test, here);
	exhaust(test, pool, objs, max);
	for (i = 0; i < rounds(); i++) {
		open_gate(test, pool);
		put_on(test, cpumask_last(cpu_online_mask), pool, objs, 1);
		kp_age_pass();		/* the next pass finds the cache quiet */
		g = getter_start_on(test, beside, pool, 1, IN_VAIN, TASK_UNINTERRUPTIBLE);
		udelay(8 * (i % 40));
		r->act(test, pool);
		KUNIT_ASSERT_TRUE(test, came(g));
		KUNIT_ASSERT_EQ(test, g->err, 0);
		getter_end(test, g);
		objs[0] = kpool_get_timeout(pool, GFP_KERNEL, IN_VAIN);
		KUNIT_ASSERT_FALSE(test, IS_ERR(objs[0]));
	}
	put_all(pool, objs, max);
	KUNIT_EXPECT_EQ(test, figure(pool, existing_peak), (u64)max);
	expect_whole(test, pool, consumer);
	kunit_info(test, "waits %llu, sweeps %llu", figure(pool, waits), figure(pool, sweeps));
}

/* A get that may not overtake. The gate could have opened before it. */
static void be_refused(struct kunit *test, struct kpool *pool)
{
	reopen_after(pool, 0);
	KUNIT_EXPECT_PTR_EQ(test, kpool_get(pool, GFP_NOWAIT), ERR_PTR(-EBUSY));
}

static const struct rival openers[] = {
	{ "bypass", bypass },
	{ "a refused get", be_refused },
};

KUNIT_ARRAY_PARAM_DESC(opener, openers, name);

/* While somebody waits, nothing opens the gate. Otherwise the waiter would miss the next put. */
static void gate_stays_closed_while_somebody_waits(struct kunit *test)
{
	const struct rival *opener = test->param_value;
	const struct kpool_params p = { .name = "closed", .size = 64, .max = CACHED_MAX,
					.magazine = MAGAZINE };
	struct kpool *pool = pool_of(test, &p);
	void **objs = room_for(test, p.max);
	unsigned int max = p.max;
	struct getter *g;

	exhaust(test, pool, objs, max);
	g = waiter_start(test, pool, 1, IN_VAIN, TASK_UNINTERRUPTIBLE);
	opener->act(test, pool);
	if (keeps(pool))
		KUNIT_EXPECT_EQ(test, (int)to_pool(pool)->gate, (int)GATE_WAITING);
	kpool_put(pool, objs[0]);
	getter_end(test, g);
	KUNIT_EXPECT_EQ(test, g->err, 0);
	put_all(pool, objs + 1, max - 1);
	expect_in_use(test, pool, 0);
}

/* Gets and puts in a cache that opens again as soon as nobody waits. */
static bool both_came(struct kpool *pool, struct getter *a, struct getter *b)
{
	void *obj;

	reopen_after(pool, 0);
	obj = kpool_get(pool, GFP_KERNEL);
	if (!IS_ERR(obj))
		kpool_put(pool, obj);
	return completion_done(&a->done) && completion_done(&b->done);
}

/* The second waiter's object is again in the cache that the first waiter has swept. */
static void gate_opens_between_two_waiters(struct kunit *test)
{
	struct consumer *consumer = zalloc_for(test, struct consumer);
	const struct kpool_params p = { .name = "between", .size = 64, .max = CACHED_MAX,
					.magazine = MAGAZINE, .ops = &consumer_ops,
					.ctx = consumer };
	int here = cpumask_first(cpu_online_mask), beside = cpu_beside(test, here);
	int last = cpumask_last(cpu_online_mask);
	struct kpool *pool = pool_of(test, &p);
	void **objs = room_for(test, p.max);
	unsigned int i, max = p.max;
	struct getter *a, *b;

	pin(test, here);
	exhaust(test, pool, objs, max);
	for (i = 0; i < rounds(); i++) {
		open_gate(test, pool);
		put_on(test, last, pool, objs, 2);
		a = getter_start_on(test, beside, pool, 1, IN_VAIN, TASK_UNINTERRUPTIBLE);
		b = getter_start_on(test, last, pool, 1, IN_VAIN, TASK_UNINTERRUPTIBLE);
		KUNIT_ASSERT_TRUE(test, spin_until(both_came(pool, a, b)));
		KUNIT_ASSERT_EQ(test, a->err, 0);
		KUNIT_ASSERT_EQ(test, b->err, 0);
		getter_end(test, a);
		getter_end(test, b);
		get_all(test, pool, objs, 2);
	}
	put_all(pool, objs, max);
	KUNIT_EXPECT_EQ(test, figure(pool, existing_peak), (u64)max);
	expect_whole(test, pool, consumer);
	kunit_info(test, "waits %llu, sweeps %llu", figure(pool, waits), figure(pool, sweeps));
}

/*
 * The objects that a crowd shares: enough for one member and some in its caches, but not for
 * all.
 */
static unsigned int shared(void)
{
	return GETTER_MOST + MAGAZINE * (num_online_cpus() - 2);
}

struct crowd {
	struct kpool *pool;
	atomic_t forgotten, twice;
};

static void come_and_go(struct member *m)
{
	struct crowd *crowd = m->ctx;
	unsigned int n = 1 + (7 * m->steps + m->cpu) % GETTER_MOST, i;
	long timeout = m->steps % 8 ? IN_VAIN : m->steps % 3;
	void *objs[GETTER_MOST];
	struct object *o;

	if (kpool_get_bulk_timeout(crowd->pool, GFP_KERNEL, objs, n, timeout)) {
		atomic_add(timeout == IN_VAIN, &crowd->forgotten);
		return;
	}
	for (i = 0; i < n; i++) {
		o = objs[i];
		atomic_add(atomic_inc_return(&o->users) != 1, &crowd->twice);
	}
	if (m->steps % 16 == 0)
		schedule_timeout_uninterruptible(1);
	for (i = 0; i < n; i++) {
		o = objs[i];
		atomic_dec(&o->users);
	}
	kpool_put_bulk(crowd->pool, objs, n);
}

static const struct duty crowd_duty = { .step = come_and_go };

/* With bypass each step takes longer, because each object is built and torn down. */
static unsigned int steps_of_each(struct kpool *pool)
{
	return (is_full_run() ? 20000 : 150) / (keeps(pool) ? 1 : 5);
}

static void waiters_come_and_go_beside_a_rival(struct kunit *test)
{
	const struct rival *r = test->param_value;
	struct consumer *consumer = zalloc_for(test, struct consumer);
	const struct kpool_params p = { .name = "beside", .size = 64, .max = CACHED_MAX,
					.magazine = MAGAZINE, .ops = &consumer_ops };
	struct crowd *crowd = zalloc_for(test, struct crowd);
	struct kpool *pool = pool_of_consumer(test, &p, consumer);
	void **objs = room_for(test, p.max);
	unsigned int held = p.max - shared();
	struct team *team;

	if (r->act == unplug)
		needs_hotplug(test);
	crowd->pool = pool;
	get_all(test, pool, objs, held);
	team = team_start(test, &crowd_duty, crowd, steps_of_each(pool));
	do {
		reopen_after(pool, 0);
		r->act(test, pool);
	} while (!team_did(team));
	team_stop(team);

	KUNIT_EXPECT_EQ(test, 0, atomic_read(&crowd->forgotten));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&crowd->twice));
	KUNIT_EXPECT_GT(test, figure(pool, waits), 0ULL);
	KUNIT_EXPECT_EQ(test, waiting(pool), 0U);
	expect_in_use(test, pool, held);
	put_all(pool, objs, held);
	KUNIT_EXPECT_LE(test, figure(pool, existing_peak), (u64)p.max);
	expect_whole(test, pool, consumer);
	kunit_info(test, "waits %llu, sweeps %llu", figure(pool, waits), figure(pool, sweeps));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(waiter_gets_what_a_dead_cpu_had),
	KUNIT_CASE(waiter_gets_what_a_refill_leaves),
	ONLY_ON_A_MACHINE
	KUNIT_CASE(timeout_of_0_collects_from_other_caches),
	KUNIT_CASE_PARAM(get_that_may_sleep_collects, collect_gen_params),
	KUNIT_CASE(gets_in_a_full_pool_sweep_rarely),
	KUNIT_CASE(gets_collect_once_in_a_tick),
	KUNIT_CASE(get_does_not_collect_from_its_own_cpu),
	KUNIT_CASE(get_finds_the_object_that_is_left),
	KUNIT_CASE(everybody_in_line_collects),
	KUNIT_CASE(sweep_waits_for_a_busy_section),
	KUNIT_CASE_PARAM(get_finds_the_last_object, last_gen_params),
	KUNIT_CASE_PARAM(waiter_finds_the_last_object, last_gen_params),
	KUNIT_CASE(waiter_gets_what_a_worker_builds),
	KUNIT_CASE_PARAM(gate_stays_closed_while_somebody_waits, opener_gen_params),
	KUNIT_CASE(gate_opens_between_two_waiters),
	KUNIT_CASE_PARAM(waiter_and_rival_race_for_a_cache, rival_gen_params),
	KUNIT_CASE_PARAM(waiters_come_and_go_beside_a_rival, rival_gen_params),
	{}
};

struct kunit_suite sweep_suite = {
	.name = "kpool_sweep",
	.suite_exit = resume_ageing,
	.test_cases = cases,
};
