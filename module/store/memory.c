// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory of objects: where it comes from and goes back to. object/object.c calls ctor and dtor.
 *
 * Objects below a page come from slab. A slab cache costs dozens of sysfs files, and its creation
 * walks all other caches. So pools of equal geometry share one cache. The cache is made by the
 * first build that may wait for it. Before that, a get that may not block takes kmalloc() memory.
 * kfree() frees both. Objects of a page or more are compound pages, or vmalloc() memory if the pool
 * asks for it, always or as a fallback.
 */
#include <linux/gfp.h>
#include <linux/kmemleak.h>
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/random.h>
#include <linux/sched/mm.h>
#include <linux/vmalloc.h>
#include <linux/wait_bit.h>

#include "base/link.h"
#include "compat/mm_types.h"
#include "compat/slab.h"
#include "pool.h"
#include "store/memory.h"

struct kp_slab_cache {
	struct list_head list;		/* in shared_caches, or empty */
	struct kp_geometry geometry;
	struct kmem_cache *slab;
	unsigned int users;
};

/* Protects shared_caches, users in them, and the setting of pool->cache. */
static DEFINE_MUTEX(cache_lock);
static LIST_HEAD(shared_caches);

/* what: the size of a shared cache, or the name of the only pool that uses it */
static struct kp_slab_cache *slab_cache_create(const struct kp_geometry *g, const char *what,
					       slab_flags_t flags, void (*ctor)(void *))
{
	/* A cache that is being destroyed still has its name, so each name is used only once. */
	static atomic_t serial = ATOMIC_INIT(0);
	struct kp_slab_cache *cache;
	char *name;

	cache = kzalloc(sizeof(*cache), GFP_KERNEL);
	name = kasprintf(GFP_KERNEL, "kpool-%s-%d", what, atomic_inc_return(&serial));
	if (!cache || !name)
		goto fail;
	INIT_LIST_HEAD(&cache->list);
	cache->geometry = *g;
	cache->users = 1;
	cache->slab = kmem_cache_create_usercopy(name, g->size, g->align, g->flags | flags,
						 g->useroffset, g->usersize, ctor);
	if (!cache->slab)
		goto fail;
	kfree(name);
	return cache;

fail:
	kfree(name);
	kfree(cache);
	return NULL;
}

static bool same_geometry(const struct kp_geometry *a, const struct kp_geometry *b)
{
	return a->size == b->size && a->align == b->align && a->flags == b->flags &&
	       a->useroffset == b->useroffset && a->usersize == b->usersize;
}

static struct kp_slab_cache *slab_cache_get_shared(const struct kp_geometry *g)
{
	struct kp_slab_cache *cache;
	char size[16];

	lockdep_assert_held(&cache_lock);
	list_for_each_entry(cache, &shared_caches, list) {
		if (same_geometry(&cache->geometry, g)) {
			cache->users++;
			return cache;
		}
	}
	snprintf(size, sizeof(size), "%u", g->size);
	cache = slab_cache_create(g, size, 0, NULL);
	if (cache)
		list_add(&cache->list, &shared_caches);
	return cache;
}

/**
 * kp_memory_prepare() - give a pool of small objects its slab cache
 * @pool: the pool
 *
 * Does nothing if the pool has a cache. May fail; then the pool has no cache yet.
 *
 * Context: process context, sleeps, may reclaim.
 */
void kp_memory_prepare(struct kp_pool *pool)
{
	struct kp_slab_cache *cache;

	if (pool->backing != KPOOL_BACKING_SLAB || READ_ONCE(pool->cache))
		return;
	mutex_lock(&cache_lock);
	if (!pool->cache) {
		if (pool->flags & KPOOL_OWN_CACHE)
			cache = slab_cache_create(&pool->geometry, pool->name,
						  SLAB_NO_MERGE, SLAB_NO_MERGE_CTOR);
		else
			cache = slab_cache_get_shared(&pool->geometry);
		smp_store_release(&pool->cache, cache);	/* pairs with slab_alloc() */
	}
	mutex_unlock(&cache_lock);
}

/* As kp_registry_might_lock(), for cache_lock. */
void kp_memory_might_lock(void)
{
	might_lock(&cache_lock);
}

