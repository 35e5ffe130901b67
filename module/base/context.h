/* SPDX-License-Identifier: GPL-2.0-only */
/* Which locks and allocators the current context allows. */
#ifndef _KPOOL_BASE_CONTEXT_H
#define _KPOOL_BASE_CONTEXT_H

#include <linux/hardirq.h>
#include <linux/irqflags.h>
#include <linux/preempt.h>

#include "pool.h"

/*
 * Is the context restricted to code that never waits for a lock? True in NMI, and always in pools
 * with KPOOL_ANYCTX.
 */
static inline bool kp_is_restricted(const struct kp_pool *pool)
{
	return in_nmi() || (pool->flags & KPOOL_ANYCTX);
}

/*
 * May this context call the allocators? On PREEMPT_RT they take sleeping locks. Elsewhere all
 * contexts may call them, except restricted ones, which do not ask.
 */
static inline bool kp_may_allocate(const struct kp_pool *pool)
{
	return !IS_ENABLED(CONFIG_PREEMPT_RT) || preemptible();
}

/*
 * Must a call here not sleep, as far as the kernel knows? A kernel without CONFIG_PREEMPT_COUNT
 * does not know of spinlocks, and of preemption that is off.
 */
static inline bool kp_is_atomic(void)
{
	if (IS_ENABLED(CONFIG_PREEMPT_COUNT))
		return !preemptible();
	return in_interrupt() || irqs_disabled();
}

#endif /* _KPOOL_BASE_CONTEXT_H */
