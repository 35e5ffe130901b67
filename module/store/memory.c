// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory of objects: which code gives it and takes it back, and how many bytes of it kpool
 * needs for itself. object/object.c calls ctor and dtor.
 *
 * All memory comes through struct kpool_memory_ops: slab memory (store/slab.c), compound pages and
 * vmalloc() memory (store/pages.c), and that of a consumer's memory provider (store/provider.c).
 * Pages may be carved out of huge pages (store/huge.c).
 */
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/random.h>

#include "pool.h"
#include "store/account.h"
#include "store/huge.h"
#include "store/memory.h"
#include "store/pages.h"
#include "store/provider.h"
#include "store/slab.h"

static const struct kpool_memory_ops * const memory_of[] = {
	[KPOOL_BACKING_SLAB] = &kp_slab_memory,
	[KPOOL_BACKING_PAGES] = &kp_pages_memory,
	[KPOOL_BACKING_VMALLOC] = &kp_vmalloc_memory,
	[KPOOL_BACKING_KVMALLOC] = &kp_kvmalloc_memory,
};

/* Must a put be able to link an object without changing its contents? */
static bool needs_trailer(const struct kp_pool *pool)
{
	/*
	 * Without a trailer, an address in the right kind of memory may be an object. A provider's
	 * memory is of no kind. And an idle object may have to stay as it is: a device may have
	 * the object's bytes mapped.
	 */
	if (pool->backing == KPOOL_BACKING_PROVIDER)
		return true;
	/* gone: a consumer that waits for the end needs a pool that is never in doubt. */
	return pool->ops.ctor || pool->ops.reset || pool->ops.dtor || pool->ops.gone ||
	       pool->wipe_size || pool->has_birth ||
	       (pool->flags & (KPOOL_SLEEPING | KPOOL_ANYCTX | KPOOL_RCU | KPOOL_DEBUG));
}

/* Bytes of the red zone, if a pool is created for debugging. Others have what is left over. */
#define RED_ZONE_BYTES	16

/*
 * Where the red zone is: the bytes behind the consumer's that neither kpool nor the allocator uses.
 * An object that has no trailer is linked by its first word.
 */
static void set_zone(struct kp_pool *pool)
{
	size_t end = pool->trailer;

	if (!end)
		end = pool->backing == KPOOL_BACKING_SLAB ? pool->geometry.size :
		      pool->memory->flags & KPOOL_MEMORY_PAGES ? pool->footprint :
								pool->vmalloc_size;
	/* The trailer is behind the pages if the object is contiguous. */
	if (pool->backing == KPOOL_BACKING_KVMALLOC)
		end = min(end, pool->footprint);
	pool->zone_offset = pool->trailer ? pool->size : max(pool->size, sizeof(void *));
	pool->zone_size = min_t(size_t, end - pool->zone_offset, SMP_CACHE_BYTES);
}

static void choose_backing(struct kp_pool *pool, const struct kpool_params *p)
{
	if (p->memory)
		pool->backing = KPOOL_BACKING_PROVIDER;
	else if (pool->flags & KPOOL_VMALLOC)
		pool->backing = KPOOL_BACKING_VMALLOC;
	else if (pool->flags & KPOOL_KVMALLOC)
		pool->backing = p->size > KMALLOC_MAX_SIZE ? KPOOL_BACKING_VMALLOC :
							     KPOOL_BACKING_KVMALLOC;
	else if (max(p->size, p->align) >= PAGE_SIZE)
		pool->backing = KPOOL_BACKING_PAGES;
	else
		pool->backing = KPOOL_BACKING_SLAB;
}

/* How many bytes an object takes, and where the words of kpool are in it. */
static int set_geometry(struct kp_pool *pool, const struct kpool_params *p)
{
	/* At least a pointer: objects on the teardown list are linked. */
	size_t size = max(p->size, sizeof(void *));
	size_t align = max(p->align, __alignof__(void *));

	pool->link_key = get_random_long();
	pool->order = get_order(max(size, align));
	pool->footprint = PAGE_SIZE << pool->order;
	if (pool->backing == KPOOL_BACKING_PAGES)
		return 0;
	if (pool->memory->flags & KPOOL_MEMORY_PAGES) {
		pool->footprint = size;
		return 0;
	}
	if (needs_trailer(pool)) {
		pool->trailer = ALIGN(size, __alignof__(void *));
		if (pool->flags & KPOOL_DEBUG)
			pool->trailer += RED_ZONE_BYTES;
		size = pool->trailer + sizeof(void *);
		if (pool->has_birth) {
			pool->birth_offset = size;
			size += sizeof(unsigned long);
		}
	}
	pool->vmalloc_size = PAGE_ALIGN(size);
	if (pool->backing == KPOOL_BACKING_KVMALLOC)
		return 0;
	pool->footprint = pool->vmalloc_size;
	if (pool->backing == KPOOL_BACKING_VMALLOC)
		return 0;

	pool->footprint = ALIGN(size, align);
	if (pool->backing == KPOOL_BACKING_PROVIDER)
		return 0;
	pool->geometry = (struct kp_geometry){
		.size = pool->footprint,
		.align = align,
		.flags = p->zone == GFP_DMA ? SLAB_CACHE_DMA :
			 p->zone == GFP_DMA32 ? SLAB_CACHE_DMA32 : 0,
		.useroffset = p->usersize ? p->useroffset : 0,
		.usersize = p->usersize,
	};
	if (pool->flags & KPOOL_OWN_CACHE) {
		kp_slab_prepare(pool);
		if (!pool->cache)
			return -ENOMEM;
	}
	return 0;
}

