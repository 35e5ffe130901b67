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
#include <linux/compiler.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/kpool/figures.h>
#include <linux/kpool/hit.h>
#include <linux/kpool/memory.h>
#include <linux/module.h>
#include <linux/numa.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/types.h>

/**
 * DOC: overview
 *
 * A pool keeps idle objects *built*: whatever the constructor set up is still there at the next
 * get. Each CPU has a cache of a few objects. So most gets and puts are an array access with
 * preemption off: no lock, no atomic instruction, no call. Behind the caches each NUMA node has a
 * depot. Behind the depots are the kernel's own allocators.
 *
 * You may call kpool_get() and kpool_put() in process, softirq and hardirq context, with
 * preemption and interrupts on or off. The calls nest: an interrupt may use the pool that the
 * interrupted code is using. kpool_get() says what holds in NMI and on PREEMPT_RT.
 *
 * Limitations:
 *
 * - KASAN, KMSAN and slub_debug see an idle object as one that is in use. Load kpool with
 *   bypass=1, or create the pool with %KPOOL_BYPASS, so that they see each object's end;
 * - an idle object stays on the node where it was put, not where it was built;
 * - the memory of objects is charged to a memory cgroup only if the pool has %KPOOL_ACCOUNT or
 *   %KPOOL_ACCOUNT_GETTER. What kpool needs besides objects is charged to nobody.
 */

/* Number of the contract between this header and kpool.ko. */
#define KPOOL_ABI		10

/*
 * Imports kpool's namespace. MODULE_IMPORT_NS() wants an identifier before Linux
 * 6.13 and a string from then on; this is what either makes of it.
 */
#define KPOOL_IMPORT_NS		MODULE_INFO(import_ns, "KPOOL")

/* Room for a pool's name, its final NUL included */
#define KPOOL_NAME_LEN		32

/* For max, idle_ms and lifetime_ms: no limit yet, but kpool_retune() may set one. */
#define KPOOL_UNLIMITED		(~0U)

/* For max_idle, where 0 means no limit: keep no object idle. */
#define KPOOL_KEEP_NONE		(~0U)

