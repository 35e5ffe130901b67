// SPDX-License-Identifier: GPL-2.0-only
/*
 * The limits of a pool: their values at creation, and changes while the pool is in use.
 * base/params.c checks whether limits make sense.
 *
 * Limits that become smaller change first. Objects that have no room any more are torn down before
 * any limit becomes larger. So each limit, old or new, holds at any time. Exception: max holds only
 * after enough objects in use were put.
 */
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/moduleparam.h>
#include <linux/rcupdate.h>
#include <linux/sizes.h>

#include "base/budget.h"
#include "base/clock.h"
#include "base/cpus.h"
#include "base/export.h"
#include "base/observer.h"
#include "base/params.h"
#include "base/ref.h"
#include "base/trace.h"
#include "base/work.h"
#include "object/object.h"
#include "object/prefill.h"
#include "path/sweep.h"
#include "policy/age.h"
#include "policy/retune.h"
#include "pool.h"
#include "store/depot.h"
#include "store/expired.h"
#include "store/magazine.h"
#include "store/reserve_list.h"
#include "store/slots.h"
#include "store/waitlist.h"

/* About how many bytes the objects of a magazine have, if the consumer does not choose its size. */
#define MAGAZINE_BYTES		SZ_16K
#define MAGAZINE_LEAST		4
#define MAGAZINE_CHOSEN_MOST	64

/* Limits the bytes that the magazines of a CPU pin, however many objects a consumer asks for. */
static unsigned long cache_bytes = SZ_2M;
module_param(cache_bytes, ulong, 0644);
MODULE_PARM_DESC(cache_bytes, "Most bytes of idle objects in the two magazines of a CPU, in each pool");

/* How many idle objects kp_shed() takes at a time. */
#define SHED_BATCH		16

static unsigned int magazine_by_weight(size_t weight, bool stamped)
{
	size_t n = rounddown_pow_of_two(max_t(size_t, MAGAZINE_BYTES / weight, 1));

	return kp_magazine_fit(clamp_t(size_t, n, MAGAZINE_LEAST, MAGAZINE_CHOSEN_MOST),
			       MAGAZINE_LEAST, stamped);
}

/**
 * kp_magazine_by_size() - the size of magazines that kpool chooses for a new pool
 * @pool: the pool; its size, ownership and stamped are set
 *
 * Return: about how many objects fit into MAGAZINE_BYTES, between the bounds above.
 */
unsigned int kp_magazine_by_size(const struct kp_pool *pool)
{
	return magazine_by_weight(kp_weight(pool), pool->stamped);
}

/* The size of magazines that the consumer asked for, or that kpool chooses. */
static unsigned int magazine_wanted(const struct kp_pool *pool, const struct kpool_params *p)
{
	return p->magazine ?: pool->magazine_chosen;
}

/* The magazines of all CPUs have this many objects if they share so many bytes. */
static unsigned int magazine_in(const struct kp_pool *pool, size_t bytes)
{
	return min_t(size_t, UINT_MAX, bytes / pool->size / 2 / READ_ONCE(kp_cpus));
}

/* The largest magazine that the class's share of max_idle_bytes has room for. */
static unsigned int magazine_by_share(const struct kp_pool *pool)
{
	return pool->class_link->budget ? magazine_in(pool, pool->class_link->magazine_share) :
					  UINT_MAX;
}

/* The largest magazine that can be asked for, of a class under max_idle_bytes. */
static unsigned int magazine_fair(const struct kp_pool *pool)
{
	return magazine_in(pool, READ_ONCE(pool->class_link->budget->fair));
}

/* The largest magazine of objects of so many bytes, if the class has no share to observe. */
static unsigned int magazine_most(const struct kpool_params *p, size_t weight)
{
	return min_t(unsigned long, READ_ONCE(cache_bytes) / 2 / weight, kp_magazine_most(p));
}

static unsigned int magazine_without_share(const struct kp_pool *pool,
					   const struct kpool_params *p)
{
	return min3(magazine_wanted(pool, p), pool->magazine_slots,
		    magazine_most(p, kp_weight(pool)));
}

