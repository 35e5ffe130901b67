/* SPDX-License-Identifier: GPL-2.0-only */
/* The pool or set that a netlink request names. */
#ifndef _KPOOL_VIEW_REQUEST_H
#define _KPOOL_VIEW_REQUEST_H

#include <linux/types.h>

struct genl_info;
struct kp_pool;
struct kp_sized;
struct netlink_callback;
struct nlattr;

struct nlattr *kp_request_name(const struct genl_info *info);
struct kp_pool *kp_request_pool(struct genl_info *info);
struct kp_pool *kp_request_pool_held(struct genl_info *info);
struct kp_sized *kp_request_set(struct genl_info *info);
int kp_dump_pool(struct netlink_callback *cb, u32 *id);

#endif /* _KPOOL_VIEW_REQUEST_H */
