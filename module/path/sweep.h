/* SPDX-License-Identifier: GPL-2.0-only */
/* Closing the CPUs' caches. */
#ifndef _KPOOL_PATH_SWEEP_H
#define _KPOOL_PATH_SWEEP_H

#include "pool.h"

void kp_close_all(struct kp_pool *pool, struct llist_head *found);
void kp_close_loaded(struct kp_pool *pool, struct llist_head *found);
void kp_found_keep(struct kp_pool *pool, struct llist_head *found);
void kp_gate_close(struct kp_pool *pool, struct llist_head *found);

#endif /* _KPOOL_PATH_SWEEP_H */
