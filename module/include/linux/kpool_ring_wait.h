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

/**
 * kpool_ring_wait_init() - make it possible to wait for a ring
 * @wait: what becomes it, in memory of the caller's
 * @ring: the ring, which outlives it; in what state it is does not matter
 * @params: when who is woken; copied
 *
 * Context: any.
 * Return: 0; -EINVAL, with a message in the log, for a batch of more than the ring.
 */
int kpool_ring_wait_init(struct kpool_ring_wait *wait, struct kpool_ring *ring,
			 const struct kpool_ring_wait_params *params);

/**
 * kpool_ring_wait_exit() - no more waiting for a ring
 * @wait: what kpool_ring_wait_init() made: nobody waits or polls any more, and neither side
 *	is at work
 *
 * To have those who sleep return there is kpool_ring_end().
 *
 * Context: process context, sleeps. Afterwards the memory of @wait may be freed, and @ring
 * be put.
 */
void kpool_ring_wait_exit(struct kpool_ring_wait *wait);

/**
 * kpool_ring_wrote() - the producer wrote something: wake who waits for it
 * @wait: the ring's
 *
 * After each write or commit, or after several: what was written before it is seen.
 *
 * Context: any but NMI; the producer's side.
 */
void kpool_ring_wrote(struct kpool_ring_wait *wait);

/**
 * kpool_ring_took() - the consumer read something: wake who waits for space
 * @wait: the ring's
 *
 * After each read, skip or consume, or after several.
 *
 * Context: any but NMI; the consumer's side.
 */
void kpool_ring_took(struct kpool_ring_wait *wait);

/**
 * kpool_ring_end() - nothing more will come: nobody waits any more
 * @wait: the ring's
 *
 * What is in the ring can still be read.
 *
 * Context: any but NMI; either side, or whoever knows that one of them is gone.
 */
void kpool_ring_end(struct kpool_ring_wait *wait);

/**
 * kpool_ring_ended() - whether there was a kpool_ring_end()
 * @wait: the ring's
 *
 * Context: any.
 * Return: whether there was. A reader who finds a ring empty after that has read all
 * that was written before it.
 */
bool kpool_ring_ended(const struct kpool_ring_wait *wait);

/**
 * kpool_ring_wait_data() - wait until there is something to read
 * @wait: the ring's
 * @timeout: how long, in jiffies; %MAX_SCHEDULE_TIMEOUT: until there is
 *
 * Context: process context, sleeps; the consumer's side.
 * Return: what is left of @timeout, at least 1, once there is a batch, or there are bytes for
 * whom @delay_ms is over, or kpool_ring_ended(); 0 when @timeout is over: there may be fewer
 * bytes then; -ERESTARTSYS for a signal.
 */
long kpool_ring_wait_data(struct kpool_ring_wait *wait, long timeout);

/**
 * kpool_ring_wait_space() - wait until there is room for a batch
 * @wait: the ring's
 * @timeout: how long, in jiffies; %MAX_SCHEDULE_TIMEOUT: until there is
 *
 * Context: process context, sleeps; the producer's side.
 * Return: as kpool_ring_wait_data(). A ring that overwrites always has room.
 */
long kpool_ring_wait_space(struct kpool_ring_wait *wait, long timeout);

/**
 * kpool_ring_poll() - for the poll handler of a file that is a ring's
 * @wait: the ring's
 * @file: as the handler got it
 * @table: as the handler got it
 *
 * A file that has but one side leaves out what is the other's. Of a ring that is mapped the other
 * side learns by this call what the process read or wrote: one that waits has called it.
 *
 * Context: process context, may sleep. @wait lives as long as the file.
 * Return: EPOLLIN and EPOLLRDNORM where kpool_ring_wait_data() would not wait, EPOLLOUT and
 * EPOLLWRNORM where kpool_ring_wait_space() would not, EPOLLHUP after kpool_ring_end().
 */
__poll_t kpool_ring_poll(struct kpool_ring_wait *wait, struct file *file, poll_table *table);

#endif /* _LINUX_KPOOL_RING_WAIT_H */
