// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rings in the address space of processes. process.c has the positions that a process reads and
 * writes there.
 *
 * Each mapping is a user of the ring, as the owner is. The last user gives the ring back. So nobody
 * else can get the ring's memory while a process sees it. This holds only if a mapping gives
 * nobody a reference to its pages, as vmsplice() or direct I/O would take. So the pages are mapped
 * as page frames, not as pages.
 */
#include <linux/mm.h>
#include <linux/refcount.h>

#include "compat/mm.h"
#include "ring/map.h"
#include "ring/memory.h"

/**
 * kp_ring_unuse() - drop one user of a ring; the last one gives the ring back
 * @r: the ring
 *
 * Context: as kpool_put() for a ring of a pool; otherwise process context, may sleep.
 */
void kp_ring_unuse(struct kpool_ring *r)
{
	if (!refcount_dec_and_test(&r->users))
		return;
	if (r->pool)
		kpool_put(kpool_ring_pool(r->pool), r);
	else
		kp_ring_free(r);
}

/**
 * kpool_ring_put_mappable() - out-of-line part of kpool_ring_put(), for a ring that may be mapped
 * @pool: as for kpool_ring_put()
 * @ring: as for kpool_ring_put()
 *
 * Context: as for kpool_ring_put().
 */
void kpool_ring_put_mappable(struct kpool_ring_pool *pool, struct kpool_ring *ring)
{
	ring->pool = pool;
	kp_ring_unuse(ring);
}
EXPORT_SYMBOL_GPL(kpool_ring_put_mappable);

/* A new mapping: of a fork, or of a part that a mapping was split into. */
static void ring_vm_open(struct vm_area_struct *vma)
{
	struct kpool_ring *r = vma->vm_private_data;

	refcount_inc(&r->users);
}

static void ring_vm_close(struct vm_area_struct *vma)
{
	kp_ring_unuse(vma->vm_private_data);
}

static vm_fault_t ring_vm_fault(struct vm_fault *vmf)
{
	struct kpool_ring *r = vmf->vma->vm_private_data;

	if (vmf->pgoff >= kp_ring_pages(r))
		return VM_FAULT_SIGBUS;
	return vmf_insert_pfn(vmf->vma, vmf->address, page_to_pfn(r->pages[vmf->pgoff]));
}

static const struct vm_operations_struct ring_vm_ops = {
	.open = ring_vm_open,
	.close = ring_vm_close,
	.fault = ring_vm_fault,
};

int kpool_ring_mmap(struct kpool_ring *ring, struct vm_area_struct *vma, bool may_write)
{
	unsigned long pages, count = vma_pages(vma);

	if (!(ring->flags & KPOOL_RING_MAPPABLE))
		return -ENODEV;
	pages = kp_ring_pages(ring);
	/* Not VM_SHARED: a file that is open only for reading does not have it. */
	if (!(vma->vm_flags & VM_MAYSHARE) || vma->vm_pgoff > pages ||
	    count > pages - vma->vm_pgoff)
		return -EINVAL;
	if (vma->vm_flags & VM_WRITE && !may_write)
		return -EACCES;
	vm_flags_mod(vma, VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP, may_write ? 0 : VM_MAYWRITE);
	refcount_inc(&ring->users);
	vma->vm_private_data = ring;
	vma->vm_ops = &ring_vm_ops;
	return 0;
}
EXPORT_SYMBOL_GPL(kpool_ring_mmap);
