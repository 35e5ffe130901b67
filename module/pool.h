/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * struct kp_pool, the private half of a pool, which all files of the module use. pool.c creates and
 * destroys pools.
 *
 * Locks, outermost first. No lock of this list is taken inside a lock that is called a leaf.
 *   pass_lock (mutex)          a pass of ageing, in policy/age.c
 *   instrument_lock (mutex)    switches of instruments, in policy/instrument.c
 *   pool->gate_lock (mutex)    gate, sweeps, limits
 *   workers->lock (mutex)      what a pool's workers do next, in base/work.h
 *   pool->sync_lock (mutex)    leaf: tasks that wait for the irq_work, in base/work.c
 *   cache_lock (mutex)         leaf: the shared slab caches, in store/slab.c
 *   registry_lock (mutex)      leaf: changes of the ids, in base/registry.c
 *   pools_lock                 leaf: pools by last use, in policy/shrink.c
 *   dma->lock                  leaf: the mappings of a DMA pool, in memory/dma.c
 *   huge->opening (mutex)      who opens a huge page, in store/huge.c; huge->lock is inside
 *   huge->lock                 leaf: free pieces of huge pages, in store/huge.c
 *   waitlist->lock (raw)       the wait list and slots, in store/waitlist.h
 *   depot->lock (raw)          leaf: with interrupts off, around list moves only
 *   due_lock (raw)             leaf: when ageing looks at a pool, in object/due.c
 * No lock is held while a callback of a consumer runs. With CONFIG_PROVE_LOCKING, each
 * kpool_create() tells lockdep this order: see teach_lock_order().
 */
#ifndef _KPOOL_POOL_H
#define _KPOOL_POOL_H

#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/cpumask.h>
#include <linux/irq_work.h>
#include <linux/kpool.h>
#include <linux/llist.h>
#include <linux/mutex.h>
#include <linux/ratelimit_types.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/rhashtable-types.h>
#include <linux/topology.h>
#include <linux/workqueue.h>
#include <uapi/linux/kpool_netlink.h>

#include "compat/alloc_tag.h"
#include "store/depot.h"
#include "store/memory.h"

struct kp_budget;
struct kp_debug;
struct kp_rcu_puts;
struct kp_records;
struct kp_waitlist;
struct kp_sized;
struct kp_slab_cache;
struct kp_track;
struct kp_workers;

/*
 * Whether CPU caches may be opened.
 * OPEN		yes
 * WAITING	no: a get waits for an object, or did so a moment ago
 * SHUT		no, and the pool keeps no objects: it is not LIVE, or is bypassed
 */
enum kp_gate { GATE_OPEN, GATE_WAITING, GATE_SHUT };

/*
 * Why an object was torn down. Each cause has a figure.
 * KP_MAX_IDLE		max_idle or max_idle_bytes has no room
 * KP_OVER_MAX		max became smaller
 * KP_OVERFLOW		KPOOL_OVERFLOW had the object built beyond max
 * KP_NO_MAGAZINE	there is no memory for a magazine that would keep it
 * KP_BYPASS		the pool keeps nothing
 * KP_UNDONE		another object of the same build failed
 * KP_SAMPLED		for memory debuggers: see path/sample.c
 * KP_TRIM		ageing, kpool_trim(), or a smaller reserve
 * KP_PRESSURE		the system is short of memory
 * KP_SHUTDOWN		the pool is being destroyed
 */
enum kp_cause {
	KP_NO_CAUSE,
	KP_MAX_IDLE, KP_OVER_MAX, KP_OVERFLOW, KP_NO_MAGAZINE, KP_BYPASS, KP_UNDONE, KP_SAMPLED,
	KP_TRIM, KP_PRESSURE, KP_SHUTDOWN,
	/* From here on no get may have the object: see store/expired.c. */
	KP_IDLE_AGE, KP_LIFETIME, KP_UNHEALTHY, KP_DISCARDED,
	KP_CAUSES
};

