/* SPDX-License-Identifier: GPL-2.0-only */
/* A memory provider that counts, and gives nothing when a test asks for that. */
#ifndef _KPOOL_GIVER_H
#define _KPOOL_GIVER_H

#include "fixture.h"

struct giver {
	int fail_at;		/* gives no piece from this one on, counted from 1; 0: gives all */
	atomic_t calls, pieces;	/* of alloc, and the pieces that were asked for */
	atomic_t out;		/* pieces that kpool has */
	atomic_t wrongs;	/* calls that a provider must not see */
	unsigned int most;	/* the largest n of a call */
	struct kpool_memory_request last;
	size_t size, align;	/* what begin said */
	int begin_err;		/* returned by begin */
	atomic_t begun, detached, ended;
};

/* Of kmalloc(), of whole pages, and one that sleeps in each call. */
extern const struct kpool_memory_ops giver_ops, page_giver_ops, sleeping_giver_ops;

#endif /* _KPOOL_GIVER_H */
