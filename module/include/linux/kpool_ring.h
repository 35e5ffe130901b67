/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kpool: ring buffers, and pools of them.
 *
 * <linux/kpool_ring_wait.h> has the calls that wait for a ring. uapi/linux/kpool_mapped.h describes
 * a ring for the process that maps it.
 */
#ifndef _LINUX_KPOOL_RING_H
#define _LINUX_KPOOL_RING_H

#include <linux/cache.h>
#include <linux/kpool.h>
#include <linux/minmax.h>
#include <linux/refcount.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include <asm/barrier.h>

struct iov_iter;
struct kpool_ring_indices;
struct vm_area_struct;

/**
 * DOC: ring
 *
 * A ring is a queue of bytes that holds exactly as many bytes as it was made for. If the ring
 * is full, a write takes the bytes that fit, and kpool_ring_refused() counts the other ones. With
 * %KPOOL_RING_OVERWRITE a write takes all its bytes. The oldest bytes are lost then, and the reader
 * is told.
 *
 * One producer and one consumer may use the ring at the same time, on different CPUs and
 * in any context, with no lock. For several producers, or several consumers, the caller brings a
 * lock for that side. Each call that belongs to a side says so.
 */

/* The most bytes in a ring */
#define KPOOL_RING_MOST		BIT(30)

/**
 * enum kpool_ring_flags - what a ring does beyond the ordinary
 * @KPOOL_RING_OVERWRITE: when the ring is full, a write overwrites the oldest bytes
 * @KPOOL_RING_MIRRORED: the ring's memory is mapped twice in a row, so that each reserve and each
 *	peek up to the ring's size is one piece. The size must then be a multiple of a page.
 * @KPOOL_RING_WIPED: a ring of a pool is wiped when it is put, and before its memory is freed
 * @KPOOL_RING_MAPPABLE: processes can map the ring, see kpool_ring_mmap(). A process that may
 *	write to its mapping is the consumer. Processes see all memory of such a ring. So the ring
 *	begins with zeroes, and is wiped as with %KPOOL_RING_WIPED. The control group of the task
 *	that builds the ring pays for its memory, or with %KPOOL_ACCOUNT that of the pool's creator.
 *	Needs a 64-bit machine.
 * @KPOOL_RING_USER_WRITES: for a ring with %KPOOL_RING_MAPPABLE: a process that may write to its
 *	mapping is the producer, and the kernel does not write; not with %KPOOL_RING_OVERWRITE
 */
enum kpool_ring_flags {
	KPOOL_RING_OVERWRITE	= BIT(0),
	KPOOL_RING_MIRRORED	= BIT(1),
	KPOOL_RING_WIPED	= BIT(2),
	KPOOL_RING_MAPPABLE	= BIT(3),
	KPOOL_RING_USER_WRITES	= BIT(4),
};

struct kpool_ring_pool;

/**
 * struct kpool_ring - a ring
 *
 * Each side has a cache line of its own. A side reads the other side's line only if the position
 * that it remembers is not enough. Positions count bytes and wrap with their type.
 */
struct kpool_ring {
	/* private: */
	u8 *data;
	size_t size;
	unsigned int flags;
	atomic_t waits;			/* structs of kpool_ring_wait_init() that wait for it */
	struct page **pages;		/* in the order of their mapping, if the ring is of pages */
	struct kpool_ring_indices *shared;	/* the first page of a mappable ring */
	struct kpool_ring_pool *pool;	/* takes the ring back from its last user */
	const char *name;		/* of its pool, for messages, or NULL */
	refcount_t users;		/* of a mappable ring: its owner, and each mapping */
	bool wiped;			/* wipe_work did what reset would do */
	bool mapped_only;		/* put by its owner, and counted as that in the pool */

	unsigned long head ____cacheline_aligned_in_smp;	/* readable up to here */
	unsigned long claim;		/* being written up to here, perhaps; never goes back */
	size_t head_at;			/* offset of head in data, or the data's end */
	size_t room;			/* bytes free from head_at on, in one piece, at least */
	unsigned long tail_seen;	/* tail, at the producer's last look */
	size_t reserved;
	u64 refused;			/* bytes that had no room */
	unsigned long refusals;		/* writes and reserves of such bytes */

