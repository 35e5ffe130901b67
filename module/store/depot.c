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
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/topology.h>

#include "base/budget.h"
#include "base/export.h"
#include "base/work.h"
#include "pool.h"
#include "store/depot.h"
#include "store/expired.h"
#include "store/magazine.h"
#include "store/stats.h"

/*
 * The most that one hold of a depot's lock does: magazines that it moves, and objects whose times
 * it reads. Interrupts are off meanwhile, so this must not depend on how much is idle.
 */
#define MOVE_MOST	16
#define LOOK_MOST	64

/* How many magazines of expired objects one get drops at most. */
#define DROP_MOST	16

static void free_away(struct kp_pool *pool)
{
	unsigned int i;

	for (i = 0; i < pool->nr_depots; i++)
		kfree(pool->depots[i].away);
}

/* Context: process context. Return: 0, or -ENOMEM; then there is nothing to free. */
int kp_depots_init(struct kp_pool *pool)
{
	struct kp_depot *depot;

	for (depot = pool->depots; depot < pool->depots + pool->nr_depots; depot++) {
		raw_spin_lock_init(&depot->lock);
		INIT_LIST_HEAD(&depot->full);
		INIT_LIST_HEAD(&depot->empty);
		depot->counted = pool->depot_max != ROOM_ANY;
		if (!(pool->flags & KPOOL_NUMA_STRICT) || pool->nr_depots == 1)
			continue;
		depot->away = kzalloc(struct_size(depot->away, mags, pool->nr_depots), GFP_KERNEL);
		if (!depot->away) {
			free_away(pool);
			return -ENOMEM;
		}
	}
	return 0;
}

/* Only empty magazines are left, and no other code uses the pool. */
void kp_depots_exit(struct kp_pool *pool)
{
	struct kpool_magazine *mag, *next;
	unsigned int i;

	for (i = 0; i < pool->nr_depots; i++) {
		WARN_ON_ONCE(!list_empty(&pool->depots[i].full));
		list_for_each_entry_safe(mag, next, &pool->depots[i].empty, list)
			kp_magazine_free(pool, mag);
	}
	free_away(pool);
}

struct kp_depot *kp_depot_of_cpu(struct kp_pool *pool, int cpu)
{
	return &pool->depots[pool->nr_depots == 1 ? 0 : cpu_to_mem(cpu)];
}

/* The depot of the node on which an object lies. */
struct kp_depot *kp_depot_of_object(struct kp_pool *pool, const void *obj)
{
	struct page *page = is_vmalloc_addr(obj) ? vmalloc_to_page(obj) : virt_to_page(obj);

	return &pool->depots[pool->nr_depots == 1 ? 0 : page_to_nid(page)];
}
EXPORT_SYMBOL_FOR_TESTS(kp_depot_of_object);

/* The depot of this CPU, as long as the caller stays on it. */
struct kp_depot *kp_depot_here(struct kp_pool *pool)
{
	struct kp_depot *depot;

	preempt_disable();
	depot = kp_depot(pool);
	preempt_enable();
	return depot;
}

/*
 * Takes room for n more objects in all depots together. Returns whether there was enough. The
 * caller holds the lock under which the objects are added, so kp_depots_count() may begin and end
 * at any time.
 */
static bool take_room(struct kp_pool *pool, struct kp_depot *depot, unsigned int n)
{
	lockdep_assert_held(&depot->lock);
	if (pool->class_link->budget)
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
	if (pool->class_link->budget)
		kp_budget_charge(pool, -(long)n);
	else if (depot->counted)
		atomic_long_sub(n, &pool->depot_idle);
}

/*
 * The lock of a depot, for an exchange with a CPU's cache. Counts the holds that had to wait for
 * the lock. Many of them show that the magazines are too small. The idea is from illumos' kmem.
 */
static noinline void lock_is_contended(struct kp_pool *pool, struct kp_depot *depot)
	__acquires(&depot->lock)
{
	/* Before the lock, which is a leaf. CPUs that see the same number all queue the work. */
	if (READ_ONCE(depot->contended) % KP_CONTENDED_MANY == KP_CONTENDED_MANY - 1)
		kp_queue_todo(pool, POOL_TODO_CONTENDED);
	raw_spin_lock(&depot->lock);
	WRITE_ONCE(depot->contended, depot->contended + 1);
}

