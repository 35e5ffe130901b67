/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory of rings. */
#ifndef _KPOOL_RING_MEMORY_H
#define _KPOOL_RING_MEMORY_H

#include <linux/kpool_ring.h>

/* Flags of rings whose memory is pages that the module maps itself. */
#define RING_BY_PAGES	(KPOOL_RING_MIRRORED | KPOOL_RING_MAPPABLE)

int kp_ring_alloc(struct kpool_ring *r, gfp_t gfp, int node);
void kp_ring_exit(struct kpool_ring *r);
void kp_ring_free(struct kpool_ring *r);
void kp_ring_wipe(struct kpool_ring *r, bool may_sleep);
unsigned long kp_ring_own_pages(size_t size, unsigned int flags);
size_t kp_ring_bytes(const struct kpool_ring *r);
unsigned int kp_ring_pages(const struct kpool_ring *r);

#endif /* _KPOOL_RING_MEMORY_H */