	unsigned long tail ____cacheline_aligned_in_smp;
	size_t tail_at;			/* offset of tail in data, or the data's end */
	size_t there;			/* bytes to read from tail_at on, in one piece, at least */
	unsigned long head_seen;	/* head, at the consumer's last look */
	u64 lost;

	struct work_struct wipe_work;	/* gives a large ring back */
};

/* Sizes of the structs that the inline functions know; both creates compare them. */
struct kpool_ring_abi {
	struct kpool_abi pool;
	u16 params_size;
	u16 ring_size;
};

#define KPOOL_RING_ABI_HERE							\
	((struct kpool_ring_abi){ KPOOL_ABI_HERE,				\
				  sizeof(struct kpool_ring_pool_params),	\
				  sizeof(struct kpool_ring) })

struct kpool_ring *__kpool_ring_create(size_t size, unsigned int flags, gfp_t gfp,
				       struct kpool_ring_abi abi);

/**
 * kpool_ring_destroy() - end a ring that kpool_ring_create() made
 * @ring: the ring, which nobody reads or writes any more; NULL and an ERR_PTR are ignored
 *
 * If the ring is mapped, its memory is freed when the last mapping ends. While a
 * &struct kpool_ring_wait waits for the ring, the call is refused: the log says so, and the ring's
 * memory is lost.
 *
 * Context: process context, may sleep.
 */
void kpool_ring_destroy(struct kpool_ring *ring);

size_t kpool_ring_write_slow(struct kpool_ring *ring, const void *from, size_t n);

/**
 * kpool_ring_write_iter() - write bytes from an iov_iter, of kernel or user memory
 * @ring: the ring
 * @from: the iterator, which advances by the bytes that the ring took
 *
 * Stops at memory that cannot be read. A ring that overwrites may then have lost up to a page more
 * of its oldest bytes.
 *
 * Context: process context for user memory, may sleep then; the producer's side.
 * Return: how many bytes the ring took.
 */
size_t kpool_ring_write_iter(struct kpool_ring *ring, struct iov_iter *from);

/**
 * kpool_ring_reserve() - room to write to without copying
 * @ring: the ring
 * @n: how many bytes are wanted; becomes how many bytes are reserved, in one piece
 *
 * In a ring that overwrites, the oldest bytes in the reserved room are lost, even if the caller
 * does not commit. The caller writes nothing else before the commit. Another reserve instead of
 * the commit drops this one.
 *
 * Context: any; the producer's side.
 * Return: where to write; kpool_ring_commit() publishes the bytes. NULL if there is no room.
 */
void *kpool_ring_reserve(struct kpool_ring *ring, size_t *n);

/**
 * kpool_ring_commit() - publish bytes that were written to reserved room
 * @ring: the ring
 * @n: how many bytes, from the first reserved byte on; no more than were reserved
 *
 * If @n is more, the log says so, and the call publishes the reserved bytes.
 *
 * Context: any; the producer's side.
 */
void kpool_ring_commit(struct kpool_ring *ring, size_t n);

/**
 * kpool_ring_space() - how many bytes a ring has room for
 * @ring: the ring
 *
 * Context: any. For the producer there is at least this much room, unless a process may write to
 * its mapping: a process can take its position back.
 * Return: bytes; in a ring that overwrites, bytes that overwrite nothing.
 */
size_t kpool_ring_space(const struct kpool_ring *ring);

size_t kpool_ring_read_slow(struct kpool_ring *ring, void *to, size_t n);

/**
 * kpool_ring_read_iter() - read bytes into an iov_iter, of kernel or user memory
 * @ring: the ring
 * @to: the iterator, which advances by the bytes that were read
 *
 * Stops at memory that cannot be written to. Bytes that were not copied stay in the ring. In a ring
 * that overwrites, this call also stops where bytes were lost, so that the returned bytes are
 * whole, as with kpool_ring_read(). Memory behind the returned bytes may then have been written to.
 *
 * Context: process context for user memory, may sleep then; the consumer's side.
 * Return: how many bytes were read.
 */
size_t kpool_ring_read_iter(struct kpool_ring *ring, struct iov_iter *to);

