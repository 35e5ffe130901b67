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
 *
 * In an object that is in no list, the word has a mark: ALIVE from the build to the decision to
 * tear the object down, DEAD from then on. Each pool has marks of its own. They tell whether the
 * pool may link the object, or tear it down. A word inside of the consumer's part cannot keep
 * ALIVE. There only DEAD and a link tell something.
 */
#include <linux/align.h>
#include <linux/atomic.h>
#include <linux/kasan-checks.h>
#include <linux/kasan.h>
#include <linux/kmemleak.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/preempt.h>
#include <linux/printk.h>
#include <linux/swab.h>

#include "base/link.h"
#include "base/refusal.h"
#include "compat/mm_types.h"
#include "pool.h"

/* Marks. No object has such an address. */
#define ALIVE	1UL
#define DEAD	2UL

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

/* Is this a whole object in one slab? Reads no memory but that of struct page. */
static bool is_in_slab(const struct kp_pool *pool, const void *obj)
{
	struct page *head = virt_to_head_page(obj);
	const void *end = kasan_reset_tag(page_address(head)) + page_size(head);

	return PageSlab(head) && end - kasan_reset_tag(obj) >= (long)pool->geometry.size;
}

/* Can an object of the pool lie at this address? Then its link word can be read. Context: any. */
static bool may_be_object(const struct kp_pool *pool, const void *obj)
{
	bool vmalloc = is_vmalloc_addr(obj);

	if (!IS_ALIGNED((unsigned long)obj, max(pool->align, sizeof(void *))))
		return false;
	if (pool->backing == KPOOL_BACKING_SLAB)
		return !vmalloc && virt_addr_valid(obj) && is_in_slab(pool, obj);
	if (pool->backing == KPOOL_BACKING_PROVIDER && !(pool->memory->flags & KPOOL_MEMORY_PAGES))
		return vmalloc ? !!vmalloc_to_page(obj + pool->trailer) : virt_addr_valid(obj);
	if (offset_in_page(obj))
		return false;
	if (vmalloc)
		return !(pool->memory->flags & KPOOL_MEMORY_PAGES) &&
		       vmalloc_to_page(obj + pool->trailer);
	return pool->backing != KPOOL_BACKING_VMALLOC && virt_addr_valid(obj);
}

/*
 * A mark, as the link word of this object has it. In struct page it is the address of the pool, or
 * NULL: bit 0 of the word must be clear there, and the page allocator looks at the word of a page
 * that is freed.
 */
static void *mark(const struct kp_pool *pool, const void *obj, void **link, unsigned long value)
{
	if (kp_in_pages(pool, obj))
		return value == ALIVE ? (void *)pool : NULL;
	return (void *)code(pool->link_key, link, value);
}

static void set_alive(struct kp_pool *pool, void *obj)
{
	void **link = link_of(pool, obj);

	WRITE_ONCE(*link, kp_has_own_word(pool, obj) ? mark(pool, obj, link, ALIVE) : NULL);
}

static void set_dead(struct kp_pool *pool, void *obj)
{
	void **link = link_of(pool, obj);

	WRITE_ONCE(*link, mark(pool, obj, link, DEAD));
}

/* The object was just built, and is in no list. Context: any. */
void kp_link_init(struct kp_pool *pool, void *obj)
{
	set_alive(pool, obj);
}

/*
 * Is this a link, in a word that belongs to the consumer unless the object is in a list? Hardly any
 * other value decodes to the address of an object, except in the few addresses of 32 bits.
 */
static bool is_link(const struct kp_pool *pool, void **link, void *value)
{
	value = (void *)code(pool->link_key, link, (unsigned long)value);
	return !value || (IS_ENABLED(CONFIG_64BIT) && may_be_object(pool, value));
}

/*
 * Ends the time in which the object is in no list: for a list, or for good. Any number of callers
 * at once may try, and one of them succeeds. Returns NULL, or why not.
 *
 * The word may belong to the consumer, and the consumer may have written nothing there. So KMSAN
 * does not check this function.
 */
