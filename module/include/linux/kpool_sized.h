/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kpool: sized buffers.
 *
 * A set of pools, one for each class of buffer sizes. The figures of a set are in
 * <linux/kpool/sized_figures.h>, which this header includes.
 */
#ifndef _LINUX_KPOOL_SIZED_H
#define _LINUX_KPOOL_SIZED_H

#include <linux/bitops.h>
#include <linux/kpool.h>
#include <linux/kpool/sized_figures.h>

/**
 * DOC: sized
 *
 * A set gives buffers of at least the size that a get asks for. Each buffer belongs to a
 * class, and each class is a pool (see kpool.h) of buffers of one size, the class's
 * capacity. A get takes a buffer of the smallest class that is large enough, and a put gives
 * the buffer back to that class. A buffer that is larger than the largest class ("oversize")
 * is allocated by each get and freed by each put. So a get costs as much as a get from
 * the class's pool, and a few instructions to choose the class. If all capacities are powers of
 * two, as those of the default classes are, this choice does not depend on the number of classes.
 *
 * Buffers of less than a page come from slab, and are aligned as kmalloc() aligns them.
 * Buffers of a page or more come from pages, and are aligned to a page. Buffers of more than
 * 64 KiB come from vmalloc() if there are not enough contiguous pages. All bytes up to the
 * capacity may be used, and copied to and from user space. Buffers are not zeroed, unless a
 * get asks for __GFP_ZERO.
 *
 * The pool statistics show each class under the name of the set and the class's capacity:
 * ``rx-4K`` for 4 KiB of a set named ``rx``.
 */

/* Most classes in a set, and the bounds of their capacities in bytes */
#define KPOOL_SIZED_CLASSES	32
#define KPOOL_SIZED_LEAST	16
#define KPOOL_SIZED_MOST	(4 << 20)

/* Room for a set's name, its final NUL included; the names of the classes are longer */
#define KPOOL_SIZED_NAME_LEN	24

/**
 * struct kpool_sized_class - a class of a set
 * @size: capacity of the class's buffers in bytes, %KPOOL_SIZED_LEAST to %KPOOL_SIZED_MOST
 * @min_idle: as in &struct kpool_params, like all members that follow
 * @max_idle: see there
 * @max: see there
 * @reserve: see there
 * @magazine: see there
 */
struct kpool_sized_class {
	unsigned int size;
	unsigned int min_idle;
	unsigned int max_idle;
	unsigned int max;
	unsigned int reserve;
	unsigned int magazine;
};

/**
 * struct kpool_sized_params - what kpool_sized_create() is to create
 * @name: name of the set, up to 23 characters; otherwise the rules for a pool's name hold
 * @classes: classes of the set, their sizes ascending; NULL: each power of two from 64 bytes
 *	to 1 MiB, without limits
 * @nr_classes: number of classes, up to %KPOOL_SIZED_CLASSES
 * @flags: of &enum kpool_flags, for all classes: %KPOOL_ZERO_ON_PUT, %KPOOL_BYPASS,
 *	%KPOOL_ANYCTX, %KPOOL_ON_NODE, %KPOOL_OVERFLOW, %KPOOL_RCU, %KPOOL_DEBUG,
 *	%KPOOL_ACCOUNT, %KPOOL_ACCOUNT_GETTER, %KPOOL_NUMA_STRICT and, for classes of a page to
 *	1 MiB, %KPOOL_HUGE_PAGES are possible
 * @node: with %KPOOL_ON_NODE: node of all buffers
 * @zone: %GFP_DMA, %GFP_DMA32 or 0. With a zone all buffers are contiguous, and a get of more than
 *	the largest class is refused.
 * @idle_ms: how long a buffer may be idle, as in &struct kpool_params
 * @lifetime_ms: how long a buffer may exist, as in &struct kpool_params
 * @max_idle_bytes: the bytes of idle buffers, in all classes together, never exceed this; 0:
 *	no limit. An administrator can change a limit, but give none to a set without.
 *	%LONG_MAX leaves the limit to the administrator. CPUs' magazines may hold half of these
 *	bytes. They go to the classes that gain most by them: those that are used most, and of
 *	classes that are used alike those of smaller buffers. A class works without magazines
 *	while its share has no room for them. If a class gives its magazine's size, it gets that
 *	size. An equal share of the bytes must have room for it. Buffers
 *	for min_idle and reserve of the classes always have room; all of them together may
 *	take no more than the other half. If a put finds no room, classes larger than the
 *	put's class give idle buffers back.
 *
 * Set fields that are not used to zero. kpool_sized_create() copies the whole struct.
 */
