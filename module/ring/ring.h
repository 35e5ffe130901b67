/* SPDX-License-Identifier: GPL-2.0-only */
/* Arithmetic on the positions of a ring, for both sides; ring.c describes the protocol. */
#ifndef _KPOOL_RING_RING_H
#define _KPOOL_RING_RING_H

#include <linux/kpool_ring.h>
#include <linux/minmax.h>
#include <linux/printk.h>

/* Flags of rings that the inline functions cannot handle: room and there are always 0 in them. */
#define NOT_INLINE	(KPOOL_RING_OVERWRITE | KPOOL_RING_MAPPABLE)

/* The offset that lies n bytes after offset at; n is at most the size. */
static inline size_t advance(const struct kpool_ring *r, size_t at, size_t n)
{
	return n < r->size - at ? at + n : at - (r->size - n);
}

/* How many of n bytes from offset at on lie in one piece. */
static inline size_t contiguous(const struct kpool_ring *r, size_t at, size_t n)
{
	return r->flags & KPOOL_RING_MIRRORED ? n : min(n, r->size - at);
}

/* Says what is wrong with a call, and names the ring. A ring of no pool has no name. */
#define kp_ring_err(r, format, ...)							\
	pr_err_ratelimited("pool %s: ring of %zu bytes: " format "\n", (r)->name ?: "(none)",	\
			   (r)->size, ##__VA_ARGS__)

bool kp_ring_abi_matches(const struct kpool_ring_abi *theirs);
void kp_ring_start(struct kpool_ring *r, unsigned long position);
void kp_ring_see(const struct kpool_ring *r, unsigned long *head, unsigned long *tail);

#endif /* _KPOOL_RING_RING_H */
