/* SPDX-License-Identifier: GPL-2.0-only */
/* Building objects, in this task or in a worker. */
#ifndef _KPOOL_OBJECT_BUILD_H
#define _KPOOL_OBJECT_BUILD_H

#include <linux/jiffies.h>
#include <linux/sched.h>

#include "pool.h"

/* How long a get waits, and what ends the wait. */
struct kp_patience {
	unsigned long expires;		/* jiffies */
	bool forever;			/* expires has no meaning */
	unsigned int state;		/* TASK_UNINTERRUPTIBLE, _INTERRUPTIBLE or _KILLABLE */
	bool *ended;			/* set if time or a signal ended the wait; or NULL */
	bool looked;			/* not the first look of this get */
	bool no_timeout;		/* the caller gave none: the figures have no timeout */
};

/*
 * Marks that the time or a signal ended a wait. A ctor may return -ETIMEDOUT and -ERESTARTSYS, too,
 * so the error alone does not tell.
 */
static inline void kp_wait_ended(const struct kp_patience *patience)
{
	if (patience->ended)
		*patience->ended = true;
}

/* How many jiffies are left. */
static inline long kp_time_left(const struct kp_patience *patience)
{
	if (patience->forever)
		return MAX_SCHEDULE_TIMEOUT;
	return max((long)(patience->expires - jiffies), 0L);
}

int kp_build_reserve(struct kp_pool *pool);
void kp_build_exit(struct kp_pool *pool);
int kp_build(struct kp_pool *pool, gfp_t gfp, void **objs, unsigned int n,
	     const struct kp_patience *patience);

#endif /* _KPOOL_OBJECT_BUILD_H */
