// SPDX-License-Identifier: GPL-2.0-only
/*
 * The size of a pool's magazines, if kpool chooses it. A new pool has magazines by the size of its
 * objects. If its CPUs often wait for each other at a depot, magazines become larger, so that the
 * CPUs come less often. If they do not wait any more, magazines become smaller again. The idea is
 * from illumos' kmem and FreeBSD's UMA.
 *
 * A depot counts the holds of its lock that had to wait. Each KP_CONTENDED_MANY of them have the
 * pool's work look whether that was a large part of all holds. While magazines are larger than
 * those of a new pool, ageing asks once in each interval whether the pool can do with less.
 *
 * Magazines of all sizes stay valid. New magazines have the new number of slots, and caches have
 * empty magazines of another number freed: see take_spare_of_now().
 */
#include <linux/minmax.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>

#include "base/export.h"
#include "base/ref.h"
#include "policy/adapt.h"
#include "policy/retune.h"
#include "pool.h"
#include "store/depot.h"
#include "store/magazine.h"

static bool adapt = true;
module_param(adapt, bool, 0644);
MODULE_PARM_DESC(adapt, "Make magazines larger while CPUs wait for each other at a depot (default Y)");

/* Largest size of a magazine that kpool chooses. */
#define MOST		256U

/* Magazines grow if one in so many holds of a depot's lock waited for the lock. */
#define CONTENDED_ONE_IN	32

/* Magazines shrink after so many intervals with fewer than a quarter of that. */
#define QUIET_MANY	4

/* The holds of depots' locks since the last look: those that waited, and all. */
static struct kp_adapt holds_of(const struct kp_pool *pool)
{
	struct kp_adapt sum = {};
	unsigned int i;

	for (i = 0; i < pool->nr_depots; i++) {
		sum.contended += READ_ONCE(pool->depots[i].contended);
		sum.holds += READ_ONCE(pool->depots[i].gets) + READ_ONCE(pool->depots[i].puts);
	}
	return sum;
}

static struct kp_adapt holds_since(struct kp_pool *pool)
{
	const struct kp_adapt now = holds_of(pool);
	struct kp_adapt since = {
		.contended = now.contended - pool->adapt.contended,
		.holds = now.holds - pool->adapt.holds,
	};

	lockdep_assert_held(&pool->gate_lock);
	pool->adapt.contended = now.contended;
	pool->adapt.holds = now.holds;
	return since;
}

static void choose(struct kp_pool *pool, unsigned int n)
{
	pool->adapt.quiet = 0;
	kp_retune_chosen(pool, n);
	WRITE_ONCE(pool->adapt.grown, pool->magazine_chosen > kp_magazine_by_size(pool));
}

static void grow(struct kp_pool *pool)
{
	unsigned int n = min(2 * pool->magazine, MOST);

	if (n > pool->magazine)
		choose(pool, min(kp_magazine_fit(n, 1, false), MOST));
}

static void shrink(struct kp_pool *pool)
{
	unsigned int n = kp_magazine_fit(pool->magazine_chosen / 2, 1, false);

	choose(pool, max(n, kp_magazine_by_size(pool)));
}

/**
 * kp_adapt_contended() - CPUs waited for each other at a depot many times
 * @pool: the pool, which stays meanwhile
 *
 * Context: process context, sleeps.
 */
void kp_adapt_contended(struct kp_pool *pool)
{
	struct kp_adapt since;

	mutex_lock(&pool->gate_lock);
	since = holds_since(pool);
	if (READ_ONCE(adapt) && kp_may_adapt(pool) &&
	    since.contended * CONTENDED_ONE_IN >= since.holds)
		grow(pool);
	mutex_unlock(&pool->gate_lock);
}
EXPORT_SYMBOL_FOR_TESTS(kp_adapt_contended);

/**
 * kp_adapt_interval() - an interval of ageing is over
 * @pool: the pool, which stays meanwhile
 *
 * Context: process context, sleeps.
 */
void kp_adapt_interval(struct kp_pool *pool)
{
	struct kp_adapt since;

	mutex_lock(&pool->gate_lock);
	since = holds_since(pool);
	if (since.contended && 4 * since.contended * CONTENDED_ONE_IN >= since.holds)
		pool->adapt.quiet = 0;
	else
		pool->adapt.quiet++;
	if (kp_may_adapt(pool) && pool->adapt.grown &&
	    (pool->adapt.quiet >= QUIET_MANY || !READ_ONCE(adapt)))
		shrink(pool);
	mutex_unlock(&pool->gate_lock);
}
EXPORT_SYMBOL_FOR_TESTS(kp_adapt_interval);
