// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of whole pages: compound pages for objects of a page or more, vmalloc() memory for pools
 * that ask for it, always or as a fallback.
 */
#include <linux/gfp.h>
#include <linux/kmemleak.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/vmalloc.h>

#include "compat/alloc_tag.h"
#include "compat/nolock.h"
#include "pool.h"
#include "store/huge.h"
#include "store/pages.h"

static void *get_pages(struct kp_pool *pool, gfp_t gfp, int node)
{
	struct page *page;

	page = alloc_pages_node_noprof(node, gfp | pool->zone | __GFP_COMP, pool->order);
	if (!page)
		return NULL;
	kmemleak_alloc(page_address(page), pool->footprint, 1, gfp);
	return page_address(page);
}

static void *get_carved(struct kp_pool *pool, gfp_t gfp, int node)
{
	return kp_huge_alloc(pool, gfp, node) ?: get_pages(pool, gfp, node);
}

/* Pages for an object of a pool without a zone. Context: any, NMI too. */
void *kp_pages_alloc_nolock(const struct kp_pool *pool)
{
	struct page *page = alloc_pages_nolock_noprof(0, pool->node, pool->order);

	return page ? page_address(page) : NULL;
}

static void free_pages_of(const struct kp_pool *pool, void *obj)
{
	if (kp_huge_free(pool, obj))
		return;
	kmemleak_free(obj);
	__free_pages(virt_to_page(obj), pool->order);
}

/* vmalloc_node() always uses GFP_KERNEL. A scope forbids I/O or file systems if the caller does. */
static void *get_vmalloc(struct kp_pool *pool, gfp_t gfp, int node)
{
	unsigned int scope;
	void *obj;

	if (!gfpflags_allow_blocking(gfp))
		return NULL;
	if (gfp & __GFP_ACCOUNT)
		return __vmalloc_noprof(pool->vmalloc_size, gfp & ~__GFP_NOMEMALLOC);
	/*
	 * A pool with a reserve can use that instead, so this allocation may fail early. vmalloc()
	 * does not take __GFP_NOMEMALLOC, and Linux 7.3 warns about it.
	 */
	if (gfp & __GFP_NORETRY && READ_ONCE(pool->reserve) && node == NUMA_NO_NODE)
		return __vmalloc_noprof(pool->vmalloc_size, gfp & ~__GFP_NOMEMALLOC);
	if (gfp & __GFP_IO && gfp & __GFP_FS)
		return vmalloc_node_noprof(pool->vmalloc_size, node);
	if (gfp & __GFP_IO) {
		scope = memalloc_nofs_save();
		obj = vmalloc_node_noprof(pool->vmalloc_size, node);
		memalloc_nofs_restore(scope);
	} else {
		scope = memalloc_noio_save();
		obj = vmalloc_node_noprof(pool->vmalloc_size, node);
		memalloc_noio_restore(scope);
	}
	return obj;
}

/* Tries pages first, without reclaim and compaction: vmalloc() memory is as good. */
static void *get_kvmalloc(struct kp_pool *pool, gfp_t gfp, int node)
{
	void *obj;

	obj = kp_huge_alloc(pool, gfp, node) ?:
	      get_pages(pool, (gfp & ~__GFP_DIRECT_RECLAIM) | __GFP_NOWARN, node);
	if (obj)
		return obj;
	obj = get_vmalloc(pool, gfp, node);
	if (obj)
		atomic_long_inc(&pool->vmalloced);
	return obj;
}

static unsigned int get_each(void *(*get)(struct kp_pool *pool, gfp_t gfp, int node), void *pool,
			     const struct kpool_memory_request *request, void **mem, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		mem[i] = get(pool, request->gfp, request->node);
		if (!mem[i])
			break;
	}
	return i;
}

static unsigned int pages_alloc(void *pool, const struct kpool_memory_request *request, void **mem,
				unsigned int n)
{
	return get_each(get_carved, pool, request, mem, n);
}

static void pages_free(void *pool, void **mem, unsigned int n)
{
	while (n--)
		free_pages_of(pool, mem[n]);
}

static unsigned int vmalloc_alloc(void *pool, const struct kpool_memory_request *request,
				  void **mem, unsigned int n)
{
	return get_each(get_vmalloc, pool, request, mem, n);
}

static void vmalloc_free(void *pool, void **mem, unsigned int n)
{
	while (n--)
		vfree(mem[n]);
}

static unsigned int kvmalloc_alloc(void *pool, const struct kpool_memory_request *request,
				   void **mem, unsigned int n)
{
	return get_each(get_kvmalloc, pool, request, mem, n);
}

static void kvmalloc_free(void *ctx, void **mem, unsigned int n)
{
	struct kp_pool *pool = ctx;

	while (n--) {
		if (!is_vmalloc_addr(mem[n])) {
			free_pages_of(pool, mem[n]);
			continue;
		}
		vfree(mem[n]);
		atomic_long_dec(&pool->vmalloced);
	}
}

const struct kpool_memory_ops kp_pages_memory = {
	.flags = KPOOL_MEMORY_PAGES,
	.alloc = pages_alloc,
	.free = pages_free,
};

const struct kpool_memory_ops kp_vmalloc_memory = {
	.flags = KPOOL_MEMORY_ALLOC_SLEEPS | KPOOL_MEMORY_FREE_SLEEPS,
	.alloc = vmalloc_alloc,
	.free = vmalloc_free,
};

/* An allocation that may not sleep finds pages, or nothing. */
const struct kpool_memory_ops kp_kvmalloc_memory = {
	.flags = KPOOL_MEMORY_FREE_SLEEPS,
	.alloc = kvmalloc_alloc,
	.free = kvmalloc_free,
};
