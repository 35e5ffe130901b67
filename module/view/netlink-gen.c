// SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause)
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/kpool.yaml */
/* YNL-GEN kernel source */

#include <net/netlink.h>
#include <net/genetlink.h>

#include "netlink-gen.h"

#include <uapi/linux/kpool_netlink.h>

/* KPOOL_CMD_POOL_GET - do */
const struct nla_policy kpool_pool_get_nl_policy[KPOOL_A_POOL_NAME + 1] = {
	[KPOOL_A_POOL_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[KPOOL_A_POOL_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
};

/* KPOOL_CMD_STATS_GET - do */
const struct nla_policy kpool_stats_get_nl_policy[KPOOL_A_STATS_PERCPU + 1] = {
	[KPOOL_A_STATS_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[KPOOL_A_STATS_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
	[KPOOL_A_STATS_PERCPU] = { .type = NLA_FLAG, },
};

/* KPOOL_CMD_POOL_SET - do */
const struct nla_policy kpool_pool_set_nl_policy[KPOOL_A_POOL_LIFETIME_MS + 1] = {
	[KPOOL_A_POOL_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[KPOOL_A_POOL_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
	[KPOOL_A_POOL_MAGAZINE] = NLA_POLICY_MAX(NLA_U32, 4096),
	[KPOOL_A_POOL_MIN_IDLE] = { .type = NLA_U32, },
	[KPOOL_A_POOL_MAX_IDLE] = { .type = NLA_U32, },
	[KPOOL_A_POOL_MAX] = { .type = NLA_U32, },
	[KPOOL_A_POOL_RESERVE] = { .type = NLA_U32, },
	[KPOOL_A_POOL_IDLE_MS] = { .type = NLA_U32, },
	[KPOOL_A_POOL_LIFETIME_MS] = { .type = NLA_U32, },
};

/* KPOOL_CMD_SET_GET - do */
const struct nla_policy kpool_set_get_nl_policy[KPOOL_A_SET_NAME + 1] = {
	[KPOOL_A_SET_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[KPOOL_A_SET_NAME] = { .type = NLA_NUL_STRING, .len = 23, },
};

/* KPOOL_CMD_POOL_DEBUG - do */
const struct nla_policy kpool_pool_debug_nl_policy[KPOOL_A_POOL_FAIL_MESSAGE + 1] = {
	[KPOOL_A_POOL_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[KPOOL_A_POOL_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
	[KPOOL_A_POOL_HELD_MS] = { .type = NLA_U32, },
	[KPOOL_A_POOL_DEBUG] = NLA_POLICY_MAX(NLA_U8, 1),
	[KPOOL_A_POOL_FAIL_GET] = { .type = NLA_U32, },
	[KPOOL_A_POOL_FAIL_BUILD] = { .type = NLA_U32, },
	[KPOOL_A_POOL_FAIL_CTOR] = { .type = NLA_U32, },
	[KPOOL_A_POOL_FAIL_MAGAZINE] = { .type = NLA_U32, },
	[KPOOL_A_POOL_FAIL_MESSAGE] = { .type = NLA_U32, },
};

/* KPOOL_CMD_POOL_TRACK - do */
const struct nla_policy kpool_pool_track_nl_policy[KPOOL_A_POOL_LEAK_MS + 1] = {
	[KPOOL_A_POOL_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[KPOOL_A_POOL_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
	[KPOOL_A_POOL_TRACK] = { .type = NLA_U32, },
	[KPOOL_A_POOL_LEAK_MS] = { .type = NLA_U32, },
};

/* KPOOL_CMD_POOL_TRIM - do */
const struct nla_policy kpool_pool_trim_nl_policy[KPOOL_A_POOL_NAME + 1] = {
	[KPOOL_A_POOL_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[KPOOL_A_POOL_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
};

/* KPOOL_CMD_POOL_RESET_PEAKS - do */
const struct nla_policy kpool_pool_reset_peaks_nl_policy[KPOOL_A_POOL_NAME + 1] = {
	[KPOOL_A_POOL_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[KPOOL_A_POOL_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
};

/* KPOOL_CMD_HOLDERS_GET - do */
const struct nla_policy kpool_holders_get_nl_policy[KPOOL_A_HOLDER_NAME + 1] = {
	[KPOOL_A_HOLDER_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[KPOOL_A_HOLDER_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
};

/* KPOOL_CMD_WAITERS_GET - do */
const struct nla_policy kpool_waiters_get_nl_policy[KPOOL_A_WAITER_NAME + 1] = {
	[KPOOL_A_WAITER_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[KPOOL_A_WAITER_NAME] = { .type = NLA_NUL_STRING, .len = 31, },
};

/* KPOOL_CMD_SET_SET - do */
const struct nla_policy kpool_set_set_nl_policy[KPOOL_A_SET_MAX_IDLE_BYTES + 1] = {
	[KPOOL_A_SET_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[KPOOL_A_SET_NAME] = { .type = NLA_NUL_STRING, .len = 23, },
	[KPOOL_A_SET_MAX_IDLE_BYTES] = { .type = NLA_U64, },
};

/* Ops table for kpool */
const struct genl_ops kpool_nl_ops[11] = {
	{
		.cmd		= KPOOL_CMD_POOL_GET,
		.doit		= kpool_nl_pool_get_doit,
		.dumpit		= kpool_nl_pool_get_dumpit,
		.policy		= kpool_pool_get_nl_policy,
		.maxattr	= KPOOL_A_POOL_NAME,
	},
	{
		.cmd		= KPOOL_CMD_STATS_GET,
		.doit		= kpool_nl_stats_get_doit,
		.dumpit		= kpool_nl_stats_get_dumpit,
		.policy		= kpool_stats_get_nl_policy,
		.maxattr	= KPOOL_A_STATS_PERCPU,
	},
	{
		.cmd		= KPOOL_CMD_POOL_SET,
		.doit		= kpool_nl_pool_set_doit,
		.policy		= kpool_pool_set_nl_policy,
		.maxattr	= KPOOL_A_POOL_LIFETIME_MS,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= KPOOL_CMD_SET_GET,
		.doit		= kpool_nl_set_get_doit,
		.dumpit		= kpool_nl_set_get_dumpit,
		.policy		= kpool_set_get_nl_policy,
		.maxattr	= KPOOL_A_SET_NAME,
	},
	{
		.cmd		= KPOOL_CMD_POOL_DEBUG,
		.doit		= kpool_nl_pool_debug_doit,
		.policy		= kpool_pool_debug_nl_policy,
		.maxattr	= KPOOL_A_POOL_FAIL_MESSAGE,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= KPOOL_CMD_POOL_TRACK,
		.doit		= kpool_nl_pool_track_doit,
		.policy		= kpool_pool_track_nl_policy,
		.maxattr	= KPOOL_A_POOL_LEAK_MS,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= KPOOL_CMD_POOL_TRIM,
		.doit		= kpool_nl_pool_trim_doit,
		.policy		= kpool_pool_trim_nl_policy,
		.maxattr	= KPOOL_A_POOL_NAME,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= KPOOL_CMD_POOL_RESET_PEAKS,
		.doit		= kpool_nl_pool_reset_peaks_doit,
		.policy		= kpool_pool_reset_peaks_nl_policy,
		.maxattr	= KPOOL_A_POOL_NAME,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= KPOOL_CMD_HOLDERS_GET,
		.doit		= kpool_nl_holders_get_doit,
		.dumpit		= kpool_nl_holders_get_dumpit,
		.policy		= kpool_holders_get_nl_policy,
		.maxattr	= KPOOL_A_HOLDER_NAME,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= KPOOL_CMD_WAITERS_GET,
		.doit		= kpool_nl_waiters_get_doit,
		.dumpit		= kpool_nl_waiters_get_dumpit,
		.policy		= kpool_waiters_get_nl_policy,
		.maxattr	= KPOOL_A_WAITER_NAME,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= KPOOL_CMD_SET_SET,
		.doit		= kpool_nl_set_set_doit,
		.policy		= kpool_set_set_nl_policy,
		.maxattr	= KPOOL_A_SET_MAX_IDLE_BYTES,
		.flags		= GENL_ADMIN_PERM,
	},
};

static const struct genl_multicast_group kpool_nl_mcgrps[] = {
	[KPOOL_NLGRP_EVENTS] = { "events", },
};
