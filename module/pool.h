/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The private half of a pool, as all files know it.
 *
 * Locks, outermost first:
 *   pass_lock (mutex)          a pass of ageing, in policy/age.c
 *   registry_lock (mutex)      ids, in base/registry.c; nothing is taken inside
 *   pool->sync_lock (mutex)    who waits for the irq_work, in base/work.c; nothing is taken inside
 *   pool->gate_lock (mutex)    gate, sweeps, limits; line->lock is taken inside
 *   cache_lock (mutex)         the shared slab caches, in store/memory.c
 *   pools_lock                 pools by last use, in policy/shrink.c; nothing is taken inside
 *   sized->lock (mutex)        classes that have not ended, in sized/set.h; as gate_lock
 *   line->lock (raw)           the line of waiters, slots, in store/waitlist.c
 *   depot->lock (raw)          with interrupts off, around list moves only
 *   due_lock (raw)             when ageing is to look, in object/due.c
 * No lock is held while a callback of a consumer runs.
 */
#ifndef _KPOOL_POOL_H
#define _KPOOL_POOL_H

#include <linux/atomic.h>
#include <linux/cpumask.h>
#include <linux/irq_work.h>
#include <linux/kpool.h>
#include <linux/llist.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/rhashtable-types.h>
#include <linux/workqueue.h>
#include <uapi/linux/kpool_netlink.h>

#include "store/depot.h"
#include "store/memory.h"

struct kp_budget;
struct kp_waitlist;
struct kp_sized;
struct kp_slab_cache;

/*
 * Whether CPU caches may be opened.
 * OPEN		yes
 * WAITING	no: somebody waits for an object, or did so a moment ago
 * SHUT		no, and nothing is kept: the pool is not LIVE, or is bypassed
 */
enum kp_gate { GATE_OPEN, GATE_WAITING, GATE_SHUT };

/* Why an object was torn down. Not counted: bypass, more than max, no memory to keep it. */
enum kp_cause {
	KP_OTHER, KP_MAX_IDLE, KP_TRIM, KP_PRESSURE, KP_SHUTDOWN,
	/* From here on the object is of no use to anybody: see store/expired.c. */
	KP_IDLE_AGE, KP_LIFETIME, KP_UNHEALTHY,
	KP_CAUSES
};

/* What the hits of a picky pool have to see to, where it is one thing. */
enum kp_hit_kind { HIT_PLAIN, HIT_STAMPED, HIT_BIRTH, HIT_CHECKED, HIT_OTHER };

#define IDLE_ANY	U32_MAX
#define LIFETIME_ANY	LONG_MAX
#define ROOM_ANY	LONG_MAX

/* A class of a set, or another pool that shares a budget. */
struct kp_class_link {
	struct kp_sized *set;		/* NULL: the pool is no class */
	void (*gone)(const struct kp_class_link *link);	/* the pool has ended; may sleep */
	struct kp_budget *budget;	/* NULL: bytes are not limited */
	unsigned int number;		/* of the class */
	unsigned int magazine_most;	/* what the budget leaves room for */
	unsigned int floor;		/* idle objects that the budget need not have room for */
};

/* What of a pool is kpool's own, and not the owner's. */
struct kp_ownership {
	bool own_ops;			/* the callbacks are kpool's own */
	bool own_ctx;			/* kfree() ctx with the pool */
	bool user_held;			/* processes may keep objects for as long as they like */
};

struct kp_pool {
	struct kpool kpool;		/* first: a struct kpool * is a pool's address */

	/* Written at creation. */
	u8 idle_state;			/* kpool_cpu.state while nobody is at work */
	enum kpool_backing backing;
	unsigned int flags;
	unsigned int magazine_room;		/* room in a magazine */
	unsigned int stamps;		/* where they lie in one, see kp_stamps() */
	bool overflow;			/* KPOOL_OVERFLOW */
	bool stamped;			/* magazines say when each object was put */
	bool has_birth;			/* objects say when they were built, see set_births() */
	bool validated;			/* dated, or has a check: see kp_validate() */
	enum kp_hit_kind hit_kind;
	enum kp_hit_kind put_kind;	/* hit_kind, if puts do nothing else; else HIT_PLAIN */
	bool validating;			/* stamped, vetted or elastic */
	int node;			/* or NUMA_NO_NODE */
	unsigned int nr_depots;		/* 1 if node is set, else one a node */
	unsigned int order;		/* KPOOL_BACKING_PAGES, _KVMALLOC */
	size_t size, align;
	size_t footprint;		/* what backing allocates: object and trailer */
	size_t vmalloc_size;		/* the same where it is vmalloc() */
	size_t trailer;			/* its offset, see kp_link(); 0: there is none */
	size_t wipe_offset, wipe_size;
	struct kpool_ops ops;
	void *ctx;
	gfp_t zone;
	size_t birth_offset;		/* of an object's birth, see kp_birth() */
	struct kp_geometry geometry;	/* KPOOL_BACKING_SLAB */
	struct kp_class_link class_link;
	struct kp_ownership ownership;
	struct module *owner;
	char owner_name[MODULE_NAME_LEN];	/* the owner may be gone before its pool */
	u64 create_time;		/* milliseconds of CLOCK_BOOTTIME */

