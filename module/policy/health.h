/* SPDX-License-Identifier: GPL-2.0-only */
/* Asking consumers about idle objects. */
#ifndef _KPOOL_POLICY_HEALTH_H
#define _KPOOL_POLICY_HEALTH_H

#include "pool.h"

void kp_check_some(struct kp_pool *pool);

#endif /* _KPOOL_POLICY_HEALTH_H */
