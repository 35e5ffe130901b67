/* SPDX-License-Identifier: GPL-2.0-only */
/* Room for smaller classes of a set. */
#ifndef _KPOOL_SIZED_REBALANCE_H
#define _KPOOL_SIZED_REBALANCE_H

#include <linux/workqueue.h>

struct kp_pool;
struct kp_sized;

struct kp_pool *kp_sized_enter_class(struct kp_sized *s, unsigned int class);
void kp_sized_make_room(struct work_struct *work);

#endif /* _KPOOL_SIZED_REBALANCE_H */
