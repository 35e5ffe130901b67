// SPDX-License-Identifier: GPL-2.0-only
/*
 * Asks the consumer's check callback about idle objects. Without this an unhealthy object ends only
 * when a get finds it. Until then it counts for min_idle, and keeps what it holds.
 *
 * Once in each interval ageing has the pool's work do this for a part of the objects. The callback
 * runs with no lock held, so these objects are out of their depot meanwhile: no more than a
 * magazine at a time.
 */
#include <linux/list.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/sched.h>

#include "base/track.h"
#include "object/debug.h"
#include "object/expiry.h"
#include "object/keep.h"
#include "path/sweep.h"
#include "policy/health.h"
#include "pool.h"
#include "store/depot.h"
#include "store/magazine.h"

/* In how many intervals the consumer is asked about all objects of a depot. */
#define CHECK_LOOKS	8

/*
 * Asks about the coldest objects. The healthy ones become the warmest ones, and the next call asks
 * about others.
 */
static void check_depot(struct kp_pool *pool, struct kp_depot *depot)
{
	unsigned long left = DIV_ROUND_UP(READ_ONCE(depot->objects), CHECK_LOOKS), taken;
	struct kpool_magazine *mag, *next;
	LIST_HEAD(mags);

	for (; left; left -= min(left, taken)) {
		kp_aside_begin(pool);
		taken = kp_depot_take_cold(pool, depot, 1, ULONG_MAX, &mags);
		list_for_each_entry_safe(mag, next, &mags, list) {
			list_del(&mag->list);
			kp_evict_unhealthy(pool, mag);
			kp_keep(pool, depot, mag);
		}
		kp_aside_end(pool);
		if (!taken)
			return;
		cond_resched();
	}
}

/**
 * kp_check_some() - check some idle objects
 * @pool: the pool, which has a check callback or is debugged, after kp_enter()
 *
 * Context: the pool's work.
 */
void kp_check_some(struct kp_pool *pool)
{
	unsigned int i;

	for (i = 0; i < pool->nr_depots; i++)
		check_depot(pool, &pool->depots[i]);
	if (kp_is_debugged(pool))
		kp_debug_look_for_held(pool);
	if (kp_is_tracked(pool))
		kp_track_look_for_leaks(pool);
}
