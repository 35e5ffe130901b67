// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lists of objects that are not in use: deferred puts, the teardown list, the reserve list, puts
 * that wait for a grace period. Adding to a list takes no lock and no memory, because each object
 * has a word for its link. compat/mm_types.h has the words of struct page.
 */
#include <linux/atomic.h>
#include <linux/mm.h>

#include "base/link.h"
#include "compat/mm_types.h"
#include "pool.h"

/*
 * The word through which an object is linked. It lies outside of the consumer's part of the object.
 * It is inside only if the object is small, has no callbacks and no wiping, and nobody relies on
 * its contents.
 */
static void **link_of(const struct kp_pool *pool, void *obj)
{
	if (kp_in_pages(pool, obj))
		return page_owner_link(virt_to_page(obj));
	return obj + pool->trailer;
}

/**
 * kp_list_add() - add an object to a list
 * @pool: the pool of the object
 * @list: the list
 * @obj: the object
 *
 * A full barrier follows.
 *
 * Context: any, NMI too. Any number of callers at once.
 */
void kp_list_add(struct kp_pool *pool, struct kp_list *list, void *obj)
{
	void **link = link_of(pool, obj), *first = READ_ONCE(list->first);

	do {
		*link = first;
	} while (!try_cmpxchg(&list->first, &first, obj));
}

/**
 * kp_list_take() - take objects out of a list
 * @pool: the pool of the objects; not used if the list is empty
 * @list: the list
 * @objs: array for the objects; the object that was added last comes first
 * @most: how many objects to take at most
 *
 * Context: any, NMI too. One caller at a time, while others may add.
 * Return: how many objects it took.
 */
unsigned int kp_list_take(struct kp_pool *pool, struct kp_list *list, void **objs,
			  unsigned int most)
{
	void *obj = smp_load_acquire(&list->first);	/* pairs with kp_list_add() */
	unsigned int n = 0;

	while (obj && n < most) {
		/* Adding changes first, but not the link of an object that is in the list. */
		void *next = *link_of(pool, obj);

		if (!try_cmpxchg(&list->first, &obj, next))
			continue;
		objs[n++] = obj;
		obj = next;
	}
	return n;
}

/* Takes all objects out of a list. Context: any, NMI too. Return: a list of the caller's own. */
struct kp_list kp_list_take_all(struct kp_list *list)
{
	return (struct kp_list){ .first = xchg(&list->first, NULL) };
}
