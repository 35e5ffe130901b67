// SPDX-License-Identifier: GPL-2.0-only
/* The producer's side of a ring. Each call begins with room(), and ends with wrote(). */
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

/* As far as the consumer is: what was there has been copied. */
static unsigned long see_tail(const struct kpool_ring *r)
{
	/* Pairs with the release in move_tail(). */
	unsigned long tail = smp_load_acquire(&r->tail);

	return unlikely(process_reads(r)) ? kp_ring_process_tail(r, tail) : tail;
}

/* How many of n bytes there is room for. */
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

/* About to write so many bytes, where the consumer may be reading. */
static void claim(struct kpool_ring *r, size_t n)
{
	unsigned long end = r->head + n;

	if (!(r->flags & KPOOL_RING_OVERWRITE))
		return;
	/* What was reserved before, and not committed, may have been written to all the same. */
	if ((long)(end - r->claim) > 0)
		WRITE_ONCE(r->claim, end);
	if (unlikely(is_shared(r)))
		WRITE_ONCE(r->shared->claim, r->claim);
	smp_wmb();	/* pairs with that in spoilt(): who sees the bytes sees the claim */
}

/* So many bytes were written. */
static void wrote(struct kpool_ring *r, size_t n)
{
	r->head_at = advance(r, r->head_at, n);
	if (!(r->flags & NOT_INLINE))
		r->room = min(r->size - r->head_at, r->size - (r->head + n - r->tail_seen));
	/* Pairs with the acquire in see_head(): who sees the position sees the bytes. */
	smp_store_release(&r->head, r->head + n);
	if (unlikely(is_shared(r)))
		smp_store_release(&r->shared->head, r->head);	/* with the process's acquire */
}

/* Of more than the ring can hold the last bytes stay: the others go by. */
static void go_by(struct kpool_ring *r, size_t n)
{
	r->head_at = (r->head_at + n) % r->size;
	WRITE_ONCE(r->head, r->head + n);
	if (unlikely(is_shared(r)))
		WRITE_ONCE(r->shared->head, r->head);
}

/**
 * kpool_ring_write_slow() - what kpool_ring_write() calls where it cannot go on inline
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
	return taken;
}
EXPORT_SYMBOL_GPL(kpool_ring_write_slow);

void *kpool_ring_reserve(struct kpool_ring *ring, size_t *n)
{
	/* Apart, as room() may change head_at, and arguments are evaluated in any order. */
	*n = min(room(ring, *n), ring->size);
	*n = contiguous(ring, ring->head_at, *n);
	if (!*n)
		return NULL;
	claim(ring, *n);
	ring->reserved = *n;
	return ring->data + ring->head_at;
}
EXPORT_SYMBOL_GPL(kpool_ring_reserve);

void kpool_ring_commit(struct kpool_ring *ring, size_t n)
{
	if (WARN_ON_ONCE(n > ring->reserved))
		n = ring->reserved;
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
		/* Little is lost by a fault, and readers are not told to keep off it all. */
		if (ring->flags & KPOOL_RING_OVERWRITE)
			n = min_t(size_t, n, PAGE_SIZE);
		to = kpool_ring_reserve(ring, &n);
		if (!to)
			break;
		copied = copy_from_iter(to, n, from);
		kpool_ring_commit(ring, copied);
		taken += copied;
		if (copied < n)
			break;
	}
	return taken;
}
EXPORT_SYMBOL_GPL(kpool_ring_write_iter);
