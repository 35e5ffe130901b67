// SPDX-License-Identifier: GPL-2.0-only
/*
 * How many bytes the classes of a set keep idle together.
 *
 * Three shares are set aside when the set is created: what CPUs' magazines can hold, and
 * for each class its floor, the larger of min_idle and reserve, which it may always have
 * in depots and stock. What is left is for all of them: whatever a class has in depots
 * and stock beyond its floor is counted here, where it comes and goes. So the limit is
 * exact, and hits know nothing of it.
 *
 * A class that finds no room says so, and a worker has larger ones give back what
 * they have in depots, the largest first: one burst of large buffers does not keep small
 * ones from being pooled. It makes a bit more room than is needed, so as not to be asked
 * again for each magazine.
 */
#include <linux/bitops.h>

#include "base/budget.h"
#include "base/work.h"
#include "pool.h"

static long beyond_floor(const struct kp_pool *pool, long idle)
{
	return max(idle - (long)pool->class_link.floor, 0L);
}

/*
 * Changes depot_idle, and the sum by what that changes beyond the floor: each change is
 * of a value that the counter really had, so the sum is right whatever comes together.
 * Returns the sum. What changes nothing does not look at it: a pool's last worker finds
 * nothing idle, and the set may be gone.
 */
static long count(struct kp_pool *pool, long n, long *idle)
{
	long before, more;

	*idle = atomic_long_add_return(n, &pool->depot_idle);
	before = *idle - n;
	more = beyond_floor(pool, *idle) - beyond_floor(pool, before);
	if (!more)
		return 0;
	return atomic_long_add_return(more * (long)pool->size, &pool->class_link.budget->idle);
}

/**
 * kp_budget_charge() - buffers became idle, or are idle no more
 * @pool: a class
 * @n: how many; below 0: so many left
 *
 * Context: any, NMI too.
 */
void kp_budget_charge(struct kp_pool *pool, long n)
{
	long idle;

	count(pool, n, &idle);
}

/* Smaller classes than this want room. */
static void ask(struct kp_budget *budget, unsigned int number)
{
	/* The largest has nobody to ask. */
	if (number + 1 < budget->members &&
	    !test_and_set_bit(number, &budget->wanting))
		irq_work_queue(&budget->irq_work);
}

/**
 * kp_budget_try_charge() - room for what is about to become idle?
 * @pool: a class, whose depot's lock is held
 * @n: how many of its buffers
 *
 * Counts them if so. Two that come at the same moment may both find no room where there
 * is some for one.
 *
 * Context: any, NMI too.
 * Return: false if there is none.
 */
bool kp_budget_try_charge(struct kp_pool *pool, unsigned long n)
{
	struct kp_budget *budget = pool->class_link.budget;
	long idle = atomic_long_read(&pool->depot_idle);
	long most = READ_ONCE(budget->most);
	long more = (beyond_floor(pool, idle + n) - beyond_floor(pool, idle)) * pool->size;

	/* A look first: what cannot be does not take room from others for a moment. */
	if (idle + (long)n > READ_ONCE(pool->depot_max))
		return false;
	if (more && atomic_long_read(&budget->idle) + more > most)
		goto full;
	if (count(pool, n, &idle) <= most && idle <= READ_ONCE(pool->depot_max))
		return true;
	kp_budget_charge(pool, -(long)n);
full:
	ask(budget, pool->class_link.number);
	return false;
}

/* How many buffers of a class there is room for. */
unsigned long kp_budget_room(const struct kp_pool *pool)
{
	const struct kp_budget *budget = pool->class_link.budget;
	long below = pool->class_link.floor - atomic_long_read(&pool->depot_idle);
	long left = READ_ONCE(budget->most) - atomic_long_read(&budget->idle);

	return max(below, 0L) + max(left, 0L) / pool->size;
}

static void bytes_irq_work(struct irq_work *irq_work)
{
	struct kp_budget *budget = container_of(irq_work, struct kp_budget, irq_work);

	rcu_read_lock();	/* as in defer_irq_work() */
	queue_work(kpool_wq, &budget->work);
	rcu_read_unlock();
}

/**
 * kp_budget_init() - begin to count
 * @budget: of a set
 * @members: how many pools there are, at most %BITS_PER_LONG; the largest objects last
 * @most: bytes that may be in depots and stock, beyond the floors
 * @make_room: has larger members give back; a bit of wanting says for which member
 */
void kp_budget_init(struct kp_budget *budget, unsigned int members, long most,
		    work_func_t make_room)
{
	budget->members = members;
	budget->most = most;
	init_irq_work(&budget->irq_work, bytes_irq_work);
	INIT_WORK(&budget->work, make_room);
}

/* All classes have ended. Context: process context, sleeps. */
void kp_budget_exit(struct kp_budget *budget)
{
	irq_work_sync(&budget->irq_work);
	cancel_work_sync(&budget->work);
}