/*
 * Checks that the hits of a validating pool make. HIT_OTHER: none of the special cases, for example
 * several checks, or births of objects that are made of pages.
 */
enum kp_hit_kind {
	HIT_PLAIN, HIT_STAMPED, HIT_BIRTH, HIT_CHECKED, HIT_OTHER,
	/* Only in put_kind. */
	HIT_SPECIAL,			/* reset or wiping, in a pool that is not validating */
	HIT_INSTRUMENTED,		/* no put hits: see enum kp_instrument */
};

/*
 * Why all gets and puts of a pool go out of line and miss. The caches of such a pool stay closed.
 * policy/instrument.c switches instruments on and off in a running pool.
 */
enum kp_instrument {
	KP_DEBUG = BIT(0),		/* checks each get and put: object/debug.c */
	KP_FAULTS = BIT(1),		/* some gets fail on purpose: base/fault.c */
	KP_TRACK = BIT(2),		/* knows the holders of objects: base/track.c */
};

#define IDLE_ANY	U32_MAX
#define LIFETIME_ANY	LONG_MAX
#define ROOM_ANY	LONG_MAX

/* Bits of kp_pool.marks. */
enum kp_mark {
	KP_PUTTING,	/* a CPU takes objects out of the lists of puts */
	KP_IN_DOUBT,	/* see kp_census_doubt() */
};

/* A list of objects that are not in use, see base/link.h. The last object added is first. */
struct kp_list {
	void *first;
};

/* The place of a pool in a set, or among other pools that share a budget. */
struct kp_class_link {
	struct kp_sized *set;		/* NULL: the pool is not a class of a set */
	void (*gone)(const struct kp_class_link *link);	/* the pool has ended; may sleep */
	void (*debugged)(const struct kp_class_link *link, bool on);	/* under instrument_lock */
	struct kp_budget *budget;	/* NULL: no limit in bytes */
	struct kp_records *records;	/* of the set */
	unsigned int number;		/* index of the class */
	size_t magazine_share;		/* bytes of the budget for magazines; under gate_lock */
	unsigned int floor;		/* idle objects that the pool may always have */
};

/* Parts of a pool that belong to kpool or to processes, not to the owner. */
struct kp_ownership {
	bool own_ops;			/* the callbacks belong to kpool */
	bool own_ctx;			/* kfree() ctx with the pool */
	bool user_held;			/* processes may keep objects: see kp_pool.mapped_only */
	size_t extra;			/* bytes of an object that its ctor counts itself */
	size_t reset_wipes;		/* bytes that reset wipes */
	unsigned long pages;		/* that the ctor allocates for an object, at least */
};

struct kp_pool {
	struct kpool kpool;		/* first: a struct kpool * is the address of the pool */

