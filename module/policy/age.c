// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ageing: gives back idle objects that a pool does not need, and expired objects. object/due.c says
 * when ageing looks at a pool. policy/shrink.c gives objects back under memory pressure.
 *
 * Once in each interval ageing looks at a pool. It closes each CPU's cache whose counters did not
 * change since the last look, and has the cache's objects torn down. It also takes from each depot
 * the objects that the depot did not need since then. So an unused pool is empty after two
 * intervals, and a busy pool keeps its working set. The pool's work then asks about the health of
 * some objects that stay (policy/health.c). Between these looks ageing takes out objects that
 * idle_ms or lifetime_ms has expired.
 *
 * One work does this for all pools. The work sleeps until the first tick at which a pool is due.
 * While no pool has objects, the work is not queued at all.
 */
#include <linux/cpu.h>
#include <linux/moduleparam.h>
#include <linux/rcupdate.h>
#include <linux/smp.h>

#include "base/age.h"
#include "base/budget.h"
#include "base/clock.h"
#include "base/export.h"
#include "base/ref.h"
#include "base/registry.h"
#include "base/work.h"
#include "object/due.h"
#include "object/expiry.h"
#include "object/keep.h"
#include "object/object.h"
#include "object/prefill.h"
#include "path/cache.h"
#include "path/sample.h"
#include "policy/age.h"
#include "policy/available.h"
#include "policy/shrink.h"
#include "pool.h"
#include "store/depot.h"
#include "store/expired.h"
#include "store/magazine.h"
#include "store/slab.h"
#include "store/stats.h"
#include "store/waitlist.h"

/* How many pools one interrupt looks at. This limits the time with interrupts off. */
#define BATCH	64

/* The task of a pass in one pool, and its results. */
struct kp_visit {
	struct kp_pool *pool;
	bool trim;			/* an interval is over */
	bool used;			/* a cache was used in that interval */
	struct kp_look look;		/* for expired objects */
	unsigned int samples;		/* so many objects are to be torn down as samples */
	enum { LEAVE, UNUSED, OLD } cpu;	/* why this CPU's cache will be closed */
	struct llist_head unused;	/* magazines of caches that nobody used */
	struct llist_head old;		/* magazines of caches that may have an expired object */
};

/* Static because of its size. Protected by pass_lock, as are all kpool_cpu.seen. */
static struct {
	unsigned int n;
	struct kp_visit at[BATCH];
} batch;
static DEFINE_MUTEX(pass_lock);

static bool is_unused(struct kp_visit *l, struct kpool_cpu *c)
{
	/* If the sum wraps around in one interval, the cache is closed early once. */
	unsigned int now = READ_ONCE(c->gets) + READ_ONCE(c->puts);

	if (c->seen == now)
		return kp_is_open(c);
	c->seen = now;
	l->used = true;
	return false;
}

static bool first_is_old(struct kp_visit *l, void **slots)
{
	u32 stamp = data_race(*kp_stamps(l->pool, slots));	/* see has_old() */

	if (kp_too_idle(l->pool, stamp, kp_now() + l->look.idle_lead))
		return true;
	if ((s32)(stamp - l->look.oldest) < 0)
		l->look.oldest = stamp;
	return false;
}

/*
 * Looks at a cache of another CPU. The values may be old, or from a magazine that is being filled.
 * Then a cache is closed for nothing, or one look late. Magazines are freed by RCU.
 */
static bool has_old(struct kp_visit *l, struct kpool_cpu *c)
{
	struct kpool_magazine *loaded, *spare;
	bool old = false;

	if (!l->pool->stamped)
		return false;
	rcu_read_lock();
	loaded = READ_ONCE(c->loaded);
	if (loaded != &kp_closed && kp_cpu_loaded(c))
		old = first_is_old(l, loaded->objs);
	spare = READ_ONCE(c->spare);
	if (spare && READ_ONCE(spare->count))
		old |= first_is_old(l, spare->objs);
	rcu_read_unlock();
	return old;
}

/*
 * Runs on the CPU with interrupts off, so it does not look at objects. A cache that is busy stays
 * open until a later look.
 */
static void close_some(void *unused)
{
	struct kp_visit *l;

	for (l = batch.at; l < batch.at + batch.n; l++)
		if (l->cpu != LEAVE)
			kp_close_here(l->pool, l->cpu == UNUSED ? &l->unused : &l->old);
}

