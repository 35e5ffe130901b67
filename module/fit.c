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
#include <linux/random.h>

#include "cache.h"

/* Lifetimes differ by this part at most: what was built at once does not end at once. */
#define SPREAD	16

/**
 * kp_born() - date objects that were just built
 * @pool: the pool
 * @objs: the objects
 * @n: how many
 *
 * Some a little earlier than they were: those live a little shorter.
 *
 * Context: as kp_build().
 */
void kp_born(struct pool *pool, void **objs, unsigned int n)
{
	long lifetime = READ_ONCE(pool->lifetime);
	u32 spread = lifetime == LIFETIME_ANY ? 0 : lifetime / SPREAD;
	unsigned int i;

	for (i = 0; pool->dated && i < n; i++)
		*kp_date(pool, objs[i]) = kp_now() - reciprocal_scale(get_random_u32(), spread + 1);
}

/* Tears down an object that a get found unfit. Context: as kp_vet(). */
void kp_reject(struct pool *pool, void *obj, enum kp_cause cause)
{
	if (is_restricted(pool))
		kp_doom_useless(pool, &obj, 1, cause);
	else
		kp_discard_useless(pool, &obj, 1, cause);
}

/**
 * kp_vet() - tear down those that must not be handed out
 * @pool: the pool, vetted
 * @objs: objects that were idle, of which the fit ones are moved to the front
 * @n: how many
 *
 * Context: any but NMI; with preemption and interrupts as the get had them.
 * Return: how many are fit.
 */
unsigned int kp_vet(struct pool *pool, void **objs, unsigned int n)
{
	unsigned int i, fit = 0;
	enum kp_cause cause;

	for (i = 0; i < n; i++) {
		cause = kp_unfit(pool, objs[i]);
		if (cause)
			kp_reject(pool, objs[i], cause);
		else
			objs[fit++] = objs[i];
	}
	return fit;
}

/**
 * kp_stamp() - some objects were put into a magazine just now
 * @pool: the pool
 * @slots: the magazine's
 * @from: the first of them
 * @n: how many
 *
 * Context: any.
 */
void kp_stamp(const struct pool *pool, void **slots, unsigned int from, unsigned int n)
{
	u32 *stamps = kp_stamps(pool, slots), now;

	if (!pool->stamped)
		return;
	now = kp_now();
	while (n--)
		stamps[from++] = now;
}

/* Objects from the coldest on that were idle for too long. */
static unsigned int stale(const struct pool *pool, struct kpool_magazine *mag)
{
	u32 *stamps = kp_stamps(pool, mag->objs);
	unsigned int n = 0;

	while (pool->stamped && n < mag->count && kp_is_stale(pool, stamps[n]))
		n++;
	return n;
}

/**
 * kp_drop_unfit() - have those objects torn down that grew too old in a magazine
 * @pool: the pool
 * @mag: a magazine that the caller took out
 *
 * Context: any that is not restricted.
 * Return: how many that were.
 */
unsigned int kp_drop_unfit(struct pool *pool, struct kpool_magazine *mag)
{
	u32 *stamps = kp_stamps(pool, mag->objs);
	unsigned int n = stale(pool, mag), kept = 0, i;

	kp_doom_useless(pool, mag->objs, n, KP_IDLE_AGE);
	for (i = n; i < mag->count; i++) {
		if (pool->dated && kp_is_over(pool, mag->objs[i], kp_now())) {
			kp_doom_useless(pool, &mag->objs[i], 1, KP_LIFETIME);
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

/* The tick that was first. */
static u32 earlier(u32 a, u32 b)
{
	return (s32)(a - b) < 0 ? a : b;
}

/**
 * kp_any_unfit() - has kp_drop_unfit() anything to do?
 * @pool: the pool
 * @mag: a magazine
 * @dates: look at how long its objects have existed, too
 * @oldest: becomes the stamp of its coldest object, if it was put before and not for
 *	too long
 *
 * Context: any; the magazine stays as it is.
 */
bool kp_any_unfit(struct pool *pool, struct kpool_magazine *mag, bool dates, u32 *oldest)
{
	unsigned int i;

	if (!mag->count)
		return false;
	if (pool->stamped && kp_is_stale(pool, *kp_stamps(pool, mag->objs)))
		return true;
	for (i = 0; dates && i < mag->count; i++)
		if (kp_is_over(pool, mag->objs[i], kp_now()))
			return true;
	if (pool->stamped)
		*oldest = earlier(*oldest, *kp_stamps(pool, mag->objs));
	return false;
}

static bool any_over(struct pool *pool, void **objs, unsigned int n)
{
	unsigned long now = kp_now();

	while (n--)
		if (kp_is_over(pool, objs[n], now))
			return true;
	return false;
}

/**
 * kp_any_over_here() - has anything in this CPU's cache existed for too long?
 * @pool: the pool, dated
 *
 * Context: interrupts off.
 * Return: whether it has; false also where the cache is busy.
 */
bool kp_any_over_here(struct pool *pool)
{
	struct kpool_cpu *c = cache_begin(pool);
	struct kpool_magazine *spare;
	bool over;

	if (!c)
		return false;
	over = any_over(pool, c->slots, c->count);
	spare = xchg(&c->spare, NULL);
	if (spare) {
		over |= any_over(pool, spare->objs, spare->count);
		xchg(&c->spare, spare);
	}
	cache_end(pool, c);
	return over;
}
