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
#include <linux/kmemleak.h>

#include "cache.h"

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
 * kp_reserve_keep() - keep what the reserve needs of objects that are to be torn down
 * @pool: the pool
 * @objs: the objects, reset and wiped
 * @n: how many
 *
 * Others may have what is kept at once. A pool that ends keeps nothing. Of objects
 * that are of no use, which do not come here, and where idle ones expire (those in stock say
 * nothing of when they were put), it is the memory that is kept: see
 * kp_reserve_keep_memory().
 *
 * Context: any that is not restricted.
 * Return: how many, from the first, are to be torn down.
 */
unsigned int kp_reserve_keep(struct pool *pool, void **objs, unsigned int n)
{
	struct line *line = pool->line;
	unsigned int i, go, handed;
	unsigned long flags;
	long more;

	if (!line)
		return n;
	if (!READ_ONCE(pool->reserve) || pool->stamped) {
		kp_let_go(pool, n);
		return n;
	}
	raw_spin_lock_irqsave(&line->lock, flags);
	/*
	 * Somebody may have found no memory, and has more use for it than anybody. But not for
	 * what is beyond a max that became smaller: that is to go.
	 */
	handed = kp_over_max(pool) ? 0 : kp_line_hand(pool, objs, n);
	memmove(objs, objs + handed, (n - handed) * sizeof(*objs));
	go = n -= handed;
	more = atomic_long_read(&line->kept) - READ_ONCE(pool->reserve);
	if (READ_ONCE(pool->state) == KPOOL_STATE_LIVE)
		go = clamp_t(long, more, 0, n);
	atomic_long_sub(go, &line->kept);
	for (i = go; i < n; i++)
		kp_stock_add(pool, objs[i]);
	kp_line_serve(pool);
	raw_spin_unlock_irqrestore(&line->lock, flags);
	return go;
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

	if (!READ_ONCE(pool->reserve))
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

	if (!READ_ONCE(pool->reserve))
		return;
	raw_spin_lock_irqsave(&pool->line->lock, flags);
	WRITE_ONCE(pool->line->reserve_used, pool->line->reserve_used + 1);
	raw_spin_unlock_irqrestore(&pool->line->lock, flags);
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

	err = kp_backing_alloc_one(pool, GFP_KERNEL, &obj);
	if (!err && kp_reserve_keep_memory(pool, &obj, 1))
		kp_backing_free(pool, &obj, 1);
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

static void free_memory(struct pool *pool, struct llist_node *memory)
{
	struct llist_node *next;
	void *obj;

	for (; memory; memory = next) {
		next = memory->next;
		obj = kp_linked(pool, memory);
		kp_backing_free(pool, &obj, 1);
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
	struct line *line = pool->line;
	struct llist_node *node;
	LLIST_HEAD(memory);
	LLIST_HEAD(stock);
	long over;

	if (!line)
		return;
	raw_spin_lock_irq(&line->lock);
	over = atomic_long_read(&line->kept) - READ_ONCE(pool->reserve);
	for (; over > 0 && line->stocked; over--) {
		node = llist_del_first(&line->stock);
		WRITE_ONCE(line->stocked, line->stocked - 1);
		count_idle(pool, -1);
		atomic_long_dec(&line->kept);
		__llist_add(node, &stock);
	}
	while (over + (long)line->pieces > 0 && line->pieces) {
		WRITE_ONCE(line->pieces, line->pieces - 1);
		node = llist_del_first(&line->memory);
		__llist_add(node, &memory);
	}
	raw_spin_unlock_irq(&line->lock);
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
	struct line *line = pool->line;

	if (!line)
		return;
	raw_spin_lock_irq(&line->lock);
	stock = llist_del_all(&line->stock);
	kp_count_gone(pool, KP_SHUTDOWN, line->stocked);
	memory = llist_del_all(&line->memory);
	atomic_long_sub(line->stocked, &line->kept);
	count_idle(pool, -line->stocked);
	WRITE_ONCE(line->stocked, 0);
	WRITE_ONCE(line->pieces, 0);
	raw_spin_unlock_irq(&line->lock);
	kp_teardown_list(pool, stock);
	free_memory(pool, memory);
}