/* Callbacks may be slow, so the pool's worker calls them instead of ageing. */
static void defer_magazine(struct kp_pool *pool, struct kpool_magazine *mag)
{
	if (mag->count)
		kp_defer_teardown(pool, mag->objs, mag->count, KP_TRIM);
	kp_magazine_free(pool, mag);
}

/* Has some of the warmest objects of a magazine torn down as samples. */
static void take_samples(struct kp_visit *l, struct kpool_magazine *mag)
{
	unsigned int n = min(l->samples, mag->count);

	if (!n)
		return;
	l->samples -= n;
	WRITE_ONCE(mag->count, mag->count - n);
	kp_defer_teardown(l->pool, mag->objs + mag->count, n, KP_SAMPLED);
}

/* Gives the valid objects of the magazines to the depot. */
static void keep_found(struct kp_visit *l, struct kp_depot *depot)
{
	struct kpool_magazine *mag, *next;

	llist_for_each_entry_safe(mag, next, llist_del_all(&l->old), found) {
		kp_evict_expired(l->pool, mag);
		take_samples(l, mag);
		kp_keep(l->pool, depot, mag);
	}
}

static void trim_found(struct kp_pool *pool, struct kp_depot *depot, struct llist_head *found)
{
	struct kpool_magazine *mag, *next;
	unsigned long idle;

	if (llist_empty(found))
		return;
	idle = kp_idle(pool);
	/* The found objects are idle, but kp_idle() does not count them. Waiters want them, too. */
	llist_for_each_entry_safe(mag, next, llist_del_all(found), found) {
		kp_evict_expired(pool, mag);
		if (mag->count && (idle < READ_ONCE(pool->min_idle) ||
				   kp_somebody_waits(pool))) {
			idle += mag->count;
			kp_keep(pool, depot, mag);
		} else {
			defer_magazine(pool, mag);
		}
	}
}

/*
 * Closes the caches of a CPU that were not used, and those with stale objects. A look at births
 * closes all caches with objects: a birth can be read only in a magazine that no CPU gets from. So
 * does a look that takes samples, until it has them.
 */
static void look_at_cpu(int cpu)
{
	unsigned int closing = 0;
	struct kpool_cpu *c;
	struct kp_visit *l;

	for (l = batch.at; l < batch.at + batch.n; l++) {
		c = per_cpu_ptr(l->pool->kpool.cpu, cpu);
		l->cpu = l->trim && is_unused(l, c) ? UNUSED :
			 has_old(l, c) || ((l->look.births || l->samples) && kp_cpu_idle(c)) ?
			 OLD : LEAVE;
		closing += l->cpu != LEAVE;
	}
	/* Fails if the CPU went offline. kp_cpu_dead() has emptied its caches then. */
	if (closing)
		smp_call_function_single(cpu, close_some, NULL, true);
	/* At once, because gets of that CPU may want these magazines. */
	for (l = batch.at; l < batch.at + batch.n; l++) {
		keep_found(l, kp_depot_of_cpu(l->pool, cpu));
		trim_found(l->pool, kp_depot_of_cpu(l->pool, cpu), &l->unused);
	}
	cond_resched();
}

/* Takes expired objects out of a depot, one magazine at a time. */
static void expire_depot(struct kp_visit *l, struct kp_depot *depot)
{
	struct kpool_magazine *mag;
	unsigned int from;

	kp_depot_look(depot, &l->look);
	while (kp_depot_find_expired(l->pool, depot, &l->look, &mag)) {
		if (mag) {
			kp_evict_expired(l->pool, mag);
			from = 0;
			kp_look_at(l->pool, mag, &l->look, &from, UINT_MAX);
			kp_keep(l->pool, depot, mag);
		}
		cond_resched();
	}
}

/* How many idle objects the pool has above min_idle, and above those that expire soon. */
static unsigned long more_than_min_idle(struct kp_visit *l)
{
	unsigned long idle = kp_idle(l->pool);
	unsigned long stay = READ_ONCE(l->pool->min_idle) + l->look.fading;

	return idle > stay ? idle - stay : 0;
}

static void trim_depot(struct kp_visit *l, struct kp_depot *depot)
{
	struct kp_pool *pool = l->pool;
	struct kpool_magazine *mag, *next, *rest = NULL;
	LIST_HEAD(mags);
	bool more;

	/* If this fails, objects that do not fill a magazine stay until a later look. */
	if (READ_ONCE(depot->min_level))
		rest = kp_magazine_alloc(pool, GFP_KERNEL | __GFP_NOWARN);
	do {
		more = kp_depot_trim(pool, depot, more_than_min_idle(l), rest, &mags);
		list_for_each_entry_safe(mag, next, &mags, list)
			defer_magazine(pool, mag);
		INIT_LIST_HEAD(&mags);
		cond_resched();
	} while (more);
	if (rest)
		defer_magazine(pool, rest);
}

