/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KPOOL_COMPAT_MM_H
#define _KPOOL_COMPAT_MM_H

#include <linux/mm.h>

/* Since Linux 6.3 only such calls may write vm_flags. Can go with 6.1. */
#ifndef HAVE_VM_FLAGS_MOD
static inline void vm_flags_mod(struct vm_area_struct *vma, unsigned long set,
				unsigned long clear)
{
	vma->vm_flags = (vma->vm_flags | set) & ~clear;
}
#endif

#endif /* _KPOOL_COMPAT_MM_H */
