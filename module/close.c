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
 * it for good, waiters for a while (wait.c); a trim leaves it open, the caches come
 * back with the next miss.
 */
#include <linux/completion.h>
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/smp.h>

#include "pool.h"

/* Rounds of interrupts before a sweep gives a busy CPU time between them. */
#define EAGER_ROUNDS	3

struct sweep {
	struct pool *pool;
	struct llist_head *found;
	atomic_t pending;
	struct completion done;
};

/* On the CPU whose cache it closes, interrupts off. No lock, so no deadlock with a slow section. */
static void sweep_cpu(void *info)
{
	struct sweep *sweep = info;
	struct pool *pool = sweep->pool;

	if (kp_close_here(pool, sweep->found))
		cpumask_clear_cpu(smp_processor_id(), pool->sweep_again);
	else
		atomic_long_inc(&pool->close_retries);
	if (atomic_dec_and_test(&sweep->pending))
		complete(&sweep->done);
}

/* Interrupts the CPUs in sweep_again; those that were busy are still in it afterwards. */
static void sweep_round(struct pool *pool, struct llist_head *found)
{
	struct sweep sweep = {
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
void kp_close_all(struct pool *pool, struct llist_head *found)
{
	unsigned int round;
	int cpu;

	lockdep_assert_held(&pool->gate_lock);
	preempt_disable();
	cpumask_clear(pool->sweep_again);
	for_each_online_cpu(cpu)
		if (READ_ONCE(per_cpu_ptr(pool->kpool.cpu, cpu)->capacity))
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
void kp_found_keep(struct pool *pool, struct llist_head *found)
{
	struct depot *depot = kp_depot_here(pool);
	struct kpool_magazine *mag, *next;

	llist_for_each_entry_safe(mag, next, llist_del_all(found), found)
		kp_depot_add(pool, depot, mag);
}

/**
 * kp_gate_close() - shut the gate, and close all caches
 * @pool: the pool; the caller holds its gate_lock
 * @found: where the magazines go
 *
 * Context: process context, sleeps.
 */
void kp_gate_close(struct pool *pool, struct llist_head *found)
{
	kp_gate_set(pool, GATE_SHUT);
	smp_mb();	/* pairs with that in kp_rule() */
	kp_close_all(pool, found);
}

/**
 * kp_found_teardown() - tear down what a sweep found
 * @pool: the pool
 * @found: the magazines
 * @cause: why
 *
 * But for what the reserve keeps.
 *
 * Context: process context, sleeps.
 * Return: how many objects were torn down.
 */
unsigned long kp_found_teardown(struct pool *pool, struct llist_head *found, enum kp_cause cause)
{
	struct kpool_magazine *mag, *next;
	unsigned long n = 0;

	llist_for_each_entry_safe(mag, next, llist_del_all(found), found) {
		n += kp_teardown(pool, mag->objs, mag->count, cause);
		kfree_rcu(mag, rcu);
	}
	return n;
}

/**
 * kp_drain() - tear down all that is idle in depots and spares
 * @pool: the pool
 * @cause: why
 *
 * But for the reserve, which only a pool that ends lets go.
 *
 * Context: process context, sleeps.
 * Return: how many objects that was.
 */
unsigned long kp_drain(struct pool *pool, enum kp_cause cause)
{
	struct kpool_magazine *mag, *next;
	unsigned long n = 0;
	LIST_HEAD(mags);
	unsigned int i;
	int cpu;

	for_each_online_cpu(cpu) {
		mag = kp_take_spare(per_cpu_ptr(pool->kpool.cpu, cpu));
		if (mag)
			list_add(&mag->list, &mags);
	}
	for (i = 0; i < pool->nr_depots; i++)
		kp_depot_take(pool, &pool->depots[i], ULONG_MAX, &mags);

	list_for_each_entry_safe(mag, next, &mags, list) {
		n += kp_teardown(pool, mag->objs, mag->count, cause);
		kfree_rcu(mag, rcu);
	}
	if (READ_ONCE(pool->state) != KPOOL_STATE_LIVE)
		kp_reserve_end(pool);
	return n;
}

/**
 * kp_update_bypass() - keep nothing from now on, or keep objects again
 * @pool: the pool, which the caller keeps from going
 *
 * As the module's parameter and the pool itself want it now.
 *
 * Context: process context, sleeps.
 */
void kp_update_bypass(struct pool *pool)
{
	LLIST_HEAD(found);
	bool on;

	if (!kp_enter(pool))
		return;
	mutex_lock(&pool->gate_lock);
	on = pool->bypass_wanted || kp_bypass_all();
	/* kpool_destroy() may have closed the gate meanwhile: not ours to open. */
	if (on == pool->bypass || READ_ONCE(pool->state) != KPOOL_STATE_LIVE) {
		mutex_unlock(&pool->gate_lock);
		kp_leave(pool);
		return;
	}
	WRITE_ONCE(pool->bypass, on);
	if (on)
		kp_gate_close(pool, &found);
	else
		kp_gate_set(pool, GATE_OPEN);
	mutex_unlock(&pool->gate_lock);

	if (on) {
		kp_found_teardown(pool, &found, KP_OTHER);
		kp_drain(pool, KP_OTHER);
	} else if (READ_ONCE(pool->min_idle)) {
		kp_want_refill(pool);
	}
	kp_leave(pool);
}

/* As kp_update_bypass(), after the pool has changed its mind. */
void kp_set_bypass(struct pool *pool, bool on)
{
	mutex_lock(&pool->gate_lock);
	pool->bypass_wanted = on;
	mutex_unlock(&pool->gate_lock);
	kp_update_bypass(pool);
}
EXPORT_SYMBOL_FOR_TESTS(kp_set_bypass);

/*
 * The cache of a CPU that is gone. It ran here last, before its death was
 * reported, so its state is plain memory now.
 */
static int kp_cpu_dead(unsigned int cpu)
{
	unsigned long flags;
	struct pool *pool;
	u32 id = 0;

	while ((pool = kp_registry_next(&id))) {
		local_irq_save(flags);
		kp_cache_to_depot(pool, per_cpu_ptr(pool->kpool.cpu, cpu),
				  kp_depot_of_cpu(pool, cpu));
		local_irq_restore(flags);
		kp_unref(pool, 1);
	}
	return 0;
}

/* One state for the module: the slots are scarce. */
static enum cpuhp_state hp_state;

int kp_close_init(void)
{
	int state = cpuhp_setup_state_nocalls(CPUHP_BP_PREPARE_DYN, "kpool:dead", NULL,
					      kp_cpu_dead);

	if (state < 0)
		return state;
	hp_state = state;
	return 0;
}

void kp_close_exit(void)
{
	cpuhp_remove_state_nocalls(hp_state);
}