/* Once in an interval, a set's classes get their shares by use. Each of the classes comes here. */
static void share_soon(struct kp_budget *budget)
{
	unsigned long interval = kp_age_interval();

	if (budget && interval &&
	    time_after_eq(kp_now(), READ_ONCE(budget->shared_at) + interval - interval / 4))
		kp_budget_share(budget, BUDGET_INTERVAL);
}

static void look_at_depots(struct kp_visit *l)
{
	struct kp_pool *pool = l->pool;
	unsigned int i;

	for (i = 0; i < pool->nr_depots && (pool->stamped || l->look.births); i++)
		expire_depot(l, &pool->depots[i]);
	for (i = 0; i < pool->nr_depots && l->trim; i++)
		trim_depot(l, &pool->depots[i]);
	if (l->trim && (pool->ops.check || READ_ONCE(pool->instruments) & (KP_DEBUG | KP_TRACK)))
		kp_queue_todo(pool, POOL_TODO_CHECK);
	if (l->trim && READ_ONCE(pool->adapt.grown))
		kp_queue_todo(pool, POOL_TODO_INTERVAL);
	if (l->trim)
		share_soon(pool->class_link->budget);
	/* Makes the slab cache for pools whose gets cannot make it. */
	if (l->trim && atomic64_read(&pool->created))
		kp_slab_prepare(pool);
}

/* Does the pool have magazines, which may be empty, to give back? */
static bool has_magazines(struct kp_pool *pool)
{
	struct kpool_cpu *c;
	int cpu;

	for_each_possible_cpu(cpu) {
		c = per_cpu_ptr(pool->kpool.cpu, cpu);
		if (kp_is_open(c) || READ_ONCE(c->spare))
			return true;
	}
	return kp_depot_empties(pool);
}

/*
 * If all idle objects expire soon, and max or max_idle has no room for replacements, has one of
 * them torn down already. Its replacement is there when the others expire. Returns whether it did.
 */
static bool retire_one(struct kp_pool *pool)
{
	unsigned long fading = READ_ONCE(pool->fading);
	unsigned int i;
	void *obj = NULL;

	if (fading < 2 || fading < kp_idle(pool) ||
	    (kp_depot_room(pool) && !kp_is_full(pool)))
		return false;
	for (i = 0; i < pool->nr_depots && !obj; i++) {
		local_irq_disable();
		obj = kp_depot_get_one(pool, &pool->depots[i]);
		local_irq_enable();
	}
	if (obj)
		kp_defer_expired(pool, &obj, 1, pool->stamped ? KP_IDLE_AGE : KP_LIFETIME);
	return obj;
}

static void look_end(struct kp_visit *l)
{
	struct kp_pool *pool = l->pool;
	unsigned long now = kp_now();

	if (l->used)
		kp_shrink_last(pool);
	if (l->look.births)
		pool->births_at = kp_due_births(pool, now, &l->look);
	WRITE_ONCE(pool->fading, l->look.fading);
	kp_available_update(pool);
	if (retire_one(pool) || kp_below_min(pool)) {
		kp_queue_todo(pool, POOL_TODO_REPLENISH);
		kp_age_expect(pool, now + HZ);
	}
	smp_mb();	/* the pool is not expected now; pairs with that in kp_build_here() */
	if (atomic_long_read(&pool->existing) || has_magazines(pool))
		kp_age_expect(pool, kp_due_next(pool, now, pool->trimmed_at, pool->births_at,
						&l->look));
	kp_leave(pool);
}

static void look_at_batch(void)
{
	struct kp_visit *l, *end = batch.at + batch.n;
	int cpu;

	lockdep_assert_held(&pass_lock);
	for_each_online_cpu(cpu)
		look_at_cpu(cpu);
	for (l = batch.at; l < end; l++) {
		look_at_depots(l);
		look_end(l);
	}
	batch.n = 0;
	cond_resched();
}

/**
 * kp_age_changed() - look at a pool now, as its idle_ms or lifetime_ms has changed
 * @pool: the pool
 *
 * Context: process context, sleeps. The caller holds no lock of the pool.
 */
void kp_age_changed(struct kp_pool *pool)
{
	mutex_lock(&pass_lock);
	pool->births_at = kp_now();
	mutex_unlock(&pass_lock);
	kp_age_expect(pool, kp_now());
}

