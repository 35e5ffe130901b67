// SPDX-License-Identifier: GPL-2.0-only
/*
 * A get that waits: closes the caches, sleeps, and builds objects in the slots that it got.
 * store/waitlist.c has the wait list, path/get.c the part of a get that does not wait.
 */
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/ratelimit.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "base/age.h"
#include "base/observer.h"
#include "base/ref.h"
#include "base/trace.h"
#include "object/build.h"
#include "object/expiry.h"
#include "object/object.h"
#include "path/cache.h"
#include "path/put.h"
#include "path/sweep.h"
#include "path/wait.h"
#include "pool.h"
#include "store/stats.h"
#include "store/waiters.h"
#include "store/waitlist.h"

/* How long a waiter without memory waits only for objects, before it tries memory again. */
#define MEMORY_AGAIN_AFTER	msecs_to_jiffies(100)

/*
 * Closes all caches. Their objects go to the depot, and from there to the first waiters. A sweep
 * that has begun runs to its end, even if this waiter gets its objects meanwhile. Only one sweep
 * runs at a time; a second one finds what the first one put into the depot.
 */
static void sweep(struct kp_pool *pool)
{
	mutex_lock(&pool->gate_lock);
	kp_sweep_to_depot(pool);
	mutex_unlock(&pool->gate_lock);
	kp_waitlist_swept(pool);
}

/*
 * This waiter finds max objects and none idle. Waits for memory do not count, and kp_get_closing()
 * raises the alarm itself.
 */
static void raise_alarm(struct kp_pool *pool, const struct kp_waiter *w,
			const struct kp_patience *patience)
{
	if (!w->no_memory && !patience->no_timeout &&
	    READ_ONCE(pool->waitlist->max) != ULONG_MAX)
		kp_alarm_raise(pool);
}

static int sleep(struct kp_pool *pool, struct kp_waiter *w, const struct kp_patience *patience)
{
	unsigned long again = jiffies + MEMORY_AGAIN_AFTER, now;
	int err = 0;
	long left;

	for (;;) {
		set_current_state(patience->state);
		if (kp_waiter_is_woken(w))
			break;
		if (READ_ONCE(w->goes_on)) {
			__set_current_state(TASK_RUNNING);
			kp_waiter_go_on(pool, w);
			continue;
		}
		if (signal_pending_state(patience->state, current)) {
			err = -ERESTARTSYS;
			break;
		}
		now = jiffies;
		left = kp_time_left(patience);
		if (!left) {
			raise_alarm(pool, w, patience);
			err = -ETIMEDOUT;
			break;
		}
		if (w->no_memory && time_after_eq(now, again)) {
			kp_waiter_look_for_memory(pool, w);
			continue;
		}
		if (w->no_memory)
			left = min_t(long, left, again - now);
		raise_alarm(pool, w, patience);
		schedule_timeout(left);
	}
	__set_current_state(TASK_RUNNING);
	return err;
}

/*
 * One line and one event for each pool in five seconds. The next line says how many timeouts had
 * none.
 */
static void say_timeout(struct kp_pool *pool, u64 began)
{
	struct kp_waitlist *waitlist = pool->waitlist;
	char mapped[40] = "", more[48] = "";
	long unsaid;

	if (!__ratelimit(&waitlist->timeout_lines)) {
		atomic_long_inc(&waitlist->unsaid);
		return;
	}
	unsaid = atomic_long_xchg(&waitlist->unsaid, 0);
	if (unsaid)
		snprintf(more, sizeof(more), "; %ld more timeouts since the last line", unsaid);
	if (pool->ownership.user_held)
		snprintf(mapped, sizeof(mapped), "mapped only %ld, ",
			 atomic_long_read(&pool->mapped_only));
	pr_warn("pool %s (id %u): waited %llu ms for an object: %lu exist, max %u, idle %lu, closing %lu, building %ld, %swaiting %u, longest wait %llu ms%s\n",
		pool->name, pool->id, div_u64(ktime_get_ns() - began, NSEC_PER_MSEC),
		READ_ONCE(waitlist->slots), READ_ONCE(pool->max), kp_idle(pool), kp_closing(pool),
		atomic_long_read(&pool->building), mapped, READ_ONCE(waitlist->waiting),
		div_u64((u64)atomic64_read(&waitlist->longest_ns), NSEC_PER_MSEC), more);
	kp_tell_timeouts(pool);
}

