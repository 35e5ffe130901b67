/* SPDX-License-Identifier: GPL-2.0-only */
/* The private half of a set of sized buffers. */
#ifndef _KPOOL_SIZED_H
#define _KPOOL_SIZED_H

#include <linux/kpool_sized.h>
#include <linux/xarray.h>

#include "pool.h"

struct sized_class {
	struct sized *set;
	unsigned int number;
	size_t size;
	struct kpool *pool;		/* NULL when it has ended; see sized->lock */
};

struct sized {
	struct kpool_sized set;		/* first: a struct kpool_sized * is a set's address */

	/* Written at creation. */
	char name[KPOOL_SIZED_NAME_LEN];
	u32 id;
	char owner_name[MODULE_NAME_LEN];	/* "" if it is built in */
	unsigned int flags;
	int node;
	unsigned int nr_classes;
	bool check;			/* puts */
	bool records_oversize;		/* to check them, or to know what to wipe */
	struct kpool_cpu __percpu *gate;	/* a cache that lets nobody through */
	struct kp_bytes bytes;		/* bytes.most: LONG_MAX while there is no limit */
	size_t max_idle_bytes;

	bool dying;			/* registry_lock: its name is free again */
	/*
	 * Each class that has not ended holds a reference, each buffer of oversize that is
	 * out, and kpool_sized_create()'s caller.
	 */
	refcount_t refs;
	/*
	 * Held while classes' pools are looked at, which end one by one. Gets and puts need it
	 * not: a get's caller keeps the whole set, and a buffer that is out keeps its pool.
	 * Ordering: inside the registry's lock.
	 */
	struct mutex lock;
	struct sized_class classes[KPOOL_SIZED_CLASSES];

	/* Larger than the largest class. */
	atomic64_t oversize_gets, oversize_puts, oversize_bytes, oversize_given, oversize_failures;
	atomic_long_t oversize_out;
	struct llist_head freed;	/* put where memory could not be given back */
	struct irq_work irq_work;
	struct work_struct work;

	/* Records of buffers that exist, by address, if any are kept; see sized_check.c. */
	struct xarray records;
	atomic64_t refused_puts;

	struct dentry *dir;
	struct work_struct end;
	struct rcu_work release;
};

static inline struct sized *to_sized(const struct kpool_sized *set)
{
	return container_of(set, struct sized, set);
}

/* sized_params.c */
unsigned int kp_sized_magazine_most(const struct kpool_sized_params *p, unsigned int class);
unsigned int kp_sized_floor(const struct kpool_sized_class *class);
int kp_sized_params_check(const struct kpool_sized_params *p);

/* sized_stats.c */
struct pool *kp_class_stats(struct sized *s, unsigned int class,
			    struct kpool_sized_class_stats *st);

/* oversize.c */
void kp_oversize_init(struct sized *s);
void kp_oversize_sync(struct sized *s);
size_t kp_oversize_size(size_t size);
void *kp_oversize_get(struct sized *s, size_t size, gfp_t gfp);
int kp_oversize_get_bulk(struct sized *s, size_t size, gfp_t gfp, void **bufs, unsigned int n);
void kp_oversize_put(struct sized *s, void *buf);

/* sets.c */
void kp_sets_exit(void);
void kp_sized_unref(struct sized *s, int n);
int kp_registry_reserve_set(struct sized *s);
void kp_registry_free_set_name(struct sized *s);
void kp_registry_remove_set(struct sized *s);
struct sized *kp_registry_set_after(u32 *id);
struct sized *kp_registry_find_set(u32 id);
struct sized *kp_registry_find_set_name(const char *name);

/* rebalance.c */
void kp_sized_make_room(struct work_struct *work);

/* sized_check.c */
extern const struct kpool_ops kp_check_ops;
bool kp_check_wanted(void);
int kp_check_add(struct sized *s, void *buf, size_t size, unsigned int class, gfp_t gfp);
void kp_check_got(struct sized *s, void *buf);
bool kp_check_put(struct sized *s, void *buf, unsigned int class, size_t size,
		  unsigned long caller);
size_t kp_check_remove(struct sized *s, void *buf);
void kp_check_exit(struct sized *s);

#endif /* _KPOOL_SIZED_H */
