/* SPDX-License-Identifier: GPL-2.0-only */
/* All sets, by id and by name. */
#ifndef _KPOOL_SIZED_SETS_H
#define _KPOOL_SIZED_SETS_H

#include <linux/types.h>

struct kp_sized;

void kp_sets_exit(void);
void kp_sized_unref(struct kp_sized *s, int n);
int kp_registry_reserve_set(struct kp_sized *s);
bool kp_registry_free_set_name(struct kp_sized *s);
void kp_registry_remove_set(struct kp_sized *s);
bool kp_registry_has_set(const struct kp_sized *s);
struct kp_sized *kp_registry_set_after(u32 *id);
struct kp_sized *kp_registry_find_set(u32 id);
struct kp_sized *kp_registry_find_set_name(const char *name);

#endif /* _KPOOL_SIZED_SETS_H */
