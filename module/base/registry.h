/* SPDX-License-Identifier: GPL-2.0-only */
/* The registry: all pools, by id and by name. */
#ifndef _KPOOL_BASE_REGISTRY_H
#define _KPOOL_BASE_REGISTRY_H

#include <linux/types.h>

struct kp_pool;
struct xarray;

int kp_registry_init(void);
void kp_registry_exit(void);
int kp_registry_reserve(struct kp_pool *pool);
void kp_registry_publish(struct kp_pool *pool);
void kp_registry_free_name(struct kp_pool *pool);
void kp_registry_remove(struct kp_pool *pool);
void kp_registry_lock(void);
void kp_registry_unlock(void);
void kp_registry_might_lock(void);
void kp_registry_assert_readable(void);
bool kp_registry_holds(struct xarray *registry, const void *address, const u32 *id);
bool kp_registry_has(const struct kp_pool *pool);
struct kp_pool *kp_registry_after(u32 *id);
struct kp_pool *kp_registry_find(u32 id);
struct kp_pool *kp_registry_find_name(const char *name);
struct kp_pool *kp_registry_next(u32 *id);

#endif /* _KPOOL_BASE_REGISTRY_H */
