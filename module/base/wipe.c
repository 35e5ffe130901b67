// SPDX-License-Identifier: GPL-2.0-only
/*
 * Wiping of memory. The consumer chooses the size of an object, so a wipe can take long. A task
 * wipes in pieces, and lets other tasks run in between. Code that cannot do this asks first.
 */
#include <linux/hardirq.h>
#include <linux/irqflags.h>
#include <linux/minmax.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "base/wipe.h"

/* May the caller call cond_resched()? A kernel that does not count preemption cannot tell. */
static bool may_yield(void)
{
	return preemptible() && !rcu_preempt_depth();
}

/**
 * kp_may_wipe() - may the caller wipe so many bytes?
 * @n: how many bytes
 *
 * An RCU reader may not wipe many bytes either, because it cannot let other tasks run. In a kernel
 * that does not count preemption, every caller outside of interrupts may.
 *
 * Context: any.
 */
bool kp_may_wipe(u64 n)
{
	if (n <= KP_WIPE_AT_ONCE)
		return true;
	return IS_ENABLED(CONFIG_PREEMPT_COUNT) ? may_yield() :
						  !irqs_disabled() && !in_interrupt();
}

/**
 * kp_wipe() - wipe memory
 * @at: the memory
 * @n: how many bytes
 * @may_sleep: the caller may sleep if @n is more than KP_WIPE_AT_ONCE
 *
 * Lets other tasks run between pieces, if the caller says that it may sleep, or the context does.
 *
 * Context: any.
 */
void kp_wipe(void *at, size_t n, bool may_sleep)
{
	size_t piece;

	for (; n; at += piece, n -= piece) {
		piece = min_t(size_t, n, KP_WIPE_AT_ONCE);
		memzero_explicit(at, piece);
		if (piece < n && (may_sleep || may_yield()))
			cond_resched();
	}
}
