// SPDX-License-Identifier: GPL-2.0-only
/*
 * DMA pools: a memory provider whose memory is mapped for a device from alloc to free.
 *
 * Each piece of memory has a record with its address for the device. All records of a pool are in a
 * list. When the pool ends, while consumers still hold objects, the device may go next. So all that
 * is mapped is unmapped then, and nothing touches the device afterwards: free finds the provider
 * closed. Network drivers' page_pool has learned this the hard way.
 *
 * A piece finds its record through a word of its own: private in struct page for whole pages, else
 * a word behind the bytes that kpool asked for. A streaming object's bytes share no cache line with
 * these words, and not with kpool's.
 */
#include <linux/align.h>
#include <linux/atomic.h>
#include <linux/device.h>
#include <linux/dma-mapping.h>
#include <linux/dmapool.h>
#include <linux/export.h>
#include <linux/gfp.h>
#include <linux/kmemleak.h>
#include <linux/kmsan-checks.h>
#include <linux/kpool_dma.h>
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/wait_bit.h>

#include "compat/alloc_tag.h"
#include "pool.h"

/* The record of a piece of memory. */
struct kp_dma_map {
	struct list_head list;		/* in kp_dma.maps; or empty: it was unmapped */
	dma_addr_t addr;
};

struct kp_dma {
	char name[KPOOL_NAME_LEN];	/* of the pool, for messages */
	struct device *dev;
	enum dma_data_direction dir;
	bool coherent;
	bool in_pages;			/* an object is whole pages; else see map_of() */
	bool in_blocks;			/* coherent and small */
	size_t size;			/* bytes of an object */
	size_t request_size;		/* ... and those that kpool needs behind it */
	struct dma_pool *blocks;
	spinlock_t lock;		/* leaf: maps; see claim() and close_one() */
	struct list_head maps;
	bool closed;			/* the device may be gone */
	atomic_t users;			/* calls that use the device now */
};

/*
 * Begins a use of the device. Returns false if the device may be gone. Otherwise close_device()
 * waits for leave(). Context: any.
 */
static bool enter(struct kp_dma *d)
{
	atomic_inc(&d->users);
	smp_mb__after_atomic();		/* pairs with that in close_device() */
	if (likely(!READ_ONCE(d->closed)))
		return true;
	if (atomic_dec_and_test(&d->users))
		wake_up_var(&d->users);
	return false;
}

static void leave(struct kp_dma *d)
{
	/* The full barrier comes before the look for a task that waits. */
	if (atomic_dec_and_test(&d->users))
		wake_up_var(&d->users);
}

/* Where a piece of memory has the address of its record. */
static struct kp_dma_map *map_of(const struct kp_dma *d, const void *mem)
{
	if (d->in_pages)
		return (struct kp_dma_map *)page_private(virt_to_page(mem));
	return *(struct kp_dma_map **)(mem + d->request_size);
}

static void set_map(const struct kp_dma *d, void *mem, struct kp_dma_map *map)
{
	if (d->in_pages)
		set_page_private(virt_to_page(mem), (unsigned long)map);
	else
		*(struct kp_dma_map **)(mem + d->request_size) = map;
}

/* Bytes of a piece that is not whole pages: its word included. */
static size_t piece_size(const struct kp_dma *d)
{
	return d->request_size + sizeof(struct kp_dma_map *);
}

/* Memory for a streaming object. A device of few addresses had better reach it. */
static void *streaming_alloc(struct kp_dma *d, const struct kpool_memory_request *request)
{
	size_t size = piece_size(d);
	struct page *page;
	void *mem;

	if (!d->in_pages) {
		/* kmalloc() aligns an object to its size only for powers of two. */
		if (request->align > ARCH_KMALLOC_MINALIGN)
			size = roundup_pow_of_two(size);
		mem = kmalloc_node_noprof(size, request->gfp, request->node);
		if (mem)
			kmemleak_not_leak(mem);
		return mem;
	}
	page = alloc_pages_node_noprof(request->node, request->gfp | __GFP_COMP |
				(dma_get_mask(d->dev) <= DMA_BIT_MASK(32) ? GFP_DMA32 : 0),
				get_order(d->size));
	return page ? page_address(page) : NULL;
}

static void streaming_free(struct kp_dma *d, void *mem)
{
	if (!d->in_pages) {
		kfree(mem);
		return;
	}
	set_page_private(virt_to_page(mem), 0);
	__free_pages(virt_to_page(mem), get_order(d->size));
}

