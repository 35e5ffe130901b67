/* SPDX-License-Identifier: GPL-2.0-only */
/* What the reserve keeps. */
#ifndef _KPOOL_STORE_STOCK_H
#define _KPOOL_STORE_STOCK_H

#include "pool.h"

void kp_reserve_built(struct pool *pool, unsigned int n);
void kp_stock_take_excess(struct pool *pool, struct llist_head *stock, struct llist_head *memory);
struct llist_node *kp_stock_take_all(struct pool *pool, struct llist_node **memory);
unsigned int kp_reserve_keep_memory(struct pool *pool, void **objs, unsigned int n);
unsigned int kp_reserve_take_memory(struct pool *pool, void **objs, unsigned int n);
void kp_stock_count(struct pool *pool, bool on);
void kp_stock_add(struct pool *pool, void *obj);
void *kp_stock_take(struct pool *pool);

#endif /* _KPOOL_STORE_STOCK_H */
