/* SPDX-License-Identifier: GPL-2.0-only */
/* struct kp_sized: the private half of a set of sized buffers. set.c creates and ends it. */
#ifndef _KPOOL_SIZED_SET_H
#define _KPOOL_SIZED_SET_H

#include <linux/kpool_sized.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>

#include "base/budget.h"
#include "base/records.h"
#include "pool.h"
#include "sized/share.h"

struct kp_sized_class {
	struct kp_sized *set;
	unsigned int number;
	size_t size;
	struct kpool __rcu *pool;	/* NULL after the pool has ended; see kp_class_pool() */
};

struct kp_sized {
	struct kpool_sized set;		/* first: a set's address is that of its kpool_sized */

	/* Written at creation. */
	char name[KPOOL_SIZED_NAME_LEN];
	u32 id;
	char owner_name[MODULE_NAME_LEN];	/* "" if the owner is built in */
	unsigned int flags;
	int node;
	gfp_t zone;
	struct mem_cgroup *memcg;	/* pays for oversize buffers, or NULL */
	struct kp_alloc_line line;	/* the memory counts for it */
	unsigned int nr_classes;
	struct kpool_cpu __percpu *gate;	/* a cache that never lets a hit through */
	struct kp_budget budget;		/* budget.most: LONG_MAX while there is no limit */
	bool has_budget;		/* created with max_idle_bytes, so that it can change */
	size_t floor_bytes;		/* of the floors of all classes */
	struct mutex limit_lock;	/* shares of max_idle_bytes; gate_lock is taken inside */
	struct kp_share shares[KPOOL_SIZED_CLASSES];	/* limit_lock; unused without a budget */
	size_t max_idle_bytes;		/* 0: no limit; written under limit_lock */

	bool dying;			/* written under registry_lock: the name is free again */
	/*
	 * References: one of each class that has not ended, one of each oversize buffer in use,
	 * and one of the caller of kpool_sized_create().
	 */
	refcount_t refs;
	struct kp_sized_class classes[KPOOL_SIZED_CLASSES];

	/* Oversize buffers: larger than the largest class. */
	atomic64_t oversize_gets, oversize_puts, oversize_bytes, oversize_given, oversize_failures;
	atomic_long_t oversize_out;
	atomic64_t oversize_memory;	/* bytes of the buffers in use */
	struct kp_list freed;		/* buffers put in a context that cannot free memory */
	unsigned long link_key;		/* encodes the links of freed, see base/link.c */
	struct llist_head rcu_freed;	/* records of buffers that wait for a grace period */
	struct irq_work irq_work;
	struct work_struct work;

	/*
	 * Records of the buffers of classes that are debugged, and of all oversize buffers: for
	 * checks, for the bytes that they hold and wipe, and for RCU.
	 */
	struct kp_records records;
	unsigned long debugged;		/* a bit for each class that is debugged */
	atomic_t oversize_numbers;
	atomic64_t misused;		/* puts that sized/debug.c has refused */

	struct dentry *dir;
	struct work_struct end;
	struct rcu_work release;
};

static inline struct kp_sized *to_sized(const struct kpool_sized *set)
{
	return container_of(set, struct kp_sized, set);
}

/*
 * Are puts checked? They are while any class is debugged: a wrong put may name another class than
 * the one that the buffer is of.
 */
static inline bool kp_sized_checks(const struct kp_sized *s)
{
	return READ_ONCE(s->debugged);
}

/*
 * A class's pool, for callers that keep the pool: the owner of the set, a get, and a put. The pools
 * end one by one. Other code has to be an RCU reader, and gets NULL for a pool that has ended.
 */
static inline struct kpool *kp_class_pool(const struct kp_sized *s, unsigned int class)
{
	return rcu_dereference_protected(s->classes[class].pool, true);
}

#endif /* _KPOOL_SIZED_SET_H */
