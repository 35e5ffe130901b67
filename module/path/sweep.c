// SPDX-License-Identifier: GPL-2.0-only
/*
 * Closing the CPUs' caches. path/cache.c opens and fills them, and policy/drain.c empties the
 * depots.
 *
 * A hit has no barrier, so another CPU cannot rely on what it reads in a cache: one instruction
 * later the cache may hold an object again. So each CPU closes its own cache, in an interrupt.
 * There, compiler barriers suffice on every architecture, and hits pay nothing for it.
 *
 * The gate says whether a closed cache may be opened. Destroy and bypass shut the gate for good.
 * Waiters close the gate for a while (store/slots.c). A trim leaves the gate open, and so does a
 * get that collects idle objects. Each cache then opens again at its next miss. A get that still
 * finds nothing becomes a waiter for a moment: see get_in_line() in path/miss.c.
 */
#include <linux/completion.h>
#include <linux/cpu.h>
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/wait_bit.h>

#include "base/ref.h"
#include "base/trace.h"
#include "object/keep.h"
#include "path/cache.h"
#include "path/sweep.h"
#include "pool.h"
#include "store/depot.h"
#include "store/magazine.h"
#include "store/slots.h"
#include "store/stats.h"
#include "store/waitlist.h"

/* After so many rounds of interrupts, a sweep sleeps for a tick before each round. */
#define EAGER_ROUNDS	3

/* How often gets that fail may interrupt CPUs, in jiffies, in each pool. */
#define COLLECT_EVERY	1

struct kp_sweep {
	struct kp_pool *pool;
	struct llist_head *found;
	atomic_t pending;
	struct completion done;
};

/* Runs on the CPU whose cache it closes, interrupts off. Takes no lock, so it cannot deadlock. */
static void sweep_cpu(void *info)
{
	struct kp_sweep *sweep = info;
	struct kp_pool *pool = sweep->pool;

	if (kp_close_here(pool, sweep->found))
		cpumask_clear_cpu(smp_processor_id(), pool->sweep_again);
	else
		atomic_long_inc(&pool->close_retries);
	if (atomic_dec_and_test(&sweep->pending))
		complete(&sweep->done);
}

/* Interrupts the CPUs in sweep_again. CPUs whose cache was busy are still in it afterwards. */
static void sweep_round(struct kp_pool *pool, struct llist_head *found)
{
	struct kp_sweep sweep = {
		.pool = pool,
		.found = found,
		.done = COMPLETION_INITIALIZER_ONSTACK(sweep.done),
	};
	int cpu;

	preempt_disable();
	/* kp_cpu_dead() takes the magazines of a CPU that went offline. */
	cpumask_and(pool->sweep_again, pool->sweep_again, cpu_online_mask);
	atomic_set(&sweep.pending, cpumask_weight(pool->sweep_again));
	if (!atomic_read(&sweep.pending)) {
		preempt_enable();
		return;
	}
	cpu = smp_processor_id();
	smp_call_function_many(pool->sweep_again, sweep_cpu, &sweep, false);
	if (cpumask_test_cpu(cpu, pool->sweep_again)) {
		local_irq_disable();
		sweep_cpu(&sweep);
		local_irq_enable();
	}
	preempt_enable();
	wait_for_completion(&sweep.done);
}

/* Closes the caches of the CPUs in sweep_again, however long they are busy. */
static void close_marked(struct kp_pool *pool, struct llist_head *found)
{
	unsigned int round;

	for (round = 1; !cpumask_empty(pool->sweep_again); round++) {
		/* A softirq at the end of an interrupt can keep a cache busy for milliseconds. */
		if (round > EAGER_ROUNDS)
			schedule_timeout_uninterruptible(1);
		sweep_round(pool, found);
	}
}

