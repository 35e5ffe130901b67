/* SPDX-License-Identifier: GPL-2.0-only */
/* Observers: the code that shows pools and sets to people and to programs. */
#ifndef _KPOOL_OBSERVER_H
#define _KPOOL_OBSERVER_H

#include <linux/list.h>
#include <linux/types.h>

struct kp_pool;
struct kp_sized;

/*
 * Calls that an observer gets. Each may be NULL. All calls are in process context and may sleep.
 * The caller keeps the pool or set. Memory reclaim may wait for the end of a pool, and for a
 * change. So all calls except added and set_added must not reclaim when they allocate.
 */
struct kp_observer {
	struct list_head list;
	void (*added)(struct kp_pool *pool);
	/* The limits or the state of the pool changed. */
	void (*changed)(struct kp_pool *pool);
	/* Objects are in use for too long. */
	void (*leak)(struct kp_pool *pool);
	/* Gets wait or fail, because max objects exist and none is idle; and this is over. */
	void (*exhausted)(struct kp_pool *pool);
	void (*recovered)(struct kp_pool *pool);
	/* Gets have waited until their time was up. */
	void (*timeouts)(struct kp_pool *pool);
	/* Idle objects were torn down, because the system is short of memory. */
	void (*pressure)(struct kp_pool *pool);
	/* Would anybody hear of the calls from leak to pressure? Context: any. */
	bool (*listens)(void);
	/* The pool is at its end. The registry still has the pool. */
	void (*removing)(struct kp_pool *pool);
	/* The registry does not have the pool any more. */
	void (*removed)(struct kp_pool *pool);
	void (*set_added)(struct kp_sized *set);
	/* The set is at its end. The registry still has the set. */
	void (*set_removing)(struct kp_sized *set);
};

void kp_observe(struct kp_observer *observer);
void kp_observe_no_more(struct kp_observer *observer);

void kp_tell_added(struct kp_pool *pool);
void kp_tell_changed(struct kp_pool *pool);
void kp_tell_leak(struct kp_pool *pool);
void kp_tell_exhausted(struct kp_pool *pool);
void kp_tell_recovered(struct kp_pool *pool);
void kp_tell_timeouts(struct kp_pool *pool);
void kp_tell_pressure(struct kp_pool *pool);
bool kp_somebody_listens(void);
void kp_tell_removing(struct kp_pool *pool);
void kp_tell_removed(struct kp_pool *pool);
void kp_tell_set_added(struct kp_sized *set);
void kp_tell_set_removing(struct kp_sized *set);

#endif /* _KPOOL_OBSERVER_H */