static __always_inline void lock_for_exchange(struct kp_pool *pool, struct kp_depot *depot)
	__acquires(&depot->lock)
{
	/* A CPU that comes at the same moment does not count. This costs less than a trylock. */
	if (unlikely(raw_spin_is_locked(&depot->lock)))
		lock_is_contended(pool, depot);
	else
		raw_spin_lock(&depot->lock);
}

static void objects_came(struct kp_depot *depot, unsigned long n)
{
	WRITE_ONCE(depot->objects, depot->objects + n);
	kp_count_reclaimable(n);
}

/* Call once in a lock hold that brought objects in. */
static void count_put(struct kp_depot *depot)
{
	WRITE_ONCE(depot->puts, depot->puts + 1);
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

/* A look of ageing goes on with the next warmer magazine. */
static void look_at_next(struct kp_depot *depot)
{
	struct kpool_magazine *mag = depot->look_at;

	lockdep_assert_held(&depot->lock);
	depot->look_at = list_is_first(&mag->list, &depot->full) ? NULL :
			 list_prev_entry(mag, list);
	depot->look_from = 0;
}

/* If a magazine of full fills with objects of another node, its place in away, else NULL. */
static struct kpool_magazine **place_in_away(struct kp_pool *pool, struct kp_depot *depot,
					     struct kpool_magazine *mag)
{
	unsigned int i;

	for (i = 0; depot->away && i < pool->nr_depots; i++)
		if (depot->away->mags[i] == mag)
			return &depot->away->mags[i];
	return NULL;
}

/* Takes a magazine out of full. A look of ageing that stands there goes on with the next one. */
static void del_full(struct kp_pool *pool, struct kp_depot *depot, struct kpool_magazine *mag)
{
	struct kpool_magazine **place;

	lockdep_assert_held(&depot->lock);
	if (unlikely(depot->look_at == mag))
		look_at_next(depot);
	if (unlikely(depot->away)) {
		place = place_in_away(pool, depot, mag);
		if (place)
			*place = NULL;
	}
	list_del(&mag->list);
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

static inline struct kpool_magazine *first_full(struct kp_depot *depot)
{
	return list_first_entry_or_null(&depot->full, struct kpool_magazine, list);
}

/*
 * The magazine that the next get takes objects from. Moves the magazines before it, whose objects
 * are all stale, to stale. If these are DROP_MOST magazines, returns NULL: a get drops no more,
 * whatever its context, and leaves the rest to the worker.
 */
static struct kpool_magazine *first_fresh(struct kp_pool *pool, struct kp_depot *depot,
					  struct list_head *stale)
{
	struct kpool_magazine *mag;
	unsigned int dropped;

	lockdep_assert_held(&depot->lock);
	for (dropped = 0; dropped < DROP_MOST; dropped++) {
		mag = first_full(depot);
		if (!mag || !kp_all_stale(pool, mag->objs, mag->count))
			return mag;
		del_full(pool, depot, mag);
		objects_left(pool, depot, mag->count);
		list_add(&mag->list, stale);
	}
	return NULL;
}

/* Leaves stale magazines to the worker. If a get found no other, the worker looks for more. */
static void drop(struct kp_pool *pool, struct kp_depot *depot, struct list_head *stale, bool none)
{
	struct kpool_magazine *mag, *next;

	if (likely(list_empty(stale)))
		return;
	list_for_each_entry_safe(mag, next, stale, list)
		kp_defer_stale(pool, mag);
	INIT_LIST_HEAD(stale);
	if (none && READ_ONCE(depot->objects))
		kp_queue_todo(pool, POOL_TODO_STALE);
}

/* Takes this magazine of full, if it is not NULL, and gives the depot an empty one. */
static __always_inline void exchange(struct kp_pool *pool, struct kp_depot *depot,
				     struct kpool_magazine *mag, struct kpool_magazine *empty)
{
	lockdep_assert_held(&depot->lock);
	if (!mag)
		return;
	del_full(pool, depot, mag);
	objects_left(pool, depot, mag->count);
	WRITE_ONCE(depot->gets, depot->gets + 1);
	if (empty)
		add_empty(depot, empty);
}

/* kp_depot_get_full() for pools whose objects have stamps. */
static noinline struct kpool_magazine *get_fresh(struct kp_pool *pool, struct kp_depot *depot,
						 struct kpool_magazine *empty)
{
	struct kpool_magazine *mag;
	LIST_HEAD(stale);

	lock_for_exchange(pool, depot);
	mag = first_fresh(pool, depot, &stale);
	exchange(pool, depot, mag, empty);
	raw_spin_unlock(&depot->lock);
	drop(pool, depot, &stale, !mag);
	return mag;
}

/**
 * kp_depot_get_full() - exchange an empty magazine for one with objects
 * @pool: the pool
 * @depot: the depot
 * @empty: moves to the depot if the depot gives a magazine; may be NULL
 *
 * Context: interrupts off.
 * Return: a magazine with at least one object that is not stale, or NULL; see first_fresh().
 */
struct kpool_magazine *kp_depot_get_full(struct kp_pool *pool, struct kp_depot *depot,
					 struct kpool_magazine *empty)
{
	struct kpool_magazine *mag;

	/* This look takes no lock. A put that runs at the same moment may count as later. */
	if (!READ_ONCE(depot->objects))
		return NULL;
	if (unlikely(pool->stamped))
		return get_fresh(pool, depot, empty);

	lock_for_exchange(pool, depot);
	mag = first_full(depot);
	exchange(pool, depot, mag, empty);
	raw_spin_unlock(&depot->lock);
	return mag;
}

/**
 * kp_depot_elsewhere() - the depot that a get turns to if that of its own node has no objects
 * @pool: the pool
 * @own: the depot of the get's node
 *
 * Otherwise, if one node only gets and another only puts, each get would build an object, and idle
 * objects would pile up on the other node. With KPOOL_NUMA_STRICT objects go home by themselves.
 *
 * Context: any.
 * Return: a depot of another node that has objects, or NULL. The look takes no lock.
 */
struct kp_depot *kp_depot_elsewhere(struct kp_pool *pool, const struct kp_depot *own)
{
	unsigned int i, at = own - pool->depots;
	struct kp_depot *depot;

	if (likely(pool->nr_depots == 1) || pool->flags & KPOOL_NUMA_STRICT)
		return NULL;
	for (i = 1; i < pool->nr_depots; i++) {
		depot = &pool->depots[(at + i) % pool->nr_depots];
		if (READ_ONCE(depot->objects))
			return depot;
	}
	return NULL;
}

/*
 * The magazine in which a depot collects objects of another node. It is behind all others in full,
 * so gets take its objects last and ageing first. A new one is an empty magazine of the depot, or
 * *empty. Returns NULL if there is none.
 */
static struct kpool_magazine *away_for(struct kp_depot *depot, unsigned int node,
				       struct kpool_magazine **empty)
{
	struct kpool_magazine *mag = depot->away->mags[node];

	if (mag)
		return mag;
	mag = take_empty(depot);
	if (!mag) {
		mag = *empty;
		*empty = NULL;
	}
	if (mag)
		list_add_tail(&mag->list, &depot->full);
	depot->away->mags[node] = mag;
	return mag;
}

/*
 * With KPOOL_NUMA_STRICT: takes the objects of other nodes out of a magazine that is about to enter
 * a depot, and collects them by node. Magazines that are full of them move to going: the caller
 * gives each to the depot of its objects. (From UMA, whose cross-domain buckets do this.) Objects
 * for which there is no magazine stay in mag. The depot has taken room for all of them.
 *
 * This looks at one magazine, so the caller may have interrupts off.
 */
static void sort_out(struct kp_pool *pool, struct kp_depot *depot, struct kpool_magazine *mag,
		     struct kpool_magazine **empty, struct list_head *going)
{
	struct kpool_magazine *away;
	unsigned int i, stay = 0, moved = 0;
	struct kp_depot *home;
	void *obj;

	lockdep_assert_held(&depot->lock);
	for (i = 0; i < mag->count; i++) {
		obj = mag->objs[i];
		home = kp_depot_of_object(pool, obj);
		away = home == depot ? NULL : away_for(depot, home - pool->depots, empty);
		if (!away) {
			if (pool->stamped)
				kp_stamps(pool, mag->objs)[stay] = kp_stamps(pool, mag->objs)[i];
			mag->objs[stay++] = obj;
			continue;
		}
		if (pool->stamped)
			kp_stamps(pool, away->objs)[away->count] = kp_stamps(pool, mag->objs)[i];
		away->objs[away->count] = obj;
		WRITE_ONCE(away->count, away->count + 1);
		moved++;
		if (away->count < min_t(unsigned int, kp_full(pool), away->slots))
			continue;
		objects_came(depot, moved);
		moved = 0;
		del_full(pool, depot, away);
		objects_left(pool, depot, away->count);
		WRITE_ONCE(depot->away->sent_home, depot->away->sent_home + away->count);
		list_add(&away->list, going);
	}
	WRITE_ONCE(mag->count, stay);
	if (moved)
		objects_came(depot, moved);
}

/**
 * kp_depot_put_full() - exchange a full magazine for an empty one
 * @pool: the pool
 * @depot: the depot
 * @full: moves to the depot; NULL if the caller only wants an empty magazine
 * @empty: an empty magazine that the caller has, or NULL. NULL becomes an empty magazine of the
 *	depot.
 * @going: receives magazines whose objects are of other nodes: see sort_out()
 *
 * Context: interrupts off.
 * Return: 0. -ENOSPC if max_idle has no room for @full; then nothing has changed. -ENOMEM if there
 * is no empty magazine; then @full may have fewer objects, and @empty may be in use.
 */
int kp_depot_put_full(struct kp_pool *pool, struct kp_depot *depot, struct kpool_magazine *full,
		      struct kpool_magazine **empty, struct list_head *going)
{
	unsigned int n = full ? full->count : 0;
	int err = 0;

	lock_for_exchange(pool, depot);
	if (full && !take_room(pool, depot, n)) {
		err = -ENOSPC;
		goto out;
	}
	if (unlikely(depot->away) && full) {
		sort_out(pool, depot, full, empty, going);
		if (!full->count) {
			if (*empty)
				add_empty(depot, full);
			else
				*empty = full;
			count_put(depot);
			goto out;
		}
	}
	if (!*empty)
		*empty = take_empty(depot);
	if (!*empty) {
		err = -ENOMEM;
		if (full) {
			give_room(pool, depot, full->count);
			if (full->count < n)
				count_put(depot);
		}
	} else if (full) {
		list_add(&full->list, &depot->full);
		objects_came(depot, full->count);
		count_put(depot);
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
 * @going: as for kp_depot_put_full()
 * @empty: receives an empty magazine of the depot in exchange, or NULL if the depot has none; NULL
 *	if the caller wants none
 *
 * The caller has to follow the RULE.
 *
 * Context: any but NMI.
 * Return: whether the depot took the magazine.
 */
bool kp_depot_try_add(struct kp_pool *pool, struct kp_depot *depot, struct kpool_magazine *mag,
		      struct list_head *going, struct kpool_magazine **empty)
{
	struct kpool_magazine *none = NULL;
	unsigned long flags;
	bool room;

	raw_spin_lock_irqsave(&depot->lock, flags);
	room = mag->count && take_room(pool, depot, mag->count);
	if (unlikely(depot->away) && room)
		sort_out(pool, depot, mag, &none, going);
	if (room && !mag->count) {
		add_empty(depot, mag);
	} else if (room) {
		list_add(&mag->list, &depot->full);
		objects_came(depot, mag->count);
	}
	if (room)
		count_put(depot);
	if (room && empty)
		*empty = take_empty(depot);
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
		del_full(pool, depot, mag);
		add_empty(depot, mag);
	}
	return obj;
}

/* Does the worker have to drop stale magazines before gets can take the next object? */
static bool next_is_stale(struct kp_pool *pool, struct kp_depot *depot)
{
	struct kpool_magazine *mag;

	mag = list_first_entry_or_null(&depot->full, struct kpool_magazine, list);
	return mag && kp_all_stale(pool, mag->objs, mag->count);
}

/*
 * Takes out expired objects, which no get may have. A refill counts them as idle objects otherwise,
 * and fresh objects may lie below them. Context: process context.
 */
void kp_depots_drop_stale(struct kp_pool *pool)
{
	struct kpool_magazine *mag;
	struct kp_depot *depot;
	LIST_HEAD(stale);
	bool more;

	for (depot = pool->depots; depot < pool->depots + pool->nr_depots; depot++) {
		do {
			raw_spin_lock_irq(&depot->lock);
			mag = first_fresh(pool, depot, &stale);
			raw_spin_unlock_irq(&depot->lock);
			more = !mag && !list_empty(&stale);
			drop(pool, depot, &stale, false);
			cond_resched();
		} while (more);
	}
}

/**
 * kp_depot_get_one() - take one object out of a depot
 * @pool: the pool
 * @depot: the depot
 *
 * Context: interrupts off.
 * Return: the warmest object that is not idle for too long, or NULL; see first_fresh().
 */
void *kp_depot_get_one(struct kp_pool *pool, struct kp_depot *depot)
{
	LIST_HEAD(stale);
	void *obj = NULL;

	if (!READ_ONCE(depot->objects))
		return NULL;
	raw_spin_lock(&depot->lock);
	if (first_fresh(pool, depot, &stale))
		obj = take_one(pool, depot);
	raw_spin_unlock(&depot->lock);
	drop(pool, depot, &stale, !obj);
	return obj;
}
EXPORT_SYMBOL_FOR_TESTS(kp_depot_get_one);

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
	if (mag && mag->count < min_t(unsigned int, kp_full(pool), mag->slots) &&
	    !place_in_away(pool, depot, mag))
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
	count_put(depot);
	return 0;
}

/**
 * kp_depot_put_one() - put one object into a depot
 * @pool: the pool
 * @depot: the depot; with KPOOL_NUMA_STRICT the depot of the object's node in place of it
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

	if (unlikely(depot->away))
		depot = kp_depot_of_object(pool, obj);
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

	if (unlikely(depot->away))
		depot = kp_depot_of_object(pool, obj);
	if (!raw_spin_trylock(&depot->lock))
		return -EBUSY;
	err = add_one(pool, depot, obj, &none);
	raw_spin_unlock(&depot->lock);
	return err;
}

/*
 * Moves the coldest n objects to mags, at most MOVE_MOST magazines in one call. If less than a
 * magazine is left of n, these objects go into rest, or stay if rest is NULL or has objects.
 * Returns how many objects were moved to mags or rest.
 */
static unsigned long take_cold(struct kp_pool *pool, struct kp_depot *depot, unsigned long n,
			       struct kpool_magazine *rest, struct list_head *mags)
{
	struct kpool_magazine *mag;
	unsigned long taken = 0;
	unsigned int moved;

	lockdep_assert_held(&depot->lock);
	for (moved = 0; taken < n && moved < MOVE_MOST && !list_empty(&depot->full); moved++) {
		mag = list_last_entry(&depot->full, struct kpool_magazine, list);
		if (mag->count > n - taken) {
			if (rest && !rest->count && rest->slots >= n - taken) {
				kp_magazine_split(pool, mag, rest, n - taken);
				taken = n;
			}
			break;
		}
		taken += mag->count;
		del_full(pool, depot, mag);
		list_add(&mag->list, mags);
	}
	objects_left(pool, depot, taken);
	return taken;
}

/**
 * kp_depot_take() - take some of the coldest objects out of a depot, in whole magazines
 * @pool: the pool
 * @depot: the depot
 * @most: take no more objects than this
 * @mags: list to which the magazines are added
 *
 * One call is one hold of the depot's lock, and takes MOVE_MOST magazines at most. A caller that
 * wants more calls again.
 *
 * Context: any but NMI.
 * Return: how many objects are in the magazines; 0 if no whole magazine may be taken.
 */
unsigned long kp_depot_take(struct kp_pool *pool, struct kp_depot *depot, unsigned long most,
			    struct list_head *mags)
{
	unsigned long flags, taken;

	/* As in kp_depot_get_full(). */
	if (!most || !READ_ONCE(depot->objects))
		return 0;
	raw_spin_lock_irqsave(&depot->lock, flags);
	taken = take_cold(pool, depot, most, NULL, mags);
	raw_spin_unlock_irqrestore(&depot->lock, flags);
	return taken;
}
EXPORT_SYMBOL_FOR_TESTS(kp_depot_take);

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
	unsigned long taken = 0, n;

	most = min(most, max_t(unsigned long, want, READ_ONCE(pool->magazine_slots)));
	do {
		n = kp_depot_take(pool, depot, most - taken, mags);
		taken += n;
	} while (n && taken < want);
	return taken;
}

/**
 * kp_depot_trim() - take out objects and magazines that the depot did not need
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
 * One call is one hold of the depot's lock, and takes MOVE_MOST magazines of each kind at most.
 * Objects that gets take between two calls were needed.
 *
 * Context: process context.
 * Return: whether there may be more to take. The caller calls again then.
 */
bool kp_depot_trim(struct kp_pool *pool, struct kp_depot *depot, unsigned long most,
		   struct kpool_magazine *rest, struct list_head *mags)
{
	unsigned long unneeded, taken;
	unsigned int i;
	bool more;

	raw_spin_lock_irq(&depot->lock);
	unneeded = depot->min_level;
	taken = take_cold(pool, depot, min(most, unneeded), rest, mags);
	WRITE_ONCE(depot->min_level, unneeded - taken);
	for (i = 0; i < MOVE_MOST && depot->min_empties; i++) {
		unneeded = depot->min_empties;
		list_add(&take_empty(depot)->list, mags);
		depot->min_empties = unneeded - 1;
	}
	more = taken || i;
	if (!more) {
		WRITE_ONCE(depot->min_level, depot->objects);
		depot->min_empties = depot->empties;
	}
	raw_spin_unlock_irq(&depot->lock);
	return more;
}
EXPORT_SYMBOL_FOR_TESTS(kp_depot_trim);

/**
 * kp_depot_look() - begin a look of ageing at a depot
 * @depot: the depot
 * @look: the look; kp_depot_find_expired() goes through the objects that the depot has now
 *
 * One look at a time: depot->look_at is its place. Context: process context.
 */
void kp_depot_look(struct kp_depot *depot, struct kp_look *look)
{
	raw_spin_lock_irq(&depot->lock);
	look->left = depot->objects;
	depot->look_at = list_empty(&depot->full) ? NULL :
			 list_last_entry(&depot->full, struct kpool_magazine, list);
	depot->look_from = 0;
	raw_spin_unlock_irq(&depot->lock);
}
EXPORT_SYMBOL_FOR_TESTS(kp_depot_look);

/**
 * kp_depot_find_expired() - look for a magazine that has expired objects
 * @pool: the pool
 * @depot: the depot, after kp_depot_look()
 * @look: the look
 * @expired: set to the magazine, which is no longer in the depot, or to NULL
 *
 * One call looks at LOOK_MOST objects at most, from the coldest magazine on. The next call goes on
 * from there, no matter which magazines were added and removed meanwhile. So a look costs as much
 * as it looks at.
 *
 * Context: process context.
 * Return: whether to call again.
 */
bool kp_depot_find_expired(struct kp_pool *pool, struct kp_depot *depot, struct kp_look *look,
			   struct kpool_magazine **expired)
{
	struct kpool_magazine *mag;
	unsigned int seen, from;
	bool more;

	*expired = NULL;
	raw_spin_lock_irq(&depot->lock);
	for (seen = 0; seen < LOOK_MOST && look->left && depot->look_at; seen++) {
		mag = depot->look_at;
		from = depot->look_from;
		if (kp_look_at(pool, mag, look, &depot->look_from, LOOK_MOST - seen)) {
			look->left -= min_t(unsigned long, look->left, mag->count);
			del_full(pool, depot, mag);
			objects_left(pool, depot, mag->count);
			*expired = mag;
			break;
		}
		if (look->births)
			seen += depot->look_from - from;
		if (depot->look_from < mag->count)
			break;
		look->left -= min_t(unsigned long, look->left, mag->count);
		look_at_next(depot);
	}
	more = look->left && depot->look_at;
	if (!more)
		depot->look_at = NULL;
	raw_spin_unlock_irq(&depot->lock);
	return more || *expired;
}
EXPORT_SYMBOL_FOR_TESTS(kp_depot_find_expired);

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
	unsigned long room = pool->class_link->budget ? kp_budget_room(pool) : ULONG_MAX;
	long most = READ_ONCE(pool->depot_max);

	if (most == ROOM_ANY)
		return room;
	return min_t(unsigned long, room, max(most - atomic_long_read(&pool->depot_idle), 0L));
}
