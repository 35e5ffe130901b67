/* SPDX-License-Identifier: GPL-2.0-only */
/* What the suites of waiting for rings share. */
#ifndef _KPOOL_WAITS_H
#define _KPOOL_WAITS_H

#include <linux/kpool_ring_wait.h>

#include "rings.h"

/* A ring and who waits for it, both ended with the test. */
struct kpool_ring_wait *wait_of(struct kunit *test, size_t size, unsigned int flags,
				const struct kpool_ring_wait_params *params);

/* Bytes that nobody looks at, and then the call that tells of them. */
void write_some(struct kpool_ring_wait *wait, size_t n);
void read_some(struct kpool_ring_wait *wait, size_t n);

/* Whoever was to be woken so far has been. */
void see_through(struct kpool_ring_wait *wait);

/* Somebody in a queue who never looks at the ring, and counts how often he is woken. */
struct counter {
	wait_queue_entry_t entry;
	unsigned int woken;
	__poll_t key;		/* of all wake-ups */
};

void count_in(wait_queue_head_t *queue, struct counter *counter);

/* Poll masks as numbers, to compare: sparse does not want them to be any. */
#define EVENTS(mask)	((__force unsigned int)(mask))
#define IN		EVENTS(EPOLLIN | EPOLLRDNORM)
#define OUT		EVENTS(EPOLLOUT | EPOLLWRNORM)
#define HUP		EVENTS(EPOLLHUP)

#endif /* _KPOOL_WAITS_H */
