// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tracks the holders of objects: which task got an object, when, and from where. All gets are
 * tracked, or one in so many by chance. A tracked object has a record, see base/records.h, from its
 * get to its put.
 *
 * Tracking can begin in a running pool. Objects that were got before have no record: nobody knows
 * their holders. Neither has an object whose get found no memory for a record, or was in a context
 * that cannot allocate.
 *
 * A put in a context that cannot free memory leaves the record. Such a record says that its object
 * is not in use. The next tracked get of the object, or the next look for leaks, removes it.
 */
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "base/chance.h"
#include "base/context.h"
#include "base/observer.h"
#include "base/track.h"
#include "pool.h"

static unsigned int track_one_in;
module_param_named(track, track_one_in, uint, 0644);
MODULE_PARM_DESC(track, "Know the holders of objects, of one get in so many, in all pools that are created from now on (default 0: of none)");

/* One get in so many is to be tracked in a new pool; 0: none. */
unsigned int kp_track_wanted(void)
{
	return READ_ONCE(track_one_in);
}

/**
 * kp_track_begin() - make a pool ready for tracking
 * @pool: the pool
 *
 * Does nothing if the pool was tracked before.
 *
 * Context: process context, sleeps; one caller at a time.
 * Return: 0, or -ENOMEM.
 */
int kp_track_begin(struct kp_pool *pool)
{
	struct kp_track *track;
	int err;

	if (pool->track)
		return 0;
	err = kp_holders_init();
	if (err)
		return err;
	track = kzalloc(sizeof(*track), GFP_KERNEL);
	if (!track)
		return -ENOMEM;
	kp_records_init(&track->records);
	track->closed = true;
	smp_store_release(&pool->track, track);	/* pairs with readers of track and instruments */
	return 0;
}

/* The object is not in use any more. */
static void end_use(struct kp_track *track, struct kp_record *r)
{
	if (xchg(&r->out, false))
		atomic_long_dec(&track->tracked);
}

static void drop(struct kp_track *track, struct kp_record *r)
{
	end_use(track, r);
	kp_record_drop(&track->records, r);
}

/* Drops all records, or those that puts left. Context: process context. */
static void drop_all(struct kp_track *track, bool left)
{
	struct kp_record *r;
	unsigned long key;

	rcu_read_lock();
	xa_for_each(&track->records.by_address, key, r) {
		if (!left || !READ_ONCE(r->out))
			drop(track, r);
		kp_records_relax();
	}
	rcu_read_unlock();
}

/**
 * kp_track_end() - forget all holders of a pool
 * @pool: the pool, which is not tracked any more
 *
 * A get that began before adds no record any more: its put does not look for one.
 *
 * Context: process context, sleeps; one caller at a time.
 */
void kp_track_end(struct kp_pool *pool)
{
	struct kp_track *track = pool->track;

	kp_records_close(&track->records, &track->closed, true);
	drop_all(track, false);
}

/* Context: process context; nobody uses the pool any more. */
void kp_track_exit(struct kp_pool *pool)
{
	if (pool->track)
		kp_records_exit(&pool->track->records);
	kfree(pool->track);
}

/* May this context add and remove records? */
static bool may_record(const struct kp_pool *pool)
{
	return !kp_is_restricted(pool) && kp_may_allocate(pool);
}

static bool is_chosen(const struct kp_track *track)
{
	unsigned int one_in = READ_ONCE(track->one_in);

	return one_in == 1 || (one_in && !reciprocal_scale(kp_chance(), one_in));
}

/* Drops what the last put of the object left. */
static void drop_left(struct kp_track *track, void *obj)
{
	struct kp_record *r;

	rcu_read_lock();
	r = kp_record_find(&track->records, obj);
	if (r)
		drop(track, r);
	rcu_read_unlock();
}

/**
 * kp_track_got() - a get is about to return objects
 * @pool: the pool
 * @objs: the objects
 * @n: how many
 * @gfp: the flags of the get
 *
 * Context: as the get.
 */
void kp_track_got(struct kp_pool *pool, void **objs, unsigned int n, gfp_t gfp)
{
	struct kp_track *track = pool->track;
	struct kp_record r = {
		.size = pool->size,
		.owner = pool,
		.name = pool->name,
		.out = true,
	};
	bool traced = false;
	unsigned int i;

	if (!may_record(pool))
		return;
	/* The get has its objects, and does not wait for memory any more. */
	gfp &= ~__GFP_DIRECT_RECLAIM;
	for (i = 0; i < n; i++) {
		if (!is_chosen(track))
			continue;
		if (!traced)
			kp_holder_trace(&r.got, gfp);
		traced = true;
		r.obj = objs[i];
		r.number = atomic_inc_return(&track->numbers);
		drop_left(track, objs[i]);
		if (kp_record_add(&track->records, &r, &track->closed, gfp))
			atomic_long_inc(&track->tracked);
	}
}

/* An object is being put. Context: any. */
void kp_track_put(struct kp_pool *pool, void *obj)
{
	struct kp_track *track = pool->track;
	struct kp_record *r;

	rcu_read_lock();
	r = kp_record_find(&track->records, obj);
	if (r && may_record(pool))
		drop(track, r);
	else if (r)
		end_use(track, r);
	rcu_read_unlock();
}

/**
 * kp_track_stats() - the figures of tracking
 * @pool: the pool
 * @tracked: receives how many objects in use have a known holder
 * @held_max_ms: receives for how many milliseconds the oldest of these is in use
 * @leaks: receives how many were in use for too long
 *
 * Context: any. Changes nothing if the pool was never tracked.
 */
void kp_track_stats(const struct kp_pool *pool, u64 *tracked, u64 *held_max_ms, u64 *leaks)
{
	struct kp_track *track = smp_load_acquire(&pool->track);	/* see kp_track_begin() */
	struct kp_held oldest;

	if (!track)
		return;
	*tracked = max(atomic_long_read(&track->tracked), 0L);
	*leaks = atomic_long_read(&track->leaks);
	if (kp_records_oldest(&track->records, &oldest))
		*held_max_ms = oldest.ms;
}

struct leaks {
	struct kp_track *track;
	unsigned long n;
	struct kp_held longest;
};

static void add_leak(const struct kp_held *held, void *arg)
{
	struct leaks *leaks = arg;

	if (!leaks->n++ || held->ms > leaks->longest.ms)
		leaks->longest = *held;
}

/**
 * kp_track_look_for_leaks() - tell of objects that are in use for longer than leak_ms
 * @pool: the pool, which is tracked
 *
 * Tells of each use once: one line of the log and one event for all that it finds.
 *
 * Context: the pool's work.
 */
void kp_track_look_for_leaks(struct kp_pool *pool)
{
	struct kp_track *track = pool->track;
	unsigned int most = READ_ONCE(track->leak_ms);
	struct leaks leaks = { };

	drop_all(track, true);
	if (!most)
		return;
	kp_records_tell_held(&track->records, pool, most, add_leak, &leaks);
	if (!leaks.n)
		return;
	atomic_long_add(leaks.n, &track->leaks);
	pr_warn("pool %s (id %u): %lu objects more are in use for longer than %u ms; the longest for %llu ms, since a get by %pS in task %s[%d]\n",
		pool->name, pool->id, leaks.n, most, leaks.longest.ms,
		(void *)leaks.longest.by.caller, leaks.longest.by.comm, leaks.longest.by.pid);
	kp_tell_leak(pool);
}
