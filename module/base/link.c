// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lists of objects that are not in use: deferred puts, the teardown list, the reserve list, puts
 * that wait for a grace period. Adding to a list takes no lock and no memory, because each object
 * has a word for its link. compat/mm_types.h has the words of struct page.
 *
 * A consumer that uses an object after its put, or writes beyond its end, may overwrite the link.
 * So a link is encoded with a random number of the pool and the address of the link, as SLUB does
 * with CONFIG_SLAB_FREELIST_HARDENED. An overwritten link decodes to an address at random. Hardly
 * any such address can be an object. kpool then says so, and gives up the rest of the list. An
 * object leaves a list without an address of kpool in it.
 */
#include <linux/align.h>
#include <linux/atomic.h>
#include <linux/kmemleak.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/preempt.h>
#include <linux/printk.h>
#include <linux/swab.h>

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

/*
 * Encodes the address of an object, or NULL, for this link; and decodes it. swab(), because the low
 * bytes of addresses differ most.
 */
static unsigned long code(unsigned long key, void **link, unsigned long value)
{
	return value ^ key ^ swab((unsigned long)link);
}

static bool may_be_object(const struct kp_pool *pool, const void *obj)
{
	if (!IS_ALIGNED((unsigned long)obj, max(pool->align, sizeof(void *))))
		return false;
	return is_vmalloc_addr(obj) ? pool->backing != KPOOL_BACKING_SLAB : virt_addr_valid(obj);
}

/* The link of an object leads to this object, or is the last. */
static void set_next(struct kp_pool *pool, void *obj, void *next)
{
	void **link = link_of(pool, obj);

	/* Nobody but kpool writes to a struct page. */
	if (kp_in_pages(pool, obj))
		*link = next;
	else
		*link = (void *)code(pool->link_key, link, (unsigned long)next);
}

static void *next_of(struct kp_pool *pool, void *obj)
{
	void **link = link_of(pool, obj), *next = *link;

	if (kp_in_pages(pool, obj))
		return next;
	next = (void *)code(pool->link_key, link, (unsigned long)next);
	if (likely(!next || may_be_object(pool, next)))
		return next;
	/* Without secrets: %p is a hash of the address. */
	pr_err_ratelimited("pool %s: object %p was written to after its put, or beyond its end; the objects behind it in a list are lost\n",
			   pool->name, obj);
	return NULL;
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
	void *first = READ_ONCE(list->first);

	/* kmemleak sees no encoded address, and none in a struct page. It would report a leak. */
	if (!in_nmi())
		kmemleak_not_leak(obj);
	do {
		set_next(pool, obj, first);
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
 * Return: how many objects it took. Fewer than @most: the list is empty now, or its rest is lost.
 */
unsigned int kp_list_take(struct kp_pool *pool, struct kp_list *list, void **objs,
			  unsigned int most)
{
	void *obj = smp_load_acquire(&list->first);	/* pairs with kp_list_add() */
	unsigned int n = 0;

	while (obj && n < most) {
		/* Adding changes first, but not the link of an object that is in the list. */
		void *next = next_of(pool, obj);

		if (!try_cmpxchg(&list->first, &obj, next))
			continue;
		*link_of(pool, obj) = NULL;
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

/*
 * Lists of memory that is to be freed, and belongs to no pool: buffers of oversize. The first word
 * of each piece is its link. The consumer may write to it after its put, so it is encoded as well.
 */

/**
 * kp_memory_list_add() - add memory to a list
 * @list: the list
 * @key: a random number, which encodes the links of this list
 * @mem: the memory, which begins at a word
 *
 * Context: any, NMI too. Any number of callers at once.
 */
void kp_memory_list_add(struct kp_list *list, unsigned long key, void *mem)
{
	void *first = READ_ONCE(list->first), **link = mem;

	if (!in_nmi())
		kmemleak_not_leak(mem);		/* as in kp_list_add() */
	do {
		*link = (void *)code(key, link, (unsigned long)first);
	} while (!try_cmpxchg(&list->first, &first, mem));
}

/* Takes all memory out of a list. Context: any, NMI too. Return: the first piece, or NULL. */
void *kp_memory_list_take_all(struct kp_list *list)
{
	return xchg(&list->first, NULL);
}

/**
 * kp_memory_list_next() - find the memory behind a piece of a list that was taken out
 * @key: as for kp_memory_list_add()
 * @mem: the piece; its link is cleared
 * @next: set to the next piece, or NULL
 *
 * Context: any.
 * Return: false if the link was overwritten. Then the pieces behind it are lost, and @next is NULL.
 */
bool kp_memory_list_next(unsigned long key, void *mem, void **next)
{
	void **link = mem, *there = (void *)code(key, link, (unsigned long)*link);
	bool good = !there || (IS_ALIGNED((unsigned long)there, sizeof(void *)) &&
			       (is_vmalloc_addr(there) || virt_addr_valid(there)));

	*link = NULL;
	*next = good ? there : NULL;
	return good;
}
