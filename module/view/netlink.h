/* SPDX-License-Identifier: GPL-2.0-only */
/* The netlink family. */
#ifndef _KPOOL_VIEW_NETLINK_H
#define _KPOOL_VIEW_NETLINK_H

int kp_netlink_init(void);
void kp_netlink_exit(void);

#endif /* _KPOOL_VIEW_NETLINK_H */
