/* SPDX-License-Identifier: GPL-2.0-only */
/* Positions of a ring. */
#ifndef _KPOOL_RING_RING_H
#define _KPOOL_RING_RING_H

#include <linux/kpool_ring.h>
#include <linux/minmax.h>

/* What the inline functions cannot do: they are kept from it by room and there being 0. */
#define NOT_INLINE	(KPOOL_RING_OVERWRITE | KPOOL_RING_MAPPABLE)

/* Where that many bytes further on is, which are no more than the size. */
static inline size_t advance(const struct kpool_ring *r, size_t at, size_t n)
{
	return n < r->size - at ? at + n : at - (r->size - n);
}

/* What lies in one piece from there on. */
static inline size_t contiguous(const struct kpool_ring *r, size_t at, size_t n)
{
	return r->flags & KPOOL_RING_MIRRORED ? n : min(n, r->size - at);
}

void kp_ring_start(struct kpool_ring *r, unsigned long position);
void kp_ring_see(const struct kpool_ring *r, unsigned long *head, unsigned long *tail);

#endif /* _KPOOL_RING_RING_H */
