// SPDX-License-Identifier: GPL-2.0-only
/*
 * Magazines: arrays of objects, with stamps in pools that have idle_ms. This file allocates, splits
 * and stamps magazines. store/depot.c has the lists of magazines, path/cache.c the CPUs' magazines.
 */
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "base/age.h"
#include "base/clock.h"
#include "base/export.h"
#include "base/fault.h"
#include "base/link.h"
#include "pool.h"
#include "store/magazine.h"

const struct kpool_magazine kp_closed = { .objs = { NULL } };

/* Bytes of a magazine with room for so many objects, and of the memory that it is made of. */
static size_t bytes_of(unsigned int room, bool stamped)
{
	struct kpool_magazine *mag;
	size_t size = struct_size(mag, objs, room + 1);

	return stamped ? size_add(size, array_size(room, sizeof(u32))) : size;
}

/*
 * Most pools have magazines for about 64 or 32 objects. kmalloc() would waste much of their memory,
 * so they have slab caches. On 64 bits such a magazine fills five or ten cache lines.
 */
static const struct {
	const char *name;
	unsigned int slots;
} own_caches[] = { { "kpool_magazine_35", 35 }, { "kpool_magazine_75", 75 } };
static struct kmem_cache *caches[ARRAY_SIZE(own_caches)];

/* The slab cache for magazines of this kind, or NULL. */
static struct kmem_cache *cache_for(unsigned int slots, bool stamped)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(caches) && !stamped; i++)
		if (own_caches[i].slots == slots)
			return caches[i];
	return NULL;
}

static size_t memory_of(unsigned int slots, bool stamped)
{
	size_t bytes = bytes_of(slots, stamped);

	return cache_for(slots, stamped) ? bytes : kmalloc_size_roundup(bytes);
}

int __init kp_magazines_init(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(caches); i++) {
		caches[i] = kmem_cache_create(own_caches[i].name,
					      bytes_of(own_caches[i].slots, false), 0, 0, NULL);
		if (!caches[i]) {
			kp_magazines_exit();
			return -ENOMEM;
		}
	}
	return 0;
}

/* Context: process context, sleeps. No pool exists. */
void kp_magazines_exit(void)
{
	unsigned int i;

	rcu_barrier();		/* for free_magazine() */
	for (i = 0; i < ARRAY_SIZE(caches); i++)
		kmem_cache_destroy(caches[i]);
}

/**
 * kp_magazine_fit() - the size of a magazine that wastes little memory
 * @n: how many objects the magazine should have room for, about
 * @least: how many it has to have room for
 * @stamped: the magazine has a stamp of each object
 *
 * kmalloc() gives memory in few sizes. A magazine for 128 objects takes 1064 bytes, and would get
 * 2048; one for 122 takes almost all of 1024.
 *
 * Return: a number that differs from @n by at most a quarter, and leaves at most 1/16 of the memory
 * unused; or @n if there is none.
 */
unsigned int kp_magazine_fit(unsigned int n, unsigned int least, bool stamped)
{
	unsigned int room;
	size_t memory;

	for (room = n + n / 4; room >= max(n - n / 4, least); room--) {
		memory = memory_of(room, stamped);
		if (memory - bytes_of(room, stamped) <= memory / 16)
			return room;
	}
	return n;
}
EXPORT_SYMBOL_FOR_TESTS(kp_magazine_fit);

struct kpool_magazine *kp_magazine_alloc(struct kp_pool *pool, gfp_t gfp)
{
	unsigned int slots = READ_ONCE(pool->magazine_slots);
	struct kmem_cache *cache = cache_for(slots, pool->stamped);
	size_t memory = memory_of(slots, pool->stamped);
	struct kpool_magazine *mag;

	if (kp_fail(pool, KP_FAIL_MAGAZINE))
		return NULL;
	mag = cache ? kmem_cache_alloc_node(cache, gfp, pool->node) :
		      kmalloc_node(memory, gfp, pool->node);
	if (!mag)
		return NULL;
	atomic_long_add(memory, &pool->magazine_bytes);
	mag->count = 0;
	mag->slots = slots;
	mag->room = 0;
	mag->below = NULL;
	/* No free slot may be NULL: see struct kpool_cpu. */
	memset_p(mag->objs, NOT_NULL, slots + 1);
	return mag;
}
EXPORT_SYMBOL_FOR_TESTS(kp_magazine_alloc);

