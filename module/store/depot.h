/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The depots of a pool: lists of magazines with objects and of empty magazines. store/magazine.h
 * has the magazines, path/cache.h the CPUs' caches.
 */
#ifndef _KPOOL_STORE_DEPOT_H
#define _KPOOL_STORE_DEPOT_H

#include <linux/list.h>
#include <linux/spinlock.h>

struct kpool_magazine;
struct kp_look;
struct kp_pool;

/* After so many contended holds of a depot's lock, kpool looks at the size of magazines. */
#define KP_CONTENDED_MANY	1024

/* What a depot does with objects of other nodes. Protected by its lock. See sort_out(). */
struct kp_away {
	unsigned long sent_home;	/* objects that went to the depot of their node */
	struct kpool_magazine *mags[];	/* by node, magazines of full that fill with its objects */
};

struct kp_depot {
	raw_spinlock_t lock;		/* protects all fields below; counters are read without */
	bool counted;			/* objects is part of pool->depot_idle, for max_idle */
	unsigned long objects;		/* objects in all magazines of full */
	unsigned long min_level;		/* lowest objects since ageing last looked */
	struct list_head full;		/* magazines with at least one object, the warmest first */
	struct kpool_magazine *look_at;	/* next in full that a look of ageing sees, or NULL */
	unsigned int look_from;		/* ... from this object on */
	struct list_head empty;
	unsigned long empties;
	unsigned long min_empties;
	unsigned long gets;		/* lock holds that took objects out */
	unsigned long puts;		/* ... that brought objects in */
	unsigned long contended;	/* ... that waited for the lock: see lock_for_exchange() */
	unsigned long told;		/* by xchg() without the lock, see policy/available.c */
	struct kp_away *away;		/* with KPOOL_NUMA_STRICT, else NULL */
} ____cacheline_aligned_in_smp;

/* How many objects a depot has given to the depot of their own node. Context: any. */
static inline unsigned long kp_sent_home(const struct kp_depot *depot)
{
	return depot->away ? READ_ONCE(depot->away->sent_home) : 0;
}

int kp_depots_init(struct kp_pool *pool);
void kp_depots_exit(struct kp_pool *pool);
struct kp_depot *kp_depot_here(struct kp_pool *pool);
struct kp_depot *kp_depot_of_cpu(struct kp_pool *pool, int cpu);
struct kpool_magazine *kp_depot_get_full(struct kp_pool *pool, struct kp_depot *depot,
					 struct kpool_magazine *empty);
struct kp_depot *kp_depot_elsewhere(struct kp_pool *pool, const struct kp_depot *own);
int kp_depot_put_full(struct kp_pool *pool, struct kp_depot *depot, struct kpool_magazine *full,
		      struct kpool_magazine **empty, struct list_head *going);
void kp_depot_add_empty(struct kp_depot *depot, struct kpool_magazine *mag);
bool kp_depot_try_add(struct kp_pool *pool, struct kp_depot *depot, struct kpool_magazine *mag,
		      struct list_head *going, struct kpool_magazine **empty);
struct kp_depot *kp_depot_of_object(struct kp_pool *pool, const void *obj);
struct kpool_magazine *kp_depot_take_empty(struct kp_depot *depot);
void *kp_depot_get_one(struct kp_pool *pool, struct kp_depot *depot);
void *kp_depot_try_get_one(struct kp_pool *pool, struct kp_depot *depot);
int kp_depot_put_one(struct kp_pool *pool, struct kp_depot *depot, void *obj,
		     struct kpool_magazine **fresh);
int kp_depot_try_put_one(struct kp_pool *pool, struct kp_depot *depot, void *obj);
void kp_depots_count(struct kp_pool *pool, bool on);
unsigned long kp_depot_take(struct kp_pool *pool, struct kp_depot *depot, unsigned long most,
			    struct list_head *mags);
bool kp_depot_trim(struct kp_pool *pool, struct kp_depot *depot, unsigned long most,
		   struct kpool_magazine *rest, struct list_head *mags);
void kp_depot_look(struct kp_depot *depot, struct kp_look *look);
bool kp_depot_find_expired(struct kp_pool *pool, struct kp_depot *depot, struct kp_look *look,
			   struct kpool_magazine **expired);
unsigned long kp_depot_take_cold(struct kp_pool *pool, struct kp_depot *depot, unsigned long want,
				 unsigned long most, struct list_head *mags);
bool kp_depot_empties(struct kp_pool *pool);
void kp_depots_drop_stale(struct kp_pool *pool);
unsigned long kp_depot_room(struct kp_pool *pool);

#endif /* _KPOOL_STORE_DEPOT_H */
