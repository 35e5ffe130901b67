/* SPDX-License-Identifier: GPL-2.0-only */
/* The holder of an object: which code got the object, in which task, and when. */
#ifndef _KPOOL_BASE_HOLDER_H
#define _KPOOL_BASE_HOLDER_H

#include <linux/sched.h>
#include <linux/types.h>

struct kp_holder {
	unsigned long caller;		/* an address in the consumer's code; 0: unknown */
	u64 since;			/* jiffies */
	pid_t pid;			/* 0: an interrupt */
	char comm[TASK_COMM_LEN];
	u32 stack;			/* handle of the stack depot; 0: none */
};

/* The most functions that a stack has here. */
#define KP_STACK_MOST	16

void kp_holder_note(struct kp_holder *holder, unsigned long caller);
void kp_holder_trace(struct kp_holder *holder, gfp_t gfp);
unsigned int kp_holder_stack(const struct kp_holder *holder, unsigned long **functions);
u64 kp_holder_ms(const struct kp_holder *holder);
int kp_holders_init(void);

#endif /* _KPOOL_BASE_HOLDER_H */
