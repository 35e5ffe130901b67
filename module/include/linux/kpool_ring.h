/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kpool: ring buffers, and pools of them.
 */
#ifndef _LINUX_KPOOL_RING_H
#define _LINUX_KPOOL_RING_H

#include <linux/cache.h>
#include <linux/kpool.h>
#include <linux/minmax.h>
#include <linux/refcount.h>
#include <linux/string.h>

#include <asm/barrier.h>

struct iov_iter;
struct kpool_ring_indices;
struct vm_area_struct;

/**
 * DOC: ring
 *
 * A ring is a queue of bytes that holds exactly as many as it was made for. Where it
 * is full, a write takes what fits; or, with %KPOOL_RING_OVERWRITE, a write takes all,
 * and the oldest bytes are lost, which the reader is told.
 *
 * One producer and one consumer may be at work at the same time, on different CPUs and
 * in any context, with no lock. For several of either kind the caller brings a lock for
 * that side. Calls that belong to a side say so.
 */

/* Most bytes of a ring */
#define KPOOL_RING_MOST		BIT(30)

/**
 * enum kpool_ring_flags - what a ring does beyond the ordinary
 * @KPOOL_RING_OVERWRITE: when it is full, a write overwrites the oldest bytes
 * @KPOOL_RING_MIRRORED: its memory is mapped twice in a row, so that each reserve and each
 *	peek up to its size is one piece. The size is a multiple of a page then.
 * @KPOOL_RING_WIPED: a ring of a pool is wiped when it is put, and before its memory goes
 * @KPOOL_RING_MAPPABLE: processes can map it, see kpool_ring_mmap(); the one that may write to
 *	its mapping is the consumer. As all of its memory is seen, such a ring begins with
 *	zeroes, and is wiped as by %KPOOL_RING_WIPED. Needs a machine of 64 bits.
 * @KPOOL_RING_USER_WRITES: of one that is %KPOOL_RING_MAPPABLE such a process is the
 *	producer, and the kernel does not write; not with %KPOOL_RING_OVERWRITE
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
 * Each side has a cache line of its own, and looks into the other's only when what it
 * remembers of it does not do. Positions count bytes and wrap with their type.
 */
struct kpool_ring {
	/* private: */
	u8 *data;
	size_t size;
	unsigned int flags;
	struct page **pages;		/* in the order of their mapping, if it is of pages */
	struct kpool_ring_indices *shared;	/* the first of them, of one that is mappable */
	struct kpool_ring_pool *pool;	/* where it goes when the last user is gone */
	refcount_t users;		/* of one that is mappable: the owner, and each mapping */

	unsigned long head ____cacheline_aligned_in_smp;	/* the consumer may read so far */
	unsigned long claim;		/* the producer may be writing so far; never goes back */
	size_t head_at;			/* where in data head is, or its end */
	size_t room;			/* known to be free from there on, in one piece */
	unsigned long tail_seen;	/* tail, at the last look */
	size_t reserved;

	unsigned long tail ____cacheline_aligned_in_smp;
	size_t tail_at;			/* as head_at */
	size_t there;			/* known to be there from tail_at on, in one piece */
	unsigned long head_seen;	/* head, at the last look */
	u64 lost;
};

/* What the inlines know of the structs; both creates compare. */
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
 * The memory of one that is mapped goes with the last mapping.
 *
 * Context: process context, may sleep.
 */
void kpool_ring_destroy(struct kpool_ring *ring);

size_t kpool_ring_write_slow(struct kpool_ring *ring, const void *from, size_t n);

/**
 * kpool_ring_write_iter() - write what an iov_iter has, of kernel or user memory
 * @ring: the ring
 * @from: the iterator, which is advanced by as much as was taken
 *
 * Stops at what cannot be read. A ring that overwrites may have lost up to a page more of its
 * oldest bytes then.
 *
 * Context: process context for user memory, may sleep then; the producer's side.
 * Return: how many bytes were taken.
 */
size_t kpool_ring_write_iter(struct kpool_ring *ring, struct iov_iter *from);

/**
 * kpool_ring_reserve() - room to write to without copying
 * @ring: the ring
 * @n: how many bytes are wanted; becomes how many there are, in one piece
 *
 * In a ring that overwrites the oldest bytes are lost for as many as there are, also if
 * they are not committed. Nothing else is written before the commit; a reserve that comes
 * instead of it forgets this one.
 *
 * Context: any; the producer's side.
 * Return: where to write; kpool_ring_commit() publishes it. NULL if there is no room.
 */
void *kpool_ring_reserve(struct kpool_ring *ring, size_t *n);

/**
 * kpool_ring_commit() - publish what was written to reserved room
 * @ring: the ring
 * @n: how many bytes, from the first reserved on; no more than were reserved
 *
 * Context: any; the producer's side.
 */
