/* SPDX-License-Identifier: GPL-2.0-only */
/* Room for smaller classes of a set. */
#ifndef _KPOOL_SIZED_REBALANCE_H
#define _KPOOL_SIZED_REBALANCE_H

#include <linux/types.h>

struct kp_pool;
struct kp_sized;

struct kp_pool *kp_sized_enter_class(struct kp_sized *s, unsigned int class);
void kp_sized_make_room(struct kp_sized *s, unsigned long wanting);
bool kp_sized_meet_budget(struct kp_sized *s);

#endif /* _KPOOL_SIZED_REBALANCE_H */
