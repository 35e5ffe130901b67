// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPU caches: how magazines are loaded and unloaded, and how a cache is closed.
 */
#include <linux/slab.h>
#include <linux/smp.h>

#include "base/age.h"
#include "base/clock.h"
#include "object/keep.h"
#include "path/cache.h"
#include "pool.h"
#include "store/depot.h"
#include "store/magazine.h"
#include "store/stats.h"

static void set_closed(struct kpool_cpu *c)
{
	/* Others read these fields, as in load(). */
	WRITE_ONCE(c->loaded, (struct kpool_magazine *)&kp_closed);
	WRITE_ONCE(c->top, (void **)kp_closed.objs);
}

/* A new cache: closed, and at rest in this state. */
void kp_cache_init(struct kpool_cpu *c, u8 state)
{
	c->state = state;
	set_closed(c);
}

static struct kpool_magazine *unload(struct kpool_cpu *c)
{
	struct kpool_magazine *mag;

	if (!kp_is_open(c))
		return NULL;
	mag = c->loaded;
	WRITE_ONCE(mag->count, kp_level(c));
	/* The room may be another when it is loaded again. */
	mag->objs[mag->room] = NOT_NULL;
	set_closed(c);
	return mag;
}

static void load(struct kp_pool *pool, struct kpool_cpu *c, struct kpool_magazine *mag)
{
	unsigned int room;

	/*
	 * While kpool_retune() makes magazines smaller, or does without, there are larger ones
	 * yet: it closes this cache next.
	 */
	room = max3(READ_ONCE(pool->magazine), mag->count, 1U);
	mag->objs[room] = NULL;		/* see struct kpool_cpu */
	/* Other CPUs read all three: for figures and ageing, see has_old(). A sweep reads loaded. */
	WRITE_ONCE(mag->room, room);
	WRITE_ONCE(c->top, mag->objs + mag->count);
	/*
	 * Pairs with the address dependencies in kp_cpu_loaded() and kp_cpu_capacity(): a CPU
	 * that sees the magazine sees its room.
	 */
	smp_store_release(&c->loaded, mag);
}

/* Idle objects in spares are counted, those in loaded magazines are not: see policy/shrink.c. */
static struct kpool_magazine *take_spare(struct kpool_cpu *c)
{
	struct kpool_magazine *spare = xchg(&c->spare, NULL);

	if (spare && spare->count)
		kp_count_reclaimable(-(long)spare->count);
	return spare;
}

/* There is none: who is at work in the cache is the only one to set it. */
static void set_spare(struct kpool_cpu *c, struct kpool_magazine *spare)
{
	/* Before others can take it: they may change its count. */
	if (spare && spare->count)
		kp_count_reclaimable(spare->count);
	xchg(&c->spare, spare);
}

/* Takes all magazines out of a cache that the caller is at work in, and closes it. */
static void take_all(struct kpool_cpu *c, struct kpool_magazine *mags[2])
{
	mags[0] = unload(c);
	mags[1] = take_spare(c);
}

/**
 * kp_close_here() - close this CPU's cache
 * @pool: the pool
 * @found: where the magazines go
 *
 * Context: interrupts off.
 * Return: false if the cache is busy; then nothing has changed.
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
 * kp_cache_to_depot() - close a cache, its magazines go to the depot
 * @pool: the pool
 * @c: a cache that the caller works in, or that of a dead CPU
 * @depot: the depot
 *
 * Context: interrupts off. Whoever calls looks at the gate next.
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

/* Frees the magazines of a pool that nobody uses any more: there can be empty ones. */
void kp_cache_free(struct kp_pool *pool)
{
	struct kpool_magazine *mags[2];
	unsigned int i;
	int cpu;

	for_each_possible_cpu(cpu) {
		take_all(per_cpu_ptr(pool->kpool.cpu, cpu), mags);
		for (i = 0; i < ARRAY_SIZE(mags); i++) {
			WARN_ON_ONCE(mags[i] && mags[i]->count);
			kfree(mags[i]);
		}
	}
}

