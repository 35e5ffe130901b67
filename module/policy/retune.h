/* SPDX-License-Identifier: GPL-2.0-only */
/* The limits of a pool: at creation, and changes while the pool is in use. */
#ifndef _KPOOL_POLICY_RETUNE_H
#define _KPOOL_POLICY_RETUNE_H

#include "base/params.h"
#include "pool.h"

void kp_limits_init(struct kp_pool *pool, const struct kpool_params *p);
void kp_retune_magazines(struct kp_pool *pool);
int kp_retune(struct kp_pool *pool, const struct kpool_limits *limits, unsigned int given,
	      struct kp_reason *why);
void kp_shed(struct kp_pool *pool);

#endif /* _KPOOL_POLICY_RETUNE_H */
