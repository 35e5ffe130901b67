/* SPDX-License-Identifier: GPL-2.0-only */
/* Where the memory of rings comes from. */
#ifndef _KPOOL_RING_MEMORY_H
#define _KPOOL_RING_MEMORY_H

#include <linux/kpool_ring.h>

/* These have their memory by pages, mapped here. */
#define RING_BY_PAGES	(KPOOL_RING_MIRRORED | KPOOL_RING_MAPPABLE)

int kp_ring_alloc(struct kpool_ring *r, gfp_t gfp, int node);
void kp_ring_exit(struct kpool_ring *r);
void kp_ring_free(struct kpool_ring *r);
void kp_ring_wipe(struct kpool_ring *r);
unsigned int kp_ring_pages(const struct kpool_ring *r);

#endif /* _KPOOL_RING_MEMORY_H */
