// SPDX-License-Identifier: GPL-2.0-only
/*
 * How much memory a pool holds. Each figure is computed from counters that exist for other reasons,
 * except the count of magazines and what kpool_account() notes. So a figure costs nothing until
 * somebody reads it, and cannot drift.
 */
#include <linux/err.h>
#include <linux/export.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/printk.h>

#include "base/records.h"
#include "base/work.h"
#include "pool.h"
#include "store/huge.h"
#include "store/magazine.h"
#include "store/waitlist.h"
#include "store/weigh.h"

void kpool_account(struct kpool *pool, const void *obj, ssize_t bytes)
{
	if (!IS_ERR_OR_NULL(obj))
		atomic64_add(bytes, &to_pool(pool)->accounted);
}
EXPORT_SYMBOL_GPL(kpool_account);

/* Says that kpool_account() has noted changes that do not add up. No object exists any more. */
void kp_account_end(const struct kp_pool *pool)
{
	s64 left = atomic64_read(&pool->accounted);

	/* An orphan's dtor was not called. */
	if (left && !pool->orphan)
		pr_err("pool %s (id %u) of %s: no object is left, but kpool_account() has noted %lld bytes more than it has taken back\n",
		       pool->name, pool->id, pool->owner_name, left);
}

/**
 * kp_memory() - how many bytes the objects of a pool hold
 * @pool: the pool
 *
 * Context: any. The cost does not depend on the number of objects and CPUs.
 * Return: see &kpool_stats.memory. Exact when the pool is quiet.
 */
u64 kp_memory(const struct kp_pool *pool)
{
	s64 existing = atomic_long_read(&pool->existing);
	s64 pieces = pool->waitlist ? READ_ONCE(pool->waitlist->pieces) : 0;
	s64 bytes = (existing + pieces) * (s64)pool->footprint + existing * (s64)pool->extra_bytes;

	/* Those of KPOOL_KVMALLOC that did not get pages. */
	if (pool->backing == KPOOL_BACKING_KVMALLOC)
		bytes += min_t(s64, atomic_long_read(&pool->vmalloced), existing + pieces) *
			 ((s64)pool->vmalloc_size - (s64)pool->footprint);
	return bytes + max_t(s64, atomic64_read(&pool->accounted), 0);
}

/**
 * kp_overhead() - how many bytes a pool holds besides its objects
 * @pool: the pool
 *
 * Context: any. The cost does not depend on the number of objects and CPUs.
 * Return: see &kpool_stats.overhead.
 */
u64 kp_overhead(const struct kp_pool *pool)
{
	u64 bytes = struct_size(pool, depots, pool->nr_depots) +
		    struct_size(pool->workers, at, pool->workers->n) +
		    num_possible_cpus() * sizeof(struct kpool_cpu) + pool->parts_bytes;

	bytes += atomic_long_read(&pool->magazine_bytes) + kp_huge_overhead(pool);
	if (pool->waitlist)
		bytes += sizeof(*pool->waitlist);
	if (READ_ONCE(pool->instruments) & KP_DEBUG)
		bytes += (u64)atomic_long_read(&pool->existing) * sizeof(struct kp_record);
	return bytes;
}
