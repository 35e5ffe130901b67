// SPDX-License-Identifier: GPL-2.0-only
/*
 * The reserve: a floor under the number of objects that exist.
 *
 * Whoever is about to tear objects down asks here first, and what the reserve needs
 * goes to the line's stock instead. The stock is a list through kp_link(), so that
 * keeping takes no memory: a put that found no magazine keeps the reserve, too.
 *
 * The guarantee is mempool's: a waiting get that finds no memory joins the line
 * (wait.c), to which each put and each of these decisions hands over. So with
 * holders that put, it ends.
 */
#include "cache.h"

/* Idle as much as what a depot has. There is always room: as much as reserve is left for it. */
static void count_idle(struct pool *pool, int n)
{
	if (pool->limited)
		atomic_long_add(n, &pool->depot_idle);
}

/* Context: the line's lock is held. The caller serves the line before it lets go of it. */
void kp_stock_add(struct pool *pool, void *obj)
{
	struct line *line = pool->line;

	lockdep_assert_held(&line->lock);
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

/**
 * kp_reserve_built() - some more objects exist
 * @pool: the pool
 * @n: how many
 *
 * Context: any that is not restricted.
 */
void kp_reserve_built(struct pool *pool, unsigned int n)
{
	unsigned long flags;

	if (!pool->reserve)
		return;
	raw_spin_lock_irqsave(&pool->line->lock, flags);
	pool->line->kept += n;
	raw_spin_unlock_irqrestore(&pool->line->lock, flags);
}

/**
 * kp_reserve_keep() - keep what the reserve needs of objects that are to be torn down
 * @pool: the pool
 * @objs: the objects, reset and wiped
 * @n: how many
 *
 * Others may have what is kept at once. A pool that ends keeps nothing.
 *
 * Context: any that is not restricted.
 * Return: how many, from the first, are to be torn down.
 */
unsigned int kp_reserve_keep(struct pool *pool, void **objs, unsigned int n)
{
	struct line *line = pool->line;
	unsigned int i, go = n;
	unsigned long flags;

	if (!pool->reserve)
		return n;
	raw_spin_lock_irqsave(&line->lock, flags);
	if (READ_ONCE(pool->state) == KPOOL_STATE_LIVE)
		go = line->kept > pool->reserve ?
		     min_t(unsigned long, n, line->kept - pool->reserve) : 0;
	line->kept -= go;
	for (i = go; i < n; i++)
		kp_stock_add(pool, objs[i]);
	kp_line_serve(pool);
	raw_spin_unlock_irqrestore(&line->lock, flags);
	return go;
}

/**
 * kp_reserve_take() - what is in stock, for a get that found no memory
 * @pool: the pool
 *
 * Context: any that is not restricted.
 * Return: an object, which is counted as got, or NULL.
 */
void *kp_reserve_take(struct pool *pool)
{
	struct line *line = pool->line;
	unsigned long flags;
	void *obj = NULL;

	if (!pool->reserve)
		return NULL;
	raw_spin_lock_irqsave(&line->lock, flags);
	if (list_empty(&line->waiters))
		obj = kp_stock_take(pool);
	raw_spin_unlock_irqrestore(&line->lock, flags);
	kp_count_outside(pool, !!obj, 0);
	return obj;
}

/* A get that found no memory has an object all the same. Context: as kp_reserve_take(). */
void kp_reserve_count(struct pool *pool)
{
	unsigned long flags;

	if (!pool->reserve)
		return;
	raw_spin_lock_irqsave(&pool->line->lock, flags);
	pool->line->reserve_used++;
	raw_spin_unlock_irqrestore(&pool->line->lock, flags);
}

/**
 * kp_reserve_fill() - build the reserve
 * @pool: the pool, which nobody else knows yet
 *
 * Context: process context, sleeps.
 * Return: 0, or why it could not be built.
 */
int kp_reserve_fill(struct pool *pool)
{
	unsigned int i;
	void *obj;
	int err;

	for (i = 0; i < pool->reserve; i++) {
		kp_slots_take(pool, 1);
		err = kp_build(pool, GFP_KERNEL, &obj, 1);
		if (err) {
			kp_slots_give(pool, 1);
			return err;
		}
		raw_spin_lock_irq(&pool->line->lock);
		kp_stock_add(pool, obj);
		raw_spin_unlock_irq(&pool->line->lock);
		cond_resched();
	}
	return 0;
}

/**
 * kp_reserve_end() - tear down what is in stock
 * @pool: the pool, which is not live: nothing is added to its stock
 *
 * Context: process context, sleeps.
 */
void kp_reserve_end(struct pool *pool)
{
	struct line *line = pool->line;
	struct llist_node *stock;

	if (!pool->reserve)
		return;
	raw_spin_lock_irq(&line->lock);
	stock = llist_del_all(&line->stock);
	line->kept -= line->stocked;
	count_idle(pool, -line->stocked);
	WRITE_ONCE(line->stocked, 0);
	raw_spin_unlock_irq(&line->lock);
	kp_teardown_list(pool, stock);
}
