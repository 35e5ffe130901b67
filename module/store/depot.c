// SPDX-License-Identifier: GPL-2.0-only
/*
 * Depots: one for each NUMA node, or only one if the pool's objects live on one node. A depot
 * exchanges whole magazines with the CPUs' caches, each in one hold of its lock. It takes and gives
 * single objects where a cache is off, closed or busy.
 *
 * store/magazine.c has the magazines, object/keep.c has the steps that follow an insertion into a
 * depot.
 */
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/topology.h>

#include "base/budget.h"
#include "pool.h"
#include "store/depot.h"
#include "store/expired.h"
#include "store/magazine.h"
#include "store/stats.h"

void kp_depots_init(struct kp_pool *pool)
{
	struct kp_depot *depot;

	for (depot = pool->depots; depot < pool->depots + pool->nr_depots; depot++) {
		raw_spin_lock_init(&depot->lock);
		INIT_LIST_HEAD(&depot->full);
		INIT_LIST_HEAD(&depot->empty);
		depot->counted = pool->depot_max != ROOM_ANY;
	}
}

/* Only empty magazines are left, and no other code uses the pool. */
void kp_depots_exit(struct kp_pool *pool)
{
	struct kpool_magazine *mag, *next;
	unsigned int i;

	for (i = 0; i < pool->nr_depots; i++) {
		WARN_ON_ONCE(!list_empty(&pool->depots[i].full));
		list_for_each_entry_safe(mag, next, &pool->depots[i].empty, list)
			kfree(mag);
	}
}

struct kp_depot *kp_depot_of_cpu(struct kp_pool *pool, int cpu)
{
	return &pool->depots[pool->nr_depots == 1 ? 0 : cpu_to_mem(cpu)];
}

/* The depot of this CPU, as long as the caller stays on it. */
struct kp_depot *kp_depot_here(struct kp_pool *pool)
{
	struct kp_depot *depot;

	preempt_disable();
	depot = kp_depot(pool);
	preempt_enable();
	return depot;
}

/* The depot of this CPU. Context: preemption off. */
struct kp_depot *kp_depot(struct kp_pool *pool)
{
	return &pool->depots[pool->nr_depots == 1 ? 0 : numa_mem_id()];
}

/*
 * Takes room for n more objects in all depots together. Returns whether there was enough. The
 * caller holds the lock under which the objects are added, so kp_depots_count() may begin and end
 * at any time.
 */
static bool take_room(struct kp_pool *pool, struct kp_depot *depot, unsigned int n)
{
	lockdep_assert_held(&depot->lock);
	if (pool->class_link.budget)
		return kp_budget_try_charge(pool, n);
	if (!depot->counted)
		return true;
	if (atomic_long_add_return(n, &pool->depot_idle) <= READ_ONCE(pool->depot_max))
		return true;
	atomic_long_sub(n, &pool->depot_idle);
	return false;
}

static void give_room(struct kp_pool *pool, struct kp_depot *depot, unsigned long n)
{
	lockdep_assert_held(&depot->lock);
	if (pool->class_link.budget)
		kp_budget_charge(pool, -(long)n);
	else if (depot->counted)
		atomic_long_sub(n, &pool->depot_idle);
}

static void objects_came(struct kp_depot *depot, unsigned long n)
{
	WRITE_ONCE(depot->objects, depot->objects + n);
	WRITE_ONCE(depot->puts, depot->puts + 1);
	kp_count_reclaimable(n);
}

static void objects_left(struct kp_pool *pool, struct kp_depot *depot, unsigned long n)
{
	kp_count_reclaimable(-(long)n);
	WRITE_ONCE(depot->objects, depot->objects - n);
	WRITE_ONCE(depot->min_level, min(depot->min_level, depot->objects));
	give_room(pool, depot, n);
}

/**
 * kp_depots_count() - start or stop counting the depots' objects in depot_idle
 * @pool: the pool
 * @on: whether max_idle needs depot_idle from now on
 *
 * Each depot adds its objects to depot_idle, or takes them off, under its own lock. That lock
 * protects its number of objects, so the sum is exact at any time. Pools without max_idle share no
 * counter between nodes.
 *
 * Context: process context; the caller holds gate_lock.
 */
