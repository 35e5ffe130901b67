/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The private half of a pool, and what the files of the engine call of each
 * other.
 *
 * Locks, outermost first:
 *   pass_lock (mutex)          a pass of ageing, in age.c
 *   registry_lock (mutex)      ids, in registry.c; nothing is taken inside
 *   pool->sync_lock (mutex)    who waits for the irq_work, in defer.c; nothing is taken inside
 *   pool->gate_lock (mutex)    gate, sweeps, limits; line->lock is taken inside
 *   cache_lock (mutex)         the shared slab caches, in backing.c
 *   pools_lock                 pools by last use, in shrink.c; nothing is taken inside
 *   sized->lock (mutex)        classes that have not ended, in sized.c; as gate_lock
 *   line->lock (raw)           the line of waiters, slots, in wait.c
 *   depot->lock (raw)          with interrupts off, around list moves only
 *   due_lock (raw)             when ageing is to look, in age.c
 * No lock is held while a callback of a consumer runs.
 */
#ifndef _KPOOL_POOL_H
#define _KPOOL_POOL_H

#include <linux/atomic.h>
#include <linux/cpumask.h>
#include <linux/irq_work.h>
#include <linux/jump_label.h>
#include <linux/kpool.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/rhashtable-types.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <uapi/linux/kpool.h>

#include <asm/local.h>

#include "compat/mm_types.h"

/*
 * An array of objects, exchanged between caches and depots as a whole. A full
 * one is handed on by whoever has it, with no lock of its own. Freed by RCU,
 * because kp_cpu_idle() looks at other CPUs' spares. A spare may be taken out during
 * such a look, so each write of count is a WRITE_ONCE().
 */
struct kpool_magazine {
	union {
		struct list_head list;	/* in a depot */
		struct llist_node found;	/* in a sweep */
		struct rcu_head rcu;	/* being freed */
	};
	unsigned int count;		/* stale while the magazine is loaded */
	void *objs[];
};

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

/* What decides whether two pools can share a slab cache. */
struct geometry {
	unsigned int size;		/* trailer included */
	unsigned int align;
	slab_flags_t flags;
	unsigned int useroffset;
	unsigned int usersize;
};

/*
 * Whether CPU caches may be opened.
 * OPEN		yes
 * WAITING	no: somebody waits for an object, or did so a moment ago
 * SHUT		no, and nothing is kept: the pool is not LIVE, or is bypassed
 */
enum pool_gate { GATE_OPEN, GATE_WAITING, GATE_SHUT };

/* Waits are counted by their time, in classes: below 4 us, then below twice that, ... */
#define WAIT_CLASSES	24
#define WAIT_SHIFT	12

/*
 * What only a pool with a bound or a reserve has. A lock of its own for all of it;
 * taken before a depot's, with interrupts off, and the scheduler's are taken inside.
 */
struct line {
	/* Protects all below, and writes of pool->gate. Figures are read without it. */
	raw_spinlock_t lock;
	struct list_head waiters;	/* first come, first served */
	unsigned int waiting;
	unsigned int sweepers;		/* waiters that close the caches, or are about to */
	unsigned long slots;		/* objects that exist or are being built */
	unsigned long max;		/* ULONG_MAX while there is no bound */
	bool counted;			/* stocked is in pool->depot_idle, as max_idle needs it */
	atomic_long_t kept;		/* objects that exist, and are not to be torn down */
	struct llist_head stock;	/* idle ones that only the reserve keeps, see reserve.c */
	unsigned long stocked;
	struct llist_head memory;	/* of the reserve's objects that are no more */
	unsigned long pieces;		/* of it, for an object each */
	unsigned long reopen_at;	/* jiffies; the gate stays closed until then */

	u64 waits, wait_ns, longest_ns, timeouts, interrupted, exhausted, beyond, sweeps;
	unsigned long slots_peak;
	unsigned int waiting_peak;
	u64 reserve_used;
	u64 by_time[WAIT_CLASSES];
};

