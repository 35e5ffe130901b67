/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Slots and the gate of a pool. store/waitlist.h has struct kp_waitlist, whose lock protects both,
 * and kp_slots_give(), which gives slots to waiters.
 */
#ifndef _KPOOL_STORE_SLOTS_H
#define _KPOOL_STORE_SLOTS_H

#include "pool.h"

struct kp_waitlist;

unsigned int kp_slots_take(struct kp_pool *pool, unsigned int n);
bool kp_slots_try_take(struct kp_pool *pool);
void kp_slots_exceed(struct kp_pool *pool, unsigned int n);
void kp_gate_set(struct kp_pool *pool, enum kp_gate gate);
unsigned long kp_excess(const struct kp_pool *pool);
bool kp_over_max(const struct kp_pool *pool);

/* For store/waitlist.c; the caller holds waitlist->lock. */
unsigned long kp_slots_free(const struct kp_waitlist *waitlist);
unsigned int kp_slots_reserve(struct kp_waitlist *waitlist, unsigned int n);
unsigned int kp_slots_for_waiter(struct kp_pool *pool, unsigned int n);
void kp_slots_drop(struct kp_waitlist *waitlist, unsigned int n);
bool kp_may_reserve(const struct kp_waitlist *waitlist);
unsigned long kp_excess_of_max(const struct kp_pool *pool);
void kp_gate_reopen(struct kp_pool *pool);
void kp_gate_stay(struct kp_waitlist *waitlist);

#endif /* _KPOOL_STORE_SLOTS_H */