static unsigned int magazine_for(const struct kp_pool *pool, const struct kpool_params *p)
{
	if (pool->no_magazines)
		return 0;
	return min(magazine_without_share(pool, p), magazine_by_share(pool));
}

/* The size that the magazines of a new class will have, if its share has room for them. */
unsigned int kp_magazine_of_class(const struct kpool_params *p)
{
	return min(p->magazine ?: magazine_by_weight(p->size, p->idle_ms),
		   magazine_most(p, p->size));
}

/*
 * How many objects all depots together may have. With this limit max_idle holds, even if all caches
 * are full.
 */
static long room_for_depots(const struct kpool_params *p, unsigned int magazine)
{
	if (p->max_idle == KPOOL_KEEP_NONE)
		return 0;
	if (!p->max_idle)
		return ROOM_ANY;
	return p->max_idle - 2L * magazine * READ_ONCE(kp_cpus);
}

/* Sets all limits, except the sizes of magazines and depots that follow from them. */
static void set_limits(struct kp_pool *pool, const struct kpool_params *p)
{
	u32 idle = kp_has_limit(p->idle_ms) ? msecs_to_jiffies(p->idle_ms) : IDLE_ANY;

	WRITE_ONCE(pool->magazine_asked, p->magazine);
	WRITE_ONCE(pool->min_idle, p->min_idle);
	WRITE_ONCE(pool->max_idle, p->max_idle);
	WRITE_ONCE(pool->max_highest,
		   max(pool->max_highest, kp_has_limit(p->max) ? p->max : UINT_MAX));
	WRITE_ONCE(pool->max, kp_has_limit(p->max) ? p->max : 0);
	WRITE_ONCE(pool->reserve, p->reserve);
	WRITE_ONCE(pool->idle_ms, p->idle_ms);
	WRITE_ONCE(pool->lifetime_ms, p->lifetime_ms);
	WRITE_ONCE(pool->idle, idle);
	WRITE_ONCE(pool->idle_limit, idle == IDLE_ANY ? IDLE_ANY : idle + CLOCK_SLACK);
	WRITE_ONCE(pool->lifetime, kp_has_limit(p->lifetime_ms) ?
				   msecs_to_jiffies(p->lifetime_ms) : LIFETIME_ANY);
}

/**
 * kp_limits_init() - set the limits of a new pool
 * @pool: the pool; its size, ownership and stamped are set
 * @p: the parameters, which kp_params_check() has passed
 *
 * Context: process context.
 */
void kp_limits_init(struct kp_pool *pool, const struct kpool_params *p)
{
	unsigned int slots;

	set_limits(pool, p);
	pool->magazine_chosen = kp_magazine_by_size(pool);
	pool->magazine_slots = magazine_wanted(pool, p);
	pool->magazine = magazine_for(pool, p);
	/* The share of a class may become larger. */
	slots = pool->class_link->budget ? magazine_without_share(pool, p) : pool->magazine;
	if (slots)
		pool->magazine_slots = slots;
	pool->magazine_room = pool->magazine_slots;
	pool->stamps = (pool->magazine_room + 1) * sizeof(void *);
	pool->depot_max = room_for_depots(p, pool->magazine);
	pool->nothing_idle = p->max_idle == KPOOL_KEEP_NONE;
}

/* A class has a share in max_idle_bytes of its set. Its floor was fixed at creation. */
static int check_share(const struct kp_pool *pool, const struct kpool_params *p,
		       struct kp_reason *why)
{
	if (p->magazine > magazine_fair(pool))
		return kp_refuse(why, -EOPNOTSUPP, KPOOL_LIMIT_MAGAZINE,
				 "magazine: %u objects, max_idle_bytes leaves room for %u",
				 p->magazine, magazine_fair(pool));
	if (p->min_idle > pool->class_link->floor)
		return kp_refuse(why, -EOPNOTSUPP, KPOOL_LIMIT_MIN_IDLE,
				 "min_idle: %u, but max_idle_bytes has room for %u", p->min_idle,
				 pool->class_link->floor);
	if (p->reserve > pool->class_link->floor)
		return kp_refuse(why, -EOPNOTSUPP, KPOOL_LIMIT_RESERVE,
				 "reserve: %u, but max_idle_bytes has room for %u", p->reserve,
				 pool->class_link->floor);
	return 0;
}

