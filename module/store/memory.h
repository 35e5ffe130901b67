/* SPDX-License-Identifier: GPL-2.0-only */
/* The memory of objects: where it comes from and goes back to. */
#ifndef _KPOOL_STORE_MEMORY_H
#define _KPOOL_STORE_MEMORY_H

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

int kp_memory_init(struct kp_pool *pool, const struct kpool_params *p);
void kp_memory_exit(struct kp_pool *pool);
unsigned int kp_memory_alloc(struct kp_pool *pool, gfp_t gfp, void **objs, unsigned int n);
void *kp_memory_alloc_nolock(struct kp_pool *pool);
void kp_memory_free(struct kp_pool *pool, void **objs, unsigned int n);

#endif /* _KPOOL_STORE_MEMORY_H */