/**
 * kp_close_all() - close the caches of all online CPUs
 * @pool: the pool; the caller holds its gate_lock
 * @found: receives the magazines
 *
 * If the gate is open, caches that open meanwhile stay open. If the gate is closed, no cache is
 * open when this returns. A slow path that put objects elsewhere meanwhile then looks at the gate.
 *
 * Context: process context, sleeps.
 */
void kp_close_all(struct kp_pool *pool, struct llist_head *found)
{
	int cpu;

	lockdep_assert_held(&pool->gate_lock);
	preempt_disable();
	cpumask_clear(pool->sweep_again);
	for_each_online_cpu(cpu)
		if (kp_is_open(per_cpu_ptr(pool->kpool.cpu, cpu)))
			cpumask_set_cpu(cpu, pool->sweep_again);
	preempt_enable();
	close_marked(pool, found);
}

/**
 * kp_close_loaded() - close the caches that have objects loaded
 * @pool: the pool; the caller holds its gate_lock
 * @found: receives the magazines
 *
 * Unlike kp_close_all(), this interrupts each CPU once, and a cache that is busy stays open.
 *
 * Context: process context, sleeps until the interrupts were served.
 */
void kp_close_loaded(struct kp_pool *pool, struct llist_head *found)
{
	int cpu;

	lockdep_assert_held(&pool->gate_lock);
	preempt_disable();
	cpumask_clear(pool->sweep_again);
	for_each_online_cpu(cpu)
		if (kp_cpu_loaded(per_cpu_ptr(pool->kpool.cpu, cpu)))
			cpumask_set_cpu(cpu, pool->sweep_again);
	preempt_enable();
	if (!cpumask_empty(pool->sweep_again))
		sweep_round(pool, found);
}

/**
 * kp_found_keep() - put magazines that a sweep found into this node's depot
 * @pool: the pool
 * @found: the magazines
 *
 * Context: process context.
 */
void kp_found_keep(struct kp_pool *pool, struct llist_head *found)
{
	struct kp_depot *depot = kp_depot_here(pool);
	struct kpool_magazine *mag, *next;

	llist_for_each_entry_safe(mag, next, llist_del_all(found), found)
		kp_keep(pool, depot, mag);
}

/*
 * While a sweep brings objects to a depot, no get finds them. collections is odd meanwhile, so a
 * get that finds nothing waits for the sweep, and looks again. The caches are closed by interrupts,
 * whose full barriers come after the first change. They pair with the barrier in kp_collect().
 */
static void begin_collection(struct kp_pool *pool)
{
	lockdep_assert_held(&pool->gate_lock);
	WRITE_ONCE(pool->collections, pool->collections + 1);
}

static void end_collection(struct kp_pool *pool)
{
	/* Pairs with kp_reach(): a get that sees this sees the objects in the depot. */
	smp_store_release(&pool->collections, pool->collections + 1);
}

/**
 * kp_aside_begin() - idle objects will be out of the depots for a moment
 * @pool: the pool; only one task at a time calls this
 *
 * The caller asks the consumer about these objects. Until kp_aside_end(), a get that may sleep and
 * finds nothing waits, and looks again.
 *
 * Context: process context.
 */
void kp_aside_begin(struct kp_pool *pool)
{
	WRITE_ONCE(pool->asides, pool->asides + 1);
	smp_wmb();	/* before the depot changes; pairs with the barrier in kp_collect() */
}

/* The objects are in the depots again. Context: process context. */
void kp_aside_end(struct kp_pool *pool)
{
	/* Pairs with kp_reach(): a get that sees this sees the objects in the depot. */
	smp_store_release(&pool->asides, pool->asides + 1);
	smp_mb();	/* wake_up_var() looks for tasks after the change */
	wake_up_var(&pool->asides);
}

/* Waits while objects are aside. Returns whether they were since the get looked. */
static bool were_aside(struct kp_pool *pool, struct kp_reach *seen)
{
	if (likely(READ_ONCE(pool->asides) == seen->asides && !(seen->asides & 1)))
		return false;
	/* The acquire pairs with the release in kp_aside_end(). */
	wait_var_event(&pool->asides, !(smp_load_acquire(&pool->asides) & 1));
	return true;
}

