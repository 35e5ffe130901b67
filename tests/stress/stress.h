/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KPOOL_STRESS_H
#define _KPOOL_STRESS_H

#include <linux/types.h>

int stress_sets(unsigned int ops);
int stress_rings(unsigned int ops);
int stress_ring_waits(unsigned int ops);

/* Bytes that tell where they belong. */
void stress_fill(u8 *to, u64 position, size_t n);
bool stress_matches(const u8 *from, u64 position, size_t n);

#endif /* _KPOOL_STRESS_H */
