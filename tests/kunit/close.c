// SPDX-License-Identifier: GPL-2.0-only
/* Closing CPU caches: while their CPUs use them, while CPUs go and come, and under load. */
#include <linux/cpu.h>
#include <linux/sched.h>

#include "base/work.h"
#include "fixture.h"
#include "policy/bypass.h"
#include "pool.h"
#include "store/stats.h"

#define OBJS	20

/* A worker that closes all caches. */
struct closer {
	struct work_struct work;
	struct kpool *pool;
	bool done;
};

static void trim_work(struct work_struct *work)
{
	struct closer *c = container_of(work, struct closer, work);

	kpool_trim(c->pool);
	WRITE_ONCE(c->done, true);
}

/* A trim waits for the irq_work first. So it may wait for all sections with preemption off. */
static void bypass_work(struct work_struct *work)
{
	struct closer *c = container_of(work, struct closer, work);

	kp_set_bypass(to_pool(c->pool), true);
	WRITE_ONCE(c->done, true);
}

static struct closer *closer_of(struct kunit *test, struct kpool *pool, work_func_t close)
{
	struct closer *c = zalloc_for(test, struct closer);

	c->pool = pool;
	INIT_WORK(&c->work, close);
	return c;
}

static const unsigned int retries[] = { 1, 5 };

static void describe_retries(const unsigned int *n, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u", *n);
}

KUNIT_ARRAY_PARAM(retries, retries, describe_retries);

/*
 * This CPU is busy in its cache for a long time. The interrupts that want to close the cache
 * come again and again until the CPU is not busy any more.
 */
static void close_waits_for_a_busy_section(struct kunit *test)
{
	u64 wanted = *(const unsigned int *)test->param_value;
	const struct kpool_params p = { .name = "busy", .size = 64 };
	struct kpool_cpu *c;
	struct closer *closer;
	struct kpool *pool;
	bool retried, left_alone;
	void *objs[OBJS];
	int here = raw_smp_processor_id(), beside = cpu_beside(test, here);

	pin(test, here);
	pool = pool_of(test, &p);
	closer = closer_of(test, pool, bypass_work);
	get_all(test, pool, objs, OBJS);
	put_all(pool, objs, OBJS);

	preempt_disable();
	c = this_cpu_ptr(pool->cpu);
	WRITE_ONCE(c->state, KPOOL_CPU_BUSY);
	schedule_work_on(beside, &closer->work);
	retried = spin_until(figure(pool, close_retries) >= wanted || !keeps(pool));
	left_alone = !keeps(pool) || (!READ_ONCE(closer->done) && kp_cpu_loaded(c) == OBJS);
	WRITE_ONCE(c->state, 0);
	preempt_enable();
	flush_work(&closer->work);

	KUNIT_EXPECT_TRUE(test, retried);
	KUNIT_EXPECT_TRUE(test, left_alone);
	KUNIT_EXPECT_EQ(test, figure(pool, destroyed), (u64)OBJS);
	KUNIT_EXPECT_EQ(test, kp_cpu_capacity(c), 0U);
	expect_in_use(test, pool, 0);
	expect_idle(test, pool, 0);
}

/*
 * An object that is put while the cache is busy does not go to the cache. A get finds it all
 * the same.
 */
static void busy_cache_is_left_alone(struct kunit *test)
{
	const struct kpool_params p = { .name = "beside", .size = 64 };
	struct kpool_cpu *c;
	struct kpool *pool;
	void *objs[OBJS], *obj;
	struct kpool_cpu before, after;

	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		kunit_skip(test, "a put with preemption off has no magazine on PREEMPT_RT");
	pin(test, raw_smp_processor_id());
	pool = pool_of(test, &p);
	get_all(test, pool, objs, OBJS);
	put_all(pool, objs, OBJS / 2);

	preempt_disable();
	c = this_cpu_ptr(pool->cpu);
	WRITE_ONCE(c->state, KPOOL_CPU_BUSY);
	before = *c;
	put_all(pool, objs + OBJS / 2, OBJS / 2);
	obj = kpool_get(pool, GFP_ATOMIC);
	after = *c;
	WRITE_ONCE(c->state, 0);
	preempt_enable();

	KUNIT_EXPECT_EQ(test, 0, memcmp(&before, &after, sizeof(before)));
	if (keeps(pool))
		KUNIT_EXPECT_PTR_EQ(test, obj, objs[OBJS - 1]);
	expect_in_use(test, pool, 1);
	kpool_put(pool, obj);
	expect_in_use(test, pool, 0);
	expect_idle(test, pool, OBJS);
}

