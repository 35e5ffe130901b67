/* SPDX-License-Identifier: GPL-2.0-only */
/* Checks of gets and puts, for pools that have the instrument KP_DEBUG. */
#ifndef _KPOOL_OBJECT_DEBUG_H
#define _KPOOL_OBJECT_DEBUG_H

#include <linux/compiler.h>
#include <linux/ratelimit_types.h>

#include "base/records.h"
#include "pool.h"

/* How idle objects show that somebody wrote to them. */
enum kp_debug_fill {
	KP_FILL_NONE,			/* they do not: callbacks may write to them */
	KP_FILL_POISON,			/* nobody relies on their contents: a pattern */
	KP_FILL_SUM,			/* a checksum of their contents */
};

struct kp_debug {
	struct kp_records *records;	/* own, or those of the pool's set */
	struct kp_records own;
	bool closed;			/* not debugged now: see kp_records_close() */
	enum kp_debug_fill fill;
	size_t zone_offset, zone_size;	/* the red zone behind the consumer's bytes */
	unsigned int held_ms;		/* report longer use; 0: as debug_held_ms says */
	atomic_t numbers;
	atomic_long_t recorded;		/* records of this pool; never more than objects exist */
};

static inline bool kp_is_debugged(const struct kp_pool *pool)
{
	return READ_ONCE(pool->instruments) & KP_DEBUG;
}

extern struct ratelimit_state kp_debug_limit;

bool kp_debug_wanted(void);
int kp_debug_begin(struct kp_pool *pool);
void kp_debug_end(struct kp_pool *pool);
void kp_debug_exit(struct kp_pool *pool);
void kp_debug_built(struct kp_pool *pool, void **objs, unsigned int n, gfp_t gfp);
void kp_debug_got(struct kp_pool *pool, void **objs, unsigned int n, gfp_t gfp);
bool kp_debug_put(struct kp_pool *pool, void *obj);
void kp_debug_idle(struct kp_pool *pool, void **objs, unsigned int n);
bool kp_debug_intact(struct kp_pool *pool, void *obj);
void kp_debug_teardown(struct kp_pool *pool, void **objs, unsigned int n);
void kp_debug_look_for_held(struct kp_pool *pool);

#endif /* _KPOOL_OBJECT_DEBUG_H */
