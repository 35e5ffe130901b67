/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Magazines: arrays of objects. path/cache.h has the magazines of CPUs, store/depot.h the lists of
 * magazines of a node.
 */
#ifndef _KPOOL_STORE_MAGAZINE_H
#define _KPOOL_STORE_MAGAZINE_H

#include <linux/list.h>
#include <linux/llist.h>
#include <linux/minmax.h>
#include <linux/rcupdate.h>

#include "base/age.h"
#include "pool.h"

/*
 * An array of objects, which caches and depots exchange as a whole. The coldest object comes first.
 *
 * A magazine has no lock. Code that takes a magazine out of a cache or depot owns that magazine.
 * Magazines are freed by RCU, because other CPUs look at loaded magazines and at spares: see
 * kp_cpu_loaded() and has_old(). The owner may change count during such a look, so each write of
 * count is a WRITE_ONCE().
 */
struct kpool_magazine {
	union {
		struct list_head list;	/* in a depot */
		struct llist_node found;	/* in a sweep */
		struct rcu_head rcu;	/* being freed */
	};
	unsigned int count;		/* stale while the magazine is loaded */
	u16 slots;			/* that the magazine was made with */
	u16 room;			/* slots that are used while it is loaded: see load() */
	void *below;			/* NULL, see struct kpool_cpu */
	void *objs[];			/* slots, and one more for NULL: see load() */
};

/* How many objects a full magazine has. */
static inline unsigned int kp_full(const struct kp_pool *pool)
{
	return READ_ONCE(pool->magazine) ?: pool->magazine_room;
}

/*
 * How many objects this magazine has room for. Magazines of a pool may have different numbers of
 * slots: see policy/adapt.c.
 */
static inline unsigned int kp_room(const struct kp_pool *pool, const struct kpool_magazine *mag)
{
	return min_t(unsigned int, READ_ONCE(pool->magazine), mag->slots);
}

/* Has the magazine the number of slots that new magazines have? */
static inline bool kp_is_of_now(const struct kp_pool *pool, const struct kpool_magazine *mag)
{
	return mag->slots == READ_ONCE(pool->magazine_slots);
}

/*
 * May kpool change the size of the pool's magazines? Not if somebody chose a size. Not if magazines
 * have stamps, whose place in a magazine is fixed for a pool. Not in sets whose idle bytes are
 * limited: the limit allows for what magazines hold.
 */
static inline bool kp_may_adapt(const struct kp_pool *pool)
{
	return !READ_ONCE(pool->magazine_asked) && READ_ONCE(pool->magazine) && !pool->stamped &&
	       !pool->class_link->budget;
}

/* The stamps of the magazine whose first slot is slots. A stamp is the tick of an object's put. */
static inline u32 *kp_stamps(const struct kp_pool *pool, void **slots)
{
	return (void *)slots + pool->stamps;
}

/* A look of ageing at the idle objects of a pool: what it asks, and what it found. */
struct kp_look {
	bool births;		/* compare each object's age with the pool's lifetime */
	/* An object that has no more than so many ticks until it expires is fading. */
	unsigned long idle_lead, life_lead;
	u32 oldest;		/* oldest stamp of an object that is not fading */
	unsigned long oldest_birth;	/* oldest birth of such an object */
	unsigned long fading;	/* fading objects in magazines that were seen whole */
	unsigned int here;	/* fading objects in the current magazine so far */
	unsigned long left;	/* objects of the current depot that are still to be looked at */
};

/* The value of a free slot that has no former object. No get returns it. */
#define NOT_NULL	ERR_PTR(-EFAULT)

/* The magazine that is loaded in each closed cache. It has no slots, and no code writes to it. */
extern const struct kpool_magazine kp_closed;

/* Is a cache open? If another CPU asks, the answer may be old. */
static inline bool kp_is_open(const struct kpool_cpu *c)
{
	return READ_ONCE(c->loaded) != &kp_closed;
}

/*
 * How many objects are in the loaded magazine of a cache. Context: the caller works in the cache,
 * or no code does. kp_cpu_loaded() is for other CPUs.
 */
static inline unsigned int kp_level(const struct kpool_cpu *c)
{
	return c->top - c->loaded->objs;
}

/* Is the warmest of count objects stale? Then all objects of the magazine are stale. */
static inline bool kp_all_stale(const struct kp_pool *pool, void **slots, unsigned int count)
{
	return pool->stamped && count && kp_is_stale(pool, kp_stamps(pool, slots)[count - 1]);
}

int kp_magazines_init(void);
void kp_magazines_exit(void);
unsigned int kp_magazine_fit(unsigned int n, unsigned int least, bool stamped);
struct kpool_magazine *kp_magazine_alloc(struct kp_pool *pool, gfp_t gfp);
void kp_magazine_free(struct kp_pool *pool, struct kpool_magazine *mag);
void kp_stamp(const struct kp_pool *pool, void **slots, unsigned int from, unsigned int n);
bool kp_look_at(struct kp_pool *pool, struct kpool_magazine *mag, struct kp_look *look,
		unsigned int *from, unsigned int most);
void kp_magazine_split(struct kp_pool *pool, struct kpool_magazine *mag,
		       struct kpool_magazine *rest, unsigned int n);

#endif /* _KPOOL_STORE_MAGAZINE_H */
