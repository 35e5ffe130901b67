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
 * Waiters close the gate for a while (store/slots.c). A trim leaves the gate open, and each
 * cache opens again at the next miss.
 */
#include <linux/completion.h>
#include <linux/cpu.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/smp.h>

#include "object/keep.h"
#include "path/cache.h"
#include "path/sweep.h"
#include "pool.h"
#include "store/depot.h"
#include "store/magazine.h"
#include "store/slots.h"
#include "store/stats.h"

/* After so many rounds of interrupts, a sweep sleeps for a tick before each round. */
#define EAGER_ROUNDS	3

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
	unsigned int round;
	int cpu;

	lockdep_assert_held(&pool->gate_lock);
	preempt_disable();
	cpumask_clear(pool->sweep_again);
	for_each_online_cpu(cpu)
		if (kp_is_open(per_cpu_ptr(pool->kpool.cpu, cpu)))
			cpumask_set_cpu(cpu, pool->sweep_again);
	preempt_enable();

	for (round = 1; !cpumask_empty(pool->sweep_again); round++) {
		/* A softirq at the end of an interrupt can keep a cache busy for milliseconds. */
		if (round > EAGER_ROUNDS)
			schedule_timeout_uninterruptible(1);
		sweep_round(pool, found);
	}
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
