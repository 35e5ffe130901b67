/* SPDX-License-Identifier: GPL-2.0-only */
/* The budget: how many bytes several pools may keep idle together. */
#ifndef _KPOOL_BASE_BUDGET_H
#define _KPOOL_BASE_BUDGET_H

#include <linux/atomic.h>
#include <linux/irq_work.h>
#include <linux/workqueue.h>

struct kp_pool;

/* What the worker is to do: bits of kp_budget.todo. */
enum kp_budget_todo {
	BUDGET_SHARE,		/* share out the bytes for magazines */
	BUDGET_INTERVAL,	/* an interval is over: look at use, then as BUDGET_SHARE */
};

/*
 * The bytes of idle objects of several pools, in depots and reserve lists, above each pool's floor;
 * and the limit of that sum. See budget.c.
 */
struct kp_budget {
	atomic_long_t idle;
	long most;
	unsigned int members;
	unsigned long wanting;		/* one bit for each member that found no room */
	size_t fair;			/* bytes for magazines that each member may ask for */
	unsigned long todo;		/* of enum kp_budget_todo */
	unsigned long shared_at;	/* tick of kp_now() of the last look at use */
	struct irq_work irq_work;
	struct work_struct work;
};

void kp_budget_init(struct kp_budget *budget, unsigned int members, work_func_t fn);
void kp_budget_exit(struct kp_budget *budget);
void kp_budget_share(struct kp_budget *budget, enum kp_budget_todo todo);
bool kp_budget_try_charge(struct kp_pool *pool, unsigned long n);
void kp_budget_charge(struct kp_pool *pool, long n);
unsigned long kp_budget_room(const struct kp_pool *pool);

#endif /* _KPOOL_BASE_BUDGET_H */
