// SPDX-License-Identifier: GPL-2.0-only
/* Asking the kernel to track, to trim, and to forget peaks. */
#include <errno.h>

#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

#include "kp.h"
#include "nl.h"

/**
 * kp_track() - begin or end tracking the holders of a pool's objects
 * @kp: the connection
 * @which: the pool
 * @change: what changes
 *
 * Return: 0, or a negative errno: -EPERM without CAP_NET_ADMIN.
 */
int kp_track(struct kp *kp, const struct kp_which *which, const struct kp_track *change)
{
	struct kp_number_attr numbers[2];
	size_t n = 0;

	if (change->one_in >= 0)
		numbers[n++] = (struct kp_number_attr){ KPOOL_A_POOL_TRACK,
							(__u32)change->one_in };
	if (change->leak_ms >= 0)
		numbers[n++] = (struct kp_number_attr){ KPOOL_A_POOL_LEAK_MS,
							(__u32)change->leak_ms };
	return kp_explain(kp, kp_request(kp, KPOOL_CMD_POOL_TRACK, which, numbers, n, NULL, NULL),
			  "track the holders of objects");
}

static int read_trimmed(struct nlmsghdr *nlh, void *arg)
{
	struct nlattr *tb[KPOOL_A_POOL_LAST + 1];
	__u64 *trimmed = arg;

	if (genlmsg_parse(nlh, 0, tb, KPOOL_A_POOL_LAST, NULL) || !tb[KPOOL_A_POOL_TRIMMED])
		return -EBADMSG;
	*trimmed = nla_get_u64(tb[KPOOL_A_POOL_TRIMMED]);
	return 0;
}

/**
 * kp_trim() - tear down the idle objects of a pool
 * @kp: the connection
 * @which: the pool
 * @trimmed: receives how many. Workers may tear some of them down later.
 *
 * Return: 0, or a negative errno: -EPERM without CAP_NET_ADMIN.
 */
int kp_trim(struct kp *kp, const struct kp_which *which, __u64 *trimmed)
{
	return kp_explain(kp, kp_request(kp, KPOOL_CMD_POOL_TRIM, which, NULL, 0, read_trimmed,
					 trimmed), "trim a pool");
}

/**
 * kp_reset_peaks() - forget the highest numbers and the longest wait of a pool
 * @kp: the connection
 * @which: the pool
 *
 * Return: 0, or a negative errno: -EPERM without CAP_NET_ADMIN.
 */
int kp_reset_peaks(struct kp *kp, const struct kp_which *which)
{
	return kp_explain(kp, kp_request(kp, KPOOL_CMD_POOL_RESET_PEAKS, which, NULL, 0, NULL,
					 NULL), "forget the peaks of a pool");
}
