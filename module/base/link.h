/* SPDX-License-Identifier: GPL-2.0-only */
/* Lists of objects that are not in use. Where such an object has its link, and its birth. */
#ifndef _KPOOL_BASE_LINK_H
#define _KPOOL_BASE_LINK_H

#include <linux/mm.h>

#include "compat/mm_types.h"
#include "pool.h"

/* Is this object made of pages? Then its struct page has words for kpool. */
static inline bool kp_in_pages(const struct kp_pool *pool, const void *obj)
{
	return pool->memory->flags & KPOOL_MEMORY_PAGES ||
	       (pool->backing == KPOOL_BACKING_KVMALLOC && !is_vmalloc_addr(obj));
}

/* Does the object have its link word outside of the consumer's part? */
static inline bool kp_has_own_word(const struct kp_pool *pool, const void *obj)
{
	return pool->trailer || kp_in_pages(pool, obj);
}

/* The word that has the birth of an object, next to its link. */
static inline unsigned long *kp_birth(const struct kp_pool *pool, void *obj)
{
	if (unlikely(kp_in_pages(pool, obj)))
		return page_owner_word(virt_to_page(obj));
	return obj + pool->birth_offset;
}

static inline bool kp_list_empty(const struct kp_list *list)
{
	return !READ_ONCE(list->first);
}

void kp_memory_list_add(struct kp_list *list, unsigned long key, void *mem);
void *kp_memory_list_take_all(struct kp_list *list);
bool kp_memory_list_next(unsigned long key, void *mem, void **next);
void kp_link_init(struct kp_pool *pool, void *obj);
bool kp_link_end(struct kp_pool *pool, void *obj);
bool kp_list_add(struct kp_pool *pool, struct kp_list *list, void *obj);
void kp_list_add_dead(struct kp_pool *pool, struct kp_list *list, void *obj);
unsigned int kp_list_take(struct kp_pool *pool, struct kp_list *list, void **objs,
			  unsigned int most);
unsigned int kp_list_take_dead(struct kp_pool *pool, struct kp_list *list, void **objs,
			       unsigned int most);
struct kp_list kp_list_take_all(struct kp_list *list);

#endif /* _KPOOL_BASE_LINK_H */