/* Each CPU has objects in its loaded magazine and its spare, and some are in depots. */
static void fill_all_caches(struct kunit *test, struct kpool *pool, unsigned int each)
{
	void **objs = kunit_kcalloc(test, each * num_online_cpus(), sizeof(*objs), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, objs);
	get_all(test, pool, objs, each * num_online_cpus());
	for (i = 0; i < num_online_cpus(); i++)
		put_on(test, cpu_in_turn(i), pool, objs + i * each, each);
}

static unsigned int open_caches(struct kpool *pool)
{
	unsigned int n = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		n += kp_cpu_capacity(per_cpu_ptr(pool->cpu, cpu)) > 0;
	return n;
}

static const struct kpool_params closed[] = {
	{ .name = "closed-plain", .size = 64, .magazine = 4 },
	{ .name = "closed-ctor", .size = 64, .magazine = 4, .ops = &consumer_ops },
	{ .name = "closed-sleeping", .size = 64, .magazine = 4, .flags = KPOOL_SLEEPING,
	  .ops = &consumer_ops },
	{ .name = "closed-limited", .size = 64, .max_idle = 400, .magazine = 4 },
};

KUNIT_ARRAY_PARAM_DESC(closed, closed, name);

static void trim_finds_all_there_is(struct kunit *test)
{
	struct kpool_params p = *(const struct kpool_params *)test->param_value;
	struct consumer *consumer = zalloc_for(test, struct consumer);
	unsigned long all = 10 * num_online_cpus();
	struct kpool *pool;

	p.ctx = consumer;
	pool = pool_of(test, &p);
	fill_all_caches(test, pool, 10);
	expect_idle(test, pool, all);
	KUNIT_EXPECT_EQ(test, kpool_trim(pool), keeps(pool) ? all : 0UL);

	KUNIT_EXPECT_EQ(test, open_caches(pool), 0U);
	KUNIT_EXPECT_EQ(test, figure(pool, trimmed), keeps(pool) ? (u64)all : 0ULL);
	KUNIT_EXPECT_EQ(test, figure(pool, existing), 0ULL);
	KUNIT_EXPECT_EQ(test, atomic_read(&consumer->dtors), atomic_read(&consumer->ctors));
	expect_in_use(test, pool, 0);
}

/* A cache that a trim closed opens with the next put. A cache of a bypassed pool does not. */
static void caches_open_again_unless_bypassed(struct kunit *test)
{
	const struct kpool_params p = { .name = "reopened", .size = 64, .magazine = 4 };
	struct kpool *pool = pool_of(test, &p);
	bool kept = keeps(pool);

	fill_all_caches(test, pool, 10);
	kpool_trim(pool);
	fill_all_caches(test, pool, 10);
	KUNIT_EXPECT_EQ(test, open_caches(pool), kept ? num_online_cpus() : 0);
	kp_set_bypass(to_pool(pool), true);
	KUNIT_EXPECT_EQ(test, figure(pool, idle), 0ULL);
	fill_all_caches(test, pool, 10);
	KUNIT_EXPECT_EQ(test, open_caches(pool), 0U);
	KUNIT_EXPECT_EQ(test, figure(pool, existing), 0ULL);
	kp_set_bypass(to_pool(pool), false);
	fill_all_caches(test, pool, 10);

	KUNIT_EXPECT_EQ(test, open_caches(pool), kept ? num_online_cpus() : 0);
	expect_idle(test, pool, 10 * num_online_cpus());
	expect_in_use(test, pool, 0);
}

static void end_bypass_work(struct work_struct *work)
{
	struct closer *c = container_of(work, struct closer, work);

	kp_update_bypass(to_pool(c->pool));
	WRITE_ONCE(c->done, true);
}

/* The end of bypass waits for gate_lock while the pool comes to its end. It opens nothing then. */
static void end_of_bypass_does_not_open_a_pool_at_its_end(struct kunit *test)
{
	const struct kpool_params p = { .name = "ending", .size = 64 };
	struct kpool *kpool = pool_of(test, &p);
	struct kp_pool *pool = to_pool(kpool);
	struct closer *closer = closer_of(test, kpool, end_bypass_work);
	int beside = cpu_beside(test, raw_smp_processor_id());

	if (kp_bypass_all())
		return;
	kp_set_bypass(pool, true);
	mutex_lock(&pool->gate_lock);
	pool->bypass_wanted = false;
	schedule_work_on(beside, &closer->work);
	KUNIT_EXPECT_TRUE(test, spin_until(atomic_read(&pool->active) == 1));
	WRITE_ONCE(pool->state, KPOOL_STATE_DYING);	/* as destroy does, under the lock */
	mutex_unlock(&pool->gate_lock);
	flush_work(&closer->work);

	KUNIT_EXPECT_EQ(test, (int)pool->gate, (int)GATE_SHUT);
	WRITE_ONCE(pool->state, KPOOL_STATE_LIVE);
	kp_update_bypass(pool);
	expect_in_use(test, kpool, 0);
}

