/* SPDX-License-Identifier: GPL-2.0-only */
/* Deferred work: the workqueues, and how work is queued. */
#ifndef _KPOOL_BASE_WORK_H
#define _KPOOL_BASE_WORK_H

#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "pool.h"

/* How many puts an interrupt finishes. A worker finishes the others. */
#define KP_PUT_BATCH		16

struct kp_worker {
	struct work_struct work;
	struct kp_pool *pool;
	bool busy;			/* kp_workers.lock: queued, or looks for jobs */
};

/*
 * The workers that call callbacks: they tear down objects of the teardown list, and build missing
 * objects. They run side by side, so a callback that hangs occupies one of them. policy/worker.c
 * has their function. pool->work starts them, and calls no callback itself.
 */
struct kp_workers {
	/* Protects the fields up to at, and pool->teardown_list against a second reader. */
	struct mutex lock;
	struct kp_list teardowns;	/* objects that were taken off pool->teardown_list */
	unsigned int busy;		/* workers that are queued, or look for jobs */
	unsigned int building;		/* builds that are under way */
	bool refill, replenish;		/* why to build: POOL_TODO_REFILL, POOL_TODO_REPLENISH */
	unsigned int n;			/* workers; written at creation */
	atomic_t asked;			/* builds for gets that are under way: see object/build.c */
	struct kp_build_work *spare;	/* for a build with a reserve; taken by xchg() */
	struct kp_worker at[];
};

/* How many workers call callbacks that may sleep, if kpool_params.workers does not say so. */
#define KPOOL_WORKERS		4

/* Bits of kp_pool.todo, for defer_worker(). */
#define POOL_TODO_REFILL	0	/* build objects for gets that cannot */
#define POOL_TODO_DRAIN		1	/* objects were inserted while the gate closed */
#define POOL_TODO_TEARDOWN	2	/* the teardown list has objects */
#define POOL_TODO_REPLENISH	3	/* build for min_idle or the reserve */
#define POOL_TODO_STALE		4	/* gets found too many stale magazines in a depot */
#define POOL_TODO_CHECK		5	/* ask the consumer about idle objects */
#define POOL_TODO_PRESSURE	6	/* tell observers that idle objects were reclaimed */
#define POOL_TODO_CONTENDED	7	/* CPUs wait for each other at a depot */
#define POOL_TODO_INTERVAL	8	/* an interval of ageing is over: see policy/adapt.c */
#define POOL_TODO_NOLOCK	9	/* what builds without locks have left: object/nolock.c */

extern struct workqueue_struct *kpool_wq;
extern struct workqueue_struct *kpool_callback_wq;

int kp_workers_init(struct kp_pool *pool, unsigned int n, work_func_t func);
void kp_workers_exit(struct kp_pool *pool);
void kp_irq_work_sync(struct kp_pool *pool);
void kp_workers_sync(struct kp_pool *pool);
void kp_defer_sync(struct kp_pool *pool);
void kp_defer_start(struct kp_pool *pool);
void kp_defer_sync_killable(struct kp_pool *pool, bool builds);
void kp_defer(struct kp_pool *pool, struct kp_list *list, void *obj);
void kp_defer_kick(struct kp_pool *pool);
int kp_work_init(void);
void kp_work_exit(void);
void kp_queue_todo(struct kp_pool *pool, unsigned int todo);
void kp_queue_refill(struct kp_pool *pool);
void kp_queue_puts(struct kp_pool *pool);
bool kp_puts_wipe_too_much(const struct kp_pool *pool);

#endif /* _KPOOL_BASE_WORK_H */
