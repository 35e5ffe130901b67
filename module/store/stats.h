/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Statistics of a pool: sums over its caches, depots and wait list. Also the number of idle objects
 * in all pools, for policy/shrink.c.
 */
#ifndef _KPOOL_STORE_STATS_H
#define _KPOOL_STORE_STATS_H

#include <linux/kpool.h>
#include <linux/percpu.h>

#include <asm/local.h>

struct kp_pool;

extern local_t __percpu *kp_reclaimable;

/* Adds n to kp_reclaimable; a negative n subtracts. Context: preemption off, or NMI. */
static inline void kp_count_reclaimable(long n)
{
	local_add(n, this_cpu_ptr(kp_reclaimable));
}

u64 kp_wait_class_ns(unsigned int class);
unsigned int kp_cpu_capacity(const struct kpool_cpu *c);
unsigned int kp_cpu_loaded(const struct kpool_cpu *c);
unsigned int kp_cpu_idle(struct kpool_cpu *c);
unsigned long kp_idle(struct kp_pool *pool);
void kp_traffic(const struct kp_pool *pool, u64 *gets, u64 *puts);
int kp_stats_init(void);
void kp_stats_exit(void);

#endif /* _KPOOL_STORE_STATS_H */
