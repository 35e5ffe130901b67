/* SPDX-License-Identifier: GPL-2.0-only */
/* What people and programs learn of the gets that wait. */
#ifndef _KPOOL_STORE_WAITERS_H
#define _KPOOL_STORE_WAITERS_H

#include <linux/sched.h>
#include <linux/types.h>

#include "pool.h"

struct kp_waitlist;

/* How many waiters one hold of waitlist->lock copies. */
#define KP_WAITERS_BATCH	16U

/* A get that waits. */
struct kp_waiting {
	u64 arrival;			/* see struct kp_waiter */
	u64 ns;				/* since its wait began */
	unsigned int wanted, got;	/* objects */
	pid_t pid;
	char comm[TASK_COMM_LEN];
};

unsigned int kp_waiters_after(struct kp_pool *pool, u64 arrival, struct kp_waiting *waiting);
void kp_waits_now(struct kp_waitlist *waitlist, u64 *all_ns, u64 *oldest_ns);
void kp_waitlist_reset_peaks(struct kp_waitlist *waitlist);
void kp_waiter_count_wait(struct kp_waitlist *waitlist, u64 ns, int err);

#endif /* _KPOOL_STORE_WAITERS_H */
