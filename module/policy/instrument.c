// SPDX-License-Identifier: GPL-2.0-only
/*
 * Switches the instruments of a running pool. An instrument looks at each get and put. The inline
 * hits know nothing of instruments: the caches of such a pool are closed, so that each get and put
 * misses. A pool without instruments pays nothing for this.
 *
 * A get and a put of an object must agree whether the pool has an instrument. If the get told the
 * instrument, the put of the same object has to tell it, too. Three steps ensure that:
 * 1. no_magazines closes all caches. From here on no get and no put hits.
 * 2. put_kind sends each put out of line to the code that looks at instruments.
 * 3. Then instruments changes. A get that sees the bit tells the instrument. The object goes from
 *    the task of the get to the task of the put, directly or through other tasks. So the put sees
 *    the bit, and put_kind.
 * The end of the last instrument goes the other way round.
 */
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>

#include "base/export.h"
#include "base/fault.h"
#include "base/ref.h"
#include "base/track.h"
#include "object/debug.h"
#include "policy/instrument.h"
#include "policy/retune.h"
#include "pool.h"

/* Protects the instruments of all pools, and put_kind. Outermost of all locks. */
static DEFINE_MUTEX(instrument_lock);

/* How puts out of line hit in a pool without instruments. */
static enum kp_hit_kind usual_put_kind(const struct kp_pool *pool)
{
	bool more = kp_changes_at_put(pool);

	if (!pool->validating)
		return more ? HIT_SPECIAL : HIT_PLAIN;
	return more || pool->overflow ? HIT_PLAIN : pool->hit_kind;
}

static bool is_validated(const struct kp_pool *pool)
{
	return pool->has_birth || pool->ops.check || pool->instruments & KP_DEBUG;
}

/* Context: process context; nobody else knows the pool. Its callbacks and hit_kind are set. */
void kp_instrument_init(struct kp_pool *pool)
{
	pool->put_kind = pool->instruments ? HIT_INSTRUMENTED : usual_put_kind(pool);
	pool->validated = is_validated(pool);
}

static void use_magazines(struct kp_pool *pool, bool on)
{
	mutex_lock(&pool->gate_lock);
	WRITE_ONCE(pool->no_magazines, !on);
	mutex_unlock(&pool->gate_lock);
	kp_retune_magazines(pool);
}

/*
 * Switches an instrument of a pool on or off. After a switch to off, no get and no put that begins
 * later tells the instrument. Returns false if the pool is not live. Then nothing has changed.
 */
static bool set_instrument(struct kp_pool *pool, enum kp_instrument which, bool on)
{
	u8 before = pool->instruments, now = on ? before | which : before & ~which;

	lockdep_assert_held(&instrument_lock);
	if (!kp_enter(pool))
		return false;
	if (now && !before) {
		use_magazines(pool, false);
		WRITE_ONCE(pool->put_kind, HIT_INSTRUMENTED);
		smp_wmb();	/* put_kind is visible before the bit: see above */
	}
	/* Code that sees the bit has to see put_kind, and what the instrument needs. */
	if (now & ~before)
		synchronize_rcu();
	WRITE_ONCE(pool->instruments, now);
	WRITE_ONCE(pool->validated, is_validated(pool));
	if (!now && before) {
		smp_wmb();	/* likewise, the other way round */
		WRITE_ONCE(pool->put_kind, usual_put_kind(pool));
		use_magazines(pool, true);
	}
	kp_leave(pool);
	return true;
}

/**
 * kp_debug_set() - begin or end the checks of a pool
 * @pool: the pool
 * @on: whether gets and puts are checked afterwards
 *
 * Context: process context, sleeps. The caller keeps the pool from being freed.
 * Return: 0; -ESHUTDOWN; -EOPNOTSUPP for a pool with KPOOL_ANYCTX; or -ENOMEM.
 */
int kp_debug_set(struct kp_pool *pool, bool on)
{
	int err = 0;

	if (pool->flags & KPOOL_ANYCTX)
		return -EOPNOTSUPP;
	mutex_lock(&instrument_lock);
	if (on)
		err = kp_debug_begin(pool);
	if (!err && !set_instrument(pool, KP_DEBUG, on))
		err = -ESHUTDOWN;
	/* A late get of an earlier time may add a record only if its put sees the bit. */
	if (!err && on)
		kp_records_close(pool->debug->records, &pool->debug->closed, false);
	else if (!err)
		kp_debug_end(pool);
	if (!err && pool->class_link->debugged)
		pool->class_link->debugged(pool->class_link, on);
	mutex_unlock(&instrument_lock);
	return err;
}
EXPORT_SYMBOL_FOR_TESTS(kp_debug_set);

