/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A get that waits for objects. path/get.c calls kp_wait() after a get that found no object.
 * store/waitlist.h has the wait list.
 */
#ifndef _KPOOL_PATH_WAIT_H
#define _KPOOL_PATH_WAIT_H

#include "pool.h"

struct kp_patience;

int kp_wait(struct kp_pool *pool, gfp_t gfp, void **objs, unsigned int n,
	    const struct kp_patience *patience, bool no_memory);

#endif /* _KPOOL_PATH_WAIT_H */
