// SPDX-License-Identifier: GPL-2.0-only
/*
 * How a set shares max_idle_bytes out: at creation, when an administrator changes the limit, and
 * once in each interval of ageing in which the set has buffers. base/budget.c describes the three
 * shares. share.c chooses which class gets how much for its magazines.
 *
 * Magazines that become smaller do so first. Then depots give back what exceeds their share. Only
 * then other magazines become larger. So the sum of the shares never exceeds the limit. While the
 * limit changes, the sum never exceeds the larger one of the two limits.
 */
#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/limits.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/mutex.h>

#include "base/budget.h"
#include "base/clock.h"
#include "base/export.h"
#include "base/params.h"
#include "base/ref.h"
#include "policy/retune.h"
#include "pool.h"
#include "sized/limit.h"
#include "sized/params.h"
#include "sized/rebalance.h"
#include "sized/set.h"
#include "sized/share.h"
#include "sized/stats.h"

/* The bytes for depots: what floors leave, the magazines of now, and those that are to be. */
static void set_budget(struct kp_sized *s, long bytes)
{
	unsigned int i;

	bytes -= s->floor_bytes;
	for (i = 0; i < s->nr_classes; i++)
		bytes -= max(s->shares[i].bytes, s->shares[i].granted);
	WRITE_ONCE(s->budget.most, bytes);
}

static void granted(struct kp_share *share)
{
	share->now = share->next;
	share->granted = share->bytes;
}

static void set_fair(struct kp_sized *s, size_t bytes)
{
	WRITE_ONCE(s->budget.fair, kp_sized_magazine_share(bytes, s->nr_classes));
}

/**
 * kp_sized_limit_init() - share max_idle_bytes out, for classes that do not exist yet
 * @s: the set; its shares have sizes and wishes
 *
 * Context: process context.
 */
void kp_sized_limit_init(struct kp_sized *s)
{
	unsigned int i;

	kp_share_out(s->shares, s->nr_classes, s->max_idle_bytes / 2);
	for (i = 0; i < s->nr_classes; i++)
		granted(&s->shares[i]);
	set_fair(s, s->max_idle_bytes);
	set_budget(s, (long)s->max_idle_bytes);
}

/* Gives the magazines of a class their share. */
static void set_share(struct kp_sized *s, unsigned int class)
{
	struct kp_pool *pool = kp_sized_enter_class(s, class);
	struct kp_share *share = &s->shares[class];

	if (!pool)
		return;
	mutex_lock(&pool->gate_lock);
	pool->class_link->magazine_share = share->bytes;
	mutex_unlock(&pool->gate_lock);
	kp_retune_magazines(pool);
	kp_leave(pool);
	granted(share);
}

static void shrink(struct kp_sized *s, long bytes)
{
	unsigned int i;

	for (i = 0; i < s->nr_classes; i++)
		if (s->shares[i].bytes < s->shares[i].granted)
			set_share(s, i);
	set_budget(s, bytes);
}

static void grow(struct kp_sized *s)
{
	unsigned int i;

	for (i = 0; i < s->nr_classes; i++)
		if (s->shares[i].bytes > s->shares[i].granted)
			set_share(s, i);
}

/* Which sizes the classes' magazines would have without max_idle_bytes. */
static void ask_classes(struct kp_sized *s)
{
	struct kp_pool *pool;
	unsigned int i;

	for (i = 0; i < s->nr_classes; i++) {
		s->shares[i].wanted = 0;
		s->shares[i].least = 0;
		pool = kp_sized_enter_class(s, i);
		/* Its pool has ended, so the set ends, too. */
		if (!pool)
			continue;
		s->shares[i].wanted = kp_magazine_wishes(pool, &s->shares[i].least);
		kp_leave(pool);
	}
}

/* Chooses the shares anew. Those that become smaller do so. */
static void share_out(struct kp_sized *s, long bytes)
{
	lockdep_assert_held(&s->limit_lock);
	ask_classes(s);
	kp_share_out(s->shares, s->nr_classes, bytes / 2);
	shrink(s, bytes);
}

/* The gets since the last look count half, and those before count less and less. */
static void look_at_use(struct kp_sized *s)
{
	struct kp_share *share;
	unsigned int i;
	u64 gets;

	lockdep_assert_held(&s->limit_lock);
	for (i = 0; i < s->nr_classes; i++) {
		share = &s->shares[i];
		gets = kp_class_gets(s, i);
		share->use = (share->use + gets - share->gets) / 2;
		share->gets = gets;
	}
	WRITE_ONCE(s->budget.shared_at, kp_now());
}

static long limit_of(u64 bytes)
{
	return bytes ? (long)min_t(u64, bytes, LONG_MAX) : LONG_MAX;
}

/**
 * kp_sized_share() - share out the bytes for magazines
 * @s: a set that was created with max_idle_bytes
 * @look: look at the use of the classes since the last look; else they count as before
 *
 * Context: process context, sleeps. The caller keeps the set from being freed.
 */
void kp_sized_share(struct kp_sized *s, bool look)
{
	mutex_lock(&s->limit_lock);
	if (look)
		look_at_use(s);
	share_out(s, limit_of(s->max_idle_bytes));
	/* If a task waits for what is too much, magazines become larger at the next time. */
	if (kp_sized_meet_budget(s))
		grow(s);
	mutex_unlock(&s->limit_lock);
}
EXPORT_SYMBOL_FOR_TESTS(kp_sized_share);

/* Work function of kp_budget.work. */
void kp_sized_budget_work(struct work_struct *work)
{
	struct kp_budget *budget = container_of(work, struct kp_budget, work);
	struct kp_sized *s = container_of(budget, struct kp_sized, budget);
	unsigned long wanting = xchg(&budget->wanting, 0);
	unsigned long todo = xchg(&budget->todo, 0);

	if (wanting)
		kp_sized_make_room(s, wanting);
	if (todo)
		kp_sized_share(s, todo & BIT(BUDGET_INTERVAL));
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
 * buffers that are too many, and then gives larger magazines to classes that may have them. A
 * class's min_idle and reserve stay as they are.
 *
 * Context: process context, sleeps. The caller keeps the set from being freed.
 * Return: 0, -EINVAL, -EOPNOTSUPP if the set was created without a limit, -ESHUTDOWN if the set is
 * being destroyed.
 */
int kp_sized_set_limit(struct kp_sized *s, u64 bytes, struct kp_reason *why)
{
	int err;

	might_sleep();
	if (READ_ONCE(s->dying))
		return kp_refuse(why, -ESHUTDOWN, 0, "the set is being destroyed");
	err = check(s, bytes, why);
	if (err || !s->has_budget)
		return err;
	mutex_lock(&s->limit_lock);
	set_fair(s, limit_of(bytes));
	share_out(s, limit_of(bytes));
	WRITE_ONCE(s->max_idle_bytes, bytes);
	mutex_unlock(&s->limit_lock);
	kp_budget_share(&s->budget, BUDGET_SHARE);
	return 0;
}
EXPORT_SYMBOL_FOR_TESTS(kp_sized_set_limit);
