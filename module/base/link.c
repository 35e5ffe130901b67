// SPDX-License-Identifier: GPL-2.0-only
/*
 * The link of an object that is not in use. All lists of single objects use it: deferred puts, the
 * teardown list, the reserve list. compat/mm_types.h has the words of struct page.
 */
#include <linux/mm.h>

#include "base/link.h"
#include "compat/mm_types.h"
#include "pool.h"

/**
 * kp_link() - the word through which an object that is not in use is linked
 * @pool: the pool of the object
 * @obj: the object
 *
 * Return: a word outside of the consumer's part of the object. It is inside only if the object is
 * small, has no callbacks and no wiping, and nobody relies on its contents.
 */
struct llist_node *kp_link(const struct kp_pool *pool, void *obj)
{
	if (kp_in_pages(pool, obj))
		return page_owner_link(virt_to_page(obj));
	return obj + pool->trailer;
}

/* The object of a link: the inverse of kp_link(). */
void *kp_linked(const struct kp_pool *pool, struct llist_node *node)
{
	/*
	 * The link of a vmalloc() object lies in vmalloc memory. No struct page does: machines with
	 * that much memory map struct pages elsewhere.
	 */
	if (kp_in_pages(pool, node))
		return page_address(page_of_owner_link(node));
	return (void *)node - pool->trailer;
}