/* The RULE for who works in a cache: closes it again, if it was just opened. */
void kp_rule_in(struct kp_pool *pool, struct kpool_cpu *c)
{
	kp_rule(pool);
	if (unlikely(READ_ONCE(pool->gate) != GATE_OPEN) && c)
		kp_cache_to_depot(pool, c, kp_depot(pool));
}

/* The loaded magazine is empty: change it for the spare, if that has objects. */
bool kp_load_spare(struct kp_pool *pool, struct kpool_cpu *c)
{
	struct kpool_magazine *spare = take_spare(c);

	if (!spare || !spare->count) {
		set_spare(c, spare);
		return false;
	}
	set_spare(c, unload(c));
	load(pool, c, spare);
	return true;
}

/*
 * The cache is empty or closed: load a magazine that has objects, from the
 * spare or the depot.
 */
bool kp_load_full(struct kp_pool *pool, struct kpool_cpu *c)
{
	struct kpool_magazine *spare, *full;

	if (kp_load_spare(pool, c))
		return true;
	spare = take_spare(c);
	full = kp_depot_get_full(pool, kp_depot(pool), spare);
	if (!full) {
		set_spare(c, spare);
		return false;
	}
	if (unlikely(full->count > kp_full(pool)))
		kp_keep_excess(pool, kp_depot(pool), full);
	set_spare(c, unload(c));
	load(pool, c, full);
	return true;
}

/*
 * The loaded magazine is full, or there is none: load one with room. A full
 * spare goes to the depot. *mag is an empty magazine to use, or NULL, and is
 * NULL after it was used; on -ENOSPC it is one whose objects are over max_idle.
 */
int kp_load_empty(struct kp_pool *pool, struct kpool_cpu *c, struct kpool_magazine **mag)
{
	struct kpool_magazine *spare = take_spare(c);
	struct kpool_magazine *empty, *old;
	int err;

	/* Even where there are to be no magazines any more, one without objects is an empty one. */
	if (spare && spare->count < max(READ_ONCE(pool->magazine), 1U)) {
		empty = spare;
	} else {
		empty = *mag;
		err = kp_depot_put_full(pool, kp_depot(pool), spare, &empty);
		if (err == -ENOSPC) {
			if (*mag)
				kp_depot_add_empty(kp_depot(pool), *mag);
			*mag = spare;
			return err;
		}
		if (err) {
			set_spare(c, spare);
			return err;
		}
		*mag = NULL;
	}
	old = unload(c);
	load(pool, c, empty);
	set_spare(c, old);
	return 0;
}

/**
 * kp_take_spare() - take a CPU's spare, if it has objects
 * @c: the CPU's cache
 *
 * Looks first: the line is hot on that CPU. The spare may be freed meanwhile,
 * after a grace period.
 *
 * Context: any.
 * Return: the spare, which may have been emptied since the look, or NULL.
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

/* Gets and puts that no cache or depot had a part in. */
void kp_count_outside(struct kp_pool *pool, int gets, int puts)
{
	unsigned long flags;
	struct kpool_cpu *c = cache_enter(pool, &flags);

	count_gets(pool, c, gets);
	count_puts(pool, c, puts);
	cache_leave(pool, c, flags);
}

static bool any_past_lifetime(struct kp_pool *pool, void **objs, unsigned int n)
{
	unsigned long now = kp_now();

	while (n--)
		if (kp_past_lifetime(pool, objs[n], now))
			return true;
	return false;
}

/**
 * kp_any_expired_here() - has anything in this CPU's cache existed for too long?
 * @pool: the pool, dated
 *
 * Context: interrupts off.
 * Return: whether it has; false also where the cache is busy.
 */
bool kp_any_expired_here(struct kp_pool *pool)
{
	struct kpool_cpu *c = cache_begin(pool);
	struct kpool_magazine *spare;
	bool over;

	if (!c)
		return false;
	over = any_past_lifetime(pool, c->loaded->objs, kp_level(c));
	spare = xchg(&c->spare, NULL);
	if (spare) {
		over |= any_past_lifetime(pool, spare->objs, spare->count);
		xchg(&c->spare, spare);
	}
	cache_end(pool, c);
	return over;
}
