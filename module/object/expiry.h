/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether an idle object may still be handed out. */
#ifndef _KPOOL_OBJECT_EXPIRY_H
#define _KPOOL_OBJECT_EXPIRY_H

#include "base/age.h"
#include "pool.h"
#include "store/magazine.h"

/* Why it must not be handed out, or 0. Context: any but NMI, where there is a check. */
static __always_inline enum kp_cause kp_unfit(struct pool *pool, void *obj)
{
	if (pool->dated && kp_is_over(pool, obj, kp_now()))
		return KP_LIFETIME;
	if (pool->ops.check && !pool->ops.check(obj, pool->ctx))
		return KP_UNHEALTHY;
	return 0;
}

/* What hits have to look at; a constant, wherever it counts. */
enum look { LOOK_NONE, LOOK_STAMP, LOOK_DATE, LOOK_ALL };

/* The part of it that is the object's own. */
static __always_inline bool look_over(const struct pool *pool, void *obj, enum look look,
				      unsigned long now)
{
	if (look == LOOK_DATE)
		return is_over(pool, *(unsigned long *)(obj + pool->date), now);
	return look == LOOK_ALL && pool->dated && kp_is_over(pool, obj, now);
}

static __always_inline bool look_at_stamp(const struct pool *pool, enum look look)
{
	return look == LOOK_STAMP || (look == LOOK_ALL && pool->stamped);
}

void kp_reject(struct pool *pool, void *obj, enum kp_cause cause);
unsigned int kp_vet(struct pool *pool, void **objs, unsigned int n);
unsigned int kp_drop_unfit(struct pool *pool, struct kpool_magazine *mag);

#endif /* _KPOOL_OBJECT_EXPIRY_H */
