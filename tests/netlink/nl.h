/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Netlink without a library. A program can send messages that are wrong in any way. All bytes
 * that are received get checked.
 */
#ifndef _TESTS_NL_H
#define _TESTS_NL_H

#include <linux/genetlink.h>
#include <linux/kpool_netlink.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>

/* Room for the longest answer: an error with the whole request in it. */
#define NL_ROOM		(256 << 10)

/* A message about a pool or a set: its identity, and the figures that it has. */
struct nl_reply {
	__u32 id;
	char name[32];
	bool totals;
	unsigned int cpus, nodes;
	unsigned int classes, buckets;	/* of a set */
};

/* The program prints this before it complains about an answer. */
extern char nl_context[128];

int nl_open(void);
__u16 nl_family(int fd, const char *name);

void nl_begin(void *message, __u16 type, __u16 flags, __u8 cmd);
void nl_put(void *message, __u16 type, const void *data, size_t size);

void nl_send(int fd, const void *message);
size_t nl_receive(int fd, void *buffer, size_t size);
const struct nlmsghdr *nl_next(const void *buffer, size_t size, size_t *at);

const struct nlattr *nl_next_attr(const void *attrs, size_t size, size_t *at,
				  const struct nlmsghdr *nlh);

struct nl_reply nl_check_reply(const struct nlmsghdr *nlh, __u8 cmd);
int nl_check_error(const struct nlmsghdr *nlh);
int nl_check_done(const struct nlmsghdr *nlh);

#endif /* _TESTS_NL_H */
