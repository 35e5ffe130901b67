// SPDX-License-Identifier: GPL-2.0-only
/* How the benchmark's peers are set up, and how they end. */
#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/numa.h>
#include <linux/slab.h>

#include "peers.h"

/* Names of pools and caches are unique. */
static void name_it(char *name, size_t room, const struct bench *b)
{
	static atomic_t number;

	scnprintf(name, room, "bench-%.10s-%u", b->peer->name, (unsigned int)
		  atomic_inc_return(&number));
}

/**
 * bench_setup_pool() - create a pool of the case's objects
 * @b: the peer
 * @params: what it is besides
 *
 * Return: 0, or an error.
 */
int bench_setup_pool(struct bench *b, struct kpool_params *params)
{
	char name[KPOOL_NAME_LEN];

	name_it(name, sizeof(name), b);
	params->name = name;
	params->size = b->size;
	b->handle = kpool_create(params);
	return PTR_ERR_OR_ZERO(b->handle);
}

int bench_setup_kpool(struct bench *b)
{
	return bench_setup_pool(b, &(struct kpool_params){});
}

void bench_cleanup_kpool(struct bench *b)
{
	kpool_destroy(b->handle);
}

int bench_setup_sized(struct bench *b)
{
	char name[KPOOL_SIZED_NAME_LEN];

	name_it(name, sizeof(name), b);
	b->handle = kpool_sized_create(&(struct kpool_sized_params){ .name = name });
	return PTR_ERR_OR_ZERO(b->handle);
}

void bench_cleanup_sized(struct bench *b)
{
	kpool_sized_destroy(b->handle);
}

int bench_setup_cache(struct bench *b)
{
	char name[KPOOL_NAME_LEN];

	name_it(name, sizeof(name), b);
	/* The kernel copies the name. */
	b->handle = kmem_cache_create(name, b->size, 0, 0, NULL);
	return b->handle ? 0 : -ENOMEM;
}

void bench_cleanup_cache(struct bench *b)
{
	kmem_cache_destroy(b->handle);
}

/* Its elements are as many as those that a pool would keep for a burst. */
#define ELEMENTS	32

int bench_setup_mempool(struct bench *b)
{
	int err = bench_setup_cache(b);

	if (err)
		return err;
	b->cache = b->handle;
	b->handle = mempool_create_slab_pool(ELEMENTS, b->cache);
	if (b->handle)
		return 0;
	kmem_cache_destroy(b->cache);
	return -ENOMEM;
}

void bench_cleanup_mempool(struct bench *b)
{
	mempool_destroy(b->handle);
	kmem_cache_destroy(b->cache);
}

#define PTR_RING_BATCH	64

static void free_one(void *obj)
{
	kfree(obj);
}

void bench_cleanup_ptr_ring(struct bench *b)
{
	ptr_ring_cleanup(b->handle, free_one);
	kfree(b->handle);
}

int bench_setup_ptr_ring(struct bench *b)
{
	struct ptr_ring *ring = kzalloc(sizeof(*ring), GFP_KERNEL);
	unsigned int i;
	void *obj;

	/* A ptr_ring empties the slots that were consumed some at a time. */
	if (!ring || ptr_ring_init(ring, b->capacity + PTR_RING_BATCH, GFP_KERNEL)) {
		kfree(ring);
		return -ENOMEM;
	}
	b->handle = ring;
	for (i = 0; i < b->capacity; i++) {
		obj = kmalloc(b->size, GFP_KERNEL);
		if (!obj || ptr_ring_produce(ring, obj)) {
			kfree(obj);
			bench_cleanup_ptr_ring(b);
			return -ENOMEM;
		}
	}
	return 0;
}

void bench_cleanup_kfifo(struct bench *b)
{
	struct bench_fifo *fifo = b->handle;
	void *obj;

	while (kfifo_get(&fifo->objs, &obj))
		kfree(obj);
	kfifo_free(&fifo->objs);
	kfree(fifo);
}

int bench_setup_kfifo(struct bench *b)
{
	struct bench_fifo *fifo = kzalloc(sizeof(*fifo), GFP_KERNEL);
	unsigned int i;
	void *obj;

	if (!fifo || kfifo_alloc(&fifo->objs, roundup_pow_of_two(b->capacity + 1), GFP_KERNEL)) {
		kfree(fifo);
		return -ENOMEM;
	}
	b->handle = fifo;
	for (i = 0; i < b->capacity; i++) {
		obj = kmalloc(b->size, GFP_KERNEL);
		if (!obj) {
			bench_cleanup_kfifo(b);
			return -ENOMEM;
		}
		kfifo_put(&fifo->objs, obj);
	}
	return 0;
}

#ifdef HAVE_OBJPOOL
static int init_nothing(void *obj, void *ctx)
{
	return 0;
}

int bench_setup_objpool(struct bench *b)
{
	struct objpool_head *pool = kzalloc(sizeof(*pool), GFP_KERNEL);
	int err;

	if (!pool)
		return -ENOMEM;
	err = objpool_init(pool, max(b->capacity, num_possible_cpus()), b->size, GFP_KERNEL, NULL,
			   init_nothing, NULL);
	if (err) {
		kfree(pool);
		return err;
	}
	b->handle = pool;
	return 0;
}

void bench_cleanup_objpool(struct bench *b)
{
	objpool_free(b->handle);
	kfree(b->handle);
}
#endif

#ifdef HAVE_PAGE_POOL
int bench_setup_page_pool(struct bench *b)
{
	const struct page_pool_params params = {
		.order = get_order(b->size), .pool_size = 1024, .nid = NUMA_NO_NODE,
	};

	b->handle = page_pool_create(&params);
	return PTR_ERR_OR_ZERO(b->handle);
}

void bench_cleanup_page_pool(struct bench *b)
{
	page_pool_destroy(b->handle);
}
#endif
