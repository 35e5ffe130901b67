// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether the parameters of a pool make sense. Nothing is clamped: what is
 * wrong is refused, and the log says which parameter and why.
 */
#include <linux/ctype.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/slab.h>

#include "pool.h"

#define KNOWN_FLAGS (KPOOL_ZERO_ON_PUT | KPOOL_BYPASS | KPOOL_OWN_CACHE | KPOOL_VMALLOC | \
		     KPOOL_SLEEPING | KPOOL_ANYCTX | KPOOL_ON_NODE | \
		     KPOOL_BUILD_IN_WORKER | KPOOL_BEYOND_MAX | KPOOL_RCU | KPOOL_KVMALLOC)

#define refuse_to(verb, p, fmt, ...) ({						\
	pr_err_ratelimited("cannot %s pool %.*s: " fmt "\n", verb,		\
			   KPOOL_NAME_LEN, (p)->name ?: "(no name)", ##__VA_ARGS__);	\
	-EINVAL;								\
})

#define refuse(p, fmt, ...)	refuse_to("create", p, fmt, ##__VA_ARGS__)

/* A pool's name is part of a file's name, and a word in tables. */
static int check_name(const struct kpool_params *p)
{
	const char *c;

	if (!p->name || !*p->name)
		return refuse(p, "name: there is none");
	for (c = p->name; *c && c < p->name + KPOOL_NAME_LEN; c++)
		if (!isascii(*c) || !isgraph(*c) || *c == '/') {
			pr_err_ratelimited("cannot create pool: name \"%*pE\": only printable ASCII without blanks and slashes\n",
					   (int)strnlen(p->name, KPOOL_NAME_LEN), p->name);
			return -EINVAL;
		}
	if (*c)
		return refuse(p, "name: longer than %d characters", KPOOL_NAME_LEN - 1);
	return 0;
}

static int check_memory(const struct kpool_params *p)
{
	bool vmalloc = p->flags & (KPOOL_VMALLOC | KPOOL_KVMALLOC);
	size_t most = vmalloc ? totalram_pages() << PAGE_SHIFT : KMALLOC_MAX_SIZE;

	if (!p->size)
		return refuse(p, "size: 0 bytes");
	if (p->size > most)
		return refuse(p, "size: %zu bytes, at most %zu are possible", p->size, most);
	if (p->align && !is_power_of_2(p->align))
		return refuse(p, "align: %zu is not a power of two", p->align);
	if (p->align > (vmalloc ? PAGE_SIZE : KMALLOC_MAX_SIZE))
		return refuse(p, "align: %zu bytes, at most %zu are possible", p->align,
			      vmalloc ? PAGE_SIZE : (size_t)KMALLOC_MAX_SIZE);
	if (p->zone && p->zone != GFP_DMA && p->zone != GFP_DMA32)
		return refuse(p, "zone: neither GFP_DMA nor GFP_DMA32 nor 0");
	if (p->zone && vmalloc)
		return refuse(p, "zone: vmalloc() knows none");
	if (p->zone && !IS_ENABLED(CONFIG_ZONE_DMA) && p->zone == GFP_DMA)
		return refuse(p, "zone: this kernel has no GFP_DMA");
	if (p->flags & KPOOL_OWN_CACHE && (vmalloc || max(p->size, p->align) >= PAGE_SIZE))
		return refuse(p, "flags: KPOOL_OWN_CACHE, such objects come from no slab cache");
	if (p->flags & KPOOL_KVMALLOC && p->flags & KPOOL_VMALLOC)
		return refuse(p, "flags: KPOOL_KVMALLOC, but KPOOL_VMALLOC, too");
	if (p->flags & KPOOL_KVMALLOC && p->size < PAGE_SIZE)
		return refuse(p, "flags: KPOOL_KVMALLOC, but objects of %zu bytes, not a page",
			      p->size);
	if (p->flags & KPOOL_BUILD_IN_WORKER && !(p->ops && p->ops->ctor))
		return refuse(p, "flags: KPOOL_BUILD_IN_WORKER, but there is no ctor to run");
	return 0;
}

static int check_node(const struct kpool_params *p)
{
	if (!(p->flags & KPOOL_ON_NODE)) {
		if (p->node && p->node != NUMA_NO_NODE)
			return refuse(p, "node: %d without KPOOL_ON_NODE", p->node);
		return 0;
	}
	if (p->node < 0 || p->node >= MAX_NUMNODES || !node_online(p->node))
		return refuse(p, "node: %d is not online", p->node);
	return 0;
}

static int check_range(const struct kpool_params *p, const char *what, size_t offset, size_t size)
{
	if (offset > p->size || size > p->size - offset)
		return refuse(p, "%s: %zu bytes from %zu, but size is %zu", what, size, offset,
			      p->size);
	return 0;
}