/**
 * kp_memory_init() - choose where the memory of a pool's objects comes from
 * @pool: the pool; its parameters are set and valid
 * @p: the parameters
 *
 * Context: process context, sleeps.
 * Return: 0, or -ENOMEM.
 */
int kp_memory_init(struct kp_pool *pool, const struct kpool_params *p)
{
	int err;

	pool->memcg = kp_account_get(pool->flags);
	kp_alloc_line_record(&pool->line);
	choose_backing(pool, p);
	if (pool->backing == KPOOL_BACKING_PROVIDER) {
		err = kp_provider_init(pool, p);
		if (err)
			goto err;
	} else {
		pool->memory = memory_of[pool->backing];
		pool->memory_ctx = pool;
	}
	err = set_geometry(pool, p);
	if (!err && pool->flags & KPOOL_HUGE_PAGES)
		err = kp_huge_init(pool);
	if (err)
		goto err;
	set_zone(pool);
	return 0;

err:
	kp_account_put(pool->memcg);
	return err;
}

void kp_memory_exit(struct kp_pool *pool)
{
	kp_huge_exit(pool);
	if (pool->backing == KPOOL_BACKING_PROVIDER)
		kp_provider_exit(pool);
	else
		kp_slab_exit(pool);
	kp_account_put(pool->memcg);
}

/**
 * kp_memory_alloc() - allocate memory for objects
 * @pool: the pool
 * @gfp: flags for memory allocation
 * @objs: array for the memory
 * @n: how many objects
 *
 * Context: as @gfp needs; kp_may_allocate(). Sleeps if the pool's memory says
 * KPOOL_MEMORY_ALLOC_SLEEPS.
 * Return: how many objects, from the first, have memory.
 */
unsigned int kp_memory_alloc(struct kp_pool *pool, gfp_t gfp, void **objs, unsigned int n)
{
	const struct kpool_memory_request request = {
		.size = pool->footprint,
		.align = kp_memory_align(pool),
		.gfp = gfp | kp_account_gfp(pool->flags),
		.node = pool->node,
	};
	struct alloc_tag *line = kp_alloc_line_begin(&pool->line);
	struct mem_cgroup *before = kp_account_begin(pool->memcg);
	unsigned int got = 0, more, batch;

	do {
		batch = min_t(unsigned int, n - got, KPOOL_MEMORY_BATCH);
		if (pool->backing == KPOOL_BACKING_PROVIDER)
			more = kp_provider_alloc(pool, &request, objs + got, batch);
		else
			more = pool->memory->alloc(pool->memory_ctx, &request, objs + got, batch);
		got += more;
	} while (more == batch && got < n);
	kp_account_end(pool->memcg, before);
	kp_alloc_line_end(&pool->line, line);
	return got;
}

/*
 * Memory for one object where code may wait for no lock. NULL: the kernel cannot give any, or has
 * none. Context: any, NMI too; a pool without a zone and without KPOOL_ACCOUNT.
 */
void *kp_memory_alloc_nolock(struct kp_pool *pool)
{
	struct alloc_tag *line = kp_alloc_line_begin(&pool->line);
	void *mem = NULL;

	if (pool->backing == KPOOL_BACKING_SLAB)
		mem = kp_slab_alloc_nolock(pool);
	else if (pool->backing == KPOOL_BACKING_PAGES)
		mem = kp_pages_alloc_nolock(pool);
	kp_alloc_line_end(&pool->line, line);
	return mem;
}

/*
 * Frees memory. Context: kp_may_allocate(), and where a free that says KPOOL_MEMORY_FREE_SLEEPS may
 * sleep.
 */
void kp_memory_free(struct kp_pool *pool, void **objs, unsigned int n)
{
	unsigned int batch;

	for (; n; n -= batch, objs += batch) {
		batch = min_t(unsigned int, n, KPOOL_MEMORY_BATCH);
		if (pool->backing == KPOOL_BACKING_PROVIDER)
			kp_provider_free(pool, objs, batch);
		else
			pool->memory->free(pool->memory_ctx, objs, batch);
	}
}
