/* SPDX-License-Identifier: GPL-2.0-only */
/* The limits of a pool: at creation, and changes while the pool is in use. */
#ifndef _KPOOL_POLICY_RETUNE_H
#define _KPOOL_POLICY_RETUNE_H

#include "base/params.h"
#include "pool.h"

void kp_limits_init(struct kp_pool *pool, const struct kpool_params *p);
unsigned int kp_magazine_by_size(const struct kp_pool *pool);
unsigned int kp_magazine_of_class(const struct kpool_params *p);
unsigned int kp_magazine_wishes(struct kp_pool *pool, unsigned int *least);
void kp_retune_magazines(struct kp_pool *pool);
void kp_retune_chosen(struct kp_pool *pool, unsigned int n);
int kp_retune(struct kp_pool *pool, const struct kpool_limits *limits, unsigned int given,
	      struct kp_reason *why);
void kp_shed(struct kp_pool *pool);

#endif /* _KPOOL_POLICY_RETUNE_H */