void kp_depots_count(struct kp_pool *pool, bool on)
{
	struct kp_depot *depot;
	long n;

	lockdep_assert_held(&pool->gate_lock);
	for (depot = pool->depots; depot < pool->depots + pool->nr_depots; depot++) {
		raw_spin_lock_irq(&depot->lock);
		n = depot->objects;
		if (depot->counted != on)
			atomic_long_add(on ? n : -n, &pool->depot_idle);
		depot->counted = on;
		raw_spin_unlock_irq(&depot->lock);
	}
}

static void add_empty(struct kp_depot *depot, struct kpool_magazine *mag)
{
	list_add(&mag->list, &depot->empty);
	WRITE_ONCE(depot->empties, depot->empties + 1);
}

static struct kpool_magazine *take_empty(struct kp_depot *depot)
{
	struct kpool_magazine *mag;

	mag = list_first_entry_or_null(&depot->empty, struct kpool_magazine, list);
	if (mag) {
		list_del(&mag->list);
		WRITE_ONCE(depot->empties, depot->empties - 1);
		depot->min_empties = min(depot->min_empties, depot->empties);
	}
	return mag;
}

/**
 * kp_depot_get_full() - exchange an empty magazine for one with objects
 * @pool: the pool
 * @depot: the depot
 * @empty: moves to the depot if the depot gives a magazine; may be NULL
 *
 * Context: interrupts off.
 * Return: a magazine with at least one object, or NULL.
 */
struct kpool_magazine *kp_depot_get_full(struct kp_pool *pool, struct kp_depot *depot,
					 struct kpool_magazine *empty)
{
	struct kpool_magazine *mag;

	/* This look takes no lock. A put that runs at the same moment may count as later. */
	if (!READ_ONCE(depot->objects))
		return NULL;

	raw_spin_lock(&depot->lock);
	mag = list_first_entry_or_null(&depot->full, struct kpool_magazine, list);
	if (mag) {
		list_del(&mag->list);
		objects_left(pool, depot, mag->count);
		WRITE_ONCE(depot->gets, depot->gets + 1);
		if (empty)
			add_empty(depot, empty);
	}
	raw_spin_unlock(&depot->lock);
	return mag;
}

/**
 * kp_depot_put_full() - exchange a full magazine for an empty one
 * @pool: the pool
 * @depot: the depot
 * @full: moves to the depot; NULL if the caller only wants an empty magazine
 * @empty: an empty magazine that the caller has, or NULL. NULL becomes an empty magazine of the
 *	depot.
 *
 * Context: interrupts off.
 * Return: 0. -ENOSPC if max_idle has no room for @full, -ENOMEM if there is no empty magazine; then
 * nothing has changed.
 */
int kp_depot_put_full(struct kp_pool *pool, struct kp_depot *depot, struct kpool_magazine *full,
		      struct kpool_magazine **empty)
{
	int err = 0;

	raw_spin_lock(&depot->lock);
	if (full && !take_room(pool, depot, full->count)) {
		err = -ENOSPC;
		goto out;
	}
	if (!*empty)
		*empty = take_empty(depot);
	if (!*empty) {
		err = -ENOMEM;
		if (full)
			give_room(pool, depot, full->count);
	} else if (full) {
		list_add(&full->list, &depot->full);
		objects_came(depot, full->count);
	}
out:
	raw_spin_unlock(&depot->lock);
	return err;
}

/* An empty magazine of a depot, or NULL. Context: interrupts off. */
struct kpool_magazine *kp_depot_take_empty(struct kp_depot *depot)
{
	struct kpool_magazine *mag;

	raw_spin_lock(&depot->lock);
	mag = take_empty(depot);
	raw_spin_unlock(&depot->lock);
	return mag;
}

/**
 * kp_depot_try_add() - give a magazine with objects to a depot, if max_idle has room
 * @pool: the pool
 * @depot: the depot
 * @mag: the magazine
 *
 * The caller has to follow the RULE.
 *
 * Context: any but NMI.
 * Return: whether the depot took the magazine.
 */