/**
 * enum kpool_flags - what a pool does beyond the ordinary
 * @KPOOL_ZERO_ON_PUT: wipe each object when it is put, after reset. Wipe the object again
 *	before its memory is freed. A wipe covers wipe_size bytes from wipe_offset. If both are
 *	0, a wipe covers the whole object; a pool with a constructor refuses that. A caller that
 *	cannot let other tasks run wipes no more than 64 KiB in one call: in an interrupt, with
 *	preemption or interrupts off, or as an RCU reader. A worker finishes other puts, as in NMI.
 * @KPOOL_BYPASS: keep no idle object. Each get builds an object and each put tears the
 *	object down, so that memory debuggers see through the pool. A get that may not build
 *	finds nothing in such a pool; the flags below say which gets may not build.
 * @KPOOL_OWN_CACHE: take small objects from a slab cache that belongs to this pool alone.
 *	Without this flag, pools of equal geometry share a slab cache. kpool_create() makes
 *	the cache.
 * @KPOOL_VMALLOC: take objects from vmalloc(). Only a get that may block builds them. A
 *	worker always tears them down.
 * @KPOOL_KVMALLOC: take objects, which must be of a page or more, from contiguous pages, if such
 *	pages are free without any effort. Otherwise a get that may block takes the object from
 *	vmalloc(). A worker always tears the objects down.
 * @KPOOL_SLEEPING: ctor and dtor may sleep, whatever the context of the caller. Only a get
 *	that may block builds objects, and workers tear them down, each its own object. A get
 *	that may not block gets an idle object or fails. A get that may block can wait for such
 *	a teardown, so the caller must not hold a lock that ctor or dtor takes.
 * @KPOOL_ANYCTX: the pool is used under scheduler locks, or under other locks under which no
 *	allocator may be called that takes locks. All puts, and gets that may not block, use
 *	trylocks only. They leave the work that they cannot do to an irq_work. On Linux 7 and later,
 *	such a get may build an object that has no constructor and no lifetime.
 * @KPOOL_ON_NODE: build objects on the node in &kpool_params.node, while that node has
 *	memory. (Without this flag a zeroed struct would mean node 0.)
 * @KPOOL_BUILD_IN_WORKER: ctor runs in a worker, for objects that must not keep anything
 *	of the task that happened to miss. Only a get that may block builds objects, and the
 *	get waits for the worker. So this ctor must not get from another pool with this flag.
 *	The deadline of a get, and a signal that may end its wait, also end this wait. The
 *	object then goes to the pool.
 * @KPOOL_OVERFLOW: a get that finds max objects, and none of them idle within reach, builds one
 *	more object instead of failing or waiting. While more than max objects exist, each put
 *	tears an object down. So max limits the objects that the pool keeps, not the objects
 *	that it gives. Needs max.
 * @KPOOL_RCU: the consumer may also call kpool_put_rcu(). Each object takes one pointer more,
 *	unless the pool has callbacks, wiping or objects of a page.
 * @KPOOL_DEBUG: check each get and put. The log tells about an object that is put twice or into
 *	the wrong pool, an address that is no object, a write to an object after its put, a write
 *	behind its end, and an object that is held for too long. Each line names the functions
 *	that got and put the object. A wrong put is refused: nothing else happens. Gets and puts
 *	cost more, and each object takes a record and 24 bytes more. An object without callbacks
 *	and wiping holds a pattern after its put. Not with %KPOOL_ANYCTX.
 *	kpool.ko's parameter debug does this to all pools that are created later.
 * @KPOOL_ACCOUNT: charge the memory of objects to the memory cgroup of the task that creates the
 *	pool. The cgroup pays for idle objects, too, and for objects that other tasks and workers
 *	build. Where the cgroup's memory.max leaves no room, a build does what other allocations of
 *	the cgroup do: it reclaims, then the kernel ends tasks of the cgroup, and if nothing helps
 *	the build finds no memory. While ctor runs, what ctor allocates with %GFP_KERNEL_ACCOUNT is
 *	charged to the same cgroup. A removed cgroup stays in memory until the pool is gone. (From
 *	BPF maps, whose creator pays for elements that others add.)
 * @KPOOL_ACCOUNT_GETTER: charge each object to the memory cgroup of the task whose get builds the
 *	object. Later users do not pay. Objects that workers build are charged to nobody. Not with
 *	%KPOOL_ACCOUNT.
 * @KPOOL_NUMA_STRICT: objects go home. An object that was put on another node than its own may be
 *	used there as long as it is in a CPU's cache. From there it goes to its own node, together
 *	with others that fill a magazine. Gets look at their own node. They look at others only if
 *	they may not build, or find no memory. Each node keeps up to a magazine of objects of each
 *	other node. Not with %KPOOL_ON_NODE, and not with memory of a provider. (From FreeBSD's
 *	UMA.) Without this flag an object stays on the node where it was put. A get that finds no
 *	object on its own node takes one of another node before it builds.
 * @KPOOL_HUGE_PAGES: carve objects, which must be of a page to 1 MiB, out of pages of 2 MiB. A huge
 *	page goes back to the kernel when no object of the pool is left in it. So the pool's memory
 *	stays together, and one allocation serves many objects; but a huge page with one object in
 *	it pins 2 MiB, and a pool that keeps nothing idle opens huge pages again and again. Only a
 *	get that may block opens a huge page. If its node has none without any effort, the object
 *	comes from where it would without this flag. The same holds while the pool is bypassed.
 *	The pages of an object are single pages, not a compound page. Not with %KPOOL_VMALLOC,
 *	%KPOOL_ACCOUNT_GETTER and memory of a provider.
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
	KPOOL_OVERFLOW	= BIT(8),
	KPOOL_RCU		= BIT(9),
	KPOOL_KVMALLOC		= BIT(10),
	KPOOL_DEBUG		= BIT(11),
	KPOOL_ACCOUNT		= BIT(12),
	KPOOL_ACCOUNT_GETTER	= BIT(13),
	KPOOL_NUMA_STRICT	= BIT(14),
	KPOOL_HUGE_PAGES	= BIT(15),
};

/**
 * struct kpool_ops - how a pool's objects are built, reset and torn down
 * @ctor: builds an object in fresh memory, once. Runs in the task or interrupt that missed,
 *	unless the pool has %KPOOL_BUILD_IN_WORKER. So ctor must not keep current's
 *	credentials or namespaces. May allocate with @gfp, on @node if ctor has the choice.
 *	Returns 0 or an error. ctor must leave nothing behind after an error, and dtor is not
 *	called. Any other value becomes -EINVAL, and the log says so. -ENOMEM says that memory is
 *	short, as if kpool itself had found none: the get takes an idle object from elsewhere, or
 *	waits for the reserve, and fails with -ENOMEM only without both. Any other error reaches
 *	the caller of the get at once, unchanged. kpool does not wait or look for other objects
 *	because of it, not even because of -EBUSY, -ETIMEDOUT, -ESHUTDOWN or -ERESTARTSYS. A caller
 *	cannot tell these four from kpool's own, so a ctor had better return others. The figures
 *	tell: ctor_failures counts each error of ctor, timeouts and interrupted count none.
 * @reset: runs on each put, in the context of that put; also on a put that tears the object
 *	down. Must not sleep. kpool disables preemption around most calls, except on PREEMPT_RT.
 * @check: tells whether an idle object is still healthy. Each get asks. kpool also asks about an
 *	object that a put hands off to a waiting get, but not about an object that was just
 *	built. If check returns false, kpool tears the object down, and the get takes the next
 *	object or builds one. Ageing asks about idle objects that no get takes: in eight intervals
 *	of kpool.ko's parameter age_interval_ms about each that is in no CPU's cache. Must not
 *	sleep. No callback runs in NMI, so a get in NMI finds
 *	nothing in a pool with check.
 * @dtor: undoes @ctor before the memory is freed, once. May sleep only in a pool with
 *	%KPOOL_SLEEPING.
 * @gone: says that kpool calls no callback of this pool any more, so that the consumer may free
 *	@ctx. Runs once for each pool that kpool_create() returned: in kpool_destroy() or
 *	kpool_destroy_sync(), or, if kpool_destroy() left objects out, after the last of them was
 *	torn down. The consumer's module is pinned until gone has returned. May sleep.
 *
 * All callbacks are optional. They run with no kpool lock held, and may get from and put to
 * other pools. None runs in NMI: an irq_work finishes a put there.
 */
struct kpool_ops {
	int (*ctor)(void *obj, void *ctx, gfp_t gfp, int node);
	void (*reset)(void *obj, void *ctx);
	bool (*check)(void *obj, void *ctx);
	void (*dtor)(void *obj, void *ctx);
	void (*gone)(void *ctx);
};

