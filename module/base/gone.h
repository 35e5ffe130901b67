/* SPDX-License-Identifier: GPL-2.0-only */
/* Objects that are torn down, by cause. */
#ifndef _KPOOL_BASE_GONE_H
#define _KPOOL_BASE_GONE_H

#include "base/trace.h"
#include "pool.h"

static inline void kp_count_gone(struct kp_pool *pool, enum kp_cause cause, unsigned long n)
{
	atomic_long_add(n, &pool->gone[cause]);
	trace_kpool_teardown(pool, n, cause);
}

#endif /* _KPOOL_BASE_GONE_H */
