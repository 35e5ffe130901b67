// SPDX-License-Identifier: GPL-2.0-only
#include <kunit/resource.h>
#include <linux/cpu.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/workqueue.h>

#include "base/cpus.h"
#include "base/ref.h"
#include "base/registry.h"
#include "base/work.h"
#include "fixture.h"
#include "interrupts.h"
#include "object/due.h"
#include "pool.h"
#include "store/waitlist.h"

static int consumer_ctor(void *obj, void *ctx, gfp_t gfp, int node)
{
	struct consumer *consumer = ctx;
	struct object *o = obj;
	int call = atomic_inc_return(&consumer->ctors);
	int fail_at = READ_ONCE(consumer->fail_at);

	/* Several CPUs and workers may build at once. */
	WRITE_ONCE(consumer->gfp, gfp);
	WRITE_ONCE(consumer->node, node);
	/* Not counted, because dtor is not called for this object either. */
	if (fail_at && call >= fail_at) {
		atomic_dec(&consumer->ctors);
		return READ_ONCE(consumer->fail_with);
	}
	o->state = OBJECT_BUILT;
	o->resets = 0;
	atomic_set(&o->users, 0);
	return 0;
}

static void consumer_reset(void *obj, void *ctx)
{
	struct consumer *consumer = ctx;
	struct object *o = obj;

	atomic_inc(&consumer->resets);
	if (o->state != OBJECT_BUILT || in_nmi())
		atomic_inc(&consumer->wrongs);
	o->resets++;
}

static void consumer_dtor(void *obj, void *ctx)
{
	struct consumer *consumer = ctx;
	struct object *o = obj;

	atomic_inc(&consumer->dtors);
	if (o->state != OBJECT_BUILT || in_nmi())
		atomic_inc(&consumer->wrongs);
	o->state = OBJECT_GONE;
}

const struct kpool_ops consumer_ops = {
	.ctor = consumer_ctor,
	.reset = consumer_reset,
	.dtor = consumer_dtor,
};

const struct kpool_params nested_pools[NESTED_POOLS] = {
	{ .name = "plain", .size = 64, .magazine = 2 },
	{ .name = "callbacks", .size = 64, .magazine = 2, .ops = &consumer_ops },
	{ .name = "uncached", .size = 64, .max_idle = 4 },
	{ .name = "nothing-idle", .size = 64, .max_idle = KPOOL_KEEP_NONE },
	{ .name = "sleeping", .size = 64, .magazine = 2, .flags = KPOOL_SLEEPING,
	  .ops = &consumer_ops },
	{ .name = "anyctx", .size = 64, .magazine = 2, .flags = KPOOL_ANYCTX },
	{ .name = "pages", .size = 8192, .magazine = 2 },
};

/* Returns true if nobody else has the object. The caller gives the object back by given(). */
bool taken(struct kpool *pool, struct object *o)
{
	if (to_pool(pool)->ops.ctor)
		return atomic_inc_return(&o->users) == 1;
	atomic_set(&o->users, 1);	/* no ctor has set the count up */
	return true;
}

bool given(struct object *o)
{
	return atomic_dec_return(&o->users) == 0;
}

