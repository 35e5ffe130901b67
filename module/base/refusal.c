// SPDX-License-Identifier: GPL-2.0-only
/*
 * Objects that kpool refuses, because their consumer made an error. A refused object stays as it
 * is: kpool calls no callback for it, frees no memory, and changes no count. The message names the
 * function that called kpool.
 */
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/stacktrace.h>
#include <linux/string.h>

#include "base/refusal.h"
#include "pool.h"

#ifdef CONFIG_STACKTRACE
#ifdef MODULE
static bool is_kpools(unsigned long address)
{
	return within_module(address, THIS_MODULE);
}
#else
/* Built-in code has no range of addresses. Consumers enter it by functions with such names. */
static bool is_kpools(unsigned long address)
{
	char name[sizeof("__kpool_")];

	snprintf(name, sizeof(name), "%ps", (void *)address);
	return strstarts(name, "kpool_") || strstarts(name, "__kpool_");
}
#endif
#endif

/**
 * kp_callers() - the functions that called kpool, the last one first
 * @callers: receives their addresses
 * @most: how many addresses it has room for
 * @first: receives the index of the first caller that is not in kpool
 *
 * If a worker or an interrupt of kpool's runs, the first one is the function of the kernel that
 * runs it.
 *
 * Context: any, NMI too.
 * Return: how many callers there are, with those in kpool. No more than @first if the kernel cannot
 * tell.
 */
unsigned int kp_callers(unsigned long *callers, unsigned int most, unsigned int *first)
{
	unsigned int n = 0, i = 0;

#ifdef CONFIG_STACKTRACE
	n = stack_trace_save(callers, most, 0);
	/* The functions that saved the trace may come first. */
	while (i < n && !is_kpools(callers[i]))
		i++;
	while (i < n && is_kpools(callers[i]))
		i++;
#endif
	*first = i;
	return n;
}

/* The function that called kpool, for %pS, or NULL if the kernel cannot tell. Context: any. */
void *kp_consumer(void)
{
	unsigned long callers[24];
	unsigned int first, n = kp_callers(callers, ARRAY_SIZE(callers), &first);

	return first < n ? (void *)callers[first] : NULL;
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
