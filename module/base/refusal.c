// SPDX-License-Identifier: GPL-2.0-only
/*
 * Objects that kpool refuses, because their consumer made an error. A refused object stays as it
 * is: kpool calls no callback for it, frees no memory, and changes no count. The message names the
 * function that called kpool.
 */
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/stacktrace.h>

#include "base/refusal.h"
#include "pool.h"

/* How many callers kp_consumer() looks at. Those in kpool are fewer. */
#define DEPTH	24

/**
 * kp_consumer() - the function that called kpool
 *
 * If a worker or an interrupt of kpool's runs, this is the function of the kernel that runs it.
 *
 * Context: any, NMI too.
 * Return: an address for %pS, or NULL if the kernel cannot tell.
 */
void *kp_consumer(void)
{
#ifdef CONFIG_STACKTRACE
	unsigned long callers[DEPTH];
	unsigned int n = stack_trace_save(callers, DEPTH, 0), i = 0;

	/* The functions that saved the trace may come first. */
	while (i < n && !within_module(callers[i], THIS_MODULE))
		i++;
	while (i < n && within_module(callers[i], THIS_MODULE))
		i++;
	if (i < n)
		return (void *)callers[i];
#endif
	return NULL;
}

/**
 * kp_refuse_object() - say that an object was refused
 * @pool: the pool that somebody put the object into
 * @obj: the object
 * @why: the reason
 *
 * Context: any, NMI too.
 */
void kp_refuse_object(struct kp_pool *pool, const void *obj, const char *why)
{
	if (!__ratelimit(&pool->refusals))
		return;
	/* Without secrets: %p is a hash of the address. */
	pr_err("pool %s (id %u) of %s: object %p, put by %pS, is refused: %s\n",
	       pool->name, pool->id, pool->owner_name, obj, kp_consumer(), why);
}
