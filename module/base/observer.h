/* SPDX-License-Identifier: GPL-2.0-only */
/* Observers: what shows pools and sets to people and to programs. */
#ifndef _KPOOL_OBSERVER_H
#define _KPOOL_OBSERVER_H

#include <linux/list.h>

struct pool;
struct sized;

/*
 * Calls that an observer gets. Each may be NULL. All come in process context, and may
 * sleep. The caller keeps the pool or set.
 */
struct kp_observer {
	struct list_head list;
	void (*added)(struct pool *pool);
	/* The limits or the state of the pool changed. */
	void (*changed)(struct pool *pool);
	/* The pool is at its end. The registry still has the pool. */
	void (*removing)(struct pool *pool);
	/* The registry does not have the pool any more. */
	void (*removed)(struct pool *pool);
	void (*set_added)(struct sized *set);
	/* The set is at its end. The registry still has the set. */
	void (*set_removing)(struct sized *set);
};

void kp_observe(struct kp_observer *observer);
void kp_observe_no_more(struct kp_observer *observer);

void kp_tell_added(struct pool *pool);
void kp_tell_changed(struct pool *pool);
void kp_tell_removing(struct pool *pool);
void kp_tell_removed(struct pool *pool);
void kp_tell_set_added(struct sized *set);
void kp_tell_set_removing(struct sized *set);

#endif /* _KPOOL_OBSERVER_H */