struct kpool_sized_params {
	const char *name;
	const struct kpool_sized_class *classes;
	unsigned int nr_classes;
	unsigned int flags;
	int node;
	gfp_t zone;
	unsigned int idle_ms;
	unsigned int lifetime_ms;
	size_t max_idle_bytes;
};

/*
 * kpool samples the first request of each CPU, and then one in KPOOL_SIZED_SAMPLE, and counts it by
 * its size. These counts have
 * buckets that do not depend on the classes of a set: each power of two has eight buckets.
 */
#define KPOOL_SIZED_SAMPLE	256
#define KPOOL_SIZED_BUCKETS	161	/* the last one: more than KPOOL_SIZED_MOST */

/*
 * The counters of a CPU for a class, in one cache line. asked and gets count hits, under
 * KPOOL_CPU_BUSY of that class's cache. asked_outside and gets_outside count the other gets.
 */
struct kpool_sized_class_cpu {
	u64 asked, gets;
	u64 asked_outside, gets_outside;
} __aligned(4 * sizeof(u64));

/* The counters of a CPU. */
struct kpool_sized_cpu {
	struct kpool_sized_class_cpu class[KPOOL_SIZED_CLASSES];
	unsigned long outside;
	unsigned long sizes[KPOOL_SIZED_BUCKETS];
};

/* What the inline functions read of a class, in one cache line. */
struct kpool_sized_class_hit {
	size_t size;
	struct kpool_cpu __percpu *cpu;
	struct kpool_sized_class_cpu __percpu *figures;
	unsigned int number;
} __aligned(4 * sizeof(void *));

/**
 * struct kpool_sized - a set
 *
 * Only the members that the inline functions read are here; the rest is private. The last class
 * is followed by one more, for any larger size; its cache never lets a hit through.
 */
struct kpool_sized {
	/* private: */
	struct kpool_sized_class_hit class[KPOOL_SIZED_CLASSES + 1];
	/*
	 * By the order of a size: the first class to try. Addresses, because a kernel that checks
	 * each index of an array (CONFIG_UBSAN_BOUNDS) would check a number at each use.
	 */
	const struct kpool_sized_class_hit *first[BITS_PER_LONG + 1];
	struct kpool_sized_cpu __percpu *figures;
};

/**
 * struct kpool_buf - a buffer, its length and its capacity
 * @data: memory of the buffer; NULL, and all other members 0, after the put
 * @len: bytes in use. A get sets this to the size that it was asked for; from then on only
 *	the caller changes it.
 * @size: capacity: how many bytes may be used
 * @class: number of the buffer's class; private
 */
struct kpool_buf {
	void *data;
	size_t len;
	size_t size;
	unsigned int class;
};

/* Sizes of the structs that the inline functions know; kpool_sized_create() compares them. */
struct kpool_sized_abi {
	struct kpool_abi pool;
	u16 params_size;
	u16 class_size;
	u16 set_size;
	u16 stats_size;
	u16 class_stats_size;
	u16 figures_size;
};