	/* Written at creation. */
	u8 idle_state;			/* kpool_cpu.state while no code uses the cache */
	bool overflow;			/* KPOOL_OVERFLOW */
	bool stamped;			/* magazines have a stamp of each put */
	bool has_birth;			/* objects record their birth, see set_births() */
	bool memory_may_go;		/* the provider's code is the owner's */
	bool forgets;			/* see kp_forgets() */
	bool validating;		/* stamped, validated or overflow */
	enum kpool_backing backing;
	unsigned int flags;
	unsigned int magazine_room;	/* the most that a consumer may ask for later */
	unsigned int stamps;		/* offset of a magazine's stamps, see kp_stamps() */
	enum kp_hit_kind hit_kind;
	int node;			/* or NUMA_NO_NODE */
	unsigned int parts_bytes;	/* of the pool's other allocations; see kp_overhead() */
	unsigned int nr_depots;		/* 1 if node is set, else one for each node */
	unsigned int order;		/* KPOOL_BACKING_PAGES, _KVMALLOC */
	gfp_t zone;
	size_t size, align;
	size_t footprint;		/* allocated size: object, trailer, alignment */
	size_t vmalloc_size;		/* footprint of vmalloc() memory */
	size_t trailer;			/* offset of the trailer, see base/link.c; 0: none */
	unsigned long link_key;		/* encodes the links of objects, see base/link.c */
	size_t wipe_offset, wipe_size;
	size_t zone_offset;		/* bytes behind the consumer's, for object/debug.c, ... */
	struct kpool_ops ops;
	void *ctx;
	size_t birth_offset;		/* offset of the birth in an object, see kp_birth() */
	size_t extra_bytes;		/* see kpool_params */
	struct kp_geometry geometry;	/* KPOOL_BACKING_SLAB */
	unsigned int zone_size;		/* ... and how many; at most SMP_CACHE_BYTES */
	/* These give the memory of objects; see store/memory.c ... */
	const struct kpool_memory_ops *memory;
	void *memory_ctx;		/* ... the argument of its calls */
	struct kp_huge *huge;		/* KPOOL_HUGE_PAGES, else NULL; see store/huge.c */
	struct mem_cgroup *memcg;	/* with KPOOL_ACCOUNT: pays; see store/account.c */
	struct kp_alloc_line line;	/* the memory counts for it */
	struct kp_rcu_puts *rcu_puts;	/* KPOOL_RCU, else NULL; see path/rcu.c */
	struct kp_class_link *class_link;	/* all 0: the pool is no class; never NULL */
	struct kp_ownership ownership;
	struct module *owner;
	const char *owner_name;		/* a copy: the owner may be gone before its pool */
	u64 create_time;		/* milliseconds of CLOCK_BOOTTIME */

	/*
	 * Written at creation, and under gate_lock by kpool_retune(). Read with READ_ONCE(). Hits
	 * read only idle_limit and lifetime.
	 */
	/* How many ticks an object may be idle and may exist, or IDLE_ANY and LIFETIME_ANY. */
	u32 idle;
	u32 idle_limit;			/* idle + CLOCK_SLACK */
	long lifetime;
	unsigned int magazine;		/* objects in a full magazine; 0: caches are off */
	unsigned int magazine_asked;	/* by the consumer; 0: kpool chooses ... */
	unsigned int magazine_chosen;	/* ... this, if the limits have room: see policy/adapt.c */
	unsigned int magazine_slots;	/* of new magazines; at least magazine_room */
	long depot_max;			/* objects in all depots together, or ROOM_ANY */
	unsigned int min_idle, max_idle, max, reserve, idle_ms, lifetime_ms;
	unsigned int max_highest;	/* the largest max so far; UINT_MAX: there was no max */
	bool nothing_idle;		/* max_idle is KPOOL_KEEP_NONE */
	bool no_magazines;		/* the pool has an instrument, or is about to get one */

	/* Written at creation, and under instrument_lock. Read with READ_ONCE(). */
	u8 put_kind;			/* of enum kp_hit_kind: how a put out of line hits */
	u8 instruments;			/* of enum kp_instrument */
	bool validated;			/* has_birth, check or KP_DEBUG: see kp_validate() */
	struct kp_debug *debug;		/* NULL: was never debugged */
	struct kp_faults *faults;	/* NULL: nothing ever failed on purpose */
	struct kp_track *track;		/* NULL: was never tracked */

	/* Others than hits read these. They fill the last cache line before the next section. */
	u32 id;
	unsigned int build_us;		/* how long the last build ahead took, an object */
	struct dentry *dir;		/* in debugfs */
	cpumask_var_t sweep_again;	/* gate_lock: CPUs whose cache was busy in a sweep */

