// SPDX-License-Identifier: GPL-2.0-only
/*
 * The functions of a pool's irq_work, of its work and of its workers. base/work.c queues the first
 * two.
 *
 * The work sorts what was left to it, and starts workers. Only the workers call callbacks that may
 * sleep. Each of them takes one job after another: a teardown, or the build of one object. So an
 * object gives up its slot as soon as its own teardown ends, and is there for gets as soon as its
 * own build ends. A build looks at the pool's state first, and kpool_destroy() waits for builds
 * that are under way, not for those that could follow.
 */
#include <linux/bitops.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/wait_bit.h>
#include <linux/workqueue.h>

#include "base/link.h"
#include "base/observer.h"
#include "base/ref.h"
#include "base/wipe.h"
#include "base/work.h"
#include "object/nolock.h"
#include "object/object.h"
#include "object/prefill.h"
#include "path/put.h"
#include "path/rcu.h"
#include "policy/adapt.h"
#include "policy/drain.h"
#include "policy/health.h"
#include "policy/retune.h"
#include "policy/worker.h"
#include "pool.h"
#include "store/depot.h"
#include "store/expired.h"
#include "store/magazine.h"
#include "store/slab.h"
#include "store/slots.h"
#include "store/waitlist.h"

static bool any_deferred(struct kp_pool *pool)
{
	return !kp_list_empty(&pool->deferred_puts) || !kp_list_empty(&pool->deferred_inserts);
}

/*
 * Finishes some deferred puts. Returns whether there are more. The last put may end the pool, so
 * the caller is an RCU reader, or put_work, for which pool_release() waits.
 */
static bool put_deferred(struct kp_pool *pool)
{
	unsigned int i, n, whole;
	void *objs[KP_PUT_BATCH];
	bool more;

	/*
	 * Only one CPU takes objects out of the lists. A CPU that finds the bit set leaves its
	 * objects to that one, which looks again after it has cleared the bit. The full barriers of
	 * kp_list_add() and test_and_set_bit() pair with the barrier below.
	 */
	if (!any_deferred(pool) || test_and_set_bit(KP_PUTTING, &pool->marks))
		return false;
	whole = kp_list_take(pool, &pool->deferred_puts, objs, KP_PUT_BATCH);
	n = whole + kp_list_take(pool, &pool->deferred_inserts, objs + whole,
				 KP_PUT_BATCH - whole);
	clear_bit_unlock(KP_PUTTING, &pool->marks);
	smp_mb__after_atomic();	/* see above */
	more = any_deferred(pool);
	/* In the order of arrival: a get takes the latest object first, which is the warmest. */
	for (i = whole; i--; )
		kp_put_finish(pool, objs[i]);
	for (i = n; i-- > whole; )
		kp_put_objects(pool, &objs[i], 1);
	return more;
}

/*
 * Finishes the puts that were too many for an interrupt, or would wipe too much in one. This is no
 * RCU reader, so kp_wipe() can let other tasks run.
 */
static void put_worker(struct work_struct *work)
{
	struct kp_pool *pool = container_of(work, struct kp_pool, put_work);
	bool more;

	do {
		more = put_deferred(pool);
		if (kp_rcu_left(pool))
			more |= kp_rcu_put(pool);
		cond_resched();
	} while (more);
}

/*
 * Runs in hardirq context, on PREEMPT_RT in a thread. The objects in the lists keep the pool until
 * the last of them is put. kp_defer_sync() keeps it until this function has returned.
 */
static void defer_irq_work(struct irq_work *irq_work)
{
	struct kp_pool *pool = container_of(irq_work, struct kp_pool, irq_work);

	/* irq_work_sync() may return while this handler runs, if another CPU runs the next one. */
	rcu_read_lock();
	if (READ_ONCE(pool->todo))
		queue_work(kpool_wq, &pool->work);
	if (pool->waitlist)
		kp_waitlist_kick(pool);
	if (kp_puts_wipe_too_much(pool) ? any_deferred(pool) : put_deferred(pool))
		kp_queue_puts(pool);
	kp_rcu_start(pool);
	rcu_read_unlock();
}

/* What a worker does next. */
struct kp_job {
	enum kp_shortage build;		/* not KP_SHORT_OF_NOTHING: build this; else ... */
	unsigned int n;			/* ... tear down so many objects */
	void *objs[KP_TEARDOWN_BATCH];
};

