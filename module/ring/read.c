// SPDX-License-Identifier: GPL-2.0-only
/*
 * The consumer's side of a ring; write.c has the producer's side, ring.c the protocol. Each call
 * begins with available(), and ends with took().
 */
#include <linux/instruction_pointer.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/uio.h>
#include <uapi/linux/kpool_mapped.h>

#include "ring/process.h"
#include "ring/ring.h"

/* In a ring that overwrites, the producer may be writing the same bytes: see spoilt(). */
static void copy_out(const struct kpool_ring *r, size_t at, void *to, size_t n)
{
	size_t first = contiguous(r, at, n);

	/* data_race(): both races are intended. spoilt() finds bytes that changed. */
	data_race(memcpy(to, r->data + at, first));
	if (unlikely(first < n))
		/* data_race(): see above. */
		data_race(memcpy(to + first, r->data, n - first));
}

/* Gives back the room before position tail. */
static void move_tail(struct kpool_ring *r, unsigned long tail)
{
	/* Pairs with the acquire in see_tail(), and with the barrier in kp_ring_see(). */
	smp_store_release(&r->tail, tail);
	if (unlikely(is_shared(r)))
		smp_store_release(&r->shared->tail, tail);	/* pairs with process's acquire */
}

/* Moves the tail past n bytes, which are lost. */
static void lose(struct kpool_ring *r, unsigned long n)
{
	WRITE_ONCE(r->lost, r->lost + n);
	r->tail_at = (r->tail_at + n) % r->size;
	move_tail(r, r->tail + n);
}

/* The producer's position: the bytes before it can be read. */
static unsigned long see_head(struct kpool_ring *r)
{
	if (unlikely(process_writes(r)))
		return kp_ring_process_head(r);
	return smp_load_acquire(&r->head);	/* pairs with the release in wrote() */
}

/* Moves the tail to the position up to which a process has read. */
static noinline void follow(struct kpool_ring *r)
{
	unsigned long head = see_head(r);
	unsigned long tail = kp_ring_believe(r->tail, READ_ONCE(r->shared->tail), head);

	/*
	 * A process may have claimed a later tail, from which the producer went on, and claim an
	 * earlier one now. Then there would be more bytes than the ring holds. Bytes that the
	 * producer adds from now on are seen at the next look.
	 */
	if (!(r->flags & KPOOL_RING_OVERWRITE) && head - tail > r->size)
		tail = head - r->size;
	r->head_seen = head;
	if (tail == r->tail)
		return;
	r->tail_at = (r->tail_at + (tail - r->tail)) % r->size;
	move_tail(r, tail);
}

/* How many of n bytes can be read. */
static size_t available(struct kpool_ring *r, size_t n)
{
	bool overwrites = r->flags & KPOOL_RING_OVERWRITE;
	unsigned long ahead;

	/* follow() has also read the head. A head that is read later may be too far ahead. */
	if (unlikely(process_reads(r)))
		follow(r);
	else if (overwrites || n > r->head_seen - r->tail)
		r->head_seen = see_head(r);
	if (r->tail_at == r->size)
		r->tail_at = 0;
	ahead = overwrites ? READ_ONCE(r->claim) - r->tail : 0;
	if (unlikely(ahead > r->size))
		lose(r, min(ahead - r->size, r->head_seen - r->tail));
	return min_t(unsigned long, n, r->head_seen - r->tail);
}

/*
 * After the consumer looked at n bytes: how many of them, from the first one on, may have changed,
 * because the producer is writing them or has written them.
 */
static size_t spoilt(const struct kpool_ring *r, size_t n)
{
	unsigned long ahead;

	if (!(r->flags & KPOOL_RING_OVERWRITE))
		return 0;
	smp_rmb();	/* between the bytes and claim; pairs with the smp_wmb() in claim() */
	ahead = READ_ONCE(r->claim) - r->tail;
	return ahead <= r->size ? 0 : min_t(unsigned long, n, ahead - r->size);
}

/* n bytes were copied, and their room goes back to the producer. */
static void took(struct kpool_ring *r, size_t n)
{
	r->tail_at = advance(r, r->tail_at, n);
	if (!(r->flags & NOT_INLINE))
		r->there = min_t(unsigned long, r->size - r->tail_at,
				 r->head_seen - r->tail - n);
	move_tail(r, r->tail + n);
}

