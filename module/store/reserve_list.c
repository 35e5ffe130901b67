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
#include "store/reserve_list.h"
#include "store/waitlist.h"

/* Idle as much as what a depot has. There is always room: as much as reserve is left for it. */
static void count_idle(struct kp_pool *pool, int n)
{
	if (pool->class_link.budget)
		kp_budget_charge(pool, n);
	else if (pool->waitlist->counted)
		atomic_long_add(n, &pool->depot_idle);
}

/* Nothing points to pages that are linked here: no leak, though it looks like one. */
static void hide(struct kp_pool *pool, void *obj)
{
	if (kp_in_pages(pool, obj))
		kmemleak_not_leak(obj);
}

/* Context: the line's lock is held. The caller serves the line before it lets go of it. */
void kp_reserve_list_add(struct kp_pool *pool, void *obj)
{
	struct kp_waitlist *waitlist = pool->waitlist;

	lockdep_assert_held(&waitlist->lock);
	hide(pool, obj);
	llist_add(kp_link(pool, obj), &waitlist->reserve_list);
	WRITE_ONCE(waitlist->reserve_idle, waitlist->reserve_idle + 1);
	count_idle(pool, 1);
}

/* Context: the line's lock is held. Returns an object, or NULL. */
void *kp_reserve_list_take(struct kp_pool *pool)
{
	struct kp_waitlist *waitlist = pool->waitlist;

	lockdep_assert_held(&waitlist->lock);
	if (!waitlist->reserve_idle || READ_ONCE(pool->state) != KPOOL_STATE_LIVE)
		return NULL;
	WRITE_ONCE(waitlist->reserve_idle, waitlist->reserve_idle - 1);
	count_idle(pool, -1);
	return kp_linked(pool, llist_del_first(&waitlist->reserve_list));
}

/* kp_depots_count() for what is in stock. */
void kp_reserve_list_count(struct kp_pool *pool, bool on)
{
	struct kp_waitlist *waitlist = pool->waitlist;
	long n;

	raw_spin_lock_irq(&waitlist->lock);
	n = waitlist->reserve_idle;
	if (waitlist->counted != on)
		atomic_long_add(on ? n : -n, &pool->depot_idle);
	waitlist->counted = on;
	raw_spin_unlock_irq(&waitlist->lock);
}

/**
 * kp_reserve_built() - some more objects exist
 * @pool: the pool
 * @n: how many
 *
 * Context: any that is not restricted.
 */
void kp_reserve_built(struct kp_pool *pool, unsigned int n)
{
	/* Without a reserve, too: there may be one later. */
	if (pool->waitlist)
		atomic_long_add(n, &pool->waitlist->kept);
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
unsigned int kp_reserve_keep_memory(struct kp_pool *pool, void **objs, unsigned int n)
{
	struct kp_waitlist *waitlist = pool->waitlist;
	unsigned long flags;

	if (!READ_ONCE(pool->reserve))
		return n;
	raw_spin_lock_irqsave(&waitlist->lock, flags);
	while (n && READ_ONCE(pool->state) == KPOOL_STATE_LIVE &&
	       atomic_long_read(&waitlist->kept) + waitlist->pieces < READ_ONCE(pool->reserve)) {
		hide(pool, objs[--n]);
		llist_add(kp_link(pool, objs[n]), &waitlist->memory);
		WRITE_ONCE(waitlist->pieces, waitlist->pieces + 1);
	}
	raw_spin_unlock_irqrestore(&waitlist->lock, flags);
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
unsigned int kp_reserve_take_memory(struct kp_pool *pool, void **objs, unsigned int n)
{
	struct kp_waitlist *waitlist = pool->waitlist;
	unsigned long flags;
	unsigned int got = 0;

	if (!READ_ONCE(pool->reserve))
		return 0;
	raw_spin_lock_irqsave(&waitlist->lock, flags);
	while (got < n && waitlist->pieces) {
		objs[got++] = kp_linked(pool, llist_del_first(&waitlist->memory));
		WRITE_ONCE(waitlist->pieces, waitlist->pieces - 1);
	}
	raw_spin_unlock_irqrestore(&waitlist->lock, flags);
	return got;
}

/**
 * kp_reserve_list_take_excess() - take out what a smaller reserve does not need
 * @pool: the pool, with a line
 * @stock: where idle objects go
 * @memory: where memory goes
 *
 * Context: process context.
 */
void kp_reserve_list_take_excess(struct kp_pool *pool, struct llist_head *stock,
				 struct llist_head *memory)
{
	struct kp_waitlist *waitlist = pool->waitlist;
	struct llist_node *node;
	long over;

	raw_spin_lock_irq(&waitlist->lock);
	over = atomic_long_read(&waitlist->kept) - READ_ONCE(pool->reserve);
	for (; over > 0 && waitlist->reserve_idle; over--) {
		node = llist_del_first(&waitlist->reserve_list);
		WRITE_ONCE(waitlist->reserve_idle, waitlist->reserve_idle - 1);
		count_idle(pool, -1);
		atomic_long_dec(&waitlist->kept);
		__llist_add(node, stock);
	}
	while (over + (long)waitlist->pieces > 0 && waitlist->pieces) {
		WRITE_ONCE(waitlist->pieces, waitlist->pieces - 1);
		node = llist_del_first(&waitlist->memory);
		__llist_add(node, memory);
	}
	raw_spin_unlock_irq(&waitlist->lock);
}

/**
 * kp_reserve_list_take_all() - take out all that is in stock, and the memory that was kept
 * @pool: the pool, with a line, not live: nothing is added to either
 * @memory: where the memory goes
 *
 * Context: process context.
 * Return: the objects.
 */
struct llist_node *kp_reserve_list_take_all(struct kp_pool *pool, struct llist_node **memory)
{
	struct kp_waitlist *waitlist = pool->waitlist;
	struct llist_node *stock;

	raw_spin_lock_irq(&waitlist->lock);
	stock = llist_del_all(&waitlist->reserve_list);
	kp_count_gone(pool, KP_SHUTDOWN, waitlist->reserve_idle);
	*memory = llist_del_all(&waitlist->memory);
	atomic_long_sub(waitlist->reserve_idle, &waitlist->kept);
	count_idle(pool, -waitlist->reserve_idle);
	WRITE_ONCE(waitlist->reserve_idle, 0);
	WRITE_ONCE(waitlist->pieces, 0);
	raw_spin_unlock_irq(&waitlist->lock);
	return stock;
}
