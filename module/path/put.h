/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Puts out of line. path/put.c also has the hits of special and validating pools, and bulk puts.
 * path/rcu.h has puts that wait for a grace period.
 */
#ifndef _KPOOL_PATH_PUT_H
#define _KPOOL_PATH_PUT_H

#include "pool.h"

void kp_put_objects(struct kp_pool *pool, void **objs, unsigned int n);
void kp_put_back(struct kp_pool *pool, void **objs, unsigned int n);
bool kp_tell_put(struct kp_pool *pool, void *obj);
void kp_put_checked(struct kp_pool *pool, void *obj);
void kp_put_finish(struct kp_pool *pool, void *obj);

#endif /* _KPOOL_PATH_PUT_H */
