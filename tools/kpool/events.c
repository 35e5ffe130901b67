// SPDX-License-Identifier: GPL-2.0-only
/* Listening to what becomes of pools. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/genetlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

#include "kp.h"
#include "nl.h"

/* What the kernel may queue while we print, in bytes: some thousand events. */
#define QUEUE	(4 << 20)

struct listener {
	struct kp *kp;
	bool (*on_event)(enum kp_event event, const struct kp_pool *pool, void *arg);
	void *arg;
	bool done;
	int err;
};

static int tell(struct listener *l, enum kp_event event, const struct kp_pool *pool)
{
	l->done = !l->on_event(event, pool, l->arg);
	return l->done ? NL_STOP : NL_OK;
}

/* That a family is gone is told by the controller of families. */
static int on_family(struct listener *l, struct nlmsghdr *nlh)
{
	struct genlmsghdr *head = genlmsg_hdr(nlh);
	struct nlattr *tb[CTRL_ATTR_MAX + 1];

	if (head->cmd != CTRL_CMD_DELFAMILY ||
	    genlmsg_parse(nlh, 0, tb, CTRL_ATTR_MAX, NULL) || !tb[CTRL_ATTR_FAMILY_NAME] ||
	    strcmp(nla_get_string(tb[CTRL_ATTR_FAMILY_NAME]), KPOOL_FAMILY_NAME) != 0)
		return NL_OK;
	l->err = kp_fail(l->kp, -ENODEV, "the module was unloaded");
	return NL_STOP;
}

static int on_message(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *nlh = nlmsg_hdr(msg);
	struct listener *l = arg;
	struct kp_pool pool;

	if (nlh->nlmsg_type == GENL_ID_CTRL)
		return on_family(l, nlh);
	if (nlh->nlmsg_type != l->kp->family || kp_read_pool(nlh, &pool))
		return NL_OK;
	switch (genlmsg_hdr(nlh)->cmd) {
	case KPOOL_CMD_POOL_ADD_NTF:
		return tell(l, KP_CREATED, &pool);
	case KPOOL_CMD_POOL_CHANGE_NTF:
		return tell(l, pool.state == KPOOL_STATE_DETACHED ? KP_DETACHED : KP_CHANGED,
			    &pool);
	case KPOOL_CMD_POOL_EXHAUSTED_NTF:
		return tell(l, KP_EXHAUSTED, &pool);
	case KPOOL_CMD_POOL_RECOVERED_NTF:
		return tell(l, KP_RECOVERED, &pool);
	case KPOOL_CMD_POOL_TIMEOUT_NTF:
		return tell(l, KP_TIMEOUT, &pool);
	case KPOOL_CMD_POOL_PRESSURE_NTF:
		return tell(l, KP_PRESSURE, &pool);
	case KPOOL_CMD_POOL_LEAK_NTF:
		return tell(l, KP_LEAK, &pool);
	case KPOOL_CMD_POOL_DEL_NTF:
		return tell(l, KP_GONE, &pool);
	default:
		return NL_OK;	/* a newer kernel's */
	}
}

static int join(struct kp *kp, struct nl_sock *sk, const char *family, const char *group)
{
	int id = genl_ctrl_resolve_grp(kp->sk, family, group);
	int err = id < 0 ? id : nl_socket_add_membership(sk, id);

	if (err < 0)
		return kp_fail(kp, -EIO, "cannot listen to %s of %s: %s", group, family,
			       nl_geterror(err));
	return 0;
}

static int show_present(struct listener *l)
{
	struct kp_pool *pools;
	size_t n;
	int err = kp_pools(l->kp, NULL, &pools, &n);

	for (size_t i = 0; i < n && !l->done; i++)
		tell(l, KP_PRESENT, &pools[i]);
	free(pools);
	return err;
}

static int receive_events(struct listener *l, struct nl_sock *sk)
{
	int err;

	while (!l->done && !l->err) {
		err = nl_recvmsgs_default(sk);
		if (err == -NLE_NOMEM)	/* ENOBUFS */
			tell(l, KP_LOST, NULL);
		else if (err < 0 && err != -NLE_INTR && err != -NLE_AGAIN)
			return kp_fail(l->kp, -EIO, "netlink: %s", nl_geterror(err));
	}
	return l->err;
}

/**
 * kp_listen() - hear of pools that come and go
 * @kp: the connection
 * @present: of those too that are there now, first; one that comes just now can
 *	be told of twice
 * @on_event: is told, and says whether to go on
 * @arg: for @on_event
 *
 * Return: 0 when @on_event said so, or a negative errno: -ENODEV when the module
 * is unloaded.
 */
int kp_listen(struct kp *kp, bool present,
	      bool (*on_event)(enum kp_event event, const struct kp_pool *pool, void *arg),
	      void *arg)
{
	struct listener l = { .kp = kp, .on_event = on_event, .arg = arg };
	struct nl_sock *sk = nl_socket_alloc();
	int err;

	if (!sk)
		return kp_fail(kp, -ENOMEM, "out of memory");
	nl_socket_disable_seq_check(sk);
	nl_socket_modify_cb(sk, NL_CB_VALID, NL_CB_CUSTOM, on_message, &l);
	err = genl_connect(sk);
	if (err) {
		kp_fail(kp, -EIO, "netlink: %s", nl_geterror(err));
		goto free_sk;
	}
	nl_socket_enable_msg_peek(sk);
	/* A wish: the kernel has a limit of its own. */
	nl_socket_set_buffer_size(sk, QUEUE, 0);
	/* First the group, then the list: so nothing is missed between the two. */
	err = join(kp, sk, "nlctrl", "notify");
	if (!err)
		err = join(kp, sk, KPOOL_FAMILY_NAME, KPOOL_MCGRP_EVENTS);
	if (!err && present)
		err = show_present(&l);
	if (!err)
		err = receive_events(&l, sk);
free_sk:
	nl_socket_free(sk);
	return err;
}
