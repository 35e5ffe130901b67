// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether the parameters of a pool make sense. kpool does not adjust a wrong value. It refuses the
 * parameters, and the log says which one is wrong and why. policy/retune.c applies the limits.
 */
#include <linux/ctype.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/ratelimit.h>
#include <linux/slab.h>

#include "base/cpus.h"
#include "base/export.h"
#include "base/params.h"

unsigned int kp_cpus = 1;
EXPORT_SYMBOL_FOR_TESTS(kp_cpus);

#define KNOWN_FLAGS (KPOOL_ZERO_ON_PUT | KPOOL_BYPASS | KPOOL_OWN_CACHE | KPOOL_VMALLOC | \
		     KPOOL_SLEEPING | KPOOL_ANYCTX | KPOOL_ON_NODE | \
		     KPOOL_BUILD_IN_WORKER | KPOOL_OVERFLOW | KPOOL_RCU | KPOOL_KVMALLOC | \
		     KPOOL_DEBUG | KPOOL_ACCOUNT | KPOOL_ACCOUNT_GETTER | KPOOL_NUMA_STRICT | \
		     KPOOL_HUGE_PAGES)

#define refuse(p, fmt, ...) ({							\
	pr_err_ratelimited("cannot create pool %.*s: " fmt "\n",			\
			   KPOOL_NAME_LEN, (p)->name ?: "(no name)", ##__VA_ARGS__);	\
	-EINVAL;								\
})

static int check_workers(const struct kpool_params *p)
{
	if (p->workers > KPOOL_WORKERS_MAX)
		return refuse(p, "workers: %u, at most %d are possible", p->workers,
			      KPOOL_WORKERS_MAX);
	if (p->workers && !(p->flags & (KPOOL_SLEEPING | KPOOL_BUILD_IN_WORKER)))
		return refuse(p, "workers: %u, but no KPOOL_SLEEPING or KPOOL_BUILD_IN_WORKER",
			      p->workers);
	return 0;
}

/* A pool's name is part of a file name and a word in tables. */
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

/* In bytes. A 32-bit machine may have more memory than addresses. */
static u64 ram(void)
{
	return (u64)totalram_pages() << PAGE_SHIFT;
}

#define KNOWN_MEMORY_FLAGS (KPOOL_MEMORY_ALLOC_SLEEPS | KPOOL_MEMORY_FREE_SLEEPS | \
			    KPOOL_MEMORY_PAGES)

static int check_provider(const struct kpool_params *p)
{
	const struct kpool_memory_ops *memory = p->memory;

	if (!memory && p->memory_ctx)
		return refuse(p, "memory_ctx: without memory");
	if (!memory)
		return 0;
	if (!memory->alloc || !memory->free)
		return refuse(p, "memory: there is no %s", memory->alloc ? "free" : "alloc");
	if (memory->flags & ~KNOWN_MEMORY_FLAGS)
		return refuse(p, "memory: flags: %#x is unknown",
			      memory->flags & ~KNOWN_MEMORY_FLAGS);
	if (p->flags & (KPOOL_VMALLOC | KPOOL_KVMALLOC | KPOOL_OWN_CACHE | KPOOL_HUGE_PAGES))
		return refuse(p, "memory: with %s, which says what the kernel's allocators give",
			      p->flags & KPOOL_HUGE_PAGES ? "KPOOL_HUGE_PAGES" :
			      p->flags & KPOOL_OWN_CACHE ? "KPOOL_OWN_CACHE" :
			      p->flags & KPOOL_VMALLOC ? "KPOOL_VMALLOC" : "KPOOL_KVMALLOC");
	if (p->zone)
		return refuse(p, "memory: with a zone, which the provider chooses");
	if (p->usersize)
		return refuse(p, "memory: with usersize, which only slab memory of kpool has");
	if (memory->flags & KPOOL_MEMORY_PAGES && p->size & ~PAGE_MASK)
		return refuse(p, "memory: KPOOL_MEMORY_PAGES, but %zu bytes are not whole pages",
			      p->size);
	return 0;
}

