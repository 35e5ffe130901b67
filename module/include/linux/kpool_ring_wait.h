/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kpool: waiting for data in a ring, or for space.
 */
#ifndef _LINUX_KPOOL_RING_WAIT_H
#define _LINUX_KPOOL_RING_WAIT_H

#include <linux/irq_work.h>
#include <linux/kpool_ring.h>
#include <linux/poll.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

/**
 * DOC: waiting
 *
 * A ring does not wake anybody, so that those who poll it pay for nothing. Who wants to
 * wait keeps a &struct kpool_ring_wait beside it. The producer then says kpool_ring_wrote()
 * after it wrote, the consumer kpool_ring_took() after it read, and either side can sleep until
 * it has something to do, or have select(), poll() and epoll_wait() do so.
 *
 * Wake-ups are batched. Nobody is woken twice for what he was woken for and has not looked at
 * since; the reader is woken only for as many bytes as he wants to see at once, or when
 * fewer have been there for some time, the writer only for as much space as he wants.
 */

/**
 * struct kpool_ring_wait_params - how kpool_ring_wait_init() is to have a ring's sides wait
 * @read_batch: bytes that there must be for a reader to be woken; 0 and 1: any
 * @write_batch: bytes of space that there must be for a writer to be woken; 0 and 1: any
 * @delay_ms: milliseconds after which a reader is woken for fewer; 0: never. A reader with
 *	a batch and no delay does not see the last few bytes until more come, or
 *	kpool_ring_end(), as with SO_RCVLOWAT.
 *
 * Without a delay @read_batch and @write_batch together are to be no more than the ring and a
 * byte: else each side may wait for the other, with fewer bytes there than the one wants, and
 * less space than the other. The delay may have begun for bytes that were read meanwhile: it is
 * the longest time that bytes wait, and those that came later are due with it.
 */
struct kpool_ring_wait_params {
	size_t read_batch;
	size_t write_batch;
	unsigned int delay_ms;
};

/* Those on one side who wait, and for how many bytes. */
struct kpool_ring_waiters {
	/* private: */
	wait_queue_head_t queue;
	size_t batch;
	bool told;		/* woken, and nobody looked since */
};

/**
 * struct kpool_ring_wait - who waits for a ring
 *
 * It lies in memory of the caller's, who is its owner; not on the stack.
 */
struct kpool_ring_wait {
	/* private: */
	struct kpool_ring *ring;
	struct kpool_ring_waiters readers;
	struct kpool_ring_waiters writers;
	struct irq_work wake;
	struct delayed_work late;
	unsigned long delay;	/* jiffies */
	unsigned long due;	/* bytes before this position are as good as a batch */
	unsigned long noticed;	/* where poll last found a process that maps the ring */
	bool ended;
};

int kpool_ring_wait_init(struct kpool_ring_wait *wait, struct kpool_ring *ring,
			 const struct kpool_ring_wait_params *params);
void kpool_ring_wait_exit(struct kpool_ring_wait *wait);

void kpool_ring_wrote(struct kpool_ring_wait *wait);
void kpool_ring_took(struct kpool_ring_wait *wait);
void kpool_ring_end(struct kpool_ring_wait *wait);
bool kpool_ring_ended(const struct kpool_ring_wait *wait);

long kpool_ring_wait_data(struct kpool_ring_wait *wait, long timeout);
long kpool_ring_wait_space(struct kpool_ring_wait *wait, long timeout);
__poll_t kpool_ring_poll(struct kpool_ring_wait *wait, struct file *file, poll_table *table);

#endif /* _LINUX_KPOOL_RING_WAIT_H */
