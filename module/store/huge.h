/* SPDX-License-Identifier: GPL-2.0-only */
/* Objects out of huge pages. */
#ifndef _KPOOL_STORE_HUGE_H
#define _KPOOL_STORE_HUGE_H

#include <linux/gfp.h>
#include <linux/types.h>

struct kp_pool;

int kp_huge_init(struct kp_pool *pool);
void kp_huge_exit(struct kp_pool *pool);
void *kp_huge_alloc(struct kp_pool *pool, gfp_t gfp, int node);
bool kp_huge_free(const struct kp_pool *pool, void *obj);
u64 kp_huge_overhead(const struct kp_pool *pool);
void kp_huge_stats(const struct kp_pool *pool, u64 *huge_pages, u64 *carved);

#endif /* _KPOOL_STORE_HUGE_H */