static void free_magazine(struct rcu_head *rcu)
{
	kfree(container_of(rcu, struct kpool_magazine, rcu));	/* also of a slab cache */
}

/*
 * Frees an empty magazine after a grace period. Not by kfree_rcu(): no kernel before 6.12 can wait
 * for its end, and the slab caches end with the module. Context: any but NMI.
 */
void kp_magazine_free(struct kp_pool *pool, struct kpool_magazine *mag)
{
	atomic_long_sub(memory_of(mag->slots, pool->stamped), &pool->magazine_bytes);
	call_rcu(&mag->rcu, free_magazine);
}
EXPORT_SYMBOL_FOR_TESTS(kp_magazine_free);

/*
 * Moves the coldest n objects of a magazine to rest, which is an empty magazine with so many slots.
 * mag has more than n objects. The caller owns both magazines.
 */
void kp_magazine_split(struct kp_pool *pool, struct kpool_magazine *mag,
		       struct kpool_magazine *rest, unsigned int n)
{
	u32 *from = kp_stamps(pool, mag->objs), *to = kp_stamps(pool, rest->objs);

	memcpy(rest->objs, mag->objs, n * sizeof(*rest->objs));
	WRITE_ONCE(rest->count, n);
	WRITE_ONCE(mag->count, mag->count - n);
	memmove(mag->objs, mag->objs + n, mag->count * sizeof(*mag->objs));
	if (!pool->stamped)
		return;
	memcpy(to, from, n * sizeof(*to));
	memmove(from, from + n, mag->count * sizeof(*from));
}
EXPORT_SYMBOL_FOR_TESTS(kp_magazine_split);

/**
 * kp_stamp() - set the stamps of objects that were put into a magazine just now
 * @pool: the pool; without stamps this does nothing
 * @slots: first slot of the magazine
 * @from: index of the first of these objects
 * @n: how many
 *
 * Context: any.
 */
void kp_stamp(const struct kp_pool *pool, void **slots, unsigned int from, unsigned int n)
{
	u32 *stamps = kp_stamps(pool, slots), now;

	if (!pool->stamped)
		return;
	now = kp_now();
	while (n--)
		stamps[from++] = now;
}

/* The earlier of two ticks. */
static u32 earlier(u32 a, u32 b)
{
	return (s32)(a - b) < 0 ? a : b;
}

/**
 * kp_look_at() - look for an expired object in a magazine
 * @pool: the pool
 * @mag: a magazine
 * @look: what to look for; gets what was found about the objects that stay
 * @from: index of the first object to look at; moves behind the last object that was looked at
 * @most: how many objects to look at
 *
 * The objects of a magazine were put one after the other. So if the look asks only for stamps, the
 * first object that is not fading stands for those behind it.
 *
 * Context: any. Does not change the magazine.
 * Return: whether an object is expired. The look ends there.
 */
bool kp_look_at(struct kp_pool *pool, struct kpool_magazine *mag, struct kp_look *look,
		unsigned int *from, unsigned int most)
{
	const u32 *stamps = kp_stamps(pool, mag->objs);
	unsigned long now = kp_now(), birth;
	bool fading;

	if (!*from)
		look->here = 0;
	for (; *from < mag->count && most; ++*from, most--) {
		fading = false;
		if (pool->stamped) {
			if (kp_too_idle(pool, stamps[*from], now))
				return true;
			fading = kp_too_idle(pool, stamps[*from], now + look->idle_lead);
			if (!fading)
				look->oldest = earlier(look->oldest, stamps[*from]);
		}
		if (look->births) {
			birth = *kp_birth(pool, mag->objs[*from]);
			if (past_lifetime(pool, birth, now))
				return true;
			if (past_lifetime(pool, birth, now + look->life_lead))
				fading = true;
			else if (time_before(birth, look->oldest_birth))
				look->oldest_birth = birth;
		} else if (!fading) {
			*from = mag->count;
			break;
		}
		look->here += fading;
	}
	if (*from >= mag->count) {
		look->fading += look->here;
		look->here = 0;
	}
	return false;
}