/*
 * kpool syncs nothing by itself, so neither do these two. The device sees no byte before a sync,
 * but KMSAN wants all bytes to be written now.
 */
static bool map_streaming(struct kp_dma *d, void *mem, dma_addr_t *addr)
{
	kmsan_unpoison_memory(mem, d->size);
	*addr = dma_map_page_attrs(d->dev, virt_to_page(mem), offset_in_page(mem), d->size, d->dir,
				   DMA_ATTR_SKIP_CPU_SYNC);
	return !dma_mapping_error(d->dev, *addr);
}

static void unmap_streaming(struct kp_dma *d, dma_addr_t addr)
{
	dma_unmap_page_attrs(d->dev, addr, d->size, d->dir, DMA_ATTR_SKIP_CPU_SYNC);
}

static void *coherent_alloc(struct kp_dma *d, const struct kpool_memory_request *request,
			    dma_addr_t *addr)
{
	if (d->in_blocks)
		return dma_pool_alloc(d->blocks, request->gfp, addr);
	return dma_alloc_coherent(d->dev, PAGE_ALIGN(piece_size(d)), addr, request->gfp);
}

static void coherent_free(struct kp_dma *d, void *mem, dma_addr_t addr)
{
	if (d->in_blocks)
		dma_pool_free(d->blocks, mem, addr);
	else
		dma_free_coherent(d->dev, PAGE_ALIGN(piece_size(d)), mem, addr);
}

/* One piece, mapped, with its record. */
static void *piece_alloc(struct kp_dma *d, const struct kpool_memory_request *request)
{
	struct kp_dma_map *map = kmalloc(sizeof(*map), request->gfp);
	unsigned long flags;
	void *mem;

	if (!map)
		return NULL;
	if (d->coherent) {
		mem = coherent_alloc(d, request, &map->addr);
		if (!mem)
			goto free_map;
	} else {
		mem = streaming_alloc(d, request);
		if (!mem)
			goto free_map;
		if (!map_streaming(d, mem, &map->addr))
			goto free_mem;
	}
	set_map(d, mem, map);
	spin_lock_irqsave(&d->lock, flags);
	list_add(&map->list, &d->maps);
	spin_unlock_irqrestore(&d->lock, flags);
	return mem;

free_mem:
	streaming_free(d, mem);
free_map:
	kfree(map);
	return NULL;
}

static unsigned int dma_alloc(void *ctx, const struct kpool_memory_request *request, void **mem,
			      unsigned int n)
{
	struct kp_dma *d = ctx;
	unsigned int i;

	/* kpool builds nothing any more when the provider is closed. */
	for (i = 0; i < n; i++) {
		mem[i] = piece_alloc(d, request);
		if (!mem[i])
			break;
	}
	return i;
}

/* Takes the record of a piece out of the list. The caller that succeeds unmaps, then leave(). */
static bool claim(struct kp_dma *d, struct kp_dma_map *map)
{
	unsigned long flags;
	bool mine;

	spin_lock_irqsave(&d->lock, flags);
	mine = !list_empty(&map->list);
	if (mine) {
		list_del_init(&map->list);
		atomic_inc(&d->users);	/* close_device() looks when the list is empty */
	}
	spin_unlock_irqrestore(&d->lock, flags);
	return mine;
}

static void piece_free(struct kp_dma *d, void *mem)
{
	struct kp_dma_map *map = map_of(d, mem);

	if (claim(d, map)) {
		if (d->coherent)
			coherent_free(d, mem, map->addr);
		else
			unmap_streaming(d, map->addr);
		leave(d);
	}
	if (!d->coherent)
		streaming_free(d, mem);
	kfree(map);
}

static void dma_free(void *ctx, void **mem, unsigned int n)
{
	while (n--)
		piece_free(ctx, mem[n]);
}

/*
 * Takes one record out of the list, and unmaps its streaming object. The lock keeps a put of the
 * object from freeing the memory before. Returns false if there is no record.
 */
static bool close_one(struct kp_dma *d)
{
	struct kp_dma_map *map;

	spin_lock_irq(&d->lock);
	map = list_first_entry_or_null(&d->maps, struct kp_dma_map, list);
	if (map) {
		list_del_init(&map->list);
		if (!d->coherent)
			unmap_streaming(d, map->addr);
	}
	spin_unlock_irq(&d->lock);
	return map;
}

