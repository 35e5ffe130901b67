/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KPOOL_COMPAT_RCUPDATE_H
#define _KPOOL_COMPAT_RCUPDATE_H

#include <linux/rcupdate.h>

/*
 * Linux 6.2 may leave call_rcu() lying for ten seconds where a CPU's callbacks are
 * offloaded, and has this for those that somebody waits for. Can go with 6.1.
 */
#ifndef HAVE_CALL_RCU_HURRY
#define call_rcu_hurry	call_rcu
#endif

#endif /* _KPOOL_COMPAT_RCUPDATE_H */