#define KPOOL_SIZED_ABI_HERE							\
	((struct kpool_sized_abi){ KPOOL_ABI_HERE,				\
				   sizeof(struct kpool_sized_params),		\
				   sizeof(struct kpool_sized_class),		\
				   sizeof(struct kpool_sized),			\
				   sizeof(struct kpool_sized_stats),		\
				   sizeof(struct kpool_sized_class_stats),	\
				   sizeof(struct kpool_sized_cpu) })

struct kpool_sized *__kpool_sized_create(const struct kpool_sized_params *params,
					 struct module *owner, struct kpool_sized_abi abi);

/**
 * kpool_sized_create() - create a set of pools of buffers
 * @params: what the set is to be; copied
 *
 * If a parameter is wrong, the kernel log says which one, and why.
 *
 * Context: process context, may sleep.
 * Return: the set, or an ERR_PTR as from kpool_create(); also -EEXIST if a pool has
 * the name of one of the set's classes. On an error nothing is left behind. The caller ends the
 * set with kpool_sized_destroy() or kpool_sized_destroy_sync().
 */
static inline __must_check struct kpool_sized *
kpool_sized_create(const struct kpool_sized_params *params)
{
	return __kpool_sized_create(params, THIS_MODULE, KPOOL_SIZED_ABI_HERE);
}

/* See kpool_create(). */
#ifdef CONFIG_MEM_ALLOC_PROFILING
#define kpool_sized_create(...)	alloc_hooks(kpool_sized_create(__VA_ARGS__))
#endif

/**
 * kpool_sized_destroy() - end a set
 * @set: the set; NULL and an ERR_PTR are ignored
 *
 * Like kpool_destroy() for each class. The set lives on until the last of its buffers is
 * put, oversize buffers included.
 *
 * Context: process context, sleeps.
 * Return: how many buffers are still in use, in all classes and beyond; ULONG_MAX if the call is
 * refused, as kpool_destroy() says.
 */
unsigned long kpool_sized_destroy(struct kpool_sized *set);

/**
 * kpool_sized_destroy_sync() - end a set, and wait for its buffers
 * @set: the set; NULL and an ERR_PTR are ignored
 * @timeout_ms: how long to wait for all buffers together, in milliseconds
 *
 * Like kpool_destroy_sync() for each class, with one deadline for all classes.
 *
 * Context: process context, sleeps.
 * Return: 0; -ETIMEDOUT; -EINVAL if the call is refused, as kpool_destroy() says; -EIO as
 * kpool_destroy_sync().
 */
int kpool_sized_destroy_sync(struct kpool_sized *set, unsigned int timeout_ms);

/**
 * kpool_sized_trim() - tear down all idle buffers, the largest first
 * @set: the set
 *
 * Like kpool_trim() for each class.
 *
 * Context: process context, sleeps.
 * Return: how many buffers were torn down.
 */
unsigned long kpool_sized_trim(struct kpool_sized *set);

/**
 * kpool_sized_stats() - figures of a set
 * @set: the set
 * @stats: receives the figures
 *
 * Context: any.
 */
void kpool_sized_stats(struct kpool_sized *set, struct kpool_sized_stats *stats);

/**
 * kpool_sized_class_stats() - figures of a class
 * @set: the set
 * @class: number of the class, from 0 on, the smallest class first
 * @stats: receives the figures
 *
 * Like the figures of kpool_stats(), these figures are exact when the class is quiet.
 *
 * Context: any.
 * Return: 0, or -EINVAL if the set has no such class.
 */
__must_check int kpool_sized_class_stats(struct kpool_sized *set, unsigned int class,
					 struct kpool_sized_class_stats *stats);

/**
 * kpool_sized_bucket() - how many sampled requests asked for about one size
 * @set: the set
 * @bucket: number of the bucket, from 0 on. Buckets do not depend on the set's classes: each
 *	power of two has eight buckets.
 * @samples: receives the number of samples in the bucket: the first request of each CPU, and
 *	then one in %KPOOL_SIZED_SAMPLE
 *
 * Context: any.
 * Return: the largest size in the bucket, in bytes; SIZE_MAX for the last bucket. If there is no
 * such bucket, 0, and @samples does not change.
 */
