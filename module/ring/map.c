// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rings in the address space of processes.
 *
 * A mapping is a user of the ring as its owner is, and the last one gives it back: so its
 * memory is nobody else's while a process can see it. For that to be true no other reference to
 * its pages may be had by way of the mapping, as by vmsplice() or direct I/O; so they are mapped
 * as page frames, not as pages.
 */
#include <linux/mm.h>
#include <linux/refcount.h>

#include "compat/mm.h"
#include "ring/map.h"
#include "ring/memory.h"

/**
 * kp_ring_unuse() - one user of a ring less; the last one gives it back
 * @r: the ring
 *
 * Context: as kpool_put() for a ring of a pool, otherwise process context, may sleep.
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
 * kpool_ring_put_mappable() - what kpool_ring_put() calls for a ring that may be mapped
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

/* Of a fork's, or of a part that a mapping was split into. */
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

/**
 * kpool_ring_mmap() - for the mmap handler of a file that is a ring's
 * @ring: a ring that was made with %KPOOL_RING_MAPPABLE
 * @vma: as the handler got it
 * @may_write: whether the process may map it for writing: it takes the part of a side then,
 *	the consumer's or, with %KPOOL_RING_USER_WRITES, the producer's
 *
 * The process sees &struct kpool_ring_indices, of a page, and behind it the ring's bytes; of
 * one that is mirrored, twice. It may map a part, or several times, and fork.
 *
 * A process with a mapping for writing can write everywhere in it, and make nonsense of the
 * ring's bytes, and of how many there are, for itself and for whoever reads the ring. It can do no
 * more: the kernel reads and writes inside the ring only. A producer that does not check what
 * it is told is no other than one on the far end of a network; and what
 * kpool_ring_peek_contiguous() shows it can change while it is looked at.
 *
 * While a process is the consumer, the kernel may be that, too, in turns with it: what the
 * process has read, its tail says.
 *
 * Context: process context, under the mmap lock; so a lock that the caller holds to keep the ring
 * must not be held around kpool_ring_read_iter() and the like on user memory, whose page
 * faults take the mmap lock. The ring is the caller's. It can put or destroy it while it is
 * mapped, and the process keeps what it sees; the ring goes back when the last mapping is gone,
 * however late that is, and is wiped then, by who ends the mapping. The module of the file's
 * operations is their owner, as ever, so it stays as long, and so does kpool. Not for files of
 * sysfs and procfs, which do not do that.
 * Return: 0; -ENODEV if the ring is not mappable; -EACCES for a mapping for writing
 * that may not be; -EINVAL for one that is private, or beyond the ring's end.
 */
int kpool_ring_mmap(struct kpool_ring *ring, struct vm_area_struct *vma, bool may_write)
{
	unsigned long pages, count = vma_pages(vma);

	if (!(ring->flags & KPOOL_RING_MAPPABLE))
		return -ENODEV;
	pages = kp_ring_pages(ring);
	/* Not VM_SHARED, which a file that is open for reading only does not have. */
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
