/* SPDX-License-Identifier: GPL-2.0-only */
/* Where an object that is not in use has its link, and where it has its birth. */
#ifndef _KPOOL_BASE_LINK_H
#define _KPOOL_BASE_LINK_H

#include <linux/llist.h>
#include <linux/mm.h>

#include "compat/mm_types.h"
#include "pool.h"

/* Is this object made of pages? Then its struct page has words for kpool. */
static inline bool kp_in_pages(const struct kp_pool *pool, const void *obj)
{
	return pool->backing == KPOOL_BACKING_PAGES ||
	       (pool->backing == KPOOL_BACKING_KVMALLOC && !is_vmalloc_addr(obj));
}

/* The word that has the birth of an object, next to its link. */
static inline unsigned long *kp_birth(const struct kp_pool *pool, void *obj)
{
	if (unlikely(kp_in_pages(pool, obj)))
		return page_owner_word(virt_to_page(obj));
	return obj + pool->birth_offset;
}

struct llist_node *kp_link(const struct kp_pool *pool, void *obj);
void *kp_linked(const struct kp_pool *pool, struct llist_node *node);

#endif /* _KPOOL_BASE_LINK_H */