/**
 * struct kpool_params - what kpool_create() is to create
 * @name: name of the pool, printable ASCII without blanks and slashes, up to
 *	31 characters; no other pool may have the same name
 * @size: bytes in an object, above 0
 * @align: alignment of an object in bytes, a power of two; 0: alignment of a pointer
 * @zone: %GFP_DMA, %GFP_DMA32 or 0
 * @node: with %KPOOL_ON_NODE: the node on which all objects are built. Without that flag 0 or
 *	%NUMA_NO_NODE: each object is built on the node of the CPU that misses.
 * @flags: of &enum kpool_flags
 * @magazine: objects in one of the two magazines of a CPU; 0: kpool chooses, by @size and by how
 *	often CPUs wait for each other (see the module parameter adapt in admin.rst). Both
 *	magazines together hold no more than 2 MiB, or what kpool.ko's parameter cache_bytes says.
 * @min_idle: objects built at creation. The pool keeps so many objects idle from then on; only
 *	kpool_trim() and kpool_destroy() do not spare them. Before an idle object expires, the
 *	pool builds its replacement, if @max and @max_idle have room.
 * @max: the number of existing objects never exceeds this; 0: no limit. A get of one more object
 *	fails with -EBUSY, or waits; see also %KPOOL_OVERFLOW. CPU caches stay small, as
 *	for @max_idle. %KPOOL_UNLIMITED: no limit yet, but kpool_retune() may set one.
 * @max_idle: the number of idle objects never exceeds this; 0: no limit, %KPOOL_KEEP_NONE: keep
 *	nothing. All CPUs' magazines together hold at most half of @max_idle. If that
 *	leaves no room for magazines, the pool works without them.
 * @reserve: the number of existing objects never falls below this. The objects are built at
 *	creation, and gets may take them like any other. Only the end of the pool tears them
 *	down. A waiting get that finds no memory waits for an object, as if the pool
 *	were full. From time to time the get tries again to get memory. So the wait ends
 *	as soon as holders put objects, as with mempool_alloc(). A bulk get of more than
 *	@reserve objects does not wait for that, but fails with -ENOMEM. At most @max and
 *	@max_idle. If an object of the reserve has to be torn down, because of its age or its
 *	health, the pool keeps the memory and builds the next object there. With @idle_ms
 *	objects do not stay. Then the pool keeps memory for @reserve objects from creation
 *	on. (With %KPOOL_VMALLOC the kernel still needs some memory for page tables.)
 * @idle_ms: no get returns an object that was idle for this many milliseconds, to within a
 *	tick, and the background tears the object down; 0: no limit. Time that the machine
 *	sleeps counts. If a get had the object for a moment and then fails, that counts as a
 *	put. %KPOOL_UNLIMITED: no limit yet, but kpool_retune() may set one.
 * @lifetime_ms: an object that has existed for this many milliseconds is torn down at its
 *	next put or get, or in the background. Objects live shorter by up to a quarter, each
 *	by another time, so that objects that were built together do not all end together.
 *	0 and %KPOOL_UNLIMITED: as for @idle_ms.
 * @workers: with %KPOOL_SLEEPING or %KPOOL_BUILD_IN_WORKER: how many workers call ctor and dtor
 *	side by side, at most 64; 0: four. A callback that hangs occupies one of them. The
 *	builds that gets wait for have as many workers of their own.
 * @useroffset: offset of the bytes that may be copied to and from user space
 * @usersize: number of those bytes, 0: none. Only objects smaller than a page
 *	need this; larger objects may be copied whole.
 * @wipe_offset: with %KPOOL_ZERO_ON_PUT: offset of the bytes to wipe
 * @wipe_size: number of bytes to wipe
 * @ops: how to build, reset, check and tear down objects; may be NULL. Copied.
 * @ctx: argument of each callback in @ops. It must stay valid as long as kpool may call one. If
 *	kpool_destroy() leaves objects out, that is longer than the call: see gone in &struct
 *	kpool_ops. After an error of kpool_create() kpool calls none.
 * @extra_bytes: bytes that each object holds besides its own @size, from ctor to dtor: buffers,
 *	rings, what another allocator gave. Part of the figure memory. kpool also chooses smaller
 *	magazines because of it. For bytes that differ between objects or change, see
 *	kpool_account().
 * @self: where kpool_create() writes the pool before it calls ctor for the first time, or NULL. A
 *	ctor that calls kpool_account() needs this in a pool with @min_idle or @reserve, whose
 *	first objects are built inside kpool_create(). After an error the value is NULL.
 * @memory: who gives the memory of objects; NULL: the kernel's allocators. Copied. See &struct
 *	kpool_memory_ops. Not with @zone, @usersize, %KPOOL_VMALLOC, %KPOOL_KVMALLOC,
 *	%KPOOL_HUGE_PAGES and %KPOOL_OWN_CACHE, which say what the kernel's allocators give.
 * @memory_ctx: argument of each call of @memory. It must stay valid until @memory's end has run.
 *
 * Set fields that are not used to zero. kpool_create() copies the whole struct.
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
	unsigned int workers;
	size_t useroffset;
	size_t usersize;
	size_t wipe_offset;
	size_t wipe_size;
	const struct kpool_ops *ops;
	void *ctx;
	size_t extra_bytes;
	struct kpool **self;
	const struct kpool_memory_ops *memory;
	void *memory_ctx;
};

/*
 * A get takes reclaim flags and __GFP_ZERO. The zone belongs to the pool, and the other flags make
 * no sense for memory that outlives its user. The compiler refuses constant flags, and each get
 * refuses other ones, on a hit as on a miss.
 */
