// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPU caches: loading and unloading of magazines, and closing a cache. path/cache.h has the access
 * to a cache. path/sweep.c has all CPUs close their caches, and store/depot.c has the magazines
 * that are in no cache.
 */
#include <linux/cache.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/prefetch.h>
#include <linux/smp.h>

#include "base/trace.h"
#include "object/keep.h"
#include "path/cache.h"
#include "pool.h"
#include "store/depot.h"
#include "store/expired.h"
#include "store/magazine.h"
#include "store/stats.h"

static void set_closed(struct kpool_cpu *c)
{
	/* Other CPUs read these fields, see load(). */
	WRITE_ONCE(c->loaded, (struct kpool_magazine *)&kp_closed);
	WRITE_ONCE(c->top, (void **)kp_closed.objs);
}

/* Initializes a cache. The cache is closed. state is the pool's idle_state. */
void kp_cache_init(struct kpool_cpu *c, u8 state)
{
	c->state = state;
	set_closed(c);
}

/*
 * kp_reclaimable counts the objects of spares. Hits do not count, so it cannot count the objects of
 * loaded magazines. It has half the room of these instead, since that is what they hold on average.
 */
static long estimate(const struct kpool_magazine *mag)
{
	return DIV_ROUND_UP(mag->room, 2);
}

/* The loaded magazine of a cache, ready to be taken out. Returns NULL if the cache is closed. */
static struct kpool_magazine *detach(struct kpool_cpu *c)
{
	struct kpool_magazine *mag;

	if (!kp_is_open(c))
		return NULL;
	mag = c->loaded;
	WRITE_ONCE(mag->count, kp_level(c));
	/* The next load() may set a larger room. Then this slot is a free slot. */
	mag->objs[mag->room] = NOT_NULL;
	return mag;
}

/* Takes the loaded magazine out of a cache, which is closed then. Returns NULL if it was closed. */
static struct kpool_magazine *unload(struct kpool_cpu *c)
{
	struct kpool_magazine *mag = detach(c);

	if (!mag)
		return NULL;
	kp_count_reclaimable(-estimate(mag));
	set_closed(c);
	return mag;
}

/*
 * Loads a magazine, which may have objects. Returns the magazine that was loaded, or NULL if the
 * cache was closed.
 */
static struct kpool_magazine *load(struct kp_pool *pool, struct kpool_cpu *c,
				   struct kpool_magazine *mag)
{
	struct kpool_magazine *old = detach(c);
	unsigned int room;

	/*
	 * While magazines become smaller, or caches are switched off, larger magazines still exist.
	 * Such a magazine keeps room for all its objects. The code that makes them smaller closes
	 * this cache next.
	 */
	room = max3(kp_room(pool, mag), mag->count, 1U);
	mag->objs[room] = NULL;		/* see struct kpool_cpu */
	/*
	 * Other CPUs read room, top and loaded: for statistics, and for ageing, see has_old(). A
	 * sweep reads loaded.
	 */
	WRITE_ONCE(mag->room, room);
	/* Magazines of different room are rare. */
	if (unlikely(!old || old->room != room))
		kp_count_reclaimable(estimate(mag) - (old ? estimate(old) : 0));
	WRITE_ONCE(c->top, mag->objs + mag->count);
	/*
	 * Pairs with the address dependencies in kp_cpu_loaded(), kp_cpu_capacity() and has_old():
	 * a CPU that sees the magazine sees its room.
	 */
	smp_store_release(&c->loaded, mag);
	return old;
}

/* Takes the spare, or returns NULL. */
static struct kpool_magazine *take_spare(struct kpool_cpu *c)
{
	struct kpool_magazine *spare = xchg(&c->spare, NULL);

	if (spare && spare->count)
		kp_count_reclaimable(-(long)spare->count);
	return spare;
}

/*
 * take_spare(). Has a spare freed that is empty and has not the number of slots that magazines have
 * now. The next empty magazine of this pool is made with that number.
 */
static struct kpool_magazine *take_spare_of_now(struct kp_pool *pool, struct kpool_cpu *c)
{
	struct kpool_magazine *spare = take_spare(c);

	if (likely(!spare || spare->count || kp_is_of_now(pool, spare)))
		return spare;
	kp_defer_stale(pool, spare);
	return NULL;
}

