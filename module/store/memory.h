/* SPDX-License-Identifier: GPL-2.0-only */
/* The memory of objects: where it comes from and goes back to. */
#ifndef _KPOOL_STORE_MEMORY_H
#define _KPOOL_STORE_MEMORY_H

#include <linux/bits.h>
#include <linux/kpool.h>
#include <linux/slab.h>

struct kp_pool;

/* The properties that two pools must have in common to share a slab cache. */
struct kp_geometry {
	unsigned int size;		/* trailer included */
	unsigned int align;
	slab_flags_t flags;
	unsigned int useroffset;
	unsigned int usersize;
};

/* One call asks for memory of at most this many objects. */
#define KPOOL_MEMORY_BATCH	16

/*
 * KPOOL_MEMORY_ALLOC_SLEEPS	alloc may sleep, whatever the gfp of the request: only a get that
 *				may block builds
 * KPOOL_MEMORY_FREE_SLEEPS	free may sleep: only a worker tears down
 * KPOOL_MEMORY_PAGES		memory of an object begins with a page of its own, whose words in
 *				struct page are kpool's
 */
enum kpool_memory_flags {
	KPOOL_MEMORY_ALLOC_SLEEPS	= BIT(0),
	KPOOL_MEMORY_FREE_SLEEPS	= BIT(1),
	KPOOL_MEMORY_PAGES		= BIT(2),
};

/* What each object of a batch needs. */
struct kpool_memory_request {
	size_t size, align;
	gfp_t gfp;
	int node;			/* or NUMA_NO_NODE */
};

/* Where memory comes from. alloc returns for how many objects, from the first, there is memory. */
struct kpool_memory_ops {
	unsigned int flags;
	unsigned int (*alloc)(void *ctx, const struct kpool_memory_request *request, void **mem,
			      unsigned int n);
	void (*free)(void *ctx, void **mem, unsigned int n);
};

int kp_memory_init(struct kp_pool *pool, const struct kpool_params *p);
void kp_memory_exit(struct kp_pool *pool);
unsigned int kp_memory_alloc(struct kp_pool *pool, gfp_t gfp, void **objs, unsigned int n);
void kp_memory_free(struct kp_pool *pool, void **objs, unsigned int n);

#endif /* _KPOOL_STORE_MEMORY_H */
