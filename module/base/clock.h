/* SPDX-License-Identifier: GPL-2.0-only */
/* The clock that measures idle times and lifetimes. */
#ifndef _KPOOL_BASE_CLOCK_H
#define _KPOOL_BASE_CLOCK_H

#include <linux/jiffies.h>
#include <linux/jump_label.h>

/* In ticks, see clock.c. Context of kp_now(): any, NMI too. */
extern unsigned long kp_clock_slept;
DECLARE_STATIC_KEY_FALSE(kp_clock_unsure);

unsigned long kp_now_exactly(void);

static inline unsigned long kp_now(void)
{
	if (static_branch_unlikely(&kp_clock_unsure))
		return kp_now_exactly();
	return jiffies + READ_ONCE(kp_clock_slept);
}

/* How many ticks a put's stamp may be later than a get's kp_now(), as they read the clock apart. */
#define CLOCK_SLACK	((u32)(10 * HZ))

int kp_clock_init(void (*changed)(void));
void kp_clock_exit(void);

#endif /* _KPOOL_BASE_CLOCK_H */