#define KPOOL_GFP_REFUSED \
	(GFP_ZONEMASK | __GFP_NOFAIL | __GFP_ACCOUNT | __GFP_THISNODE | __GFP_COMP)

/* Refuses a constant flag of KPOOL_GFP_REFUSED at compile time. The compiler's message names it. */
#define __kpool_refuse_gfp(gfp, flag, why)						\
	BUILD_BUG_ON_MSG(__builtin_constant_p(gfp) && ((gfp) & (flag)),			\
			 "a get takes reclaim flags only, not " #flag ": " why)
#define __kpool_check_gfp(gfp) do {							\
	__kpool_refuse_gfp(gfp, __GFP_NOFAIL, "a get can fail");			\
	__kpool_refuse_gfp(gfp, __GFP_ACCOUNT, "the next user would not pay");		\
	__kpool_refuse_gfp(gfp, __GFP_THISNODE, "see KPOOL_ON_NODE");			\
	__kpool_refuse_gfp(gfp, __GFP_COMP, "kpool chooses the pages");			\
	__kpool_refuse_gfp(gfp, __GFP_DMA, "the pool has the zone");			\
	__kpool_refuse_gfp(gfp, __GFP_DMA32, "the pool has the zone");			\
	__kpool_refuse_gfp(gfp, __GFP_HIGHMEM, "objects have kernel addresses");	\
	__kpool_refuse_gfp(gfp, __GFP_MOVABLE, "objects do not move");			\
} while (0)

/* The same for a get that waits. */
#define __kpool_check_waiting_gfp(gfp) do {						\
	__kpool_check_gfp(gfp);								\
	BUILD_BUG_ON_MSG(__builtin_constant_p(gfp) && !((gfp) & __GFP_DIRECT_RECLAIM),	\
			 "a get that waits takes flags that may block");		\
} while (0)

/* Flags with which no get hits inline. A constant @gfp without them costs no test. */
#define __KPOOL_GFP_SLOW	(KPOOL_GFP_REFUSED | __GFP_ZERO)

/* Likewise for a get that waits: flags with which it does not hit inline. */
static __always_inline bool __kpool_is_slow_waiting_gfp(gfp_t gfp)
{
	return (gfp & (__KPOOL_GFP_SLOW | __GFP_DIRECT_RECLAIM)) != __GFP_DIRECT_RECLAIM;
}

/* What the inline functions know of the structs. kpool_create() compares them. */
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
 * @params: what the pool is to be; copied
 *
 * If a parameter is wrong, the kernel log says which one, and why.
 *
 * Context: process context, may sleep.
 * Return: the pool, or an ERR_PTR: -EINVAL for a bad parameter or a kpool.ko
 * of another version; -EEXIST if a pool of that name exists; -ENOMEM; or the error that
 * the constructor returned for one of the min_idle objects. On an error nothing
 * is left behind. The caller ends the pool with kpool_destroy() or
 * kpool_destroy_sync().
 */
static inline __must_check struct kpool *kpool_create(const struct kpool_params *params)
{
	return __kpool_create(params, THIS_MODULE, KPOOL_ABI_HERE);
}

/*
 * The memory of the pool's objects counts for the line of this call in /proc/allocinfo, as that of
 * a table for the line of rhashtable_init(). The same holds for the other calls that create pools.
 */
#ifdef CONFIG_MEM_ALLOC_PROFILING
#define kpool_create(...)	alloc_hooks(kpool_create(__VA_ARGS__))
#endif

/**
 * kpool_destroy() - end a pool
 * @pool: the pool; NULL and an ERR_PTR are ignored
 *
 * Refuses new gets with -ESHUTDOWN. Waits for the objects that were given to kpool_put_rcu()
 * before. Tears down the idle objects. The name is free at once. Waits for callbacks that are
 * under way, and for the teardown of all objects that are not in use; no signal ends this wait.
 * Builds that have not begun do not begin any more.
 *
 * If consumers still hold objects, the log says so. The pool lives on, detached, until the last
 * of these objects is put. If the pool has dtor, reset or gone, or a memory provider whose code is
 * the consumer's, kpool_destroy() then pins the consumer's module until the pool's end. A module
 * that is being loaded or unloaded cannot be pinned: late puts then only wipe and free memory. So
 * call kpool_destroy_sync() instead in the module_init and module_exit of a module with a dtor, a
 * reset or a memory provider.
 *
 * If this returns 0, or could not pin the module, kpool calls no callback any more. Otherwise late
 * puts call reset and dtor with the pool's ctx, until gone has run.
 *
 * The caller ensures that no get is running any more when it calls this, and
 * that nobody else destroys the pool. A get that sleeps in the pool's wait list is woken
 * with -ESHUTDOWN, and kpool_destroy() waits for that get. A get that comes later in spite of
 * this rule is refused while the pool exists, and accesses freed memory afterwards. Puts may
 * come at any time.
 *
 * kpool refuses the call in two cases, and the log says so: the pool was destroyed before, as far
 * as that can be told; or the context is atomic. In the latter case the pool lives on.
 *
 * If the consumer put an object twice, or an object of another pool, the log says so. If kpool
 * cannot tell then whether somebody still holds an object, the pool stays for ever, and that counts
 * as one object.
 *
 * Context: process context, sleeps. Not from one of the pool's own callbacks.
 * Return: how many objects consumers still hold; 0: the pool is gone; ULONG_MAX: refused.
 */
unsigned long kpool_destroy(struct kpool *pool);

