/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory of whole pages: compound pages, vmalloc(), or whichever of them there is. */
#ifndef _KPOOL_STORE_PAGES_H
#define _KPOOL_STORE_PAGES_H

#include "store/memory.h"

struct kp_pool;

extern const struct kpool_memory_ops kp_pages_memory, kp_vmalloc_memory, kp_kvmalloc_memory;

void *kp_pages_alloc_nolock(const struct kp_pool *pool);

#endif /* _KPOOL_STORE_PAGES_H */