static bool may_sleep(const struct kp_pool *pool)
{
	return pool->flags & (KPOOL_SLEEPING | KPOOL_BUILD_IN_WORKER);
}

/* Wakes tasks that wait in base/work.c for the workers. */
static void wake_sync(struct kp_pool *pool)
{
	smp_mb();	/* wake_up_var() looks for tasks after the caller's change */
	wake_up_var(&pool->destroyed);
}

/* No more objects are to be built. */
static void stop_building(struct kp_pool *pool)
{
	struct kp_workers *workers = pool->workers;

	lockdep_assert_held(&workers->lock);
	WRITE_ONCE(workers->refill, false);
	WRITE_ONCE(workers->replenish, false);
	wake_sync(pool);
}

/* Returns what to build, with its slot and with kp_enter(), or KP_SHORT_OF_NOTHING. */
static enum kp_shortage take_build(struct kp_pool *pool)
{
	struct kp_workers *workers = pool->workers;
	enum kp_shortage what;

	lockdep_assert_held(&workers->lock);
	if (!workers->refill && !workers->replenish)
		return KP_SHORT_OF_NOTHING;
	/* In a pool that is not live nothing is built. */
	if (!kp_enter(pool)) {
		stop_building(pool);
		return KP_SHORT_OF_NOTHING;
	}
	what = kp_shortage(pool, workers->building, workers->refill);
	if (what)
		WRITE_ONCE(workers->building, workers->building + 1);
	else
		kp_leave(pool);
	return what;
}

static bool has_jobs(struct kp_pool *pool)
{
	struct kp_workers *workers = pool->workers;

	return !kp_list_empty(&workers->teardowns) || !kp_list_empty(&pool->teardown_list) ||
	       workers->refill || workers->replenish;
}

/* Starts a worker that has nothing to do, if there may be a job for it. */
static void start_worker(struct kp_pool *pool)
{
	struct kp_workers *workers = pool->workers;
	unsigned int i;

	lockdep_assert_held(&workers->lock);
	if (!has_jobs(pool))
		return;
	for (i = 0; i < workers->n && workers->at[i].busy; i++)
		;
	if (i == workers->n)
		return;
	workers->at[i].busy = true;
	WRITE_ONCE(workers->busy, workers->busy + 1);
	queue_work(pool->build_wq ?: kpool_callback_wq, &workers->at[i].work);
}

/*
 * One worker at most prefers a build to a teardown. So waiters need not wait until all missing
 * objects are built, and a long teardown list does not keep all builds waiting.
 */
static bool take_job(struct kp_worker *worker, struct kp_job *job)
{
	struct kp_pool *pool = worker->pool;
	struct kp_workers *workers = pool->workers;
	unsigned int most = may_sleep(pool) ? 1 : KP_TEARDOWN_BATCH;
	bool any;

	job->n = 0;
	job->build = KP_SHORT_OF_NOTHING;
	mutex_lock(&workers->lock);
	if (!workers->building)
		job->build = take_build(pool);
	if (!job->build)
		job->n = kp_take_closing(pool, job->objs, most);
	if (!job->build && !job->n)
		job->build = take_build(pool);
	any = job->build || job->n;
	/*
	 * Only the last busy worker knows. An object that another worker has just built counts as
	 * idle and as building for a moment. A teardown that is under way frees a slot.
	 */
	if (!any && workers->busy == 1 && (workers->refill || workers->replenish))
		stop_building(pool);
	if (any) {
		start_worker(pool);
	} else {
		worker->busy = false;
		WRITE_ONCE(workers->busy, workers->busy - 1);
		wake_sync(pool);
	}
	mutex_unlock(&workers->lock);
	return any;
}

static void end_build(struct kp_pool *pool, int err)
{
	struct kp_workers *workers = pool->workers;

	kp_leave(pool);
	mutex_lock(&workers->lock);
	WRITE_ONCE(workers->building, workers->building - 1);
	/* If a build fails, the next pass of ageing tries again. */
	if (err)
		stop_building(pool);
	else
		wake_sync(pool);
	mutex_unlock(&workers->lock);
}

