/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KPOOL_COMPAT_RCUPDATE_H
#define _KPOOL_COMPAT_RCUPDATE_H

#include <linux/rcupdate.h>

/*
 * Since Linux 6.2, call_rcu() may delay a callback for ten seconds on CPUs whose callbacks are
 * offloaded. call_rcu_hurry() is for callbacks that a task waits for. Can go with 6.1.
 */
#ifndef HAVE_CALL_RCU_HURRY
#define call_rcu_hurry	call_rcu
#endif

#endif /* _KPOOL_COMPAT_RCUPDATE_H */
