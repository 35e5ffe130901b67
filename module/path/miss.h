/* SPDX-License-Identifier: GPL-2.0-only */
/* Gets that miss. */
#ifndef _KPOOL_PATH_MISS_H
#define _KPOOL_PATH_MISS_H

#include <linux/hardirq.h>

#include "base/track.h"
#include "object/debug.h"
#include "pool.h"

struct kp_patience;

extern const struct kp_patience kp_until_killed;

/*
 * The get found no idle object and no slot: max objects exist, or other gets wait. A get with a
 * timeout then waits. This value is no error that a ctor can return.
 */
#define EXHAUSTED	1

unsigned int kp_validate_all(struct kp_pool *pool, void **objs, unsigned int n);
int kp_gfp_check(const struct kp_pool *pool, gfp_t gfp);
int kp_get_miss(struct kp_pool *pool, gfp_t gfp, void **objs, unsigned int n,
		const struct kp_patience *patience);
int kp_get_or_collect(struct kp_pool *pool, gfp_t gfp, void **objs, unsigned int n,
		      const struct kp_patience *patience);
int kp_get_closing(struct kp_pool *pool, gfp_t gfp, void **objs, unsigned int n);
void *kp_get_one_miss(struct kp_pool *pool, gfp_t gfp);

/* Tells the instruments of a pool that a get is about to return objects. */
static __always_inline void kp_tell_got(struct kp_pool *pool, gfp_t gfp, void **objs,
					unsigned int n)
{
	u8 instruments = READ_ONCE(pool->instruments);

	if (likely(!(instruments & (KP_DEBUG | KP_TRACK))))
		return;
	if (instruments & KP_DEBUG)
		kp_debug_got(pool, objs, n, gfp);
	if (instruments & KP_TRACK)
		kp_track_got(pool, objs, n, gfp);
}

/* May this context ask check whether an object is healthy? kpool calls no callback in NMI. */
static inline bool may_validate(const struct kp_pool *pool)
{
	return !pool->ops.check || !in_nmi();
}

/* kp_validate() for objects that were counted as got. Takes back the count of expired objects. */
static __always_inline unsigned int validate(struct kp_pool *pool, void **objs, unsigned int n)
{
	return likely(!READ_ONCE(pool->validated)) ? n : kp_validate_all(pool, objs, n);
}

#endif /* _KPOOL_PATH_MISS_H */
