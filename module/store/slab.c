// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of slab, for objects below a page. A slab cache costs dozens of sysfs files, and its
 * creation walks all other caches. So pools of equal geometry share one cache; if pools are
 * isolated, only those of one module do. The cache is made by the first build that may wait for it.
 * Before that, a get that may not block takes kmalloc() memory. kfree() frees both.
 */
#include <linux/align.h>
#include <linux/gfp.h>
#include <linux/irqflags.h>
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/sched/mm.h>
#include <linux/string.h>

#include "compat/alloc_tag.h"
#include "compat/nolock.h"
#include "compat/slab.h"
#include "pool.h"
#include "store/slab.h"

/*
 * An object that is used after its put, or written beyond its end, may harm another object of its
 * slab cache. A kernel that does not merge slab caches does without such sharing to be safer.
 */
static bool isolate = !IS_ENABLED(CONFIG_SLAB_MERGE_DEFAULT);
module_param(isolate, bool, 0644);
MODULE_PARM_DESC(isolate, "Pools of different modules share no slab cache (default: as the kernel merges its own)");

struct kp_slab_cache {
	struct list_head list;		/* in shared_caches, or empty */
	char owner[MODULE_NAME_LEN];	/* the module whose pools share the cache; "": all pools */
	struct kp_geometry geometry;
	struct kmem_cache *slab;
	unsigned int users;
};

/* Protects shared_caches, users in them, and the setting of pool->cache. */
static DEFINE_MUTEX(cache_lock);
static LIST_HEAD(shared_caches);

/*
 * what is the size, or the owner and the size, of a shared cache; or the name of the only pool that
 * uses it. If alone is set, the kernel does not merge the cache with others.
 */
static struct kp_slab_cache *slab_cache_create(const struct kp_geometry *g, const char *what,
					       bool alone)
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
	cache->slab = kmem_cache_create_usercopy(name, g->size, g->align,
						 g->flags | (alone ? SLAB_NO_MERGE : 0),
						 g->useroffset, g->usersize,
						 alone ? SLAB_NO_MERGE_CTOR : NULL);
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

/* owner: as in struct kp_slab_cache */
static struct kp_slab_cache *slab_cache_get_shared(const struct kp_geometry *g, const char *owner)
{
	char what[MODULE_NAME_LEN + 16];
	struct kp_slab_cache *cache;

	lockdep_assert_held(&cache_lock);
	list_for_each_entry(cache, &shared_caches, list) {
		if (same_geometry(&cache->geometry, g) && !strcmp(cache->owner, owner)) {
			cache->users++;
			return cache;
		}
	}
	snprintf(what, sizeof(what), "%s%s%u", owner, *owner ? "-" : "", g->size);
	cache = slab_cache_create(g, what, *owner);
	if (!cache)
		return NULL;
	strscpy(cache->owner, owner, sizeof(cache->owner));
	list_add(&cache->list, &shared_caches);
	return cache;
}

/**
 * kp_slab_prepare() - give a pool of small objects its slab cache
 * @pool: the pool
 *
 * Does nothing if the pool has a cache. May fail; then the pool has no cache yet.
 *
 * Context: process context, sleeps, may reclaim.
 */
void kp_slab_prepare(struct kp_pool *pool)
{
	struct kp_slab_cache *cache;

	if (pool->backing != KPOOL_BACKING_SLAB || READ_ONCE(pool->cache))
		return;
	mutex_lock(&cache_lock);
	if (!pool->cache) {
		if (pool->flags & KPOOL_OWN_CACHE)
			cache = slab_cache_create(&pool->geometry, pool->name, true);
		else
			cache = slab_cache_get_shared(&pool->geometry,
						      READ_ONCE(isolate) ? pool->owner_name : "");
		smp_store_release(&pool->cache, cache);	/* pairs with slab_alloc() */
	}
	mutex_unlock(&cache_lock);
}

/* As kp_registry_might_lock(), for cache_lock. */
void kp_slab_might_lock(void)
{
	might_lock(&cache_lock);
}

/* Gives the slab cache of a pool back. Context: process context, sleeps. */
void kp_slab_exit(struct kp_pool *pool)
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

/* The size with which kmalloc() aligns an object: to its size only for powers of two. */
static size_t kmalloc_size_of(const struct kp_geometry *g)
{
	return g->align > ARCH_KMALLOC_MINALIGN ? roundup_pow_of_two(g->size) : g->size;
}

/* Memory for a small object before the pool has its slab cache. */
static void *kmalloc_instead(const struct kp_pool *pool, gfp_t gfp, int node)
{
	/* kmalloc() does not have this zone. */
	if (pool->zone == GFP_DMA32)
		return NULL;
	return kmalloc_node_noprof(kmalloc_size_of(&pool->geometry), gfp | pool->zone, node);
}

/*
 * Memory for a small object of a pool without a zone. kfree() frees it. All users of kmalloc()
 * share it, so isolated pools get none. Context: any, NMI too. Return: the memory, or NULL.
 */
void *kp_slab_alloc_nolock(const struct kp_pool *pool)
{
	const struct kp_geometry *g = &pool->geometry;
	void *mem;

	if (READ_ONCE(isolate))
		return NULL;
	mem = kmalloc_nolock_noprof(kmalloc_size_of(g), 0, pool->node);
	if (likely(IS_ALIGNED((unsigned long)mem, g->align)))
		return mem;
	/* If it cannot have the lock of this size, it takes memory of the next larger size. */
	kfree_nolock(mem);
	return NULL;
}

static unsigned int slab_alloc(void *ctx, const struct kpool_memory_request *request, void **mem,
			       unsigned int n)
{
	struct kp_slab_cache *cache;
	struct kp_pool *pool = ctx;
	gfp_t gfp = request->gfp;
	int node = request->node;
	unsigned int i;

	cache = smp_load_acquire(&pool->cache);	/* pairs with kp_slab_prepare() */
	/*
	 * Creation of a cache may reclaim in any way. So the caller and its scope must allow that.
	 */
	if (!cache && (current_gfp_context(gfp) & (GFP_KERNEL | __GFP_NORETRY)) == GFP_KERNEL) {
		kp_slab_prepare(pool);
		cache = READ_ONCE(pool->cache);
	}
	/* Bulk calls need interrupts on, and take no node. */
	if (cache && n > 1 && node == NUMA_NO_NODE && !irqs_disabled())
		return kmem_cache_alloc_bulk_noprof(cache->slab, gfp, n, mem) ? n : 0;

	for (i = 0; i < n; i++) {
		mem[i] = cache ? kmem_cache_alloc_node_noprof(cache->slab, gfp, node) :
				 kmalloc_instead(pool, gfp, node);
		if (!mem[i])
			break;
	}
	return i;
}

static void slab_free(void *ctx, void **mem, unsigned int n)
{
	unsigned int i;

	if (n > 1 && !irqs_disabled()) {
		kfree_bulk(n, mem);
		return;
	}
	for (i = 0; i < n; i++)
		kfree(mem[i]);
}

const struct kpool_memory_ops kp_slab_memory = { .alloc = slab_alloc, .free = slab_free };
