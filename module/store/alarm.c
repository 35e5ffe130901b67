// SPDX-License-Identifier: GPL-2.0-only
/*
 * An exhausted pool: max objects exist, none is idle, and a get waits or fails because of that.
 * Observers learn of the first such get. While a pool is exhausted, a work looks once a second
 * whether this is over: no get waits, none has failed for a second, and there is an object or room
 * for one. So gets that hit pay nothing for the end of the alarm, and observers are not told of
 * each of a thousand gets.
 *
 * If nobody listens, there is no work, and an alarm that nobody listens to any more ends. So a
 * program that begins to listen learns of the next get that finds no object, unless others listened
 * before: they were told.
 */
#include <linux/jiffies.h>

#include "base/context.h"
#include "base/observer.h"
#include "base/ref.h"
#include "base/work.h"
#include "pool.h"
#include "store/alarm.h"
#include "store/stats.h"
#include "store/waitlist.h"

#define LOOK_EVERY	HZ

static bool is_over(struct kp_pool *pool)
{
	return !kp_somebody_waits(pool) &&
	       time_after(jiffies, READ_ONCE(pool->waitlist->alarm.at) + LOOK_EVERY) &&
	       (kp_idle(pool) || !kp_is_full(pool));
}

static void raise(struct kp_pool *pool)
{
	struct kp_alarm *alarm = &pool->waitlist->alarm;

	if (!xchg(&alarm->raised, true))
		queue_delayed_work(kpool_wq, &alarm->work, 0);
}

/**
 * kp_alarm_raise() - a get waits or fails, because max objects exist and none is idle
 * @pool: the pool, which has a wait list. The caller is a get that kpool_destroy() waits for.
 *
 * Context: any that is not restricted.
 */
void kp_alarm_raise(struct kp_pool *pool)
{
	struct kp_alarm *alarm = &pool->waitlist->alarm;

	WRITE_ONCE(alarm->at, jiffies);
	smp_mb();	/* the time and the entry in the wait list come first: see look() */
	if (!READ_ONCE(alarm->raised) && kp_somebody_listens())
		raise(pool);
}

static void look(struct work_struct *work)
{
	struct kp_waitlist *waitlist = container_of(work, struct kp_waitlist, alarm.work.work);
	struct kp_alarm *alarm = &waitlist->alarm;
	struct kp_pool *pool = waitlist->pool;

	/* A pool that is being destroyed has no gets. */
	if (!kp_enter(pool))
		return;
	if (!alarm->told) {
		alarm->told = true;
		kp_tell_exhausted(pool);
	} else if (is_over(pool) || !kp_somebody_listens()) {
		alarm->told = false;
		kp_tell_recovered(pool);
		/*
		 * A get that waits or fails since is_over() may have found raised set. Pairs with
		 * the barrier in kp_alarm_raise(): either this sees the waiter and the new time,
		 * or the get sees raised clear.
		 */
		smp_store_mb(alarm->raised, false);
		if (!is_over(pool) && kp_somebody_listens())
			raise(pool);
		kp_leave(pool);
		return;
	}
	queue_delayed_work(kpool_wq, &alarm->work, LOOK_EVERY);
	kp_leave(pool);
}

/* Context: process context; the pool has a wait list, and nobody else knows it. */
void kp_alarm_init(struct kp_pool *pool)
{
	INIT_DELAYED_WORK(&pool->waitlist->alarm.work, look);
}

/* Context: process context, sleeps; no get of the pool runs any more. */
void kp_alarm_exit(struct kp_pool *pool)
{
	cancel_delayed_work_sync(&pool->waitlist->alarm.work);
}
