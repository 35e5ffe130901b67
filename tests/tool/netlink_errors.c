// SPDX-License-Identifier: GPL-2.0-only
/*
 * To be loaded before the C library (LD_PRELOAD): makes receiving from netlink fail. The file that
 * NETLINK_ERRORS names holds what happens, and may change while the program runs:
 *
 * enobufs	each answer of several messages is lost: the socket's buffer was too small
 * eintr	a signal interrupts each second call
 * dump		each answer of several messages is marked as inconsistent
 */
#include <dlfcn.h>
#include <errno.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static void read_mode(char *mode, int size)
{
	const char *name = getenv("NETLINK_ERRORS");
	FILE *file = name ? fopen(name, "r") : NULL;

	*mode = '\0';
	if (!file)
		return;
	if (!fgets(mode, size, file))
		*mode = '\0';
	fclose(file);
	mode[strcspn(mode, "\n")] = '\0';
}

/* The first message, if it is one of several. */
static struct nlmsghdr *one_of_several(const struct msghdr *msg, ssize_t len)
{
	struct nlmsghdr *nlh = msg->msg_iov[0].iov_base;

	return len >= (ssize_t)sizeof(*nlh) && nlh->nlmsg_flags & NLM_F_MULTI ? nlh : NULL;
}

ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
	ssize_t (*next)(int fd, struct msghdr *msg, int flags) = dlsym(RTLD_NEXT, "recvmsg");
	static unsigned int calls;
	struct nlmsghdr *nlh;
	char mode[16];
	ssize_t len;

	read_mode(mode, sizeof(mode));
	if (!strcmp(mode, "eintr") && calls++ % 2) {
		errno = EINTR;
		return -1;
	}
	len = next(fd, msg, flags);
	nlh = one_of_several(msg, len);
	if (nlh && !strcmp(mode, "dump"))
		nlh->nlmsg_flags |= NLM_F_DUMP_INTR;
	if (nlh && !strcmp(mode, "enobufs")) {
		errno = ENOBUFS;
		return -1;
	}
	return len;
}
