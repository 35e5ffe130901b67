/* SPDX-License-Identifier: GPL-2.0-only */
/* The netlink family, and the beginning of its messages. */
#ifndef _KPOOL_VIEW_FAMILY_H
#define _KPOOL_VIEW_FAMILY_H

#include <linux/types.h>

struct genl_family;
struct genl_info;
struct kp_pool;
struct netlink_callback;
struct sk_buff;

/* Fields of a message's header. */
struct kp_msg_head {
	u32 portid;
	u32 seq;
	int flags;
	u8 cmd;
};

extern struct genl_family kp_family;

struct kp_msg_head kp_reply_head(const struct genl_info *info);
struct kp_msg_head kp_dump_head(struct netlink_callback *cb, u8 cmd);
void *kp_msg_begin(struct sk_buff *skb, const struct kp_msg_head *head);
int kp_msg_pool(struct sk_buff *skb, struct kp_pool *pool, const struct kp_msg_head *head);

#endif /* _KPOOL_VIEW_FAMILY_H */
