// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPUs that go offline: their objects move to a depot, where other CPUs find them. path/cache.c
 * empties the cache.
 */
#include <linux/cpuhotplug.h>

#include "base/ref.h"
#include "base/registry.h"
#include "path/cache.h"
#include "policy/hotplug.h"
#include "pool.h"
#include "store/depot.h"

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
	return 0;
}

/* One hotplug state for the whole module, as dynamic states are scarce. */
static enum cpuhp_state hp_state;

int kp_hotplug_init(void)
{
	int state = cpuhp_setup_state_nocalls(CPUHP_BP_PREPARE_DYN, "kpool:dead", NULL,
					      kp_cpu_dead);

	if (state < 0)
		return state;
	hp_state = state;
	return 0;
}

void kp_hotplug_exit(void)
{
	cpuhp_remove_state_nocalls(hp_state);
}
