// SPDX-License-Identifier: GPL-2.0-only
/* A get that waits: it closes the caches, sleeps, and builds objects in the slots that it got. */
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "base/age.h"
#include "base/ref.h"
#include "object/expiry.h"
#include "object/object.h"
#include "path/cache.h"
#include "path/put.h"
#include "path/sweep.h"
#include "path/wait.h"
#include "pool.h"
#include "store/stats.h"
#include "store/waitlist.h"

/* How long who found no memory waits for objects alone, before it looks for some again. */
#define MEMORY_AGAIN_AFTER	msecs_to_jiffies(100)

/*
 * Closes all caches; what they held goes to the depot, and from there to the
 * line. Goes on to its end even if this waiter was served meanwhile. One at a time:
 * who comes second sees what the first has found.
 */
static void sweep(struct kp_pool *pool)
{
	LLIST_HEAD(found);

	mutex_lock(&pool->gate_lock);
	kp_close_all(pool, &found);
	kp_found_keep(pool, &found);
	mutex_unlock(&pool->gate_lock);
	kp_waitlist_swept(pool);
}

static int sleep(struct kp_pool *pool, struct kp_waiter *w, unsigned int state,
		 unsigned long expires, bool forever)
{
	unsigned long again = jiffies + MEMORY_AGAIN_AFTER, now;
	int err = 0;
	long left;

	for (;;) {
		set_current_state(state);
		if (READ_ONCE(w->woken))
			break;
		if (signal_pending_state(state, current)) {
			err = -ERESTARTSYS;
			break;
		}
		now = jiffies;
		left = forever ? MAX_SCHEDULE_TIMEOUT : (long)(expires - now);
		if (left <= 0) {
			err = -ETIMEDOUT;
			break;
		}
		if (w->no_memory && time_after_eq(now, again)) {
			kp_waiter_look_for_memory(pool, w);
			continue;
		}
		if (w->no_memory)
			left = min_t(long, left, again - now);
		schedule_timeout(left);
	}
	__set_current_state(TASK_RUNNING);
	return err;
}

static void say_timeout(struct kp_pool *pool, u64 began)
{
	struct kp_waitlist *waitlist = pool->waitlist;

	pr_warn_ratelimited("pool %s (id %u): waited %llu ms for an object: %lu exist, max %u, idle %lu, waiting %u, longest wait %llu ms\n",
			    pool->name, pool->id, div_u64(ktime_get_ns() - began, NSEC_PER_MSEC),
			    READ_ONCE(waitlist->slots), READ_ONCE(pool->max), kp_idle(pool),
			    READ_ONCE(waitlist->waiting),
			    div_u64(READ_ONCE(waitlist->longest_ns), NSEC_PER_MSEC));
}

/* What a waiter was handed, objects and slots, becomes objects: all or none. */
static int build_leftover(struct kp_pool *pool, gfp_t gfp, struct kp_waiter *w)
{
	int err = 0;

	if (w->slots)
		err = kp_build(pool, gfp, w->objs + w->got, w->slots);
	if (err) {
		kp_slots_give(pool, w->slots);
		w->slots = 0;
	}
	return err;
}

/*
 * What was handed over may have grown too old, or be unhealthy. Then all but the fit
 * ones goes back: their slots are for whoever comes next, us if we are the first.
 */
static bool evict_expired(struct kp_pool *pool, struct kp_waiter *w)
{
	unsigned int fit = w->got;

	if (pool->validated && fit)
		fit = kp_validate(pool, w->objs, fit);
	/* A bulk may have collected for longer than any of it may be idle. */
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

/* Waits once, from joining the line to leaving it. */
static int wait_once(struct kp_pool *pool, struct kp_waiter *w, unsigned int state,
		     unsigned long expires, bool forever)
{
	int err;

	w->woken = false;
	err = kp_waiter_join(pool, w);
	if (err < 0)
		return err;
	smp_mb();	/* the gate is closed before we look; pairs with that in kp_rule() */
	if (err)
		sweep(pool);
	kp_waitlist_kick(pool);
	return kp_waiter_leave(pool, w, sleep(pool, w, state, expires, forever));
}

/**
 * kp_wait() - wait for objects
 * @pool: the pool, with a line
 * @gfp: how they may be built
 * @objs: where they go
 * @n: how many, at most max
 * @timeout: for how long, in jiffies; MAX_SCHEDULE_TIMEOUT: for ever
 * @state: TASK_UNINTERRUPTIBLE, TASK_INTERRUPTIBLE or TASK_KILLABLE
 * @no_memory: the caller found no memory to build them, a moment ago
 *
 * Who finds no memory for what it may build waits on, if the reserve has as much as it
 * wants: it would keep all of that from others, waiting for more. So does who is
 * handed what is not fit.
 *
 * Context: process context, sleeps.
 * Return: 0, or a negative errno, then there is nothing.
 */
int kp_wait(struct kp_pool *pool, gfp_t gfp, void **objs, unsigned int n, long timeout,
	    unsigned int state, bool no_memory)
{
	struct kp_waiter w = { .task = current, .objs = objs, .wanted = n, .no_memory = no_memory };
	unsigned long expires = jiffies + max(timeout, 0L);
	u64 began = ktime_get_ns();
	int err;

	/* kpool_destroy() waits for us. */
	if (!kp_enter(pool))
		return -ESHUTDOWN;
	for (;;) {
		err = wait_once(pool, &w, state, expires, timeout == MAX_SCHEDULE_TIMEOUT);
		if (!err && evict_expired(pool, &w))
			continue;
		if (!err)
			err = build_leftover(pool, gfp, &w);
		if (err != -ENOMEM || n > READ_ONCE(pool->reserve))
			break;
		w.no_memory = true;
		no_memory = true;
	}
	if (w.arrival)
		kp_waiter_count_wait(pool->waitlist, ktime_get_ns() - began, err);
	/* What came out of the pool for us is counted, and counted as put if it goes back. */
	kp_count_outside(pool, err ? w.got : n, 0);
	if (err && w.got)
		kp_put_objects(pool, objs, w.got);
	if (!err && no_memory && !w.slots)
		kp_reserve_count(pool);
	if (err == -ETIMEDOUT && timeout)
		say_timeout(pool, began);
	kp_leave(pool);
	return err;
}