/* Refuses limits that the pool was not created for: its hits or objects have no place for them. */
static int check_made_for(const struct kp_pool *pool, const struct kpool_params *p,
			  struct kp_reason *why)
{
	if (!pool->waitlist && kp_has_limit(p->max))
		return kp_refuse(why, -EOPNOTSUPP, KPOOL_LIMIT_MAX,
				 "max: created without, its module has to give KPOOL_UNLIMITED");
	if (!pool->waitlist && p->reserve)
		return kp_refuse(why, -EOPNOTSUPP, KPOOL_LIMIT_RESERVE,
				 "reserve: created without, its module has to give max KPOOL_UNLIMITED");
	/* The ctors of a reserve need a workqueue with its own rescuer. */
	if (!pool->build_wq && p->reserve && pool->flags & KPOOL_BUILD_IN_WORKER)
		return kp_refuse(why, -EOPNOTSUPP, KPOOL_LIMIT_RESERVE,
				 "reserve: created without, and builds in a worker");
	if (!pool->stamped && kp_has_limit(p->idle_ms))
		return kp_refuse(why, -EOPNOTSUPP, KPOOL_LIMIT_IDLE_MS,
				 "idle_ms: created without, its module has to give KPOOL_UNLIMITED");
	if (!pool->has_birth && kp_has_limit(p->lifetime_ms))
		return kp_refuse(why, -EOPNOTSUPP, KPOOL_LIMIT_LIFETIME_MS,
				 "lifetime_ms: created without, its module has to give KPOOL_UNLIMITED");
	/* A magazine that is the same as before may be larger: it was made smaller at creation. */
	if (p->magazine > pool->magazine_room && p->magazine != pool->magazine_asked)
		return kp_refuse(why, -EOPNOTSUPP, KPOOL_LIMIT_MAGAZINE,
				 "magazine: %u objects, created with room for %u", p->magazine,
				 pool->magazine_room);
	return pool->class_link->budget ? check_share(pool, p, why) : 0;
}

/* How many more objects the depots have than max_idle leaves room for. */
static unsigned long over_depot_max(struct kp_pool *pool)
{
	return max(atomic_long_read(&pool->depot_idle) - pool->depot_max, 0L);
}

/*
 * Has the worker tear down the objects that the depots have no room for any more. The coldest
 * magazines go first. If less than a magazine is left, single objects follow in any order, which
 * needs no memory.
 */
static void make_room(struct kp_pool *pool)
{
	struct kpool_magazine *mag, *next;
	LIST_HEAD(mags);
	unsigned int i;
	void *obj;

	smp_mb();	/* depot_max is set before this look; pairs with the add in take_room() */
	for (i = 0; i < pool->nr_depots; i++)
		while (kp_depot_take(pool, &pool->depots[i], over_depot_max(pool), &mags)) {
			list_for_each_entry_safe(mag, next, &mags, list) {
				kp_defer_teardown(pool, mag->objs, mag->count, KP_MAX_IDLE);
				kp_magazine_free(pool, mag);
			}
			INIT_LIST_HEAD(&mags);
			cond_resched();
		}
	for (i = 0; i < pool->nr_depots; i++)
		while (over_depot_max(pool)) {
			local_irq_disable();
			obj = kp_depot_get_one(pool, &pool->depots[i]);
			local_irq_enable();
			if (!obj)
				break;
			kp_defer_teardown(pool, &obj, 1, KP_MAX_IDLE);
		}
}

/*
 * Slow paths read the size of magazines with interrupts off. After a grace period all sections that
 * may have read the old size are over. So each cache that has an old magazine is open, and
 * kp_close_all() sees that.
 */
