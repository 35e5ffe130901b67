// SPDX-License-Identifier: GPL-2.0-only
/*
 * Closing the CPUs' caches.
 *
 * A hit has no barrier, so what another CPU sees of a cache proves nothing:
 * one instruction later the cache may hold an object again. So a cache is
 * closed by its own CPU, in an interrupt, where compiler barriers suffice on
 * every architecture, and the hits pay nothing for it.
 *
 * The gate says whether a closed cache may be opened. Destroy and bypass shut
 * it for good, waiters for a while (store/waitlist.c); a trim leaves it open, the caches come
 * back with the next miss.
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
#include "store/waitlist.h"

/* Rounds of interrupts before a sweep gives a busy CPU time between them. */
#define EAGER_ROUNDS	3

struct kp_sweep {
	struct kp_pool *pool;
	struct llist_head *found;
	atomic_t pending;
	struct completion done;
};

/* On the CPU whose cache it closes, interrupts off. No lock, so no deadlock with a slow section. */
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

/* Interrupts the CPUs in sweep_again; those that were busy are still in it afterwards. */
static void sweep_round(struct kp_pool *pool, struct llist_head *found)
{
	struct kp_sweep sweep = {
		.pool = pool,
		.found = found,
		.done = COMPLETION_INITIALIZER_ONSTACK(sweep.done),
	};
	int cpu;

	preempt_disable();
	/* The magazines of a CPU that went away are kp_cpu_dead()'s. */
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
 * @found: where the magazines go
 *
 * Caches that open meanwhile stay open, unless the gate is closed: then none
 * is open when this returns, and what a slow path put elsewhere is followed by
 * its look at the gate.
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
		/* A softirq at the end of an interrupt can hold a cache busy for milliseconds. */
		if (round > EAGER_ROUNDS)
			schedule_timeout_uninterruptible(1);
		sweep_round(pool, found);
	}
}

/**
 * kp_found_keep() - give a depot what a sweep found
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
 * @found: where the magazines go
 *
 * Context: process context, sleeps.
 */
void kp_gate_close(struct kp_pool *pool, struct llist_head *found)
{
	kp_gate_set(pool, GATE_SHUT);
	smp_mb();	/* pairs with that in kp_rule() */
	kp_close_all(pool, found);
}