/* pool_release() waits for this function, so the pool stays after its last teardown. */
static void do_jobs(struct work_struct *work)
{
	struct kp_worker *worker = container_of(work, struct kp_worker, work);
	struct kp_pool *pool = worker->pool;
	struct kp_job job;

	while (take_job(worker, &job)) {
		if (job.build)
			end_build(pool, kp_build_missing(pool, job.build, true));
		else
			kp_teardown_all(pool, job.objs, job.n);
		cond_resched();
	}
}

static void start_workers(struct kp_pool *pool, bool refill, bool replenish)
{
	struct kp_workers *workers = pool->workers;

	mutex_lock(&workers->lock);
	if (refill)
		WRITE_ONCE(workers->refill, true);
	if (replenish)
		WRITE_ONCE(workers->replenish, true);
	start_worker(pool);
	mutex_unlock(&workers->lock);
}

/* Once in five seconds: reclaim may come back to a pool many times a second. */
static void tell_pressure(struct kp_pool *pool)
{
	if (pool->pressure_told && jiffies - pool->pressure_told < 5 * HZ)
		return;
	pool->pressure_told = jiffies ?: 1;
	kp_tell_pressure(pool);
}

/*
 * Calls no callback that may sleep: the workers do. check may not sleep. The last step may let the
 * pool end.
 */
static void defer_worker(struct work_struct *work)
{
	struct kp_pool *pool = container_of(work, struct kp_pool, work);
	bool refill = test_and_clear_bit(POOL_TODO_REFILL, &pool->todo);
	bool replenish = test_and_clear_bit(POOL_TODO_REPLENISH, &pool->todo);

	if (refill && kp_enter(pool)) {
		/* Expired objects have slots that the builds need. */
		kp_depots_drop_stale(pool);
		kp_slab_prepare(pool);
		kp_leave(pool);
	}
	if (test_and_clear_bit(POOL_TODO_NOLOCK, &pool->todo))
		kp_nolock_finish(pool);
	/* Fresh objects may lie below the stale ones. The waiters get these. */
	if (test_and_clear_bit(POOL_TODO_STALE, &pool->todo) && kp_enter(pool)) {
		kp_depots_drop_stale(pool);
		if (pool->waitlist)
			kp_waitlist_kick_all(pool);
		kp_leave(pool);
	}
	if (test_and_clear_bit(POOL_TODO_CHECK, &pool->todo) && kp_enter(pool)) {
		kp_check_some(pool);
		/* Those that ended may have counted for min_idle. */
		replenish |= kp_below_min(pool);
		kp_leave(pool);
	}
	if (test_and_clear_bit(POOL_TODO_PRESSURE, &pool->todo) && kp_enter(pool)) {
		tell_pressure(pool);
		kp_leave(pool);
	}
	if (test_and_clear_bit(POOL_TODO_CONTENDED, &pool->todo) && kp_enter(pool)) {
		kp_adapt_contended(pool);
		kp_leave(pool);
	}
	if (test_and_clear_bit(POOL_TODO_INTERVAL, &pool->todo) && kp_enter(pool)) {
		kp_adapt_interval(pool);
		kp_leave(pool);
	}
	/* If the gate was opened again meanwhile, the objects may stay. */
	if (test_and_clear_bit(POOL_TODO_DRAIN, &pool->todo)) {
		if (READ_ONCE(pool->gate) == GATE_SHUT)
			kp_drain(pool, kp_why_shut(pool));
		else if (kp_over_max(pool))
			kp_shed(pool);
	}
	clear_bit(POOL_TODO_TEARDOWN, &pool->todo);
	/* Pairs with kp_queue_todo(): code that found the bit set has linked its objects before. */
	smp_mb__after_atomic();
	kp_unpack_stale(pool);
	start_workers(pool, refill, replenish);
}

/**
 * kp_defer_init() - give a pool its irq_work, its work and its workers
 * @pool: the pool
 * @workers: how many workers call callbacks that may sleep; 0: kpool chooses
 *
 * Context: process context, sleeps.
 * Return: 0, or -ENOMEM.
 */
int kp_defer_init(struct kp_pool *pool, unsigned int workers)
{
	init_llist_head(&pool->stale);
	init_irq_work(&pool->irq_work, defer_irq_work);
	mutex_init(&pool->sync_lock);
	INIT_WORK(&pool->work, defer_worker);
	INIT_WORK(&pool->put_work, put_worker);
	return kp_workers_init(pool, may_sleep(pool) ? workers ?: KPOOL_WORKERS : 1, do_jobs);
}
