/* SPDX-License-Identifier: GPL-2.0-only */
/* Checks of puts in sets that are debugged. object/debug.c checks the puts of each class. */
#ifndef _KPOOL_SIZED_DEBUG_H
#define _KPOOL_SIZED_DEBUG_H

#include <linux/types.h>

struct kp_sized;

bool kp_sized_check_put(struct kp_sized *s, unsigned int class, void *buf, size_t size);
bool kp_oversize_check_put(struct kp_sized *s, void *buf, size_t size);

#endif /* _KPOOL_SIZED_DEBUG_H */
