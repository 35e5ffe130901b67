/* SPDX-License-Identifier: GPL-2.0-only */
/* The holders of objects, for pools that have the instrument KP_TRACK. */
#ifndef _KPOOL_BASE_TRACK_H
#define _KPOOL_BASE_TRACK_H

#include <linux/compiler.h>

#include "base/records.h"
#include "pool.h"

struct kp_track {
	struct kp_records records;	/* of the tracked objects in use */
	bool closed;			/* not tracked now: see kp_records_close() */
	unsigned int one_in;		/* one get in so many is tracked; 0: none */
	unsigned int leak_ms;		/* longer use is a leak; 0: no use is */
	atomic_t numbers;
	atomic_long_t tracked;		/* records */
	atomic_long_t leaks;		/* objects that were in use for longer than leak_ms */
};

static inline bool kp_is_tracked(const struct kp_pool *pool)
{
	return READ_ONCE(pool->instruments) & KP_TRACK;
}

unsigned int kp_track_wanted(void);
int kp_track_begin(struct kp_pool *pool);
void kp_track_end(struct kp_pool *pool);
void kp_track_exit(struct kp_pool *pool);
void kp_track_got(struct kp_pool *pool, void **objs, unsigned int n, gfp_t gfp);
void kp_track_put(struct kp_pool *pool, void *obj);
void kp_track_stats(const struct kp_pool *pool, u64 *tracked, u64 *held_max_ms, u64 *leaks);
void kp_track_look_for_leaks(struct kp_pool *pool);

#endif /* _KPOOL_BASE_TRACK_H */
