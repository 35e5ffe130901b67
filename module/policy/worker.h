/* SPDX-License-Identifier: GPL-2.0-only */
/* What runs when a pool's work comes. */
#ifndef _KPOOL_POLICY_WORKER_H
#define _KPOOL_POLICY_WORKER_H

#include "pool.h"

void kp_defer_init(struct kp_pool *pool);

#endif /* _KPOOL_POLICY_WORKER_H */
