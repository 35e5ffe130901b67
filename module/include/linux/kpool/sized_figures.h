/* SPDX-License-Identifier: GPL-2.0-only */
/* kpool: the figures of a set of buffers. <linux/kpool_sized.h> includes this. */
#ifndef _LINUX_KPOOL_SIZED_FIGURES_H
#define _LINUX_KPOOL_SIZED_FIGURES_H

#include <linux/kpool/figures.h>
#include <linux/types.h>

/**
 * struct kpool_sized_stats - figures of a set since its creation
 * @asked_bytes: total of the bytes that gets asked for, oversize gets included
 * @given_bytes: total of the capacities of the buffers that these gets returned
 * @idle_bytes: bytes of idle buffers, in all classes
 * @in_use_bytes: bytes of buffers in use, in all classes
 * @oversize_gets: gets of more than the largest class, which the system's allocator satisfied
 * @oversize_puts: puts of buffers from oversize gets
 * @oversize_bytes: bytes that oversize gets asked for
 * @oversize_failures: gets of more than the largest class that failed
 * @misused: wrong uses that a debugged set has reported
 * @memory: bytes that buffers hold now, in all classes and of oversize; see &struct kpool_stats
 * @overhead: bytes that the set and its pools hold now besides; see &struct kpool_stats
 * @oversize_memory: part of @memory that oversize buffers in use hold
 */
struct kpool_sized_stats {
	u64 asked_bytes;
	u64 given_bytes;
	u64 idle_bytes;
	u64 in_use_bytes;
	u64 oversize_gets;
	u64 oversize_puts;
	u64 oversize_bytes;
	u64 oversize_failures;
	u64 misused;
	u64 memory;
	u64 overhead;
	u64 oversize_memory;
};

/**
 * struct kpool_sized_class_stats - figures of a class since its set's creation
 * @size: capacity of the class's buffers in bytes
 * @asked_bytes: total of the bytes that gets asked for
 * @given_bytes: total of the capacities of the buffers that these gets returned
 * @vmalloced: existing buffers whose memory is from vmalloc()
 * @pool: figures of the class's pool
 */
struct kpool_sized_class_stats {
	size_t size;
	u64 asked_bytes;
	u64 given_bytes;
	u64 vmalloced;
	struct kpool_stats pool;
};

#endif /* _LINUX_KPOOL_SIZED_FIGURES_H */
