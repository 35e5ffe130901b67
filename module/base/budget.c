// SPDX-License-Identifier: GPL-2.0-only
/*
 * The budget of a set: how many bytes its classes keep idle together. sized/rebalance.c makes room
 * when a class finds none.
 *
 * The limit has three shares. sized/limit.c computes them when the set is created, when the limit
 * changes, and while the set is used. The first share is for the magazines of CPUs. The second has
 * the floor of each class: the larger of min_idle and reserve. A class may always have that many
 * objects in depots and its reserve list. The third share is for all classes. This file counts it:
 * the objects of a class in depots and its reserve list above its floor. They are counted where
 * they are added and removed. So the limit is exact, and hits do not count anything.
 *
 * A class that finds no room asks a worker. The worker makes larger classes give back objects in
 * depots, the largest first. So a burst of large buffers does not prevent the pooling of small
 * ones. The worker makes a bit more room than is needed. So the class need not ask again for each
 * magazine.
 */
#include <linux/bitops.h>
#include <linux/limits.h>

#include "base/budget.h"
#include "base/clock.h"
#include "base/work.h"
#include "pool.h"

static long beyond_floor(const struct kp_pool *pool, long idle)
{
	return max(idle - (long)pool->class_link->floor, 0L);
}

/*
 * Adds n to depot_idle. Adds to the budget the bytes of the change above the floor. Each change
 * starts from a value that depot_idle really had. So the sum is right, even if several changes
 * happen at once. Returns the sum.
 *
 * If nothing changes above the floor, this function does not access the budget and returns 0. When
 * the last worker of a pool runs, the pool has no idle objects and the set may be gone.
 */
static long count(struct kp_pool *pool, long n, long *idle)
{
	long before, more;

	*idle = atomic_long_add_return(n, &pool->depot_idle);
	before = *idle - n;
	more = beyond_floor(pool, *idle) - beyond_floor(pool, before);
	if (!more)
		return 0;
	return atomic_long_add_return(more * (long)pool->size, &pool->class_link->budget->idle);
}

/**
 * kp_budget_charge() - count buffers that became idle, or that are idle no more
 * @pool: a class
 * @n: how many; negative: so many buffers are idle no more
 *
 * Context: any, NMI too.
 */
void kp_budget_charge(struct kp_pool *pool, long n)
{
	long idle;

	count(pool, n, &idle);
}

/* Asks the worker to make room for a class. Larger classes than this one give back. */
static void ask(struct kp_budget *budget, unsigned int number)
{
	/* No class is larger than the last one, so it cannot ask. */
	if (number + 1 < budget->members &&
	    !test_and_set_bit(number, &budget->wanting))
		irq_work_queue(&budget->irq_work);
}

/**
 * kp_budget_try_charge() - count buffers that will become idle, if the budget has room
 * @pool: a class; the caller holds the lock of one of its depots
 * @n: how many buffers
 *
 * If two calls run at once and there is room for one, both may fail.
 *
 * Context: any, NMI too.
 * Return: false if there is no room.
 */
bool kp_budget_try_charge(struct kp_pool *pool, unsigned long n)
{
	struct kp_budget *budget = pool->class_link->budget;
	long idle = atomic_long_read(&pool->depot_idle);
	long most = READ_ONCE(budget->most);
	long more = (beyond_floor(pool, idle + n) - beyond_floor(pool, idle)) * pool->size;

	/*
	 * A look first, so that a call which must fail takes no room from other calls for a moment.
	 */
	if (idle + (long)n > READ_ONCE(pool->depot_max))
		return false;
	if (more && atomic_long_read(&budget->idle) + more > most)
		goto full;
	if (count(pool, n, &idle) <= most && idle <= READ_ONCE(pool->depot_max))
		return true;
	kp_budget_charge(pool, -(long)n);
full:
	ask(budget, pool->class_link->number);
	return false;
}

/* How many more idle buffers of a class there is room for. */
unsigned long kp_budget_room(const struct kp_pool *pool)
{
	const struct kp_budget *budget = pool->class_link->budget;
	long below = pool->class_link->floor - atomic_long_read(&pool->depot_idle);
	long left = READ_ONCE(budget->most) - atomic_long_read(&budget->idle);

	return max(below, 0L) + max(left, 0L) / pool->size;
}

static void budget_irq_work(struct irq_work *irq_work)
{
	struct kp_budget *budget = container_of(irq_work, struct kp_budget, irq_work);

	rcu_read_lock();	/* as in defer_irq_work() */
	queue_work(kpool_wq, &budget->work);
	rcu_read_unlock();
}

/**
 * kp_budget_init() - begin to count
 * @budget: the budget of a set
 * @members: how many pools share it, at most %BITS_PER_LONG; the largest objects are last
 * @fn: makes larger members give back, if budget->wanting has a bit for a member that asked; does
 *	what budget->todo says
 *
 * There is no limit until the caller sets budget->most.
 */
void kp_budget_init(struct kp_budget *budget, unsigned int members, work_func_t fn)
{
	budget->members = members;
	budget->most = LONG_MAX;
	init_irq_work(&budget->irq_work, budget_irq_work);
	INIT_WORK(&budget->work, fn);
	budget->shared_at = kp_now();
}

/**
 * kp_budget_share() - have the worker share out the bytes for magazines
 * @budget: the budget of a set
 * @todo: why
 *
 * Context: any but NMI.
 */
void kp_budget_share(struct kp_budget *budget, enum kp_budget_todo todo)
{
	set_bit(todo, &budget->todo);
	queue_work(kpool_wq, &budget->work);
}

/* Called after all classes have ended. Context: process context, sleeps. */
void kp_budget_exit(struct kp_budget *budget)
{
	irq_work_sync(&budget->irq_work);
	cancel_work_sync(&budget->work);
}
