/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/*
 * What a process sees of a ring of kpool that it has mapped.
 */
#ifndef _UAPI_LINUX_KPOOL_MAPPED_H
#define _UAPI_LINUX_KPOOL_MAPPED_H

#include <linux/types.h>

/**
 * enum kpool_ring_mapped_flags - what is special about a mapped ring
 * @KPOOL_RING_MAPPED_OVERWRITES: when it is full, the oldest bytes are overwritten
 * @KPOOL_RING_MAPPED_MIRRORED: the bytes come twice in a row, so that any of them, up to the
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
 * @head: bytes that the producer has written: those before it may be read. Load it with
 *	acquire; a process that is the producer stores it with release.
 * @claim: in a ring that overwrites, how far the producer may be writing. What lies further
 *	back from it than @size may be spoilt: copy bytes first, then, behind a read barrier,
 *	look here.
 * @tail: bytes that the consumer has read: those before it may be overwritten. A process that
 *	is the consumer stores it with release; a producer loads it with acquire.
 * @size: bytes that the ring holds
 * @data: where they are, in bytes from here: that of position p at @data + p % @size
 * @flags: of &enum kpool_ring_mapped_flags
 *
 * Positions only grow. The kernel believes of what a process stores here no more than is
 * possible: a tail between the last one and the head, a head no more than @size from the
 * tail. Anything else changes nothing, and what the kernel itself has to say here it does not
 * read again.
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
