/* SPDX-License-Identifier: GPL-2.0-only */
/* Tells observers that a pool has no objects for its gets, and when this is over. */
#ifndef _KPOOL_STORE_ALARM_H
#define _KPOOL_STORE_ALARM_H

#include <linux/types.h>
#include <linux/workqueue.h>

struct kp_pool;

struct kp_alarm {
	struct delayed_work work;
	bool raised;			/* the work is queued, or queues itself again */
	bool told;			/* the work has told observers; only the work uses it */
	unsigned long at;		/* jiffies when a get last found no object */
};

void kp_alarm_init(struct kp_pool *pool);
void kp_alarm_exit(struct kp_pool *pool);
void kp_alarm_raise(struct kp_pool *pool);

#endif /* _KPOOL_STORE_ALARM_H */
