// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPUs that come and go. The objects of a CPU that goes offline move to a depot, where other CPUs
 * find them. path/cache.c empties the cache.
 *
 * The CPUs that are online share what max_idle and max leave for caches. CPUs that are merely
 * possible, which may be many, have no share. So magazines become smaller before another CPU comes
 * online, and larger after a CPU went offline.
 */
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>

#include "base/budget.h"
#include "base/cpus.h"
#include "base/ref.h"
#include "base/registry.h"
#include "path/cache.h"
#include "policy/hotplug.h"
#include "policy/retune.h"
#include "pool.h"
#include "store/depot.h"

/*
 * Context: the hotplug lock is held. The number is computed anew each time, because a CPU may fail
 * to come online, or to come back after a suspend.
 */
static void set_cpus(unsigned int n)
{
	struct kp_pool *pool;
	u32 id = 0;

	/* After a suspend the CPUs come back, so their shares stay. */
	if (cpuhp_tasks_frozen)
		return;
	/* A pool that is published later sees the new number: see kp_create(). */
	WRITE_ONCE(kp_cpus, n);
	while ((pool = kp_registry_next(&id))) {
		kp_retune_magazines(pool);
		if (pool->class_link->budget)
			kp_budget_share(pool->class_link->budget, BUDGET_SHARE);
		kp_unref(pool, 1);
	}
}

/* The CPU cannot open a cache before this is done, as it is not online. */
static int kp_cpu_prepare(unsigned int cpu)
{
	set_cpus(num_online_cpus() + 1);
	return 0;
}

/*
 * Empties the caches of a CPU that is gone. The CPU ran its last code before its death was
 * reported, so its caches are plain memory now.
 */
static int kp_cpu_dead(unsigned int cpu)
{
	unsigned long flags;
	struct kp_pool *pool;
	u32 id = 0;

	while ((pool = kp_registry_next(&id))) {
		local_irq_save(flags);
		kp_cache_to_depot(pool, per_cpu_ptr(pool->kpool.cpu, cpu),
				  kp_depot_of_cpu(pool, cpu));
		local_irq_restore(flags);
		kp_unref(pool, 1);
	}
	set_cpus(num_online_cpus());
	return 0;
}

/* One hotplug state for the whole module, as dynamic states are scarce. */
static enum cpuhp_state hp_state;

int kp_hotplug_init(void)
{
	int state;

	cpus_read_lock();
	state = cpuhp_setup_state_nocalls_cpuslocked(CPUHP_BP_PREPARE_DYN, "kpool:prepare",
						     kp_cpu_prepare, kp_cpu_dead);
	kp_cpus = num_online_cpus();
	cpus_read_unlock();
	if (state < 0)
		return state;
	hp_state = state;
	return 0;
}

void kp_hotplug_exit(void)
{
	cpuhp_remove_state_nocalls(hp_state);
}
