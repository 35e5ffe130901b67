/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KPOOL_COMPAT_NOLOCK_H
#define _KPOOL_COMPAT_NOLOCK_H

#include <linux/slab.h>

/*
 * Linux 7 has allocations that wait for no lock. Before, nothing can be allocated in NMI, and on
 * PREEMPT_RT in atomic context. Can go with 6.12.
 */
#ifndef HAVE_KMALLOC_NOLOCK
#define kmalloc_nolock_noprof(size, gfp, node)		NULL
#define kfree_nolock(mem)				((void)(mem))
#define alloc_pages_nolock_noprof(gfp, node, order)	NULL
#endif

#endif /* _KPOOL_COMPAT_NOLOCK_H */