static void set_magazine(struct kp_pool *pool, unsigned int magazine, long room)
{
	LLIST_HEAD(found);

	WRITE_ONCE(pool->magazine, magazine);
	/* A get that sweeps waits for gate_lock meanwhile, and its timeout runs. */
	synchronize_rcu_expedited();
	kp_close_all(pool, &found);
	/* From here on caches hold no more than the new size: the depots may have the rest. */
	if (room > pool->depot_max)
		WRITE_ONCE(pool->depot_max, room);
	kp_found_keep(pool, &found);
}

static void set_max(struct kp_pool *pool)
{
	if (pool->waitlist && kp_waitlist_set_max(pool, pool->max ?: ULONG_MAX))
		kp_sweep_to_depot(pool);
}

/* Starts or stops counting idle objects in depot_idle. Under a budget they are always counted. */
static void count_idle(struct kp_pool *pool, bool on)
{
	if (pool->class_link->budget)
		return;
	kp_depots_count(pool, on);
	if (pool->waitlist)
		kp_reserve_list_count(pool, on);
}

static void apply(struct kp_pool *pool, const struct kpool_params *p)
{
	unsigned int magazine = magazine_for(pool, p);
	long room = room_for_depots(p, magazine);

	lockdep_assert_held(&pool->gate_lock);
	set_limits(pool, p);

	if (room != ROOM_ANY && pool->depot_max == ROOM_ANY)
		count_idle(pool, true);
	if (p->max_idle == KPOOL_KEEP_NONE)
		WRITE_ONCE(pool->nothing_idle, true);
	if (magazine < pool->magazine)
		set_magazine(pool, magazine, room);
	set_max(pool);
	if (room < pool->depot_max) {
		WRITE_ONCE(pool->depot_max, room);
		make_room(pool);
	}

	WRITE_ONCE(pool->depot_max, room);
	if (room == ROOM_ANY)
		count_idle(pool, false);
	if (p->max_idle != KPOOL_KEEP_NONE)
		WRITE_ONCE(pool->nothing_idle, false);
	if (magazine > pool->magazine)
		set_magazine(pool, magazine, room);
}

static unsigned int take_excess(struct kp_pool *pool, void **objs, unsigned int most)
{
	struct kp_waitlist *waitlist = pool->waitlist;
	unsigned int i, n = 0;

	raw_spin_lock_irq(&waitlist->lock);
	most = min_t(unsigned long, most, kp_excess(pool));
	most = clamp_t(long, atomic_long_read(&pool->kept) - READ_ONCE(pool->reserve), 0, most);
	for (i = 0; i < pool->nr_depots; i++)
		while (n < most && (objs[n] = kp_depot_get_one(pool, &pool->depots[i])))
			n++;
	/* Under the lock, so that another kp_shed() does not take as many objects again. */
	atomic_long_sub(n, &pool->kept);
	raw_spin_unlock_irq(&waitlist->lock);
	return n;
}

/**
 * kp_shed() - have idle objects torn down while more objects than max exist
 * @pool: the pool
 *
 * Takes objects from the depots: the code that lowers max has closed the caches. A worker tears
 * the objects down.
 *
 * Context: process context, sleeps.
 */
void kp_shed(struct kp_pool *pool)
{
	void *objs[SHED_BATCH];
	unsigned int n;

	while (pool->waitlist && (n = take_excess(pool, objs, SHED_BATCH))) {
		preempt_disable();
		kp_queue_teardown(pool, objs, n, KP_OVER_MAX);
		preempt_enable();
		cond_resched();
	}
}

/*
 * What the new limits leave to the workers. None of this waits for a callback: an administrator's
 * request, which may hold locks of netlink, comes here.
 */
static void follow_up(struct kp_pool *pool, const struct kpool_limits *before,
		      const struct kpool_limits *now)
{
	kp_shed(pool);
	kp_reserve_shrink(pool);
	if (now->idle_ms != before->idle_ms || now->lifetime_ms != before->lifetime_ms)
		kp_age_changed(pool);
	if (kp_below_min(pool))
		kp_queue_todo(pool, POOL_TODO_REPLENISH);
	if (now->magazine != before->magazine && pool->class_link->budget)
		kp_budget_share(pool->class_link->budget, BUDGET_SHARE);
	if (memcmp(now, before, sizeof(*now))) {
		trace_kpool_retune(pool, now);
		kp_tell_changed(pool);
	}
}