static int check_wipe(const struct kpool_params *p)
{
	if (!(p->flags & KPOOL_ZERO_ON_PUT)) {
		if (p->wipe_offset || p->wipe_size)
			return refuse(p, "wipe_size: without KPOOL_ZERO_ON_PUT");
		return 0;
	}
	if (!p->wipe_size && p->wipe_offset)
		return refuse(p, "wipe_size: 0 bytes from %zu", p->wipe_offset);
	if (!p->wipe_size && p->ops && p->ops->ctor)
		return refuse(p, "wipe_size: 0 bytes, but a ctor built what must not be wiped");
	return check_range(p, "wipe_size", p->wipe_offset, p->wipe_size);
}

/* How many objects may be idle, and exist. */
static int check_counts(const struct kpool_params *p, const char *verb)
{
	bool has_max = kp_has_limit(p->max);

	if (p->max_idle > INT_MAX && p->max_idle != KPOOL_NONE)
		return refuse_to(verb, p, "max_idle: %u objects, at most %d are possible",
				 p->max_idle, INT_MAX);
	if (p->min_idle > INT_MAX)
		return refuse_to(verb, p, "min_idle: %u objects, at most %d are possible",
				 p->min_idle, INT_MAX);
	if (p->max_idle == KPOOL_NONE ? p->min_idle : p->max_idle && p->min_idle > p->max_idle)
		return refuse_to(verb, p, "min_idle: %u is more than max_idle", p->min_idle);
	if (has_max && p->max > INT_MAX)
		return refuse_to(verb, p, "max: %u objects, at most %d are possible", p->max,
				 INT_MAX);
	if (p->flags & KPOOL_BEYOND_MAX && !has_max)
		return refuse_to(verb, p, "max: there is none, but KPOOL_BEYOND_MAX");
	if (has_max && p->min_idle > p->max)
		return refuse_to(verb, p, "min_idle: %u is more than max", p->min_idle);
	if (p->reserve > INT_MAX)
		return refuse_to(verb, p, "reserve: %u objects, at most %d are possible",
				 p->reserve, INT_MAX);
	if (has_max && p->reserve > p->max)
		return refuse_to(verb, p, "reserve: %u is more than max", p->reserve);
	if (p->max_idle == KPOOL_NONE ? p->reserve : p->max_idle && p->reserve > p->max_idle)
		return refuse_to(verb, p, "reserve: %u is more than max_idle", p->reserve);
	return 0;
}

/**
 * kp_limits_check() - look for what is wrong with a pool's limits
 * @p: the parameters, of which these are a part
 * @verb: what they are for: "create" or "retune"
 *
 * Context: process context.
 * Return: 0, or -EINVAL, and the log says why.
 */
int kp_limits_check(const struct kpool_params *p, const char *verb)
{
	int err;

	if (p->magazine > KPOOL_MAGAZINE_MAX)
		return refuse_to(verb, p, "magazine: %u objects, at most %u are possible",
				 p->magazine, KPOOL_MAGAZINE_MAX);
	err = check_counts(p, verb);
	if (err)
		return err;
	if (p->idle_ms > INT_MAX && p->idle_ms != KPOOL_NONE)
		return refuse_to(verb, p, "idle_ms: %u ms, at most %d are possible", p->idle_ms,
				 INT_MAX);
	if (p->lifetime_ms > INT_MAX && p->lifetime_ms != KPOOL_NONE)
		return refuse_to(verb, p, "lifetime_ms: %u ms, at most %d are possible",
				 p->lifetime_ms, INT_MAX);
	if (p->magazine && p->magazine > kp_magazine_most(p))
		return refuse_to(verb, p,
				 "magazine: %u objects, max_idle and max leave room for %u",
				 p->magazine, kp_magazine_most(p));
	return 0;
}

/**
 * kp_magazine_most() - the largest magazine that the limits leave room for
 * @p: parameters
 *
 * All magazines of all possible CPUs together hold at most half of max_idle,
 * and leave the depots room for min_idle and reserve; and at most half of max.
 */
unsigned int kp_magazine_most(const struct kpool_params *p)
{
	unsigned int most = UINT_MAX;

	if (p->max_idle == KPOOL_NONE)
		return 0;
	if (p->max_idle)
		most = min(p->max_idle / 2, p->max_idle - max(p->min_idle, p->reserve));
	if (kp_has_limit(p->max))
		most = min(most, p->max / 2);
	return most == UINT_MAX ? most : most / 2 / num_possible_cpus();
}

/**
 * kp_params_check() - look for what is wrong with a pool's parameters
 * @p: the parameters
 *
 * Context: process context.
 * Return: 0, or -EINVAL, and the log says why.
 */
int kp_params_check(const struct kpool_params *p)
{
	unsigned int unknown = p->flags & ~KNOWN_FLAGS;
	int err;

	err = check_name(p);
	if (err)
		return err;
	if (unknown)
		return refuse(p, "flags: %#x is unknown", unknown);
	err = check_memory(p) ?: check_node(p) ?: check_wipe(p) ?:
	      kp_limits_check(p, "create");
	if (err)
		return err;
	if (p->useroffset && !p->usersize)
		return refuse(p, "usersize: 0 bytes from %zu", p->useroffset);
	return check_range(p, "usersize", p->useroffset, p->usersize);
}
