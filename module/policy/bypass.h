/* SPDX-License-Identifier: GPL-2.0-only */
/* Bypass: pools that keep no objects. */
#ifndef _KPOOL_POLICY_BYPASS_H
#define _KPOOL_POLICY_BYPASS_H

#include "pool.h"

bool kp_bypass_all(void);
void kp_set_bypass(struct kp_pool *pool, bool on);
void kp_update_bypass(struct kp_pool *pool);

#endif /* _KPOOL_POLICY_BYPASS_H */