static struct kpool_limits limits_of(const struct kp_pool *pool)
{
	lockdep_assert_held(&pool->gate_lock);
	return (struct kpool_limits){
		.min_idle = pool->min_idle,
		.max_idle = pool->max_idle,
		.max = pool->max,
		.reserve = pool->reserve,
		.idle_ms = pool->idle_ms,
		.lifetime_ms = pool->lifetime_ms,
		.magazine = pool->magazine_asked,
		.magazine_now = pool->magazine,
	};
}

/* The parameters of the pool, with the limits in given taken from limits. */
static struct kpool_params params_with(const struct kp_pool *pool,
				       const struct kpool_limits *limits, unsigned int given)
{
	const struct kpool_limits own = limits_of(pool);

#define GIVEN(LIMIT, name)	((given & KPOOL_LIMIT_ ## LIMIT ? limits : &own)->name)
	return (struct kpool_params){
		.name = pool->name,
		.size = pool->size,
		.flags = pool->flags,
		.magazine = GIVEN(MAGAZINE, magazine),
		.min_idle = GIVEN(MIN_IDLE, min_idle),
		.max_idle = GIVEN(MAX_IDLE, max_idle),
		.max = GIVEN(MAX, max),
		.reserve = GIVEN(RESERVE, reserve),
		.idle_ms = GIVEN(IDLE_MS, idle_ms),
		.lifetime_ms = GIVEN(LIFETIME_MS, lifetime_ms),
	};
#undef GIVEN
}

/*
 * More CPUs than before may be online, so that magazines have to be smaller than asked for. That is
 * no reason to refuse a change of another limit.
 */
static bool same_magazine(const struct kp_pool *pool, const struct kpool_params *p)
{
	return p->magazine == pool->magazine_asked && p->max == pool->max &&
	       p->max_idle == pool->max_idle && p->min_idle == pool->min_idle &&
	       p->reserve == pool->reserve;
}

static int check(const struct kp_pool *pool, const struct kpool_params *p, struct kp_reason *why)
{
	struct kpool_params changed = *p;

	if (READ_ONCE(pool->state) != KPOOL_STATE_LIVE)
		return kp_refuse(why, -ESHUTDOWN, 0, "the pool is being destroyed");
	if (same_magazine(pool, p))
		changed.magazine = 0;
	return kp_limits_check(&changed, why) ?: check_made_for(pool, &changed, why);
}

/**
 * kp_retune_magazines() - fit the size of magazines to CPUs and instruments
 * @pool: the pool
 *
 * Context: process context, sleeps. The caller keeps the pool from being freed.
 */
void kp_retune_magazines(struct kp_pool *pool)
{
	struct kpool_params p;

	if (!kp_enter(pool))
		return;
	mutex_lock(&pool->gate_lock);
	p = params_with(pool, NULL, 0);
	if (magazine_for(pool, &p) != pool->magazine ||
	    room_for_depots(&p, pool->magazine) != pool->depot_max)
		apply(pool, &p);
	mutex_unlock(&pool->gate_lock);
	kp_leave(pool);
}
EXPORT_SYMBOL_FOR_TESTS(kp_retune_magazines);

/**
 * kp_magazine_wishes() - which size the magazines of a class would have without max_idle_bytes
 * @pool: the pool
 * @least: set to what was asked for, 0 if nothing was, and no more than can be asked for now
 *
 * Context: process context, sleeps. The caller keeps the pool from being freed.
 * Return: the size, at least @least.
 */
unsigned int kp_magazine_wishes(struct kp_pool *pool, unsigned int *least)
{
	struct kpool_params p;
	unsigned int wanted;

	mutex_lock(&pool->gate_lock);
	p = params_with(pool, NULL, 0);
	wanted = magazine_without_share(pool, &p);
	*least = min3(p.magazine, wanted, magazine_fair(pool));
	mutex_unlock(&pool->gate_lock);
	return wanted;
}