/* Why an object was torn down. Not counted: bypass, more than max, no memory to keep it. */
enum kp_cause {
	KP_OTHER, KP_MAX_IDLE, KP_TRIM, KP_PRESSURE, KP_SHUTDOWN,
	/* From here on the object is of no use to anybody: see expired.c. */
	KP_IDLE_AGE, KP_LIFETIME, KP_UNHEALTHY,
	KP_CAUSES
};

/* What the hits of a picky pool have to see to, where it is one thing. */
enum sort { SORT_NONE, SORT_STAMPED, SORT_DATED, SORT_CHECKED, SORT_OTHER };

#define IDLE_ANY	U32_MAX
#define LIFETIME_ANY	LONG_MAX
#define ROOM_ANY	LONG_MAX

/* Bits of pool.todo, for defer_worker(). */
#define POOL_TODO_REFILL	0	/* build some objects for gets that cannot */
#define POOL_TODO_DRAIN		1	/* objects came while the gate was being closed */
#define POOL_TODO_TEARDOWN	2	/* objects are doomed */
#define POOL_TODO_REGAIN	3	/* min_idle, or the reserve */

/*
 * Bytes of what is idle in the depots and the stock of several pools, beyond the floor of
 * each, and how many there may be. See bytes.c.
 */
struct kp_bytes {
	atomic_long_t idle;
	long most;
	unsigned int members;
	unsigned long wanting;		/* members that found no room, by their number */
	struct irq_work irq_work;
	struct work_struct work;
};

/* What a pool knows that is a class of a set, or otherwise of kpool's own making. */
struct kp_member {
	struct sized *set;		/* NULL: it is none */
	void (*gone)(const struct kp_member *member);	/* the pool has ended; may sleep */
	struct kp_bytes *bytes;		/* NULL: there is no limit on them */
	unsigned int number;
	unsigned int magazine_most;	/* what bytes leaves room for */
	unsigned int floor;		/* idle ones that bytes need not have room for */
	bool own_ops;			/* the callbacks are kpool's own, not the owner's */
	bool own_ctx;			/* kfree() ctx with the pool */
	bool user_held;			/* processes may keep objects for as long as they like */
};

struct pool {
	struct kpool kpool;		/* first: a struct kpool * is a pool's address */

	/* Written at creation. */
	u8 rest;			/* kpool_cpu.state while nobody is at work */
	enum kpool_backing backing;
	unsigned int flags;
	unsigned int container;		/* room in a magazine */
	bool elastic;			/* KPOOL_BEYOND_MAX */
	bool stamped;			/* magazines say when each object was put */
	bool dated;			/* objects say when they were built, see kp_born() */
	bool vetted;			/* dated, or has a check: see kp_vet() */
	enum sort sort;
	enum sort straight;		/* the sort, of one whose puts need not do anything else */
	bool picky;			/* stamped, vetted or elastic */
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
	size_t date;			/* where a dated object says its birth, see kp_date() */
	struct geometry geometry;	/* KPOOL_BACKING_SLAB */
	struct kp_member member;
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
	enum pool_gate gate ____cacheline_aligned_in_smp;
	struct line *line;		/* NULL in a pool without a bound and a reserve */
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
	struct slab_cache *cache;	/* NULL until first needed; in backing.c */
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

	/* What was put off; see defer.c. */
	struct llist_head unput;	/* puts from NMI: reset and wipe still to come */
	struct llist_head unplaced;	/* puts that found locks taken */
	struct llist_head doomed;	/* objects that a worker is to tear down */
	struct irq_work irq_work;
	struct mutex sync_lock;		/* see kp_irq_work_sync() */
	struct work_struct work;
	unsigned long todo;

	/* Puts that wait for a grace period, in rcu.c. */
	struct llist_head rcu_next;	/* for the next one */
	struct llist_node *rcu_waiting;	/* for that under way; who set rcu_busy writes it */
	unsigned long rcu_busy;
	struct rcu_head rcu;

	/* Ageing, in age.c, with the locks that protect them. */
	bool expected;			/* due_lock: it is to be looked at ... */
	unsigned long due;		/* due_lock: ... at this tick of kp_now() */
	unsigned long trimmed_at;	/* pass_lock */
	unsigned long dates_at;		/* pass_lock: when lifetimes are looked at next */

