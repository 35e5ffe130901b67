/* SPDX-License-Identifier: GPL-2.0-only */
/* Which objects a pool has. */
#ifndef _KPOOL_STORE_CENSUS_H
#define _KPOOL_STORE_CENSUS_H

#include <linux/types.h>

struct kp_pool;

void kp_census_add(struct kp_pool *pool, void **objs, unsigned int n);
unsigned int kp_census_take(struct kp_pool *pool, void **objs, unsigned int n);
bool kp_census_doubt(struct kp_pool *pool);

#endif /* _KPOOL_STORE_CENSUS_H */
