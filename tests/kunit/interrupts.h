/* SPDX-License-Identifier: GPL-2.0-only */
/* Calls from an interrupt, on top of the code that this CPU runs. */
#ifndef _KPOOL_INTERRUPTS_H
#define _KPOOL_INTERRUPTS_H

#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>

#include "fixture.h"

/*
 * HARD: in hardirq on PREEMPT_RT too, where no allocator may be called. SOFT: in softirq
 * everywhere.
 */
enum context {
	PROCESS, SOFTIRQ, SOFT_TIMER, TIMER, HARD_TIMER, IRQ_WORK, HARD_IRQ_WORK, NMI,
};

/* A call that an interrupt can make any number of times. */
struct interrupt {
	enum context context;
	void (*call)(void *arg);
	void *arg;
	unsigned int calls;
	struct irq_work irq_work;
	struct hrtimer timer;
	struct tasklet_struct tasklet;
};

/* Skips the test if @from is no interrupt on this kernel, or NMI and the machine raises none. */
void interrupt_init(struct kunit *test, struct interrupt *in, enum context from,
		    void (*call)(void *arg), void *arg);

/*
 * Returns after the call was made, or false if the interrupt does not come. For NMI,
 * preemption must be off.
 */
bool interrupt(struct interrupt *in);

/* An irq_work that makes one call. */
void call_in_irq(void (*call)(void *arg), void *arg);
void call_in_hardirq(void (*call)(void *arg), void *arg);

/* For suites with NMIs. The exit is also resume_ageing(). */
int nmi_suite_init(struct kunit_suite *suite);
void nmi_suite_exit(struct kunit_suite *suite);

#endif /* _KPOOL_INTERRUPTS_H */
