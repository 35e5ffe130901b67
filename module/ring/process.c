// SPDX-License-Identifier: GPL-2.0-only
/*
 * Positions that the kernel and a process tell each other in a mapped ring. read.c and write.c call
 * these functions, and ring/map.c has the mapping itself.
 *
 * The functions are out of line, so that rings that no process maps do not pay for them.
 */
#include <uapi/linux/kpool_mapped.h>

#include "ring/process.h"

/* Position of the reading process; tail is the kernel's own tail. */
unsigned long kp_ring_process_tail(const struct kpool_ring *r, unsigned long tail)
{
	/* The kernel's own tail lags behind while a process reads. */
	tail = kp_ring_believe(r->tail_seen, tail, r->head);
	/* Pairs with the process's release of tail. */
	return kp_ring_believe(tail, smp_load_acquire(&r->shared->tail), r->head);
}

/* Position of the writing process. */
unsigned long kp_ring_process_head(struct kpool_ring *r)
{
	/* Pairs with the process's release of head. */
	unsigned long head = smp_load_acquire(&r->shared->head);

	head = kp_ring_believe(r->head_seen, head, r->tail + r->size);
	WRITE_ONCE(r->head, head);	/* for kp_ring_see() */
	return head;
}

/**
 * kp_ring_share() - write a mappable ring's state to the page that processes see
 * @r: the ring, at its starting position. Processes find bytes only if this position is a multiple
 *	of the ring's size. So only tests that map nothing start a ring elsewhere.
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
