/* SPDX-License-Identifier: GPL-2.0-only */
/* The private half of a ring. */
#ifndef _KPOOL_RING_H
#define _KPOOL_RING_H

#include <linux/kpool_ring.h>

#include "pool.h"

/* What the inline functions cannot do: they are kept from it by room and there being 0. */
#define NOT_INLINE	(KPOOL_RING_OVERWRITE | KPOOL_RING_MAPPABLE)

/* These have their memory by pages, mapped here. */
#define RING_BY_PAGES	(KPOOL_RING_MIRRORED | KPOOL_RING_MAPPABLE)

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

/* Positions of 64 bits are loaded and stored there; machines that cannot have no such rings. */
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

/* ring.c */
void kp_ring_start(struct kpool_ring *r, unsigned long position);
void kp_ring_see(const struct kpool_ring *r, unsigned long *head, unsigned long *tail);

/* ring_process.c */
unsigned long kp_ring_believe(unsigned long from, unsigned long theirs, unsigned long to);
unsigned long kp_ring_process_tail(const struct kpool_ring *r, unsigned long tail);
unsigned long kp_ring_process_head(struct kpool_ring *r);
void kp_ring_share(struct kpool_ring *r);

/* ring_memory.c */
int kp_ring_alloc(struct kpool_ring *r, gfp_t gfp, int node);
void kp_ring_exit(struct kpool_ring *r);
void kp_ring_free(struct kpool_ring *r);
void kp_ring_wipe(struct kpool_ring *r);
unsigned int kp_ring_pages(const struct kpool_ring *r);

/* ring_map.c */
void kp_ring_unuse(struct kpool_ring *r);

#endif /* _KPOOL_RING_H */