bool kp_depot_try_add(struct kp_pool *pool, struct kp_depot *depot, struct kpool_magazine *mag)
{
	unsigned long flags;
	bool room;

	raw_spin_lock_irqsave(&depot->lock, flags);
	room = mag->count && take_room(pool, depot, mag->count);
	if (room) {
		list_add(&mag->list, &depot->full);
		objects_came(depot, mag->count);
	}
	raw_spin_unlock_irqrestore(&depot->lock, flags);
	return room;
}

void kp_depot_add_empty(struct kp_depot *depot, struct kpool_magazine *mag)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&depot->lock, flags);
	add_empty(depot, mag);
	raw_spin_unlock_irqrestore(&depot->lock, flags);
}

static void *take_one(struct kp_pool *pool, struct kp_depot *depot)
{
	struct kpool_magazine *mag;
	void *obj;

	lockdep_assert_held(&depot->lock);
	mag = list_first_entry_or_null(&depot->full, struct kpool_magazine, list);
	if (!mag)
		return NULL;
	WRITE_ONCE(mag->count, mag->count - 1);
	obj = mag->objs[mag->count];
	objects_left(pool, depot, 1);
	WRITE_ONCE(depot->gets, depot->gets + 1);
	if (!mag->count) {
		list_del(&mag->list);
		add_empty(depot, mag);
	}
	return obj;
}

/* Is the next object expired? Then all objects below it in its magazine are expired, too. */
static bool next_is_stale(struct kp_pool *pool, struct kp_depot *depot)
{
	struct kpool_magazine *mag;

	mag = list_first_entry_or_null(&depot->full, struct kpool_magazine, list);
	return mag && kp_all_stale(pool, mag->objs, mag->count);
}

/*
 * If all objects of the next magazine are expired, takes the magazine out and has the worker tear
 * them down. Returns whether it did.
 */
static bool drop_stale(struct kp_pool *pool, struct kp_depot *depot)
{
	struct kpool_magazine *mag = NULL;
	unsigned long flags;

	raw_spin_lock_irqsave(&depot->lock, flags);
	if (next_is_stale(pool, depot)) {
		mag = list_first_entry(&depot->full, struct kpool_magazine, list);
		list_del(&mag->list);
		objects_left(pool, depot, mag->count);
	}
	raw_spin_unlock_irqrestore(&depot->lock, flags);
	if (!mag)
		return false;
	kp_defer_expired(pool, mag->objs, mag->count, KP_IDLE_AGE);
	WRITE_ONCE(mag->count, 0);
	kp_depot_add_empty(depot, mag);
	return true;
}

/*
 * Takes out expired objects, which no get may have. A refill counts them as idle objects otherwise.
 * Context: process context.
 */
void kp_depots_drop_stale(struct kp_pool *pool)
{
	unsigned int i;

	for (i = 0; i < pool->nr_depots; i++)
		while (drop_stale(pool, &pool->depots[i]))
			cond_resched();
}

/**
 * kp_depot_get_one() - take one object out of a depot
 * @pool: the pool
 * @depot: the depot
 *
 * Context: interrupts off.
 * Return: the warmest object that is not idle for too long, or NULL.
 */
void *kp_depot_get_one(struct kp_pool *pool, struct kp_depot *depot)
{
	void *obj = NULL;
	bool stale;

	do {
		if (!READ_ONCE(depot->objects))
			return NULL;
		raw_spin_lock(&depot->lock);
		stale = next_is_stale(pool, depot);
		if (!stale)
			obj = take_one(pool, depot);
		raw_spin_unlock(&depot->lock);
		if (stale)
			drop_stale(pool, depot);
	} while (stale);
	return obj;
}

/* kp_depot_get_one() with a trylock. Context: any with interrupts off, or NMI. */
void *kp_depot_try_get_one(struct kp_pool *pool, struct kp_depot *depot)
{
	void *obj;

	if (!READ_ONCE(depot->objects) || !raw_spin_trylock(&depot->lock))
		return NULL;
	obj = next_is_stale(pool, depot) ? NULL : take_one(pool, depot);
	raw_spin_unlock(&depot->lock);
	return obj;
}

