// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rings of bytes: one producer, one consumer, no lock.
 *
 * Not a kfifo, whose size is a power of two: a ring of 5000 bytes takes 5000. Both sides
 * count bytes in positions that never go back; each keeps beside its position where in
 * memory that is, so that no size needs a division, and how far it may go from there on
 * without another look, which is all that the inline functions ask for. In a ring that
 * overwrites that is not at all.
 *
 * A ring that refuses what does not fit is the classic one. The producer publishes bytes
 * by a release of head, which the consumer's acquire pairs with; the consumer gives room
 * back by a release of tail, which the producer's acquire pairs with. Each side looks at
 * the other's position only when what it knew of it does not do.
 *
 * A ring that overwrites never looks at tail: the producer is never held up. Before it
 * writes up to a position it says so in claim; a write barrier later it writes, and
 * then publishes head. The consumer copies, and a read barrier later it looks at claim: if it
 * copied a byte of a later round it sees that round's claim (the barriers pair, as in a
 * seqlock), and what lies further back than the size from claim it throws away, and counts
 * as lost. So what it returns is whole and in order.
 *
 * A ring that processes map has a page beside its bytes, on which each side says its position
 * once more. Of what a process says there no more is believed than is possible: see
 * believe(). Everything that an address is made of is the kernel's own.
 */
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/uio.h>
#include <uapi/linux/kpool_ring.h>

#include "ring.h"

/* What the inline functions cannot do: they are kept from it by room and there being 0. */
#define NOT_INLINE	(KPOOL_RING_OVERWRITE | KPOOL_RING_MAPPABLE)

/* Where that many bytes further on is, which are no more than the size. */
static size_t advance(const struct kpool_ring *r, size_t at, size_t n)
{
	return n < r->size - at ? at + n : at - (r->size - n);
}

/* What lies in one piece from there on. */
static size_t contiguous(const struct kpool_ring *r, size_t at, size_t n)
{
	return r->flags & KPOOL_RING_MIRRORED ? n : min(n, r->size - at);
}

static void copy_in(struct kpool_ring *r, size_t at, const void *from, size_t n)
{
	size_t first = contiguous(r, at, n);

	memcpy(r->data + at, from, first);
	if (unlikely(first < n))
		memcpy(r->data, from + first, n - first);
}

/* In a ring that overwrites the producer may be at the same bytes: see spoilt(). */
static void copy_out(const struct kpool_ring *r, size_t at, void *to, size_t n)
{
	size_t first = contiguous(r, at, n);

	/* On purpose, both. */
	data_race(memcpy(to, r->data + at, first));
	if (unlikely(first < n))
		/* See above. */
		data_race(memcpy(to + first, r->data, n - first));
}

/* Positions of 64 bits are loaded and stored there; machines that cannot have no such rings. */
static bool is_shared(const struct kpool_ring *r)
{
	return IS_ENABLED(CONFIG_64BIT) && r->shared;
}

static bool process_writes(const struct kpool_ring *r)
{
	return is_shared(r) && r->flags & KPOOL_RING_USER_WRITES;
}

static bool process_reads(const struct kpool_ring *r)
{
	return is_shared(r) && !(r->flags & KPOOL_RING_USER_WRITES);
}

/*
 * A position that a process says, which can be no other than one of those between two that
 * are known; anything else is as if it had stayed at the first.
 */
static unsigned long believe(unsigned long from, unsigned long theirs, unsigned long to)
{
	return (long)(to - from) > 0 && theirs - from <= to - from ? theirs : from;
}

/* The producer's side. Each call begins with room(), and ends with wrote(). */

/* Not inline, here and below: what only rings need that are mapped, others do not pay for. */
static noinline unsigned long see_process_tail(const struct kpool_ring *r, unsigned long tail)
{
	/* The kernel's own lags behind while it is a process that reads. */
	tail = believe(r->tail_seen, tail, r->head);
	/* Pairs with the process's release. */
	return believe(tail, smp_load_acquire(&r->shared->tail), r->head);
}