void *zalloc_bytes(struct kunit *test, size_t size)
{
	void *p = kunit_kzalloc(test, size, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	return p;
}

/* A consumer whose ctor fails from its call number @at on. */
struct consumer *failing_consumer(struct kunit *test, int at, int err)
{
	struct consumer *consumer = zalloc_for(test, struct consumer);

	consumer->fail_at = at;
	consumer->fail_with = err;
	return consumer;
}

/*
 * The suites know how large magazines are if all CPUs are online. So a CPU that is offline has a
 * share of max and max_idle, too.
 */
void count_all_cpus(void)
{
	WRITE_ONCE(kp_cpus, max(kp_cpus, num_possible_cpus()));
}

/**
 * create() - kpool_create(), with the clock's ageing stopped
 * @params: as in kpool_create()
 *
 * A pass that the clock starts would change counts and hold references while a test looks at
 * them. A test that wants a pass runs the pass itself.
 */
struct kpool *create(const struct kpool_params *params)
{
	struct kpool *pool;

	count_all_cpus();
	pool = kpool_create(params);
	kp_age_stop();
	return pool;
}

void resume_ageing(struct kunit_suite *suite)
{
	kp_age_start();
}

/*
 * An owner for tests. This module itself cannot serve: while its suites run, it is still
 * being loaded, and a module in this state cannot be pinned.
 */
struct module *owner_in(struct kunit *test, enum module_state state)
{
	struct module *owner = kunit_kzalloc(test, sizeof(*owner), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, owner);
	strscpy(owner->name, "owner", sizeof(owner->name));
	owner->state = state;
	atomic_set(&owner->refcnt, 1);
	return owner;
}

static void end_pool(struct kunit_resource *res)
{
	kpool_destroy(res->data);
}

/* A pool that ends with the test, or by destroy(). */
struct kpool *pool_of(struct kunit *test, const struct kpool_params *params)
{
	struct kpool *pool = create(params);

	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(pool), "create %s: %pe", params->name, pool);
	kunit_alloc_resource(test, NULL, end_pool, GFP_KERNEL, pool);
	return pool;
}

static bool is_pool(struct kunit *test, struct kunit_resource *res, void *pool)
{
	return res->data == pool;
}

/* Ends a pool of pool_of() by kpool_destroy(). */
void destroy(struct kunit *test, struct kpool *pool)
{
	KUNIT_ASSERT_EQ(test, 0, kunit_destroy_resource(test, is_pool, pool));
}

/* Waits until all pools are gone whose last object was put. */
static void nothing(struct irq_work *work)
{
}

/*
 * Waits for the irq_works that this CPU has queued. A CPU may run a later one first, but it
 * runs all queued ones together. So when the second irq_work has run, all that were queued
 * before the first one have run, too.
 */
static long run_irq_works(void *unused)
{
	struct irq_work work = IRQ_WORK_INIT_HARD(nothing);
	int i;

	for (i = 0; i < 2; i++) {
		irq_work_queue(&work);
		irq_work_sync(&work);
	}
	return 0;
}

void settle(void)
{
	int cpu;

	for_each_online_cpu(cpu)
		work_on_cpu(cpu, run_irq_works, NULL);
	flush_workqueue(kpool_wq);	/* what starts workers */
	flush_workqueue(kpool_callback_wq);
	flush_workqueue(kpool_wq);	/* the end of a pool leaves the rest to RCU */
	rcu_barrier();
	flush_workqueue(kpool_wq);
}

/* All pools, also detached ones. */
unsigned int pools_left(void)
{
	struct kp_pool *pool;
	unsigned int n = 0;
	u32 id = 0;

	while ((pool = kp_registry_next(&id))) {
		kp_unref(pool, 1);
		n++;
	}
	return n;
}

bool pool_left(u32 id)
{
	struct kp_pool *pool;
	bool found = false;
	u32 at = 0;

	while ((pool = kp_registry_next(&at))) {
		found |= pool->id == id;
		kp_unref(pool, 1);
	}
	return found;
}

/* As if CPUs had waited for each other at a depot so many times. */
void contend(struct kpool *pool, unsigned int n)
{
	struct kp_depot *depot = to_pool(pool)->depots;

	raw_spin_lock_irq(&depot->lock);
	WRITE_ONCE(depot->contended, depot->contended + n);
	raw_spin_unlock_irq(&depot->lock);
}

/* Does the pool keep objects that are put? It does not if all of kpool is bypassed. */
bool keeps(struct kpool *pool)
{
	return READ_ONCE(to_pool(pool)->gate) != GATE_SHUT;
}

/*
 * Does bypass leave a test of kept objects nothing to check? Then checks only the figures of
 * its new pool.
 */
bool nothing_kept(struct kunit *test, struct kpool *pool)
{
	if (keeps(pool))
		return false;
	expect_in_use(test, pool, 0);
	return true;
}

/*
 * Waits for the puts that an irq_work and its worker finish. On a machine that has no interrupt for
 * irq_work, the next tick runs it. Does nothing where sleeping is not allowed.
 */
