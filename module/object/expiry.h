/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether a get may have an idle object: valid or expired. base/age.h has the arithmetic,
 * store/expired.c the way to teardown.
 */
#ifndef _KPOOL_OBJECT_EXPIRY_H
#define _KPOOL_OBJECT_EXPIRY_H

#include "base/age.h"
#include "object/debug.h"
#include "pool.h"
#include "store/magazine.h"

/* Whether an object is past its lifetime: KP_LIFETIME or KP_NO_CAUSE. Context: any. */
static __always_inline enum kp_cause kp_age_cause(const struct kp_pool *pool, void *obj)
{
	return pool->has_birth && kp_past_lifetime(pool, obj, kp_now()) ? KP_LIFETIME : KP_NO_CAUSE;
}

/*
 * Why a get must not have the object, or KP_NO_CAUSE. Context: any; not NMI if the pool has a check
 * callback.
 */
static __always_inline enum kp_cause kp_expired_cause(struct kp_pool *pool, void *obj)
{
	if (kp_age_cause(pool, obj))
		return KP_LIFETIME;
	if (unlikely(kp_is_debugged(pool)) && !kp_debug_intact(pool, obj))
		return KP_UNHEALTHY;
	if (pool->ops.check && !pool->ops.check(obj, pool->ctx))
		return KP_UNHEALTHY;
	return KP_NO_CAUSE;
}

/* The checks of a hit. A constant wherever speed matters. */
enum kp_hit_checks { CHECK_NONE, CHECK_STAMP, CHECK_BIRTH, CHECK_ALL };

/* Is the object past its lifetime, if hits have to check that? */
static __always_inline bool check_birth(const struct kp_pool *pool, void *obj,
					enum kp_hit_checks checks, unsigned long now)
{
	if (checks == CHECK_BIRTH)
		return past_lifetime(pool, *(unsigned long *)(obj + pool->birth_offset), now);
	return checks == CHECK_ALL && pool->has_birth && kp_past_lifetime(pool, obj, now);
}

static __always_inline bool checks_stamp(const struct kp_pool *pool, enum kp_hit_checks checks)
{
	return checks == CHECK_STAMP || (checks == CHECK_ALL && pool->stamped);
}

void kp_evict(struct kp_pool *pool, void *obj, enum kp_cause cause);
unsigned int kp_validate(struct kp_pool *pool, void **objs, unsigned int n);
unsigned int kp_evict_expired(struct kp_pool *pool, struct kpool_magazine *mag);
unsigned int kp_evict_unhealthy(struct kp_pool *pool, struct kpool_magazine *mag);

#endif /* _KPOOL_OBJECT_EXPIRY_H */
