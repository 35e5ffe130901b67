// SPDX-License-Identifier: GPL-2.0-only
/*
 * The gets that wait, for people and programs that look. waitlist.c has the wait list. A look takes
 * waitlist->lock for a few waiters at a time, or not at all.
 */
#include <linux/bitops.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/pid.h>
#include <linux/rbtree.h>
#include <linux/string.h>

#include "base/export.h"
#include "pool.h"
#include "store/waiters.h"
#include "store/waitlist.h"

static struct rb_node *first_after(const struct kp_waitlist *waitlist, u64 arrival)
{
	struct rb_node *node = waitlist->waiters.rb_root.rb_node, *found = NULL;

	lockdep_assert_held(&waitlist->lock);
	while (node) {
		if (rb_entry(node, struct kp_waiter, node)->arrival > arrival) {
			found = node;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return found;
}

/**
 * kp_waiters_after() - copy what is known of some waiters, in the order of the wait list
 * @pool: the pool, with a wait list
 * @arrival: copy waiters that arrived later than this; 0: from the first
 * @waiting: receives them, has room for KP_WAITERS_BATCH
 *
 * Context: process context.
 * Return: how many; 0 if there are no more.
 */
unsigned int kp_waiters_after(struct kp_pool *pool, u64 arrival, struct kp_waiting *waiting)
{
	struct kp_waitlist *waitlist = pool->waitlist;
	const struct kp_waiter *w;
	u64 now = ktime_get_ns();
	struct rb_node *node;
	unsigned int n = 0;

	raw_spin_lock_irq(&waitlist->lock);
	for (node = first_after(waitlist, arrival); node && n < KP_WAITERS_BATCH;
	     node = rb_next(node)) {
		w = rb_entry(node, struct kp_waiter, node);
		waiting[n].arrival = w->arrival;
		waiting[n].ns = now > w->began ? now - w->began : 0;
		waiting[n].wanted = w->wanted;
		waiting[n].got = w->got;
		waiting[n].pid = task_pid_nr(w->task);
		/* Not get_task_comm(): its lock may not be taken inside a raw one. */
		strscpy(waiting[n].comm, w->task->comm, sizeof(waiting[n].comm));
		n++;
	}
	raw_spin_unlock_irq(&waitlist->lock);
	return n;
}
EXPORT_SYMBOL_FOR_TESTS(kp_waiters_after);

/* How often kp_waits_now() tries. The loop has an end, because an NMI can interrupt the writer. */
#define ATTEMPTS	1000

/**
 * kp_waits_now() - how long the gets that wait now have waited so far
 * @waitlist: the wait list
 * @all_ns: receives nanoseconds, all together
 * @oldest_ns: receives nanoseconds of the first waiter
 *
 * Both are 0 if nobody waits, or if the list changes all the time.
 *
 * Context: any.
 */
void kp_waits_now(struct kp_waitlist *waitlist, u64 *all_ns, u64 *oldest_ns)
{
	unsigned int attempts = ATTEMPTS, waiting, seq;
	u64 now = ktime_get_mono_fast_ns(), began, first;
	bool changed;

	do {
		seq = raw_read_seqcount(&waitlist->changes);
		waiting = READ_ONCE(waitlist->waiting);
		began = READ_ONCE(waitlist->waiting_began);
		first = READ_ONCE(waitlist->first_began);
		changed = seq & 1 || read_seqcount_retry(&waitlist->changes, seq);
	} while (changed && --attempts);
	*all_ns = !changed && waiting ? max_t(s64, waiting * now - began, 0) : 0;
	*oldest_ns = !changed && first ? max_t(s64, now - first, 0) : 0;
}

/*
 * Counts a wait. err is the error that ended the wait, or 0. Takes no lock, for which woken waiters
 * would compete with the next ones.
 */
void kp_waiter_count_wait(struct kp_waitlist *waitlist, u64 ns, int err)
{
	unsigned int class = min_t(unsigned int, fls64(ns >> WAIT_SHIFT), WAIT_CLASSES - 1);
	s64 longest = atomic64_read(&waitlist->longest_ns);

	atomic64_add(ns, &waitlist->wait_ns);
	while ((s64)ns > longest &&
	       !atomic64_try_cmpxchg(&waitlist->longest_ns, &longest, ns))
		;
	atomic64_inc(&waitlist->by_time[class]);
	if (err == -ETIMEDOUT)
		atomic64_inc(&waitlist->timeouts);
	if (err == -ERESTARTSYS)
		atomic64_inc(&waitlist->interrupted);
}

/* Forgets the highest numbers and the longest wait. Context: process context. */
void kp_waitlist_reset_peaks(struct kp_waitlist *waitlist)
{
	raw_spin_lock_irq(&waitlist->lock);
	WRITE_ONCE(waitlist->slots_peak, waitlist->slots);
	WRITE_ONCE(waitlist->waiting_peak, waitlist->waiting);
	atomic64_set(&waitlist->longest_ns, 0);
	raw_spin_unlock_irq(&waitlist->lock);
}
EXPORT_SYMBOL_FOR_TESTS(kp_waitlist_reset_peaks);
