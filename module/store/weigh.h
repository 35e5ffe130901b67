/* SPDX-License-Identifier: GPL-2.0-only */
/* How much memory a pool holds. */
#ifndef _KPOOL_STORE_WEIGH_H
#define _KPOOL_STORE_WEIGH_H

#include <linux/types.h>

struct kp_pool;

u64 kp_memory(const struct kp_pool *pool);
u64 kp_overhead(const struct kp_pool *pool);
void kp_account_end(const struct kp_pool *pool);

#endif /* _KPOOL_STORE_WEIGH_H */
