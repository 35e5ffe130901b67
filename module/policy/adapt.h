/* SPDX-License-Identifier: GPL-2.0-only */
/* The size of a pool's magazines follows from how often CPUs wait for each other at its depots. */
#ifndef _KPOOL_POLICY_ADAPT_H
#define _KPOOL_POLICY_ADAPT_H

struct kp_pool;

void kp_adapt_contended(struct kp_pool *pool);
void kp_adapt_interval(struct kp_pool *pool);

#endif /* _KPOOL_POLICY_ADAPT_H */
