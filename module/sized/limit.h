/* SPDX-License-Identifier: GPL-2.0-only */
/* The limit of a set on idle bytes. */
#ifndef _KPOOL_SIZED_LIMIT_H
#define _KPOOL_SIZED_LIMIT_H

#include <linux/types.h>
#include <linux/workqueue.h>

struct kp_reason;
struct kp_sized;

void kp_sized_limit_init(struct kp_sized *s);
void kp_sized_budget_work(struct work_struct *work);
void kp_sized_share(struct kp_sized *s, bool look);
int kp_sized_set_limit(struct kp_sized *s, u64 bytes, struct kp_reason *why);

#endif /* _KPOOL_SIZED_LIMIT_H */
