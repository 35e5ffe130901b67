// SPDX-License-Identifier: GPL-2.0-only
/*
 * The reserve: a lower limit of the number of objects that exist. store/waitlist.c has the wait
 * list and kp_reserve_keep(), object/prefill.c builds the reserve.
 *
 * Code that tears objects down asks the reserve first. The reserve list keeps the objects that the
 * reserve needs. An object has room for its link, so keeping an object takes no memory. A put that
 * found no magazine can keep the object for the reserve, too.
 *
 * The guarantee is that of mempool. A waiting get that finds no memory joins the wait list. Each
 * put gives its objects to the waiters, and so does each teardown that asks the reserve. So the get
 * ends if tasks that hold objects put them.
 */
#include <linux/atomic.h>
#include <linux/compiler.h>

#include "base/budget.h"
#include "base/link.h"
#include "pool.h"
#include "store/reserve_list.h"
#include "store/waitlist.h"

/*
 * Objects in the reserve list count as idle, like objects in a depot. There is always room:
 * max_idle and the budget leave room for the reserve.
 */
static void count_idle(struct kp_pool *pool, int n)
{
	if (pool->class_link->budget)
		kp_budget_charge(pool, n);
	else if (pool->waitlist->counted)
		atomic_long_add(n, &pool->depot_idle);
}

/*
 * Takes an object out of the list, or returns NULL. If a link was overwritten, the objects behind
 * it are lost: they exist for ever, as closing, and the reserve builds others. Context:
 * waitlist->lock is held.
 */
static void *take(struct kp_pool *pool)
{
	struct kp_waitlist *waitlist = pool->waitlist;
	unsigned long n = 1;
	void *obj = NULL;

	lockdep_assert_held(&waitlist->lock);
	if (!waitlist->reserve_idle)
		return NULL;
	kp_list_take(pool, &waitlist->reserve_list, &obj, 1);
	if (unlikely(kp_list_empty(&waitlist->reserve_list))) {
		n = waitlist->reserve_idle;
		atomic_long_sub(obj ? n - 1 : n, &pool->kept);
	}
	WRITE_ONCE(waitlist->reserve_idle, waitlist->reserve_idle - n);
	count_idle(pool, -(int)n);
	return obj;
}

/*
 * Adds an object. Context: waitlist->lock is held. The caller grants a batch before it unlocks.
 */
void kp_reserve_list_add(struct kp_pool *pool, void *obj)
{
	struct kp_waitlist *waitlist = pool->waitlist;

	lockdep_assert_held(&waitlist->lock);
	if (!kp_list_add(pool, &waitlist->reserve_list, obj))
		return;
	WRITE_ONCE(waitlist->reserve_idle, waitlist->reserve_idle + 1);
	count_idle(pool, 1);
}

/* Returns an object, or NULL. Context: waitlist->lock is held. */
void *kp_reserve_list_take(struct kp_pool *pool)
{
	lockdep_assert_held(&pool->waitlist->lock);
	return READ_ONCE(pool->state) == KPOOL_STATE_LIVE ? take(pool) : NULL;
}

/* kp_depots_count() for the reserve list. */
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
 * kp_reserve_keep_memory() - keep memory that the reserve needs instead of freeing it
 * @pool: the pool
 * @objs: memory of one object each
 * @n: how many
 *
 * If an object of the reserve has to be torn down, the next object is built in its memory.
 *
 * Context: kp_may_allocate().
 * Return: how many, from the first, the caller has to free.
 */
unsigned int kp_reserve_keep_memory(struct kp_pool *pool, void **objs, unsigned int n)
{
	struct kp_waitlist *waitlist = pool->waitlist;
	unsigned long flags;

	if (!READ_ONCE(pool->reserve))
		return n;
	raw_spin_lock_irqsave(&waitlist->lock, flags);
	while (n && READ_ONCE(pool->state) == KPOOL_STATE_LIVE &&
	       atomic_long_read(&pool->kept) + waitlist->pieces < READ_ONCE(pool->reserve)) {
		kp_list_add_dead(pool, &waitlist->memory, objs[--n]);
		WRITE_ONCE(waitlist->pieces, waitlist->pieces + 1);
	}
	raw_spin_unlock_irqrestore(&waitlist->lock, flags);
	return n;
}