/* Sets the spare of a cache that has none. Only code that works in the cache sets the spare. */
static void set_spare(struct kpool_cpu *c, struct kpool_magazine *spare)
{
	/* Count first. After the xchg() another CPU may take the spare and change spare->count. */
	if (spare && spare->count)
		kp_count_reclaimable(spare->count);
	xchg(&c->spare, spare);
}

/*
 * How many slots of a magazine from a depot are fetched at once. Another CPU has often used the
 * magazine last. Its lines would come one by one otherwise, each at the first get or put that needs
 * the line. These are the slots of a magazine that kpool chooses, and few enough for any context.
 */
#define FETCHED		64U

/* The slots that the next gets read. */
static void fetch_full(const struct kpool_magazine *mag)
{
	unsigned int n = min(mag->count, FETCHED);

	prefetch_range((void *)(mag->objs + mag->count - n), n * sizeof(void *));
}

/* The slots that the next puts write. */
static void fetch_empty(struct kpool_magazine *mag)
{
	void **slot = mag->objs, **end = slot + min(mag->slots, FETCHED);

	for (; slot < end; slot += L1_CACHE_BYTES / sizeof(void *))
		prefetchw(slot);
}

/* Takes all magazines out of a cache that the caller works in, and closes the cache. */
static void take_all(struct kpool_cpu *c, struct kpool_magazine *mags[2])
{
	mags[0] = unload(c);
	mags[1] = take_spare(c);
}

/**
 * kp_close_here() - close this CPU's cache
 * @pool: the pool
 * @found: receives the magazines
 *
 * Context: interrupts off.
 * Return: whether the cache was closed. If the cache is busy, nothing has changed.
 */
bool kp_close_here(struct kp_pool *pool, struct llist_head *found)
{
	struct kpool_cpu *c = cache_begin(pool);
	struct kpool_magazine *mags[2];
	unsigned int i;

	if (!c)
		return false;
	take_all(c, mags);
	cache_end(pool, c);

	for (i = 0; i < ARRAY_SIZE(mags); i++)
		if (mags[i])
			llist_add(&mags[i]->found, found);
	return true;
}

/**
 * kp_cache_to_depot() - close a cache, and give its magazines to a depot
 * @pool: the pool
 * @c: a cache that the caller works in, or the cache of a CPU that is offline
 * @depot: the depot
 *
 * kp_keep() follows the RULE for these magazines.
 *
 * Context: interrupts off.
 */
void kp_cache_to_depot(struct kp_pool *pool, struct kpool_cpu *c, struct kp_depot *depot)
{
	struct kpool_magazine *mags[2];
	unsigned int i;

	take_all(c, mags);
	for (i = 0; i < ARRAY_SIZE(mags); i++)
		if (mags[i])
			kp_keep(pool, depot, mags[i]);
}

/* Frees the magazines in the caches of a pool that no code uses any more. They are empty. */
void kp_cache_free(struct kp_pool *pool)
{
	struct kpool_magazine *mags[2];
	unsigned int i;
	int cpu;

	for_each_possible_cpu(cpu) {
		preempt_disable();	/* for the count of reclaimable objects */
		take_all(per_cpu_ptr(pool->kpool.cpu, cpu), mags);
		preempt_enable();
		for (i = 0; i < ARRAY_SIZE(mags); i++) {
			if (!mags[i])
				continue;
			WARN_ON_ONCE(mags[i]->count);
			kp_magazine_free(pool, mags[i]);
		}
	}
}

/*
 * The RULE for code that works in a cache. If the gate is not open, closes this cache again. c is
 * NULL if the cache was busy.
 */
void kp_rule_in(struct kp_pool *pool, struct kpool_cpu *c)
{
	kp_rule(pool);
	if (unlikely(READ_ONCE(pool->gate) != GATE_OPEN) && c)
		kp_cache_to_depot(pool, c, kp_depot(pool));
}

/*
 * Call if the loaded magazine is empty or the cache is closed. Loads the spare, if the spare has
 * objects; the loaded magazine becomes the spare. Returns whether the spare had objects.
 */
bool kp_load_spare(struct kp_pool *pool, struct kpool_cpu *c)
{
	struct kpool_magazine *spare = take_spare(c);

	if (!spare || !spare->count) {
		set_spare(c, spare);
		return false;
	}
	set_spare(c, load(pool, c, spare));
	return true;
}

