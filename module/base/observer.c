// SPDX-License-Identifier: GPL-2.0-only
/*
 * Observers: pools and sets tell their observers about changes, and do not know them. view/ has the
 * observers.
 *
 * The list has no lock. The list changes only while the module is loaded or unloaded, when no pool
 * and no set exists.
 */
#include "base/export.h"
#include "base/observer.h"
#include "pool.h"

static LIST_HEAD(observers);

void kp_observe(struct kp_observer *observer)
{
	list_add_tail(&observer->list, &observers);
}
EXPORT_SYMBOL_FOR_TESTS(kp_observe);

void kp_observe_no_more(struct kp_observer *observer)
{
	list_del(&observer->list);
}
EXPORT_SYMBOL_FOR_TESTS(kp_observe_no_more);

#define TELL(call, arg) do {					\
	struct kp_observer *observer;				\
								\
	list_for_each_entry(observer, &observers, list)		\
		if (observer->call)				\
			observer->call(arg);			\
} while (0)

void kp_tell_added(struct kp_pool *pool)
{
	TELL(added, pool);
}

void kp_tell_changed(struct kp_pool *pool)
{
	TELL(changed, pool);
}

void kp_tell_exhausted(struct kp_pool *pool)
{
	TELL(exhausted, pool);
}

void kp_tell_recovered(struct kp_pool *pool)
{
	TELL(recovered, pool);
}

void kp_tell_timeouts(struct kp_pool *pool)
{
	TELL(timeouts, pool);
}

void kp_tell_pressure(struct kp_pool *pool)
{
	TELL(pressure, pool);
}

/* Is there an observer who passes on what the calls from leak to pressure say? Context: any. */
bool kp_somebody_listens(void)
{
	struct kp_observer *observer;

	list_for_each_entry(observer, &observers, list)
		if (observer->listens && observer->listens())
			return true;
	return false;
}

void kp_tell_leak(struct kp_pool *pool)
{
	TELL(leak, pool);
}

void kp_tell_removing(struct kp_pool *pool)
{
	TELL(removing, pool);
}

void kp_tell_removed(struct kp_pool *pool)
{
	TELL(removed, pool);
}

void kp_tell_set_added(struct kp_sized *set)
{
	TELL(set_added, set);
}

void kp_tell_set_removing(struct kp_sized *set)
{
	TELL(set_removing, set);
}