/* The last use of the device. Context: process context; one caller at a time. */
static void close_device(struct kp_dma *d)
{
	size_t left = 0, bytes = piece_size(d);

	if (d->closed)
		return;
	WRITE_ONCE(d->closed, true);
	smp_mb();	/* pairs with that in enter() */
	/* Calls that sync, before their objects are unmapped. */
	wait_var_event(&d->users, !atomic_read(&d->users));
	while (close_one(d)) {
		left++;
		cond_resched();
	}
	/* Puts that have claimed a record, and use the device. */
	wait_var_event(&d->users, !atomic_read(&d->users));
	if (!d->in_blocks)
		bytes = PAGE_ALIGN(bytes);
	if (left && d->coherent)
		pr_err("pool %s: consumers hold %zu coherent objects of %s at its end: %zu bytes are lost\n",
		       d->name, left, dev_name(d->dev), left * bytes);
	/* If blocks are in use, the kernel says so, and keeps their pages. */
	dma_pool_destroy(d->blocks);
	put_device(d->dev);
}

/* Now it is known how much kpool needs behind an object. */
static int dma_begin(void *ctx, size_t size, size_t align)
{
	struct kp_dma *d = ctx;

	d->request_size = size;
	if (!d->in_blocks)
		return 0;
	d->blocks = dma_pool_create(d->name, d->dev, piece_size(d), align, 0);
	return d->blocks ? 0 : -ENOMEM;
}

static void dma_detach(void *ctx)
{
	close_device(ctx);
}

static void dma_end(void *ctx)
{
	close_device(ctx);
	kfree(ctx);
}

#define DMA_MEMORY(_flags) {		\
	.owner = THIS_MODULE,		\
	.flags = (_flags),		\
	.begin = dma_begin,		\
	.alloc = dma_alloc,		\
	.free = dma_free,		\
	.detach = dma_detach,		\
	.end = dma_end,			\
}

/* dma_free_coherent() may sleep on some machines, and warns if interrupts are off. */
static const struct kpool_memory_ops small_memory = DMA_MEMORY(0),
	page_memory = DMA_MEMORY(KPOOL_MEMORY_PAGES),
	coherent_memory = DMA_MEMORY(KPOOL_MEMORY_FREE_SLEEPS);

#define refuse(p, fmt, ...) ({								\
	pr_err_ratelimited("cannot create pool %.*s: " fmt "\n", KPOOL_NAME_LEN,	\
			   (p)->name ?: "(no name)", ##__VA_ARGS__);			\
	-EINVAL;									\
})

static int check_params(const struct kpool_params *p, const struct kpool_dma_params *dma)
{
	if (!IS_ENABLED(CONFIG_HAS_DMA)) {
		refuse(p, "dma: this kernel has no DMA");
		return -EOPNOTSUPP;
	}
	if (p->memory)
		return refuse(p, "memory: a DMA pool has its own provider");
	if (!dma->dev)
		return refuse(p, "dma: there is no device");
	if (!dma->dev->dma_mask || !*dma->dev->dma_mask)
		return refuse(p, "dma: device %s has no DMA mask", dev_name(dma->dev));
	if (dma->flags & ~KPOOL_DMA_COHERENT)
		return refuse(p, "dma: flags: %#x is unknown", dma->flags & ~KPOOL_DMA_COHERENT);
	if (dma->flags & KPOOL_DMA_COHERENT && dma->direction != DMA_BIDIRECTIONAL)
		return refuse(p, "dma: direction: coherent objects have DMA_BIDIRECTIONAL alone");
	if (dma->flags & KPOOL_DMA_COHERENT && !dma->dev->coherent_dma_mask)
		return refuse(p, "dma: device %s has no coherent DMA mask", dev_name(dma->dev));
	if (!valid_dma_direction(dma->direction) || dma->direction == DMA_NONE)
		return refuse(p, "dma: direction: %d is none", dma->direction);
	if (!p->size || p->size > KMALLOC_MAX_SIZE)
		return refuse(p, "size: %zu bytes, possible are 1 to %lu", p->size,
			      (unsigned long)KMALLOC_MAX_SIZE);
	return 0;
}

/* Room for what kpool needs behind an object at most, and for a word, see map_of(). */
#define BEHIND	(8 * sizeof(void *))

