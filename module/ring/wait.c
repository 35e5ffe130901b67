// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waiting for a ring: for data, or for space. ring.c has the ring itself, which wakes nobody.
 *
 * A side that is about to wait clears told, and then looks whether it has something to do. The
 * other side moves its position, and then looks at told. Each side has a full barrier between its
 * two steps, so at least one side sees what the other did. Either the waiter sees the bytes, or the
 * other side sees that it has to wake somebody. The other side then sets told, and always wakes
 * afterwards. So told is set only if a wake-up is still to come. The waiter clears told again after
 * the wake-up. This is also why a flood of writes wakes a slow reader only once.
 *
 * A waiter may be woken and never look: it is killed first, or gets no CPU. So a wake-up wakes all
 * waiters, the exclusive ones of epoll, too. And told counts for a short time only. After that time
 * a write wakes again, for a reader that sleeps behind one that never looked.
 *
 * An irq_work does the wake-up. The sides may run in interrupts, and the locks of the wait queues
 * sleep on PREEMPT_RT. If a reader wants a batch and the ring has fewer bytes, the irq_work
 * starts a delayed work, which declares the bytes due.
 */
#include <linux/jiffies.h>
#include <linux/kpool_ring_wait.h>
#include <linux/rcupdate.h>
#include <linux/string.h>

#include "ring/ring.h"

/* How long a woken waiter that does not look keeps later writes from waking. */
#define TELL_AGAIN_AFTER	max(msecs_to_jiffies(10), 2UL)

static size_t wanted(const struct kpool_ring_waiters *waiters)
{
	return max_t(size_t, waiters->batch, 1);
}

static bool is_due(const struct kpool_ring_wait *w)
{
	unsigned long head, tail;

	kp_ring_see(w->ring, &head, &tail);
	return (long)(READ_ONCE(w->due) - tail) > 0;
}

static bool readable(const struct kpool_ring_wait *w)
{
	size_t len = kpool_ring_len(w->ring);

	return len >= wanted(&w->readers) || (len && is_due(w)) || READ_ONCE(w->ended);
}

static bool writable(const struct kpool_ring_wait *w)
{
	return w->ring->flags & KPOOL_RING_OVERWRITE ||
	       kpool_ring_space(w->ring) >= wanted(&w->writers) || READ_ONCE(w->ended);
}

/* A waiter is about to look whether it has something to do, and to wait if not. */
static void about_to_look(struct kpool_ring_waiters *waiters)
{
	WRITE_ONCE(waiters->told, 0);
	smp_mb();	/* pairs with those in kpool_ring_wrote() and kpool_ring_took() */
}

static bool lacks_delay(const struct kpool_ring_wait *w)
{
	return w->delay && kpool_ring_len(w->ring) && !delayed_work_pending(&w->late);
}

/* If the ring has fewer bytes than a batch, ensures that a work declares them due. */
static void start_delay(struct kpool_ring_wait *w)
{
	if (lacks_delay(w))
		schedule_delayed_work(&w->late, w->delay);
}

static bool reader_can(struct kpool_ring_wait *w)
{
	about_to_look(&w->readers);
	if (readable(w))
		return true;
	/* Fewer bytes than a batch can be left by a read of more bytes. */
	start_delay(w);
	return false;
}

static bool writer_can(struct kpool_ring_wait *w)
{
	about_to_look(&w->writers);
	return writable(w);
}

/* The caller has a full barrier between its store of a position and this call. */
static void tell(struct kpool_ring_wait *w, struct kpool_ring_waiters *waiters)
{
	unsigned long told = READ_ONCE(waiters->told);

	if (told && time_before(jiffies, told + TELL_AGAIN_AFTER))
		return;
	WRITE_ONCE(waiters->told, jiffies | 1);		/* not 0 */
	irq_work_queue(&w->wake);
}

