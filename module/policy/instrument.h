/* SPDX-License-Identifier: GPL-2.0-only */
/* Instruments: what looks at each get and put of a pool. */
#ifndef _KPOOL_POLICY_INSTRUMENT_H
#define _KPOOL_POLICY_INSTRUMENT_H

#include <linux/types.h>

#include "base/fault.h"
#include "pool.h"

void kp_instrument_init(struct kp_pool *pool);
int kp_debug_set(struct kp_pool *pool, bool on);
int kp_debug_set_held(struct kp_pool *pool, unsigned int ms);
int kp_track_set(struct kp_pool *pool, unsigned int one_in);
int kp_track_set_leak(struct kp_pool *pool, unsigned int ms);
int kp_set_fault(struct kp_pool *pool, enum kp_fault fault, unsigned int one_in);

#endif /* _KPOOL_POLICY_INSTRUMENT_H */
