/* SPDX-License-Identifier: GPL-2.0-only */
/* Puts after an RCU grace period. */
#ifndef _KPOOL_PATH_RCU_H
#define _KPOOL_PATH_RCU_H

#include "pool.h"

int kp_rcu_init(struct kp_pool *pool);
void kp_rcu_exit(struct kp_pool *pool);
bool kp_rcu_left(const struct kp_pool *pool);
bool kp_rcu_put(struct kp_pool *pool);
void kp_rcu_start(struct kp_pool *pool);
void kp_rcu_sync(struct kp_pool *pool);

#endif /* _KPOOL_PATH_RCU_H */