	/* Slow paths read the fields below. */
	/*
	 * Written under gate_lock. In a pool with a wait list it is written under waitlist->lock,
	 * with or without gate_lock.
	 */
	enum kp_gate gate ____cacheline_aligned_in_smp;
	/*
	 * Written under gate_lock.
	 * LIVE		gets and puts work
	 * DYING	kpool_destroy() is at work: gets fail, the name is free again,
	 *		idle objects are torn down, and so is each object that is put
	 * DETACHED	kpool_destroy() is done, objects are still in use; the last
	 *		put of an object ends the pool
	 */
	enum kpool_state state;
	struct kp_waitlist *waitlist;	/* NULL: no max and no reserve */
	u64 detach_time;		/* like create_time; set before DETACHED */
	bool bypass_wanted;		/* this pool only; written under gate_lock */
	bool bypass;			/* written under gate_lock */
	bool orphan;			/* the owner may be gone: no callback is called */
	bool owner_pinned;
	bool told_gone;			/* see tell_gone() in pool.c */
	bool memory_ended;		/* see kp_provider_end() */
	bool expected;			/* due_lock: ageing is to look at the pool, see due */
	struct kp_workers *workers;	/* see base/work.h */
	struct workqueue_struct *build_wq;	/* NULL: kpool_callback_wq */
	struct kp_slab_cache *cache;	/* NULL until needed; see store/slab.c */
	struct kp_list unbuilt;		/* memory that became no object: object/nolock.c */

	/*
	 * Each build and each teardown writes these. They have cache lines of their own, because
	 * each miss reads the fields above.
	 */
	/*
	 * Each existing object holds a reference. So does the caller of kpool_create(), and so does
	 * code that found the pool in the registry.
	 */
	refcount_t refs ____cacheline_aligned_in_smp;
	atomic_t active;		/* running builds, teardowns, trims: see kp_enter() */
	atomic_long_t leaving;		/* objects that are torn down, and still have their slots */
	atomic_long_t building;		/* objects that are being built, or are to be by a worker */
	atomic_long_t existing;
	atomic_long_t kept;		/* objects that exist, except those to be torn down */
	atomic_long_t census;		/* the same, but never more torn down than built: ... */
	atomic64_t fingerprint;		/* ... see store/census.c */
	atomic_long_t depot_idle;	/* counted objects in all depots and the reserve list */
	atomic64_t created, destroyed;
	atomic64_t nested_gets, nested_puts;	/* while the CPU's cache was busy */
	atomic_long_t vmalloced;	/* KPOOL_BACKING_KVMALLOC: objects in vmalloc() memory */
	atomic_long_t mapped_only;	/* objects that are put, but processes keep: ring/map.c */
	atomic_long_t build_failures, ctor_failures, built_nolock, deferred, close_retries, misused;
	atomic_long_t faults_made;	/* calls that failed on purpose */
	atomic_long_t gone[KP_CAUSES];	/* torn down, by cause */
	atomic64_t accounted;		/* see kpool_account() */
	atomic_long_t magazine_bytes;	/* of all magazines that exist */

	/* Deferred work; see base/work.c. */
	struct kp_list deferred_puts;	/* puts from NMI, before reset and wipe */
	struct kp_list deferred_inserts;	/* puts whose trylocks failed */
	struct kp_list teardown_list;	/* objects for the worker to tear down */
	struct llist_head stale;	/* magazines of such objects */
	struct irq_work irq_work;
	struct mutex sync_lock;		/* see kp_irq_work_sync() */
	struct work_struct work;
	struct work_struct put_work;	/* puts that were too many for the irq_work or RCU */
	unsigned long marks;		/* of enum kp_mark */
	unsigned long todo;

	/* Ageing; see policy/age.c. The comments name the lock of each field. */
	unsigned long due;		/* due_lock: the tick of the next look, if expected */
	unsigned long trimmed_at;	/* pass_lock */
	unsigned long births_at;		/* pass_lock: next look at lifetimes */
	unsigned long fading;		/* written under pass_lock: see struct kp_look */
	u64 sampled_puts;		/* pass_lock: puts at the last kp_samples_due(), and ... */
	unsigned long samples_taken;	/* ... the samples that were taken then */

	struct ratelimit_state refusals;	/* see kp_refuse_object() */

	struct list_head by_use;	/* in policy/shrink.c ... */
	unsigned long swept_at;		/* ... jiffies of its last sweep; the running scan writes */
	unsigned long pressure_told;	/* jiffies; 0: never; the pool's work */

