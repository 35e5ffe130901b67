/* SPDX-License-Identifier: GPL-2.0-only */
/* Depots. */
#ifndef _KPOOL_STORE_DEPOT_H
#define _KPOOL_STORE_DEPOT_H

#include <linux/list.h>
#include <linux/spinlock.h>

struct kpool_magazine;
struct pool;

struct depot {
	raw_spinlock_t lock;		/* protects all below; figures are read without it */
	bool counted;			/* objects is in pool->depot_idle, as max_idle needs it */
	unsigned long objects;		/* in all magazines of full */
	unsigned long quiet;		/* least number of them since ageing last looked */
	struct list_head full;		/* at least one object in each, the warmest first */
	struct list_head empty;
	unsigned long empties;
	unsigned long quiet_empties;
	unsigned long gets;		/* lock holds that took objects out */
	unsigned long puts;		/* ... that brought objects in */
} ____cacheline_aligned_in_smp;

void kp_depots_init(struct pool *pool);
void kp_depots_exit(struct pool *pool);
struct depot *kp_depot(struct pool *pool);
struct depot *kp_depot_here(struct pool *pool);
struct depot *kp_depot_of_cpu(struct pool *pool, int cpu);
struct kpool_magazine *kp_depot_get_full(struct pool *pool, struct depot *depot,
					 struct kpool_magazine *empty);
int kp_depot_put_full(struct pool *pool, struct depot *depot, struct kpool_magazine *full,
		      struct kpool_magazine **empty);
void kp_depot_add_empty(struct depot *depot, struct kpool_magazine *mag);
bool kp_depot_try_add(struct pool *pool, struct depot *depot, struct kpool_magazine *mag);
struct kpool_magazine *kp_depot_take_empty(struct depot *depot);
void *kp_depot_get_one(struct pool *pool, struct depot *depot);
void *kp_depot_try_get_one(struct pool *pool, struct depot *depot);
int kp_depot_put_one(struct pool *pool, struct depot *depot, void *obj,
		     struct kpool_magazine **fresh);
int kp_depot_try_put_one(struct pool *pool, struct depot *depot, void *obj);
void kp_depots_count(struct pool *pool, bool on);
void kp_depot_take(struct pool *pool, struct depot *depot, unsigned long most,
		   struct list_head *mags);
void kp_depot_trim(struct pool *pool, struct depot *depot, unsigned long most,
		   struct kpool_magazine *rest, struct list_head *mags);
bool kp_depot_find_unfit(struct pool *pool, struct depot *depot, bool dates, unsigned long *at,
			 u32 *oldest, struct kpool_magazine **unfit);
unsigned long kp_depot_take_cold(struct pool *pool, struct depot *depot, unsigned long want,
				 unsigned long most, struct list_head *mags);
bool kp_depot_empties(struct pool *pool);
void kp_depots_drop_stale(struct pool *pool);
unsigned long kp_depot_room(struct pool *pool);

#endif /* _KPOOL_STORE_DEPOT_H */