/* The magazine that the next single object goes into. */
static struct kpool_magazine *with_room(struct kp_pool *pool, struct kp_depot *depot,
					struct kpool_magazine **fresh)
{
	struct kpool_magazine *mag;

	mag = list_first_entry_or_null(&depot->full, struct kpool_magazine, list);
	if (mag && mag->count < kp_full(pool))
		return mag;
	mag = take_empty(depot);
	if (!mag) {
		mag = *fresh;
		*fresh = NULL;
	}
	if (mag)
		list_add(&mag->list, &depot->full);
	return mag;
}

static int add_one(struct kp_pool *pool, struct kp_depot *depot, void *obj,
		   struct kpool_magazine **fresh)
{
	struct kpool_magazine *mag;

	if (!take_room(pool, depot, 1))
		return -ENOSPC;
	mag = with_room(pool, depot, fresh);
	if (!mag) {
		give_room(pool, depot, 1);
		return -ENOMEM;
	}
	kp_stamp(pool, mag->objs, mag->count, 1);
	mag->objs[mag->count] = obj;
	WRITE_ONCE(mag->count, mag->count + 1);
	objects_came(depot, 1);
	return 0;
}

/**
 * kp_depot_put_one() - put one object into a depot
 * @pool: the pool
 * @depot: the depot
 * @obj: the object
 * @fresh: an empty magazine to use if the depot has none, or NULL; set to NULL if it was used
 *
 * Context: interrupts off.
 * Return: 0. -ENOSPC if max_idle has no room, -ENOMEM if there is no magazine; then nothing has
 * changed.
 */
int kp_depot_put_one(struct kp_pool *pool, struct kp_depot *depot, void *obj,
		     struct kpool_magazine **fresh)
{
	int err;

	raw_spin_lock(&depot->lock);
	err = add_one(pool, depot, obj, fresh);
	raw_spin_unlock(&depot->lock);
	return err;
}

/*
 * kp_depot_put_one() with a trylock, which may fail with -EBUSY. Context: any with interrupts off,
 * or NMI.
 */
int kp_depot_try_put_one(struct kp_pool *pool, struct kp_depot *depot, void *obj)
{
	struct kpool_magazine *none = NULL;
	int err;

	if (!raw_spin_trylock(&depot->lock))
		return -EBUSY;
	err = add_one(pool, depot, obj, &none);
	raw_spin_unlock(&depot->lock);
	return err;
}

/*
 * Moves the coldest n objects to mags. Objects that do not fill a magazine go into rest, or stay if
 * rest is NULL.
 */
static void take_cold(struct kp_pool *pool, struct kp_depot *depot, unsigned long n,
		      struct kpool_magazine *rest, struct list_head *mags)
{
	struct kpool_magazine *mag;
	unsigned long taken = 0;

	lockdep_assert_held(&depot->lock);
	while (taken < n && !list_empty(&depot->full)) {
		mag = list_last_entry(&depot->full, struct kpool_magazine, list);
		if (mag->count > n - taken) {
			if (rest) {
				kp_magazine_split(pool, mag, rest, n - taken);
				taken = n;
			}
			break;
		}
		taken += mag->count;
		list_move(&mag->list, mags);
	}
	objects_left(pool, depot, taken);
}

/**
 * kp_depot_take() - take the coldest objects out of a depot, in whole magazines
 * @pool: the pool
 * @depot: the depot
 * @most: take no more objects than this
 * @mags: list to which the magazines are added
 *
 * Context: any but NMI.
 */
void kp_depot_take(struct kp_pool *pool, struct kp_depot *depot, unsigned long most,
		   struct list_head *mags)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&depot->lock, flags);
	take_cold(pool, depot, most, NULL, mags);
	raw_spin_unlock_irqrestore(&depot->lock, flags);
}

/**
 * kp_depot_take_cold() - take the coldest magazines out of a depot
 * @pool: the pool
 * @depot: the depot
 * @want: how many objects the caller wants, or up to a magazine more
 * @most: take no more objects than this, which may be less than a magazine
 * @mags: list to which the magazines are added
 *
 * Context: any but NMI.
 * Return: how many objects are in the magazines.
 */