/* Takes kept memory. Returns how much. Context: waitlist->lock is held. */
static unsigned int take_memory(struct kp_pool *pool, void **objs, unsigned int n)
{
	struct kp_waitlist *waitlist = pool->waitlist;
	unsigned int got;

	lockdep_assert_held(&waitlist->lock);
	got = kp_list_take_dead(pool, &waitlist->memory, objs, n);
	/* If a link was overwritten, the memory behind it is lost. */
	WRITE_ONCE(waitlist->pieces, kp_list_empty(&waitlist->memory) ? 0 :
				     waitlist->pieces - got);
	return got;
}

/**
 * kp_reserve_take_memory() - take kept memory, to build objects in it
 * @pool: the pool
 * @objs: array for the memory
 * @n: how many objects the caller wants to build
 *
 * Context: kp_may_allocate().
 * Return: how many entries of @objs are set.
 */
unsigned int kp_reserve_take_memory(struct kp_pool *pool, void **objs, unsigned int n)
{
	struct kp_waitlist *waitlist = pool->waitlist;
	unsigned long flags;
	unsigned int got;

	if (!READ_ONCE(pool->reserve))
		return 0;
	raw_spin_lock_irqsave(&waitlist->lock, flags);
	got = take_memory(pool, objs, n);
	raw_spin_unlock_irqrestore(&waitlist->lock, flags);
	return got;
}

/* How many objects kp_reserve_list_take_excess() moves in one hold of the lock. */
#define EXCESS_BATCH	16

/**
 * kp_reserve_list_take_excess() - take out some objects that a smaller reserve does not need
 * @pool: the pool, which has a wait list
 * @idle: list to which idle objects are added
 * @memory: list to which memory is added
 *
 * Context: process context.
 * Return: whether there may be more.
 */
bool kp_reserve_list_take_excess(struct kp_pool *pool, struct kp_list *idle,
				 struct kp_list *memory)
{
	struct kp_waitlist *waitlist = pool->waitlist;
	unsigned int n = EXCESS_BATCH;
	void *obj;
	long over;

	raw_spin_lock_irq(&waitlist->lock);
	over = atomic_long_read(&pool->kept) - READ_ONCE(pool->reserve);
	for (; n && over > 0 && (obj = take(pool)); over--, n--) {
		atomic_long_dec(&pool->kept);
		kp_list_add(pool, idle, obj);
	}
	for (; n && over + (long)waitlist->pieces > 0 && take_memory(pool, &obj, 1); n--)
		kp_list_add_dead(pool, memory, obj);
	raw_spin_unlock_irq(&waitlist->lock);
	return !n;
}

/**
 * kp_reserve_list_take_all() - take out all objects of the reserve list, and all kept memory
 * @pool: the pool, which has a wait list and is not live, so that neither list grows
 * @memory: set to the list of memory
 *
 * Context: process context.
 * Return: the list of objects.
 */
struct kp_list kp_reserve_list_take_all(struct kp_pool *pool, struct kp_list *memory)
{
	struct kp_waitlist *waitlist = pool->waitlist;
	struct kp_list idle;

	raw_spin_lock_irq(&waitlist->lock);
	idle = kp_list_take_all(&waitlist->reserve_list);
	*memory = kp_list_take_all(&waitlist->memory);
	atomic_long_sub(waitlist->reserve_idle, &pool->kept);
	count_idle(pool, -waitlist->reserve_idle);
	WRITE_ONCE(waitlist->reserve_idle, 0);
	WRITE_ONCE(waitlist->pieces, 0);
	raw_spin_unlock_irq(&waitlist->lock);
	return idle;
}
