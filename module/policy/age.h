/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ageing: gives back idle objects that are not needed, and expired objects. object/due.h says when.
 */
#ifndef _KPOOL_POLICY_AGE_H
#define _KPOOL_POLICY_AGE_H

#include "pool.h"

void kp_age_init(void);
void kp_age_exit(void);
void kp_age_changed(struct kp_pool *pool);
void kp_age_recount(void);
void kp_age_pass(void);

#endif /* _KPOOL_POLICY_AGE_H */
