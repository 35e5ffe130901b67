/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kpool: waiting for data in a ring, or for space. <linux/kpool_ring.h> has the ring itself, whose
 * calls never wait.
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
 * A ring wakes nobody, so a user that only looks at the ring pays nothing for waiting. A user that
 * wants to wait keeps a &struct kpool_ring_wait for the ring. The producer then calls
 * kpool_ring_wrote() after it wrote, and the consumer calls kpool_ring_took() after it read. Either
 * side can sleep until it has something to do. A process can sleep in select(), poll() or
 * epoll_wait() for the same.
 *
 * Wake-ups are batched. A waiter that was woken, and has not looked at the ring since, is not woken
 * again. A reader is woken when the ring has a batch of bytes, or when fewer bytes have been there
 * for some time. A writer is woken when the ring has a batch of space.
 */

/**
 * struct kpool_ring_wait_params - when kpool_ring_wait wakes a ring's sides
 * @read_batch: bytes that must be there to wake a reader; 0 and 1: any
 * @write_batch: bytes of space that must be there to wake a writer; 0 and 1: any
 * @delay_ms: milliseconds after which a reader is woken for fewer bytes; 0: never. As with
 *	SO_RCVLOWAT, a reader with a batch and no delay is not woken for the last few bytes until
 *	more bytes come, or until kpool_ring_end().
 *
 * Without a delay, @read_batch + @write_batch must be at most the ring's size + 1. Otherwise each
 * side may wait for the other: the ring then has fewer bytes than the reader wants, and less space
 * than the writer wants. @delay_ms is the longest time that bytes wait. The delay may have begun
 * for bytes that were read meanwhile; then bytes that came later are due at its end, too.
 */
struct kpool_ring_wait_params {
	size_t read_batch;
	size_t write_batch;
	unsigned int delay_ms;
};

/* The waiters of one side, and the bytes that they wait for. */
struct kpool_ring_waiters {
	/* private: */
	wait_queue_head_t queue;
	size_t batch;
	unsigned long told;	/* jiffies at a wake-up after which no waiter looked, or 0 */
};

/**
 * struct kpool_ring_wait - the waiters of a ring
 *
 * The caller owns this struct and provides the memory for it; not on the stack.
 */
struct kpool_ring_wait {
	/* private: */
	struct kpool_ring *ring;
	struct kpool_ring_waiters readers;
	struct kpool_ring_waiters writers;
	struct irq_work wake;
	struct delayed_work late;
	unsigned long delay;	/* jiffies */
	unsigned long due;	/* bytes before this position count like a batch */
	unsigned long noticed;	/* position of the process that maps the ring, at the last poll */
	bool ended;
};

/* Sizes of the structs that the caller knows; kpool_ring_wait_init() compares them. */
struct kpool_ring_wait_abi {
	struct kpool_ring_abi ring;
	u16 params_size;
	u16 wait_size;
};

#define KPOOL_RING_WAIT_ABI_HERE						\
	((struct kpool_ring_wait_abi){ KPOOL_RING_ABI_HERE,			\
				       sizeof(struct kpool_ring_wait_params),	\
				       sizeof(struct kpool_ring_wait) })

int __kpool_ring_wait_init(struct kpool_ring_wait *wait, struct kpool_ring *ring,
			   const struct kpool_ring_wait_params *params,
			   struct kpool_ring_wait_abi abi);

/**
 * kpool_ring_wait_init() - prepare to wait for a ring
 * @wait: memory of the caller's, which becomes the struct
 * @ring: the ring, in any state; it must live longer than @wait
 * @params: when to wake each side; copied
 *
 * Context: any.
 * Return: 0; -EINVAL, with a message in the log, for a batch of more than the ring or a kpool.ko of
 * another version.
 */
static inline __must_check int
kpool_ring_wait_init(struct kpool_ring_wait *wait, struct kpool_ring *ring,
		     const struct kpool_ring_wait_params *params)
{
	return __kpool_ring_wait_init(wait, ring, params, KPOOL_RING_WAIT_ABI_HERE);
}