/**
 * kpool_ring_peek() - copy bytes out of a ring, and leave them there
 * @ring: the ring
 * @to: receives the bytes
 * @n: how many
 *
 * In a ring that overwrites, kpool_ring_consume() continues behind the copied bytes.
 * kpool_ring_skip() may continue further on, because it drops the oldest bytes of that moment.
 *
 * Context: any; the consumer's side.
 * Return: how many bytes were copied.
 */
size_t kpool_ring_peek(struct kpool_ring *ring, void *to, size_t n);

/**
 * kpool_ring_skip() - drop bytes
 * @ring: the ring
 * @n: how many, the oldest ones
 *
 * Context: any; the consumer's side.
 * Return: how many bytes were dropped.
 */
size_t kpool_ring_skip(struct kpool_ring *ring, size_t n);

/**
 * kpool_ring_peek_contiguous() - look at bytes in place, without copying
 * @ring: the ring
 * @n: how many bytes are wanted; becomes how many bytes are there, in one piece
 *
 * In a ring that overwrites, the bytes may change while the caller looks at them.
 * kpool_ring_consume() says whether they did. Do not rely on the bytes before that.
 *
 * Context: any; the consumer's side.
 * Return: the oldest byte; kpool_ring_consume() gives its room back. NULL if the ring is empty.
 */
const void *kpool_ring_peek_contiguous(struct kpool_ring *ring, size_t *n);

/**
 * kpool_ring_consume() - the caller does not need the bytes of a peek any more
 * @ring: the ring
 * @n: how many bytes, from the first one on; no more than the peek returned
 *
 * If @n is more, the log says so, and the call consumes the bytes that are there.
 *
 * Context: any; the consumer's side.
 * Return: how many of these bytes, from the first one on, were or may have been overwritten while
 * the caller looked at them. They count as lost. 0 in a ring that does not overwrite.
 */
size_t kpool_ring_consume(struct kpool_ring *ring, size_t n);

/**
 * kpool_ring_len() - how many bytes are in a ring
 * @ring: the ring
 *
 * Context: any. For the consumer there are at least so many bytes, with two exceptions: the ring
 * overwrites, or a process may write to its mapping. A process can take its position back.
 * Return: bytes.
 */
size_t kpool_ring_len(const struct kpool_ring *ring);

/**
 * kpool_ring_mmap() - map a ring, for the mmap handler of a file
 * @ring: a ring that was made with %KPOOL_RING_MAPPABLE
 * @vma: as the handler got it
 * @may_write: whether the process may map the ring for writing. The process then takes the part of
 *	a side: the consumer's or, with %KPOOL_RING_USER_WRITES, the producer's.
 *
 * The process sees a page with &struct kpool_ring_indices, and behind this page the ring's bytes. A
 * mirrored ring has its bytes there twice. The process may map a part of this, may map it several
 * times, and may fork.
 *
 * A process with a mapping for writing can write everywhere in the mapping. It can make nonsense of
 * the ring's bytes and of their number, for itself and for each reader of the ring. It can do no
 * more: the kernel reads and writes only inside the ring. Trust a process as little as the far end
 * of a network connection: check the bytes. Bytes that kpool_ring_peek_contiguous() returns can
 * change while the caller looks at them.
 *
 * While a process is the consumer, the kernel may be the consumer, too, in turns with the process.
 * The process's tail says which bytes the process has read.
 *
 * The ring belongs to the caller, who may put or destroy it while it is mapped; the process keeps
 * its view. The ring goes back when the last mapping ends, however late that is. It is wiped then,
 * as kpool_ring_put() says. Nobody may execute the ring's bytes. The file operations must name
 * their module as owner, as always. So the module, and kpool, stay loaded as long as the mapping.
 * sysfs and procfs files do not do that, so this call is not for them.
 *
 * Context: process context, under the mmap lock. kpool_ring_read_iter() and similar calls on user
 * memory take the mmap lock in page faults. So do not hold a lock around these calls that the mmap
 * handler takes to keep the ring.
 * Return: 0; -ENODEV if the ring is not mappable; -EACCES for a mapping for writing if @may_write
 * is false; -EPERM for a mapping for execution; -EINVAL for a private mapping, or one beyond the
 * ring's end.
 */
__must_check int kpool_ring_mmap(struct kpool_ring *ring, struct vm_area_struct *vma,
				 bool may_write);

