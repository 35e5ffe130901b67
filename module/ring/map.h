/* SPDX-License-Identifier: GPL-2.0-only */
/* Rings in the address space of processes: their users. */
#ifndef _KPOOL_RING_MAP_H
#define _KPOOL_RING_MAP_H

#include <linux/kpool_ring.h>

void kp_ring_users_init(struct kpool_ring *r);

#endif /* _KPOOL_RING_MAP_H */