void kpool_ring_commit(struct kpool_ring *ring, size_t n);

/**
 * kpool_ring_space() - how many bytes a ring has room for
 * @ring: the ring
 *
 * Context: any. For the producer there are at least so many, unless processes map the ring for
 * writing, who may take back what they said.
 * Return: bytes; in a ring that overwrites, those that overwrite nothing.
 */
size_t kpool_ring_space(const struct kpool_ring *ring);

size_t kpool_ring_read_slow(struct kpool_ring *ring, void *to, size_t n);

/**
 * kpool_ring_read_iter() - read bytes into an iov_iter, of kernel or user memory
 * @ring: the ring
 * @to: the iterator, which is advanced by as much as was read
 *
 * Stops at what cannot be written to: what was not copied is still in the ring. In a ring
 * that overwrites, memory behind what is returned may have been written to, and it stops, too,
 * where bytes were lost, so that what it returns is whole, as with kpool_ring_read().
 *
 * Context: process context for user memory, may sleep then; the consumer's side.
 * Return: how many bytes were read.
 */
size_t kpool_ring_read_iter(struct kpool_ring *ring, struct iov_iter *to);

/**
 * kpool_ring_peek() - copy bytes out of a ring, and leave them there
 * @ring: the ring
 * @to: where they go
 * @n: how many
 *
 * In a ring that overwrites, kpool_ring_consume() goes on behind them, and kpool_ring_skip() may
 * go further: it drops the oldest bytes that are there then.
 *
 * Context: any; the consumer's side.
 * Return: how many there were.
 */
size_t kpool_ring_peek(struct kpool_ring *ring, void *to, size_t n);

/**
 * kpool_ring_skip() - drop bytes
 * @ring: the ring
 * @n: how many, the oldest
 *
 * Context: any; the consumer's side.
 * Return: how many there were.
 */
size_t kpool_ring_skip(struct kpool_ring *ring, size_t n);

/**
 * kpool_ring_peek_contiguous() - look at bytes where they lie
 * @ring: the ring
 * @n: how many are wanted; becomes how many there are, in one piece
 *
 * In a ring that overwrites they may change while they are looked at. Whether they did,
 * kpool_ring_consume() says, and only then can be relied on what was seen.
 *
 * Context: any; the consumer's side.
 * Return: the oldest byte; kpool_ring_consume() gives its room back. NULL if there is none.
 */
const void *kpool_ring_peek_contiguous(struct kpool_ring *ring, size_t *n);

/**
 * kpool_ring_consume() - the bytes that were looked at are not needed any more
 * @ring: the ring
 * @n: how many, from the first on; no more than there were
 *
 * Context: any; the consumer's side.
 * Return: how many of them, from the first on, were or may have been overwritten while they
 * were looked at, and count as lost: 0 in a ring that does not overwrite.
 */
size_t kpool_ring_consume(struct kpool_ring *ring, size_t n);

/**
 * kpool_ring_len() - how many bytes are in a ring
 * @ring: the ring
 *
 * Context: any. For the consumer there are at least so many, unless the ring overwrites, or
 * processes map it for writing, who may take back what they said.
 * Return: bytes.
 */
size_t kpool_ring_len(const struct kpool_ring *ring);

/**
 * kpool_ring_mmap() - for the mmap handler of a file that is a ring's
 * @ring: a ring that was made with %KPOOL_RING_MAPPABLE
 * @vma: as the handler got it
 * @may_write: whether the process may map it for writing: it takes the part of a side then,
 *	the consumer's or, with %KPOOL_RING_USER_WRITES, the producer's
 *
 * The process sees &struct kpool_ring_indices, of a page, and behind it the ring's bytes; of
 * one that is mirrored, twice. It may map a part, or several times, and fork.
 *
 * A process with a mapping for writing can write everywhere in it, and make nonsense of the
 * ring's bytes, and of how many there are, for itself and for whoever reads the ring. It can do no
 * more: the kernel reads and writes inside the ring only. A producer that does not check what
 * it is told is no other than one on the far end of a network; and what
 * kpool_ring_peek_contiguous() shows it can change while it is looked at.
 *
 * While a process is the consumer, the kernel may be that, too, in turns with it: what the
 * process has read, its tail says.
 *
 * Context: process context, under the mmap lock; so a lock that the caller holds to keep the ring
 * must not be held around kpool_ring_read_iter() and the like on user memory, whose page
 * faults take the mmap lock. The ring is the caller's. It can put or destroy it while it is
 * mapped, and the process keeps what it sees; the ring goes back when the last mapping is gone,
 * however late that is, and is wiped then, by who ends the mapping. The module of the file's
 * operations is their owner, as ever, so it stays as long, and so does kpool. Not for files of
 * sysfs and procfs, which do not do that.
 * Return: 0; -ENODEV if the ring is not mappable; -EACCES for a mapping for writing
 * that may not be; -EINVAL for one that is private, or beyond the ring's end.
 */