/**
 * kpool_ring_lost() - how many bytes were overwritten before they were read
 * @ring: the ring
 *
 * Context: any. The result includes lost bytes that the consumer has not noticed yet. While the
 * consumer notices them, other callers may see them counted twice. A process that reads a mapping
 * counts its lost bytes itself.
 * Return: bytes since the ring was created or reset.
 */
u64 kpool_ring_lost(const struct kpool_ring *ring);

/**
 * kpool_ring_refused() - how many bytes had no room
 * @ring: the ring
 *
 * Counts the bytes that a write did not take because the ring was full, and the wanted bytes of a
 * reserve that returned NULL. A producer that tries again counts the same bytes again. Always 0 in
 * a ring that overwrites; see kpool_ring_lost().
 *
 * Context: any.
 * Return: bytes since the ring was created or reset.
 */
u64 kpool_ring_refused(const struct kpool_ring *ring);

/**
 * kpool_ring_refusals() - how many writes and reserves found no room for their bytes
 * @ring: the ring
 *
 * Context: any.
 * Return: calls that kpool_ring_refused() counts bytes of, since the ring was created or reset.
 */
unsigned long kpool_ring_refusals(const struct kpool_ring *ring);

/**
 * kpool_ring_head() - the position up to which a ring was written
 * @ring: the ring
 *
 * If records begin at known positions, a reader that lost bytes finds the next record by this call.
 *
 * Context: any. The result is exact for the producer.
 * Return: bytes written since the ring was created or reset; wraps with its type.
 */
unsigned long kpool_ring_head(const struct kpool_ring *ring);

/**
 * kpool_ring_tail() - the position up to which a ring was read
 * @ring: the ring
 *
 * Context: any. The result is exact for the consumer: the bytes of the last read end there, and the
 * bytes of the last peek begin there. Bytes that a process read since in a mapping do not count.
 * Return: bytes read, skipped or lost since the ring was created or reset; wraps with its type.
 */
unsigned long kpool_ring_tail(const struct kpool_ring *ring);

/**
 * kpool_ring_size() - how many bytes a ring can hold
 * @ring: the ring
 *
 * Context: any.
 * Return: bytes, exactly the number that the ring was created with.
 */
size_t kpool_ring_size(const struct kpool_ring *ring);

/**
 * kpool_ring_reset() - make a ring as it was when it was created
 * @ring: the ring, which neither side is using
 *
 * A mappable ring is wiped, because processes see all of it. The call lets other tasks run
 * meanwhile, if it may. A caller that cannot let them run, for example in an interrupt, had better
 * put a large ring instead: then a worker wipes it.
 *
 * Context: any.
 */
void kpool_ring_reset(struct kpool_ring *ring);

/**
 * kpool_ring_write() - write bytes into a ring
 * @ring: the ring
 * @from: the bytes
 * @n: how many
 *
 * Context: any; the producer's side.
 * Return: the number of bytes that the ring took. A ring that overwrites takes all bytes. Any other
 * ring takes the bytes that fit.
 */
static __always_inline size_t kpool_ring_write(struct kpool_ring *ring, const void *from, size_t n)
{
	if (unlikely(n > ring->room))
		return kpool_ring_write_slow(ring, from, n);
	memcpy(ring->data + ring->head_at, from, n);
	ring->head_at += n;
	ring->room -= n;
	/* Pairs with the acquire in see_head(): a consumer that sees head sees the bytes. */
	smp_store_release(&ring->head, ring->head + n);
	return n;
}

/**
 * kpool_ring_read() - read bytes from a ring
 * @ring: the ring
 * @to: receives the bytes
 * @n: how many
 *
 * In a ring that overwrites, the returned bytes are in order and whole, but bytes may be
 * missing before them. kpool_ring_lost() says how many bytes were lost in all.
 *
 * Context: any; the consumer's side.
 * Return: how many bytes were read.
 */
