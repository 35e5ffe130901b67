/* SPDX-License-Identifier: GPL-2.0-only */
/* Sets as netlink attributes. */
#ifndef _KPOOL_VIEW_SET_ATTRS_H
#define _KPOOL_VIEW_SET_ATTRS_H

#include <linux/types.h>

struct kp_sized;
struct sk_buff;

size_t kp_set_nests_size(void);
int kp_put_set(struct sk_buff *skb, struct kp_sized *s, unsigned int *part);

#endif /* _KPOOL_VIEW_SET_ATTRS_H */
