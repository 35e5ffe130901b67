// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tasks that hold the objects of a pool. A tracked pool knows the stack of each holder that it
 * tracks. A pool that is only debugged knows the caller of each get.
 */
#include <linux/kernel.h>
#include <linux/printk.h>

#include "base/export.h"
#include "base/track.h"
#include "object/debug.h"
#include "object/holders.h"
#include "pool.h"

/* The records of the objects in use, or NULL if the pool keeps none. Context: any. */
struct kp_records *kp_holders(struct kp_pool *pool)
{
	struct kp_debug *debug = smp_load_acquire(&pool->debug);	/* published by init() */
	struct kp_track *track = smp_load_acquire(&pool->track);	/* see kp_track_begin() */

	if (track && kp_is_tracked(pool))
		return &track->records;
	return debug && kp_is_debugged(pool) ? debug->records : NULL;
}
EXPORT_SYMBOL_FOR_TESTS(kp_holders);

/**
 * kp_holders_name_longest() - log which objects are in use for longest
 * @pool: the pool. Logs nothing if the pool is not tracked and not debugged.
 *
 * Context: process context.
 */
void kp_holders_name_longest(struct kp_pool *pool)
{
	struct kp_records *records = kp_holders(pool);
	struct kp_held held[3];
	unsigned int i, n;

	if (!records)
		return;
	n = kp_records_longest(records, pool, held, ARRAY_SIZE(held));
	for (i = 0; i < n; i++)
		pr_notice("pool %s (id %u): an object is in use for %llu ms, since a get by %pS in task %s[%d]\n",
			  pool->name, pool->id, held[i].ms, (void *)held[i].by.caller,
			  held[i].by.comm, held[i].by.pid);
}
