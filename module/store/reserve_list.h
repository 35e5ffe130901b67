/* SPDX-License-Identifier: GPL-2.0-only */
/* The reserve: objects and memory that it keeps. */
#ifndef _KPOOL_STORE_RESERVE_LIST_H
#define _KPOOL_STORE_RESERVE_LIST_H

#include "pool.h"

bool kp_reserve_list_take_excess(struct kp_pool *pool, struct kp_list *idle,
				 struct kp_list *memory);
struct kp_list kp_reserve_list_take_all(struct kp_pool *pool, struct kp_list *memory);
unsigned int kp_reserve_keep_memory(struct kp_pool *pool, void **objs, unsigned int n);
unsigned int kp_reserve_take_memory(struct kp_pool *pool, void **objs, unsigned int n);
void kp_reserve_list_count(struct kp_pool *pool, bool on);
void kp_reserve_list_add(struct kp_pool *pool, void *obj);
void *kp_reserve_list_take(struct kp_pool *pool);

#endif /* _KPOOL_STORE_RESERVE_LIST_H */
