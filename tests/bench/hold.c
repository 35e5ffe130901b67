// SPDX-License-Identifier: GPL-2.0-only
/*
 * The longest time for which interrupts (or softirqs) were off while a case ran.
 *
 * A timer of short period runs on this CPU. Code that keeps interrupts off makes the timer late,
 * and the latest tick counts. Under icount the result is a number of instructions. It has the
 * timer's own way into its handler in it (see hold_floor), and may miss the begin of a section, by
 * less than GAP.
 */
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/stacktrace.h>
#include <linux/string.h>

#include "compat/hrtimer.h"
#include "hold.h"

/* From the end of one tick to the next. Odd, so that ticks fall on each part of a loop. */
#define GAP		2003

/* The callers of the code that held the latest tick up. */
#define CALLERS		12

static struct {
	struct hrtimer timer;
	u64 worst;
	unsigned long callers[CALLERS];
	unsigned int nr_callers;
} probe;

static enum hrtimer_restart tick(struct hrtimer *timer)
{
	u64 late = ktime_get_ns() - ktime_to_ns(hrtimer_get_expires(timer));

	if (late > probe.worst) {
		probe.worst = late;
		probe.nr_callers = stack_trace_save(probe.callers, CALLERS, 0);
	}
	hrtimer_set_expires(timer, ktime_add_ns(ktime_get(), GAP));
	return HRTIMER_RESTART;
}

/* The interrupted code follows the interrupt's own functions. */
static void print_callers(const char *name)
{
	unsigned int i;

	for (i = 0; i < probe.nr_callers; i++)
		pr_info("at %s %pS\n", name, (void *)probe.callers[i]);
}

/* Runs a case once. The latest tick is in probe.worst then. */
static int watch(const struct hold_case *c)
{
	enum hrtimer_mode mode = c->soft ? HRTIMER_MODE_REL_PINNED_SOFT :
					   HRTIMER_MODE_REL_PINNED_HARD;
	int err;

	probe.worst = 0;
	hrtimer_setup(&probe.timer, tick, CLOCK_MONOTONIC, mode);
	hrtimer_start(&probe.timer, ns_to_ktime(GAP), mode);
	err = c->run();
	hrtimer_cancel(&probe.timer);
	return err;
}

static int run_once(const struct hold_case *c)
{
	int err = c->setup ? c->setup() : 0;

	if (err)
		return err;
	err = watch(c);
	if (c->cleanup)
		c->cleanup();
	return err;
}

static int measure(const struct hold_case *c)
{
	unsigned int i;
	u64 figure;
	int err;

	if (c->figure) {
		err = c->figure(&figure);
		if (!err)
			pr_info("%s %llu\n", c->name, figure);
		return err;
	}
	figure = U64_MAX;
	for (i = 0; i < max(c->rounds, 1U); i++) {
		err = run_once(c);
		if (err) {
			pr_err("%s: %d\n", c->name, err);
			return err;
		}
		figure = min(figure, probe.worst);
	}
	pr_info("%s %llu\n", c->name, figure * 100);
	print_callers(c->name);
	return 0;
}

/* What the probe shows where nobody turns interrupts off but the kernel's own tick. */
static int run_floor(void)
{
	mdelay(20);
	return 0;
}

static const struct hold_case floor_cases[] = {
	{ .name = "hold_floor", .run = run_floor },
	{ }
};

static const struct hold_case *const lists[] = {
	floor_cases, hold_wait_cases, hold_idle_cases,
};

/**
 * bench_hold() - print the longest time with interrupts off, a line a case
 * @only: the name of a case, the beginning of some names, or "all"
 *
 * Return: 0, or why not.
 */
int bench_hold(const char *only)
{
	const struct hold_case *c;
	unsigned int i;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(lists); i++)
		for (c = lists[i]; c->name && !err; c++)
			if (!strcmp(only, "all") || !strncmp(only, c->name, strlen(only)))
				err = measure(c);
	return err;
}

/* Context: the module is unloaded. */
void bench_hold_end(void)
{
	hold_wait_end();
}
