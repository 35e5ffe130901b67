/* SPDX-License-Identifier: GPL-2.0-only */
/* The pool or set that a netlink request names. */
#ifndef _KPOOL_VIEW_REQUEST_H
#define _KPOOL_VIEW_REQUEST_H

struct genl_info;
struct kp_pool;
struct kp_sized;
struct nlattr;

struct nlattr *kp_request_name(const struct genl_info *info);
struct kp_pool *kp_request_pool(struct genl_info *info);
struct kp_pool *kp_request_pool_held(struct genl_info *info);
struct kp_sized *kp_request_set(struct genl_info *info);

#endif /* _KPOOL_VIEW_REQUEST_H */