size_t kpool_sized_bucket(struct kpool_sized *set, unsigned int bucket, u64 *samples);

const struct kpool_sized_class_hit *kpool_sized_search(const struct kpool_sized *set, size_t size);
void kpool_sized_sample(struct kpool_sized *set, size_t size);
void *kpool_sized_get_slow(struct kpool_sized *set, unsigned int class, size_t size, gfp_t gfp);
void *kpool_sized_get_waiting(struct kpool_sized *set, unsigned int class, size_t size, gfp_t gfp,
			      long timeout_jiffies, unsigned int state);
void kpool_sized_put_slow(struct kpool_sized *set, unsigned int class, void *buf, size_t size);
int __kpool_sized_get_bulk(struct kpool_sized *set, size_t size, gfp_t gfp, void **bufs,
			   unsigned int n);

/**
 * kpool_sized_get_bulk() - get several buffers of one size, or none
 * @set: the set
 * @size: as for kpool_sized_get(), the same for each buffer
 * @gfp: as for kpool_get_bulk(); with __GFP_ZERO the buffers are zeroed up to their capacity
 * @bufs: receives the buffers, has room for @n
 * @n: how many; 0 succeeds and does nothing
 *
 * Context: as for kpool_sized_get().
 * Return: as kpool_get_bulk().
 */
static __always_inline __must_check int
kpool_sized_get_bulk(struct kpool_sized *set, size_t size, gfp_t gfp, void **bufs, unsigned int n)
{
	__kpool_check_gfp(gfp);
	return __kpool_sized_get_bulk(set, size, gfp, bufs, n);
}

int kpool_sized_get_bulk_waiting(struct kpool_sized *set, size_t size, gfp_t gfp, void **bufs,
				 unsigned int n, long timeout_jiffies, unsigned int state);

/**
 * kpool_sized_put_bulk() - put several buffers of one size back
 * @set: the set that the buffers came from
 * @bufs: the buffers; NULL and an ERR_PTR among them are ignored
 * @n: how many; 0 does nothing
 * @size: as for kpool_sized_put(), the same for each buffer
 *
 * Context: as for kpool_sized_put().
 */
void kpool_sized_put_bulk(struct kpool_sized *set, void **bufs, unsigned int n, size_t size);

/**
 * kpool_sized_put_rcu() - put a buffer back after an RCU grace period
 * @set: the set that the buffer came from, with %KPOOL_RCU
 * @buf: the buffer; NULL and an ERR_PTR are ignored
 * @size: as for kpool_sized_put()
 *
 * As kpool_put_rcu(). A buffer that is larger than the largest class is freed after the grace
 * period. In a set without %KPOOL_RCU the log says so, and the buffer stays with the caller.
 *
 * Context: any that kpool_sized_put() may be called from.
 */
void kpool_sized_put_rcu(struct kpool_sized *set, void *buf, size_t size);

/**
 * kpool_sized_size() - how large a buffer would be
 * @set: the set
 * @size: bytes that are needed
 *
 * Context: any.
 * Return: capacity in bytes of a buffer that a get of @size returns.
 */
size_t kpool_sized_size(const struct kpool_sized *set, size_t size);

/*
 * The class for a size: the smallest class that is large enough. All sizes of one order (1; 2;
 * 3 and 4; 5 to 8; ...) have the same first class to try. If no two classes are of the same
 * order, this first class is the right one. A size of 0 is of the order after the last.
 */
static __always_inline const struct kpool_sized_class_hit *
__kpool_sized_class(const struct kpool_sized *set, size_t size)
{
	const struct kpool_sized_class_hit *class = set->first[fls_long(size - 1)];

	if (unlikely(size > class->size))
		class = kpool_sized_search(set, size);
	return class;
}