/*
 * The producer overtook the whole copy. The producer overwrites the oldest bytes next, so a new
 * copy of them could be overtaken again and again. So the consumer gives up some more bytes.
 */
#define GIVE_UP		8	/* 1/8 of the size */

static void give_up(struct kpool_ring *r)
{
	unsigned long keep = r->size - r->size / GIVE_UP;
	unsigned long ahead;

		/* The bytes before the head that was seen last may all be gone by now. */
	r->head_seen = see_head(r);
	ahead = READ_ONCE(r->claim) - r->tail;
	if (ahead > keep)
		lose(r, min(ahead - keep, r->head_seen - r->tail));
}

/* Copies up to n bytes, which stay in the ring. They are the first bytes from tail on. */
static size_t peek(struct kpool_ring *r, void *to, size_t n)
{
	size_t there, bad;

	while ((there = available(r, n))) {
		copy_out(r, r->tail_at, to, there);
		bad = spoilt(r, there);
		if (likely(!bad))
			break;
		if (bad == there) {
			give_up(r);
			continue;
		}
		lose(r, bad);
		memmove(to, to + bad, there - bad);
		there -= bad;
		break;
	}
	return there;
}

size_t kpool_ring_peek(struct kpool_ring *ring, void *to, size_t n)
{
	return peek(ring, to, n);
}
EXPORT_SYMBOL_GPL(kpool_ring_peek);

/**
 * kpool_ring_read_slow() - out-of-line part of kpool_ring_read()
 * @ring: as for kpool_ring_read()
 * @to: as for kpool_ring_read()
 * @n: as for kpool_ring_read()
 *
 * Context: as for kpool_ring_read().
 * Return: as kpool_ring_read().
 */
size_t kpool_ring_read_slow(struct kpool_ring *ring, void *to, size_t n)
{
	n = peek(ring, to, n);
	took(ring, n);
	return n;
}
EXPORT_SYMBOL_GPL(kpool_ring_read_slow);

size_t kpool_ring_skip(struct kpool_ring *ring, size_t n)
{
	n = available(ring, n);
	took(ring, n);
	return n;
}
EXPORT_SYMBOL_GPL(kpool_ring_skip);

const void *kpool_ring_peek_contiguous(struct kpool_ring *ring, size_t *n)
{
	/* Two statements: available() may change tail_at, and arguments have no fixed order. */
	*n = available(ring, *n);
	*n = contiguous(ring, ring->tail_at, *n);
	return *n ? ring->data + ring->tail_at : NULL;
}
EXPORT_SYMBOL_GPL(kpool_ring_peek_contiguous);

size_t kpool_ring_consume(struct kpool_ring *ring, size_t n)
{
	unsigned long there = ring->head_seen - ring->tail;
	size_t bad;

	if (unlikely(n > there)) {
		/* If a process moves the tail, a second peek can find fewer bytes. */
		if (!process_reads(ring))
			kp_ring_err(ring, "%s() of %zu bytes by %pS, but %lu are there", __func__,
				    n, (void *)_RET_IP_, there);
		n = there;
	}
	bad = spoilt(ring, n);
	if (bad)
		lose(ring, bad);
	took(ring, n - bad);
	return bad;
}
EXPORT_SYMBOL_GPL(kpool_ring_consume);

size_t kpool_ring_read_iter(struct kpool_ring *ring, struct iov_iter *to)
{
	size_t there, n, copied, bad, taken = 0;

	while (iov_iter_count(to)) {
		bad = 0;
		there = available(ring, iov_iter_count(to));
		while (taken < there) {
			n = contiguous(ring, ring->tail_at, there - taken);
			/* At most what give_up() gains: larger copies could always be overtaken. */
			if (ring->flags & KPOOL_RING_OVERWRITE)
				n = min_t(size_t, n, ring->size / GIVE_UP ?: 1);
			/* data_race(): in a ring that overwrites, as in copy_out(). */
			copied = data_race(copy_to_iter(ring->data + ring->tail_at, n, to));
			bad = spoilt(ring, copied);
			if (bad) {
				/* Good bytes lie behind bad ones in the iterator: take all back. */
				iov_iter_revert(to, copied);
				break;
			}
			took(ring, copied);
			taken += copied;
			if (copied < n)
				return taken;
		}
		/* Bytes may be missing before the returned bytes, but not inside or behind them. */
		if (!bad || taken)
			break;
		give_up(ring);
	}
	return taken;
}
EXPORT_SYMBOL_GPL(kpool_ring_read_iter);
