/* SPDX-License-Identifier: GPL-2.0-only */
/* Newer kernels number each hold of a lock. Code that depends on the lock remembers the number. */
#ifndef _KPOOL_COMPAT_LOCKDEP_H
#define _KPOOL_COMPAT_LOCKDEP_H

#include <linux/lockdep.h>

/* Makes a hold that was told anew the same hold as before. */
static inline void kp_same_hold(struct held_lock *hold, const struct held_lock *before)
{
#ifdef HAVE_HELD_LOCK_SEQ_COUNT
	hold->seq_count = before->seq_count;
#endif
}

#endif /* _KPOOL_COMPAT_LOCKDEP_H */
