/* SPDX-License-Identifier: GPL-2.0-only */
/* Keeping objects in a depot, and the RULE. */
#ifndef _KPOOL_OBJECT_KEEP_H
#define _KPOOL_OBJECT_KEEP_H

#include "pool.h"

struct kpool_magazine;

void kp_kick(struct kp_pool *pool);
void kp_rule(struct kp_pool *pool);
unsigned int kp_keep(struct kp_pool *pool, struct kp_depot *depot, struct kpool_magazine *mag);
unsigned int kp_send_home(struct kp_pool *pool, struct kp_depot *depot, struct list_head *going);
void kp_keep_one(struct kp_pool *pool, void *obj);
void kp_keep_excess(struct kp_pool *pool, struct kp_depot *depot, struct kpool_magazine *mag);

#endif /* _KPOOL_OBJECT_KEEP_H */
