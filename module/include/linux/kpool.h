/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kpool: pools of built objects.
 *
 * A consumer needs this header alone. kpool exports its calls in the namespace
 * KPOOL. A module that uses them contains the line KPOOL_IMPORT_NS; once.
 */
#ifndef _LINUX_KPOOL_H
#define _LINUX_KPOOL_H

#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/cache.h>
#include <linux/cleanup.h>
#include <linux/compiler.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/numa.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/types.h>

/**
 * DOC: overview
 *
 * A pool keeps objects that are not in use *built*: what the constructor set
 * up is still there at the next get. Each CPU keeps a few objects in a cache
 * of its own, so that most gets and puts are an array access with preemption
 * off: no lock, no atomic instruction, no call. Behind the CPUs' caches lies
 * a depot for each NUMA node, behind the depots the kernel's own allocators.
 *
 * kpool_get() and kpool_put() may be called from process, softirq and hardirq
 * context with preemption and interrupts on or off, and nest: an interrupt may
 * use the pool that the code it interrupted is using. See kpool_get() for
 * what holds in NMI and on PREEMPT_RT.
 *
 * Limitations:
 *
 * - an object that is idle in a pool looks alive to KASAN, KMSAN and
 *   slub_debug; load kpool with bypass=1 (or create the pool with
 *   %KPOOL_BYPASS) to let them see through;
 * - idle objects stay on the node where they were put, not where they were
 *   built;
 * - pool memory is not charged to any memory cgroup.
 */

/* Number of the contract between this header and kpool.ko */
#define KPOOL_ABI		3

/*
 * Imports kpool's namespace. MODULE_IMPORT_NS() wants an identifier before Linux
 * 6.13 and a string from then on; this is what either makes of it.
 */
#define KPOOL_IMPORT_NS		MODULE_INFO(import_ns, "KPOOL")

/* Room for a pool's name, its final NUL included */
#define KPOOL_NAME_LEN		32

/* "None at all", for a limit where 0 means "no limit" */
#define KPOOL_NONE		(~0U)

/**
 * enum kpool_flags - what a pool does beyond the ordinary
 * @KPOOL_ZERO_ON_PUT: wipe each object when it is put, after reset, and again
 *	before its memory goes back. Wipes wipe_size bytes from wipe_offset; the
 *	whole object where both are 0, which a pool with a constructor refuses.
 * @KPOOL_BYPASS: keep nothing: each get builds, each put tears down, so that
 *	memory debuggers see through the pool. A get that may not build, see below,
 *	finds nothing then.
 * @KPOOL_OWN_CACHE: take small objects from a slab cache of this pool's own,
 *	not from one shared with pools of equal geometry. It is made at creation.
 * @KPOOL_VMALLOC: take objects from vmalloc(). They are built only by a get
 *	that may block, and always torn down by a worker.
 * @KPOOL_KVMALLOC: take objects, of a page or more, from pages if there are enough in one
 *	piece without any effort, else, in a get that may block, from vmalloc(). They
 *	are always torn down by a worker.
 * @KPOOL_SLEEPING: ctor and dtor may sleep whatever the context of the caller.
 *	Objects are built only by a get that may block, and torn down by a worker.
 *	A get that may not block is served with what is idle.
 * @KPOOL_ANYCTX: the pool is used under scheduler locks or others that no
 *	allocator may be called under: gets that may not block, and all puts, use
 *	trylocks only, and leave what they cannot do to an irq_work.
 * @KPOOL_ON_NODE: objects are built on the node in &kpool_params.node, while it
 *	has memory (without this flag a zeroed struct would mean node 0).
 * @KPOOL_BUILD_IN_WORKER: ctor runs in a worker, for objects that must not keep
 *	anything of the task that happened to miss. Objects are built only by a get
 *	that may block, which waits for the worker; so this ctor must not get from
 *	another such pool.
 * @KPOOL_BEYOND_MAX: a get that finds as many objects as may exist builds one
 *	more, instead of failing or waiting, and a put tears one down while there are
 *	more than max. So max is what is kept, not what is given. Needs max.
 * @KPOOL_RCU: kpool_put_rcu() can be used, too. Takes a pointer more an object, unless the
 *	pool has callbacks, wiping or objects of a page.
 */