	struct list_head by_use;	/* in shrink.c */

	/* Registry, in registry.c. */
	char name[KPOOL_NAME_LEN];
	u32 id;
	struct rhash_head by_name;
	struct dentry *dir;

	struct mutex gate_lock;		/* see enum pool_gate, sweep_again */
	cpumask_var_t sweep_again;	/* CPUs whose cache was busy when it was to be closed */
	struct work_struct end;
	struct rcu_work release;

	struct depot depots[];
};

/* clock.c */
int kp_clock_init(void (*changed)(void));
void kp_clock_exit(void);
unsigned long kp_now_exactly(void);

static inline struct pool *to_pool(struct kpool *kpool)
{
	return container_of(kpool, struct pool, kpool);
}

static inline void kp_count_gone(struct pool *pool, enum kp_cause cause, unsigned long n)
{
	atomic_long_add(n, &pool->gone[cause]);
}

/* The cause of a teardown where nothing is kept. */
static inline enum kp_cause kp_why_shut(const struct pool *pool)
{
	return READ_ONCE(pool->state) == KPOOL_STATE_LIVE ? KP_OTHER : KP_SHUTDOWN;
}

/* Is this object made of pages, so that its struct page has words for us? */
static inline bool kp_in_pages(const struct pool *pool, const void *obj)
{
	return pool->backing == KPOOL_BACKING_PAGES ||
	       (pool->backing == KPOOL_BACKING_KVMALLOC && !is_vmalloc_addr(obj));
}

/* The word in which a dated object says when it was built: beside its link. */
static inline unsigned long *kp_date(const struct pool *pool, void *obj)
{
	if (unlikely(kp_in_pages(pool, obj)))
		return page_owner_word(virt_to_page(obj));
	return obj + pool->date;
}

/* For limits where 0 and KPOOL_NONE are no limit. */
static inline bool kp_has_limit(unsigned int limit)
{
	return limit && limit != KPOOL_NONE;
}

/* Objects in a full magazine. */
static inline unsigned int kp_full(const struct pool *pool)
{
	return READ_ONCE(pool->magazine) ?: pool->container;
}

/* Idle objects that only the reserve keeps. */
static inline unsigned long kp_stocked(const struct pool *pool)
{
	return pool->line ? READ_ONCE(pool->line->stocked) : 0;
}

/*
 * The clock that objects age by, in ticks, see clock.c. Context: any, NMI too.
 */
extern unsigned long kp_clock_slept;
DECLARE_STATIC_KEY_FALSE(kp_clock_unsure);

static inline unsigned long kp_now(void)
{
	if (static_branch_unlikely(&kp_clock_unsure))
		return kp_now_exactly();
	return jiffies + READ_ONCE(kp_clock_slept);
}

/* A put may be this many ticks later than a get's idea of now: they read the clock apart. */
#define CLOCK_SLACK	((u32)(10 * HZ))

/* Is an object too old that was put at this tick, now? */
static inline bool kp_too_idle(const struct pool *pool, u32 stamp, unsigned long now)
{
	/* Unsigned, so that a long sleep makes nothing young; what looks a bit younger is. */
	return (u32)now - stamp + CLOCK_SLACK >= READ_ONCE(pool->idle_limit);
}

static inline bool kp_is_stale(const struct pool *pool, u32 stamp)
{
	return kp_too_idle(pool, stamp, kp_now());
}

/* Where a magazine, from its first slot on, says when its objects were put. */
static inline u32 *kp_stamps(const struct pool *pool, void **slots)
{
	return (u32 *)(slots + pool->container);
}

/* Is the warmest object in it, and so all of it, too old? */
static inline bool kp_all_stale(const struct pool *pool, void **slots, unsigned int count)
{
	return pool->stamped && count && kp_is_stale(pool, kp_stamps(pool, slots)[count - 1]);
}

/* Exports for the tests, in a build for them only. */
#ifdef KPOOL_FOR_TESTS
#define EXPORT_SYMBOL_FOR_TESTS(sym)	EXPORT_SYMBOL_GPL(sym)
#else
#define EXPORT_SYMBOL_FOR_TESTS(sym)
#endif

