/* SPDX-License-Identifier: GPL-2.0-only */
/* The limit of a set on idle bytes. */
#ifndef _KPOOL_SIZED_LIMIT_H
#define _KPOOL_SIZED_LIMIT_H

#include <linux/types.h>

struct kp_reason;
struct kp_sized;

void kp_sized_set_budget(struct kp_sized *s, long bytes);
int kp_sized_set_limit(struct kp_sized *s, u64 bytes, struct kp_reason *why);

#endif /* _KPOOL_SIZED_LIMIT_H */