enum kpool_flags {
	KPOOL_ZERO_ON_PUT	= BIT(0),
	KPOOL_BYPASS		= BIT(1),
	KPOOL_OWN_CACHE		= BIT(2),
	KPOOL_VMALLOC		= BIT(3),
	KPOOL_SLEEPING		= BIT(4),
	KPOOL_ANYCTX		= BIT(5),
	KPOOL_ON_NODE		= BIT(6),
	KPOOL_BUILD_IN_WORKER	= BIT(7),
	KPOOL_BEYOND_MAX	= BIT(8),
	KPOOL_RCU		= BIT(9),
	KPOOL_KVMALLOC		= BIT(10),
};

/**
 * struct kpool_ops - how a pool's objects are built, reset and torn down
 * @ctor: builds an object in fresh memory, once; runs in whichever task or
 *	interrupt missed, unless %KPOOL_BUILD_IN_WORKER, so it must not keep
 *	current's credentials or namespaces. It may use @gfp to allocate, on @node where it has the
 *	choice. Returns 0, or an error that reaches the caller of the get; then
 *	nothing of it may be left behind, and dtor is not called.
 * @reset: runs on each put, also on one that ends in a teardown, in the context
 *	of that put. Must not sleep.
 * @check: says on a get whether an idle object is still healthy, also one that a put
 *	hands to a get that waits; a fresh one is not asked about. Where it says false
 *	the object is torn down, and the get goes on to the next, or builds one. Must
 *	not sleep. A get in NMI, where no callback runs, finds nothing.
 * @dtor: undoes @ctor before the memory goes back, once. May sleep only in
 *	a pool with %KPOOL_SLEEPING.
 *
 * All are optional, run with no kpool lock held, and may get from and put to
 * other pools. None runs in NMI: a put there is finished by an irq_work.
 */
struct kpool_ops {
	int (*ctor)(void *obj, void *ctx, gfp_t gfp, int node);
	void (*reset)(void *obj, void *ctx);
	bool (*check)(void *obj, void *ctx);
	void (*dtor)(void *obj, void *ctx);
};

/**
 * struct kpool_params - what kpool_create() is to create
 * @name: name of the pool, printable ASCII without blanks and slashes, up to
 *	31 characters; no other pool may have it
 * @size: bytes an object, above 0
 * @align: alignment of an object in bytes, a power of two; 0: that of a pointer
 * @zone: %GFP_DMA, %GFP_DMA32 or 0
 * @node: with %KPOOL_ON_NODE: node that all objects are built on; else 0 or
 *	%NUMA_NO_NODE, and it is the node of the CPU that misses
 * @flags: of &enum kpool_flags
 * @magazine: objects in one of the two magazines of a CPU; 0: chosen by size
 * @min_idle: objects built at creation, and kept idle from then on by all but
 *	kpool_trim() and kpool_destroy()
 * @max: objects that exist never exceed this; 0: no limit. A get of one more fails
 *	with -EBUSY, or waits; see %KPOOL_BEYOND_MAX, too. CPU caches are kept
 *	small, as for @max_idle. %KPOOL_NONE: no limit yet, but kpool_retune() may set one.
 * @max_idle: idle objects never exceed this; 0: no limit, %KPOOL_NONE: keep
 *	nothing. All CPUs' magazines together hold at most half of it; where that
 *	leaves them no room the pool works without them.
 * @reserve: a floor under the number of objects that exist: built at creation,
 *	handed out like any other, and torn down by nothing but the pool's end. A
 *	waiting get that finds no memory waits for an object then, as if the pool
 *	were full, and looks for memory from time to time: so it ends as soon as
 *	holders put, as with mempool_alloc(). A bulk get of more than @reserve does not
 *	wait for that, but fails with -ENOMEM. At most @max and @max_idle. With
 *	@idle_ms, where objects do not stay, it is the memory of so many that is kept,
 *	from creation on; so is that of an object that had to be torn down. (With
 *	%KPOOL_VMALLOC the kernel insists on some memory for page tables all the same.)
 * @idle_ms: an object that was idle for so many milliseconds is not handed out any
 *	more, to within a tick, and is torn down in the background; 0: no limit. Time
 *	that the machine sleeps counts. A get that fails, and had the object for a
 *	moment, counts as a put. %KPOOL_NONE: no limit yet, but kpool_retune() may set
 *	one.
 * @lifetime_ms: an object that has existed for so many milliseconds is torn down at its
 *	next put or get, or in the background; some up to a sixteenth earlier, so that
 *	those that were built at once do not all end at once. 0 and %KPOOL_NONE: as
 *	for @idle_ms.
 * @useroffset: where the bytes begin that may be copied to and from user space
 * @usersize: how many there are, 0: none. Only objects smaller than a page
 *	need it, others may be copied whole.
 * @wipe_offset: with %KPOOL_ZERO_ON_PUT: where the bytes to be wiped begin
 * @wipe_size: how many there are
 * @ops: how objects are built and torn down, may be NULL. Copied.
 * @ctx: handed to each of @ops
 *
 * Zero what is not used. kpool_create() copies all of it.
 */