extern struct workqueue_struct *kpool_wq;
extern struct workqueue_struct *kpool_build_wq;

/* Objects in a magazine that a consumer may ask for. The netlink spec says so, too. */
#define KPOOL_MAGAZINE_MAX	4096

/* What struct kpool_limits has. */
enum limit {
	LIMIT_MIN_IDLE		= BIT(0),
	LIMIT_MAX_IDLE		= BIT(1),
	LIMIT_MAX		= BIT(2),
	LIMIT_RESERVE		= BIT(3),
	LIMIT_IDLE_MS		= BIT(4),
	LIMIT_LIFETIME_MS	= BIT(5),
	LIMIT_MAGAZINE		= BIT(6),
	LIMIT_ALL		= BIT(7) - 1,
};

/*
 * Why limits are refused, for the log and for who asked by netlink, which has room for
 * as much: NETLINK_MAX_FMTMSG_LEN.
 */
struct reason {
	unsigned int about;		/* of enum limit */
	char text[80];
};

/* params.c */
int kp_params_check(const struct kpool_params *p);
__printf(4, 5)
int kp_refuse(struct reason *why, int err, unsigned int about, const char *fmt, ...);
int kp_limits_check(const struct kpool_params *p, struct reason *why);
unsigned int kp_magazine_most(const struct kpool_params *p);

/* retune.c */
void kp_limits_init(struct pool *pool, const struct kpool_params *p);
int kp_retune(struct pool *pool, const struct kpool_limits *limits, unsigned int given,
	      struct reason *why);
void kp_shed(struct pool *pool);

/* bytes.c */
void kp_bytes_init(struct kp_bytes *bytes, unsigned int members, long most, work_func_t make_room);
void kp_bytes_exit(struct kp_bytes *bytes);
bool kp_bytes_take(struct pool *pool, unsigned long n);
void kp_bytes_count(struct pool *pool, long n);
unsigned long kp_bytes_room(const struct pool *pool);

/* registry.c */
int kp_registry_init(void);
void kp_registry_exit(void);
int kp_registry_reserve(struct pool *pool);
void kp_registry_publish(struct pool *pool);
void kp_registry_free_name(struct pool *pool);
void kp_registry_remove(struct pool *pool);
void kp_registry_lock(void);
void kp_registry_unlock(void);
void kp_registry_assert_locked(void);
struct pool *kp_registry_after(u32 *id);
struct pool *kp_registry_find(u32 id);
struct pool *kp_registry_find_name(const char *name);
struct pool *kp_registry_next(u32 *id);

/* pool.c */
struct kpool *kp_create(const struct kpool_params *p, struct module *owner,
			const struct kp_member *member);
bool kp_abi_matches(struct kpool_abi theirs);
long kp_destroy_begin(struct pool *pool);
int kp_destroy_finish(struct pool *pool, unsigned int timeout_ms);
bool kp_enter(struct pool *pool);
void kp_leave(struct pool *pool);
void kp_unref(struct pool *pool, int n);

/* cache.c */
struct kpool_magazine *kp_magazine_alloc(const struct pool *pool, gfp_t gfp);
bool kp_close_here(struct pool *pool, struct llist_head *found);
struct kpool_magazine *kp_take_spare(struct kpool_cpu *c);
void kp_cache_to_depot(struct pool *pool, struct kpool_cpu *c, struct depot *depot);
void kp_cache_free(struct pool *pool);

/* keep.c */
void kp_kick(struct pool *pool);
void kp_rule(struct pool *pool);
unsigned int kp_keep(struct pool *pool, struct depot *depot, struct kpool_magazine *mag);
void kp_keep_excess(struct pool *pool, struct depot *depot, struct kpool_magazine *mag);

/* put.c */
void kp_place(struct pool *pool, void **objs, unsigned int n);
void kp_put_finish(struct pool *pool, void *obj);

