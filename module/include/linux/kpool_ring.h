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
void kpool_ring_destroy(struct kpool_ring *ring);

size_t kpool_ring_write_slow(struct kpool_ring *ring, const void *from, size_t n);
size_t kpool_ring_write_iter(struct kpool_ring *ring, struct iov_iter *from);
void *kpool_ring_reserve(struct kpool_ring *ring, size_t *n);
void kpool_ring_commit(struct kpool_ring *ring, size_t n);
size_t kpool_ring_space(const struct kpool_ring *ring);

size_t kpool_ring_read_slow(struct kpool_ring *ring, void *to, size_t n);
size_t kpool_ring_read_iter(struct kpool_ring *ring, struct iov_iter *to);
size_t kpool_ring_peek(struct kpool_ring *ring, void *to, size_t n);
size_t kpool_ring_skip(struct kpool_ring *ring, size_t n);
const void *kpool_ring_peek_contiguous(struct kpool_ring *ring, size_t *n);
size_t kpool_ring_consume(struct kpool_ring *ring, size_t n);
size_t kpool_ring_len(const struct kpool_ring *ring);

int kpool_ring_mmap(struct kpool_ring *ring, struct vm_area_struct *vma, bool may_write);

u64 kpool_ring_lost(const struct kpool_ring *ring);
unsigned long kpool_ring_head(const struct kpool_ring *ring);
unsigned long kpool_ring_tail(const struct kpool_ring *ring);
size_t kpool_ring_size(const struct kpool_ring *ring);
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
 * @flags: of &enum kpool_flags: %KPOOL_BYPASS, %KPOOL_ON_NODE and %KPOOL_BEYOND_MAX are
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