struct kpool_params {
	const char *name;
	size_t size;
	size_t align;
	gfp_t zone;
	int node;
	unsigned int flags;
	unsigned int magazine;
	unsigned int min_idle;
	unsigned int max_idle;
	unsigned int max;
	unsigned int reserve;
	unsigned int idle_ms;
	unsigned int lifetime_ms;
	size_t useroffset;
	size_t usersize;
	size_t wipe_offset;
	size_t wipe_size;
	const struct kpool_ops *ops;
	void *ctx;
};

/**
 * struct kpool_limits - what kpool_retune() can change, see &struct kpool_params
 * @min_idle: objects that are kept idle
 * @max_idle: idle objects never exceed this
 * @max: objects that exist never exceed this; 0: no limit
 * @reserve: objects that exist are never fewer
 * @idle_ms: for how long an object may be idle
 * @lifetime_ms: for how long one may exist
 * @magazine: objects in one of the two magazines of a CPU; 0: chosen by size, and as
 *	small as @max_idle and @max need it
 */
struct kpool_limits {
	unsigned int min_idle;
	unsigned int max_idle;
	unsigned int max;
	unsigned int reserve;
	unsigned int idle_ms;
	unsigned int lifetime_ms;
	unsigned int magazine;
};

/**
 * struct kpool_stats - figures of a pool since its creation
 * @existing: objects that exist now: exact at any time
 * @idle: objects idle in caches and depots; a sum over all CPUs
 * @in_use: @existing less @idle
 * @created: objects built
 * @destroyed: objects torn down
 * @gets: objects that gets returned
 * @puts: objects that puts took
 * @get_misses: gets that the CPU's cache could not serve
 * @put_misses: puts that the CPU's cache could not take
 * @depot_gets: magazines and single objects taken from a depot
 * @depot_puts: magazines and single objects given to a depot
 * @build_failures: builds that failed, for want of memory or in ctor
 * @ctor_failures: builds that the constructor gave up
 * @trimmed: idle objects that ageing and kpool_trim() tore down
 * @over_max_idle: objects torn down because max_idle had no room for them
 * @reclaimed: idle objects torn down because the system was short of memory
 * @idle_expired: objects torn down that were idle for longer than idle_ms
 * @lifetime_expired: objects torn down that existed for longer than lifetime_ms
 * @unhealthy: objects torn down because check found them unhealthy
 * @shut_down: objects torn down because the pool is being destroyed
 * @deferred: puts and teardowns that were left to an irq_work or a worker
 * @close_retries: CPU caches that were busy when an interrupt was to close them
 * @waiting: gets that wait now
 * @waits: gets that waited
 * @wait_ns: nanoseconds that they waited, all together
 * @timeouts: those of them whose time was up
 * @interrupted: those that a signal ended
 * @exhausted: gets that found as many objects as may exist, and waited or failed
 * @beyond: objects that %KPOOL_BEYOND_MAX had built beyond max
 * @sweeps: times that all CPU caches were closed for those who wait
 * @existing_peak: most objects that existed or were being built at a time
 * @waiting_peak: most gets that waited at a time
 * @reserve_used: gets that found no memory, and had an object all the same
 *
 * Those from @waiting on are of pools with max or reserve.
 *
 * @created == @destroyed + @existing and @gets == @puts + @in_use when the pool
 * is quiet; @existing == @idle + @in_use always.
 */
