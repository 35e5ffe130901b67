// SPDX-License-Identifier: GPL-2.0-only
/* How objects that are not in use are linked. */
#include <linux/mm.h>

#include "base/link.h"
#include "compat/mm_types.h"
#include "pool.h"

/**
 * kp_link() - the word by which an object that is not in use can be linked
 * @pool: its pool
 * @obj: the object
 *
 * Return: a word outside of what the consumer owns; only a small object without
 * callbacks and wiping, whose contents nobody relies on, has it inside.
 */
struct llist_node *kp_link(const struct kp_pool *pool, void *obj)
{
	if (kp_in_pages(pool, obj))
		return page_owner_link(virt_to_page(obj));
	return obj + pool->trailer;
}

/* kp_link(), backwards. */
void *kp_linked(const struct kp_pool *pool, struct llist_node *node)
{
	/*
	 * The link of what is vmalloc() memory lies in it. No struct page does: where there can
	 * be that much memory, they have a map of their own.
	 */
	if (kp_in_pages(pool, node))
		return page_address(page_of_owner_link(node));
	return (void *)node - pool->trailer;
}
