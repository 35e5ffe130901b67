/* SPDX-License-Identifier: GPL-2.0-only */
/* A waiter, as the line and the waiter itself see it. */
#ifndef _KPOOL_WAITER_H
#define _KPOOL_WAITER_H

#include "pool.h"

/*
 * Somebody in the line, on its own stack. All is protected by line->lock, but
 * for served, which the waiter looks at without it: before it returns it takes
 * the lock once, so that whoever serves it is through with the record.
 */
struct waiter {
	struct list_head list;
	struct task_struct *task;
	void **objs;			/* what was handed over so far */
	unsigned int wanted, got;
	unsigned int slots;		/* objects that it may build itself */
	u32 since;			/* the tick when it was handed the first of them */
	u64 arrival;			/* who comes back goes where it was; 0: is yet to come */
	bool no_memory;			/* it found none: of no use are slots to it */
	bool served;			/* it is in the line no more, err says why */
	int err;
};

/* waitlist.c */
int kp_waiter_join(struct pool *pool, struct waiter *w);
int kp_waiter_leave(struct pool *pool, struct waiter *w, int err);
void kp_waiter_look_for_memory(struct pool *pool, struct waiter *w);
void kp_waiter_count_wait(struct line *line, u64 ns, int err);
void kp_line_swept(struct pool *pool);

#endif /* _KPOOL_WAITER_H */