struct kpool_stats {
	u64 existing;
	u64 idle;
	u64 in_use;
	u64 created;
	u64 destroyed;
	u64 gets;
	u64 puts;
	u64 get_misses;
	u64 put_misses;
	u64 depot_gets;
	u64 depot_puts;
	u64 build_failures;
	u64 ctor_failures;
	u64 trimmed;
	u64 over_max_idle;
	u64 reclaimed;
	u64 idle_expired;
	u64 lifetime_expired;
	u64 unhealthy;
	u64 shut_down;
	u64 deferred;
	u64 close_retries;
	u64 waiting;
	u64 waits;
	u64 wait_ns;
	u64 timeouts;
	u64 interrupted;
	u64 exhausted;
	u64 beyond;
	u64 sweeps;
	u64 existing_peak;
	u64 waiting_peak;
	u64 reserve_used;
};

/* Values of kpool_cpu.state: 0 lets a get or put through on the fast path. */
#define KPOOL_CPU_BUSY		1	/* somebody on this CPU is at work in it */
#define KPOOL_CPU_SPECIAL	2	/* never changes: all goes out of line */
#define KPOOL_CPU_PICKY		4	/* the same, and hits look at what they get and put */

/*
 * A CPU's cache: one cache line, written by its own CPU alone, under
 * KPOOL_CPU_BUSY with preemption off, but for seen and spare.
 *
 * The cache is open (capacity > 0) or closed (capacity 0). capacity == 0
 * implies count == 0, so a closed cache serves nothing and takes nothing, and
 * the fast path needs no test for it.
 */
struct kpool_cpu {
	u8 state;
	unsigned int count;		/* objects in slots[] */
	unsigned int capacity;
	unsigned int seen;		/* ageing's own: gets + puts at its last look */
	void **slots;			/* the loaded magazine's */
	u64 gets;
	u64 puts;
	unsigned long get_misses;
	unsigned long put_misses;
	struct kpool_magazine *spare;	/* any CPU may take it, by xchg() */
} __aligned(64);

/**
 * struct kpool - a pool
 *
 * Only what the inline functions read is here; the rest is private.
 */
struct kpool {
	/* private: */
	struct kpool_cpu __percpu *cpu;
};

/*
 * A get gives reclaim bits only: the zone belongs to the pool, and the rest
 * makes no sense for memory that outlives its user. Checked at compile time
 * where the flags are constant, else on a miss.
 */
#define KPOOL_GFP_REFUSED \
	(GFP_ZONEMASK | __GFP_NOFAIL | __GFP_ACCOUNT | __GFP_THISNODE | __GFP_COMP)

/* What the inlines know of the structs; kpool_create() compares. */
struct kpool_abi {
	u16 number;
	u16 params_size;
	u16 stats_size;
	u16 cpu_size;
};

#define KPOOL_ABI_HERE							\
	((struct kpool_abi){ KPOOL_ABI, sizeof(struct kpool_params),	\
			     sizeof(struct kpool_stats), sizeof(struct kpool_cpu) })

struct kpool *__kpool_create(const struct kpool_params *params, struct module *owner,
			     struct kpool_abi abi);

/**
 * kpool_create() - create a pool
 * @params: what it is to be; copied
 *
 * Says which parameter is wrong, and why, in the kernel log.
 *
 * Context: process context, may sleep.
 * Return: the pool, or an ERR_PTR: -EINVAL for a bad parameter or a kpool.ko
 * of another version, -EEXIST if a pool of that name exists, -ENOMEM, or what
 * the constructor returned while building min_idle objects. On an error nothing
 * is left behind. The caller ends the pool with kpool_destroy() or
 * kpool_destroy_sync().
 */
static inline struct kpool *kpool_create(const struct kpool_params *params)
{
	return __kpool_create(params, THIS_MODULE, KPOOL_ABI_HERE);
}

void kpool_destroy(struct kpool *pool);
int kpool_destroy_sync(struct kpool *pool, unsigned int timeout_ms);
unsigned long kpool_trim(struct kpool *pool);
int kpool_retune(struct kpool *pool, const struct kpool_limits *limits);
void kpool_limits(struct kpool *pool, struct kpool_limits *limits);
void kpool_stats(struct kpool *pool, struct kpool_stats *stats);
const char *kpool_name(const struct kpool *pool);

