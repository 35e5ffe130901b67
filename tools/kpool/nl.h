/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files that speak netlink share. */
#ifndef KP_NL_H
#define KP_NL_H

#include "kp.h"

struct nl_sock;
struct nlattr;
struct nlmsghdr;

struct kp {
	struct nl_sock *sk;
	int family;
	char message[256];	/* see kp_message() */
};

int kp_fail(struct kp *kp, int err, const char *fmt, ...) __printf(3, 4);
/* A number in a request. */
struct kp_number_attr {
	__u16 attr;
	__u32 value;
};

int kp_explain(struct kp *kp, int err, const char *what);
void *kp_one_more(void **items, size_t *n, size_t size);
void kp_read_fields(const struct kp_field *field, struct nlattr **tb, void *item);
int kp_dump(struct kp *kp, __u8 cmd, const struct kp_which *which,
	    int (*on_answer)(struct nlmsghdr *nlh, void *arg), void *arg);
int kp_request(struct kp *kp, __u8 cmd, const struct kp_which *which,
	       const struct kp_number_attr *numbers, size_t n,
	       int (*on_answer)(struct nlmsghdr *nlh, void *arg), void *arg);
int kp_read_pool(struct nlmsghdr *nlh, struct kp_pool *pool);

#endif /* KP_NL_H */
