/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KPOOL_COMPAT_SLAB_H
#define _KPOOL_COMPAT_SLAB_H

#include <linux/slab.h>

#ifdef CONFIG_SLOB
/* Linux 6.4 removed SLOB. */
#error "kpool gives memory of slab caches back by kfree(), which SLOB does not know"
#endif

/*
 * Linux 6.5 has SLAB_NO_MERGE. On older kernels a constructor prevents the merging of a slab cache.
 * The price: the kernel itself does not zero objects of such a cache. Can go with 6.1.
 */
#ifndef SLAB_NO_MERGE
#define SLAB_NO_MERGE		((slab_flags_t)0)

static inline void slab_no_merge_ctor(void *obj)
{
}

#define SLAB_NO_MERGE_CTOR	slab_no_merge_ctor
#else
#define SLAB_NO_MERGE_CTOR	NULL
#endif

#endif /* _KPOOL_COMPAT_SLAB_H */