static __always_inline size_t kpool_ring_read(struct kpool_ring *ring, void *to, size_t n)
{
	if (n > ring->there) {
		if (unlikely(ring->flags & (KPOOL_RING_OVERWRITE | KPOOL_RING_MAPPABLE)))
			return kpool_ring_read_slow(ring, to, n);
		/* Pairs with the release in kpool_ring_write() and wrote(). */
		ring->head_seen = smp_load_acquire(&ring->head);
		ring->there = min_t(size_t, ring->head_seen - ring->tail,
				    ring->size - ring->tail_at);
		if (unlikely(n > ring->there))
			return kpool_ring_read_slow(ring, to, n);
	}
	memcpy(to, ring->data + ring->tail_at, n);
	ring->tail_at += n;
	ring->there -= n;
	/* Pairs with the acquire in see_tail(): the bytes were copied before their room is free. */
	smp_store_release(&ring->tail, ring->tail + n);
	return n;
}

/**
 * struct kpool_ring_pool_params - what kpool_ring_pool_create() is to create
 * @name: as in &struct kpool_params, like all members that have the same name there
 * @size: bytes in a ring, 1 to %KPOOL_RING_MOST
 * @ring_flags: of &enum kpool_ring_flags
 * @flags: of &enum kpool_flags: %KPOOL_BYPASS, %KPOOL_ON_NODE, %KPOOL_OVERFLOW,
 *	%KPOOL_ACCOUNT and %KPOOL_ACCOUNT_GETTER are possible. The two last ones charge the bytes
 *	of the rings, too
 * @node: see there
 * @magazine: see there
 * @min_idle: see there
 * @max_idle: see there
 * @max: see there
 * @reserve: see there
 * @idle_ms: see there
 * @lifetime_ms: see there
 */
struct kpool_ring_pool_params {
	const char *name;
	size_t size;
	unsigned int ring_flags;
	unsigned int flags;
	int node;
	unsigned int magazine;
	unsigned int min_idle;
	unsigned int max_idle;
	unsigned int max;
	unsigned int reserve;
	unsigned int idle_ms;
	unsigned int lifetime_ms;
};

struct kpool_ring_pool *__kpool_ring_pool_create(const struct kpool_ring_pool_params *params,
						 struct module *owner,
						 struct kpool_ring_abi abi);

void kpool_ring_put_slow(struct kpool_ring_pool *pool, struct kpool_ring *ring);

/**
 * kpool_ring_create() - create a ring that belongs to no pool
 * @size: bytes that the ring can hold, 1 to %KPOOL_RING_MOST
 * @flags: of &enum kpool_ring_flags
 * @gfp: how to allocate memory. A ring that is larger than a page, mirrored or mappable needs a
 *	@gfp that may block.
 *
 * Context: as @gfp says.
 * Return: the ring, empty, or an ERR_PTR: -EINVAL for parameters that make no sense or a
 * kpool.ko of another version; -ENOMEM, also for a ring larger than the available memory; -EINTR
 * if a fatal signal came while a large ring was built. The caller ends the ring with
 * kpool_ring_destroy().
 */
static inline __must_check struct kpool_ring *kpool_ring_create(size_t size, unsigned int flags,
								gfp_t gfp)
{
	return __kpool_ring_create(size, flags, gfp, KPOOL_RING_ABI_HERE);
}

/* See kpool_create(). */
#ifdef CONFIG_MEM_ALLOC_PROFILING
#define kpool_ring_create(...)	alloc_hooks(kpool_ring_create(__VA_ARGS__))
#endif

/**
 * kpool_ring_pool_create() - create a pool of rings
 * @params: what the pool is to be; copied
 *
 * A pool of rings is a pool like any other. kpool_ring_pool() returns that pool, for kpool_stats(),
 * kpool_retune() and similar calls.
 *
 * Context: process context, may sleep.
 * Return: the pool, or an ERR_PTR as from kpool_create(). The caller ends the pool with
 * kpool_ring_pool_destroy() or kpool_ring_pool_destroy_sync().
 */
static inline __must_check struct kpool_ring_pool *
kpool_ring_pool_create(const struct kpool_ring_pool_params *params)
{
	return __kpool_ring_pool_create(params, THIS_MODULE, KPOOL_RING_ABI_HERE);
}

#ifdef CONFIG_MEM_ALLOC_PROFILING
#define kpool_ring_pool_create(...)	alloc_hooks(kpool_ring_pool_create(__VA_ARGS__))
#endif

/**
 * kpool_ring_pool() - a pool of rings as a plain pool
 * @pool: the pool of rings
 *
 * Context: any.
 * Return: the same pool, for the calls of kpool.h that look at a pool.
 */
