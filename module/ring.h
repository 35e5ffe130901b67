/* SPDX-License-Identifier: GPL-2.0-only */
/* The private half of a ring. */
#ifndef _KPOOL_RING_H
#define _KPOOL_RING_H

#include <linux/kpool_ring.h>

#include "pool.h"

/* ring.c */
void kp_ring_start(struct kpool_ring *r, unsigned long position);
void kp_ring_see(const struct kpool_ring *r, unsigned long *head, unsigned long *tail);

/* ring_pool.c */
void kp_ring_free(struct kpool_ring *r);
void kp_ring_wipe(struct kpool_ring *r);
unsigned int kp_ring_pages(const struct kpool_ring *r);

/* ring_map.c */
void kp_ring_share(struct kpool_ring *r);
void kp_ring_unuse(struct kpool_ring *r);

#endif /* _KPOOL_RING_H */