static int check_memory(const struct kpool_params *p)
{
	bool vmalloc = p->flags & (KPOOL_VMALLOC | KPOOL_KVMALLOC);
	size_t most = vmalloc || p->memory ? min_t(u64, ram(), LONG_MAX) : KMALLOC_MAX_SIZE;
	size_t most_align = vmalloc ? PAGE_SIZE : KMALLOC_MAX_SIZE;

	if (!p->size)
		return refuse(p, "size: 0 bytes");
	if (p->size > most)
		return refuse(p, "size: %zu bytes, at most %zu are possible", p->size, most);
	if (p->align && !is_power_of_2(p->align))
		return refuse(p, "align: %zu is not a power of two", p->align);
	if (p->align > most_align)
		return refuse(p, "align: %zu bytes, at most %zu are possible", p->align,
			      most_align);
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
	if (p->flags & KPOOL_HUGE_PAGES && !kp_can_be_carved(max(p->size, p->align)))
		return refuse(p, "flags: KPOOL_HUGE_PAGES, but %zu bytes: %lu to %d are possible",
			      max(p->size, p->align), PAGE_SIZE, KP_CARVED_MOST);
	if (p->flags & KPOOL_HUGE_PAGES && p->flags & KPOOL_VMALLOC)
		return refuse(p, "flags: KPOOL_HUGE_PAGES, but KPOOL_VMALLOC, too");
	if (p->flags & KPOOL_HUGE_PAGES && p->flags & KPOOL_ACCOUNT_GETTER)
		return refuse(p, "flags: KPOOL_HUGE_PAGES, but KPOOL_ACCOUNT_GETTER, too");
	if (p->flags & KPOOL_NUMA_STRICT && p->flags & KPOOL_ON_NODE)
		return refuse(p, "flags: KPOOL_NUMA_STRICT, but KPOOL_ON_NODE, too");
	if (p->flags & KPOOL_NUMA_STRICT && p->memory)
		return refuse(p, "flags: KPOOL_NUMA_STRICT, but the provider knows the nodes");
	if (p->flags & KPOOL_ACCOUNT && p->flags & KPOOL_ACCOUNT_GETTER)
		return refuse(p, "flags: KPOOL_ACCOUNT, but KPOOL_ACCOUNT_GETTER, too");
	/* The kernel exports no function that charges vmalloc() memory of a node. */
	if (p->flags & (KPOOL_ACCOUNT | KPOOL_ACCOUNT_GETTER) && vmalloc &&
	    p->flags & KPOOL_ON_NODE)
		return refuse(p, "flags: %s, but vmalloc() memory of a node is never charged",
			      p->flags & KPOOL_ACCOUNT ? "KPOOL_ACCOUNT" : "KPOOL_ACCOUNT_GETTER");
	if (p->flags & KPOOL_DEBUG && p->flags & KPOOL_ANYCTX)
		return refuse(p, "flags: KPOOL_DEBUG, but KPOOL_ANYCTX: the log takes locks");
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

/**
 * kp_refuse() - note why limits are refused
 * @why: set to the reason
 * @err: negative errno
 * @about: which limits are wrong, of &enum kpool_limit
 * @fmt: the reason, which begins with the name of the wrong limit
 *
 * Context: any.
 * Return: @err.
 */
int kp_refuse(struct kp_reason *why, int err, unsigned int about, const char *fmt, ...)
{
	va_list args;

	why->about = about;
	va_start(args, fmt);
	WARN_ON_ONCE(vsnprintf(why->text, sizeof(why->text), fmt, args) >= sizeof(why->text));
	va_end(args);
	return err;
}

static int check_most(const struct kpool_params *p, struct kp_reason *why)
{
	if (p->magazine > KPOOL_MAGAZINE_MAX)
		return kp_refuse(why, -EINVAL, KPOOL_LIMIT_MAGAZINE,
				 "magazine: %u objects, at most %u are possible",
				 p->magazine, KPOOL_MAGAZINE_MAX);
	if (p->min_idle > INT_MAX)
		return kp_refuse(why, -EINVAL, KPOOL_LIMIT_MIN_IDLE,
				 "min_idle: %u objects, at most %d are possible",
				 p->min_idle, INT_MAX);
	if (p->max_idle > INT_MAX && p->max_idle != KPOOL_KEEP_NONE)
		return kp_refuse(why, -EINVAL, KPOOL_LIMIT_MAX_IDLE,
				 "max_idle: %u objects, at most %d are possible",
				 p->max_idle, INT_MAX);
	if (p->max > INT_MAX && p->max != KPOOL_UNLIMITED)
		return kp_refuse(why, -EINVAL, KPOOL_LIMIT_MAX,
				 "max: %u objects, at most %d are possible", p->max, INT_MAX);
	if (p->reserve > INT_MAX)
		return kp_refuse(why, -EINVAL, KPOOL_LIMIT_RESERVE,
				 "reserve: %u objects, at most %d are possible",
				 p->reserve, INT_MAX);
	if (p->idle_ms > INT_MAX && p->idle_ms != KPOOL_UNLIMITED)
		return kp_refuse(why, -EINVAL, KPOOL_LIMIT_IDLE_MS,
				 "idle_ms: %u ms, at most %d are possible", p->idle_ms, INT_MAX);
	if (p->lifetime_ms > INT_MAX && p->lifetime_ms != KPOOL_UNLIMITED)
		return kp_refuse(why, -EINVAL, KPOOL_LIMIT_LIFETIME_MS,
				 "lifetime_ms: %u ms, at most %d are possible", p->lifetime_ms,
				 INT_MAX);
	return 0;
}

/* Checks a number of objects that the pool always keeps: min_idle or reserve. */
static int check_floor(const struct kpool_params *p, struct kp_reason *why, unsigned int which,
		       const char *name, unsigned int floor)
{
	/* Probably a typing error, which would use up all memory before it failed. */
	if (floor && p->size > div_u64(ram(), floor))
		return kp_refuse(why, -EINVAL, which,
				 "%s: %u objects are more than this machine's memory", name, floor);
	if (floor && p->max_idle == KPOOL_KEEP_NONE)
		return kp_refuse(why, -EINVAL, which | KPOOL_LIMIT_MAX_IDLE,
				 "%s: %u, but max_idle is KPOOL_KEEP_NONE: nothing is kept",
				 name, floor);
	if (p->max_idle && floor > p->max_idle)
		return kp_refuse(why, -EINVAL, which | KPOOL_LIMIT_MAX_IDLE,
				 "%s: %u is more than max_idle, which is %u",
				 name, floor, p->max_idle);
	if (kp_has_limit(p->max) && floor > p->max)
		return kp_refuse(why, -EINVAL, which | KPOOL_LIMIT_MAX,
				 "%s: %u is more than max, which is %u",
				 name, floor, p->max);
	return 0;
}

/**
 * kp_limits_check() - check the limits of a pool
 * @p: the parameters, which include the limits
 * @why: set to the reason of an error
 *
 * Context: process context.
 * Return: 0 or -EINVAL.
 */
int kp_limits_check(const struct kpool_params *p, struct kp_reason *why)
{
	int err;

	err = check_most(p, why) ?:
	      check_floor(p, why, KPOOL_LIMIT_MIN_IDLE, "min_idle", p->min_idle) ?:
	      check_floor(p, why, KPOOL_LIMIT_RESERVE, "reserve", p->reserve);
	if (err)
		return err;
	if (p->flags & KPOOL_OVERFLOW && !kp_has_limit(p->max))
		return kp_refuse(why, -EINVAL, KPOOL_LIMIT_MAX,
				 "max: there is none, but KPOOL_OVERFLOW");
	if (p->magazine && p->magazine > kp_magazine_most(p))
		return kp_refuse(why, -EINVAL,
				 KPOOL_LIMIT_MAGAZINE | KPOOL_LIMIT_MAX_IDLE | KPOOL_LIMIT_MAX,
				 "magazine: %u objects, max_idle and max leave room for %u",
				 p->magazine, kp_magazine_most(p));
	return 0;
}

/* All reasons use this one ratelimit, so it allows more messages than usual. */
static int refuse_limits(const struct kpool_params *p, const struct kp_reason *why)
{
	static DEFINE_RATELIMIT_STATE(limit, DEFAULT_RATELIMIT_INTERVAL,
				      3 * DEFAULT_RATELIMIT_BURST);

	if (__ratelimit(&limit))
		pr_err("cannot create pool %s: %s\n", p->name, why->text);
	return -EINVAL;
}

/**
 * kp_magazine_most() - the largest magazine that the limits have room for
 * @p: the parameters
 *
 * All magazines of all CPUs together hold at most half of max_idle, and at most half of max. They
 * leave the depots room for min_idle and reserve. CPUs that may come online later have no share:
 * see policy/hotplug.c.
 */
unsigned int kp_magazine_most(const struct kpool_params *p)
{
	unsigned int most = UINT_MAX;

	if (p->max_idle == KPOOL_KEEP_NONE)
		return 0;
	if (p->max_idle)
		most = min(p->max_idle / 2, p->max_idle - max(p->min_idle, p->reserve));
	if (kp_has_limit(p->max))
		most = min(most, p->max / 2);
	return most == UINT_MAX ? most : most / 2 / READ_ONCE(kp_cpus);
}

/**
 * kp_params_check() - check the parameters of a pool
 * @p: the parameters
 *
 * Context: process context.
 * Return: 0, or -EINVAL; then the log says why.
 */
int kp_params_check(const struct kpool_params *p)
{
	unsigned int unknown = p->flags & ~KNOWN_FLAGS;
	struct kp_reason why;
	int err;

	err = check_name(p);
	if (err)
		return err;
	if (unknown)
		return refuse(p, "flags: %#x is unknown", unknown);
	err = check_memory(p) ?: check_provider(p) ?: check_node(p) ?: check_wipe(p) ?:
	      check_workers(p);
	if (err)
		return err;
	if (kp_limits_check(p, &why))
		return refuse_limits(p, &why);
	if (p->extra_bytes > LONG_MAX)
		return refuse(p, "extra_bytes: %zu bytes, at most %ld are possible",
			      p->extra_bytes, LONG_MAX);
	if (p->useroffset && !p->usersize)
		return refuse(p, "usersize: 0 bytes from %zu", p->useroffset);
	return check_range(p, "usersize", p->useroffset, p->usersize);
}
