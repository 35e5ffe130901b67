/* SPDX-License-Identifier: GPL-2.0-only */
/* Observers: the code that shows pools and sets to people and to programs. */
#ifndef _KPOOL_OBSERVER_H
#define _KPOOL_OBSERVER_H

#include <linux/list.h>

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
void kp_tell_removing(struct kp_pool *pool);
void kp_tell_removed(struct kp_pool *pool);
void kp_tell_set_added(struct kp_sized *set);
void kp_tell_set_removing(struct kp_sized *set);

#endif /* _KPOOL_OBSERVER_H */