void *kpool_get_slow(struct kpool *pool, gfp_t gfp, struct kpool_cpu *c);
void *kpool_get_zeroed(struct kpool *pool, gfp_t gfp);
void kpool_put_slow(struct kpool *pool, void *obj);

void *kpool_get_waiting(struct kpool *pool, gfp_t gfp, struct kpool_cpu *c, long timeout,
			unsigned int state);

int kpool_get_bulk(struct kpool *pool, gfp_t gfp, void **objs, unsigned int n);
int kpool_get_bulk_waiting(struct kpool *pool, gfp_t gfp, void **objs, unsigned int n,
			   long timeout, unsigned int state);
void kpool_put_bulk(struct kpool *pool, void **objs, unsigned int n);
void kpool_put_rcu(struct kpool *pool, void *obj);

/*
 * The hit path; rest is what state is outside of it. Whoever interrupts the
 * functions below sees KPOOL_CPU_BUSY and leaves this CPU's cache alone, so
 * plain accesses and compiler barriers do. No other CPU writes these fields.
 *
 * data_race(): only this CPU writes the field, and one instruction changes it. Other
 * CPUs read it, with READ_ONCE(), for a sum or a hint, which may be old.
 */
static __always_inline bool __kpool_hit_get_sum(struct kpool_cpu *c, u8 rest, void **obj,
						u64 *sum, u64 more, u64 *count)
{
	unsigned int n;

	WRITE_ONCE(c->state, rest | KPOOL_CPU_BUSY);
	barrier();
	n = c->count;
	if (unlikely(!n)) {
		barrier();
		WRITE_ONCE(c->state, rest);
		return false;
	}
	WRITE_ONCE(c->count, --n);
	*obj = c->slots[n];
	data_race(c->gets++);		/* see above, here and below */
	data_race(*sum += more);	/* likewise */
	data_race(++*count);		/* likewise */
	barrier();
	WRITE_ONCE(c->state, rest);
	return true;
}

static __always_inline bool __kpool_hit_get(struct kpool_cpu *c, u8 rest, void **obj)
{
	u64 nothing = 0;	/* which the compiler leaves out */

	return __kpool_hit_get_sum(c, rest, obj, &nothing, 0, &nothing);
}

static __always_inline bool __kpool_hit_put(struct kpool_cpu *c, u8 rest, void *obj)
{
	unsigned int n;

	WRITE_ONCE(c->state, rest | KPOOL_CPU_BUSY);
	barrier();
	/*
	 * READ_ONCE() keeps the load from being one with that of capacity. Such a
	 * wider load waits for the store of count by a get right before.
	 */
	n = READ_ONCE(c->count);
	if (unlikely(n >= c->capacity)) {
		barrier();
		WRITE_ONCE(c->state, rest);
		return false;
	}
	c->slots[n] = obj;
	data_race(c->count++);	/* in memory: one instruction less than n + 1 */
	data_race(c->puts++);	/* see above */
	barrier();
	WRITE_ONCE(c->state, rest);
	return true;
}

/*
 * Whether this CPU's cache is at rest. Not READ_ONCE(): a byte cannot tear, the
 * barriers of preempt_disable() and of the sections above keep it in its place,
 * and the compiler may then compare it in memory. The callers say likely(): clang forgets
 * what an inline function expects of its result.
 */
static __always_inline bool __kpool_may_hit(const struct kpool_cpu *c)
{
	return !data_race(c->state);	/* see above */
}

/**
 * kpool_get() - get an object
 * @pool: the pool
 * @gfp: how memory may be had if the object must be built: GFP_KERNEL,
 *	GFP_ATOMIC and the like. With __GFP_ZERO the object is zeroed, which a pool
 *	with a constructor refuses.
 *
 * Never waits for a put. The object is the one that was put last on this CPU,
 * as the constructor and reset left it. In a pool without a constructor its
 * contents are undefined.
 *
 * Context: any but NMI, and may sleep only if @gfp says so and the object must
 * be built. In NMI, and for a @gfp that may not block in a pool with
 * %KPOOL_ANYCTX: only what a trylock can reach. On PREEMPT_RT with preemption
 * or interrupts off: only what is idle in the pool.
 * Return: the object, which the caller puts back with kpool_put(), or an
 * ERR_PTR, never NULL: -ENOMEM; -EINVAL for a @gfp that is refused; -EBUSY if as
 * many objects exist as may, and in NMI and %KPOOL_ANYCTX if nothing could be
 * reached; -ESHUTDOWN if the pool is
 * being destroyed; or what the constructor returned.
 */
