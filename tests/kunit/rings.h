/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the suites of rings share: rings that end with their test, and bytes that tell their
 * place.
 */
#ifndef _KPOOL_RINGS_H
#define _KPOOL_RINGS_H

#include <linux/kpool_ring.h>

#include "fixture.h"
#include "ring/ring.h"

struct kpool_ring *ring_of(struct kunit *test, size_t size, unsigned int flags);
void *bytes_of(struct kunit *test, size_t n);

/*
 * The byte at a position is one byte of a hash of the position's word. Positions count from
 * the first byte ever written. So a byte that was written for another position is wrong, and
 * so is half of another word.
 */
void stream_fill(u8 *to, u64 position, size_t n);
bool stream_matches(const u8 *from, u64 position, size_t n);

#endif /* _KPOOL_RINGS_H */