/* Wakes exclusive waiters, too: see above. */
static void wake_all(struct kpool_ring_waiters *waiters, __poll_t events)
{
	__wake_up(&waiters->queue, TASK_INTERRUPTIBLE, 0, poll_to_key(events));
}

static void wake_readers(struct kpool_ring_wait *w)
{
	wake_all(&w->readers, EPOLLIN | EPOLLRDNORM | (READ_ONCE(w->ended) ? EPOLLHUP : 0));
}

/*
 * Call this before the look at the ring. A producer that finds told set wakes nobody. If another
 * waiter then looks and clears told, the irq_work must see that producer's bytes.
 */
static bool was_told(const struct kpool_ring_waiters *waiters)
{
	bool told = READ_ONCE(waiters->told) != 0;

	smp_mb();	/* pairs with those in kpool_ring_wrote() and kpool_ring_took() */
	return told;
}

static void wake(struct irq_work *work)
{
	struct kpool_ring_wait *w = container_of(work, struct kpool_ring_wait, wake);

	/* May run on two CPUs at once; irq_work_sync() waits for one: see kpool_ring_wait_exit() */
	rcu_read_lock();
	/* Wake told readers even if others took the bytes since: they rely on the wake-up. */
	if (was_told(&w->readers) || readable(w))
		wake_readers(w);
	else
		start_delay(w);
	if (was_told(&w->writers) || writable(w))
		wake_all(&w->writers, EPOLLOUT | EPOLLWRNORM);
	rcu_read_unlock();
}

/*
 * A producer that found this work pending stored its head before. The workqueue has a full barrier
 * after it clears the pending bit and before it calls this function. This barrier pairs with the
 * one in kpool_ring_wrote(), so this function sees that head.
 */
static void declare_due(struct work_struct *work)
{
	struct kpool_ring_wait *w = container_of(to_delayed_work(work), struct kpool_ring_wait,
						 late);

	WRITE_ONCE(w->due, kpool_ring_head(w->ring));
	wake_readers(w);
}

static bool abi_matches(const struct kpool_ring_wait_abi *theirs)
{
	const struct kpool_ring_wait_abi ours = KPOOL_RING_WAIT_ABI_HERE;

	if (!kp_ring_abi_matches(&theirs->ring))
		return false;
	if (!memcmp(&ours, theirs, sizeof(ours)))
		return true;
	pr_err_ratelimited("cannot wait for a ring: the caller was built against headers of another kpool\n");
	return false;
}

/**
 * __kpool_ring_wait_init() - out-of-line part of kpool_ring_wait_init()
 * @wait: as for kpool_ring_wait_init()
 * @ring: as for kpool_ring_wait_init()
 * @params: as for kpool_ring_wait_init()
 * @abi: numbers and sizes from the caller's headers
 *
 * Context: any.
 * Return: as kpool_ring_wait_init().
 */
int __kpool_ring_wait_init(struct kpool_ring_wait *wait, struct kpool_ring *ring,
			   const struct kpool_ring_wait_params *params,
			   struct kpool_ring_wait_abi abi)
{
	if (!abi_matches(&abi))
		return -EINVAL;
	if (max(params->read_batch, params->write_batch) > ring->size) {
		pr_err_ratelimited("cannot wait for a ring of %zu bytes: read_batch %zu, write_batch %zu\n",
				   ring->size, params->read_batch, params->write_batch);
		return -EINVAL;
	}
	*wait = (struct kpool_ring_wait){
		.ring = ring,
		.readers.batch = params->read_batch,
		.writers.batch = params->write_batch,
		.delay = msecs_to_jiffies(params->delay_ms),
		.due = kpool_ring_tail(ring),
	};
	init_waitqueue_head(&wait->readers.queue);
	init_waitqueue_head(&wait->writers.queue);
	init_irq_work(&wait->wake, wake);
	INIT_DELAYED_WORK(&wait->late, declare_due);
	atomic_inc(&ring->waits);
	return 0;
}
EXPORT_SYMBOL_GPL(__kpool_ring_wait_init);