/**
 * kpool_destroy_sync() - end a pool, and wait for its objects
 * @pool: the pool; NULL and an ERR_PTR are ignored
 * @timeout_ms: how long to wait for the objects, in milliseconds
 *
 * Like kpool_destroy(), but returns when all objects were put and torn down. If
 * consumers still hold objects after @timeout_ms, warns how many. The pool is detached
 * then. Late puts wipe and free their objects, and call no callback of the consumer. So when this
 * returns, kpool calls no callback any more, whatever it returns, and gone has run. With a memory
 * provider whose code is the consumer's, the memory of these late objects is lost, and the log says
 * so.
 *
 * Context: process context, sleeps. Not from one of the pool's own callbacks.
 * Return: 0; -ETIMEDOUT; -EINVAL if the call is refused, as kpool_destroy() says; -EIO if wrong
 * puts leave the pool in doubt.
 */
int kpool_destroy_sync(struct kpool *pool, unsigned int timeout_ms);

/**
 * kpool_account() - note that an object holds more or fewer bytes besides its own memory
 * @pool: the pool
 * @obj: the object; for NULL and an ERR_PTR the call does nothing
 * @bytes: the change, negative for fewer
 *
 * The bytes become part of the figure memory. They belong to the object, not to its user: an object
 * that is put with a large buffer is idle with that buffer. What was added for an object has to be
 * taken back before the memory of the object is freed, at the latest in dtor, and in ctor before
 * ctor returns an error. kpool takes nothing back by itself. At the end of the pool the sum has to
 * be 0. If it is not, the log says by how many bytes. A pool that ends without calls of dtor, see
 * kpool_destroy_sync(), says nothing.
 *
 * Bytes that are the same for each object need no call: see &kpool_params.extra_bytes.
 *
 * One call is one atomic add to a counter that all CPUs share. So do not call this for each packet.
 *
 * Context: any, NMI too. The caller has the object: it got the object and did not put it, or it is
 * the pool's ctor, reset or dtor.
 */
void kpool_account(struct kpool *pool, const void *obj, ssize_t bytes);

/**
 * kpool_trim() - tear down all idle objects, min_idle included, except the reserve
 * @pool: the pool
 *
 * Also finishes the teardowns that earlier puts left to an irq_work or a worker. A fatal signal
 * ends the wait for workers; they tear the rest down.
 *
 * Context: process context, sleeps. Not from one of the pool's own callbacks.
 * Return: how many objects were torn down, or will be after a fatal signal.
 */
unsigned long kpool_trim(struct kpool *pool);

/**
 * kpool_retune_some() - change some limits of a pool while it is in use
 * @pool: the pool
 * @limits: new values; only the fields in @given are read
 * @given: which limits change, of &enum kpool_limit; 0: none
 *
 * The other limits stay as they are. Of two calls at once which change different limits, neither
 * undoes the other. An administrator of the machine can change the limits at any time, too, see
 * kpool(8). So a consumer uses this call, and gives only the limits that it cares for::
 *
 *	const struct kpool_limits limits = { .max = queues * 64 };
 *
 *	err = kpool_retune_some(pool, &limits, KPOOL_LIMIT_MAX);
 *
 * Changes all given limits, or none of them after an error; the log says which limit is wrong, and
 * why. The given limits have to go with the limits that stay. If a limit did change, netlink
 * listeners are told. When this returns, idle objects beyond the limits are torn down, and
 * missing objects for min_idle and reserve are built. Workers do both. A fatal signal ends the
 * wait for them, and the call returns 0. Ageing builds later the objects that could
 * not be built now. After a smaller max the pool stops building at once, and tears down objects
 * that are put, until no more exist than max allows. A waiting get that wants more objects than
 * the new max fails with -EINVAL. A larger max lets waiting gets go on.
 *
 * A pool can have max and reserve only if it was created with one of the two. A pool can have
 * idle_ms only if it was created with idle_ms, and lifetime_ms only if it was created with
 * lifetime_ms. Magazines cannot become larger than at creation. Give %KPOOL_UNLIMITED at
 * creation for a limit that is to be set later. Once the pool exists, 0 and %KPOOL_UNLIMITED
 * are the same for max, idle_ms and lifetime_ms: no limit.
 *
 * Context: process context, sleeps. Not from one of the pool's own callbacks, and not with a lock
 * held that its ctor or dtor takes.
 * Return: 0; -EINVAL for limits that make no sense, and for unknown bits in @given; -EOPNOTSUPP
 * for a limit that the pool was not created for; -ESHUTDOWN if the pool is being destroyed.
 */
__must_check int kpool_retune_some(struct kpool *pool, const struct kpool_limits *limits,
				   unsigned int given);

/**
 * kpool_retune() - change all limits of a pool while it is in use
 * @pool: the pool
 * @limits: all limits
 *
 * Like kpool_retune_some() with %KPOOL_LIMIT_ALL. So this call also undoes what an administrator
 * changed, even if @limits is from a kpool_limits() a moment ago.
 *
 * Context: as for kpool_retune_some().
 * Return: as kpool_retune_some().
 */
__must_check int kpool_retune(struct kpool *pool, const struct kpool_limits *limits);

/**
 * kpool_limits() - the current limits of a pool
 * @pool: the pool
 * @limits: receives the limits
 *
 * Context: process context, may sleep.
 */
void kpool_limits(struct kpool *pool, struct kpool_limits *limits);

/**
 * kpool_stats() - a pool's figures
 * @pool: the pool
 * @stats: receives the figures
 *
 * The figures of one call add up as struct kpool_stats says, also while the pool is in use.
 *
 * Context: any.
 */
void kpool_stats(struct kpool *pool, struct kpool_stats *stats);

