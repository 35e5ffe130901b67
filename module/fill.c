// SPDX-License-Identifier: GPL-2.0-only
/* Objects that are built before somebody wants them. */
#include <linux/slab.h>

#include "pool.h"

/* Builds up to n objects into a magazine for the depot. Returns how many, or why none. */
static int build_some(struct pool *pool, struct depot *depot, unsigned long n)
{
	struct kpool_magazine *mag = kp_magazine_alloc(pool, GFP_KERNEL);
	int err;

	if (!mag)
		return -ENOMEM;
	n = kp_slots_take(pool, min_t(unsigned long, n, kp_full(pool)));
	err = n ? kp_build(pool, GFP_KERNEL, mag->objs, n) : 0;
	if (err || !n) {
		kp_slots_give(pool, n);
		kfree(mag);
		return err;
	}
	mag->count = n;
	kp_stamp(pool, mag->objs, 0, n);
	kp_keep(pool, depot, mag);
	return n;
}

/**
 * kp_fill() - build objects into this node's depot
 * @pool: the pool
 * @want: until it has so many, or max_idle or max has no room
 *
 * Context: process context, sleeps. The caller is between kp_enter() and
 * kp_leave(), or nobody else knows the pool yet.
 * Return: 0, or why no more could be built.
 */
int kp_fill(struct pool *pool, unsigned long want)
{
	struct depot *depot = kp_depot_here(pool);
	unsigned long have, n;
	int built;

	while (READ_ONCE(pool->gate) != GATE_SHUT) {
		have = READ_ONCE(depot->objects) + kp_stocked(pool);
		n = min(want > have ? want - have : 0, kp_depot_room(pool));
		if (!n)
			break;
		built = build_some(pool, depot, n);
		if (built <= 0)
			return built;
	}
	return 0;
}

/* Are there fewer than min_idle idle, or is something of the reserve missing? */
bool kp_lacks(struct pool *pool)
{
	if (pool->line && READ_ONCE(pool->line->slots) >= READ_ONCE(pool->line->max))
		return false;
	if (kp_reserve_missing(pool) > 0)
		return true;
	return READ_ONCE(pool->min_idle) && READ_ONCE(pool->gate) != GATE_SHUT &&
	       kp_idle(pool) < READ_ONCE(pool->min_idle);
}

/**
 * kp_regain() - build what is missing of min_idle and of the reserve
 * @pool: the pool
 *
 * A few at a time, wherever the others are idle. What fails is left to the next pass
 * of ageing.
 *
 * Context: as kp_fill().
 */
void kp_regain(struct pool *pool)
{
	unsigned long idle, min_idle, n;
	struct depot *depot = kp_depot_here(pool);

	if (kp_reserve_fill(pool))
		return;
	while (READ_ONCE(pool->gate) != GATE_SHUT) {
		idle = kp_idle(pool);
		min_idle = READ_ONCE(pool->min_idle);
		n = min(min_idle > idle ? min_idle - idle : 0, kp_depot_room(pool));
		if (!n || build_some(pool, depot, n) <= 0)
			break;
		cond_resched();
	}
}