/* close.c */
void kp_close_all(struct pool *pool, struct llist_head *found);
void kp_found_keep(struct pool *pool, struct llist_head *found);
void kp_gate_close(struct pool *pool, struct llist_head *found);

/* drain.c */
unsigned long kp_found_teardown(struct pool *pool, struct llist_head *found, enum kp_cause cause);
unsigned long kp_drain(struct pool *pool, enum kp_cause cause);

/* bypass.c */
bool kp_bypass_all(void);
void kp_set_bypass(struct pool *pool, bool on);
void kp_update_bypass(struct pool *pool);

/* hotplug.c */
int kp_hotplug_init(void);
void kp_hotplug_exit(void);

/* wait.c */
int kp_line_init(struct pool *pool, unsigned long max);
void kp_line_exit(struct pool *pool);
void kp_line_kick(struct pool *pool);
unsigned int kp_line_take(struct pool *pool, void **objs, unsigned int n, unsigned int *slots);
void *kp_line_try_take(struct pool *pool);
int kp_line_put(struct pool *pool, void **objs, unsigned int n, unsigned int *placed,
		struct kpool_magazine **mag);
void kp_line_shut(struct pool *pool);
u64 kp_wait_class_ns(unsigned int class);
void kp_line_serve(struct pool *pool);
unsigned int kp_line_hand(struct pool *pool, void **objs, unsigned int n);
int kp_line_wait(struct pool *pool, gfp_t gfp, void **objs, unsigned int n, long timeout,
		 unsigned int state, bool no_memory);
unsigned int kp_slots_take(struct pool *pool, unsigned int n);
void kp_slots_exceed(struct pool *pool, unsigned int n);
void kp_slots_give(struct pool *pool, unsigned int n);
void kp_gate_set(struct pool *pool, enum pool_gate gate);
bool kp_line_set_max(struct pool *pool, unsigned long max);
unsigned long kp_beyond_max(const struct pool *pool);
bool kp_over_max(const struct pool *pool);

/* reserve.c */
int kp_reserve_fill(struct pool *pool);
long kp_reserve_missing(struct pool *pool);
void kp_reserve_end(struct pool *pool);
void kp_reserve_shrink(struct pool *pool);
void kp_reserve_built(struct pool *pool, unsigned int n);
unsigned int kp_reserve_keep(struct pool *pool, void **objs, unsigned int n);
void *kp_line_take_stock(struct pool *pool);
void kp_stock_take_excess(struct pool *pool, struct llist_head *stock, struct llist_head *memory);
struct llist_node *kp_stock_take_all(struct pool *pool, struct llist_node **memory);
unsigned int kp_reserve_keep_memory(struct pool *pool, void **objs, unsigned int n);
unsigned int kp_reserve_take_memory(struct pool *pool, void **objs, unsigned int n);
void kp_reserve_count(struct pool *pool);
void kp_stock_count(struct pool *pool, bool on);
void kp_stock_add(struct pool *pool, void *obj);
void *kp_stock_take(struct pool *pool);

/* expired.c */
void kp_teardown_later(struct pool *pool, void **objs, unsigned int n, enum kp_cause cause);
void kp_let_go(struct pool *pool, unsigned int n);
void kp_doom_useless(struct pool *pool, void **objs, unsigned int n, enum kp_cause cause);

/* fit.c */
void kp_reject(struct pool *pool, void *obj, enum kp_cause cause);
unsigned int kp_vet(struct pool *pool, void **objs, unsigned int n);
void kp_stamp(const struct pool *pool, void **slots, unsigned int from, unsigned int n);
unsigned int kp_drop_unfit(struct pool *pool, struct kpool_magazine *mag);
bool kp_any_over_here(struct pool *pool);
bool kp_any_unfit(struct pool *pool, struct kpool_magazine *mag, bool dates, u32 *oldest);

/* depot.c */
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
void kp_magazine_split(struct pool *pool, struct kpool_magazine *mag, struct kpool_magazine *rest,
		       unsigned int n);
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

