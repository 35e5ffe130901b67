/* SPDX-License-Identifier: GPL-2.0-only */
/* Tearing down idle objects. */
#ifndef _KPOOL_POLICY_DRAIN_H
#define _KPOOL_POLICY_DRAIN_H

#include "pool.h"

unsigned long kp_found_teardown(struct kp_pool *pool, struct llist_head *found,
				enum kp_cause cause);
unsigned long kp_trim(struct kp_pool *pool);
unsigned long kp_drain(struct kp_pool *pool, enum kp_cause cause);

#endif /* _KPOOL_POLICY_DRAIN_H */