unsigned long kp_depot_take_cold(struct kp_pool *pool, struct kp_depot *depot, unsigned long want,
				 unsigned long most, struct list_head *mags)
{
	unsigned long flags, taken;

	if (!READ_ONCE(depot->objects))
		return 0;
	raw_spin_lock_irqsave(&depot->lock, flags);
	taken = depot->objects;
	take_cold(pool, depot, min(most, max_t(unsigned long, want, pool->magazine_room)), NULL,
		  mags);
	taken -= depot->objects;
	raw_spin_unlock_irqrestore(&depot->lock, flags);
	return taken;
}

/**
 * kp_depot_trim() - take out the objects and magazines that the depot did not need
 * @pool: the pool
 * @depot: the depot
 * @most: take no more objects than this
 * @rest: an empty magazine for objects that do not fill one; NULL leaves those objects
 * @mags: list to which magazines are added, with objects and empty
 *
 * The depot did not need the lowest number of objects that it had since the last look. The
 * difference between the highest and the lowest level is the working set of the depot, and stays.
 * The idea is from illumos' kmem.
 *
 * Context: process context.
 */
void kp_depot_trim(struct kp_pool *pool, struct kp_depot *depot, unsigned long most,
		   struct kpool_magazine *rest, struct list_head *mags)
{
	unsigned long empties;

	raw_spin_lock_irq(&depot->lock);
	take_cold(pool, depot, min(most, depot->min_level), rest, mags);
	for (empties = depot->min_empties; empties; empties--)
		list_add(&take_empty(depot)->list, mags);
	WRITE_ONCE(depot->min_level, depot->objects);
	depot->min_empties = depot->empties;
	raw_spin_unlock_irq(&depot->lock);
}

/* How many objects one hold of the lock looks at, plus up to a magazine. */
#define LOOK_AT		256

/**
 * kp_depot_find_expired() - look for a magazine that has expired objects
 * @pool: the pool
 * @depot: the depot
 * @births: also compare each object's age with the pool's lifetime
 * @at: how many magazines were looked at so far, from the coldest on; 0 at first
 * @oldest: set to the oldest stamp of the objects that stay, if that stamp is older than *@oldest
 * @expired: set to the magazine, which is no longer in the depot, or to NULL
 *
 * One call looks at some magazines only. Magazines may be added and removed between two calls.
 *
 * Context: process context.
 * Return: whether there are more magazines to look at.
 */
bool kp_depot_find_expired(struct kp_pool *pool, struct kp_depot *depot, bool births,
			   unsigned long *at, u32 *oldest, struct kpool_magazine **expired)
{
	unsigned long seen = 0, objects = 0;
	struct kpool_magazine *mag;
	bool more = false;

	*expired = NULL;
	raw_spin_lock_irq(&depot->lock);
	list_for_each_entry_reverse(mag, &depot->full, list) {
		if (seen++ < *at)
			continue;
		more = true;
		if (kp_any_expired(pool, mag, births, oldest)) {
			list_del(&mag->list);
			objects_left(pool, depot, mag->count);
			*expired = mag;
			break;
		}
		++*at;
		objects += mag->count;
		if (objects >= LOOK_AT)
			break;
		more = false;
	}
	raw_spin_unlock_irq(&depot->lock);
	return more;
}

/* Does any depot have empty magazines? */
bool kp_depot_empties(struct kp_pool *pool)
{
	unsigned int i;

	for (i = 0; i < pool->nr_depots; i++)
		if (READ_ONCE(pool->depots[i].empties))
			return true;
	return false;
}

/*
 * How many more objects all depots together have room for, under max_idle and the budget of a set.
 */
unsigned long kp_depot_room(struct kp_pool *pool)
{
	unsigned long room = pool->class_link.budget ? kp_budget_room(pool) : ULONG_MAX;
	long most = READ_ONCE(pool->depot_max);

	if (most == ROOM_ANY)
		return room;
	return min_t(unsigned long, room, max(most - atomic_long_read(&pool->depot_idle), 0L));
}
