/* SPDX-License-Identifier: GPL-2.0-only */
/* Objects that are built ahead of gets. */
#ifndef _KPOOL_OBJECT_PREFILL_H
#define _KPOOL_OBJECT_PREFILL_H

#include <linux/types.h>

struct kp_pool;

/* What a pool should build next. */
enum kp_shortage {
	KP_SHORT_OF_NOTHING,
	KP_SHORT_OF_MEMORY,		/* the reserve keeps memory for an object */
	KP_SHORT_OF_RESERVE,		/* an object for the reserve list */
	KP_SHORT_OF_IDLE,		/* an object for the depot */
};

long kp_reserve_missing(struct kp_pool *pool);
void kp_reserve_end(struct kp_pool *pool);
void kp_reserve_shrink(struct kp_pool *pool);
int kp_prefill(struct kp_pool *pool);
bool kp_below_min(struct kp_pool *pool);
enum kp_shortage kp_shortage(struct kp_pool *pool, unsigned int building, bool refill);
int kp_build_missing(struct kp_pool *pool, enum kp_shortage what, bool in_worker);

#endif /* _KPOOL_OBJECT_PREFILL_H */
