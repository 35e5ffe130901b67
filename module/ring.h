/* SPDX-License-Identifier: GPL-2.0-only */
/* The private half of a ring. */
#ifndef _KPOOL_RING_H
#define _KPOOL_RING_H

#include <linux/kpool_ring.h>

#include "pool.h"

/* ring.c */
void kp_ring_start(struct kpool_ring *r, unsigned long position);

#endif /* _KPOOL_RING_H */
