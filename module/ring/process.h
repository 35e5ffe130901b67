/* SPDX-License-Identifier: GPL-2.0-only */
/* Positions that the kernel and a process tell each other in a mapped ring. */
#ifndef _KPOOL_RING_PROCESS_H
#define _KPOOL_RING_PROCESS_H

#include <linux/kpool_ring.h>

/* The shared page has 64-bit positions. Machines that cannot load them have no such rings. */
static inline bool is_shared(const struct kpool_ring *r)
{
	return IS_ENABLED(CONFIG_64BIT) && r->shared;
}

static inline bool process_writes(const struct kpool_ring *r)
{
	return is_shared(r) && r->flags & KPOOL_RING_USER_WRITES;
}

static inline bool process_reads(const struct kpool_ring *r)
{
	return is_shared(r) && !(r->flags & KPOOL_RING_USER_WRITES);
}

/*
 * Checks a position that a process claims. A position between @from and @to is possible. Any other
 * position counts as if the process had stayed at @from.
 */
static inline unsigned long kp_ring_believe(unsigned long from, unsigned long theirs,
					    unsigned long to)
{
	return (long)(to - from) > 0 && theirs - from <= to - from ? theirs : from;
}

unsigned long kp_ring_process_tail(const struct kpool_ring *r, unsigned long tail);
unsigned long kp_ring_process_head(struct kpool_ring *r);
void kp_ring_share(struct kpool_ring *r);

#endif /* _KPOOL_RING_PROCESS_H */