static void see_puts_through(struct kpool *pool)
{
	if (!preemptible())
		return;
	if (irq_work_is_busy(&to_pool(pool)->irq_work))
		kp_irq_work_sync(to_pool(pool));
	if (work_busy(&to_pool(pool)->put_work))
		flush_work(&to_pool(pool)->put_work);
}

u64 figure_at(struct kpool *pool, size_t offset)
{
	struct kpool_stats st;

	see_puts_through(pool);
	kpool_stats(pool, &st);
	return *(u64 *)((void *)&st + offset);
}

/* A copy that lives as long as the test. It is too large for the stack, under KASAN. */
struct kpool_stats *stats_of(struct kunit *test, struct kpool *pool)
{
	struct kpool_stats *stats = kunit_kzalloc(test, sizeof(*stats), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, stats);
	kpool_stats(pool, stats);
	return stats;
}

/* How many teardowns have a cause. */
static u64 teardowns(const struct kpool_stats *st)
{
	return st->trimmed + st->over_max_idle + st->reclaimed + st->idle_expired +
	       st->lifetime_expired + st->unhealthy + st->discarded + st->shut_down + st->over_max +
	       st->overflow_ended + st->no_magazine + st->bypass_ended + st->undone +
	       st->sampled;
}

/* Expects all figures of a quiet pool of which the test has in_use objects. */
void expect_in_use(struct kunit *test, struct kpool *pool, u64 in_use)
{
	struct kpool_stats st;

	kp_defer_sync(to_pool(pool));
	kpool_stats(pool, &st);
	KUNIT_EXPECT_EQ(test, st.in_use, in_use);
	KUNIT_EXPECT_EQ(test, st.existing, st.idle + st.in_use);
	KUNIT_EXPECT_EQ(test, st.closing, 0ULL);
	KUNIT_EXPECT_EQ(test, st.created, st.destroyed + st.existing);
	KUNIT_EXPECT_EQ(test, st.destroyed, teardowns(&st));
	KUNIT_EXPECT_EQ(test, st.gets, st.puts + in_use);
	/* The last step of a teardown, of which nothing tells. */
	KUNIT_EXPECT_TRUE(test,
			  spin_until(refcount_read(&to_pool(pool)->refs) == 1 + st.existing));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&to_pool(pool)->active));
	if (to_pool(pool)->waitlist)
		KUNIT_EXPECT_EQ(test, (u64)to_pool(pool)->waitlist->slots, st.existing);
}

/* Expects so many idle objects, or none if all of kpool is bypassed. */
void expect_idle(struct kunit *test, struct kpool *pool, u64 idle)
{
	KUNIT_EXPECT_EQ(test, figure(pool, idle), keeps(pool) ? idle : 0);
}

/* An array for so many objects that the stack has no room for it. */
void **room_for(struct kunit *test, unsigned int n)
{
	void **objs = kunit_kcalloc(test, n, sizeof(*objs), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, objs);
	return objs;
}

void get_all(struct kunit *test, struct kpool *pool, void **objs, unsigned int n)
{
	unsigned int i;

	see_puts_through(pool);
	for (i = 0; i < n; i++) {
		objs[i] = kpool_get(pool, GFP_KERNEL);
		KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(objs[i]), "get %u: %pe", i, objs[i]);
	}
}

/* Gets all max objects, one by one. */
void exhaust(struct kunit *test, struct kpool *pool, void **objs, unsigned int max)
{
	get_all(test, pool, objs, max);
	KUNIT_EXPECT_EQ(test, (u64)max, figure(pool, existing));
}

void put_all(struct kpool *pool, void **objs, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		kpool_put(pool, objs[i]);
}

/* The rest of the test runs on @cpu. The test's thread ends with the test, so nothing is undone. */
void pin(struct kunit *test, int cpu)
{
	KUNIT_ASSERT_EQ(test, 0, set_cpus_allowed_ptr(current, cpumask_of(cpu)));
}

/* Goes round the online CPUs. */
int cpu_in_turn(unsigned int turn)
{
	int cpu = cpumask_first(cpu_online_mask);

	for (turn %= num_online_cpus(); turn; turn--)
		cpu = cpumask_next(cpu, cpu_online_mask);
	return cpu;
}