static __no_kmsan_checks const char *try_leave(struct kp_pool *pool, void *obj, bool for_good)
{
	void **link, *dead, *was, *expected;

	if (!may_be_object(pool, obj))
		return "no object of this pool can lie there";
	link = link_of(pool, obj);
	/* Freed memory belongs to KASAN, which has told more. */
	if (!kp_in_pages(pool, obj) && !kasan_check_write(link, sizeof(*link)))
		return "its memory is free";
	dead = mark(pool, obj, link, DEAD);
	if (kp_has_own_word(pool, obj)) {
		expected = mark(pool, obj, link, ALIVE);
	} else {
		expected = READ_ONCE(*link);
		if (unlikely(expected == dead))
			return "it was put before, and torn down";
		if (unlikely(is_link(pool, link, expected)))
			return "it was put before";
	}
	was = cmpxchg(link, expected, for_good ? dead : NULL);
	if (likely(was == expected))
		return NULL;
	if (was == dead && dead)
		return "it was put before, and torn down";
	return "it is of another pool, was put before, or was written to beyond its end";
}

static bool leave(struct kp_pool *pool, void *obj, bool for_good)
{
	const char *why = try_leave(pool, obj, for_good);

	if (likely(!why))
		return true;
	kp_refuse_object(pool, obj, why);
	return false;
}

/**
 * kp_link_end() - begin the end of an object
 * @pool: the pool
 * @obj: what somebody put
 *
 * If this is an object of the pool, no other caller succeeds with it. Otherwise the log says so. A
 * word in the consumer's part cannot tell an object of another pool.
 *
 * Context: any, NMI too. Any number of callers at once.
 * Return: whether the object may be torn down.
 */
bool kp_link_end(struct kp_pool *pool, void *obj)
{
	return leave(pool, obj, true);
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

static void add(struct kp_pool *pool, struct kp_list *list, void *obj)
{
	void *first = READ_ONCE(list->first);

	/*
	 * kmemleak sees no encoded address, and none in a struct page. It would report a leak. It
	 * may not know the memory of a provider, and then it would complain of this call.
	 */
	if (!in_nmi() && pool->backing != KPOOL_BACKING_PROVIDER)
		kmemleak_not_leak(obj);
	do {
		set_next(pool, obj, first);
	} while (!try_cmpxchg(&list->first, &first, obj));
}

/**
 * kp_list_add() - add an object to a list
 * @pool: the pool of the object
 * @list: the list
 * @obj: the object
 *
 * If this is no object of the pool, or if it is in a list, the log says so. A full barrier follows.
 *
 * Context: any, NMI too. Any number of callers at once.
 * Return: whether the object was added.
 */
bool kp_list_add(struct kp_pool *pool, struct kp_list *list, void *obj)
{
	if (unlikely(!leave(pool, obj, false)))
		return false;
	add(pool, list, obj);
	return true;
}

/* kp_list_add() for an object after kp_link_end(), or for memory. Context: as kp_list_add(). */
void kp_list_add_dead(struct kp_pool *pool, struct kp_list *list, void *obj)
{
	add(pool, list, obj);
}

static unsigned int take(struct kp_pool *pool, struct kp_list *list, void **objs,
			 unsigned int most, void (*set_mark)(struct kp_pool *pool, void *obj))
{
	void *obj = smp_load_acquire(&list->first);	/* pairs with add() */
	unsigned int n = 0;

	while (obj && n < most) {
		/* Adding changes first, but not the link of an object that is in the list. */
		void *next = next_of(pool, obj);

		if (!try_cmpxchg(&list->first, &obj, next))
			continue;
		set_mark(pool, obj);
		objs[n++] = obj;
		obj = next;
	}
	return n;
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
	return take(pool, list, objs, most, set_alive);
}

/* kp_list_take() for a list of kp_list_add_dead(). */
unsigned int kp_list_take_dead(struct kp_pool *pool, struct kp_list *list, void **objs,
			       unsigned int most)
{
	return take(pool, list, objs, most, set_dead);
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
