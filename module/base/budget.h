/* SPDX-License-Identifier: GPL-2.0-only */
/* How many bytes several pools keep idle together. */
#ifndef _KPOOL_BASE_BUDGET_H
#define _KPOOL_BASE_BUDGET_H

#include <linux/atomic.h>
#include <linux/irq_work.h>
#include <linux/workqueue.h>

struct pool;

/*
 * Bytes of what is idle in the depots and the stock of several pools, beyond the floor of
 * each, and how many there may be. See budget.c.
 */
struct kp_bytes {
	atomic_long_t idle;
	long most;
	unsigned int members;
	unsigned long wanting;		/* members that found no room, by their number */
	struct irq_work irq_work;
	struct work_struct work;
};

void kp_bytes_init(struct kp_bytes *bytes, unsigned int members, long most, work_func_t make_room);
void kp_bytes_exit(struct kp_bytes *bytes);
bool kp_bytes_take(struct pool *pool, unsigned long n);
void kp_bytes_count(struct pool *pool, long n);
unsigned long kp_bytes_room(const struct pool *pool);

#endif /* _KPOOL_BASE_BUDGET_H */
