// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keeping objects in a depot: the insertion, the RULE that follows it, and the teardown of objects
 * that have no room. store/depot.c has the depots, path/cache.c the CPUs' caches.
 */
#include <linux/slab.h>

#include "base/context.h"
#include "base/export.h"
#include "base/work.h"
#include "object/keep.h"
#include "object/object.h"
#include "pool.h"
#include "store/depot.h"
#include "store/magazine.h"
#include "store/slots.h"
#include "store/waitlist.h"

/**
 * kp_kick() - act on objects that were inserted while the gate was being closed
 * @pool: the pool
 *
 * Waiters get the objects at once. If the gate is shut or more than max objects exist, a worker
 * looks for the objects. The caller goes on: it may be in any put.
 *
 * Context: any that is not restricted. Preemption is off since the insertion of the object.
 */
void kp_kick(struct kp_pool *pool)
{
	if (pool->waitlist)
		kp_waitlist_kick(pool);
	if (READ_ONCE(pool->gate) != GATE_SHUT && !kp_over_max(pool))
		return;
	set_bit(POOL_TODO_DRAIN, &pool->todo);
	queue_work(kpool_wq, &pool->work);
}

/*
 * The RULE: every insertion into a depot or a spare, and every opening of a cache, is followed by
 * this look at the gate. The barrier pairs with the barrier of the code that closes the gate and
 * then looks for objects (kp_gate_close(), wait_once()). Either that code sees the inserted
 * objects, or this function sees the closed gate.
 *
 * Interrupts are off since the insertion, so the pool still exists.
 */
void kp_rule(struct kp_pool *pool)
{
	smp_mb();	/* see above */
	if (unlikely(READ_ONCE(pool->gate) != GATE_OPEN))
		kp_kick(pool);
}

/*
 * kp_keep(). If empty is not NULL, it receives an empty magazine in exchange, or NULL if there is
 * none.
 */
static unsigned int keep(struct kp_pool *pool, struct kp_depot *depot, struct kpool_magazine *mag,
			 struct kpool_magazine **empty)
{
	unsigned int teardown_list = 0;
	LIST_HEAD(going);

	if (kp_depot_try_add(pool, depot, mag, &going, empty)) {
		kp_rule(pool);
		return kp_send_home(pool, depot, &going);
	}
	if (mag->count)
		teardown_list = kp_defer_teardown(pool, mag->objs, mag->count, KP_MAX_IDLE);
	WRITE_ONCE(mag->count, 0);
	if (empty)
		*empty = mag;
	else
		kp_depot_add_empty(depot, mag);
	return teardown_list;
}

/**
 * kp_keep() - give a magazine and its objects to a depot
 * @pool: the pool; the caller ensures that it stays
 * @depot: the depot
 * @mag: the magazine
 *
 * If max_idle has no room, a worker tears the objects down. The reserve list keeps the objects that
 * the reserve needs. Follows the RULE.
 *
 * Context: any but NMI.
 * Return: how many objects are to be torn down.
 */
unsigned int kp_keep(struct kp_pool *pool, struct kp_depot *depot, struct kpool_magazine *mag)
{
	return keep(pool, depot, mag, NULL);
}
EXPORT_SYMBOL_FOR_TESTS(kp_keep);

/**
 * kp_send_home() - give magazines to the depots of the nodes on which their objects lie
 * @pool: the pool; the caller ensures that it stays
 * @depot: the depot that the magazines come from
 * @going: magazines from sort_out() in store/depot.c, each with objects of one node
 *
 * @depot receives empty magazines of the other depots in exchange. Otherwise a node that only puts
 * would allocate a magazine for each one that goes, and the other node would collect empty ones.
 *
 * Context: as kp_keep().
 * Return: as kp_keep().
 */
unsigned int kp_send_home(struct kp_pool *pool, struct kp_depot *depot, struct list_head *going)
{
	struct kpool_magazine *mag, *next, *empty;
	unsigned int n = 0;

	list_for_each_entry_safe(mag, next, going, list) {
		n += keep(pool, kp_depot_of_object(pool, mag->objs[0]), mag, &empty);
		if (empty)
			kp_depot_add_empty(depot, empty);
	}
	return n;
}

/* Puts an object into this node's depot, and follows the RULE. Returns as kp_depot_put_one(). */
static int insert_one(struct kp_pool *pool, void *obj, struct kpool_magazine **mag)
{
	struct kp_depot *depot;
	unsigned long flags;
	int err;

	local_irq_save(flags);
	depot = kp_depot(pool);
	err = kp_depot_put_one(pool, depot, obj, mag);
	if (!err)
		kp_rule(pool);
	if (*mag && err != -ENOMEM) {
		kp_depot_add_empty(depot, *mag);
		*mag = NULL;
	}
	local_irq_restore(flags);
	return err;
}

/**
 * kp_keep_one() - give an object that was just built to this node's depot
 * @pool: the pool; the caller ensures that it stays
 * @obj: the object
 *
 * If max_idle has no room, or there is no memory for a magazine, a worker tears the object down.
 * The reserve list keeps the object if the reserve needs it. Follows the RULE.
 *
 * Context: process context, may sleep.
 */
void kp_keep_one(struct kp_pool *pool, void *obj)
{
	struct kpool_magazine *mag = NULL;
	int err = insert_one(pool, obj, &mag);

	if (err == -ENOMEM) {
		mag = kp_magazine_alloc(pool, GFP_KERNEL | __GFP_NOWARN);
		if (mag)
			err = insert_one(pool, obj, &mag);
	}
	if (err)
		kp_defer_teardown(pool, &obj, 1, err == -ENOSPC ? KP_MAX_IDLE : KP_NO_MAGAZINE);
}

static struct kpool_magazine *any_empty(struct kp_pool *pool, struct kp_depot *depot)
{
	struct kpool_magazine *mag = kp_depot_take_empty(depot);

	if (!mag && kp_may_allocate(pool))
		mag = kp_magazine_alloc(pool, GFP_NOWAIT | __GFP_NOWARN);
	return mag;
}

/**
 * kp_keep_excess() - keep the objects of a magazine that a cache has no room for
 * @pool: the pool
 * @depot: a depot
 * @mag: a magazine that was filled before magazines became smaller
 *
 * The coldest objects go to the depot. If there is no magazine for them, they are torn down.
 *
 * Context: interrupts off, not restricted.
 */
void kp_keep_excess(struct kp_pool *pool, struct kp_depot *depot, struct kpool_magazine *mag)
{
	unsigned int n = mag->count - min(mag->count, kp_full(pool));
	struct kpool_magazine *rest;

	if (!n)
		return;
	rest = any_empty(pool, depot);
	if (rest) {
		/* The cache keeps room for what is left: see load(). */
		kp_magazine_split(pool, mag, rest, min_t(unsigned int, n, rest->slots));
		kp_keep(pool, depot, rest);
		return;
	}
	kp_defer_teardown(pool, mag->objs, n, KP_NO_MAGAZINE);
	WRITE_ONCE(mag->count, mag->count - n);
	memmove(mag->objs, mag->objs + n, mag->count * sizeof(*mag->objs));
	if (pool->stamped)
		memmove(kp_stamps(pool, mag->objs), kp_stamps(pool, mag->objs) + n,
			mag->count * sizeof(u32));
}