/* As far as the consumer is: what was there has been copied. */
static unsigned long see_tail(const struct kpool_ring *r)
{
	/* Pairs with the release in move_tail(). */
	unsigned long tail = smp_load_acquire(&r->tail);

	return unlikely(process_reads(r)) ? see_process_tail(r, tail) : tail;
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

/**
 * kpool_ring_commit() - publish what was written to reserved room
 * @ring: the ring
 * @n: how many bytes, from the first reserved on; no more than were reserved
 *
 * Context: any; the producer's side.
 */
void kpool_ring_commit(struct kpool_ring *ring, size_t n)
{
	if (WARN_ON_ONCE(n > ring->reserved))
		n = ring->reserved;
	ring->reserved = 0;
	wrote(ring, n);
}
EXPORT_SYMBOL_GPL(kpool_ring_commit);

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

/**
 * kpool_ring_space() - how many bytes a ring has room for
 * @ring: the ring
 *
 * Context: any. For the producer there are at least so many, unless processes map the ring for
 * writing, who may take back what they said.
 * Return: bytes; in a ring that overwrites, those that overwrite nothing.
 */
size_t kpool_ring_space(const struct kpool_ring *ring)
{
	return ring->size - kpool_ring_len(ring);
}
EXPORT_SYMBOL_GPL(kpool_ring_space);

/* The consumer's side. Each call begins with available(), and ends with took(). */

/* What lies before that position is not needed any more. */
static void move_tail(struct kpool_ring *r, unsigned long tail)
{
	/* Pairs with the acquire in see_tail(), and the barrier in kp_ring_see(). */
	smp_store_release(&r->tail, tail);
	if (unlikely(is_shared(r)))
		smp_store_release(&r->shared->tail, tail);	/* with the process's acquire */
}

/* Goes on to a later position: what lies before it is lost. */
static void lose(struct kpool_ring *r, unsigned long n)
{
	WRITE_ONCE(r->lost, r->lost + n);
	r->tail_at = (r->tail_at + n) % r->size;
	move_tail(r, r->tail + n);
}

static noinline unsigned long see_process_head(struct kpool_ring *r)
{
	/* Pairs with the process's release. */
	unsigned long head = smp_load_acquire(&r->shared->head);

	head = believe(r->head_seen, head, r->tail + r->size);
	WRITE_ONCE(r->head, head);	/* for kp_ring_see() */
	return head;
}

/* As far as the producer is: what is before that is there. */
static unsigned long see_head(struct kpool_ring *r)
{
	if (unlikely(process_writes(r)))
		return see_process_head(r);
	return smp_load_acquire(&r->head);	/* pairs with the release in wrote() */
}

/* Goes on to where a process has read to. */
static noinline void follow(struct kpool_ring *r)
{
	unsigned long head = see_head(r);
	unsigned long tail = believe(r->tail, READ_ONCE(r->shared->tail), head);

	/*
	 * The producer went on from what the process said, and now it says something else. What
	 * the producer adds from now on is not seen before the next look.
	 */
	if (!(r->flags & KPOOL_RING_OVERWRITE) && head - tail > r->size)
		tail = head - r->size;
	r->head_seen = head;
	if (tail == r->tail)
		return;
	r->tail_at = (r->tail_at + (tail - r->tail)) % r->size;
	move_tail(r, tail);
}

/* How many of n bytes there are. */
static size_t available(struct kpool_ring *r, size_t n)
{
	bool overwrites = r->flags & KPOOL_RING_OVERWRITE;
	unsigned long ahead;

	/* Who follows has seen the head, too: a later one may be further off than the size. */
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
 * After n bytes were looked at: how many of them, from the first on, are not what they
 * were, because the producer is at them or was.
 */
static size_t spoilt(const struct kpool_ring *r, size_t n)
{
	unsigned long ahead;

	if (!(r->flags & KPOOL_RING_OVERWRITE))
		return 0;
	smp_rmb();	/* pairs with the smp_wmb() in claim() */
	ahead = READ_ONCE(r->claim) - r->tail;
	return ahead <= r->size ? 0 : min_t(unsigned long, n, ahead - r->size);
}

/* So many bytes were copied, and are not needed any more. */
static void took(struct kpool_ring *r, size_t n)
{
	r->tail_at = advance(r, r->tail_at, n);
	if (!(r->flags & NOT_INLINE))
		r->there = min_t(unsigned long, r->size - r->tail_at,
				 r->head_seen - r->tail - n);
	move_tail(r, r->tail + n);
}

/*
 * The producer overtook us at once: the oldest bytes are those that it writes next. Give
 * some more up, or it would do so again, and again.
 */
#define GIVE_UP		8	/* this part of the size */

static void give_up(struct kpool_ring *r)
{
	unsigned long keep = r->size - r->size / GIVE_UP;
	unsigned long ahead;

	/* What it had seen may all be gone by now. */
	r->head_seen = see_head(r);
	ahead = READ_ONCE(r->claim) - r->tail;
	if (ahead > keep)
		lose(r, min(ahead - keep, r->head_seen - r->tail));
}

/* Copies up to n bytes, which stay in the ring: they are the first from tail on. */
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
size_t kpool_ring_peek(struct kpool_ring *ring, void *to, size_t n)
{
	return peek(ring, to, n);
}
EXPORT_SYMBOL_GPL(kpool_ring_peek);

/**
 * kpool_ring_read_slow() - what kpool_ring_read() calls where it cannot go on inline
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

/**
 * kpool_ring_skip() - drop bytes
 * @ring: the ring
 * @n: how many, the oldest
 *
 * Context: any; the consumer's side.
 * Return: how many there were.
 */
size_t kpool_ring_skip(struct kpool_ring *ring, size_t n)
{
	n = available(ring, n);
	took(ring, n);
	return n;
}
EXPORT_SYMBOL_GPL(kpool_ring_skip);

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
const void *kpool_ring_peek_contiguous(struct kpool_ring *ring, size_t *n)
{
	/* Apart, as available() may change tail_at, and arguments are evaluated in any order. */
	*n = available(ring, *n);
	*n = contiguous(ring, ring->tail_at, *n);
	return *n ? ring->data + ring->tail_at : NULL;
}
EXPORT_SYMBOL_GPL(kpool_ring_peek_contiguous);

/**
 * kpool_ring_consume() - the bytes that were looked at are not needed any more
 * @ring: the ring
 * @n: how many, from the first on; no more than there were
 *
 * Context: any; the consumer's side.
 * Return: how many of them, from the first on, were or may have been overwritten while they
 * were looked at, and count as lost: 0 in a ring that does not overwrite.
 */
size_t kpool_ring_consume(struct kpool_ring *ring, size_t n)
{
	size_t bad;

	if (n > ring->head_seen - ring->tail) {
		/* A process that moves the tail can make a second peek find less. */
		WARN_ON_ONCE(!process_reads(ring));
		n = ring->head_seen - ring->tail;
	}
	bad = spoilt(ring, n);
	if (bad)
		lose(ring, bad);
	took(ring, n - bad);
	return bad;
}
EXPORT_SYMBOL_GPL(kpool_ring_consume);

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
size_t kpool_ring_read_iter(struct kpool_ring *ring, struct iov_iter *to)
{
	size_t there, n, copied, bad, taken = 0;

	while (iov_iter_count(to)) {
		bad = 0;
		there = available(ring, iov_iter_count(to));
		while (taken < there) {
			n = contiguous(ring, ring->tail_at, there - taken);
			/* As much as give_up() gains: a larger copy would be overtaken for ever. */
			if (ring->flags & KPOOL_RING_OVERWRITE)
				n = min_t(size_t, n, ring->size / GIVE_UP ?: 1);
			/* In a ring that overwrites as in copy_out(). */
			copied = data_race(copy_to_iter(ring->data + ring->tail_at, n, to));
			bad = spoilt(ring, copied);
			if (bad) {
				/* What is good lies behind what is not. */
				iov_iter_revert(to, copied);
				break;
			}
			took(ring, copied);
			taken += copied;
			if (copied < n)
				return taken;
		}
		/* Bytes may be missing before what is returned, not in it or behind it. */
		if (!bad || taken)
			break;
		give_up(ring);
	}
	return taken;
}
EXPORT_SYMBOL_GPL(kpool_ring_read_iter);

/**
 * kp_ring_see() - both positions, for somebody who may be on neither side
 * @r: the ring
 * @head: set to how far it was written
 * @tail: set to how far it was read, no further than @head
 *
 * The tail is looked at first: so a head that goes on meanwhile makes it no less than nothing.
 *
 * Context: any.
 */
void kp_ring_see(const struct kpool_ring *r, unsigned long *head, unsigned long *tail)
{
	unsigned long theirs;

	*tail = READ_ONCE(r->tail);
	theirs = process_reads(r) ? READ_ONCE(r->shared->tail) : *tail;
	smp_rmb();	/* pairs with the releases in move_tail() and wrote() */
	*head = READ_ONCE(r->head);
	if (process_writes(r))
		*head = believe(*head, READ_ONCE(r->shared->head), *tail + r->size);
	*tail = believe(*tail, theirs, *head);
}

/**
 * kpool_ring_len() - how many bytes are in a ring
 * @ring: the ring
 *
 * Context: any. For the consumer there are at least so many, unless the ring overwrites, or
 * processes map it for writing, who may take back what they said.
 * Return: bytes.
 */
size_t kpool_ring_len(const struct kpool_ring *ring)
{
	unsigned long head, tail;

	kp_ring_see(ring, &head, &tail);
	return min_t(unsigned long, head - tail, ring->size);
}
EXPORT_SYMBOL_GPL(kpool_ring_len);

/**
 * kpool_ring_lost() - how many bytes were overwritten before they were read
 * @ring: the ring
 *
 * Context: any. What the consumer has not come across yet is counted, too; while it comes
 * across it others may see it counted twice. A process that reads a mapping counts what it
 * has lost by itself.
 * Return: bytes since the ring was created or reset.
 */
u64 kpool_ring_lost(const struct kpool_ring *ring)
{
	unsigned long head, tail, there;
	u64 lost;

	kp_ring_see(ring, &head, &tail);
	/* Loaded behind the barrier there, so what the kernel lost before that tail is in it. */
	lost = READ_ONCE(ring->lost);
	there = head - tail;
	return lost + (there > ring->size ? there - ring->size : 0);
}
EXPORT_SYMBOL_GPL(kpool_ring_lost);

/**
 * kpool_ring_head() - the position up to which a ring was written
 * @ring: the ring
 *
 * With records that begin at known positions a reader who lost bytes finds the next one.
 *
 * Context: any. It is exact for the producer.
 * Return: bytes written since the ring was created or reset; wraps with its type.
 */
unsigned long kpool_ring_head(const struct kpool_ring *ring)
{
	unsigned long head, tail;

	kp_ring_see(ring, &head, &tail);
	return head;
}
EXPORT_SYMBOL_GPL(kpool_ring_head);

/**
 * kpool_ring_tail() - the position up to which a ring was read
 * @ring: the ring
 *
 * Context: any. It is exact for the consumer: what it last read are the bytes before it, and what
 * it last peeked at begins there. What a process read in a mapping since is not in it.
 * Return: bytes read, skipped or lost since the ring was created or reset; wraps with its type.
 */
unsigned long kpool_ring_tail(const struct kpool_ring *ring)
{
	return READ_ONCE(ring->tail);
}
EXPORT_SYMBOL_GPL(kpool_ring_tail);

/**
 * kpool_ring_size() - how many bytes a ring can hold
 * @ring: the ring
 *
 * Context: any.
 * Return: bytes, exactly as many as it was created with.
 */
size_t kpool_ring_size(const struct kpool_ring *ring)
{
	return ring->size;
}
EXPORT_SYMBOL_GPL(kpool_ring_size);

/**
 * kpool_ring_reset() - make a ring as it was when it was created
 * @ring: the ring, which neither side is at work with
 *
 * One that can be mapped is wiped, as all of it is seen.
 *
 * Context: any.
 */
void kpool_ring_reset(struct kpool_ring *ring)
{
	if (is_shared(ring))
		kp_ring_wipe(ring);
	kp_ring_start(ring, 0);
}
EXPORT_SYMBOL_GPL(kpool_ring_reset);

/* Empty, at a position. Others than 0 are for those who want to see positions wrap. */
void kp_ring_start(struct kpool_ring *r, unsigned long position)
{
	r->head = position;
	r->tail = position;
	r->claim = position;
	r->tail_seen = position;
	r->head_seen = position;
	r->head_at = 0;
	r->tail_at = 0;
	r->room = r->flags & NOT_INLINE ? 0 : r->size;
	r->there = 0;
	r->reserved = 0;
	r->lost = 0;
	if (unlikely(is_shared(r)))
		kp_ring_share(r);
}
EXPORT_SYMBOL_FOR_TESTS(kp_ring_start);
