/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files that speak netlink share. */
#ifndef KP_NL_H
#define KP_NL_H

#include "kp.h"

struct nl_sock;
struct nlmsghdr;

struct kp {
	struct nl_sock *sk;
	int family;
	char message[256];	/* see kp_message() */
};

int kp_fail(struct kp *kp, int err, const char *fmt, ...) __printf(3, 4);
int kp_read_pool(struct nlmsghdr *nlh, struct kp_pool *pool);

#endif /* KP_NL_H */
