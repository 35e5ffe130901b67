// SPDX-License-Identifier: GPL-2.0-only
/*
 * The clock that measures idle times and lifetimes: jiffies plus the time that the machine slept.
 * base/age.h compares its ticks.
 *
 * A put stamps each object and a get compares the stamp. So reading the clock must cost one or two
 * loads, and must work in NMI. The clocks of timekeeping do not. Jiffies stand still while the
 * machine sleeps, but the peer of a connection does not. So the time slept is added. That time is
 * known only a while after tasks run again. So the clock asks timekeeping from before the machine
 * goes to sleep until then.
 */
#include <linux/jiffies.h>
#include <linux/notifier.h>
#include <linux/suspend.h>
#include <linux/timekeeping.h>

#include "base/clock.h"
#include "base/export.h"

unsigned long kp_clock_slept;
EXPORT_SYMBOL_FOR_TESTS(kp_clock_slept);
DEFINE_STATIC_KEY_FALSE(kp_clock_unsure);
EXPORT_SYMBOL_FOR_TESTS(kp_clock_unsure);

/* Called after a sleep, to compute due times anew. */
static void (*changed)(void);

/*
 * kp_now() while the machine goes to sleep and wakes up. Differs from jiffies plus the time slept
 * by a few ticks, as NTP does not adjust jiffies. Code that compares ticks allows for CLOCK_SLACK.
 */
unsigned long kp_now_exactly(void)
{
	/* ktime_get_boot_fast_ns() works in NMI. */
	return nsecs_to_jiffies64(ktime_get_boot_fast_ns()) + INITIAL_JIFFIES;
}
EXPORT_SYMBOL_FOR_TESTS(kp_now_exactly);

static void resync(void)
{
	WRITE_ONCE(kp_clock_slept, kp_now_exactly() - jiffies);
}

static int clock_notify(struct notifier_block *nb, unsigned long event, void *unused)
{
	switch (event) {
	case PM_SUSPEND_PREPARE:
	case PM_HIBERNATION_PREPARE:
	case PM_RESTORE_PREPARE:
		static_branch_enable(&kp_clock_unsure);
		break;
	case PM_POST_SUSPEND:
	case PM_POST_HIBERNATION:
	case PM_POST_RESTORE:
		resync();
		static_branch_disable(&kp_clock_unsure);
		changed();
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block clock_nb = { .notifier_call = clock_notify };

/**
 * kp_clock_init() - start the clock
 * @on_change: called in process context after the machine slept; may sleep
 *
 * Return: 0, or an error of register_pm_notifier().
 */
int kp_clock_init(void (*on_change)(void))
{
	changed = on_change;
	resync();
	return register_pm_notifier(&clock_nb);
}

void kp_clock_exit(void)
{
	unregister_pm_notifier(&clock_nb);
}
