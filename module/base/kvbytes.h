/* SPDX-License-Identifier: GPL-2.0-only */
/* How much memory kvmalloc() took. */
#ifndef _KPOOL_BASE_KVBYTES_H
#define _KPOOL_BASE_KVBYTES_H

#include <linux/mm.h>
#include <linux/slab.h>

/*
 * How many bytes memory of kvmalloc() and kmalloc() holds: at least whole pages, and for kmalloc()
 * a power of two of them. Memory from slab counts as it was asked for.
 */
static inline size_t kp_kvbytes(const void *ptr, size_t size)
{
	if (is_vmalloc_addr(ptr))
		return PAGE_ALIGN(size);
	return size > KMALLOC_MAX_CACHE_SIZE ? PAGE_SIZE << get_order(size) : size;
}

#endif /* _KPOOL_BASE_KVBYTES_H */