static inline struct kpool *kpool_ring_pool(struct kpool_ring_pool *pool)
{
	return (struct kpool *)pool;
}

/**
 * kpool_ring_pool_destroy() - end a pool of rings, as kpool_destroy()
 * @pool: the pool; NULL and an ERR_PTR are ignored
 *
 * Context: process context, sleeps.
 * Return: as kpool_destroy(). Mapped rings are still in use.
 */
static inline unsigned long kpool_ring_pool_destroy(struct kpool_ring_pool *pool)
{
	return kpool_destroy(kpool_ring_pool(pool));
}

/**
 * kpool_ring_pool_destroy_sync() - end a pool of rings, as kpool_destroy_sync()
 * @pool: the pool; NULL and an ERR_PTR are ignored
 * @timeout_ms: how long to wait for its rings, in milliseconds
 *
 * If rings are mapped, processes decide how long this takes. A ring that comes back late does no
 * harm.
 *
 * Context: process context, sleeps.
 * Return: as kpool_destroy_sync().
 */
static inline int kpool_ring_pool_destroy_sync(struct kpool_ring_pool *pool,
					       unsigned int timeout_ms)
{
	return kpool_destroy_sync(kpool_ring_pool(pool), timeout_ms);
}

/**
 * kpool_ring_get() - get an empty ring
 * @pool: the pool
 * @gfp: as for kpool_get(), without __GFP_ZERO
 *
 * Context: as for kpool_get(). Only a get that may block builds rings of more than a page, mirrored
 * rings and mappable rings.
 * Return: as kpool_get().
 */
static __always_inline __must_check struct kpool_ring *kpool_ring_get(struct kpool_ring_pool *pool,
								      gfp_t gfp)
{
	return kpool_get(kpool_ring_pool(pool), gfp);
}

/**
 * kpool_ring_get_timeout() - get an empty ring, wait for one if there is none
 * @pool: the pool
 * @gfp: as for kpool_get_timeout()
 * @timeout_jiffies: as for kpool_get_timeout()
 *
 * Context: process context, sleeps.
 * Return: as kpool_get_timeout().
 */
static __always_inline __must_check struct kpool_ring *
kpool_ring_get_timeout(struct kpool_ring_pool *pool, gfp_t gfp, long timeout_jiffies)
{
	return kpool_get_timeout(kpool_ring_pool(pool), gfp, timeout_jiffies);
}

/**
 * kpool_ring_get_interruptible_timeout() - kpool_ring_get_timeout() that a signal ends
 * @pool: the pool
 * @gfp: as for kpool_get_timeout()
 * @timeout_jiffies: as for kpool_get_timeout()
 *
 * Context: process context, sleeps.
 * Return: as kpool_get_interruptible_timeout().
 */
static __always_inline __must_check struct kpool_ring *
kpool_ring_get_interruptible_timeout(struct kpool_ring_pool *pool, gfp_t gfp, long timeout_jiffies)
{
	return kpool_get_interruptible_timeout(kpool_ring_pool(pool), gfp, timeout_jiffies);
}

/**
 * kpool_ring_get_killable_timeout() - kpool_ring_get_timeout() that a fatal signal ends
 * @pool: the pool
 * @gfp: as for kpool_get_timeout()
 * @timeout_jiffies: as for kpool_get_timeout()
 *
 * Context: process context, sleeps.
 * Return: as kpool_get_killable_timeout().
 */
static __always_inline __must_check struct kpool_ring *
kpool_ring_get_killable_timeout(struct kpool_ring_pool *pool, gfp_t gfp, long timeout_jiffies)
{
	return kpool_get_killable_timeout(kpool_ring_pool(pool), gfp, timeout_jiffies);
}

/**
 * kpool_ring_get_bulk() - get several empty rings, or none
 * @pool: the pool
 * @gfp: as for kpool_ring_get()
 * @rings: receives the rings, has room for @n
 * @n: how many; 0 succeeds and does nothing
 *
 * Context: as for kpool_ring_get(), with the exceptions of kpool_get_bulk().
 * Return: as kpool_get_bulk().
 */
static __always_inline __must_check int
kpool_ring_get_bulk(struct kpool_ring_pool *pool, gfp_t gfp, struct kpool_ring **rings,
		    unsigned int n)
{
	return kpool_get_bulk(kpool_ring_pool(pool), gfp, (void **)rings, n);
}