int kpool_ring_mmap(struct kpool_ring *ring, struct vm_area_struct *vma, bool may_write);

/**
 * kpool_ring_lost() - how many bytes were overwritten before they were read
 * @ring: the ring
 *
 * Context: any. What the consumer has not come across yet is counted, too; while it comes
 * across it others may see it counted twice. A process that reads a mapping counts what it
 * has lost by itself.
 * Return: bytes since the ring was created or reset.
 */
u64 kpool_ring_lost(const struct kpool_ring *ring);

/**
 * kpool_ring_head() - the position up to which a ring was written
 * @ring: the ring
 *
 * With records that begin at known positions a reader who lost bytes finds the next one.
 *
 * Context: any. It is exact for the producer.
 * Return: bytes written since the ring was created or reset; wraps with its type.
 */
unsigned long kpool_ring_head(const struct kpool_ring *ring);

/**
 * kpool_ring_tail() - the position up to which a ring was read
 * @ring: the ring
 *
 * Context: any. It is exact for the consumer: what it last read are the bytes before it, and what
 * it last peeked at begins there. What a process read in a mapping since is not in it.
 * Return: bytes read, skipped or lost since the ring was created or reset; wraps with its type.
 */
unsigned long kpool_ring_tail(const struct kpool_ring *ring);

/**
 * kpool_ring_size() - how many bytes a ring can hold
 * @ring: the ring
 *
 * Context: any.
 * Return: bytes, exactly as many as it was created with.
 */
size_t kpool_ring_size(const struct kpool_ring *ring);

/**
 * kpool_ring_reset() - make a ring as it was when it was created
 * @ring: the ring, which neither side is at work with
 *
 * One that can be mapped is wiped, as all of it is seen.
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
 * Return: how many were taken: what there was room for; in a ring that overwrites, all.
 */
static __always_inline size_t kpool_ring_write(struct kpool_ring *ring, const void *from, size_t n)
{
	if (unlikely(n > ring->room))
		return kpool_ring_write_slow(ring, from, n);
	memcpy(ring->data + ring->head_at, from, n);
	ring->head_at += n;
	ring->room -= n;
	/* Pairs with the acquire in see_head(): who sees the position sees the bytes. */
	smp_store_release(&ring->head, ring->head + n);
	return n;
}

/**
 * kpool_ring_read() - read bytes from a ring
 * @ring: the ring
 * @to: where they go
 * @n: how many
 *
 * In a ring that overwrites, what is returned is in order and whole, but bytes may be
 * missing before it: kpool_ring_lost() says how many in all.
 *
 * Context: any; the consumer's side.
 * Return: how many there were.
 */
static __always_inline size_t kpool_ring_read(struct kpool_ring *ring, void *to, size_t n)
{
	if (n > ring->there) {
		if (unlikely(ring->flags & (KPOOL_RING_OVERWRITE | KPOOL_RING_MAPPABLE)))
			return kpool_ring_read_slow(ring, to, n);
		/* Pairs with the release of whoever wrote it. */
		ring->head_seen = smp_load_acquire(&ring->head);
		ring->there = min_t(size_t, ring->head_seen - ring->tail,
				    ring->size - ring->tail_at);
		if (unlikely(n > ring->there))
			return kpool_ring_read_slow(ring, to, n);
	}
	memcpy(to, ring->data + ring->tail_at, n);
	ring->tail_at += n;
	ring->there -= n;
	/* Pairs with the acquire in see_tail(): what is given back was copied before. */
	smp_store_release(&ring->tail, ring->tail + n);
	return n;
}

/**
 * struct kpool_ring_pool_params - what kpool_ring_pool_create() is to create
 * @name: as in &struct kpool_params, like all that have the same name there
 * @size: bytes of a ring, 1 to %KPOOL_RING_MOST
 * @ring_flags: of &enum kpool_ring_flags
 * @flags: of &enum kpool_flags: %KPOOL_BYPASS, %KPOOL_ON_NODE and %KPOOL_OVERFLOW are
 *	possible
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

void kpool_ring_put_mappable(struct kpool_ring_pool *pool, struct kpool_ring *ring);

/**
 * kpool_ring_create() - create a ring that is no pool's
 * @size: bytes that it is to hold, 1 to %KPOOL_RING_MOST
 * @flags: of &enum kpool_ring_flags
 * @gfp: how memory may be had; what is larger than a page, mirrored or mappable needs one that may
 *	block
 *
 * Context: as @gfp says.
 * Return: the ring, empty, or an ERR_PTR: -EINVAL for parameters that make no sense or a
 * kpool.ko of another version, -ENOMEM. The caller ends it with kpool_ring_destroy().
 */
