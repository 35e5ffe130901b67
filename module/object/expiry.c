// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether an idle object is still fit to be handed out: neither idle nor in existence
 * for too long, and healthy.
 *
 * Idle time is known of each place in a magazine, beside the pointer: within one
 * magazine the later slot was put later, so that the last one tells whether all are
 * too old. The date of birth is the object's own, beside its link. All else asks
 * the consumer.
 */
#include <linux/kernel.h>

#include "base/age.h"
#include "base/clock.h"
#include "base/context.h"
#include "object/expiry.h"
#include "object/object.h"
#include "pool.h"
#include "store/expired.h"
#include "store/magazine.h"

/* Tears down an object that a get found unfit. Context: as kp_validate(). */
void kp_evict(struct kp_pool *pool, void *obj, enum kp_cause cause)
{
	if (kp_is_restricted(pool))
		kp_defer_expired(pool, &obj, 1, cause);
	else
		kp_discard_expired(pool, &obj, 1, cause);
}

/**
 * kp_validate() - tear down those that must not be handed out
 * @pool: the pool, vetted
 * @objs: objects that were idle, of which the fit ones are moved to the front
 * @n: how many
 *
 * Context: any but NMI; with preemption and interrupts as the get had them.
 * Return: how many are fit.
 */
unsigned int kp_validate(struct kp_pool *pool, void **objs, unsigned int n)
{
	unsigned int i, fit = 0;
	enum kp_cause cause;

	for (i = 0; i < n; i++) {
		cause = kp_expired_cause(pool, objs[i]);
		if (cause)
			kp_evict(pool, objs[i], cause);
		else
			objs[fit++] = objs[i];
	}
	return fit;
}

/* Objects from the coldest on that were idle for too long. */
static unsigned int stale(const struct kp_pool *pool, struct kpool_magazine *mag)
{
	u32 *stamps = kp_stamps(pool, mag->objs);
	unsigned int n = 0;

	while (pool->stamped && n < mag->count && kp_is_stale(pool, stamps[n]))
		n++;
	return n;
}

/**
 * kp_evict_expired() - have those objects torn down that grew too old in a magazine
 * @pool: the pool
 * @mag: a magazine that the caller took out
 *
 * Context: any that is not restricted.
 * Return: how many that were.
 */
unsigned int kp_evict_expired(struct kp_pool *pool, struct kpool_magazine *mag)
{
	u32 *stamps = kp_stamps(pool, mag->objs);
	unsigned int n = stale(pool, mag), kept = 0, i;

	kp_defer_expired(pool, mag->objs, n, KP_IDLE_AGE);
	for (i = n; i < mag->count; i++) {
		if (pool->has_birth && kp_past_lifetime(pool, mag->objs[i], kp_now())) {
			kp_defer_expired(pool, &mag->objs[i], 1, KP_LIFETIME);
			continue;
		}
		mag->objs[kept] = mag->objs[i];
		if (pool->stamped)
			stamps[kept] = stamps[i];
		kept++;
	}
	n = mag->count - kept;
	WRITE_ONCE(mag->count, kept);
	return n;
}
