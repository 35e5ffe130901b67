/* SPDX-License-Identifier: GPL-2.0-only */
/* How objects are built and torn down. object/prefill.h builds objects ahead of gets. */
#ifndef _KPOOL_OBJECT_OBJECT_H
#define _KPOOL_OBJECT_OBJECT_H

#include "pool.h"

/* How many objects are torn down at a time, if no callback may sleep. */
#define KP_TEARDOWN_BATCH	16U

void kp_count_built(struct kp_pool *pool, void **objs, unsigned int n);
int kp_build_here(struct kp_pool *pool, gfp_t gfp, void **objs, unsigned int n);
unsigned int kp_teardown(struct kp_pool *pool, void **objs, unsigned int n, enum kp_cause cause);
void kp_teardown_all(struct kp_pool *pool, void **objs, unsigned int n);
bool kp_may_teardown(const struct kp_pool *pool);
unsigned int kp_discard(struct kp_pool *pool, void **objs, unsigned int n, enum kp_cause cause);
void kp_discard_expired(struct kp_pool *pool, void **objs, unsigned int n, enum kp_cause cause);
unsigned int kp_defer_teardown(struct kp_pool *pool, void **objs, unsigned int n,
			       enum kp_cause cause);
void kp_discard_list(struct kp_pool *pool, struct kp_list *list, enum kp_cause cause);
unsigned int kp_take_closing(struct kp_pool *pool, void **objs, unsigned int most);
bool kp_reap(struct kp_pool *pool, gfp_t gfp, unsigned int n);

#endif /* _KPOOL_OBJECT_OBJECT_H */
