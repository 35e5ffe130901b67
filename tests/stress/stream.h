/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KPOOL_STRESS_STREAM_H
#define _KPOOL_STRESS_STREAM_H

#include <linux/kpool_ring.h>

#include "threads.h"

#define CALL_MOST	3000	/* bytes of one call */

struct side {
	struct thread thread;
	u8 buf[CALL_MOST];
};

/* Bytes that one thread writes to a ring and another one reads, each on a CPU of its own. */
struct stream {
	struct kpool_ring *ring;
	u64 goal, written, taken;
	unsigned long wrong;	/* pieces read */
	struct side producer, consumer;
};

/*
 * Takes the next two online CPUs after @cpu, and sets @cpu to the second one. If it fails,
 * neither thread has run.
 */
int stream_start(struct stream *s, void (*producer)(struct thread *t),
		 void (*consumer)(struct thread *t), int *cpu, const char *name);
void stream_wait(struct stream *s);

/* Returns an error unless all bytes up to the goal were read in order, or are counted as lost. */
int stream_verdict(struct stream *s, const char *name);

/* Fills in bytes that tell their place. */
void stream_fill(u8 *to, u64 position, size_t n);
void stream_check(struct stream *s, const u8 *from, u64 position, size_t n);

#endif /* _KPOOL_STRESS_STREAM_H */
