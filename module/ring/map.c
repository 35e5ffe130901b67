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
#include <linux/hardirq.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/workqueue.h>

#include "base/ref.h"
#include "base/wipe.h"
#include "base/work.h"
#include "compat/mm.h"
#include "pool.h"
#include "ring/map.h"
#include "ring/memory.h"

static void give_back(struct kpool_ring *r)
{
	if (r->pool)
		kpool_put(kpool_ring_pool(r->pool), r);
	else
		kp_ring_free(r);
}

/* Wipes a large ring of a pool, and puts it. Frees a large ring that belongs to no pool. */
static void wipe_worker(struct work_struct *work)
{
	struct kpool_ring *r = container_of(work, struct kpool_ring, wipe_work);
	struct kp_pool *pool;

	if (!r->pool) {
		kp_ring_free(r);
		return;
	}
	pool = to_pool(kpool_ring_pool(r->pool));
	kp_ring_wipe(r, true);
	r->wiped = true;
	/* The put may end the pool, which then exists for a grace period more. */
	rcu_read_lock();
	give_back(r);
	kp_leave(pool);
	rcu_read_unlock();
}

void kp_ring_users_init(struct kpool_ring *r)
{
	INIT_WORK(&r->wipe_work, wipe_worker);
}

/* kpool_ring_pool_destroy() waits for this work, as it waits for a teardown under way. */
static void queue_wipe(struct kpool_ring *r)
{
	if (r->pool)
		atomic_inc(&to_pool(kpool_ring_pool(r->pool))->active);
	queue_work(kpool_wq, &r->wipe_work);
}

/*
 * Drops one user of a ring. The last one gives the ring back. Wiping takes long if the ring is
 * large, and the caller may hold the mmap lock or have interrupts off. So a worker does it then.
 *
 * Context: as kpool_put() for a ring of a pool; otherwise process context, may sleep.
 */
static void unuse(struct kpool_ring *r)
{
	if (!refcount_dec_and_test(&r->users))
		return;
	if (r->mapped_only)
		atomic_long_dec(&to_pool(kpool_ring_pool(r->pool))->mapped_only);
	if (r->flags & KPOOL_RING_WIPED && r->size > KP_WIPE_AT_ONCE && !in_nmi())
		queue_wipe(r);
	else
		give_back(r);
}

/**
 * kpool_ring_put_slow() - out-of-line part of kpool_ring_put(), for a ring that is wiped
 * @pool: as for kpool_ring_put()
 * @ring: as for kpool_ring_put()
 *
 * Context: as for kpool_ring_put().
 */
void kpool_ring_put_slow(struct kpool_ring_pool *pool, struct kpool_ring *ring)
{
	ring->pool = pool;
	/*
	 * If there are mappings, each of them may be the last user from here on. A ring without one
	 * gets none any more. refcount_dec_and_test() orders the store before the last user's read.
	 */
	ring->mapped_only = refcount_read(&ring->users) > 1;
	if (ring->mapped_only)
		atomic_long_inc(&to_pool(kpool_ring_pool(pool))->mapped_only);
	unuse(ring);
}
EXPORT_SYMBOL_GPL(kpool_ring_put_slow);

/* A new mapping: of a fork, or of a part that a mapping was split into. */
static void ring_vm_open(struct vm_area_struct *vma)
{
	struct kpool_ring *r = vma->vm_private_data;

	refcount_inc(&r->users);
}

static void ring_vm_close(struct vm_area_struct *vma)
{
	unuse(vma->vm_private_data);
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
	if (vma->vm_flags & VM_EXEC)
		return -EPERM;
	vm_flags_mod(vma, VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP,
		     may_write ? VM_MAYEXEC : VM_MAYEXEC | VM_MAYWRITE);
	refcount_inc(&ring->users);
	vma->vm_private_data = ring;
	vma->vm_ops = &ring_vm_ops;
	return 0;
}
EXPORT_SYMBOL_GPL(kpool_ring_mmap);
