/* SPDX-License-Identifier: GPL-2.0-only */
/* How objects are built and torn down. object/prefill.h builds objects ahead of gets. */
#ifndef _KPOOL_OBJECT_OBJECT_H
#define _KPOOL_OBJECT_OBJECT_H

#include "pool.h"

int kp_build(struct kp_pool *pool, gfp_t gfp, void **objs, unsigned int n);
unsigned int kp_teardown(struct kp_pool *pool, void **objs, unsigned int n, enum kp_cause cause);
void kp_teardown_all(struct kp_pool *pool, void **objs, unsigned int n);
bool kp_may_teardown(const struct kp_pool *pool);
void kp_discard(struct kp_pool *pool, void **objs, unsigned int n, enum kp_cause cause);
void kp_discard_expired(struct kp_pool *pool, void **objs, unsigned int n, enum kp_cause cause);
unsigned int kp_defer_teardown(struct kp_pool *pool, void **objs, unsigned int n,
			       enum kp_cause cause);
bool kp_reap(struct kp_pool *pool, gfp_t gfp);
void kp_teardown_deferred(struct kp_pool *pool);
void kp_teardown_list(struct kp_pool *pool, struct kp_list *list);

#endif /* _KPOOL_OBJECT_OBJECT_H */
