// SPDX-License-Identifier: GPL-2.0-only
/*
 * When ageing looks at a pool, and when its work runs for that. policy/age.c has the work itself.
 * It stands in a higher layer, so kp_due_init() gets the work's function.
 */
#include <linux/minmax.h>

#include "base/clock.h"
#include "base/export.h"
#include "base/work.h"
#include "object/due.h"
#include "pool.h"
#include "store/magazine.h"

unsigned int kp_age_interval_ms = 15000;
EXPORT_SYMBOL_FOR_TESTS(kp_age_interval_ms);

unsigned int kp_sample_every;
EXPORT_SYMBOL_FOR_TESTS(kp_sample_every);

/* Ticks between two looks for objects that are not needed. 0: no such looks. Context: any. */
unsigned long kp_age_interval(void)
{
	return msecs_to_jiffies(READ_ONCE(kp_age_interval_ms));
}

static unsigned long earlier(unsigned long a, unsigned long b)
{
	return time_before(a, b) ? a : b;
}

static unsigned long idle_period(const struct kp_pool *pool)
{
	return READ_ONCE(pool->idle) / IDLE_LOOKS + (READ_ONCE(pool->min_idle) ? 1 : HZ / 10);
}

static unsigned long life_period(const struct kp_pool *pool)
{
	return READ_ONCE(pool->lifetime) / LIFE_LOOKS + 1;
}

/*
 * How many ticks before an object expires its replacement is built, if min_idle may need one. There
 * is a look at least once in a period, and after that look the worker has to build.
 */
static unsigned long lead(const struct kp_pool *pool, unsigned long limit, unsigned long period)
{
	u64 build_us = (u64)READ_ONCE(pool->min_idle) * READ_ONCE(pool->build_us);

	if (!READ_ONCE(pool->min_idle))
		return 0;
	return min_t(u64, period + usecs_to_jiffies(min_t(u64, build_us, UINT_MAX)), limit / 2);
}

/**
 * kp_due_look() - prepare a look at the idle objects of a pool
 * @pool: the pool
 * @now: the current tick
 * @look: set to a look that has found nothing yet
 *
 * Context: any.
 */
void kp_due_look(struct kp_pool *pool, unsigned long now, struct kp_look *look)
{
	*look = (struct kp_look){ .oldest = now, .oldest_birth = now };
	if (READ_ONCE(pool->idle) != IDLE_ANY)
		look->idle_lead = lead(pool, READ_ONCE(pool->idle), idle_period(pool));
	if (READ_ONCE(pool->lifetime) != LIFETIME_ANY)
		look->life_lead = lead(pool, READ_ONCE(pool->lifetime), life_period(pool));
}

/**
 * kp_due_births() - when ageing has to look at births next
 * @pool: the pool, which has a lifetime
 * @now: the current tick
 * @look: what a look at births has found just now
 *
 * Context: any.
 * Return: a tick of kp_now().
 */
unsigned long kp_due_births(struct kp_pool *pool, unsigned long now, const struct kp_look *look)
{
	long lifetime = READ_ONCE(pool->lifetime);
	long period = life_period(pool), left = period;

	if (!look->fading)
		left = lifetime - (long)(now - look->oldest_birth) - (long)look->life_lead;
	return now + clamp(left, period, max(period, lifetime / LIFE_LATEST + HZ / 10));
}
EXPORT_SYMBOL_FOR_TESTS(kp_due_births);

/* When ageing has to look at stamps next. */
static unsigned long due_idle(struct kp_pool *pool, unsigned long now, const struct kp_look *look)
{
	long period = idle_period(pool), left = period;

	if (!look->fading)
		left = (long)READ_ONCE(pool->idle) - (s32)((u32)now - look->oldest) -
		       (long)look->idle_lead;
	return now + max(left, period);
}

/*
 * When a pool with objects is due next. @now is the current tick, @look what the current look has
 * found.
 */
unsigned long kp_due_next(struct kp_pool *pool, unsigned long now, unsigned long trimmed_at,
			  unsigned long births_at, const struct kp_look *look)
{
	unsigned long due = now + MAX_JIFFY_OFFSET;

	if (kp_age_interval())
		due = earlier(due, trimmed_at + kp_age_interval());
	if (READ_ONCE(pool->idle) != IDLE_ANY)
		due = earlier(due, due_idle(pool, now, look));
	if (READ_ONCE(pool->lifetime) != LIFETIME_ANY)
		due = earlier(due, births_at);
	if (kp_samples())
		due = earlier(due, now + SAMPLE_PERIOD);
	return due;
}

/* When a pool is due whose objects were all built now. Some of them live shorter. */
static unsigned long due_first(struct kp_pool *pool)
{
	unsigned long now = kp_now(), births_at = now;
	long lifetime = READ_ONCE(pool->lifetime);
	struct kp_look look;

	kp_due_look(pool, now, &look);
	if (lifetime != LIFETIME_ANY)
		births_at += lifetime - lifetime / LIFE_SPREAD - look.life_lead;
	return kp_due_next(pool, now, now, births_at, &look);
}

