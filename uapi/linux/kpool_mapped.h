/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/*
 * A kpool ring as seen by a process that has mapped it: a page with the two sides' positions,
 * and the ring's bytes behind that page. A kernel module maps rings by kpool_ring_mmap().
 */
#ifndef _UAPI_LINUX_KPOOL_MAPPED_H
#define _UAPI_LINUX_KPOOL_MAPPED_H

#include <linux/types.h>

/**
 * enum kpool_ring_mapped_flags - what is special about a mapped ring
 * @KPOOL_RING_MAPPED_OVERWRITES: when the ring is full, a write overwrites the oldest bytes
 * @KPOOL_RING_MAPPED_MIRRORED: the bytes come twice in a row, so that any bytes, up to the
 *	ring's size, are in one piece
 * @KPOOL_RING_MAPPED_PRODUCER: the process is the producer, not the consumer
 */
enum kpool_ring_mapped_flags {
	KPOOL_RING_MAPPED_OVERWRITES	= 1 << 0,
	KPOOL_RING_MAPPED_MIRRORED	= 1 << 1,
	KPOOL_RING_MAPPED_PRODUCER	= 1 << 2,
};

/**
 * struct kpool_ring_indices - the first page of a mapped ring
 * @head: bytes that the producer has written: the bytes before this position may be read. Load it
 *	with acquire. If the process is the producer, it stores head with release.
 * @claim: in a ring that overwrites, the position up to which the producer may be writing. Bytes
 *	that lie further back from claim than @size may be overwritten. So copy bytes first, then
 *	load claim after a read barrier.
 * @tail: bytes that the consumer has read: the bytes before this position may be overwritten. If
 *	the process is the consumer, it stores tail with release. A producer loads tail with
 *	acquire.
 * @size: bytes that the ring holds
 * @data: offset of the ring's bytes from the start of this page, in bytes. The byte of position p
 *	is at @data + p % @size.
 * @flags: of &enum kpool_ring_mapped_flags
 *
 * Positions only grow. The kernel believes a position that a process stores here only if it is
 * possible: a tail between the last tail and the head, or a head no more than @size from the
 * tail. Any other value changes nothing. The kernel does not read the values that it stores
 * here itself.
 */
struct kpool_ring_indices {
	__u64 head;
	__u64 claim;
	/* private: a cache line for each side */
	__u64 pad1[6];
	/* public: */
	__u64 tail;
	/* private: */
	__u64 pad2[7];
	/* public: */
	__u64 size;
	__u32 data;
	__u32 flags;
};

#endif /* _UAPI_LINUX_KPOOL_MAPPED_H */