/* As in <linux/kpool/hit.h>, for a class. Buffers beyond the classes wait for nobody. */
#ifdef CONFIG_PROVE_LOCKING
void kpool_sized_lockdep_wait(struct kpool_sized *set, unsigned int class);
void kpool_sized_lockdep_got(struct kpool_sized *set, unsigned int class, void *buf);
void kpool_sized_lockdep_put(struct kpool_sized *set, unsigned int class, void *buf);
#else
static inline void kpool_sized_lockdep_wait(struct kpool_sized *set, unsigned int class)
{
}

static inline void kpool_sized_lockdep_got(struct kpool_sized *set, unsigned int class, void *buf)
{
}

static inline void kpool_sized_lockdep_put(struct kpool_sized *set, unsigned int class, void *buf)
{
}
#endif

/* A hit, with its counters. Preemption is off. */
static __always_inline bool __kpool_sized_hit(struct kpool_sized *set,
					      const struct kpool_sized_class_hit *class,
					      size_t size, void **buf)
{
	struct kpool_sized_class_cpu *figures = this_cpu_ptr(class->figures);
	__kpool_cpu *c = __kpool_cpu_here(class->cpu);

	if (unlikely(!__kpool_may_hit(c)) ||
	    !__kpool_hit_get_sum(c, 0, buf, &figures->asked, size, &figures->gets))
		return false;
	/* data_race(): an interrupt may count a hit here; then a sample is missed. */
	if (unlikely(data_race(c->gets) % KPOOL_SIZED_SAMPLE == 1))
		kpool_sized_sample(set, size);
	return true;
}

/**
 * kpool_sized_get() - get a buffer
 * @set: the set
 * @size: bytes that are needed; 0 is the same as 1
 * @gfp: as for kpool_get(); with __GFP_ZERO the buffer is zeroed up to its capacity
 *
 * Never waits for a put. The caller may use kpool_sized_size() bytes of the buffer.
 *
 * Context: as for kpool_get(). A buffer larger than the largest class is always allocated. So a
 * get of such a size fails in NMI, and where no allocator may be called; see kpool_get(). In a set
 * with a zone it fails with -EINVAL, because only the classes have the zone.
 * Return: the buffer, which the caller puts back with kpool_sized_put(), or an ERR_PTR as
 * from kpool_get(), never NULL.
 */
static __always_inline __must_check void *kpool_sized_get(struct kpool_sized *set, size_t size,
							  gfp_t gfp)
{
	const struct kpool_sized_class_hit *class;
	void *buf;

	__kpool_check_gfp(gfp);
	if (__kpool_is_none(set, __func__))
		return ERR_PTR(-EINVAL);
	class = __kpool_sized_class(set, size);
	__kpool_might_alloc(gfp);
	if (unlikely(gfp & __KPOOL_GFP_SLOW))
		return __kpool_object_or_err(kpool_sized_get_slow(set, class->number, size, gfp));

	preempt_disable();
	if (__kpool_sized_hit(set, class, size, &buf)) {
		preempt_enable();
		kpool_sized_lockdep_got(set, class->number, buf);
		return __kpool_object(buf);
	}
	preempt_enable();
	return __kpool_object_or_err(kpool_sized_get_slow(set, class->number, size, gfp));
}

static __always_inline void *__kpool_sized_get_waiting(struct kpool_sized *set, size_t size,
						       gfp_t gfp, long timeout_jiffies,
						       unsigned int state)
{
	const struct kpool_sized_class_hit *class;
	void *buf;

	__kpool_check_waiting_gfp(gfp);
	if (__kpool_is_none(set, "kpool_sized_get_*_timeout"))
		return ERR_PTR(-EINVAL);
	class = __kpool_sized_class(set, size);
#ifdef KPOOL_CHECKS_CALLS
	might_sleep();
#endif
	__kpool_might_alloc(gfp);
	if (timeout_jiffies)
		kpool_sized_lockdep_wait(set, class->number);
	if (unlikely(__kpool_is_slow_waiting_gfp(gfp)))
		return __kpool_object_or_err(kpool_sized_get_waiting(set, class->number, size, gfp,
								     timeout_jiffies, state));

	preempt_disable();
	if (__kpool_sized_hit(set, class, size, &buf)) {
		preempt_enable();
		kpool_sized_lockdep_got(set, class->number, buf);
		return __kpool_object(buf);
	}
	preempt_enable();
	return __kpool_object_or_err(kpool_sized_get_waiting(set, class->number, size, gfp,
							     timeout_jiffies, state));
}

