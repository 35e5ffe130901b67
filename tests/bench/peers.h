/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The allocators and stores of objects that the benchmark compares. Each peer has a get and a put
 * here, which a case's loop takes inline, and a setup in peers.c. A get returns NULL if it fails.
 *
 * A handle is what the peer's setup left in struct bench.
 */
#ifndef _KPOOL_BENCH_PEERS_H
#define _KPOOL_BENCH_PEERS_H

#include <linux/gfp.h>
#include <linux/kfifo.h>
#include <linux/kpool.h>
#include <linux/kpool_sized.h>
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/ptr_ring.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "case.h"

#ifdef HAVE_OBJPOOL
#include <linux/objpool.h>
#endif
#ifdef HAVE_PAGE_POOL
#ifdef HAVE_PAGE_POOL_HELPERS
#include <net/page_pool/helpers.h>
#else
#include <net/page_pool.h>
#endif
#endif

int bench_setup_pool(struct bench *b, struct kpool_params *params);
int bench_setup_kpool(struct bench *b);
void bench_cleanup_kpool(struct bench *b);

static __always_inline void *get_kpool(void *handle, size_t size)
{
	void *obj = kpool_get(handle, GFP_KERNEL);

	return IS_ERR(obj) ? NULL : obj;
}

static __always_inline void put_kpool(void *handle, size_t size, void *obj)
{
	kpool_put(handle, obj);
}

int bench_setup_sized(struct bench *b);
void bench_cleanup_sized(struct bench *b);

static __always_inline void *get_sized(void *handle, size_t size)
{
	void *buf = kpool_sized_get(handle, size, GFP_KERNEL);

	return IS_ERR(buf) ? NULL : buf;
}

static __always_inline void put_sized(void *handle, size_t size, void *buf)
{
	kpool_sized_put(handle, buf, size);
}

int bench_setup_cache(struct bench *b);
void bench_cleanup_cache(struct bench *b);

static __always_inline void *get_cache(void *handle, size_t size)
{
	return kmem_cache_alloc(handle, GFP_KERNEL);
}

static __always_inline void put_cache(void *handle, size_t size, void *obj)
{
	kmem_cache_free(handle, obj);
}

int bench_setup_mempool(struct bench *b);
void bench_cleanup_mempool(struct bench *b);

static __always_inline void *get_mempool(void *handle, size_t size)
{
	return mempool_alloc(handle, GFP_KERNEL);
}

static __always_inline void put_mempool(void *handle, size_t size, void *obj)
{
	mempool_free(obj, handle);
}

static __always_inline void *get_kmalloc(void *handle, size_t size)
{
	return kmalloc(size, GFP_KERNEL);
}

static __always_inline void put_kmalloc(void *handle, size_t size, void *obj)
{
	kfree(obj);
}

static __always_inline void *get_kvmalloc(void *handle, size_t size)
{
	return kvmalloc(size, GFP_KERNEL);
}

static __always_inline void put_kvmalloc(void *handle, size_t size, void *obj)
{
	kvfree(obj);
}

static __always_inline void *get_vmalloc(void *handle, size_t size)
{
	return vmalloc(size);
}

static __always_inline void put_vmalloc(void *handle, size_t size, void *obj)
{
	vfree(obj);
}

static __always_inline void *get_pages(void *handle, size_t size)
{
	struct page *page = alloc_pages(GFP_KERNEL, get_order(size));

	return page ? page_address(page) : NULL;
}

static __always_inline void put_pages(void *handle, size_t size, void *obj)
{
	__free_pages(virt_to_page(obj), get_order(size));
}

/* A ptr_ring full of objects, from which everybody takes and to which everybody gives. */
int bench_setup_ptr_ring(struct bench *b);
void bench_cleanup_ptr_ring(struct bench *b);

static __always_inline void *get_ptr_ring(void *handle, size_t size)
{
	return ptr_ring_consume(handle);
}

static __always_inline void put_ptr_ring(void *handle, size_t size, void *obj)
{
	ptr_ring_produce(handle, obj);
}

/* The same with a kfifo of pointers, which takes no lock: for one user at a time. */
struct bench_fifo {
	DECLARE_KFIFO_PTR(objs, void *);
};

int bench_setup_kfifo(struct bench *b);
void bench_cleanup_kfifo(struct bench *b);

static __always_inline void *get_kfifo(void *handle, size_t size)
{
	struct bench_fifo *fifo = handle;
	void *obj;

	return kfifo_get(&fifo->objs, &obj) ? obj : NULL;
}

static __always_inline void put_kfifo(void *handle, size_t size, void *obj)
{
	struct bench_fifo *fifo = handle;

	kfifo_put(&fifo->objs, obj);
}

#ifdef HAVE_OBJPOOL
int bench_setup_objpool(struct bench *b);
void bench_cleanup_objpool(struct bench *b);

static __always_inline void *get_objpool(void *handle, size_t size)
{
	return objpool_pop(handle);
}

static __always_inline void put_objpool(void *handle, size_t size, void *obj)
{
	objpool_push(obj, handle);
}
#endif

#ifdef HAVE_PAGE_POOL
/* Runs as a driver's poll function does: with softirqs off. */
int bench_setup_page_pool(struct bench *b);
void bench_cleanup_page_pool(struct bench *b);

static __always_inline void *get_page_pool(void *handle, size_t size)
{
	struct page *page = page_pool_dev_alloc_pages(handle);

	return page ? page_address(page) : NULL;
}

static __always_inline void put_page_pool(void *handle, size_t size, void *obj)
{
	page_pool_recycle_direct(handle, virt_to_page(obj));
}
#endif

#endif /* _KPOOL_BENCH_PEERS_H */
