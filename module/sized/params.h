/* SPDX-License-Identifier: GPL-2.0-only */
/* Parameters of a set. */
#ifndef _KPOOL_SIZED_PARAMS_H
#define _KPOOL_SIZED_PARAMS_H

#include <linux/kpool_sized.h>

size_t kp_sized_magazine_share(size_t max_idle_bytes, unsigned int nr_classes);
size_t kp_sized_floor_bytes(const struct kpool_sized_params *p);
unsigned int kp_sized_floor(const struct kpool_sized_class *class);
int kp_sized_params_check(const struct kpool_sized_params *p);

#endif /* _KPOOL_SIZED_PARAMS_H */
