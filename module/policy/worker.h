/* SPDX-License-Identifier: GPL-2.0-only */
/* The functions of a pool's irq_work and work. */
#ifndef _KPOOL_POLICY_WORKER_H
#define _KPOOL_POLICY_WORKER_H

#include "pool.h"

int kp_defer_init(struct kp_pool *pool, unsigned int workers);

#endif /* _KPOOL_POLICY_WORKER_H */