static void look_begin(struct kp_visit *l, struct kp_pool *pool, unsigned long now, bool trim)
{
	unsigned long interval = kp_age_interval();

	lockdep_assert_held(&pass_lock);
	might_lock(&pool->gate_lock);	/* a pass does not take it, but pool.h has this order */
	*l = (struct kp_visit){ .pool = pool, .trim = trim };
	kp_due_look(pool, now, &l->look);
	if (interval && time_after_eq(now, pool->trimmed_at + interval))
		l->trim = true;
	if (l->trim)
		pool->trimmed_at = now;
	/* To know what min_idle lacks soon, each look has to see all that is fading. */
	if (READ_ONCE(pool->lifetime) != LIFETIME_ANY)
		l->look.births = time_after_eq(now, pool->births_at) || READ_ONCE(pool->min_idle);
	if (kp_samples())
		l->samples = kp_samples_due(pool);
	init_llist_head(&l->unused);
	init_llist_head(&l->old);
}

/*
 * The next pool that is due, or with all just the next one, after kp_enter(). So kpool_destroy()
 * waits for the look, and the look needs no reference. Returns NULL if there are no more.
 */
static struct kp_pool *enter_next(u32 *id, unsigned long now, bool all)
{
	struct kp_pool *pool;
	bool entered;

	do {
		/* Keeps the memory of a pool that ends, until kp_enter() has failed. */
		rcu_read_lock();
		pool = kp_registry_after(id);
		entered = pool && (kp_due_now(pool, now) || all) && kp_enter(pool);
		rcu_read_unlock();
	} while (pool && !entered);
	return pool;
}

/* Looks at all pools that are due. With all: looks at every pool, as if an interval were over. */
static void look_at_pools(bool all)
{
	unsigned long now = kp_now();
	struct kp_pool *pool;
	u32 id = 0;

	mutex_lock(&pass_lock);
	while ((pool = enter_next(&id, now, all))) {
		look_begin(&batch.at[batch.n], pool, now, all);
		if (++batch.n == BATCH)
			look_at_batch();
	}
	look_at_batch();
	mutex_unlock(&pass_lock);
}

/**
 * kp_age_pass() - look at all pools as if an interval were over
 *
 * The workers of the pools tear the objects down: see kp_defer_sync().
 *
 * Context: process context, sleeps.
 */
void kp_age_pass(void)
{
	look_at_pools(true);
}
EXPORT_SYMBOL_FOR_TESTS(kp_age_pass);

static void age_work_fn(struct work_struct *work)
{
	kp_due_begin();
	look_at_pools(false);
}

/**
 * kp_age_recount() - compute all due times anew, as the clock or an interval has changed
 *
 * Context: process context, sleeps.
 */
void kp_age_recount(void)
{
	unsigned long now = kp_now();
	struct kp_pool *pool;
	u32 id = 0;

	while ((pool = kp_registry_next(&id))) {
		kp_age_expect(pool, now);
		kp_unref(pool, 1);
	}
	kp_due_at_once();
}
EXPORT_SYMBOL_FOR_TESTS(kp_age_recount);

/*
 * Set between kp_age_init() and kp_age_exit(). The parameter can be written before and after, as
 * long as the module is loaded. Protected by kernel_param_lock().
 */
static bool ready;

void kp_age_init(void)
{
	kernel_param_lock(THIS_MODULE);
	ready = true;
	kernel_param_unlock(THIS_MODULE);
	kp_due_init(age_work_fn);
	kp_age_start();
}

void kp_age_exit(void)
{
	kernel_param_lock(THIS_MODULE);
	ready = false;
	kernel_param_unlock(THIS_MODULE);
	kp_age_stop();
}

static int interval_set(const char *val, const struct kernel_param *kp)
{
	int err = param_set_uint(val, kp);

	if (!err && ready)
		kp_age_recount();
	return err;
}

static const struct kernel_param_ops interval_ops = {
	.set = interval_set,
	.get = param_get_uint,
};
module_param_cb(age_interval_ms, &interval_ops, &kp_age_interval_ms, 0644);
MODULE_PARM_DESC(age_interval_ms,
		 "Milliseconds between looks for idle objects to give back (default 15000, 0: never)");

/* The number of ageing's looks depends on this parameter, too. */
module_param_cb(sample_bypass, &interval_ops, &kp_sample_every, 0644);
MODULE_PARM_DESC(sample_bypass, "Tear down about one of so many puts, for KFENCE (default 0: none)");
