// SPDX-License-Identifier: GPL-2.0-only
#include <linux/preempt.h>
#include <linux/smp.h>

#include "compat/hrtimer.h"
#include "interrupts.h"
#include "nmi.h"

static void run(void *arg)
{
	struct interrupt *in = arg;

	in->call(in->arg);
	WRITE_ONCE(in->calls, in->calls + 1);
}

static void run_irq_work(struct irq_work *work)
{
	run(container_of(work, struct interrupt, irq_work));
}

static enum hrtimer_restart run_timer(struct hrtimer *timer)
{
	run(container_of(timer, struct interrupt, timer));
	return HRTIMER_NORESTART;
}

static void run_tasklet(struct tasklet_struct *tasklet)
{
	run(container_of(tasklet, struct interrupt, tasklet));
}

static enum hrtimer_mode timer_mode(enum context from)
{
	switch (from) {
	case HARD_TIMER:
		return HRTIMER_MODE_REL_PINNED_HARD;
	case SOFT_TIMER:
		return HRTIMER_MODE_REL_PINNED_SOFT;
	default:
		return HRTIMER_MODE_REL_PINNED;
	}
}

/* Does this run in a thread, which does not come while a test keeps preemption off? */
static bool in_thread(enum context from)
{
	return IS_ENABLED(CONFIG_PREEMPT_RT) && from != PROCESS && from != HARD_TIMER &&
	       from != HARD_IRQ_WORK && from != NMI;
}

void interrupt_init(struct kunit *test, struct interrupt *in, enum context from,
		    void (*call)(void *arg), void *arg)
{
	if (in_thread(from))
		kunit_skip(test, "a thread does this on PREEMPT_RT");
	if (from == NMI && !nmi_works())
		kunit_skip(test, "this machine does not deliver an NMI to itself");
	in->context = from;
	in->call = call;
	in->arg = arg;
	in->irq_work = from == HARD_IRQ_WORK ? IRQ_WORK_INIT_HARD(run_irq_work) :
					       IRQ_WORK_INIT(run_irq_work);
	hrtimer_setup(&in->timer, run_timer, CLOCK_MONOTONIC, timer_mode(from));
	tasklet_setup(&in->tasklet, run_tasklet);
}

bool interrupt(struct interrupt *in)
{
	unsigned int before = in->calls;
	bool came;

	switch (in->context) {
	case PROCESS:
		run(in);
		break;
	case IRQ_WORK:
	case HARD_IRQ_WORK:
		irq_work_queue(&in->irq_work);
		break;
	case SOFT_TIMER:
	case TIMER:
	case HARD_TIMER:
		hrtimer_start(&in->timer, 0, timer_mode(in->context));
		break;
	case SOFTIRQ:
		local_bh_disable();
		tasklet_hi_schedule(&in->tasklet);
		local_bh_enable();
		break;
	case NMI:
		nmi_catch(smp_processor_id(), run, in);
		nmi_to(smp_processor_id());
		break;
	}
	came = spin_until(READ_ONCE(in->calls) != before);
	if (in->context == NMI)
		nmi_catch(-1, NULL, NULL);
	return came;
}

struct irq_call {
	struct irq_work work;
	void (*call)(void *arg);
	void *arg;
};

static void make_irq_call(struct irq_work *work)
{
	struct irq_call *c = container_of(work, struct irq_call, work);

	c->call(c->arg);
}

void call_in_irq(void (*call)(void *arg), void *arg)
{
	struct irq_call c = { IRQ_WORK_INIT(make_irq_call), call, arg };

	irq_work_queue(&c.work);
	irq_work_sync(&c.work);
}

void call_in_hardirq(void (*call)(void *arg), void *arg)
{
	struct irq_call c = { IRQ_WORK_INIT_HARD(make_irq_call), call, arg };

	irq_work_queue(&c.work);
	irq_work_sync(&c.work);
}

int nmi_suite_init(struct kunit_suite *suite)
{
	return nmi_take();
}

void nmi_suite_exit(struct kunit_suite *suite)
{
	nmi_release();
	resume_ageing(suite);
}
