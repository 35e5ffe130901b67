/* SPDX-License-Identifier: GPL-2.0-only */
/* Deferred work: the workqueues, and how work is queued. */
#ifndef _KPOOL_BASE_WORK_H
#define _KPOOL_BASE_WORK_H

#include <linux/workqueue.h>

struct kp_list;
struct kp_pool;

/* How many puts an interrupt finishes. A worker finishes the others. */
#define KP_PUT_BATCH		16

/* Bits of kp_pool.todo, for defer_worker(). */
#define POOL_TODO_REFILL	0	/* build objects for gets that cannot */
#define POOL_TODO_DRAIN		1	/* objects were inserted while the gate closed */
#define POOL_TODO_TEARDOWN	2	/* the teardown list has objects */
#define POOL_TODO_REPLENISH	3	/* build for min_idle or the reserve */
#define POOL_TODO_STALE		4	/* gets found too many stale magazines in a depot */

extern struct workqueue_struct *kpool_wq;
extern struct workqueue_struct *kpool_build_wq;

void kp_irq_work_sync(struct kp_pool *pool);
void kp_defer_sync(struct kp_pool *pool);
void kp_defer(struct kp_pool *pool, struct kp_list *list, void *obj);
void kp_defer_kick(struct kp_pool *pool);
int kp_work_init(void);
void kp_work_exit(void);
void kp_queue_todo(struct kp_pool *pool, unsigned int todo);
void kp_queue_refill(struct kp_pool *pool);
void kp_queue_puts(struct kp_pool *pool);

#endif /* _KPOOL_BASE_WORK_H */