static __always_inline void *kpool_get(struct kpool *pool, gfp_t gfp)
{
	struct kpool_cpu *c;
	void *obj;

	BUILD_BUG_ON_MSG(__builtin_constant_p(gfp) && (gfp & KPOOL_GFP_REFUSED),
			 "a get takes reclaim flags only");
#ifdef CONFIG_DEBUG_ATOMIC_SLEEP
	might_sleep_if(gfpflags_allow_blocking(gfp));
#endif
	if (unlikely(gfp & __GFP_ZERO))
		return kpool_get_zeroed(pool, gfp);

	preempt_disable();
	c = this_cpu_ptr(pool->cpu);
	if (likely(__kpool_may_hit(c)) && __kpool_hit_get(c, 0, &obj)) {
		preempt_enable();
		return obj;
	}
	return kpool_get_slow(pool, gfp, c);
}

static __always_inline void *__kpool_get_waiting(struct kpool *pool, gfp_t gfp, long timeout,
						 unsigned int state)
{
	struct kpool_cpu *c;
	void *obj;

	BUILD_BUG_ON_MSG(__builtin_constant_p(gfp) && (gfp & (KPOOL_GFP_REFUSED | __GFP_ZERO)),
			 "a get that waits takes reclaim flags only");
#ifdef CONFIG_DEBUG_ATOMIC_SLEEP
	might_sleep();
#endif
	preempt_disable();
	c = this_cpu_ptr(pool->cpu);
	if (likely(__kpool_may_hit(c)) && __kpool_hit_get(c, 0, &obj)) {
		preempt_enable();
		return obj;
	}
	return kpool_get_waiting(pool, gfp, c, timeout, state);
}

/**
 * kpool_get_timeout() - get an object, wait for one if there is none
 * @pool: the pool
 * @gfp: as for kpool_get(), but one that may block, and without __GFP_ZERO
 * @timeout: for how long to wait at most, in jiffies; MAX_SCHEDULE_TIMEOUT: for
 *	ever. 0 does not wait, but collects what lies idle in other CPUs' caches.
 *
 * In a pool with max, where as many objects exist as may and none is idle, waits
 * for one to be put or torn down. Waiting gets of a pool form one line, first
 * come, first served: no get that begins after one has gone to sleep overtakes
 * it. In a pool with reserve a get that finds no memory waits, too, and for a moment
 * leaves the line each time that it looks for some again. In pools without either it
 * is kpool_get().
 *
 * Context: process context, sleeps.
 * Return: as kpool_get(); -ETIMEDOUT when the time is up, -ESHUTDOWN when the pool
 * is destroyed meanwhile.
 */
static __always_inline void *kpool_get_timeout(struct kpool *pool, gfp_t gfp, long timeout)
{
	return __kpool_get_waiting(pool, gfp, timeout, TASK_UNINTERRUPTIBLE);
}

/**
 * kpool_get_interruptible_timeout() - kpool_get_timeout() that a signal ends
 * @pool: the pool
 * @gfp: as for kpool_get_timeout()
 * @timeout: as for kpool_get_timeout()
 *
 * A signal that is pending already does not keep it from an object that is there.
 *
 * Context: process context, sleeps.
 * Return: as kpool_get_timeout(); -ERESTARTSYS after a signal.
 */
static __always_inline void *kpool_get_interruptible_timeout(struct kpool *pool, gfp_t gfp,
							     long timeout)
{
	return __kpool_get_waiting(pool, gfp, timeout, TASK_INTERRUPTIBLE);
}

/**
 * kpool_get_killable_timeout() - kpool_get_timeout() that a fatal signal ends
 * @pool: the pool
 * @gfp: as for kpool_get_timeout()
 * @timeout: as for kpool_get_timeout()
 *
 * Context: process context, sleeps.
 * Return: as kpool_get_timeout(); -ERESTARTSYS after a fatal signal.
 */
