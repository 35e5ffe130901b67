/* SPDX-License-Identifier: GPL-2.0-only */
/* Pools as netlink attributes. */
#ifndef _KPOOL_VIEW_POOL_ATTRS_H
#define _KPOOL_VIEW_POOL_ATTRS_H

#include <linux/types.h>

#include "base/fault.h"

struct kp_pool;
struct sk_buff;

int kp_attr_of_fault(enum kp_fault fault);
int kp_put_pool(struct sk_buff *skb, struct kp_pool *pool);
int kp_put_stats(struct sk_buff *skb, struct kp_pool *pool, bool percpu, unsigned int *part);
size_t kp_shares_size(void);

#endif /* _KPOOL_VIEW_POOL_ATTRS_H */
