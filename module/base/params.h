/* SPDX-License-Identifier: GPL-2.0-only */
/* Checks of parameters and limits. */
#ifndef _KPOOL_BASE_PARAMS_H
#define _KPOOL_BASE_PARAMS_H

#include <linux/bits.h>
#include <linux/kpool.h>
#include <linux/sizes.h>

/* Largest magazine that a consumer may ask for. The netlink spec has the same number. */
#define KPOOL_MAGAZINE_MAX	4096

/* The most workers that a consumer may ask for. */
#define KPOOL_WORKERS_MAX	64

/* The largest object of a pool with KPOOL_HUGE_PAGES: at least two are in a huge page. */
#define KP_CARVED_MOST		SZ_1M

/*
 * Why limits are refused, for the log and for the answer by netlink. Netlink has room for the same
 * length: NETLINK_MAX_FMTMSG_LEN.
 */
struct kp_reason {
	unsigned int about;		/* of enum kpool_limit */
	char text[80];
};

/* For limits where both 0 and KPOOL_UNLIMITED mean no limit. */
static inline bool kp_has_limit(unsigned int limit)
{
	return limit && limit != KPOOL_UNLIMITED;
}

/* Can objects of this size, or this alignment, be carved out of huge pages? */
static inline bool kp_can_be_carved(size_t size)
{
	return size >= PAGE_SIZE && size <= KP_CARVED_MOST;
}

int kp_params_check(const struct kpool_params *p);
__printf(4, 5)
int kp_refuse(struct kp_reason *why, int err, unsigned int about, const char *fmt, ...);
int kp_limits_check(const struct kpool_params *p, struct kp_reason *why);
unsigned int kp_magazine_most(const struct kpool_params *p);

#endif /* _KPOOL_BASE_PARAMS_H */