/* Must a put be able to link an object without changing its contents? */
static bool needs_trailer(const struct kp_pool *pool)
{
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
		      pool->backing == KPOOL_BACKING_PAGES ? pool->footprint : pool->vmalloc_size;
	/* The trailer is behind the pages if the object is contiguous. */
	if (pool->backing == KPOOL_BACKING_KVMALLOC)
		end = min(end, pool->footprint);
	pool->zone_offset = pool->trailer ? pool->size : max(pool->size, sizeof(void *));
	pool->zone_size = min_t(size_t, end - pool->zone_offset, SMP_CACHE_BYTES);
}

static int choose_backing(struct kp_pool *pool, const struct kpool_params *p)
{
	/* At least a pointer: objects on the teardown list are linked. */
	size_t size = max(p->size, sizeof(void *));
	size_t align = max(p->align, __alignof__(void *));

	if (pool->flags & KPOOL_VMALLOC)
		pool->backing = KPOOL_BACKING_VMALLOC;
	else if (pool->flags & KPOOL_KVMALLOC)
		pool->backing = size > KMALLOC_MAX_SIZE ? KPOOL_BACKING_VMALLOC :
							  KPOOL_BACKING_KVMALLOC;
	else if (max(size, align) >= PAGE_SIZE)
		pool->backing = KPOOL_BACKING_PAGES;
	else
		pool->backing = KPOOL_BACKING_SLAB;

	pool->link_key = get_random_long();
	pool->order = get_order(max(size, align));
	pool->footprint = PAGE_SIZE << pool->order;
	if (pool->backing == KPOOL_BACKING_PAGES)
		return 0;
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
	pool->geometry = (struct kp_geometry){
		.size = pool->footprint,
		.align = align,
		.flags = p->zone == GFP_DMA ? SLAB_CACHE_DMA :
			 p->zone == GFP_DMA32 ? SLAB_CACHE_DMA32 : 0,
		.useroffset = p->usersize ? p->useroffset : 0,
		.usersize = p->usersize,
	};
	if (pool->flags & KPOOL_OWN_CACHE) {
		kp_memory_prepare(pool);
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
	int err = choose_backing(pool, p);

	if (!err)
		set_zone(pool);
	return err;
}

void kp_memory_exit(struct kp_pool *pool)
{
	struct kp_slab_cache *cache = pool->cache;
	bool last;

	if (!cache)
		return;
	mutex_lock(&cache_lock);
	last = --cache->users == 0;
	if (last)
		list_del(&cache->list);
	mutex_unlock(&cache_lock);
	/* Without the lock: this waits for CPU hotplug, whose callbacks may create pools. */
	if (last) {
		kmem_cache_destroy(cache->slab);
		kfree(cache);
	}
}

/* Memory for a small object before the pool has its slab cache. */
static void *kmalloc_instead(const struct kp_pool *pool, gfp_t gfp, int node)
{
	const struct kp_geometry *g = &pool->geometry;
	size_t size = g->size;

	/*
	 * kmalloc() does not have this zone, and aligns an object to its size only for powers of
	 * two.
	 */
	if (pool->zone == GFP_DMA32)
		return NULL;
	if (g->align > ARCH_KMALLOC_MINALIGN)
		size = roundup_pow_of_two(size);
	return kmalloc_node(size, gfp | pool->zone, node);
}

static unsigned int slab_alloc(struct kp_pool *pool, gfp_t gfp, int node, void **objs,
			       unsigned int n)
{
	struct kp_slab_cache *cache;
	unsigned int i;

	cache = smp_load_acquire(&pool->cache);	/* pairs with kp_memory_prepare() */
	/*
	 * Creation of a cache may reclaim in any way. So the caller and its scope must allow that.
	 */
	if (!cache && (current_gfp_context(gfp) & (GFP_KERNEL | __GFP_NORETRY)) == GFP_KERNEL) {
		kp_memory_prepare(pool);
		cache = READ_ONCE(pool->cache);
	}
	/* Bulk calls need interrupts on, and take no node. */
	if (cache && n > 1 && node == NUMA_NO_NODE && !irqs_disabled())
		return kmem_cache_alloc_bulk(cache->slab, gfp, n, objs) ? n : 0;

	for (i = 0; i < n; i++) {
		objs[i] = cache ? kmem_cache_alloc_node(cache->slab, gfp, node) :
				  kmalloc_instead(pool, gfp, node);
		if (!objs[i])
			break;
	}
	return i;
}

static void *pages_alloc(const struct kp_pool *pool, gfp_t gfp, int node)
{
	struct page *page;

	page = alloc_pages_node(node, gfp | pool->zone | __GFP_COMP, pool->order);
	if (!page)
		return NULL;
	kmemleak_alloc(page_address(page), pool->footprint, 1, gfp);
	return page_address(page);
}

/* vmalloc_node() always uses GFP_KERNEL. A scope forbids I/O or file systems if the caller does. */
static void *vmalloc_alloc(const struct kp_pool *pool, gfp_t gfp, int node)
{
	unsigned int scope;
	void *obj;

	if (!gfpflags_allow_blocking(gfp))
		return NULL;
	/*
	 * A pool with a reserve can use that instead, so this allocation may fail early. vmalloc()
	 * does not take __GFP_NOMEMALLOC, and Linux 7.3 warns about it.
	 */
	if (gfp & __GFP_NORETRY && READ_ONCE(pool->reserve) && node == NUMA_NO_NODE)
		return __vmalloc(pool->vmalloc_size, gfp & ~__GFP_NOMEMALLOC);
	if (gfp & __GFP_IO && gfp & __GFP_FS)
		return vmalloc_node(pool->vmalloc_size, node);
	if (gfp & __GFP_IO) {
		scope = memalloc_nofs_save();
		obj = vmalloc_node(pool->vmalloc_size, node);
		memalloc_nofs_restore(scope);
	} else {
		scope = memalloc_noio_save();
		obj = vmalloc_node(pool->vmalloc_size, node);
		memalloc_noio_restore(scope);
	}
	return obj;
}

/* Tries pages first, without reclaim and compaction: vmalloc() memory is as good. */
static void *kvmalloc_alloc(struct kp_pool *pool, gfp_t gfp, int node)
{
	void *obj;

	obj = pages_alloc(pool, (gfp & ~__GFP_DIRECT_RECLAIM) | __GFP_NOWARN, node);
	if (obj)
		return obj;
	obj = vmalloc_alloc(pool, gfp, node);
	if (obj)
		atomic_long_inc(&pool->vmalloced);
	return obj;
}

static void *large_alloc(struct kp_pool *pool, gfp_t gfp, int node)
{
	switch (pool->backing) {
	case KPOOL_BACKING_PAGES:
		return pages_alloc(pool, gfp, node);
	case KPOOL_BACKING_KVMALLOC:
		return kvmalloc_alloc(pool, gfp, node);
	default:
		return vmalloc_alloc(pool, gfp, node);
	}
}

/**
 * kp_memory_alloc() - allocate memory for objects
 * @pool: the pool
 * @gfp: flags for memory allocation
 * @objs: array for the memory
 * @n: how many objects
 *
 * Context: as @gfp needs; kp_may_allocate().
 * Return: how many objects, from the first, have memory.
 */
unsigned int kp_memory_alloc(struct kp_pool *pool, gfp_t gfp, void **objs, unsigned int n)
{
	unsigned int i;

	if (pool->backing == KPOOL_BACKING_SLAB)
		return slab_alloc(pool, gfp, pool->node, objs, n);
	for (i = 0; i < n; i++) {
		objs[i] = large_alloc(pool, gfp, pool->node);
		if (!objs[i])
			break;
	}
	return i;
}

/* Frees memory. Context: kp_may_allocate(). */
void kp_memory_free(struct kp_pool *pool, void **objs, unsigned int n)
{
	unsigned int i;

	if (pool->backing == KPOOL_BACKING_SLAB && n > 1 && !irqs_disabled()) {
		kfree_bulk(n, objs);
		return;
	}
	for (i = 0; i < n; i++) {
		if (pool->backing == KPOOL_BACKING_SLAB) {
			kfree(objs[i]);
		} else if (kp_in_pages(pool, objs[i])) {
			kmemleak_free(objs[i]);
			__free_pages(virt_to_page(objs[i]), pool->order);
		} else {
			vfree(objs[i]);
			if (pool->backing == KPOOL_BACKING_KVMALLOC)
				atomic_long_dec(&pool->vmalloced);
		}
	}
}