/**
 * kpool_ring_get_bulk_timeout() - get several empty rings, or none; wait for them
 * @pool: the pool
 * @gfp: as for kpool_get_timeout()
 * @rings: receives the rings, has room for @n
 * @n: how many; 0 succeeds and does nothing
 * @timeout_jiffies: as for kpool_get_timeout()
 *
 * Context: process context, sleeps.
 * Return: as kpool_get_bulk_timeout().
 */
static __always_inline __must_check int
kpool_ring_get_bulk_timeout(struct kpool_ring_pool *pool, gfp_t gfp, struct kpool_ring **rings,
			    unsigned int n, long timeout_jiffies)
{
	return kpool_get_bulk_timeout(kpool_ring_pool(pool), gfp, (void **)rings, n,
				      timeout_jiffies);
}

/**
 * kpool_ring_get_bulk_interruptible_timeout() - the same, but a signal ends the wait
 * @pool: the pool
 * @gfp: as for kpool_get_timeout()
 * @rings: receives the rings, has room for @n
 * @n: how many; 0 succeeds and does nothing
 * @timeout_jiffies: as for kpool_get_timeout()
 *
 * Context: process context, sleeps.
 * Return: as kpool_get_bulk_interruptible_timeout().
 */
static __always_inline __must_check int
kpool_ring_get_bulk_interruptible_timeout(struct kpool_ring_pool *pool, gfp_t gfp,
					  struct kpool_ring **rings, unsigned int n,
					  long timeout_jiffies)
{
	return kpool_get_bulk_interruptible_timeout(kpool_ring_pool(pool), gfp, (void **)rings, n,
						    timeout_jiffies);
}

/**
 * kpool_ring_get_bulk_killable_timeout() - the same, but a fatal signal ends the wait
 * @pool: the pool
 * @gfp: as for kpool_get_timeout()
 * @rings: receives the rings, has room for @n
 * @n: how many; 0 succeeds and does nothing
 * @timeout_jiffies: as for kpool_get_timeout()
 *
 * Context: process context, sleeps.
 * Return: as kpool_get_bulk_killable_timeout().
 */
static __always_inline __must_check int
kpool_ring_get_bulk_killable_timeout(struct kpool_ring_pool *pool, gfp_t gfp,
				     struct kpool_ring **rings, unsigned int n,
				     long timeout_jiffies)
{
	return kpool_get_bulk_killable_timeout(kpool_ring_pool(pool), gfp, (void **)rings, n,
					       timeout_jiffies);
}

/**
 * kpool_ring_put() - put a ring back
 * @pool: the pool that the ring came from
 * @ring: the ring, which nobody reads or writes any more; NULL and an ERR_PTR are ignored
 *
 * The ring is reset, and wiped if the pool's ring_flags say so. If a &struct kpool_ring_wait still
 * waits for the ring, the log says so. A mapped ring goes back when the
 * last mapping ends, and counts as in use until then, and as mapped_only in &struct kpool_stats. So
 * processes that keep their mappings can exhaust a pool with max, although all their files are
 * closed. A worker wipes a ring of more than 64 KiB,
 * and the ring counts as in use until the worker is done. kpool_ring_pool_destroy() waits for the
 * worker.
 *
 * Context: any, as for kpool_put().
 */
static __always_inline void kpool_ring_put(struct kpool_ring_pool *pool, struct kpool_ring *ring)
{
	if (!IS_ERR_OR_NULL(ring) &&
	    unlikely(ring->flags & (KPOOL_RING_MAPPABLE | KPOOL_RING_WIPED)))
		kpool_ring_put_slow(pool, ring);
	else
		kpool_put(kpool_ring_pool(pool), ring);
}

/**
 * kpool_ring_put_bulk() - put several rings back
 * @pool: the pool that the rings came from
 * @rings: the rings, as for kpool_ring_put()
 * @n: how many; 0 does nothing
 *
 * Context: as for kpool_ring_put().
 */
static inline void kpool_ring_put_bulk(struct kpool_ring_pool *pool, struct kpool_ring **rings,
				       unsigned int n)
{
	while (n--)
		kpool_ring_put(pool, *rings++);
}

#endif /* _LINUX_KPOOL_RING_H */