void kpool_ring_wait_exit(struct kpool_ring_wait *wait)
{
	/* In this order: the irq_work starts the delayed work. */
	irq_work_sync(&wait->wake);
	synchronize_rcu();	/* waits for an irq_work on another CPU, see wake() */
	cancel_delayed_work_sync(&wait->late);
	/* A second call does no harm. */
	if (wait->ring)
		atomic_dec(&wait->ring->waits);
	wait->ring = NULL;
}
EXPORT_SYMBOL_GPL(kpool_ring_wait_exit);

void kpool_ring_wrote(struct kpool_ring_wait *wait)
{
	/* Pairs with those in about_to_look(), was_told() and before declare_due(). */
	smp_mb();
	if (readable(wait))
		tell(wait, &wait->readers);
	else if (lacks_delay(wait))
		irq_work_queue(&wait->wake);
}
EXPORT_SYMBOL_GPL(kpool_ring_wrote);

void kpool_ring_took(struct kpool_ring_wait *wait)
{
	smp_mb();	/* pairs with those in about_to_look() and was_told() */
	if (writable(wait))
		tell(wait, &wait->writers);
}
EXPORT_SYMBOL_GPL(kpool_ring_took);

void kpool_ring_end(struct kpool_ring_wait *wait)
{
	/* Pairs with the acquire in kpool_ring_ended(): a reader that sees ended sees all bytes. */
	smp_store_release(&wait->ended, true);
	/* Not tell(): a task that polls for EPOLLHUP only may have been told, and not looked. */
	irq_work_queue(&wait->wake);
}
EXPORT_SYMBOL_GPL(kpool_ring_end);

bool kpool_ring_ended(const struct kpool_ring_wait *wait)
{
	/* Pairs with the release in kpool_ring_end(): a head that is read later is no older. */
	return smp_load_acquire(&wait->ended);
}
EXPORT_SYMBOL_GPL(kpool_ring_ended);

long kpool_ring_wait_data(struct kpool_ring_wait *wait, long timeout_jiffies)
{
	return wait_event_interruptible_timeout(wait->readers.queue, reader_can(wait),
						timeout_jiffies);
}
EXPORT_SYMBOL_GPL(kpool_ring_wait_data);

long kpool_ring_wait_space(struct kpool_ring_wait *wait, long timeout_jiffies)
{
	return wait_event_interruptible_timeout(wait->writers.queue, writer_can(wait),
						timeout_jiffies);
}
EXPORT_SYMBOL_GPL(kpool_ring_wait_space);

/*
 * A process that reads or writes in its mapping tells nobody but this poll. Tells the other side
 * once for each position: a wake-up is an event for an edge-triggered poll, which would come here
 * again.
 */
static void notice(struct kpool_ring_wait *w)
{
	bool writes = w->ring->flags & KPOOL_RING_USER_WRITES;
	unsigned long head, tail, position;

	kp_ring_see(w->ring, &head, &tail);
	position = writes ? head : tail;
	if (position == READ_ONCE(w->noticed))
		return;
	WRITE_ONCE(w->noticed, position);
	if (writes)
		kpool_ring_wrote(w);
	else
		kpool_ring_took(w);
}

__poll_t kpool_ring_poll(struct kpool_ring_wait *wait, struct file *file, poll_table *table)
{
	__poll_t mask = 0;

	if (wait->ring->flags & KPOOL_RING_MAPPABLE)
		notice(wait);
	poll_wait(file, &wait->readers.queue, table);
	poll_wait(file, &wait->writers.queue, table);
	if (reader_can(wait))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (writer_can(wait))
		mask |= EPOLLOUT | EPOLLWRNORM;
	if (READ_ONCE(wait->ended))
		mask |= EPOLLHUP;
	return mask;
}
EXPORT_SYMBOL_GPL(kpool_ring_poll);