	/*
	 * Written at creation, and under gate_lock by kpool_retune(); read with READ_ONCE().
	 * Hits read idle_limit and lifetime alone.
	 */
	/* Ticks that an object may be idle for and exist for, or IDLE_ANY and LIFETIME_ANY. */
	u32 idle;
	u32 idle_limit;			/* idle and CLOCK_SLACK */
	long lifetime;
	unsigned int magazine;		/* capacity of an open cache; 0: caches are off */
	unsigned int magazine_asked;	/* by the consumer; 0: chosen */
	long depot_max;			/* objects in all depots together, or ROOM_ANY */
	bool nothing_idle;		/* max_idle is KPOOL_NONE */
	unsigned int min_idle, max_idle, max, reserve, idle_ms, lifetime_ms;

	/* Slow paths look here. */
	/* Written under gate_lock; in a pool with a line under line->lock (too). */
	enum kp_gate gate ____cacheline_aligned_in_smp;
	struct kp_waitlist *waitlist;		/* NULL in a pool without a bound and a reserve */
	/*
	 * Written under gate_lock.
	 * LIVE		gets and puts work
	 * DYING	kpool_destroy() is at work: gets are refused, the name is
	 *		free again, idle objects are torn down, so is each object
	 *		that is put
	 * DETACHED	kpool_destroy() is through, objects are still out; the
	 *		last put of one ends the pool
	 */
	enum kpool_state state;
	u64 detach_time;		/* as create_time; set before state says so */
	bool bypass_wanted;		/* of this pool alone; written under gate_lock */
	bool bypass;			/* written under gate_lock */
	bool orphan;			/* the owner is gone: call nothing of it */
	bool owner_pinned;
	struct workqueue_struct *build_wq;	/* NULL: kpool_build_wq */
	struct kp_slab_cache *cache;	/* NULL until first needed; in store/memory.c */
	/*
	 * Each existing object holds a reference, so does kpool_create()'s caller,
	 * and whoever found the pool in the registry.
	 */
	refcount_t refs;
	atomic_t active;		/* builds, teardowns, trims at work, see kp_enter() */
	atomic_long_t existing;
	atomic_long_t depot_idle;	/* objects in all depots and in stock that are counted */
	atomic64_t created, destroyed;
	atomic64_t nested_gets, nested_puts;	/* while the CPU's cache was busy */
	atomic_long_t vmalloced;	/* KPOOL_BACKING_KVMALLOC: those that are not pages */
	atomic_long_t build_failures, ctor_failures, deferred, close_retries;
	atomic_long_t gone[KP_CAUSES];	/* destroyed, by cause */

	/* What was put off; see base/work.c. */
	struct llist_head deferred_puts;	/* puts from NMI: reset and wipe still to come */
	struct llist_head deferred_inserts;	/* puts that found locks taken */
	struct llist_head teardown_list;	/* objects that a worker is to tear down */
	struct irq_work irq_work;
	struct mutex sync_lock;		/* see kp_irq_work_sync() */
	struct work_struct work;
	unsigned long todo;

	/* Puts that wait for a grace period, in path/rcu.c. */
	struct llist_head rcu_next;	/* for the next one */
	struct llist_node *rcu_waiting;	/* for that under way; who set rcu_busy writes it */
	unsigned long rcu_busy;
	struct rcu_head rcu;

	/* Ageing, in policy/age.c, with the locks that protect them. */
	bool expected;			/* due_lock: it is to be looked at ... */
	unsigned long due;		/* due_lock: ... at this tick of kp_now() */
	unsigned long trimmed_at;	/* pass_lock */
	unsigned long births_at;		/* pass_lock: when lifetimes are looked at next */

	struct list_head by_use;	/* in policy/shrink.c */

	/* Registry, in base/registry.c. */
	char name[KPOOL_NAME_LEN];
	u32 id;
	struct rhash_head by_name;
	struct dentry *dir;

	struct mutex gate_lock;		/* see enum pool_gate, sweep_again */
	cpumask_var_t sweep_again;	/* CPUs whose cache was busy when it was to be closed */
	struct work_struct end;
	struct rcu_work release;

	struct kp_depot depots[];
};

static inline struct kp_pool *to_pool(struct kpool *kpool)
{
	return container_of(kpool, struct kp_pool, kpool);
}

static inline void kp_count_gone(struct kp_pool *pool, enum kp_cause cause, unsigned long n)
{
	atomic_long_add(n, &pool->gone[cause]);
}

/* The cause of a teardown where nothing is kept. */
static inline enum kp_cause kp_why_shut(const struct kp_pool *pool)
{
	return READ_ONCE(pool->state) == KPOOL_STATE_LIVE ? KP_OTHER : KP_SHUTDOWN;
}

struct kpool *kp_create(const struct kpool_params *p, struct module *owner,
			const struct kp_class_link *link, struct kp_ownership ownership);
bool kp_abi_matches(struct kpool_abi theirs);
long kp_destroy_begin(struct kp_pool *pool);
int kp_destroy_finish(struct kp_pool *pool, unsigned int timeout_ms);

#endif /* _KPOOL_POOL_H */
