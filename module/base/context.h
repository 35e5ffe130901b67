/* SPDX-License-Identifier: GPL-2.0-only */
/* What a caller may do where it runs. */
#ifndef _KPOOL_BASE_CONTEXT_H
#define _KPOOL_BASE_CONTEXT_H

#include <linux/hardirq.h>
#include <linux/preempt.h>

#include "pool.h"

/* In NMI, or under locks that the pool is to keep clear of: only what takes no lock. */
static inline bool kp_is_restricted(const struct kp_pool *pool)
{
	return in_nmi() || (pool->flags & KPOOL_ANYCTX);
}

/*
 * May this context call the allocators? On PREEMPT_RT they take sleeping locks. Elsewhere all
 * contexts may, but NMI and the locks of KPOOL_ANYCTX, which do not come here.
 */
static inline bool kp_may_allocate(const struct kp_pool *pool)
{
	return !IS_ENABLED(CONFIG_PREEMPT_RT) || preemptible();
}

#endif /* _KPOOL_BASE_CONTEXT_H */
