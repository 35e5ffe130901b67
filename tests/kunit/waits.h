/* SPDX-License-Identifier: GPL-2.0-only */
/* What the suites of waiting for rings share. */
#ifndef _KPOOL_WAITS_H
#define _KPOOL_WAITS_H

#include <linux/kpool_ring_wait.h>

#include "rings.h"

/* A ring, and a wait for it. Both end with the test. */
struct kpool_ring_wait *wait_of(struct kunit *test, size_t size, unsigned int flags,
				const struct kpool_ring_wait_params *params);

/* Writes bytes whose content does not matter, then makes the call that tells of them. */
void write_some(struct kpool_ring_wait *wait, size_t n);
void read_some(struct kpool_ring_wait *wait, size_t n);

/* Returns after all wake-ups that were started so far. */
void see_through(struct kpool_ring_wait *wait);

/* An entry in a queue that never looks at the ring, and counts its wake-ups. */
struct counter {
	wait_queue_entry_t entry;
	unsigned int woken;
	__poll_t key;		/* the events of all wake-ups */
};

void count_in(wait_queue_head_t *queue, struct counter *counter);

/* Poll masks as numbers, to compare them. Sparse does not allow this for the type. */
#define EVENTS(mask)	((__force unsigned int)(mask))
#define IN		EVENTS(EPOLLIN | EPOLLRDNORM)
#define OUT		EVENTS(EPOLLOUT | EPOLLWRNORM)
#define HUP		EVENTS(EPOLLHUP)

#endif /* _KPOOL_WAITS_H */
