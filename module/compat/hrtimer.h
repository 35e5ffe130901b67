/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KPOOL_COMPAT_HRTIMER_H
#define _KPOOL_COMPAT_HRTIMER_H

#include <linux/hrtimer.h>

/* Kernels after 6.12 take a timer's function with its setup. Can go with 6.12. */
#ifndef HAVE_HRTIMER_SETUP
static inline void hrtimer_setup(struct hrtimer *timer,
				 enum hrtimer_restart (*function)(struct hrtimer *),
				 clockid_t clock_id, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock_id, mode);
	timer->function = function;
}
#endif

#endif /* _KPOOL_COMPAT_HRTIMER_H */
