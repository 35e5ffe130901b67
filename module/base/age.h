/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether an object was idle for too long, or exists for too long. base/clock.h has the clock. */
#ifndef _KPOOL_BASE_AGE_H
#define _KPOOL_BASE_AGE_H

#include "base/clock.h"
#include "base/link.h"
#include "pool.h"

/* Was an object that was put at tick stamp idle for too long at tick now? */
static inline bool kp_too_idle(const struct kp_pool *pool, u32 stamp, unsigned long now)
{
	/*
	 * Unsigned, so a very long idle time does not look short. A stamp a bit after now is young.
	 */
	return (u32)now - stamp + CLOCK_SLACK >= READ_ONCE(pool->idle_limit);
}

static inline bool kp_is_stale(const struct kp_pool *pool, u32 stamp)
{
	return kp_too_idle(pool, stamp, kp_now());
}

static __always_inline bool past_lifetime(const struct kp_pool *pool, unsigned long birth,
					  unsigned long now)
{
	return (long)(now - birth) >= READ_ONCE(pool->lifetime);
}

/* Is an object that has a birth past its lifetime? Context: any. */
static __always_inline bool kp_past_lifetime(const struct kp_pool *pool, void *obj,
					     unsigned long now)
{
	return past_lifetime(pool, *kp_birth(pool, obj), now);
}

#endif /* _KPOOL_BASE_AGE_H */