/**
 * kpool_sized_get_timeout() - get a buffer, wait for one if its class has none
 * @set: the set
 * @size: as for kpool_sized_get()
 * @gfp: as for kpool_get_timeout()
 * @timeout_jiffies: as for kpool_get_timeout()
 *
 * If the class of this size has max or reserve, waits in that class's wait list. Otherwise this
 * call is the same as kpool_sized_get().
 *
 * Context: process context, sleeps.
 * Return: as kpool_sized_get(); -ETIMEDOUT, -ESHUTDOWN as kpool_get_timeout().
 */
static __always_inline __must_check void *
kpool_sized_get_timeout(struct kpool_sized *set, size_t size, gfp_t gfp, long timeout_jiffies)
{
	return __kpool_sized_get_waiting(set, size, gfp, timeout_jiffies, TASK_UNINTERRUPTIBLE);
}

/**
 * kpool_sized_get_interruptible_timeout() - kpool_sized_get_timeout() that a signal ends
 * @set: the set
 * @size: as for kpool_sized_get()
 * @gfp: as for kpool_get_timeout()
 * @timeout_jiffies: as for kpool_get_timeout()
 *
 * Context: process context, sleeps.
 * Return: as kpool_sized_get_timeout(); -ERESTARTSYS after a signal.
 */
static __always_inline __must_check void *
kpool_sized_get_interruptible_timeout(struct kpool_sized *set, size_t size, gfp_t gfp,
				      long timeout_jiffies)
{
	return __kpool_sized_get_waiting(set, size, gfp, timeout_jiffies, TASK_INTERRUPTIBLE);
}

/**
 * kpool_sized_get_killable_timeout() - kpool_sized_get_timeout() that a fatal signal ends
 * @set: the set
 * @size: as for kpool_sized_get()
 * @gfp: as for kpool_get_timeout()
 * @timeout_jiffies: as for kpool_get_timeout()
 *
 * Context: process context, sleeps.
 * Return: as kpool_sized_get_timeout(); -ERESTARTSYS after a fatal signal.
 */
static __always_inline __must_check void *
kpool_sized_get_killable_timeout(struct kpool_sized *set, size_t size, gfp_t gfp,
				 long timeout_jiffies)
{
	return __kpool_sized_get_waiting(set, size, gfp, timeout_jiffies, TASK_KILLABLE);
}

/**
 * kpool_sized_get_bulk_timeout() - get several buffers of one size, or none; wait for them
 * @set: the set
 * @size: as for kpool_sized_get(), the same for each buffer
 * @gfp: as for kpool_get_timeout()
 * @bufs: receives the buffers, has room for @n
 * @n: how many; 0 succeeds and does nothing
 * @timeout_jiffies: as for kpool_get_timeout()
 *
 * Context: process context, sleeps.
 * Return: as kpool_get_bulk_timeout().
 */
static __always_inline __must_check int
kpool_sized_get_bulk_timeout(struct kpool_sized *set, size_t size, gfp_t gfp, void **bufs,
			     unsigned int n, long timeout_jiffies)
{
	__kpool_check_waiting_gfp(gfp);
	return kpool_sized_get_bulk_waiting(set, size, gfp, bufs, n, timeout_jiffies,
					    TASK_UNINTERRUPTIBLE);
}

