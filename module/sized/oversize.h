/* SPDX-License-Identifier: GPL-2.0-only */
/* Oversize buffers: larger than the largest class. */
#ifndef _KPOOL_SIZED_OVERSIZE_H
#define _KPOOL_SIZED_OVERSIZE_H

#include "sized/set.h"

void kp_oversize_init(struct kp_sized *s);
void kp_oversize_sync(struct kp_sized *s);
size_t kp_oversize_size(size_t size);
void *kp_oversize_get(struct kp_sized *s, size_t size, gfp_t gfp);
int kp_oversize_get_bulk(struct kp_sized *s, size_t size, gfp_t gfp, void **bufs, unsigned int n);
void kp_oversize_put(struct kp_sized *s, void *buf, size_t size);
void kp_oversize_put_rcu(struct kp_sized *s, void *buf, size_t size);

#endif /* _KPOOL_SIZED_OVERSIZE_H */
