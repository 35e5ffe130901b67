// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes room for smaller classes of a set, and for a smaller limit: classes give idle buffers back.
 * base/budget.c counts the bytes, and limit.c calls these functions.
 */
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/irqflags.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include "base/budget.h"
#include "base/ref.h"
#include "object/object.h"
#include "policy/shrink.h"
#include "pool.h"
#include "sized/rebalance.h"
#include "sized/set.h"
#include "store/depot.h"

/* Each class has a bit in kp_budget.wanting. */
static_assert(KPOOL_SIZED_CLASSES <= BITS_PER_LONG);

/* When the worker is done, 1/8 of the limit is free, as far as larger classes can free it. */
#define HEADROOM	8

/* Makes one class give back the bytes that are too many, as far as it has them. */
static void give_back(struct kp_budget *budget, struct kp_pool *pool)
{
	long most = READ_ONCE(budget->most);
	long over = atomic_long_read(&budget->idle) - (most - most / HEADROOM);
	unsigned long freed = 0;

	if (over > 0)
		kp_shrink_pool(pool, DIV_ROUND_UP(over, pool->size), KP_MAX_IDLE, &freed);
}

static bool is_over(const struct kp_budget *budget, const struct kp_pool *pool)
{
	return atomic_long_read(&budget->idle) > READ_ONCE(budget->most) &&
	       atomic_long_read(&pool->depot_idle) > (long)pool->class_link->floor;
}

/* As give_back(), in single objects: what is left of a class may be less than a magazine. */
static void give_back_singles(struct kp_budget *budget, struct kp_pool *pool)
{
	unsigned int i;
	void *obj;

	for (i = 0; i < pool->nr_depots; i++)
		while (is_over(budget, pool)) {
			local_irq_disable();
			obj = kp_depot_get_one(pool, &pool->depots[i]);
			local_irq_enable();
			if (!obj)
				break;
			kp_defer_teardown(pool, &obj, 1, KP_MAX_IDLE);
			cond_resched();
		}
}

/*
 * The pool of a class after kp_enter(), or NULL. Until kp_enter() has looked at the state of the
 * pool, RCU keeps the pool's memory.
 */
struct kp_pool *kp_sized_enter_class(struct kp_sized *s, unsigned int class)
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

/* Classes from the largest down to the first one give back. */
static void give_back_from(struct kp_sized *s, unsigned int first,
			   void (*give)(struct kp_budget *budget, struct kp_pool *pool))
{
	struct kp_pool *pool;
	unsigned int i;

	for (i = s->nr_classes; i-- > first;) {
		pool = kp_sized_enter_class(s, i);
		if (!pool)
			continue;
		give(&s->budget, pool);
		kp_leave(pool);
	}
}

/* Larger classes than the first one of a bitmap give back, the largest first. */
void kp_sized_make_room(struct kp_sized *s, unsigned long wanting)
{
	give_back_from(s, __ffs(wanting) + 1, give_back);
}

/*
 * All classes give back what exceeds the limit, as far as no task waits for it. Returns false if
 * there is more. Context: process context, sleeps.
 */
bool kp_sized_meet_budget(struct kp_sized *s)
{
	struct kp_budget *budget = &s->budget;

	if (atomic_long_read(&budget->idle) > READ_ONCE(budget->most))
		give_back_from(s, 0, give_back);
	if (atomic_long_read(&budget->idle) > READ_ONCE(budget->most))
		give_back_from(s, 0, give_back_singles);
	return atomic_long_read(&budget->idle) <= READ_ONCE(budget->most);
}