/**
 * kpool_sized_get_bulk_interruptible_timeout() - the same, but a signal ends the wait
 * @set: the set
 * @size: as for kpool_sized_get(), the same for each buffer
 * @gfp: as for kpool_get_timeout()
 * @bufs: receives the buffers, has room for @n
 * @n: how many; 0 succeeds and does nothing
 * @timeout_jiffies: as for kpool_get_timeout()
 *
 * Context: process context, sleeps.
 * Return: as kpool_get_bulk_timeout(); -ERESTARTSYS after a signal.
 */
static __always_inline __must_check int
kpool_sized_get_bulk_interruptible_timeout(struct kpool_sized *set, size_t size, gfp_t gfp,
					   void **bufs, unsigned int n, long timeout_jiffies)
{
	__kpool_check_waiting_gfp(gfp);
	return kpool_sized_get_bulk_waiting(set, size, gfp, bufs, n, timeout_jiffies,
					    TASK_INTERRUPTIBLE);
}

/**
 * kpool_sized_get_bulk_killable_timeout() - the same, but a fatal signal ends the wait
 * @set: the set
 * @size: as for kpool_sized_get(), the same for each buffer
 * @gfp: as for kpool_get_timeout()
 * @bufs: receives the buffers, has room for @n
 * @n: how many; 0 succeeds and does nothing
 * @timeout_jiffies: as for kpool_get_timeout()
 *
 * Context: process context, sleeps.
 * Return: as kpool_get_bulk_timeout(); -ERESTARTSYS after a fatal signal.
 */
static __always_inline __must_check int
kpool_sized_get_bulk_killable_timeout(struct kpool_sized *set, size_t size, gfp_t gfp, void **bufs,
				      unsigned int n, long timeout_jiffies)
{
	__kpool_check_waiting_gfp(gfp);
	return kpool_sized_get_bulk_waiting(set, size, gfp, bufs, n, timeout_jiffies,
					    TASK_KILLABLE);
}

/**
 * kpool_sized_put() - put a buffer back
 * @set: the set that the buffer came from
 * @buf: the buffer; NULL and an ERR_PTR are ignored
 * @size: the size that the get was asked for, or any other size of the same class. For a buffer
 *	larger than the largest class, no more than the get was asked for. A put of a smaller
 *	size wipes as much as a put of the full size.
 *
 * Cannot fail and never sleeps. Puts are welcome on any CPU, and after
 * kpool_sized_destroy() too. In a set that is debugged, by %KPOOL_DEBUG or by an administrator, a
 * put is refused in three cases: @buf is no buffer of this set; the buffer is of another class than
 * @size; or the buffer was put before. The log then says what is wrong, with the class and the
 * caller, and nothing else happens.
 *
 * Context: any, as for kpool_put().
 */
static __always_inline void kpool_sized_put(struct kpool_sized *set, void *buf, size_t size)
{
	const struct kpool_sized_class_hit *class;
	__kpool_cpu *c;

	if (!IS_ERR_OR_NULL(buf) && __kpool_is_none(set, __func__))
		return;
	class = __kpool_sized_class(set, size);
	if (IS_ERR_OR_NULL(buf))
		return;
	kpool_sized_lockdep_put(set, class->number, buf);

	preempt_disable();
	c = __kpool_cpu_here(class->cpu);
	if (likely(__kpool_may_hit(c)) && __kpool_hit_put(c, 0, buf)) {
		preempt_enable();
		return;
	}
	preempt_enable();
	kpool_sized_put_slow(set, class->number, buf, size);
}

/**
 * kpool_sized_buf() - describe a buffer by its address, length and capacity
 * @set: the set
 * @data: return value of a get of @size, also an ERR_PTR
 * @size: bytes that the get was asked for
 *
 * For buffers that pass through code which does not know their size::
 *
 *	struct kpool_buf buf = kpool_sized_buf(set, kpool_sized_get(set, n, GFP_KERNEL), n);
 *
 *	if (IS_ERR(buf.data))
 *		return PTR_ERR(buf.data);
 *	...
 *	kpool_sized_put_buf(set, &buf);
 *
 * Context: any.
 * Return: the descriptor, whose length is @size.
 */