static __always_inline void *kpool_get_killable_timeout(struct kpool *pool, gfp_t gfp,
							long timeout)
{
	return __kpool_get_waiting(pool, gfp, timeout, TASK_KILLABLE);
}

/**
 * kpool_get_bulk_timeout() - get several objects, or none; wait for them
 * @pool: the pool
 * @gfp: as for kpool_get_timeout()
 * @objs: where they go, room for @n
 * @n: how many; 0 succeeds and does nothing
 * @timeout: as for kpool_get_timeout()
 *
 * Waits in the same line as all others; at its head it is given what comes until
 * it has all. Holds nothing before, so two of them cannot keep each other waiting.
 *
 * Context: process context, sleeps.
 * Return: as kpool_get_bulk(); -ETIMEDOUT, -ESHUTDOWN as kpool_get_timeout();
 * -EINVAL if @n is more than max.
 */
static inline int kpool_get_bulk_timeout(struct kpool *pool, gfp_t gfp, void **objs,
					 unsigned int n, long timeout)
{
	return kpool_get_bulk_waiting(pool, gfp, objs, n, timeout, TASK_UNINTERRUPTIBLE);
}

/**
 * kpool_get_bulk_interruptible_timeout() - kpool_get_bulk_timeout() that a signal ends
 * @pool: the pool
 * @gfp: as for kpool_get_timeout()
 * @objs: where they go, room for @n
 * @n: how many; 0 succeeds and does nothing
 * @timeout: as for kpool_get_timeout()
 *
 * Context: process context, sleeps.
 * Return: as kpool_get_bulk_timeout(); -ERESTARTSYS after a signal.
 */
static inline int kpool_get_bulk_interruptible_timeout(struct kpool *pool, gfp_t gfp,
						       void **objs, unsigned int n, long timeout)
{
	return kpool_get_bulk_waiting(pool, gfp, objs, n, timeout, TASK_INTERRUPTIBLE);
}

/**
 * kpool_get_bulk_killable_timeout() - kpool_get_bulk_timeout() that a fatal signal ends
 * @pool: the pool
 * @gfp: as for kpool_get_timeout()
 * @objs: where they go, room for @n
 * @n: how many; 0 succeeds and does nothing
 * @timeout: as for kpool_get_timeout()
 *
 * Context: process context, sleeps.
 * Return: as kpool_get_bulk_timeout(); -ERESTARTSYS after a fatal signal.
 */
static inline int kpool_get_bulk_killable_timeout(struct kpool *pool, gfp_t gfp, void **objs,
						  unsigned int n, long timeout)
{
	return kpool_get_bulk_waiting(pool, gfp, objs, n, timeout, TASK_KILLABLE);
}

/**
 * kpool_put() - put an object back
 * @pool: the pool that it came from
 * @obj: the object; NULL and an ERR_PTR are ignored
 *
 * Cannot fail and never sleeps. Puts are welcome on any CPU, and after
 * kpool_destroy() too: then the object is torn down.
 *
 * Context: any. In NMI the put of a pool with callbacks or wiping is finished
 * by an irq_work; until then the object counts as in use.
 */
static __always_inline void kpool_put(struct kpool *pool, void *obj)
{
	struct kpool_cpu *c;

	if (IS_ERR_OR_NULL(obj))
		return;

	preempt_disable();
	c = this_cpu_ptr(pool->cpu);
	if (likely(__kpool_may_hit(c)) && __kpool_hit_put(c, 0, obj)) {
		preempt_enable();
		return;
	}
	preempt_enable();
	kpool_put_slow(pool, obj);
}

/**
 * DOC: scoped get
 *
 * A scoped get declares a variable whose object is put when the block is left,
 * by whatever way::
 *
 *	kpool_scoped(struct request, req, pool, GFP_KERNEL);
 *
 *	if (IS_ERR(req))
 *		return PTR_ERR(req);
 *	...
 *	return 0;
 */
struct kpool_scope {
	struct kpool *pool;
	void *obj;
};

static __always_inline void __kpool_scope_exit(struct kpool_scope *scope)
{
	kpool_put(scope->pool, scope->obj);
}

/**
 * kpool_scoped() - declare a pointer to an object that is put at the end of the block
 * @_type: type of the object
 * @_name: name of the pointer, a ``_type *const``; an ERR_PTR if the get failed
 * @_pool: the pool
 * @_gfp: as for kpool_get()
 */
