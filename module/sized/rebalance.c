// SPDX-License-Identifier: GPL-2.0-only
/* Classes of a set give back what smaller classes have no room for: see base/budget.c. */
#include <linux/bits.h>
#include <linux/build_bug.h>

#include "base/budget.h"
#include "base/ref.h"
#include "policy/shrink.h"
#include "pool.h"
#include "sized/rebalance.h"
#include "sized/set.h"

/* Each member has a bit in kp_budget.wanting. */
static_assert(KPOOL_SIZED_CLASSES <= BITS_PER_LONG);

/* This part of the limit is free when a worker was through, as far as larger classes can. */
#define HEADROOM	8

/* Has one class give back as much as is too many, if it has it. */
static void give_back(struct kp_budget *budget, struct kp_pool *pool)
{
	long over = atomic_long_read(&budget->idle) - (budget->most - budget->most / HEADROOM);
	unsigned long freed = 0;

	if (over > 0)
		kp_shrink_pool(pool, DIV_ROUND_UP(over, pool->size), KP_MAX_IDLE, &freed);
}

/* Work function of kp_budget.work: each larger class gives back, the largest first. */
void kp_sized_make_room(struct work_struct *work)
{
	struct kp_budget *budget = container_of(work, struct kp_budget, work);
	struct kp_sized *s = container_of(budget, struct kp_sized, budget);
	unsigned long wanting = xchg(&budget->wanting, 0);
	unsigned int i;

	if (!wanting)
		return;
	mutex_lock(&s->lock);
	for (i = s->nr_classes - 1; i > __ffs(wanting); i--) {
		struct kpool *kpool = s->classes[i].pool;

		if (kpool && kp_enter(to_pool(kpool))) {
			give_back(budget, to_pool(kpool));
			kp_leave(to_pool(kpool));
		}
	}
	mutex_unlock(&s->lock);
}
