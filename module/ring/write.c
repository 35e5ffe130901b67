// SPDX-License-Identifier: GPL-2.0-only
/*
 * The producer's side of a ring; read.c has the consumer's side, ring.c the protocol. Each call
 * begins with room(), and ends with wrote().
 */
#include <linux/instruction_pointer.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/uio.h>
#include <uapi/linux/kpool_mapped.h>

#include "ring/process.h"
#include "ring/ring.h"

static void copy_in(struct kpool_ring *r, size_t at, const void *from, size_t n)
{
	size_t first = contiguous(r, at, n);

	memcpy(r->data + at, from, first);
	if (unlikely(first < n))
		memcpy(r->data, from + first, n - first);
}

/* The consumer's position: the bytes before it were copied. */
static unsigned long see_tail(const struct kpool_ring *r)
{
	/* Pairs with the release in move_tail(). */
	unsigned long tail = smp_load_acquire(&r->tail);

	return unlikely(process_reads(r)) ? kp_ring_process_tail(r, tail) : tail;
}

/* How many of n bytes the ring has room for. */
static __always_inline size_t room(struct kpool_ring *r, size_t n)
{
	if (r->head_at == r->size)
		r->head_at = 0;
	if (r->flags & KPOOL_RING_OVERWRITE)
		return n;
	if (n > r->size - (r->head - r->tail_seen))
		r->tail_seen = see_tail(r);
	return min(n, r->size - (r->head - r->tail_seen));
}

/* Announces a write of n bytes in a ring where the consumer may be reading the same bytes. */
static void claim(struct kpool_ring *r, size_t n)
{
	unsigned long end = r->head + n;

	if (!(r->flags & KPOOL_RING_OVERWRITE))
		return;
	/* A reserve without a commit may have written further, so claim never goes back. */
	if ((long)(end - r->claim) > 0)
		WRITE_ONCE(r->claim, end);
	if (unlikely(is_shared(r)))
		WRITE_ONCE(r->shared->claim, r->claim);
	smp_wmb();	/* pairs with the smp_rmb() in spoilt(): a reader of the bytes sees claim */
}

/* Publishes n bytes that were written. */
static void wrote(struct kpool_ring *r, size_t n)
{
	r->head_at = advance(r, r->head_at, n);
	if (!(r->flags & NOT_INLINE))
		r->room = min(r->size - r->head_at, r->size - (r->head + n - r->tail_seen));
	/* Pairs with the acquire in see_head(): a consumer that sees head sees the bytes. */
	smp_store_release(&r->head, r->head + n);
	if (unlikely(is_shared(r)))
		smp_store_release(&r->shared->head, r->head);	/* pairs with process's acquire */
}

/* In a write of more than the ring holds, only the last bytes stay. Skips the n bytes before. */
static void go_by(struct kpool_ring *r, size_t n)
{
	r->head_at = (r->head_at + n) % r->size;
	WRITE_ONCE(r->head, r->head + n);
	if (unlikely(is_shared(r)))
		WRITE_ONCE(r->shared->head, r->head);
}

/* Counts bytes that a write wanted to write, and that had no room. */
static void refuse(struct kpool_ring *r, size_t n)
{
	WRITE_ONCE(r->refused, r->refused + n);
	WRITE_ONCE(r->refusals, r->refusals + 1);
}

/**
 * kpool_ring_write_slow() - out-of-line part of kpool_ring_write()
 * @ring: as for kpool_ring_write()
 * @from: as for kpool_ring_write()
 * @n: as for kpool_ring_write()
 *
 * Context: as for kpool_ring_write().
 * Return: as kpool_ring_write().
 */
size_t kpool_ring_write_slow(struct kpool_ring *ring, const void *from, size_t n)
{
	size_t taken = room(ring, n), by = 0;

	if (unlikely(taken > ring->size)) {
		by = taken - ring->size;
		claim(ring, taken);
		go_by(ring, by);
		from += by;
	}
	claim(ring, taken - by);
	copy_in(ring, ring->head_at, from, taken - by);
	wrote(ring, taken - by);
	if (unlikely(taken < n))
		refuse(ring, n - taken);
	return taken;
}
EXPORT_SYMBOL_GPL(kpool_ring_write_slow);

static void *reserve(struct kpool_ring *ring, size_t *n)
{
	/* Two statements: room() may change head_at, and arguments have no fixed order. */
	*n = min(room(ring, *n), ring->size);
	*n = contiguous(ring, ring->head_at, *n);
	if (!*n)
		return NULL;
	claim(ring, *n);
	ring->reserved = *n;
	return ring->data + ring->head_at;
}

void *kpool_ring_reserve(struct kpool_ring *ring, size_t *n)
{
	size_t wanted = *n;
	void *to = reserve(ring, n);

	if (unlikely(!to && wanted))
		refuse(ring, wanted);
	return to;
}
EXPORT_SYMBOL_GPL(kpool_ring_reserve);

void kpool_ring_commit(struct kpool_ring *ring, size_t n)
{
	if (unlikely(n > ring->reserved)) {
		kp_ring_err(ring, "%s() of %zu bytes by %pS, but %zu are reserved", __func__, n,
			    (void *)_RET_IP_, ring->reserved);
		n = ring->reserved;
	}
	ring->reserved = 0;
	wrote(ring, n);
}
EXPORT_SYMBOL_GPL(kpool_ring_commit);

size_t kpool_ring_write_iter(struct kpool_ring *ring, struct iov_iter *from)
{
	size_t n, copied, taken = 0;
	void *to;

	while (iov_iter_count(from)) {
		n = iov_iter_count(from);
		/* Small pieces: a fault loses few bytes, and claim covers only one piece. */
		if (ring->flags & KPOOL_RING_OVERWRITE)
			n = min_t(size_t, n, PAGE_SIZE);
		to = reserve(ring, &n);
		if (!to) {
			refuse(ring, iov_iter_count(from));
			break;
		}
		copied = copy_from_iter(to, n, from);
		kpool_ring_commit(ring, copied);
		taken += copied;
		if (copied < n)
			break;
	}
	return taken;
}
EXPORT_SYMBOL_GPL(kpool_ring_write_iter);