/**
 * kpool_name() - a pool's name
 * @pool: the pool
 *
 * Context: any.
 * Return: the name, which lives as long as the pool.
 */
const char *kpool_name(const struct kpool *pool);

int __kpool_get_bulk(struct kpool *pool, gfp_t gfp, void **objs, unsigned int n);

/**
 * kpool_get_bulk() - get several objects, or none
 * @pool: the pool
 * @gfp: as for kpool_get()
 * @objs: receives the objects, has room for @n
 * @n: how many; 0 succeeds and does nothing
 *
 * Context: as for kpool_get(). In two cases, this call takes objects only from this CPU's loaded
 * magazine, else returns -EBUSY: in NMI, and in a pool with %KPOOL_ANYCTX if @gfp may not block.
 * Return: 0, and the caller owns @n objects. Otherwise an error as from kpool_get(), or
 * -EINVAL if @n is more than max. The log says so, unless max was as large as @n before: an
 * administrator may have lowered max. After an error the caller owns nothing, and @objs is
 * undefined.
 */
static __always_inline __must_check int
kpool_get_bulk(struct kpool *pool, gfp_t gfp, void **objs, unsigned int n)
{
	__kpool_check_gfp(gfp);
	return __kpool_get_bulk(pool, gfp, objs, n);
}

int kpool_get_bulk_waiting(struct kpool *pool, gfp_t gfp, void **objs, unsigned int n,
			   long timeout_jiffies, unsigned int state);

/**
 * kpool_put_bulk() - put several objects back
 * @pool: the pool that the objects came from
 * @objs: the objects; NULL and an ERR_PTR among them are ignored
 * @n: how many; 0 does nothing
 *
 * Context: as for kpool_put().
 */
void kpool_put_bulk(struct kpool *pool, void **objs, unsigned int n);

/**
 * kpool_discard() - give an object back that is broken
 * @pool: the pool that the object came from
 * @obj: the object; NULL and an ERR_PTR are ignored
 *
 * As kpool_put(), except that the object is torn down: here, or by a worker where a put would leave
 * a teardown to a worker. No later get has the object. Its slot goes to the next waiting get, which
 * builds another object. The reserve does not keep the object, but keeps its memory. reset does not
 * run, dtor does, and memory is wiped as at any teardown. kpool_stats.discarded counts the objects.
 *
 * Not for objects that readers may find under rcu_read_lock(): wait for a grace period before.
 *
 * Context: any, as for kpool_put(). In NMI and with %KPOOL_ANYCTX a worker tears the object down.
 */
void kpool_discard(struct kpool *pool, void *obj);

/**
 * kpool_put_rcu() - put an object back after an RCU grace period
 * @pool: the pool that the object came from, with %KPOOL_RCU
 * @obj: the object; NULL and an ERR_PTR are ignored
 *
 * For objects that readers may find under rcu_read_lock(). Readers that found the object before
 * this call can still use it unchanged until the grace period ends. Then an RCU callback or a
 * worker puts the object, reset and wiping included. Until then the object counts as in use.
 * kpool_destroy() waits for the RCU callback.
 *
 * Cannot fail, and allocates nothing. In a pool without %KPOOL_RCU an object has no room for the
 * link that this needs: the log says so, and the object stays with the caller.
 *
 * Context: any that kpool_put() may be called from.
 */
void kpool_put_rcu(struct kpool *pool, void *obj);

/**
 * kpool_get() - get an object
 * @pool: the pool. A get or put that is given NULL or an ERR_PTR faults. Kernels with
 *	CONFIG_DEBUG_ATOMIC_SLEEP, CONFIG_PROVE_LOCKING or CONFIG_KASAN say what is wrong, and
 *	the get returns -EINVAL.
 * @gfp: how kpool may allocate memory if it has to build the object: GFP_KERNEL, GFP_ATOMIC and
 *	the like. With __GFP_ZERO the object is zeroed; a pool with a constructor refuses that.
 *
 * This call never waits for a put. It returns the object that was put last on this CPU, as the
 * constructor and reset left it.
 *
 * In a pool without a constructor a new object has what the kernel's allocators give: zeroes in a
 * kernel with init_on_alloc=1, else undefined bytes. An object that was put before has the bytes
 * that it had at its put, zeroes where kpool wiped it. If the pool has no callbacks and no wiping,
 * kpool may have set the object's first pointer to NULL meanwhile. kpool leaves no address of its
 * own in an object.
 *
 * If kpool has to build the object, the call takes as long as the constructor, and kpool sets no
 * limit to that. Only with %KPOOL_BUILD_IN_WORKER a fatal signal ends the call.
 *
 * If max objects exist, or there is no memory, the call takes an idle object from wherever it can
 * reach one: in a cache of another CPU, only in that CPU's spare magazine. Before a call that may
 * sleep fails, it also collects the objects in the loaded magazines of other CPUs, by interrupts.
 * It then waits for the next tick if the pool was collected in this tick already. So such a call
 * fails only if no object is idle, except for objects that other CPUs are moving at this moment. If
 * max objects exist, and workers are tearing some of them down, a call that may sleep waits up to a
 * second for a slot of these.
 *
 * Context: any except NMI. May sleep only if @gfp allows it, and then only on a miss. In
 * NMI, and for a @gfp that may not block in a pool with %KPOOL_ANYCTX, kpool takes only what a
 * trylock can reach. On PREEMPT_RT with preemption or interrupts off, kpool takes only idle
 * objects.
 * In hardirq context, or under a raw spinlock, a get that finds no idle object calls the kernel's
 * allocators. So may a put that finds no room. Elsewhere than on PREEMPT_RT this works. But kernels
 * with CONFIG_PROVE_RAW_LOCK_NESTING report it as an invalid wait context, because the allocators'
 * locks sleep on PREEMPT_RT. In a pool with %KPOOL_ANYCTX, gets that may not block and puts never
 * do this. Give such a pool min_idle, so that its gets find objects.
 * Return: the object, which the caller puts back with kpool_put(), or an ERR_PTR, never NULL.
 * -ENOMEM; -EINVAL for a @gfp that is refused; -EBUSY if max objects exist and no idle object is
 * within reach, which for a call that may sleep means that none is idle; -EBUSY in NMI and with
 * %KPOOL_ANYCTX if no idle object is within reach, and none can be built there; -ESHUTDOWN if
 * the pool is being destroyed; -ERESTARTSYS after a fatal signal, only with
 * %KPOOL_BUILD_IN_WORKER; or the error of the constructor.
 */