/* Another CPU of the same node. */
int cpu_beside(struct kunit *test, int cpu)
{
	int other;

	for_each_cpu_and(other, cpumask_of_node(cpu_to_node(cpu)), cpu_online_mask)
		if (other != cpu)
			return other;
	kunit_skip(test, "needs two CPUs on a node");
}

int cpu_on_node(struct kunit *test, int node)
{
	int cpu;

	if (node >= nr_node_ids)
		kunit_skip(test, "needs %d nodes", node + 1);
	cpu = cpumask_any_and(cpumask_of_node(node), cpu_online_mask);
	if (cpu >= nr_cpu_ids)
		kunit_skip(test, "needs a CPU on node %d", node);
	return cpu;
}

/* Skips the test on a kernel whose CPUs cannot go. */
void needs_hotplug(struct kunit *test)
{
	if (!IS_ENABLED(CONFIG_HOTPLUG_CPU))
		kunit_skip(test, "CPUs of this kernel cannot go");
}

/* Does current->fail_nth make an allocation of this thread fail? */
bool faults_reach_us(void)
{
	void *p;

	WRITE_ONCE(current->fail_nth, 1);
	p = kmalloc(8, GFP_KERNEL);
	WRITE_ONCE(current->fail_nth, 0);
	kfree(p);
	return !p;
}

/* Runs @call in process context on @cpu, and waits for its end. */
void on_cpu(struct kunit *test, int cpu, int (*call)(void *arg), void *arg)
{
	KUNIT_ASSERT_EQ(test, 0, smp_call_on_cpu(cpu, call, arg, false));
}

struct batch {
	struct kpool *pool;
	void **objs;
	unsigned int n;
};

static int put_batch(void *arg)
{
	struct batch *b = arg;

	put_all(b->pool, b->objs, b->n);
	return 0;
}

static int get_batch(void *arg)
{
	struct batch *b = arg;
	unsigned int i;

	for (i = 0; i < b->n; i++) {
		b->objs[i] = kpool_get(b->pool, GFP_KERNEL);
		if (IS_ERR(b->objs[i]))
			return PTR_ERR(b->objs[i]);
	}
	return 0;
}

static void put_batch_in_irq(void *arg)
{
	put_batch(arg);
}

void put_all_in_irq(struct kpool *pool, void **objs, unsigned int n)
{
	struct batch batch = { pool, objs, n };

	call_in_irq(put_batch_in_irq, &batch);
}

void put_on(struct kunit *test, int cpu, struct kpool *pool, void **objs, unsigned int n)
{
	struct batch batch = { pool, objs, n };

	on_cpu(test, cpu, put_batch, &batch);
	see_puts_through(pool);
}

void get_on(struct kunit *test, int cpu, struct kpool *pool, void **objs, unsigned int n)
{
	struct batch batch = { pool, objs, n };

	see_puts_through(pool);
	on_cpu(test, cpu, get_batch, &batch);
}

/* A pool of the consumer. The rest of the test runs on the current CPU. */
struct kpool *pool_of_consumer(struct kunit *test, const struct kpool_params *params,
			       struct consumer *consumer)
{
	struct kpool_params p = *params;

	p.ctx = consumer;
	pin(test, raw_smp_processor_id());
	return pool_of(test, &p);
}

/* Expects that the consumer's callbacks were called as often as the pool's figures say. */
void expect_whole(struct kunit *test, struct kpool *pool, struct consumer *consumer)
{
	expect_in_use(test, pool, 0);
	kpool_trim(pool);
	KUNIT_EXPECT_EQ(test, figure(pool, existing), 0ULL);
	KUNIT_EXPECT_EQ(test, atomic_read(&consumer->dtors), atomic_read(&consumer->ctors));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&consumer->wrongs));
}

/* A pool with @n idle objects, put on the CPU on which the rest of the test runs. */
struct kpool *filled_pool(struct kunit *test, const struct kpool_params *p, unsigned int n)
{
	void **objs = room_for(test, n);
	struct kpool *pool;

	pin(test, raw_smp_processor_id());
	pool = pool_of(test, p);
	get_all(test, pool, objs, n);
	put_all(pool, objs, n);
	see_puts_through(pool);
	return pool;
}