/*
 * A magazine with objects of this node's depot, or of one other node's. So interrupts are off for
 * two holds of depot locks at most. empty moves to that depot. Returns NULL if there is none.
 */
static struct kpool_magazine *get_full(struct kp_pool *pool, struct kpool_magazine *empty)
{
	struct kp_depot *depot = kp_depot(pool);
	struct kpool_magazine *full = kp_depot_get_full(pool, depot, empty);

	if (likely(full))
		return full;
	depot = kp_depot_elsewhere(pool, depot);
	return depot ? kp_depot_get_full(pool, depot, empty) : NULL;
}

/*
 * Call if the loaded magazine is empty or the cache is closed. Loads a magazine that has objects:
 * the spare, or a magazine of a depot. Returns whether there was one.
 */
bool kp_load_full(struct kp_pool *pool, struct kpool_cpu *c)
{
	struct kpool_magazine *spare = take_spare_of_now(pool, c), *full;

	if (spare && spare->count) {
		set_spare(c, load(pool, c, spare));
		return true;
	}
	full = get_full(pool, spare);
	if (!full) {
		set_spare(c, spare);
		return false;
	}
	fetch_full(full);
	trace_kpool_refill(pool, full->count);
	if (unlikely(full->count > kp_full(pool)))
		kp_keep_excess(pool, kp_depot(pool), full);
	set_spare(c, load(pool, c, full));
	return true;
}

/*
 * Call if the loaded magazine is full or the cache is closed. Loads a magazine that has room: the
 * spare, or an empty magazine. A full spare moves to the depot.
 *
 * *mag is an empty magazine to use, or NULL. *mag becomes NULL if this function used the magazine.
 *
 * Returns 0. -ENOMEM if there is no empty magazine. -ENOSPC if max_idle has no room for the spare:
 * then *mag is the spare, and the caller tears its objects down.
 */
int kp_load_empty(struct kp_pool *pool, struct kpool_cpu *c, struct kpool_magazine **mag)
{
	struct kpool_magazine *spare = take_spare_of_now(pool, c);
	unsigned int n = spare ? spare->count : 0;
	struct kpool_magazine *empty;
	struct kp_depot *depot = kp_depot(pool);
	struct list_head going;
	int err;

	/* pool->magazine is 0 if caches are off. A spare without objects is empty even then. */
	if (spare && spare->count < max(kp_room(pool, spare), 1U)) {
		empty = spare;
	} else {
		empty = *mag;
		if (unlikely(depot->away))
			INIT_LIST_HEAD(&going);
		err = kp_depot_put_full(pool, depot, spare, &empty, &going);
		if (unlikely(depot->away))
			kp_send_home(pool, depot, &going);
		if (err == -ENOSPC) {
			if (*mag)
				kp_depot_add_empty(depot, *mag);
			*mag = spare;
			return err;
		}
		if (err) {
			/* Some objects of the spare may be in the depot now: see sort_out(). */
			if (unlikely(depot->away))
				kp_rule(pool);
			set_spare(c, spare);
			*mag = empty;
			return err;
		}
		*mag = NULL;
		fetch_empty(empty);
		if (n)
			trace_kpool_flush(pool, n);
	}
	set_spare(c, load(pool, c, empty));
	return 0;
}

/**
 * kp_take_spare() - take a CPU's spare, if it has objects
 * @c: the CPU's cache
 *
 * Looks before it takes the spare, because the cache line is in use on that CPU. RCU keeps the
 * memory of the spare during the look.
 *
 * Context: any.
 * Return: the spare, or NULL. The cache may have changed its spare since the look, so the spare may
 * be empty.
 */
struct kpool_magazine *kp_take_spare(struct kpool_cpu *c)
{
	struct kpool_magazine *spare;
	bool objects;

	rcu_read_lock();
	spare = READ_ONCE(c->spare);
	objects = spare && READ_ONCE(spare->count);
	rcu_read_unlock();
	if (!objects)
		return NULL;
	preempt_disable();
	spare = take_spare(c);
	preempt_enable();
	return spare;
}

/*
 * Counts gets and puts outside a section that cache_enter() begins. A negative number takes back an
 * earlier count.
 */
void kp_count_outside(struct kp_pool *pool, int gets, int puts)
{
	unsigned long flags;
	struct kpool_cpu *c = cache_enter(pool, &flags);

	count_gets(pool, c, gets);
	count_puts(pool, c, puts);
	cache_leave(pool, c, flags);
}
