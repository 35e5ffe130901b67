/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory of slab, for objects below a page. */
#ifndef _KPOOL_STORE_SLAB_H
#define _KPOOL_STORE_SLAB_H

#include "store/memory.h"

struct kp_pool;

extern const struct kpool_memory_ops kp_slab_memory;

void *kp_slab_alloc_nolock(const struct kp_pool *pool);
void kp_slab_exit(struct kp_pool *pool);
void kp_slab_might_lock(void);
void kp_slab_prepare(struct kp_pool *pool);

#endif /* _KPOOL_STORE_SLAB_H */
