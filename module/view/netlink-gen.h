/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/kpool.yaml */
/* YNL-GEN kernel header */

#ifndef _LINUX_KPOOL_GEN_H
#define _LINUX_KPOOL_GEN_H

#include <net/netlink.h>
#include <net/genetlink.h>

#include <uapi/linux/kpool_netlink.h>

extern const struct nla_policy kpool_pool_get_nl_policy[KPOOL_A_POOL_NAME + 1];

extern const struct nla_policy kpool_stats_get_nl_policy[KPOOL_A_STATS_PERCPU + 1];

extern const struct nla_policy kpool_pool_set_nl_policy[KPOOL_A_POOL_LIFETIME_MS + 1];

extern const struct nla_policy kpool_set_get_nl_policy[KPOOL_A_SET_NAME + 1];

extern const struct nla_policy kpool_pool_debug_nl_policy[KPOOL_A_POOL_FAIL_MESSAGE + 1];

extern const struct nla_policy kpool_pool_track_nl_policy[KPOOL_A_POOL_LEAK_MS + 1];

extern const struct nla_policy kpool_pool_trim_nl_policy[KPOOL_A_POOL_NAME + 1];

extern const struct nla_policy kpool_pool_reset_peaks_nl_policy[KPOOL_A_POOL_NAME + 1];

extern const struct nla_policy kpool_holders_get_nl_policy[KPOOL_A_HOLDER_NAME + 1];

extern const struct nla_policy kpool_waiters_get_nl_policy[KPOOL_A_WAITER_NAME + 1];

extern const struct nla_policy kpool_set_set_nl_policy[KPOOL_A_SET_MAX_IDLE_BYTES + 1];

/* Ops table for kpool */
extern const struct genl_ops kpool_nl_ops[11];

int kpool_nl_pool_get_doit(struct sk_buff *skb, struct genl_info *info);
int kpool_nl_pool_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int kpool_nl_stats_get_doit(struct sk_buff *skb, struct genl_info *info);
int kpool_nl_stats_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int kpool_nl_pool_set_doit(struct sk_buff *skb, struct genl_info *info);
int kpool_nl_set_get_doit(struct sk_buff *skb, struct genl_info *info);
int kpool_nl_set_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int kpool_nl_pool_debug_doit(struct sk_buff *skb, struct genl_info *info);
int kpool_nl_pool_track_doit(struct sk_buff *skb, struct genl_info *info);
int kpool_nl_pool_trim_doit(struct sk_buff *skb, struct genl_info *info);
int kpool_nl_pool_reset_peaks_doit(struct sk_buff *skb, struct genl_info *info);
int kpool_nl_holders_get_doit(struct sk_buff *skb, struct genl_info *info);
int kpool_nl_holders_get_dumpit(struct sk_buff *skb,
				struct netlink_callback *cb);
int kpool_nl_waiters_get_doit(struct sk_buff *skb, struct genl_info *info);
int kpool_nl_waiters_get_dumpit(struct sk_buff *skb,
				struct netlink_callback *cb);
int kpool_nl_set_set_doit(struct sk_buff *skb, struct genl_info *info);

enum {
	KPOOL_NLGRP_EVENTS,
};

#endif /* _LINUX_KPOOL_GEN_H */
