/* SPDX-License-Identifier: GPL-2.0-only */
/* References to a pool, and running work in a pool. */
#ifndef _KPOOL_BASE_REF_H
#define _KPOOL_BASE_REF_H

#include <linux/types.h>

struct kp_pool;

bool kp_enter(struct kp_pool *pool);
void kp_leave(struct kp_pool *pool);
void kp_unref(struct kp_pool *pool, int n);

#endif /* _KPOOL_BASE_REF_H */
