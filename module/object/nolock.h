/* SPDX-License-Identifier: GPL-2.0-only */
/* Builds where code may wait for no lock. */
#ifndef _KPOOL_OBJECT_NOLOCK_H
#define _KPOOL_OBJECT_NOLOCK_H

struct kp_pool;

void *kp_build_nolock(struct kp_pool *pool);
void kp_free_unbuilt(struct kp_pool *pool);
void kp_nolock_finish(struct kp_pool *pool);

#endif /* _KPOOL_OBJECT_NOLOCK_H */
