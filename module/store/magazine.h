/* SPDX-License-Identifier: GPL-2.0-only */
/* Magazines: arrays of objects, which caches and depots exchange as a whole. */
#ifndef _KPOOL_STORE_MAGAZINE_H
#define _KPOOL_STORE_MAGAZINE_H

#include <linux/list.h>
#include <linux/llist.h>
#include <linux/rcupdate.h>

#include "base/age.h"
#include "pool.h"

/*
 * An array of objects, which caches and depots exchange as a whole. A magazine has no lock: the
 * code that took it out owns it. Magazines are freed by RCU, because kp_cpu_idle() looks at the
 * spares of other CPUs. A spare may be taken out during such a look, so each write of count is a
 * WRITE_ONCE().
 */
struct kpool_magazine {
	union {
		struct list_head list;	/* in a depot */
		struct llist_node found;	/* in a sweep */
		struct rcu_head rcu;	/* being freed */
	};
	unsigned int count;		/* stale while the magazine is loaded */
	unsigned int room;		/* objects that it takes while it is loaded */
	void *below;			/* NULL, see struct kpool_cpu */
	void *objs[];			/* magazine_room of them, and one: see load() */
};

/* How many objects a full magazine has. */
static inline unsigned int kp_full(const struct kp_pool *pool)
{
	return READ_ONCE(pool->magazine) ?: pool->magazine_room;
}

/* The stamps of a magazine, found from its first slot: when each object was put. */
static inline u32 *kp_stamps(const struct kp_pool *pool, void **slots)
{
	return (void *)slots + pool->stamps;
}

/* In slots that no object was in. It is never handed out. */
#define NOT_NULL	ERR_PTR(-EFAULT)

/* Loaded in each closed cache. Nobody writes to it. */
extern const struct kpool_magazine kp_closed;

/* Is a cache open? From another CPU: was it, a moment ago? */
static inline bool kp_is_open(const struct kpool_cpu *c)
{
	return READ_ONCE(c->loaded) != &kp_closed;
}

/* Objects in the loaded magazine of a cache that the caller works in, or that nobody does. */
static inline unsigned int kp_level(const struct kpool_cpu *c)
{
	return c->top - c->loaded->objs;
}

/* Is the warmest object stale? Then all objects of the magazine are. */
static inline bool kp_all_stale(const struct kp_pool *pool, void **slots, unsigned int count)
{
	return pool->stamped && count && kp_is_stale(pool, kp_stamps(pool, slots)[count - 1]);
}

struct kpool_magazine *kp_magazine_alloc(const struct kp_pool *pool, gfp_t gfp);
void kp_stamp(const struct kp_pool *pool, void **slots, unsigned int from, unsigned int n);
bool kp_any_expired(struct kp_pool *pool, struct kpool_magazine *mag, bool births, u32 *oldest);
void kp_magazine_split(struct kp_pool *pool, struct kpool_magazine *mag,
		       struct kpool_magazine *rest, unsigned int n);

#endif /* _KPOOL_STORE_MAGAZINE_H */