/* Builds objects in the slots that a waiter was granted. Builds all of them or none. */
static int build_leftover(struct kp_pool *pool, gfp_t gfp, struct kp_waiter *w,
			  const struct kp_patience *patience)
{
	int err = 0;

	if (w->slots)
		err = kp_build(pool, gfp, w->objs + w->got, w->slots, patience);
	if (err)
		w->slots = 0;
	return err;
}

/*
 * Objects that were handed off may have expired meanwhile, or be unhealthy. Then the waiter keeps
 * the valid objects and gives all its slots back. The next waiter gets the slots; that is this
 * waiter, if it is the first one.
 */
static bool evict_expired(struct kp_pool *pool, struct kp_waiter *w)
{
	unsigned int fit = w->got;

	if (READ_ONCE(pool->validated) && fit)
		fit = kp_validate(pool, w->objs, fit);
	/* A bulk may have collected objects for longer than an object may be idle. */
	if (pool->stamped && fit && kp_is_stale(pool, w->since)) {
		kp_discard_expired(pool, w->objs, fit, KP_IDLE_AGE);
		fit = 0;
	}
	if (fit == w->got)
		return false;
	w->got = fit;
	kp_slots_give(pool, w->slots);
	w->slots = 0;
	return true;
}

/* Waits once, from joining the wait list to leaving it. */
static int wait_once(struct kp_pool *pool, struct kp_waiter *w, const struct kp_patience *patience)
{
	int err;

	w->woken = false;
	w->goes_on = false;
	err = kp_waiter_join(pool, w);
	if (err < 0)
		return err;
	smp_mb();	/* between closing the gate and the look; pairs with that in kp_rule() */
	if (err)
		sweep(pool);
	kp_waitlist_kick_all(pool);
	return kp_waiter_leave(pool, w, sleep(pool, w, patience));
}

/**
 * kp_wait() - wait for objects
 * @pool: the pool, with a wait list
 * @gfp: how to allocate memory for objects
 * @objs: receives the objects
 * @n: how many, at most max
 * @patience: how long, and what ends the wait; also while a worker builds. Has ended, set to false.
 * @no_memory: the caller found no memory to build objects, a moment ago
 *
 * A get that finds no memory for its granted slots waits on, but not if it wants more objects than
 * the reserve has. Such a get would keep the whole reserve from others, and wait for more. A get
 * whose objects expired or are unhealthy waits on, too.
 *
 * Context: process context, sleeps.
 * Return: 0, or a negative errno; after an error @objs holds nothing.
 */
int kp_wait(struct kp_pool *pool, gfp_t gfp, void **objs, unsigned int n,
	    const struct kp_patience *patience, bool no_memory)
{
	struct kp_waiter w = {
		.task = current,
		.objs = objs,
		.wanted = n,
		.began = ktime_get_ns(),
		.no_memory = no_memory,
	};
	bool tries = !kp_time_left(patience);
	int err;

	/* kpool_destroy() waits for this get. */
	if (!kp_enter(pool))
		return -ESHUTDOWN;
	trace_kpool_wait_begin(pool, n);
	for (;;) {
		err = wait_once(pool, &w, patience);
		if (err == -ETIMEDOUT || err == -ERESTARTSYS)
			kp_wait_ended(patience);
		if (!err && evict_expired(pool, &w))
			continue;
		if (!err)
			err = build_leftover(pool, gfp, &w, patience);
		if (err != -ENOMEM || n > READ_ONCE(pool->reserve))
			break;
		w.no_memory = true;
		no_memory = true;
	}
	if (w.arrival)
		kp_waiter_count_wait(pool->waitlist, ktime_get_ns() - w.began,
				     *patience->ended && !patience->no_timeout ? err : 0);
	/* Objects that came out of the pool count as got. If they go back, they count as put. */
	kp_count_outside(pool, err ? w.got : n, 0);
	if (err && w.got)
		kp_put_objects(pool, objs, w.got);
	if (!err && no_memory && !w.slots)
		kp_reserve_count(pool);
	if (*patience->ended && err == -ETIMEDOUT && !tries)
		say_timeout(pool, w.began);
	trace_kpool_wait_end(pool, n, ktime_get_ns() - w.began, err);
	kp_leave(pool);
	return err;
}
