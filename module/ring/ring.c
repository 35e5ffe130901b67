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
 * kp_ring_believe(). Everything that an address is made of is the kernel's own.
 */
#include <linux/minmax.h>
#include <uapi/linux/kpool_mapped.h>

#include "base/export.h"
#include "ring/memory.h"
#include "ring/process.h"
#include "ring/ring.h"

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
		*head = kp_ring_believe(*head, READ_ONCE(r->shared->head), *tail + r->size);
	*tail = kp_ring_believe(*tail, theirs, *head);
}

size_t kpool_ring_len(const struct kpool_ring *ring)
{
	unsigned long head, tail;

	kp_ring_see(ring, &head, &tail);
	return min_t(unsigned long, head - tail, ring->size);
}
EXPORT_SYMBOL_GPL(kpool_ring_len);

size_t kpool_ring_space(const struct kpool_ring *ring)
{
	return ring->size - kpool_ring_len(ring);
}
EXPORT_SYMBOL_GPL(kpool_ring_space);

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

unsigned long kpool_ring_head(const struct kpool_ring *ring)
{
	unsigned long head, tail;

	kp_ring_see(ring, &head, &tail);
	return head;
}
EXPORT_SYMBOL_GPL(kpool_ring_head);

unsigned long kpool_ring_tail(const struct kpool_ring *ring)
{
	return READ_ONCE(ring->tail);
}
EXPORT_SYMBOL_GPL(kpool_ring_tail);

size_t kpool_ring_size(const struct kpool_ring *ring)
{
	return ring->size;
}
EXPORT_SYMBOL_GPL(kpool_ring_size);

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
