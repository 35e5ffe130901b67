/* SPDX-License-Identifier: GPL-2.0-only */
/* How large the magazines of a set's classes are under max_idle_bytes. */
#ifndef _KPOOL_SIZED_SHARE_H
#define _KPOOL_SIZED_SHARE_H

#include <linux/types.h>

/* A class: what its magazines depend on, in objects, and what they have. */
struct kp_share {
	size_t size;			/* bytes of a buffer */
	unsigned int least;		/* the consumer or an administrator asked for this */
	unsigned int wanted;		/* without max_idle_bytes they would have this */
	unsigned int now;		/* they have this ... */
	size_t granted;			/* ... and all of all CPUs may have so many bytes */
	unsigned int next;		/* the result, and ... */
	size_t bytes;			/* ... its bytes */
	u64 use;			/* gets of late */
	u64 gets;			/* gets at the last look at use */
};

void kp_share_out(struct kp_share *classes, unsigned int n, size_t bytes);

#endif /* _KPOOL_SIZED_SHARE_H */