/* backing.c */
int kp_memory_init(struct pool *pool, const struct kpool_params *p);
void kp_memory_exit(struct pool *pool);
void kp_memory_prepare(struct pool *pool);
bool kp_may_allocate(const struct pool *pool);
int kp_build(struct pool *pool, gfp_t gfp, void **objs, unsigned int n);
unsigned int kp_teardown(struct pool *pool, void **objs, unsigned int n, enum kp_cause cause);
void kp_teardown_all(struct pool *pool, void **objs, unsigned int n);
unsigned int kp_memory_alloc(struct pool *pool, gfp_t gfp, void **objs, unsigned int n);
void kp_memory_free(struct pool *pool, void **objs, unsigned int n);
struct llist_node *kp_link(const struct pool *pool, void *obj);
void *kp_linked(const struct pool *pool, struct llist_node *node);

/* defer.c */
void kp_defer_init(struct pool *pool);
void kp_irq_work_sync(struct pool *pool);
void kp_defer_sync(struct pool *pool);
void kp_defer(struct pool *pool, struct llist_head *list, void *obj);
void kp_defer_kick(struct pool *pool);
bool kp_may_teardown(const struct pool *pool);
void kp_discard(struct pool *pool, void **objs, unsigned int n, enum kp_cause cause);
void kp_discard_useless(struct pool *pool, void **objs, unsigned int n, enum kp_cause cause);
unsigned int kp_doom(struct pool *pool, void **objs, unsigned int n, enum kp_cause cause);
bool kp_reap(struct pool *pool, gfp_t gfp);
void kp_teardown_doomed(struct pool *pool);
int kp_work_init(void);
void kp_work_exit(void);
void kp_teardown_list(struct pool *pool, struct llist_node *list);
void kp_want(struct pool *pool, unsigned int todo);
void kp_want_refill(struct pool *pool);

/* rcu.c */
void kp_rcu_start(struct pool *pool);
void kp_rcu_sync(struct pool *pool);

/* Objects grow too old one by one; they are sought out this often while one does. */
#define AGE_LOOKS	8

/* due.c */
extern unsigned int kp_age_interval_ms;
unsigned long kp_age_interval(void);
void kp_due_init(work_func_t pass);
void kp_due_begin(void);
void kp_due_at_once(void);
bool kp_due_now(struct pool *pool, unsigned long now);
unsigned long kp_due_next(struct pool *pool, unsigned long now, unsigned long trimmed_at,
			  unsigned long dates_at, u32 oldest);

/* age.c */
void kp_age_init(void);
void kp_age_exit(void);
void kp_age_expect(struct pool *pool, unsigned long due);
void kp_age_publish(struct pool *pool);
void kp_age_built(struct pool *pool);
void kp_age_changed(struct pool *pool);
void kp_age_soon(struct pool *pool);
void kp_age_recount(void);
void kp_age_start(void);
void kp_age_stop(void);
void kp_age_pass(void);
void kp_age_sync(void);

/* shrink.c */
extern local_t __percpu *kp_reclaimable;
int kp_shrink_init(void);
void kp_shrink_exit(void);
void kp_shrink_add(struct pool *pool);
void kp_shrink_remove(struct pool *pool);
void kp_shrink_last(struct pool *pool);
unsigned long kp_shrink_pool(struct pool *pool, unsigned long want, enum kp_cause cause,
			     unsigned long *freed);
unsigned long kp_shrink_count(void);
unsigned long kp_shrink_scan(unsigned long want, unsigned long *taken);

/* So many objects more, or fewer, are in depots and spares. Context: preemption off; NMI too. */
static inline void kp_count_reclaimable(long n)
{
	local_add(n, this_cpu_ptr(kp_reclaimable));
}

/* fill.c */
int kp_fill(struct pool *pool, unsigned long want);
bool kp_lacks(struct pool *pool);
void kp_regain(struct pool *pool);

/* stats.c */
unsigned int kp_cpu_idle(struct kpool_cpu *c);
unsigned long kp_idle(struct pool *pool);

/* debugfs.c */
void kp_debugfs_init(void);
void kp_debugfs_exit(void);

/* netlink.c */
int kp_netlink_init(void);
void kp_netlink_exit(void);

#endif /* _KPOOL_POOL_H */