/**
 * kp_retune_chosen() - change the size of magazines that kpool has chosen
 * @pool: a pool whose magazines have no stamps
 * @n: objects in a magazine; the limits and cache_bytes may leave room for fewer
 *
 * Context: process context, sleeps. The caller holds gate_lock.
 */
void kp_retune_chosen(struct kp_pool *pool, unsigned int n)
{
	const struct kpool_params p = params_with(pool, NULL, 0);
	unsigned int before = pool->magazine_chosen;
	struct kpool_limits now;

	lockdep_assert_held(&pool->gate_lock);
	pool->magazine_chosen = n;
	/* Other magazines stay in use until they are empty: see take_spare_of_now(). */
	WRITE_ONCE(pool->magazine_slots, max(n, pool->magazine_room));
	if (magazine_for(pool, &p) == pool->magazine) {
		pool->magazine_chosen = before;
		WRITE_ONCE(pool->magazine_slots, max(before, pool->magazine_room));
		return;
	}
	apply(pool, &p);
	WRITE_ONCE(pool->magazine_slots, max(pool->magazine, pool->magazine_room));
	now = limits_of(pool);
	trace_kpool_retune(pool, &now);
}

/**
 * kp_retune() - change some limits of a pool while it is in use
 * @pool: the pool
 * @limits: new values
 * @given: which limits change, of &enum kpool_limit; the others stay as they are
 * @why: set to the reason of an error
 *
 * As kpool_retune_some(), except that this returns when the limits hold: the workers tear down and
 * build the objects later.
 *
 * Context: process context, sleeps. The caller keeps the pool from being freed.
 * Return: as kpool_retune_some().
 */
int kp_retune(struct kp_pool *pool, const struct kpool_limits *limits, unsigned int given,
	      struct kp_reason *why)
{
	struct kpool_limits before, now;
	struct kpool_params p;
	int err;

	might_sleep();
	if (!kp_enter(pool))
		return kp_refuse(why, -ESHUTDOWN, 0, "the pool is being destroyed");
	mutex_lock(&pool->gate_lock);
	before = limits_of(pool);
	p = params_with(pool, limits, given);
	err = check(pool, &p, why);
	if (!err)
		apply(pool, &p);
	now = limits_of(pool);
	mutex_unlock(&pool->gate_lock);
	if (!err)
		follow_up(pool, &before, &now);
	kp_leave(pool);
	return err;
}
EXPORT_SYMBOL_FOR_TESTS(kp_retune);

void kpool_limits(struct kpool *kpool, struct kpool_limits *limits)
{
	struct kp_pool *pool = to_pool(kpool);

	mutex_lock(&pool->gate_lock);
	*limits = limits_of(pool);
	mutex_unlock(&pool->gate_lock);
}
EXPORT_SYMBOL_GPL(kpool_limits);

int kpool_retune_some(struct kpool *kpool, const struct kpool_limits *limits, unsigned int given)
{
	unsigned int unknown = given & ~KPOOL_LIMIT_ALL;
	struct kp_pool *pool = to_pool(kpool);
	struct kp_reason why;
	int err;

	if (unknown)
		err = kp_refuse(&why, -EINVAL, 0, "given: %#x is unknown", unknown);
	else
		err = kp_retune(pool, limits, given, &why);
	if (err && err != -ESHUTDOWN)
		pr_err_ratelimited("cannot retune pool %s: %s\n", pool->name, why.text);
	if (err || !kp_enter(pool))
		return err;
	kp_defer_sync_killable(pool, true);
	kp_leave(pool);
	return 0;
}
EXPORT_SYMBOL_GPL(kpool_retune_some);

int kpool_retune(struct kpool *kpool, const struct kpool_limits *limits)
{
	return kpool_retune_some(kpool, limits, KPOOL_LIMIT_ALL);
}
EXPORT_SYMBOL_GPL(kpool_retune);