#define kpool_scoped(_type, _name, _pool, _gfp)					\
	struct kpool_scope _name##_scope __cleanup(__kpool_scope_exit) =	\
		({ struct kpool *__pool = (_pool);				\
		   (struct kpool_scope){ __pool, kpool_get(__pool, _gfp) }; });	\
	_type * const _name = _name##_scope.obj

/**
 * kpool_scope_keep() - do not put at the end of the block after all
 * @_name: name that was given to kpool_scoped()
 *
 * Return: the object, which the caller now owns.
 */
#define kpool_scope_keep(_name)							\
	({ typeof(_name) __kept = (_name); _name##_scope.obj = NULL; __kept; })

/**
 * DEFINE_KPOOL_TYPE() - give pools of one type of object functions of their own
 * @_name: prefix of what is defined
 * @_type: type of the objects
 *
 * Defines ``struct _name_pool``, the same thing as a &struct kpool but a type
 * of its own, and typed calls: _name_pool_create(), which sets size and
 * alignment, _name_pool_destroy(), _name_pool_destroy_sync(), _name_get(),
 * _name_get_timeout(), _name_get_interruptible_timeout(),
 * _name_get_killable_timeout(), _name_put(), _name_put_rcu(), _name_get_bulk() and
 * _name_put_bulk(). An object or a pool of another type does not compile there.
 * _name_pool() gives the &struct kpool for the untyped calls.
 */
#define DEFINE_KPOOL_TYPE(_name, _type)						\
struct _name##_pool {								\
	struct kpool kpool;							\
};										\
static inline struct kpool *_name##_pool(struct _name##_pool *pool)		\
{										\
	return &pool->kpool;							\
}										\
static inline struct _name##_pool *						\
_name##_pool_create(const struct kpool_params *params)				\
{										\
	struct kpool_params p = *params;					\
										\
	p.size = sizeof(_type);							\
	p.align = max_t(size_t, p.align, __alignof__(_type));			\
	return (struct _name##_pool *)kpool_create(&p);				\
}										\
static inline void _name##_pool_destroy(struct _name##_pool *pool)		\
{										\
	kpool_destroy(&pool->kpool);						\
}										\
static inline int _name##_pool_destroy_sync(struct _name##_pool *pool,		\
					    unsigned int timeout_ms)		\
{										\
	return kpool_destroy_sync(&pool->kpool, timeout_ms);			\
}										\
static __always_inline _type *_name##_get(struct _name##_pool *pool, gfp_t gfp)	\
{										\
	return kpool_get(&pool->kpool, gfp);					\
}										\
static __always_inline _type *							\
_name##_get_timeout(struct _name##_pool *pool, gfp_t gfp, long timeout)	\
{										\
	return kpool_get_timeout(&pool->kpool, gfp, timeout);			\
}										\
static __always_inline _type *							\
_name##_get_interruptible_timeout(struct _name##_pool *pool, gfp_t gfp,	\
				  long timeout)				\
{										\
	return kpool_get_interruptible_timeout(&pool->kpool, gfp, timeout);	\
}										\
static __always_inline _type *							\
_name##_get_killable_timeout(struct _name##_pool *pool, gfp_t gfp,		\
			     long timeout)					\
{										\
	return kpool_get_killable_timeout(&pool->kpool, gfp, timeout);		\
}										\
static __always_inline void _name##_put(struct _name##_pool *pool, _type *obj)	\
{										\
	kpool_put(&pool->kpool, obj);						\
}										\
static inline void _name##_put_rcu(struct _name##_pool *pool, _type *obj)	\
{										\
	kpool_put_rcu(&pool->kpool, obj);					\
}										\
static inline int _name##_get_bulk(struct _name##_pool *pool, gfp_t gfp,	\
				   _type **objs, unsigned int n)		\
{										\
	return kpool_get_bulk(&pool->kpool, gfp, (void **)objs, n);		\
}										\
static inline void _name##_put_bulk(struct _name##_pool *pool, _type **objs,	\
				    unsigned int n)				\
{										\
	kpool_put_bulk(&pool->kpool, (void **)objs, n);				\
}										\
struct _name##_pool

#endif /* _LINUX_KPOOL_H */
