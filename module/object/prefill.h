/* SPDX-License-Identifier: GPL-2.0-only */
/* Objects that are built ahead. */
#ifndef _KPOOL_OBJECT_PREFILL_H
#define _KPOOL_OBJECT_PREFILL_H

#include <linux/types.h>

struct pool;

int kp_reserve_fill(struct pool *pool);
long kp_reserve_missing(struct pool *pool);
void kp_reserve_end(struct pool *pool);
void kp_reserve_shrink(struct pool *pool);
int kp_fill(struct pool *pool, unsigned long want);
bool kp_lacks(struct pool *pool);
void kp_regain(struct pool *pool);

#endif /* _KPOOL_OBJECT_PREFILL_H */
