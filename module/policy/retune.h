/* SPDX-License-Identifier: GPL-2.0-only */
/* Limits that change. */
#ifndef _KPOOL_POLICY_RETUNE_H
#define _KPOOL_POLICY_RETUNE_H

#include "base/params.h"
#include "pool.h"

void kp_limits_init(struct pool *pool, const struct kpool_params *p);
int kp_retune(struct pool *pool, const struct kpool_limits *limits, unsigned int given,
	      struct reason *why);
void kp_shed(struct pool *pool);

#endif /* _KPOOL_POLICY_RETUNE_H */