/**
 * kpool_ring_wait_exit() - stop waiting for a ring, before the ring is put or destroyed
 * @wait: struct that kpool_ring_wait_init() prepared. Nobody waits or polls any more, and neither
 *	side is using the ring.
 *
 * To make sleeping waiters return, call kpool_ring_end() first.
 *
 * Context: process context, sleeps. Afterwards the memory of @wait may be freed, and @ring
 * may be put.
 */
void kpool_ring_wait_exit(struct kpool_ring_wait *wait);

/**
 * kpool_ring_wrote() - the producer wrote something: wake readers
 * @wait: struct of the ring
 *
 * Call this after each write or commit, or after several. Readers see all bytes that were
 * written before the call.
 *
 * Context: any but NMI; the producer's side.
 */
void kpool_ring_wrote(struct kpool_ring_wait *wait);

/**
 * kpool_ring_took() - the consumer read something: wake writers
 * @wait: struct of the ring
 *
 * Call this after each read, skip or consume, or after several.
 *
 * Context: any but NMI; the consumer's side.
 */
void kpool_ring_took(struct kpool_ring_wait *wait);

/**
 * kpool_ring_end() - no more bytes will come: end all waits
 * @wait: struct of the ring
 *
 * Bytes in the ring can still be read.
 *
 * Context: any but NMI; either side, or code that knows that one side is gone.
 */
void kpool_ring_end(struct kpool_ring_wait *wait);

/**
 * kpool_ring_ended() - whether kpool_ring_end() was called
 * @wait: struct of the ring
 *
 * Context: any.
 * Return: true after kpool_ring_end(). A reader that finds a ring empty after that has read all
 * bytes that were written before kpool_ring_end().
 */
bool kpool_ring_ended(const struct kpool_ring_wait *wait);

/**
 * kpool_ring_wait_data() - wait until there is something to read
 * @wait: struct of the ring
 * @timeout_jiffies: how long, in jiffies; %MAX_SCHEDULE_TIMEOUT: no limit
 *
 * Context: process context, sleeps; the consumer's side.
 * Return: the rest of @timeout_jiffies, at least 1, if the ring has a batch, or has bytes whose
 * @delay_ms is over, or after kpool_ring_end(). 0 if the time is over; the ring may have fewer
 * bytes then. -ERESTARTSYS after a signal.
 */
__must_check long kpool_ring_wait_data(struct kpool_ring_wait *wait, long timeout_jiffies);

/**
 * kpool_ring_wait_space() - wait until there is room for a batch
 * @wait: struct of the ring
 * @timeout_jiffies: how long, in jiffies; %MAX_SCHEDULE_TIMEOUT: no limit
 *
 * Context: process context, sleeps; the producer's side.
 * Return: as kpool_ring_wait_data(). A ring that overwrites always has room.
 */
__must_check long kpool_ring_wait_space(struct kpool_ring_wait *wait, long timeout_jiffies);

/**
 * kpool_ring_poll() - poll a ring, for the poll handler of a file
 * @wait: struct of the ring
 * @file: as the handler got it
 * @table: as the handler got it
 *
 * If a file belongs to one side only, its handler masks out the events of the other side. If the
 * ring is mapped, this call tells the other side how far the process has read or written. A process
 * that waits calls poll(), and so this function.
 *
 * Context: process context, may sleep. @wait lives at least as long as the file.
 * Return: EPOLLIN and EPOLLRDNORM if kpool_ring_wait_data() would not wait; EPOLLOUT and
 * EPOLLWRNORM if kpool_ring_wait_space() would not wait; EPOLLHUP after kpool_ring_end().
 */
__poll_t kpool_ring_poll(struct kpool_ring_wait *wait, struct file *file, poll_table *table);

#endif /* _LINUX_KPOOL_RING_WAIT_H */