/**
 * kp_sweep_to_depot() - close all caches, and put their objects into this node's depot
 * @pool: the pool; the caller holds its gate_lock
 *
 * Context: process context, sleeps.
 */
void kp_sweep_to_depot(struct kp_pool *pool)
{
	LLIST_HEAD(found);

	begin_collection(pool);
	kp_close_all(pool, &found);
	kp_found_keep(pool, &found);
	end_collection(pool);
	trace_kpool_sweep(pool, atomic_long_read(&pool->depot_idle));
}

/* Do other CPUs have objects loaded? Marks these CPUs in mask, unless mask is NULL. */
static bool others_loaded(struct kp_pool *pool, struct cpumask *mask)
{
	int cpu, here = get_cpu();
	bool any = false;

	for_each_online_cpu(cpu) {
		if (cpu == here || !kp_cpu_loaded(per_cpu_ptr(pool->kpool.cpu, cpu)))
			continue;
		any = true;
		if (!mask)
			break;
		cpumask_set_cpu(cpu, mask);
	}
	put_cpu();
	return any;
}

/* Closes the caches of the other CPUs that have objects loaded. This CPU's are within reach. */
static void collect(struct kp_pool *pool)
{
	LLIST_HEAD(found);

	cpumask_clear(pool->sweep_again);
	if (!others_loaded(pool, pool->sweep_again))
		return;
	begin_collection(pool);
	close_marked(pool, &found);
	kp_found_keep(pool, &found);
	end_collection(pool);
	pool->collected_at = jiffies;
	kp_waitlist_count_sweep(pool);
}

/**
 * kp_collect() - bring objects of other CPUs' loaded magazines into reach of a get that would fail
 * @pool: the pool
 * @seen: what kp_reach() said before the get looked for objects; set for the next look
 *
 * Leaves the gate open. Interrupts only CPUs that have objects loaded: in a pool whose objects are
 * all in use that is none. In one pool this happens once in COLLECT_EVERY at most. A get that comes
 * earlier waits for the next tick. If another task collects just now, the get only waits for that.
 *
 * Context: process context, sleeps.
 * Return: whether the get should look again.
 */
bool kp_collect(struct kp_pool *pool, struct kp_reach *seen)
{
	bool loaded = others_loaded(pool, NULL), wait = false;

	/*
	 * A sweep that closed a cache before the look above has changed collections before. A task
	 * that took objects out of a depot before the get looked there has changed asides before.
	 */
	smp_rmb();	/* pairs with the interrupts of a sweep, and with kp_aside_begin() */
	if (were_aside(pool, seen)) {
		*seen = kp_reach(pool);
		return true;
	}
	if (!loaded && READ_ONCE(pool->collections) == seen->collections &&
	    !(seen->collections & 1))
		return false;
	if (!kp_enter(pool))
		return false;
	mutex_lock(&pool->gate_lock);
	if (pool->collections == seen->collections) {
		wait = jiffies - pool->collected_at < COLLECT_EVERY;
		if (!wait)
			collect(pool);
	}
	*seen = kp_reach(pool);
	mutex_unlock(&pool->gate_lock);
	kp_leave(pool);
	if (wait)
		schedule_timeout_uninterruptible(1);
	return true;
}

/**
 * kp_gate_close() - shut the gate, and close all caches
 * @pool: the pool; the caller holds its gate_lock
 * @found: receives the magazines
 *
 * Context: process context, sleeps.
 */
void kp_gate_close(struct kp_pool *pool, struct llist_head *found)
{
	kp_gate_set(pool, GATE_SHUT);
	smp_mb();	/* between gate and caches; pairs with that in kp_rule() */
	kp_close_all(pool, found);
}
