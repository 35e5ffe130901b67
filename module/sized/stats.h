/* SPDX-License-Identifier: GPL-2.0-only */
/* Figures of a class of sized buffers. */
#ifndef _KPOOL_SIZED_STATS_H
#define _KPOOL_SIZED_STATS_H

#include "sized/set.h"

u64 kp_class_gets(const struct kp_sized *s, unsigned int class);
struct kp_pool *kp_class_stats(struct kp_sized *s, unsigned int class,
			       struct kpool_sized_class_stats *st);

#endif /* _KPOOL_SIZED_STATS_H */