/* A bypassed pool would not keep what a worker builds for the next get. */
static void bypassed_pool_is_not_refilled(struct kunit *test)
{
	const struct kpool_params p = { .name = "bypassed", .size = 64, .flags = KPOOL_ANYCTX };
	struct kpool *pool = pool_of(test, &p);
	bool refill;
	void *obj;

	kp_set_bypass(to_pool(pool), true);
	local_irq_disable();	/* nobody clears the bit */
	obj = kpool_get(pool, GFP_ATOMIC);
	refill = test_bit(POOL_TODO_REFILL, &to_pool(pool)->todo);
	local_irq_enable();
	KUNIT_EXPECT_FALSE(test, refill);
	KUNIT_EXPECT_PTR_EQ(test, obj, ERR_PTR(-EBUSY));
	kp_set_bypass(to_pool(pool), false);
	expect_in_use(test, pool, 0);
}

/* A member's load: gets and puts of a few objects, some of them with interrupts off. */
static void load_step(struct member *m)
{
	struct kpool *pool = m->ctx;
	void *objs[7];

	catch_up(m, pool);
	if (kpool_get_bulk(pool, GFP_KERNEL, objs, ARRAY_SIZE(objs)))
		return;
	put_all(pool, objs, 3);
	local_irq_disable();
	put_all(pool, objs + 3, ARRAY_SIZE(objs) - 3);
	local_irq_enable();
}

static const struct duty load = { .step = load_step };

/* Steps until every member is at work. */
#define WARM_UP		20

static void close_and_open_under_full_load(struct kunit *test)
{
	struct kpool_params p = *(const struct kpool_params *)test->param_value;
	struct consumer *consumer = zalloc_for(test, struct consumer);
	struct kpool *pool;
	struct team *team;
	int i;

	p.ctx = consumer;
	pool = pool_of(test, &p);
	team = team_start(test, &load, pool, WARM_UP);
	team_wait(team);
	for (i = 0; i < (is_full_run() ? 100 : 8); i++) {
		kp_set_bypass(to_pool(pool), true);
		KUNIT_EXPECT_EQ(test, open_caches(pool), 0U);
		kp_set_bypass(to_pool(pool), false);
		kpool_trim(pool);
		schedule_timeout_uninterruptible(1);
	}
	kp_set_bypass(to_pool(pool), true);
	team_stop(team);
	kp_defer_sync(to_pool(pool));

	expect_in_use(test, pool, 0);
	KUNIT_EXPECT_EQ(test, figure(pool, existing), 0ULL);
	KUNIT_EXPECT_EQ(test, atomic_read(&consumer->dtors), atomic_read(&consumer->ctors));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&consumer->wrongs));
}

/* Trims and bypasses while a CPU goes and comes. */
static void close_against_hotplug(struct kunit *test)
{
	const struct kpool_params p = { .name = "close-hotplug", .size = 64, .magazine = 4 };
	struct kpool *pool = pool_of(test, &p);
	int i, cpu = cpumask_last(cpu_online_mask);
	struct closer *t = closer_of(test, pool, trim_work);
	struct team *team;

	needs_hotplug(test);
	team = team_start(test, &load, pool, WARM_UP);
	team_wait(team);
	for (i = 0; i < (is_full_run() ? 20 : 1); i++) {
		queue_work(system_unbound_wq, &t->work);
		KUNIT_EXPECT_EQ(test, 0, remove_cpu(cpu));
		kp_set_bypass(to_pool(pool), true);
		KUNIT_EXPECT_EQ(test, open_caches(pool), 0U);
		flush_work(&t->work);
		queue_work(system_unbound_wq, &t->work);
		kp_set_bypass(to_pool(pool), false);
		KUNIT_EXPECT_EQ(test, 0, add_cpu(cpu));
		flush_work(&t->work);
	}
	team_stop(team);
	kpool_trim(pool);

	expect_in_use(test, pool, 0);
	KUNIT_EXPECT_EQ(test, figure(pool, existing), 0ULL);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(close_waits_for_a_busy_section, retries_gen_params),
	KUNIT_CASE(busy_cache_is_left_alone),
	KUNIT_CASE_PARAM(trim_finds_all_there_is, closed_gen_params),
	KUNIT_CASE(caches_open_again_unless_bypassed),
	KUNIT_CASE(end_of_bypass_does_not_open_a_pool_at_its_end),
	KUNIT_CASE(bypassed_pool_is_not_refilled),
	KUNIT_CASE_PARAM(close_and_open_under_full_load, closed_gen_params),
	KUNIT_CASE(close_against_hotplug),
	{}
};

struct kunit_suite close_suite = {
	.name = "kpool_close",
	.suite_exit = resume_ageing,
	.test_cases = cases,
};