static __always_inline __must_check void *kpool_get(struct kpool *pool, gfp_t gfp)
{
	__kpool_cpu *c;
	void *obj;

	__kpool_check_gfp(gfp);
	if (__kpool_is_none(pool, __func__))
		return ERR_PTR(-EINVAL);
	__kpool_might_alloc(gfp);
	if (unlikely(gfp & __KPOOL_GFP_SLOW))
		return __kpool_object_or_err(kpool_get_zeroed(pool, gfp));

	preempt_disable();
	c = __kpool_cpu_here(pool->cpu);
	if (likely(__kpool_may_hit(c)) && __kpool_hit_get(c, 0, &obj)) {
		preempt_enable();
		return __kpool_object(__kpool_got(pool, obj));
	}
	obj = __kpool_get_slow(pool, gfp, (unsigned long)c);
	return __kpool_object_or_err(__kpool_got(pool, obj));
}

/* What a get that waits may do. Kernels for finding errors hear of it, even if it does not wait. */
static __always_inline void __kpool_might_wait(struct kpool *pool, gfp_t gfp, long timeout_jiffies)
{
#ifdef KPOOL_CHECKS_CALLS
	might_sleep();
#endif
	__kpool_might_alloc(gfp);
	if (timeout_jiffies)
		kpool_lockdep_wait(pool);
}

static __always_inline void *__kpool_get_waiting(struct kpool *pool, gfp_t gfp,
						 long timeout_jiffies, unsigned int state)
{
	__kpool_cpu *c;
	void *obj;

	__kpool_check_waiting_gfp(gfp);
	if (__kpool_is_none(pool, "kpool_get_*_timeout"))
		return ERR_PTR(-EINVAL);
	__kpool_might_wait(pool, gfp, timeout_jiffies);
	if (unlikely(__kpool_is_slow_waiting_gfp(gfp)))
		return __kpool_object_or_err(kpool_get_zeroed_waiting(pool, gfp, timeout_jiffies,
								      state));

	preempt_disable();
	c = __kpool_cpu_here(pool->cpu);
	if (likely(__kpool_may_hit(c)) && __kpool_hit_get(c, 0, &obj)) {
		preempt_enable();
		return __kpool_object(__kpool_got(pool, obj));
	}
	obj = __kpool_get_waiting_slow(pool, gfp, (unsigned long)c, timeout_jiffies, state);
	return __kpool_object_or_err(__kpool_got(pool, obj));
}

/**
 * kpool_get_timeout() - get an object; wait for one if there is none
 * @pool: the pool
 * @gfp: as for kpool_get(), but one that may block. Otherwise the call returns -EINVAL, also if
 *	an idle object is there. The compiler refuses a constant one.
 * @timeout_jiffies: how long to wait at most, in jiffies, as for all gets that wait;
 *	msecs_to_jiffies() converts milliseconds. MAX_SCHEDULE_TIMEOUT: for ever. With 0 the call
 *	does not wait, but collects idle objects from other CPUs' caches.
 *
 * The timeout covers all that the call waits for: an object, a slot, and with
 * %KPOOL_BUILD_IN_WORKER the worker that builds. If the time is up before the worker is done, the
 * object goes to the pool when it is built. At most &kpool_params.workers builds for gets are under
 * way; later calls wait until one of them ends. In a pool without that flag the call builds
 * the object itself. kpool then sets no limit to the time of the constructor.
 *
 * If the pool has max, and max objects exist and none is idle, the call waits until an object is
 * put or torn down. The waiting gets of a pool form one wait list, first come, first served. A get
 * that begins after another get has gone to sleep does not overtake that get. If the pool has
 * reserve, a get that finds no memory waits, too. It leaves the wait list for a moment each time
 * it tries to allocate again. In pools with neither, the call is kpool_get(), except for the
 * timeout while a worker builds.
 *
 * Context: process context, sleeps.
 * Return: as kpool_get(); -ETIMEDOUT when the time is up; -ESHUTDOWN if the pool is destroyed
 * meanwhile.
 */
static __always_inline __must_check void *kpool_get_timeout(struct kpool *pool, gfp_t gfp,
							    long timeout_jiffies)
{
	return __kpool_get_waiting(pool, gfp, timeout_jiffies, TASK_UNINTERRUPTIBLE);
}

/**
 * kpool_get_interruptible_timeout() - kpool_get_timeout() that a signal ends
 * @pool: the pool
 * @gfp: as for kpool_get_timeout()
 * @timeout_jiffies: as for kpool_get_timeout()
 *
 * If a signal is already pending, the call still returns an object that is there at once.
 *
 * Context: process context, sleeps.
 * Return: as kpool_get_timeout(); -ERESTARTSYS after a signal.
 */
