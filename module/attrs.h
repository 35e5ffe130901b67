/* SPDX-License-Identifier: GPL-2.0-only */
/* Pools and sets as netlink attributes. */
#ifndef _KPOOL_ATTRS_H
#define _KPOOL_ATTRS_H

#include <linux/types.h>

struct pool;
struct sized;
struct sk_buff;

/* pool_attrs.c */
int kp_put_pool(struct sk_buff *skb, struct pool *pool);
int kp_put_stats(struct sk_buff *skb, struct pool *pool, bool percpu, unsigned int *part);
size_t kp_cpu_nest_size(void);

/* set_attrs.c */
size_t kp_set_nests_size(void);
int kp_put_set(struct sk_buff *skb, struct sized *s, unsigned int *part);

#endif /* _KPOOL_ATTRS_H */