static inline struct kpool_ring *kpool_ring_create(size_t size, unsigned int flags, gfp_t gfp)
{
	return __kpool_ring_create(size, flags, gfp, KPOOL_RING_ABI_HERE);
}

/**
 * kpool_ring_pool_create() - create a pool of rings
 * @params: what it is to be; copied
 *
 * It is a pool like any other, and kpool_ring_pool() gives it, for kpool_stats(),
 * kpool_retune() and the like.
 *
 * Context: process context, may sleep.
 * Return: the pool, or an ERR_PTR as kpool_create(). The caller ends it with
 * kpool_ring_pool_destroy() or kpool_ring_pool_destroy_sync().
 */
static inline struct kpool_ring_pool *
kpool_ring_pool_create(const struct kpool_ring_pool_params *params)
{
	return __kpool_ring_pool_create(params, THIS_MODULE, KPOOL_RING_ABI_HERE);
}

/**
 * kpool_ring_pool() - the pool that a pool of rings is
 * @pool: the pool of rings
 *
 * Context: any.
 * Return: the same, for the calls of kpool.h that look at it.
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
 */
static inline void kpool_ring_pool_destroy(struct kpool_ring_pool *pool)
{
	kpool_destroy(kpool_ring_pool(pool));
}

/**
 * kpool_ring_pool_destroy_sync() - end a pool of rings, as kpool_destroy_sync()
 * @pool: the pool; NULL and an ERR_PTR are ignored
 * @timeout_ms: how long to wait for its rings, in milliseconds
 *
 * Of rings that are mapped, processes decide how long it takes; what comes back late does no harm.
 *
 * Context: process context, sleeps.
 * Return: 0, or -ETIMEDOUT.
 */
static inline int kpool_ring_pool_destroy_sync(struct kpool_ring_pool *pool,
					       unsigned int timeout_ms)
{
	return kpool_destroy_sync(kpool_ring_pool(pool), timeout_ms);
}

/**
 * kpool_ring_get() - get a ring, an empty one
 * @pool: the pool
 * @gfp: as for kpool_get(), without __GFP_ZERO
 *
 * Context: as for kpool_get(). Rings of more than a page, mirrored and mappable ones are built
 * only by a get that may block.
 * Return: as kpool_get().
 */
static __always_inline struct kpool_ring *kpool_ring_get(struct kpool_ring_pool *pool, gfp_t gfp)
{
	return kpool_get(kpool_ring_pool(pool), gfp);
}

/**
 * kpool_ring_get_timeout() - get a ring, wait for one if there is none
 * @pool: the pool
 * @gfp: as for kpool_get_timeout()
 * @timeout: as for kpool_get_timeout()
 *
 * Context: process context, sleeps.
 * Return: as kpool_get_timeout().
 */
static __always_inline struct kpool_ring *
kpool_ring_get_timeout(struct kpool_ring_pool *pool, gfp_t gfp, long timeout)
{
	return kpool_get_timeout(kpool_ring_pool(pool), gfp, timeout);
}

/**
 * kpool_ring_get_killable_timeout() - kpool_ring_get_timeout() that a fatal signal ends
 * @pool: the pool
 * @gfp: as for kpool_get_timeout()
 * @timeout: as for kpool_get_timeout()
 *
 * Context: process context, sleeps.
 * Return: as kpool_get_killable_timeout().
 */
static __always_inline struct kpool_ring *
kpool_ring_get_killable_timeout(struct kpool_ring_pool *pool, gfp_t gfp, long timeout)
{
	return kpool_get_killable_timeout(kpool_ring_pool(pool), gfp, timeout);
}

/**
 * kpool_ring_put() - put a ring back, which nobody reads or writes any more
 * @pool: the pool that it came from
 * @ring: the ring; NULL and an ERR_PTR are ignored
 *
 * It is reset, and wiped if the pool says so. One that is mapped goes back when the last
 * mapping is gone, and counts as in use until then.
 *
 * Context: any, as for kpool_put().
 */
static __always_inline void kpool_ring_put(struct kpool_ring_pool *pool, struct kpool_ring *ring)
{
	if (!IS_ERR_OR_NULL(ring) && unlikely(ring->flags & KPOOL_RING_MAPPABLE))
		kpool_ring_put_mappable(pool, ring);
	else
		kpool_put(kpool_ring_pool(pool), ring);
}

#endif /* _LINUX_KPOOL_RING_H */