	/* Registry, in base/registry.c. */
	char name[KPOOL_NAME_LEN];
	struct rhash_head by_name;

	struct kp_adapt {
		unsigned long contended, holds;	/* of depots' locks, at the last look */
		unsigned int quiet;		/* intervals without contention, while ... */
		bool grown;			/* ... magazines are larger than in a new pool */
	} adapt;			/* gate_lock; see policy/adapt.c */
	struct mutex gate_lock;		/* see enum kp_gate, sweep_again, collections */
	unsigned int asides;		/* pass_lock: see kp_aside_begin() */
	unsigned int collections;	/* see kp_collect() in path/sweep.c ... */
	unsigned long collected_at;	/* ... jiffies of its last sweep; gate_lock */
	/* A worker ends the pool, and a grace period later another one frees the memory. */
	struct rcu_work end;

	struct kp_depot depots[];
};

static inline struct kp_pool *to_pool(struct kpool *kpool)
{
	return container_of(kpool, struct kp_pool, kpool);
}

/* The depot of this CPU. Context: preemption off. */
static inline struct kp_depot *kp_depot(struct kp_pool *pool)
{
	return &pool->depots[pool->nr_depots == 1 ? 0 : numa_mem_id()];
}

/* The node of a depot. */
static inline int kp_depot_node(const struct kp_pool *pool, unsigned int i)
{
	return pool->node == NUMA_NO_NODE ? i : pool->node;
}

/* How many bytes an object takes, as far as kpool knows. */
static inline size_t kp_weight(const struct kp_pool *pool)
{
	return pool->size + pool->extra_bytes + pool->ownership.extra;
}

/* Does anybody rely on the contents of an idle object? */
static inline bool kp_keeps_contents(const struct kp_pool *pool)
{
	return pool->ops.ctor || pool->ops.reset || pool->ops.dtor || pool->ops.check ||
	       pool->wipe_size;
}

/*
 * Does a put tell KMSAN that the contents of the object are gone? KMSAN then reports code that
 * relies on them: after the put, or after the next get.
 */
static inline bool kp_forgets(const struct kp_pool *pool)
{
	return IS_ENABLED(CONFIG_KMSAN) && pool->forgets;
}

/* Has a put more to do with an object than to keep it? */
static inline bool kp_changes_at_put(const struct kp_pool *pool)
{
	return pool->ops.reset || pool->wipe_size || kp_forgets(pool);
}

/* How many bytes the put of an object wipes. */
static inline size_t kp_put_wipes(const struct kp_pool *pool)
{
	return pool->wipe_size + pool->ownership.reset_wipes;
}

/* How many objects are on their way out: they are to be torn down, or that is under way. */
static inline unsigned long kp_closing(const struct kp_pool *pool)
{
	long existing = atomic_long_read(&pool->existing);

	smp_rmb();	/* pairs with that in kp_build_here(): an object in existing is in kept */
	return max(existing - atomic_long_read(&pool->kept), 0L);
}

/* The alignment of the memory of an object. */
static inline size_t kp_memory_align(const struct kp_pool *pool)
{
	return max(pool->align,
		   pool->memory->flags & KPOOL_MEMORY_PAGES ? PAGE_SIZE : sizeof(void *));
}

/* The cause of a teardown while the gate is shut. */
static inline enum kp_cause kp_why_shut(const struct kp_pool *pool)
{
	return READ_ONCE(pool->state) == KPOOL_STATE_LIVE ? KP_BYPASS : KP_SHUTDOWN;
}

int kp_pools_init(void);
void kp_pools_exit(void);
struct kpool *kp_create(const struct kpool_params *p, struct module *owner,
			const struct kp_class_link *link, struct kp_ownership ownership);
bool kp_abi_matches(struct kpool_abi theirs);
long kp_destroy_begin(struct kp_pool *pool);
int kp_destroy_finish(struct kp_pool *pool, unsigned int timeout_ms);

#endif /* _KPOOL_POOL_H */
