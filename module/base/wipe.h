/* SPDX-License-Identifier: GPL-2.0-only */
/* Wiping of memory, with a bound for callers that keep other tasks from running. */
#ifndef _KPOOL_BASE_WIPE_H
#define _KPOOL_BASE_WIPE_H

#include <linux/sizes.h>
#include <linux/types.h>

/*
 * How many bytes are wiped at a time. A caller that cannot let other tasks run wipes no more than
 * this in one call, and leaves more to a worker.
 */
#define KP_WIPE_AT_ONCE		SZ_64K

bool kp_may_wipe(u64 n);
void kp_wipe(void *at, size_t n, bool may_sleep);

#endif /* _KPOOL_BASE_WIPE_H */
