// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes room for smaller classes of a set: larger classes give idle buffers back. base/budget.c
 * counts the bytes and starts this work.
 */
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/rcupdate.h>

#include "base/budget.h"
#include "base/ref.h"
#include "policy/shrink.h"
#include "pool.h"
#include "sized/rebalance.h"
#include "sized/set.h"

/* Each class has a bit in kp_budget.wanting. */
static_assert(KPOOL_SIZED_CLASSES <= BITS_PER_LONG);

/* When the worker is done, 1/8 of the limit is free, as far as larger classes can free it. */
#define HEADROOM	8

/* Makes one class give back the bytes that are too many, as far as it has them. */
static void give_back(struct kp_budget *budget, struct kp_pool *pool)
{
	long over = atomic_long_read(&budget->idle) - (budget->most - budget->most / HEADROOM);
	unsigned long freed = 0;

	if (over > 0)
		kp_shrink_pool(pool, DIV_ROUND_UP(over, pool->size), KP_MAX_IDLE, &freed);
}

/*
 * A class's pool after kp_enter(), or NULL. Until kp_enter() has looked at the pool's state, RCU
 * keeps the pool's memory.
 */
static struct kp_pool *enter_class(struct kp_sized *s, unsigned int class)
{
	struct kp_pool *pool = NULL;
	struct kpool *kpool;

	rcu_read_lock();
	kpool = rcu_dereference(s->classes[class].pool);
	if (kpool && kp_enter(to_pool(kpool)))
		pool = to_pool(kpool);
	rcu_read_unlock();
	return pool;
}

/*
 * Work function of kp_budget.work: larger classes give back, the largest first. Holds no lock while
 * it tears objects down.
 */
void kp_sized_make_room(struct work_struct *work)
{
	struct kp_budget *budget = container_of(work, struct kp_budget, work);
	struct kp_sized *s = container_of(budget, struct kp_sized, budget);
	unsigned long wanting = xchg(&budget->wanting, 0);
	struct kp_pool *pool;
	unsigned int i;

	if (!wanting)
		return;
	for (i = s->nr_classes - 1; i > __ffs(wanting); i--) {
		pool = enter_class(s, i);
		if (!pool)
			continue;
		give_back(budget, pool);
		kp_leave(pool);
	}
}
