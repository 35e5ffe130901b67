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

/* Each member has a bit in kp_bytes.wanting. */
static_assert(KPOOL_SIZED_CLASSES <= BITS_PER_LONG);

/* This part of the limit is free when a worker was through, as far as larger classes can. */
#define HEADROOM	8

/* Has one class give back as much as is too many, if it has it. */
static void give_back(struct kp_bytes *bytes, struct pool *pool)
{
	long over = atomic_long_read(&bytes->idle) - (bytes->most - bytes->most / HEADROOM);
	unsigned long freed = 0;

	if (over > 0)
		kp_shrink_pool(pool, DIV_ROUND_UP(over, pool->size), KP_MAX_IDLE, &freed);
}

/* Work function of kp_bytes.work: each larger class gives back, the largest first. */
void kp_sized_make_room(struct work_struct *work)
{
	struct kp_bytes *bytes = container_of(work, struct kp_bytes, work);
	struct sized *s = container_of(bytes, struct sized, bytes);
	unsigned long wanting = xchg(&bytes->wanting, 0);
	unsigned int i;

	if (!wanting)
		return;
	mutex_lock(&s->lock);
	for (i = s->nr_classes - 1; i > __ffs(wanting); i--) {
		struct kpool *kpool = s->classes[i].pool;

		if (kpool && kp_enter(to_pool(kpool))) {
			give_back(bytes, to_pool(kpool));
			kp_leave(to_pool(kpool));
		}
	}
	mutex_unlock(&s->lock);
}
