/* SPDX-License-Identifier: GPL-2.0-only */
/* A set of sized buffers. */
#ifndef _KPOOL_SIZED_SET_H
#define _KPOOL_SIZED_SET_H

#include <linux/kpool_sized.h>
#include <linux/xarray.h>

#include "base/budget.h"
#include "pool.h"

struct kp_sized_class {
	struct kp_sized *set;
	unsigned int number;
	size_t size;
	struct kpool *pool;		/* NULL when it has ended; see sized->lock */
};

struct kp_sized {
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
	struct kp_budget budget;		/* bytes.most: LONG_MAX while there is no limit */
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
	struct kp_sized_class classes[KPOOL_SIZED_CLASSES];

	/* Larger than the largest class. */
	atomic64_t oversize_gets, oversize_puts, oversize_bytes, oversize_given, oversize_failures;
	atomic_long_t oversize_out;
	struct llist_head freed;	/* put where memory could not be given back */
	struct irq_work irq_work;
	struct work_struct work;

	/* Records of buffers that exist, by address, if any are kept; see check.c. */
	struct xarray records;
	atomic64_t refused_puts;

	struct dentry *dir;
	struct work_struct end;
	struct rcu_work release;
};

static inline struct kp_sized *to_sized(const struct kpool_sized *set)
{
	return container_of(set, struct kp_sized, set);
}

#endif /* _KPOOL_SIZED_SET_H */
