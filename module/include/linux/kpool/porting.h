/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kpool: what code needs that came from mempool or kmem_cache. The semantic patch
 * kpool.cocci writes calls of these functions. A consumer includes this header by itself.
 */
#ifndef _LINUX_KPOOL_PORTING_H
#define _LINUX_KPOOL_PORTING_H

#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/kernel.h>
#include <linux/kpool.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/slab.h>

/**
 * kpool_or_null() - NULL in place of an error
 * @result: what a get or a create returned
 *
 * For code that tests for NULL, as it had to before the port. It may also keep the pointer where
 * other code tests it. In new code test for IS_ERR(): the error says what is missing.
 *
 * Context: any.
 * Return: @result, or NULL if @result is an ERR_PTR.
 */
static inline void *kpool_or_null(void *result)
{
	return IS_ERR(result) ? NULL : result;
}

/**
 * kpool_kmalloc_align() - the alignment of memory from kmalloc()
 * @size: bytes
 *
 * For &kpool_params.align of objects that came from kmalloc(), or from a mempool over it: kmalloc()
 * aligns a size that is a power of two to this size, and others to ARCH_KMALLOC_MINALIGN.
 *
 * Context: any.
 * Return: the alignment in bytes.
 */
static inline size_t kpool_kmalloc_align(size_t size)
{
	return is_power_of_2(size) ? max_t(size_t, size, ARCH_KMALLOC_MINALIGN) :
				     ARCH_KMALLOC_MINALIGN;
}

/**
 * kpool_slab_align() - the alignment of objects of a kmem_cache
 * @size: size of kmem_cache_create()
 * @align: align of kmem_cache_create()
 * @flags: flags of kmem_cache_create()
 *
 * For &kpool_params.align of objects that came from a kmem_cache. With SLAB_HWCACHE_ALIGN this is a
 * line of the CPU's cache, or the part of a line that holds a small object.
 *
 * Context: any.
 * Return: the alignment in bytes.
 */
static inline size_t kpool_slab_align(size_t size, size_t align, slab_flags_t flags)
{
	size_t part = flags & SLAB_HWCACHE_ALIGN ? cache_line_size() : 1;

	while (part > 1 && size <= part / 2)
		part /= 2;
	return max3(part, align, (size_t)ARCH_SLAB_MINALIGN);
}

/**
 * kpool_create_numbered() - create a pool of which there may be several
 * @params: as for kpool_create(). The name gets a number, as in "dm_crypt-req_pool-1". A name that
 *	leaves no room for the number is cut off before it.
 *
 * A mempool has no name, and several caches may have the same one. Each pool has a name of its own.
 *
 * Context: process context, may sleep.
 * Return: as kpool_create(), except that -EEXIST does not occur.
 */
static inline __must_check struct kpool *kpool_create_numbered(const struct kpool_params *params)
{
	static atomic_t last;
	struct kpool_params numbered = *params;
	char name[KPOOL_NAME_LEN], number[12];
	struct kpool *pool;

	numbered.name = name;
	do {
		int digits = snprintf(number, sizeof(number), "-%u",
				      (unsigned int)atomic_inc_return(&last));

		snprintf(name, sizeof(name), "%.*s%s", (int)sizeof(name) - 1 - digits, params->name,
			 number);
		/* The memory counts for the line of kpool_create_numbered(). */
		pool = (kpool_create)(&numbered);
	} while (PTR_ERR(pool) == -EEXIST);
	return pool;
}

/* See kpool_create(). */
#ifdef CONFIG_MEM_ALLOC_PROFILING
#define kpool_create_numbered(...)	alloc_hooks(kpool_create_numbered(__VA_ARGS__))
#endif

#endif /* _LINUX_KPOOL_PORTING_H */