/*
 * When the work runs next, and when each pool is due. The work is queued for each expected pool.
 * For a pool that is not expected the work does not run.
 */
static DEFINE_RAW_SPINLOCK(due_lock);	/* protects all below, pool->expected, pool->due */
static bool running, queued;
static unsigned long queued_for;

/* Ageing's work. */
static struct delayed_work work;

/* As kp_registry_might_lock(), for due_lock. Context: interrupts are off. */
void kp_due_might_lock(void)
{
	might_lock(&due_lock);
}

static void queue(unsigned long due)
{
	lockdep_assert_held(&due_lock);
	if (!running || (queued && !time_before(due, queued_for)))
		return;
	queued = true;
	queued_for = due;
	mod_delayed_work(kpool_wq, &work, max_t(long, due - kp_now(), 0));
}

/**
 * kp_due_init() - set the function that looks at due pools
 * @pass: looks at the pools that are due; calls kp_due_begin() first
 *
 * Context: before any pool exists.
 */
void kp_due_init(work_func_t pass)
{
	INIT_DELAYED_WORK(&work, pass);
}

/* The work runs now. From here on it can be queued again for pools that become due. */
void kp_due_begin(void)
{
	raw_spin_lock_irq(&due_lock);
	queued = false;
	raw_spin_unlock_irq(&due_lock);
}

/* Runs the work now. Context: process context. */
void kp_due_at_once(void)
{
	/*
	 * The work may be queued for a tick that has passed, with a timer that is late. queue()
	 * would leave that as it is.
	 */
	raw_spin_lock_irq(&due_lock);
	queued = false;
	queue(kp_now());
	raw_spin_unlock_irq(&due_lock);
}

/**
 * kp_age_expect() - have ageing look at a pool
 * @pool: the pool
 * @due: tick of kp_now() of the look; an earlier look that is planned stays
 *
 * Context: any that is not restricted.
 */
void kp_age_expect(struct kp_pool *pool, unsigned long due)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&due_lock, flags);
	if (!pool->expected || time_before(due, pool->due)) {
		WRITE_ONCE(pool->expected, true);
		WRITE_ONCE(pool->due, due);
		queue(due);
	}
	raw_spin_unlock_irqrestore(&due_lock, flags);
}

/**
 * kp_age_publish() - tell ageing that a pool is in the registry now
 * @pool: the pool
 *
 * If the pool was due before this call, ageing did not find it.
 *
 * Context: any that is not restricted.
 */
void kp_age_publish(struct kp_pool *pool)
{
	unsigned long flags;

	/* Only now it is known how long builds take. */
	if (READ_ONCE(pool->expected))
		kp_age_expect(pool, due_first(pool));
	raw_spin_lock_irqsave(&due_lock, flags);
	if (pool->expected)
		queue(pool->due);
	raw_spin_unlock_irqrestore(&due_lock, flags);
}

/**
 * kp_age_built() - tell ageing that objects of a pool exist
 * @pool: the pool
 *
 * A pool that has objects is expected already.
 *
 * Context: as kp_build().
 */
void kp_age_built(struct kp_pool *pool)
{
	if (!READ_ONCE(pool->expected))
		kp_age_expect(pool, due_first(pool));
}

/**
 * kp_age_soon() - have ageing look soon, as min_idle or the reserve may not be met
 * @pool: the pool; without min_idle and reserve nothing happens
 *
 * Context: as kp_build().
 */
void kp_age_soon(struct kp_pool *pool)
{
	unsigned long soon;

	if (!READ_ONCE(pool->min_idle) && !READ_ONCE(pool->reserve))
		return;
	soon = kp_now() + HZ;
	if (!READ_ONCE(pool->expected) || time_before(soon, READ_ONCE(pool->due)))
		kp_age_expect(pool, soon);
}

/* Is the pool due? If so, it is no longer expected. If not, the work is queued for its due time. */
bool kp_due_now(struct kp_pool *pool, unsigned long now)
{
	bool due = false;

	raw_spin_lock_irq(&due_lock);
	if (pool->expected) {
		due = time_after_eq(now, pool->due);
		if (due)
			WRITE_ONCE(pool->expected, false);
		else
			queue(pool->due);
	}
	raw_spin_unlock_irq(&due_lock);
	return due;
}

/* Runs the work now, and from then on when a pool is due. */
void kp_age_start(void)
{
	raw_spin_lock_irq(&due_lock);
	running = true;
	queue(kp_now());
	raw_spin_unlock_irq(&due_lock);
}
EXPORT_SYMBOL_FOR_TESTS(kp_age_start);

void kp_age_stop(void)
{
	raw_spin_lock_irq(&due_lock);
	running = false;
	queued = false;
	raw_spin_unlock_irq(&due_lock);
	cancel_delayed_work_sync(&work);
}
EXPORT_SYMBOL_FOR_TESTS(kp_age_stop);
