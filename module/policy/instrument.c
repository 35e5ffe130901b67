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
 * 3. Only then does instruments change. A get that sees the bit has told the instrument. Whoever
 *    puts that object later has got it from this task, directly or through other tasks. So the put
 *    sees the bit, and put_kind.
 * The end of the last instrument goes the other way round.
 */
#include <linux/mutex.h>

#include "base/export.h"
#include "base/ref.h"
#include "policy/instrument.h"
#include "policy/retune.h"
#include "pool.h"

/* Protects the instruments of all pools, and put_kind. Outermost of all locks. */
static DEFINE_MUTEX(instrument_lock);

/* How puts out of line hit in a pool without instruments. */
static enum kp_hit_kind usual_put_kind(const struct kp_pool *pool)
{
	bool more = pool->ops.reset || pool->wipe_size;

	if (!pool->validating)
		return more ? HIT_SPECIAL : HIT_PLAIN;
	return more || pool->overflow ? HIT_PLAIN : pool->hit_kind;
}

/* Context: process context; nobody else knows the pool. Its callbacks and hit_kind are set. */
void kp_instrument_init(struct kp_pool *pool)
{
	pool->put_kind = pool->instruments ? HIT_INSTRUMENTED : usual_put_kind(pool);
}

static void use_magazines(struct kp_pool *pool, bool on)
{
	mutex_lock(&pool->gate_lock);
	WRITE_ONCE(pool->no_magazines, !on);
	mutex_unlock(&pool->gate_lock);
	kp_retune_magazines(pool);
}

/**
 * kp_instrument_set() - switch an instrument of a pool on or off
 * @pool: the pool
 * @which: the instrument
 * @on: whether the instrument is on afterwards
 *
 * If this returns true for @on == false, no get and no put that begins later tells the instrument.
 *
 * Context: process context, sleeps. The caller keeps the pool from being freed.
 * Return: false if the pool is not live. Then nothing has changed.
 */
bool kp_instrument_set(struct kp_pool *pool, enum kp_instrument which, bool on)
{
	u8 before, now;

	if (!kp_enter(pool))
		return false;
	mutex_lock(&instrument_lock);
	before = pool->instruments;
	now = on ? before | which : before & ~which;
	if (now && !before) {
		use_magazines(pool, false);
		WRITE_ONCE(pool->put_kind, HIT_INSTRUMENTED);
		smp_wmb();	/* put_kind is visible before the bit: see above */
	}
	WRITE_ONCE(pool->instruments, now);
	if (!now && before) {
		smp_wmb();	/* likewise, the other way round */
		WRITE_ONCE(pool->put_kind, usual_put_kind(pool));
		use_magazines(pool, true);
	}
	mutex_unlock(&instrument_lock);
	kp_leave(pool);
	return true;
}
EXPORT_SYMBOL_FOR_TESTS(kp_instrument_set);
