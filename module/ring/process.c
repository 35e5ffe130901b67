// SPDX-License-Identifier: GPL-2.0-only
/*
 * What processes that map a ring are told, and what they say.
 *
 * Functions of their own, out of line: rings that no process maps do not pay for them.
 */
#include <uapi/linux/kpool_mapped.h>

#include "ring/process.h"

/* Where a process that reads the ring is, if the kernel's own tail is there. */
unsigned long kp_ring_process_tail(const struct kpool_ring *r, unsigned long tail)
{
	/* The kernel's own lags behind while it is a process that reads. */
	tail = kp_ring_believe(r->tail_seen, tail, r->head);
	/* Pairs with the process's release. */
	return kp_ring_believe(tail, smp_load_acquire(&r->shared->tail), r->head);
}

/* Where a process that writes to the ring is. */
unsigned long kp_ring_process_head(struct kpool_ring *r)
{
	/* Pairs with the process's release. */
	unsigned long head = smp_load_acquire(&r->shared->head);

	head = kp_ring_believe(r->head_seen, head, r->tail + r->size);
	WRITE_ONCE(r->head, head);	/* for kp_ring_see() */
	return head;
}

/**
 * kp_ring_share() - tell processes how a mappable ring is
 * @r: the ring, at the position where it starts: processes find its bytes from a multiple of its
 *	size on alone, so only tests that map nothing have another
 */
void kp_ring_share(struct kpool_ring *r)
{
	unsigned int flags = 0;

	if (r->flags & KPOOL_RING_OVERWRITE)
		flags |= KPOOL_RING_MAPPED_OVERWRITES;
	if (r->flags & KPOOL_RING_MIRRORED)
		flags |= KPOOL_RING_MAPPED_MIRRORED;
	if (r->flags & KPOOL_RING_USER_WRITES)
		flags |= KPOOL_RING_MAPPED_PRODUCER;
	*r->shared = (struct kpool_ring_indices){
		.head = r->head,
		.claim = r->claim,
		.tail = r->tail,
		.size = r->size,
		.data = PAGE_SIZE,
		.flags = flags,
	};
}
