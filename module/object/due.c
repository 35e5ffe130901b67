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

unsigned int kp_age_interval_ms = 15000;

/* Ticks between two looks for objects that are not needed. 0: no such looks. Context: any. */
unsigned long kp_age_interval(void)
{
	return msecs_to_jiffies(READ_ONCE(kp_age_interval_ms));
}

static unsigned long earlier(unsigned long a, unsigned long b)
{
	return time_before(a, b) ? a : b;
}

/*
 * When a pool with objects is due next. @now is the current look, @oldest the oldest stamp of its
 * idle objects.
 */
unsigned long kp_due_next(struct kp_pool *pool, unsigned long now, unsigned long trimmed_at,
			  unsigned long births_at, u32 oldest)
{
	unsigned long due = now + MAX_JIFFY_OFFSET;
	u32 idle = READ_ONCE(pool->idle);

	if (kp_age_interval())
		due = earlier(due, trimmed_at + kp_age_interval());
	if (idle != IDLE_ANY)
		due = earlier(due, now + max_t(long, (long)idle - (s32)((u32)now - oldest),
					       idle / AGE_LOOKS + HZ / 10));
	if (READ_ONCE(pool->lifetime) != LIFETIME_ANY)
		due = earlier(due, births_at);
	return due;
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
	unsigned long now;

	if (READ_ONCE(pool->expected))
		return;
	now = kp_now();
	kp_age_expect(pool, kp_due_next(pool, now, now, now + READ_ONCE(pool->lifetime), now));
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