/**
 * kp_debug_set_held() - after which time an object in use is reported
 * @pool: the pool
 * @ms: milliseconds; 0: as kpool.ko's parameter debug_held_ms says
 *
 * Context: process context, sleeps. The caller keeps the pool from being freed.
 * Return: 0, or -ENODATA if the pool was never debugged.
 */
int kp_debug_set_held(struct kp_pool *pool, unsigned int ms)
{
	int err = -ENODATA;

	mutex_lock(&instrument_lock);
	if (pool->debug) {
		WRITE_ONCE(pool->debug->held_ms, ms);
		err = 0;
	}
	mutex_unlock(&instrument_lock);
	return err;
}

static int set_track(struct kp_pool *pool, unsigned int one_in)
{
	bool on = one_in;
	int err = on ? kp_track_begin(pool) : 0;

	if (err || !pool->track)
		return err;
	if (on)
		WRITE_ONCE(pool->track->one_in, one_in);
	if (!set_instrument(pool, KP_TRACK, on))
		return -ESHUTDOWN;
	/* As for debugging: a late get may add a record only if its put sees the bit. */
	if (on)
		kp_records_close(&pool->track->records, &pool->track->closed, false);
	else
		kp_track_end(pool);
	return 0;
}

/**
 * kp_track_set() - begin or end tracking the holders of a pool's objects
 * @pool: the pool
 * @one_in: one get in so many is tracked; 1: all; 0: none, and what is known is forgotten
 *
 * Context: process context, sleeps. The caller keeps the pool from being freed.
 * Return: 0; -ESHUTDOWN; -EOPNOTSUPP for a pool with KPOOL_ANYCTX; or -ENOMEM.
 */
int kp_track_set(struct kp_pool *pool, unsigned int one_in)
{
	int err;

	if (pool->flags & KPOOL_ANYCTX)
		return -EOPNOTSUPP;
	mutex_lock(&instrument_lock);
	err = set_track(pool, one_in);
	mutex_unlock(&instrument_lock);
	return err;
}
EXPORT_SYMBOL_FOR_TESTS(kp_track_set);

/**
 * kp_track_set_leak() - after which time an object in use is a leak
 * @pool: the pool
 * @ms: milliseconds; 0: never
 *
 * Context: process context, sleeps. The caller keeps the pool from being freed.
 * Return: 0, or -ENODATA if the pool was never tracked.
 */
int kp_track_set_leak(struct kp_pool *pool, unsigned int ms)
{
	int err = -ENODATA;

	mutex_lock(&instrument_lock);
	if (pool->track) {
		WRITE_ONCE(pool->track->leak_ms, ms);
		err = 0;
	}
	mutex_unlock(&instrument_lock);
	return err;
}
EXPORT_SYMBOL_FOR_TESTS(kp_track_set_leak);

static int set_fault(struct kp_pool *pool, enum kp_fault fault, unsigned int one_in)
{
	struct kp_faults *faults = kp_faults_get(pool);

	if (!faults)
		return -ENOMEM;
	/* The instrument comes first and goes last: without it gets hit, and ask nothing. */
	if (fault == KP_FAIL_GET && one_in && !set_instrument(pool, KP_FAULTS, true))
		return -ESHUTDOWN;
	kp_fault_set(faults, fault, one_in);
	if (fault == KP_FAIL_GET && !one_in)
		set_instrument(pool, KP_FAULTS, false);
	if (one_in)
		pr_notice("pool %s (id %u): %s: one in %u fails on purpose from now on\n",
			  pool->name, pool->id, kp_fault_names[fault], one_in);
	return 0;
}

/**
 * kp_set_fault() - make calls of a pool fail on purpose, or no more
 * @pool: the pool
 * @fault: which calls
 * @one_in: each how many-th fails; 0: none
 *
 * Context: process context, sleeps. The caller has a reference to the pool.
 * Return: 0; -ESHUTDOWN; or -ENOMEM.
 */
int kp_set_fault(struct kp_pool *pool, enum kp_fault fault, unsigned int one_in)
{
	int err;

	mutex_lock(&instrument_lock);
	err = set_fault(pool, fault, one_in);
	mutex_unlock(&instrument_lock);
	return err;
}
EXPORT_SYMBOL_FOR_TESTS(kp_set_fault);
