// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which objects a pool has, so that a wrong put cannot take the pool down. A hit does not look at
 * what it puts. But before an object is torn down, it is taken out of the census. If it is not in
 * there, kpool refuses it.
 *
 * Most objects have a mark, see base/link.c. It tells the objects of the pool from all else, each
 * once. An object whose only word belongs to the consumer has no such mark while it exists. For
 * these objects the census has their number, and a fingerprint: the sum of a hash of each address.
 * No more objects are torn down than exist. If none is left and the fingerprint is not 0, other
 * objects were torn down than those that were built. Then somebody may still have an object.
 */
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/hash.h>
#include <linux/minmax.h>
#include <linux/printk.h>
#include <linux/refcount.h>

#include "base/link.h"
#include "base/refusal.h"
#include "pool.h"
#include "store/census.h"
#include "store/stats.h"

/* Cheap, because it runs for each object of a magazine, perhaps with interrupts off. */
static u64 hash(const struct kp_pool *pool, const void *obj)
{
	u64 h = ((unsigned long)obj ^ pool->link_key) * GOLDEN_RATIO_64;

	return (h ^ h >> 32) * GOLDEN_RATIO_64;	/* no longer linear: sums of pairs differ */
}

/* The sum over objects that have no mark while they exist. */
static u64 fingerprint(const struct kp_pool *pool, void **objs, unsigned int n)
{
	u64 sum = 0;

	if (pool->trailer || pool->backing == KPOOL_BACKING_PAGES)
		return 0;
	while (n--)
		if (!kp_has_own_word(pool, objs[n]))
			sum += hash(pool, objs[n]);
	return sum;
}

/**
 * kp_census_add() - count objects that were just built
 * @pool: the pool
 * @objs: the objects
 * @n: how many
 *
 * Context: any, NMI too. The caller adds the objects to existing afterwards.
 */
void kp_census_add(struct kp_pool *pool, void **objs, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		kp_link_init(pool, objs[i]);
	atomic_long_add(n, &pool->census);
	atomic64_add(fingerprint(pool, objs, n), &pool->fingerprint);
}

/* Takes n from the number of objects. Returns how many of them exist. */
static unsigned int take_number(struct kp_pool *pool, unsigned int n)
{
	long left = atomic_long_sub_return(n, &pool->census), over;

	if (likely(left >= 0))
		return n;
	over = min_t(long, -left, n);
	atomic_long_add(over, &pool->census);
	return n - over;
}

/**
 * kp_census_take() - decide which objects may be torn down
 * @pool: the pool
 * @objs: the objects; those that may be torn down move to the front
 * @n: how many
 *
 * The caller has counted the objects as no longer kept. This takes back that count for an object
 * that is refused. The log says why.
 *
 * Context: any, NMI too.
 * Return: how many objects the caller tears down.
 */
unsigned int kp_census_take(struct kp_pool *pool, void **objs, unsigned int n)
{
	unsigned int i, good = 0, number;

	for (i = 0; i < n; i++)
		if (likely(kp_link_end(pool, objs[i])))
			objs[good++] = objs[i];
	number = take_number(pool, good);
	while (unlikely(good > number))
		kp_refuse_object(pool, objs[--good], "all objects of the pool were put before");
	if (unlikely(good < n))
		atomic_long_add(n - good, &pool->kept);
	atomic64_sub(fingerprint(pool, objs, good), &pool->fingerprint);
	return good;
}

/**
 * kp_census_doubt() - look at the census of a pool without objects, before the pool may end
 * @pool: the pool, which is not live, and in which no object exists or is being built
 *
 * If other objects were torn down than those that were built, the pool is in doubt. Then somebody
 * may still have an object, and put it. So this takes a reference for ever, once.
 *
 * Context: any that is not restricted. The caller has a reference.
 * Return: whether the pool is in doubt.
 */
bool kp_census_doubt(struct kp_pool *pool)
{
	u64 gets, puts;

	/* The full barrier of existing comes after the changes of the fingerprint. */
	if (likely(!atomic64_read(&pool->fingerprint)))
		return false;
	if (test_and_set_bit(KP_IN_DOUBT, &pool->marks))
		return true;
	refcount_inc(&pool->refs);
	kp_traffic(pool, &gets, &puts);
	pr_err("pool %s (id %u) of %s is in doubt after %llu gets and %llu puts: an object was put twice, or an object of another pool; somebody may still have an object, so the pool stays for ever; seen by %pS\n",
	       pool->name, pool->id, pool->owner_name, gets, puts, kp_consumer());
	return true;
}
