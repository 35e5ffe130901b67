// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether an idle object is valid for a get. An expired object was idle for too long, is past its
 * lifetime, or is unhealthy.
 *
 * The idle time belongs to a place in a magazine, which has a stamp, see kp_stamps(). Within one
 * magazine a later slot was put later. So the last stamp says whether all objects of the magazine
 * are stale. The birth is in the object, next to its link. For health kpool asks the consumer.
 *
 * base/age.h compares times. store/expired.c takes expired objects to their teardown.
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

/*
 * Tears down an expired object that a get found, or an object that its consumer discards. The
 * reserve does not keep the object. Context: any that kpool_put() may be called from.
 */
void kp_evict(struct kp_pool *pool, void *obj, enum kp_cause cause)
{
	if (kp_is_restricted(pool))
		kp_defer_expired(pool, &obj, 1, cause);
	else
		kp_discard_expired(pool, &obj, 1, cause);
}

/**
 * kp_validate() - tear down expired objects instead of giving them to a get
 * @pool: the pool, which has pool->validated set
 * @objs: objects that were idle; valid objects move to the front
 * @n: how many
 *
 * Context: any but NMI; preemption and interrupts are as the get had them.
 * Return: how many objects are valid.
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

/* How many objects, from the coldest on, were idle for too long. */
static unsigned int stale(const struct kp_pool *pool, struct kpool_magazine *mag)
{
	u32 *stamps = kp_stamps(pool, mag->objs);
	unsigned int n = 0;

	while (pool->stamped && n < mag->count && kp_is_stale(pool, stamps[n]))
		n++;
	return n;
}

/* Has the expired objects of a magazine torn down. With ask: asks the consumer about the others. */
static unsigned int evict(struct kp_pool *pool, struct kpool_magazine *mag, bool ask)
{
	u32 *stamps = kp_stamps(pool, mag->objs);
	unsigned int n = stale(pool, mag), kept = 0, i;
	enum kp_cause cause;

	kp_defer_expired(pool, mag->objs, n, KP_IDLE_AGE);
	for (i = n; i < mag->count; i++) {
		if (ask)
			cause = kp_expired_cause(pool, mag->objs[i]);
		else
			cause = kp_age_cause(pool, mag->objs[i]);
		if (cause) {
			kp_defer_expired(pool, &mag->objs[i], 1, cause);
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

/**
 * kp_evict_expired() - have the expired objects of a magazine torn down
 * @pool: the pool
 * @mag: a magazine, which is in no depot and no cache
 *
 * Does not ask the consumer about the objects' health.
 *
 * Context: any that is not restricted.
 * Return: how many objects were expired.
 */
unsigned int kp_evict_expired(struct kp_pool *pool, struct kpool_magazine *mag)
{
	return evict(pool, mag, false);
}

/* kp_evict_expired() that asks about health, too. Context: process context, no lock held. */
unsigned int kp_evict_unhealthy(struct kp_pool *pool, struct kpool_magazine *mag)
{
	return evict(pool, mag, true);
}
