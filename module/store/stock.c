// SPDX-License-Identifier: GPL-2.0-only
/*
 * The reserve: a floor under the number of objects that exist.
 *
 * Whoever is about to tear objects down asks here first, and what the reserve needs
 * goes to the line's stock instead. The stock is a list through kp_link(), so that
 * keeping takes no memory: a put that found no magazine keeps the reserve, too.
 *
 * The guarantee is mempool's: a waiting get that finds no memory joins the line
 * (waitlist.c), to which each put and each of these decisions hands over. So with
 * holders that put, it ends.
 */
#include <linux/kmemleak.h>

#include "base/budget.h"
#include "base/link.h"
#include "pool.h"
#include "store/stock.h"
#include "store/waitlist.h"

/* Idle as much as what a depot has. There is always room: as much as reserve is left for it. */
static void count_idle(struct pool *pool, int n)
{
	if (pool->member.bytes)
		kp_bytes_count(pool, n);
	else if (pool->line->counted)
		atomic_long_add(n, &pool->depot_idle);
}

/* Nothing points to pages that are linked here: no leak, though it looks like one. */
static void hide(struct pool *pool, void *obj)
{
	if (kp_in_pages(pool, obj))
		kmemleak_not_leak(obj);
}

/* Context: the line's lock is held. The caller serves the line before it lets go of it. */
void kp_stock_add(struct pool *pool, void *obj)
{
	struct line *line = pool->line;

	lockdep_assert_held(&line->lock);
	hide(pool, obj);
	llist_add(kp_link(pool, obj), &line->stock);
	WRITE_ONCE(line->stocked, line->stocked + 1);
	count_idle(pool, 1);
}

/* Context: the line's lock is held. Returns an object, or NULL. */
void *kp_stock_take(struct pool *pool)
{
	struct line *line = pool->line;

	lockdep_assert_held(&line->lock);
	if (!line->stocked || READ_ONCE(pool->state) != KPOOL_STATE_LIVE)
		return NULL;
	WRITE_ONCE(line->stocked, line->stocked - 1);
	count_idle(pool, -1);
	return kp_linked(pool, llist_del_first(&line->stock));
}

/* kp_depots_count() for what is in stock. */
void kp_stock_count(struct pool *pool, bool on)
{
	struct line *line = pool->line;
	long n;

	raw_spin_lock_irq(&line->lock);
	n = line->stocked;
	if (line->counted != on)
		atomic_long_add(on ? n : -n, &pool->depot_idle);
	line->counted = on;
	raw_spin_unlock_irq(&line->lock);
}

/**
 * kp_reserve_built() - some more objects exist
 * @pool: the pool
 * @n: how many
 *
 * Context: any that is not restricted.
 */
void kp_reserve_built(struct pool *pool, unsigned int n)
{
	/* Without a reserve, too: there may be one later. */
	if (pool->line)
		atomic_long_add(n, &pool->line->kept);
}

/**
 * kp_reserve_keep_memory() - keep what the reserve needs of memory that is to be freed
 * @pool: the pool
 * @objs: the memory of an object each
 * @n: how many
 *
 * An object of the reserve that had to be torn down is built again in its own.
 *
 * Context: kp_may_allocate().
 * Return: how many, from the first, are to be freed.
 */
unsigned int kp_reserve_keep_memory(struct pool *pool, void **objs, unsigned int n)
{
	struct line *line = pool->line;
	unsigned long flags;

	if (!READ_ONCE(pool->reserve))
		return n;
	raw_spin_lock_irqsave(&line->lock, flags);
	while (n && READ_ONCE(pool->state) == KPOOL_STATE_LIVE &&
	       atomic_long_read(&line->kept) + line->pieces < READ_ONCE(pool->reserve)) {
		hide(pool, objs[--n]);
		llist_add(kp_link(pool, objs[n]), &line->memory);
		WRITE_ONCE(line->pieces, line->pieces + 1);
	}
	raw_spin_unlock_irqrestore(&line->lock, flags);
	return n;
}

/**
 * kp_reserve_take_memory() - memory that was kept, to build objects in
 * @pool: the pool
 * @objs: where it goes
 * @n: how many are wanted
 *
 * Context: kp_may_allocate().
 * Return: how many there are.
 */
unsigned int kp_reserve_take_memory(struct pool *pool, void **objs, unsigned int n)
{
	struct line *line = pool->line;
	unsigned long flags;
	unsigned int got = 0;

	if (!READ_ONCE(pool->reserve))
		return 0;
	raw_spin_lock_irqsave(&line->lock, flags);
	while (got < n && line->pieces) {
		objs[got++] = kp_linked(pool, llist_del_first(&line->memory));
		WRITE_ONCE(line->pieces, line->pieces - 1);
	}
	raw_spin_unlock_irqrestore(&line->lock, flags);
	return got;
}

/**
 * kp_stock_take_excess() - take out what a smaller reserve does not need
 * @pool: the pool, with a line
 * @stock: where idle objects go
 * @memory: where memory goes
 *
 * Context: process context.
 */
void kp_stock_take_excess(struct pool *pool, struct llist_head *stock, struct llist_head *memory)
{
	struct line *line = pool->line;
	struct llist_node *node;
	long over;

	raw_spin_lock_irq(&line->lock);
	over = atomic_long_read(&line->kept) - READ_ONCE(pool->reserve);
	for (; over > 0 && line->stocked; over--) {
		node = llist_del_first(&line->stock);
		WRITE_ONCE(line->stocked, line->stocked - 1);
		count_idle(pool, -1);
		atomic_long_dec(&line->kept);
		__llist_add(node, stock);
	}
	while (over + (long)line->pieces > 0 && line->pieces) {
		WRITE_ONCE(line->pieces, line->pieces - 1);
		node = llist_del_first(&line->memory);
		__llist_add(node, memory);
	}
	raw_spin_unlock_irq(&line->lock);
}

/**
 * kp_stock_take_all() - take out all that is in stock, and the memory that was kept
 * @pool: the pool, with a line, not live: nothing is added to either
 * @memory: where the memory goes
 *
 * Context: process context.
 * Return: the objects.
 */
struct llist_node *kp_stock_take_all(struct pool *pool, struct llist_node **memory)
{
	struct line *line = pool->line;
	struct llist_node *stock;

	raw_spin_lock_irq(&line->lock);
	stock = llist_del_all(&line->stock);
	kp_count_gone(pool, KP_SHUTDOWN, line->stocked);
	*memory = llist_del_all(&line->memory);
	atomic_long_sub(line->stocked, &line->kept);
	count_idle(pool, -line->stocked);
	WRITE_ONCE(line->stocked, 0);
	WRITE_ONCE(line->pieces, 0);
	raw_spin_unlock_irq(&line->lock);
	return stock;
}
