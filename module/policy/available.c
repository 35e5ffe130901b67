// SPDX-License-Identifier: GPL-2.0-only
/*
 * The machine knows which idle memory it can have back. Pages of idle objects that a scan may take
 * are part of the kernel's figure NR_KERNEL_MISC_RECLAIMABLE, and so of KReclaimable and
 * MemAvailable in /proc/meminfo. policy/shrink.c gives the pages back.
 *
 * The figure is corrected by the difference whenever ageing looks at a pool, a scan has taken
 * objects, a trim ends, and the pool ends. So gets and puts do not pay for it, and the figure is
 * as old as one interval of ageing at most. Without ageing it does not grow.
 *
 * Objects in slab memory do not count, and neither do those of a memory provider, which may keep
 * what it gets back. Slab has a figure of its own for its memory, and one object
 * that goes frees no page while others of the same slab stay.
 */
#include <linux/atomic.h>
#include <linux/cpumask.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/nodemask.h>

#include "object/due.h"
#include "policy/available.h"
#include "pool.h"
#include "store/depot.h"
#include "store/stats.h"

/* How many idle objects the pool has above min_idle and reserve. */
unsigned long kp_may_go(struct kp_pool *pool)
{
	unsigned long min_idle = READ_ONCE(pool->min_idle);
	long reserve = READ_ONCE(pool->reserve);
	long most = LONG_MAX;

	if (min_idle)
		most = (long)(kp_idle(pool) - min_idle);
	if (reserve)
		most = min(most, atomic_long_read(&pool->kept) - reserve);
	return max(most, 0L);
}

/* How many pages the teardown of one object frees at least, as far as kpool knows. */
static unsigned long pages_of(const struct kp_pool *pool)
{
	size_t own = pool->footprint;

	/* Slabs and huge pages go when they are empty. */
	if (pool->backing == KPOOL_BACKING_SLAB || pool->backing == KPOOL_BACKING_PROVIDER ||
	    pool->huge)
		own = 0;
	else if (pool->backing == KPOOL_BACKING_KVMALLOC)
		own = min(own, pool->vmalloc_size);
	return (own >> PAGE_SHIFT) + pool->ownership.pages;
}

/* How many objects are idle in a depot, and in the caches of its CPUs. */
static unsigned long idle_near(struct kp_pool *pool, const struct kp_depot *depot)
{
	unsigned long n = READ_ONCE(depot->objects);
	int cpu;

	for_each_possible_cpu(cpu)
		if (kp_depot_of_cpu(pool, cpu) == depot)
			n += kp_cpu_idle(per_cpu_ptr(pool->kpool.cpu, cpu));
	return n;
}

static int node_of(const struct kp_pool *pool, unsigned int i)
{
	if (pool->nr_depots > 1)
		return i;
	return pool->node == NUMA_NO_NODE ? first_online_node : pool->node;
}

/* Several tasks may do this at once. Each applies the difference to the value that it replaced. */
static void tell(struct kp_pool *pool, unsigned int i, unsigned long pages)
{
	long change = pages - xchg(&pool->depots[i].told, pages);

	if (change)
		mod_node_page_state(NODE_DATA(node_of(pool, i)), NR_KERNEL_MISC_RECLAIMABLE,
				    change);
}

/**
 * kp_available_update() - correct the machine's figure for the idle objects of a pool
 * @pool: the pool, after kp_enter()
 *
 * Context: process context, whatever locks are held. The cost grows with the number of
 * nodes times that of possible CPUs.
 */
void kp_available_update(struct kp_pool *pool)
{
	unsigned long each = pages_of(pool), left, n;
	unsigned int i;

	if (!each)
		return;
	/* Without ageing nobody would correct the figure when the objects are in use again. */
	left = kp_age_interval() ? kp_may_go(pool) : 0;
	for (i = 0; i < pool->nr_depots; i++) {
		n = left ? min(left, idle_near(pool, &pool->depots[i])) : 0;
		left -= n;
		tell(pool, i, n * each);
	}
}

/* Takes back all that the machine's figure has of a pool. Nobody enters the pool any more. */
void kp_available_end(struct kp_pool *pool)
{
	unsigned int i;

	for (i = 0; i < pool->nr_depots; i++)
		tell(pool, i, 0);
}
