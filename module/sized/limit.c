// SPDX-License-Identifier: GPL-2.0-only
/*
 * How a set shares max_idle_bytes out: at creation, and when an administrator changes the limit.
 * base/budget.c describes the three shares.
 *
 * If the limit becomes smaller, magazines get smaller first, and then the share of depots. So the
 * sum of the shares never exceeds the larger one of the two limits. A worker then tears down the
 * buffers that are above the new limit.
 */
#include <linux/minmax.h>
#include <linux/mutex.h>

#include "base/budget.h"
#include "base/export.h"
#include "base/params.h"
#include "base/ref.h"
#include "policy/retune.h"
#include "pool.h"
#include "sized/limit.h"
#include "sized/params.h"
#include "sized/rebalance.h"
#include "sized/set.h"

/**
 * kp_sized_set_budget() - set the share of depots
 * @s: the set
 * @bytes: limit of all idle buffers
 *
 * Subtracts the floors, and what CPUs' magazines can hold: now, after kpool_retune(), or when more
 * CPUs are online.
 *
 * Context: process context.
 */
void kp_sized_set_budget(struct kp_sized *s, long bytes)
{
	struct kp_pool *pool;
	size_t share, room;
	unsigned int i;

	for (i = 0; i < s->nr_classes; i++) {
		pool = kp_sized_enter_class(s, i);
		/* Its pool has ended, so the set ends, too. */
		if (!pool)
			continue;
		share = pool->class_link->magazine_share;
		room = min_t(size_t, pool->magazine_room, share / pool->size / 2);
		bytes -= min(share, 2UL * num_possible_cpus() * room * pool->size);
		bytes -= (size_t)pool->class_link->floor * pool->size;
		kp_leave(pool);
	}
	WRITE_ONCE(s->budget.most, bytes);
}

/* Gives each class's magazines their share of a new limit. */
static void share_magazines(struct kp_sized *s, long bytes)
{
	struct kp_pool *pool;
	unsigned int i;

	for (i = 0; i < s->nr_classes; i++) {
		pool = kp_sized_enter_class(s, i);
		if (!pool)
			continue;
		mutex_lock(&pool->gate_lock);
		pool->class_link->magazine_share = kp_sized_magazine_share(bytes, s->nr_classes);
		mutex_unlock(&pool->gate_lock);
		kp_retune_magazines(pool);
		kp_leave(pool);
	}
}

static int check(const struct kp_sized *s, u64 bytes, struct kp_reason *why)
{
	if (!s->has_budget && bytes)
		return kp_refuse(why, -EOPNOTSUPP, 0,
				 "max_idle_bytes: created without, its module has to give one");
	if (bytes > LONG_MAX)
		return kp_refuse(why, -EINVAL, 0, "max_idle_bytes: at most %ld are possible",
				 LONG_MAX);
	if (bytes && s->floor_bytes > bytes / 2)
		return kp_refuse(why, -EINVAL, 0,
				 "max_idle_bytes: min_idle and reserve want %zu of one half",
				 s->floor_bytes);
	return 0;
}

/**
 * kp_sized_set_limit() - change max_idle_bytes of a set in use
 * @s: the set
 * @bytes: the new limit; 0: none
 * @why: set to the reason of an error
 *
 * When this returns, no more buffers are kept than the limit allows. A worker tears down the idle
 * buffers that are too many. A class's min_idle and reserve stay as they are.
 *
 * Context: process context, sleeps. The caller keeps the set from being freed.
 * Return: 0, -EINVAL, -EOPNOTSUPP if the set was created without a limit, -ESHUTDOWN if the set is
 * being destroyed.
 */
int kp_sized_set_limit(struct kp_sized *s, u64 bytes, struct kp_reason *why)
{
	long most = bytes ? (long)min_t(u64, bytes, LONG_MAX) : LONG_MAX;
	int err;

	might_sleep();
	if (READ_ONCE(s->dying))
		return kp_refuse(why, -ESHUTDOWN, 0, "the set is being destroyed");
	err = check(s, bytes, why);
	if (err || !s->has_budget)
		return err;
	mutex_lock(&s->limit_lock);
	share_magazines(s, most);
	kp_sized_set_budget(s, most);
	WRITE_ONCE(s->max_idle_bytes, bytes);
	mutex_unlock(&s->limit_lock);
	kp_budget_lowered(&s->budget);
	return 0;
}
EXPORT_SYMBOL_FOR_TESTS(kp_sized_set_limit);