/* Chooses the kind of memory, and fits the parameters of the pool to it. */
static void choose_memory(struct kp_dma *d, struct kpool_params *p)
{
	size_t line = dma_get_cache_alignment();
	bool small;

	if (!d->coherent) {
		p->size = ALIGN(p->size, line);
		p->align = max(p->align, line);
	}
	small = max(p->size + BEHIND, p->align) <= PAGE_SIZE / 2;
	d->in_blocks = d->coherent && small;
	d->in_pages = !d->coherent && !small;
	if (d->in_pages)
		p->size = PAGE_SIZE << get_order(max(p->size, p->align));
	d->size = p->size;
	p->memory = d->in_pages ? &page_memory : d->coherent && !small ? &coherent_memory :
									&small_memory;
	p->memory_ctx = d;
}

/**
 * __kpool_dma_create() - implementation of kpool_dma_create()
 * @params: as for kpool_dma_create()
 * @dma: as for kpool_dma_create()
 * @owner: the module whose code the callbacks are
 * @abi: the ABI of the caller's headers
 *
 * Context: process context, sleeps.
 * Return: as kpool_dma_create().
 */
struct kpool *__kpool_dma_create(const struct kpool_params *params,
				 const struct kpool_dma_params *dma, struct module *owner,
				 struct kpool_abi abi)
{
	struct kpool_params p;
	struct kpool *pool;
	struct kp_dma *d;
	int err;

	if (!kp_abi_matches(abi))
		return ERR_PTR(-EINVAL);
	p = *params;
	err = check_params(&p, dma);
	if (err)
		return ERR_PTR(err);
	d = kzalloc(sizeof(*d), GFP_KERNEL);
	if (!d)
		return ERR_PTR(-ENOMEM);
	strscpy(d->name, p.name ?: "", sizeof(d->name));
	d->dev = get_device(dma->dev);
	d->dir = dma->direction;
	d->coherent = dma->flags & KPOOL_DMA_COHERENT;
	spin_lock_init(&d->lock);
	INIT_LIST_HEAD(&d->maps);
	choose_memory(d, &p);
	pool = __kpool_create(&p, owner, abi);
	if (IS_ERR(pool))
		dma_end(d);
	return pool;
}
EXPORT_SYMBOL_GPL(__kpool_dma_create);

/* The provider of a DMA pool. If it is another pool, the log says so. */
static struct kp_dma *dma_of(struct kpool *kpool, const char *call)
{
	const struct kp_pool *pool = to_pool(kpool);

	if (likely(pool->memory->alloc == dma_alloc))
		return pool->memory_ctx;
	pr_err_ratelimited("pool %s (id %u): %s(), but it is no DMA pool\n", pool->name, pool->id,
			   call);
	return NULL;
}

dma_addr_t kpool_dma_addr(struct kpool *pool, const void *obj)
{
	struct kp_dma *d = dma_of(pool, __func__);

	if (unlikely(!d || READ_ONCE(d->closed)))
		return DMA_MAPPING_ERROR;
	return map_of(d, obj)->addr;
}
EXPORT_SYMBOL_GPL(kpool_dma_addr);

/* May these bytes be synced? If so, leave() has to follow. */
static bool sync_begin(struct kp_dma *d, size_t offset, size_t bytes, const char *call)
{
	if (!d || d->coherent || !bytes)
		return false;
	if (unlikely(offset > d->size || bytes > d->size - offset)) {
		pr_err_ratelimited("pool %s: %s() of %zu bytes from %zu, but an object has %zu\n",
				   d->name, call, bytes, offset, d->size);
		return false;
	}
	return enter(d);
}

void kpool_dma_sync_for_device(struct kpool *pool, void *obj, size_t offset, size_t bytes)
{
	struct kp_dma *d = dma_of(pool, __func__);

	if (!sync_begin(d, offset, bytes, __func__))
		return;
	dma_sync_single_range_for_device(d->dev, map_of(d, obj)->addr, offset, bytes, d->dir);
	leave(d);
}
EXPORT_SYMBOL_GPL(kpool_dma_sync_for_device);

void kpool_dma_sync_for_cpu(struct kpool *pool, void *obj, size_t offset, size_t bytes)
{
	struct kp_dma *d = dma_of(pool, __func__);

	if (!sync_begin(d, offset, bytes, __func__))
		return;
	dma_sync_single_range_for_cpu(d->dev, map_of(d, obj)->addr, offset, bytes, d->dir);
	leave(d);
}
EXPORT_SYMBOL_GPL(kpool_dma_sync_for_cpu);
