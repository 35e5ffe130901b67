/* SPDX-License-Identifier: GPL-2.0-only */
/* Expired objects: the way to their teardown. */
#ifndef _KPOOL_STORE_EXPIRED_H
#define _KPOOL_STORE_EXPIRED_H

#include "pool.h"

struct kpool_magazine;

void kp_queue_teardown(struct kp_pool *pool, void **objs, unsigned int n, enum kp_cause cause);
void kp_unkeep(struct kp_pool *pool, unsigned int n);
void kp_defer_expired(struct kp_pool *pool, void **objs, unsigned int n, enum kp_cause cause);
void kp_defer_stale(struct kp_pool *pool, struct kpool_magazine *mag);
void kp_unpack_stale(struct kp_pool *pool);

#endif /* _KPOOL_STORE_EXPIRED_H */