static inline struct kpool_buf kpool_sized_buf(const struct kpool_sized *set, void *data,
					       size_t size)
{
	return (struct kpool_buf){
		.data = data,
		.len = size,
		.size = kpool_sized_size(set, size),
		.class = __kpool_sized_class(set, size)->number,
	};
}

/**
 * kpool_sized_get_buf() - kpool_sized_get() that returns a descriptor
 * @set: the set
 * @buf: becomes the buffer's descriptor
 * @size: as for kpool_sized_get()
 * @gfp: as for kpool_sized_get()
 *
 * Context: as for kpool_sized_get().
 * Return: 0, or an error. After an error the descriptor is empty, and a put ignores it.
 */
static __always_inline __must_check int
kpool_sized_get_buf(struct kpool_sized *set, struct kpool_buf *buf, size_t size, gfp_t gfp)
{
	void *data = kpool_sized_get(set, size, gfp);

	*buf = IS_ERR(data) ? (struct kpool_buf){ } : kpool_sized_buf(set, data, size);
	return PTR_ERR_OR_ZERO(data);
}

/**
 * kpool_sized_put_buf() - put a buffer back by its descriptor
 * @set: the set that the buffer came from
 * @buf: the descriptor. Afterwards its data is NULL, and its length and size are 0.
 *
 * Context: any, as for kpool_put().
 */
static __always_inline void kpool_sized_put_buf(struct kpool_sized *set, struct kpool_buf *buf)
{
	const struct kpool_buf put = *buf;
	__kpool_cpu *c;

	if (IS_ERR_OR_NULL(put.data) || __kpool_is_none(set, __func__))
		return;
	kpool_sized_lockdep_put(set, put.class, put.data);

	*buf = (struct kpool_buf){ };
	preempt_disable();
	c = __kpool_cpu_here(set->class[put.class].cpu);
	if (likely(__kpool_may_hit(c)) && __kpool_hit_put(c, 0, put.data)) {
		preempt_enable();
		return;
	}
	preempt_enable();
	kpool_sized_put_slow(set, put.class, put.data, put.size);
}

int kpool_sized_grow_slow(struct kpool_sized *set, struct kpool_buf *buf, size_t size, gfp_t gfp);

/**
 * kpool_sized_grow() - have room for more bytes in a buffer
 * @set: the set that the buffer came from
 * @buf: the buffer's descriptor. A descriptor whose members are all 0 gets its first buffer.
 * @size: bytes that the buffer needs in all
 * @gfp: as for kpool_sized_get(); with __GFP_ZERO the bytes behind the old capacity are zeroed
 *
 * If the capacity is enough, this call compares two numbers and changes nothing. Otherwise the call
 * gets a buffer of the class for @size, copies the bytes in use, and puts the old buffer. So the
 * address and the capacity change. The length stays.
 *
 * To append bytes of unknown number, ask for the bytes that come next. Each default class is twice
 * as large as the class before, so each byte is copied about once. A buffer above the largest class
 * has just the pages for @size. So ask for more than the next bytes there, for example for twice
 * the capacity.
 *
 * Context: as for kpool_sized_get(). Never waits for a put.
 * Return: 0; or an error as from kpool_sized_get(). After an error the buffer is as it was.
 */
static __always_inline __must_check int
kpool_sized_grow(struct kpool_sized *set, struct kpool_buf *buf, size_t size, gfp_t gfp)
{
	if (likely(size <= buf->size && buf->data))
		return 0;
	return kpool_sized_grow_slow(set, buf, size, gfp);
}

#endif /* _LINUX_KPOOL_SIZED_H */
