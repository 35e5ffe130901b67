// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rings of bytes: one producer, one consumer, no lock. This file has the calls that belong to
 * neither side; write.c has the producer's side, and read.c the consumer's.
 *
 * A kfifo would not do, because its size is a power of two: a ring of 5000 bytes takes 5000 bytes.
 * Both sides count bytes in positions that never go back. Beside its position each side keeps the
 * position's offset in memory, so that no size needs a division. Each side also keeps how far it
 * may go from there without another look at the other side. The inline functions check only that.
 * In a ring that overwrites, this distance is always 0.
 *
 * A ring that refuses bytes when it is full is the classic ring. The producer publishes bytes by a
 * release of head, which pairs with the consumer's acquire. The consumer gives room back by a
 * release of tail, which pairs with the producer's acquire. A side looks at the other side's
 * position only if the position that it remembers is not enough.
 *
 * A ring that overwrites never looks at tail, so nothing holds up the producer. The producer stores
 * in claim the position up to which it is going to write. A write barrier later it writes the
 * bytes, and then publishes head. The consumer copies, and a read barrier later it looks at claim.
 * If the consumer copied a byte of a later round, it sees the claim of that round (the barriers
 * pair, as in a seqlock). The consumer throws away the bytes that lie further back from claim than
 * the ring's size, and counts them as lost. So the returned bytes are whole and in order.
 *
 * A ring that processes map has one more page beside its bytes, where each side repeats its
 * position. The kernel believes a process's position only if it is possible: see
 * kp_ring_believe(). The kernel computes all addresses from its own variables.
 */
#include <linux/minmax.h>
#include <linux/string.h>
#include <uapi/linux/kpool_mapped.h>

#include "base/export.h"
#include "pool.h"
#include "ring/memory.h"
#include "ring/process.h"
#include "ring/ring.h"

/* If not, it logs a message. */
bool kp_ring_abi_matches(const struct kpool_ring_abi *theirs)
{
	const struct kpool_ring_abi ours = KPOOL_RING_ABI_HERE;

	if (!kp_abi_matches(theirs->pool))
		return false;
	if (!memcmp(&ours, theirs, sizeof(ours)))
		return true;
	pr_err_ratelimited("cannot create a ring, or wait for one: the caller was built against headers of another kpool\n");
	return false;
}

/**
 * kp_ring_see() - read both positions, for a caller that may be on neither side
 * @r: the ring
 * @head: set to the position up to which the ring was written
 * @tail: set to the position up to which the ring was read, no further than @head
 *
 * Reads the tail first. So the length cannot become negative if the head moves meanwhile.
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
	/* Loaded after the barrier in kp_ring_see(): includes losses before that tail. */
	lost = READ_ONCE(ring->lost);
	there = head - tail;
	return lost + (there > ring->size ? there - ring->size : 0);
}
EXPORT_SYMBOL_GPL(kpool_ring_lost);

u64 kpool_ring_refused(const struct kpool_ring *ring)
{
	return READ_ONCE(ring->refused);
}
EXPORT_SYMBOL_GPL(kpool_ring_refused);

unsigned long kpool_ring_refusals(const struct kpool_ring *ring)
{
	return READ_ONCE(ring->refusals);
}
EXPORT_SYMBOL_GPL(kpool_ring_refusals);

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
		kp_ring_wipe(ring, false);
	kp_ring_start(ring, 0);
}
EXPORT_SYMBOL_GPL(kpool_ring_reset);

/* Makes a ring empty, at a position. Tests use positions other than 0, to see them wrap. */
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
	r->refused = 0;
	r->refusals = 0;
	if (unlikely(is_shared(r)))
		kp_ring_share(r);
}
EXPORT_SYMBOL_FOR_TESTS(kp_ring_start);
