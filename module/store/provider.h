/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory that a consumer's memory provider gives: its answers are checked. */
#ifndef _KPOOL_STORE_PROVIDER_H
#define _KPOOL_STORE_PROVIDER_H

#include "store/memory.h"

struct kp_pool;

int kp_provider_init(struct kp_pool *pool, const struct kpool_params *p);
int kp_provider_begin(struct kp_pool *pool);
void kp_provider_exit(struct kp_pool *pool);
unsigned int kp_provider_alloc(struct kp_pool *pool, const struct kpool_memory_request *request,
			       void **objs, unsigned int n);
void kp_provider_free(struct kp_pool *pool, void **objs, unsigned int n);
void kp_provider_detach(struct kp_pool *pool);
void kp_provider_end(struct kp_pool *pool);
void kp_provider_lost(struct kp_pool *pool, unsigned int n);

#endif /* _KPOOL_STORE_PROVIDER_H */
