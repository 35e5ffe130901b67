// SPDX-License-Identifier: GPL-2.0-only
/*
 * The clock that objects age by: jiffies, and the time that the machine slept.
 *
 * A put stamps each object with it and a get looks at it, so it has to cost a load
 * or two, and be legal in NMI, which rules out timekeeping's own. Jiffies stand still
 * while the machine sleeps, but a connection's peer does not: what was slept is
 * added. How long that was is only known some time after tasks run again, so from
 * before the machine goes to sleep until then timekeeping is asked after all.
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

/* What is to be reckoned anew after a sleep. */
static void (*changed)(void);

/*
 * kp_now() while the machine goes to sleep and wakes up. A few ticks beside what that
 * says otherwise, as jiffies are not disciplined by NTP: who compares expects that.
 */
unsigned long kp_now_exactly(void)
{
	/* The fast one, for NMI. */
	return nsecs_to_jiffies64(ktime_get_boot_fast_ns()) + INITIAL_JIFFIES;
}

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