static __always_inline __must_check void *
kpool_get_interruptible_timeout(struct kpool *pool, gfp_t gfp, long timeout_jiffies)
{
	return __kpool_get_waiting(pool, gfp, timeout_jiffies, TASK_INTERRUPTIBLE);
}

/**
 * kpool_get_killable_timeout() - kpool_get_timeout() that a fatal signal ends
 * @pool: the pool
 * @gfp: as for kpool_get_timeout()
 * @timeout_jiffies: as for kpool_get_timeout()
 *
 * Context: process context, sleeps.
 * Return: as kpool_get_timeout(); -ERESTARTSYS after a fatal signal.
 */
static __always_inline __must_check void *kpool_get_killable_timeout(struct kpool *pool, gfp_t gfp,
								     long timeout_jiffies)
{
	return __kpool_get_waiting(pool, gfp, timeout_jiffies, TASK_KILLABLE);
}

/**
 * kpool_get_bulk_timeout() - get several objects, or none; wait for them
 * @pool: the pool
 * @gfp: as for kpool_get_timeout()
 * @objs: where the objects go, room for @n
 * @n: how many; 0 succeeds and does nothing
 * @timeout_jiffies: as for kpool_get_timeout()
 *
 * The call waits in the wait list of all waiting gets. When it is first there, it takes each object
 * that comes, until it has @n. Before that it holds no object. So two bulk gets cannot wait for
 * each other.
 *
 * Context: process context, sleeps.
 * Return: as kpool_get_bulk(); -ETIMEDOUT and -ESHUTDOWN as kpool_get_timeout(); -EINVAL if @n is
 * more than max.
 */
static __always_inline __must_check int
kpool_get_bulk_timeout(struct kpool *pool, gfp_t gfp, void **objs, unsigned int n,
		       long timeout_jiffies)
{
	__kpool_check_waiting_gfp(gfp);
	return kpool_get_bulk_waiting(pool, gfp, objs, n, timeout_jiffies, TASK_UNINTERRUPTIBLE);
}

/**
 * kpool_get_bulk_interruptible_timeout() - kpool_get_bulk_timeout() that a signal ends
 * @pool: the pool
 * @gfp: as for kpool_get_timeout()
 * @objs: where the objects go, room for @n
 * @n: how many; 0 succeeds and does nothing
 * @timeout_jiffies: as for kpool_get_timeout()
 *
 * Context: process context, sleeps.
 * Return: as kpool_get_bulk_timeout(); -ERESTARTSYS after a signal.
 */
static __always_inline __must_check int
kpool_get_bulk_interruptible_timeout(struct kpool *pool, gfp_t gfp, void **objs, unsigned int n,
				     long timeout_jiffies)
{
	__kpool_check_waiting_gfp(gfp);
	return kpool_get_bulk_waiting(pool, gfp, objs, n, timeout_jiffies, TASK_INTERRUPTIBLE);
}

/**
 * kpool_get_bulk_killable_timeout() - kpool_get_bulk_timeout() that a fatal signal ends
 * @pool: the pool
 * @gfp: as for kpool_get_timeout()
 * @objs: where the objects go, room for @n
 * @n: how many; 0 succeeds and does nothing
 * @timeout_jiffies: as for kpool_get_timeout()
 *
 * Context: process context, sleeps.
 * Return: as kpool_get_bulk_timeout(); -ERESTARTSYS after a fatal signal.
 */
static __always_inline __must_check int
kpool_get_bulk_killable_timeout(struct kpool *pool, gfp_t gfp, void **objs, unsigned int n,
				long timeout_jiffies)
{
	__kpool_check_waiting_gfp(gfp);
	return kpool_get_bulk_waiting(pool, gfp, objs, n, timeout_jiffies, TASK_KILLABLE);
}

/**
 * kpool_put() - put an object back
 * @pool: the pool that the object came from
 * @obj: the object; NULL and an ERR_PTR are ignored
 *
 * The call cannot fail and never sleeps. An object may be put on any CPU, and also after
 * kpool_destroy(): then the object is torn down.
 *
 * An object that is put twice has two users, and so has an object that is put into another pool.
 * The put does not notice. When kpool tears the object down, it refuses the second teardown, and
 * the log says so. Then the pool goes on.
 *
 * Do not write to an object after its put. If such a write overwrites a link of kpool's, the log
 * says so. The objects behind the link then exist for ever, and are in no list.
 *
 * Context: any. In NMI, if the pool has callbacks or wiping, an irq_work finishes the put. Until
 * then the object counts as in use. If there is more to wipe than 64 KiB, a worker finishes the
 * put, unless the caller can let other tasks run: see %KPOOL_ZERO_ON_PUT.
 */
static __always_inline void kpool_put(struct kpool *pool, void *obj)
{
	__kpool_cpu *c;

	if (IS_ERR_OR_NULL(obj) || __kpool_is_none(pool, __func__))
		return;
	kpool_lockdep_put(pool, obj);

	preempt_disable();
	c = __kpool_cpu_here(pool->cpu);
	if (likely(__kpool_may_hit(c)) && __kpool_hit_put(c, 0, obj)) {
		preempt_enable();
		return;
	}
	__kpool_put_slow(pool, obj, (unsigned long)c);
}

#include <linux/kpool/scoped.h>
#include <linux/kpool/typed.h>

#endif /* _LINUX_KPOOL_H */
