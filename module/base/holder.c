// SPDX-License-Identifier: GPL-2.0-only
/*
 * Holders of objects. The stack depot of the kernel keeps each stack once. The stack depot frees no
 * stack, so its memory depends on how many places get objects, not on how many objects they get.
 */
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/pid.h>
#include <linux/preempt.h>
#include <linux/stackdepot.h>
#include <linux/string.h>

#include "base/export.h"
#include "base/holder.h"
#include "base/refusal.h"

/**
 * kp_holder_note() - write down that this task gets an object now
 * @holder: receives the task and the time, and no stack
 * @caller: the function that gets the object
 *
 * Others may read @holder meanwhile. They may see parts of two holders.
 *
 * Context: any.
 */
void kp_holder_note(struct kp_holder *holder, unsigned long caller)
{
	bool task = in_task();

	WRITE_ONCE(holder->caller, caller);
	WRITE_ONCE(holder->since, get_jiffies_64());
	WRITE_ONCE(holder->pid, task ? task_pid_nr(current) : 0);
	/* Not get_task_comm(), which takes a lock that interrupts do not take. */
	strscpy(holder->comm, task ? current->comm : "interrupt", sizeof(holder->comm));
	holder->stack = 0;
}

/**
 * kp_holder_trace() - kp_holder_note() with the stack of this task
 * @holder: receives all; no stack if there is no memory for the stack
 * @gfp: how to allocate memory
 *
 * Context: as @gfp; kp_may_allocate() and not restricted.
 */
void kp_holder_trace(struct kp_holder *holder, gfp_t gfp)
{
	unsigned long callers[32];
	unsigned int first, n = kp_callers(callers, ARRAY_SIZE(callers), &first);

	kp_holder_note(holder, first < n ? callers[first] : 0);
	if (IS_ENABLED(CONFIG_STACKDEPOT) && first < n)
		holder->stack = stack_depot_save(callers + first, min(n - first, KP_STACK_MOST),
						 gfp | __GFP_NOWARN);
}

/* Returns how many functions the stack has, the last called one first. Context: any. */
unsigned int kp_holder_stack(const struct kp_holder *holder, unsigned long **functions)
{
	if (!IS_ENABLED(CONFIG_STACKDEPOT) || !holder->stack)
		return 0;
	return stack_depot_fetch(holder->stack, functions);
}
EXPORT_SYMBOL_FOR_TESTS(kp_holder_stack);

/* For how many milliseconds the holder has the object. Context: any. */
u64 kp_holder_ms(const struct kp_holder *holder)
{
	/* The holder may be newer than this reading of the clock. */
	s64 ticks = get_jiffies_64() - READ_ONCE(holder->since);

	return ticks > 0 ? jiffies64_to_msecs(ticks) : 0;
}

/* Call this before kp_holder_trace(). Context: process context, sleeps. Return: 0 or -ENOMEM. */
int kp_holders_init(void)
{
	return IS_ENABLED(CONFIG_STACKDEPOT) ? stack_depot_init() : 0;
}
