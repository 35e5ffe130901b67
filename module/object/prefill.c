// SPDX-License-Identifier: GPL-2.0-only
/* Objects that are built before somebody wants them: for min_idle, for the reserve, for later gets. */
#include <linux/slab.h>

#include "base/export.h"
#include "base/link.h"
#include "object/keep.h"
#include "object/object.h"
#include "object/prefill.h"
#include "pool.h"
#include "store/depot.h"
#include "store/magazine.h"
#include "store/memory.h"
#include "store/stats.h"
#include "store/stock.h"
#include "store/waitlist.h"

/* Memory for one object, which the reserve is to keep. */
static int memory_for_one(struct pool *pool, gfp_t gfp, void **obj)
{
	return kp_memory_alloc(pool, gfp, obj, 1) ? 0 : -ENOMEM;
}

static int stock_one(struct pool *pool)
{
	void *obj;
	int err;

	if (!kp_slots_take(pool, 1))
		return -EBUSY;
	err = kp_build(pool, GFP_KERNEL, &obj, 1);
	if (err) {
		kp_slots_give(pool, 1);
		return err;
	}
	raw_spin_lock_irq(&pool->line->lock);
	kp_stock_add(pool, obj);
	kp_line_serve(pool);
	raw_spin_unlock_irq(&pool->line->lock);
	return 0;
}

static int put_by_memory(struct pool *pool)
{
	void *obj;
	int err;

	err = memory_for_one(pool, GFP_KERNEL, &obj);
	if (!err && kp_reserve_keep_memory(pool, &obj, 1))
		kp_memory_free(pool, &obj, 1);
	return err;
}

/**
 * kp_reserve_fill() - build the reserve, or what is missing of it
 * @pool: the pool
 *
 * Context: process context, sleeps. The caller is between kp_enter() and
 * kp_leave(), or nobody else knows the pool yet.
 * Return: 0, or why it could not be built.
 */
int kp_reserve_fill(struct pool *pool)
{
	long missing = kp_reserve_missing(pool);
	int err = 0;

	for (; missing > 0 && !err; missing--) {
		err = pool->stamped ? put_by_memory(pool) : stock_one(pool);
		cond_resched();
	}
	return err;
}

/* How much of the reserve does not exist. In memory alone, where that is what is kept. */
long kp_reserve_missing(struct pool *pool)
{
	unsigned int reserve = READ_ONCE(pool->reserve);
	struct line *line = pool->line;

	if (!reserve)
		return 0;
	return reserve - atomic_long_read(&line->kept) -
	       (pool->stamped ? READ_ONCE(line->pieces) : 0);
}
EXPORT_SYMBOL_FOR_TESTS(kp_reserve_missing);

/* Builds up to n objects into a magazine for the depot. Returns how many, or why none. */
static int build_some(struct pool *pool, struct depot *depot, unsigned long n)
{
	struct kpool_magazine *mag = kp_magazine_alloc(pool, GFP_KERNEL);
	int err;

	if (!mag)
		return -ENOMEM;
	n = kp_slots_take(pool, min_t(unsigned long, n, kp_full(pool)));
	err = n ? kp_build(pool, GFP_KERNEL, mag->objs, n) : 0;
	if (err || !n) {
		kp_slots_give(pool, n);
		kfree(mag);
		return err;
	}
	mag->count = n;
	kp_stamp(pool, mag->objs, 0, n);
	kp_keep(pool, depot, mag);
	return n;
}

/**
 * kp_fill() - build objects into this node's depot
 * @pool: the pool
 * @want: until it has so many, or max_idle or max has no room
 *
 * Context: process context, sleeps. The caller is between kp_enter() and
 * kp_leave(), or nobody else knows the pool yet.
 * Return: 0, or why no more could be built.
 */
int kp_fill(struct pool *pool, unsigned long want)
{
	struct depot *depot = kp_depot_here(pool);
	unsigned long have, n;
	int built;

	while (READ_ONCE(pool->gate) != GATE_SHUT) {
		have = READ_ONCE(depot->objects) + kp_stocked(pool);
		n = min(want > have ? want - have : 0, kp_depot_room(pool));
		if (!n)
			break;
		built = build_some(pool, depot, n);
		if (built <= 0)
			return built;
	}
	return 0;
}

/* Are there fewer than min_idle idle, or is something of the reserve missing? */
bool kp_lacks(struct pool *pool)
{
	if (pool->line && READ_ONCE(pool->line->slots) >= READ_ONCE(pool->line->max))
		return false;
	if (kp_reserve_missing(pool) > 0)
		return true;
	return READ_ONCE(pool->min_idle) && READ_ONCE(pool->gate) != GATE_SHUT &&
	       kp_idle(pool) < READ_ONCE(pool->min_idle);
}

/**
 * kp_regain() - build what is missing of min_idle and of the reserve
 * @pool: the pool
 *
 * A few at a time, wherever the others are idle. What fails is left to the next pass
 * of ageing.
 *
 * Context: as kp_fill().
 */
void kp_regain(struct pool *pool)
{
	unsigned long idle, min_idle, n;
	struct depot *depot = kp_depot_here(pool);

	if (kp_reserve_fill(pool))
		return;
	while (READ_ONCE(pool->gate) != GATE_SHUT) {
		idle = kp_idle(pool);
		min_idle = READ_ONCE(pool->min_idle);
		n = min(min_idle > idle ? min_idle - idle : 0, kp_depot_room(pool));
		if (!n || build_some(pool, depot, n) <= 0)
			break;
		cond_resched();
	}
}

static void free_memory(struct pool *pool, struct llist_node *memory)
{
	struct llist_node *next;
	void *obj;

	for (; memory; memory = next) {
		next = memory->next;
		obj = kp_linked(pool, memory);
		kp_memory_free(pool, &obj, 1);
	}
}

/**
 * kp_reserve_shrink() - let go what a smaller reserve does not need
 * @pool: the pool
 *
 * Context: process context, sleeps.
 */
void kp_reserve_shrink(struct pool *pool)
{
	LLIST_HEAD(memory);
	LLIST_HEAD(stock);

	if (!pool->line)
		return;
	kp_stock_take_excess(pool, &stock, &memory);
	kp_teardown_list(pool, __llist_del_all(&stock));
	free_memory(pool, __llist_del_all(&memory));
}

/**
 * kp_reserve_end() - tear down what is in stock, and free the memory that was kept
 * @pool: the pool, which is not live: nothing is added to either
 *
 * Context: process context, sleeps.
 */
void kp_reserve_end(struct pool *pool)
{
	struct llist_node *stock, *memory;

	if (!pool->line)
		return;
	stock = kp_stock_take_all(pool, &memory);
	kp_teardown_list(pool, stock);
	free_memory(pool, memory);
}
