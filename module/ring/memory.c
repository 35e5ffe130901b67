// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of rings: kmalloc(), kvmalloc(), or pages that are mapped here. ring/pool.c has the life
 * of rings, and ring/map.c maps the pages into processes.
 */
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "base/kvbytes.h"
#include "base/wipe.h"
#include "compat/alloc_tag.h"
#include "ring/memory.h"

static void free_pages_of(struct page **pages, unsigned int n)
{
	while (n--) {
		__free_page(pages[n]);
		cond_resched();
	}
}

/* vmap() allocates its own memory with GFP_KERNEL, so a gfp without I/O or FS needs a scope. */
static void *map(struct page **pages, unsigned int n, gfp_t gfp)
{
	bool free = (gfp & (__GFP_IO | __GFP_FS)) == (__GFP_IO | __GFP_FS);
	unsigned int scope = free ? 0 : memalloc_noio_save();
	void *data = vmap(pages, n, VM_MAP, PAGE_KERNEL);

	if (!free)
		memalloc_noio_restore(scope);
	return data;
}

/* The pages of the ring's bytes, once, and one page for the indices of a mappable ring. */
static unsigned int pages_for(size_t size, unsigned int flags)
{
	return DIV_ROUND_UP(size, PAGE_SIZE) + !!(flags & KPOOL_RING_MAPPABLE);
}

static unsigned int own_pages(const struct kpool_ring *r)
{
	return pages_for(r->size, r->flags);
}

/**
 * kp_ring_pages() - how many pages are mapped in a row, for a ring that is made of pages
 * @r: the ring
 */
unsigned int kp_ring_pages(const struct kpool_ring *r)
{
	return own_pages(r) + (r->flags & KPOOL_RING_MIRRORED ? r->size / PAGE_SIZE : 0);
}

/*
 * A process may ask for a ring of any size. So a large ring fails rather than have the kernel kill
 * processes for memory. The control group of the creator pays for a mappable ring.
 */
static gfp_t page_gfp(const struct kpool_ring *r, gfp_t gfp)
{
	gfp |= __GFP_NORETRY | __GFP_NOWARN;
	return r->flags & KPOOL_RING_MAPPABLE ? gfp | __GFP_ZERO | __GFP_ACCOUNT : gfp;
}

/* In this order: the indices of a mappable ring, the bytes, and the bytes again if mirrored. */
static int pages_alloc(struct kpool_ring *r, gfp_t gfp, int node)
{
	unsigned int i, own = own_pages(r), all = kp_ring_pages(r);
	bool mappable = r->flags & KPOOL_RING_MAPPABLE;
	int err = -ENOMEM;
	void *start;

	if (own > si_mem_available())
		return -ENOMEM;
	r->pages = kvmalloc_array(all, sizeof(*r->pages), page_gfp(r, gfp));
	if (!r->pages)
		return -ENOMEM;
	for (i = 0; i < own; i++) {
		r->pages[i] = alloc_pages_node_noprof(node, page_gfp(r, gfp), 0);
		if (!r->pages[i])
			goto fail;
		cond_resched();
		if (fatal_signal_pending(current)) {
			err = -EINTR;
			i++;
			goto fail;
		}
	}
	for (; i < all; i++)
		r->pages[i] = r->pages[i - r->size / PAGE_SIZE];
	start = map(r->pages, all, gfp);
	i = own;
	if (!start)
		goto fail;
	r->shared = mappable ? start : NULL;
	r->data = mappable ? start + PAGE_SIZE : start;
	return 0;
fail:
	free_pages_of(r->pages, i);
	kvfree(r->pages);
	return err;
}

/**
 * kp_ring_alloc() - allocate memory for the bytes of a ring
 * @r: the ring; its size and flags are set, pages and shared are NULL
 * @gfp: how to allocate memory
 * @node: the node that the memory comes from
 *
 * The memory counts for the line that current->alloc_tag stands for.
 *
 * Context: as @gfp needs; process context for rings that are made of pages.
 * Return: 0; -ENOMEM; -EINTR after a fatal signal.
 */
int kp_ring_alloc(struct kpool_ring *r, gfp_t gfp, int node)
{
	if (r->flags & RING_BY_PAGES)
		return pages_alloc(r, gfp, node);
	r->data = r->size > PAGE_SIZE ? kvmalloc_node_noprof(r->size, gfp, node) :
					kmalloc_node_noprof(r->size, gfp, node);
	return r->data ? 0 : -ENOMEM;
}

/* How many whole pages a ring of these parameters takes at least. Smaller rings are slab memory. */
unsigned long kp_ring_own_pages(size_t size, unsigned int flags)
{
	return flags & RING_BY_PAGES || size > KMALLOC_MAX_CACHE_SIZE ? pages_for(size, flags) : 0;
}

/* How many bytes a ring holds besides its struct. Context: any. */
size_t kp_ring_bytes(const struct kpool_ring *r)
{
	if (!(r->flags & RING_BY_PAGES))
		return kp_kvbytes(r->data, r->size);
	return own_pages(r) * PAGE_SIZE +
	       kp_kvbytes(r->pages, kp_ring_pages(r) * sizeof(*r->pages));
}

/**
 * kp_ring_wipe() - wipe all memory that somebody may have written to
 * @r: the ring; the caller then starts it again
 * @may_sleep: as for kp_wipe()
 *
 * Context: any if @may_sleep is false.
 */
void kp_ring_wipe(struct kpool_ring *r, bool may_sleep)
{
	if (r->flags & KPOOL_RING_MAPPABLE)
		kp_wipe(r->shared, own_pages(r) * PAGE_SIZE, may_sleep);
	else
		kp_wipe(r->data, r->size, may_sleep);
}

/*
 * Frees the memory of a ring; wipes it first if the flags say so. Context: process, may sleep, but
 * any for a ring of less than a page that is not RING_BY_PAGES.
 */
void kp_ring_exit(struct kpool_ring *r)
{
	if (r->flags & KPOOL_RING_WIPED)
		kp_ring_wipe(r, true);
	if (r->flags & RING_BY_PAGES) {
		vunmap(r->shared ?: (void *)r->data);
		free_pages_of(r->pages, own_pages(r));
		kvfree(r->pages);
	} else {
		kvfree(r->data);
	}
}

/**
 * kp_ring_free() - free a ring that belongs to no pool
 * @r: the ring, which has no users any more
 *
 * Context: process context, may sleep.
 */
void kp_ring_free(struct kpool_ring *r)
{
	kp_ring_exit(r);
	kfree(r);
}
