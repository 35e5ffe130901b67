/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How readers wait for a ring's data, and how they are woken. module/ring/wait.c describes the
 * protocol; the names here are those of that file. Writers wait for space in the same way, without
 * a delay. ring.pml models the ring itself. tests/models/check runs one configuration of this
 * model.
 *
 * There is a producer. WAITERS tasks wait and take bytes. A guest on the consumer's side takes
 * bytes without waiting, or looks as poll() does, and goes away. The irq_work runs on WORKS CPUs at
 * once.
 *
 * Memory. Two kinds of stores wait in a buffer: the producer's store of head, and a waiter's store
 * that clears told. They are drained at any time, or by a full barrier. All other stores are
 * followed by a full barrier at once, or are made under the consumers' lock or the queue's lock.
 * The model makes those stores directly in memory.
 *
 * It is an error, an invalid end state, if a task sleeps for ever although it has something to do:
 * there is a batch, or with a delay any byte, or a hang-up.
 *
 * The configuration, by -D:
 *   M         bytes that are written, one by one
 *   BATCH     the reader's batch
 *   DELAY     fewer bytes than a batch are due after a while
 *   HANGUP    the producer calls kpool_ring_end() at the end; one task polls only for that
 *   DIES      the first waiter may end when it is woken, before it looks
 *   WAITERS, WORKS, and GUEST: how many times the guest does something
 * and one MUT_ for a mutant, which lacks one part of the protocol.
 */
#ifndef M
#define M	3
#endif
#ifndef BATCH
#define BATCH	1
#endif
#ifndef WAITERS
#define WAITERS	2
#endif
#ifndef WORKS
#define WORKS	1
#endif
#ifndef GUEST
#define GUEST	1
#endif

byte head, tail, due;
bool told, ended;

/* Store buffers. */
byte head_buffer;
bool head_buffered;
bool told_buffered[WAITERS + 1];	/* the stored value is false */

bool queued;		/* the irq_work is queued */
bool pending;		/* the delayed work, or its timer, is pending */
bool in_queue[WAITERS];
bool woken[WAITERS];
bool hung_up;		/* the wake-up with EPOLLHUP, for the task that polls only for it */
bool finished;		/* the producer is done */

#define len()		(head - tail)
#define is_due()	(due > tail)
#define readable()	(len() >= BATCH || (len() > 0 && is_due()) || ended)

#ifdef DELAY
#define lacks_delay()	(len() > 0 && !pending)
#define to_do()		(len() > 0)
#else
#define lacks_delay()	false
#define to_do()		(len() >= BATCH)
#endif

proctype memory()
{

end:	do
	:: d_step { head_buffered -> head = head_buffer; head_buffered = 0 }
	:: d_step { told_buffered[0] -> told = 0; told_buffered[0] = 0 }
	:: d_step { told_buffered[1] -> told = 0; told_buffered[1] = 0 }
#if WAITERS > 1
	:: d_step { told_buffered[2] -> told = 0; told_buffered[2] = 0 }
#endif
	od
}

/* A full barrier. */
inline queue_irq_work()
{
	atomic { !head_buffered -> queued = 1 }
}

/* The part that the queue's lock covers. */
inline wake_readers()
{
	d_step {
		n = 0;
		do
		:: n == WAITERS -> break
		:: n < WAITERS ->
			if
#ifdef MUT_WAKE_ONE
			:: in_queue[n] -> woken[n] = 1; in_queue[n] = 0; break
#else
			:: in_queue[n] -> woken[n] = 1; in_queue[n] = 0
#endif
			:: else
			fi;
			n++
		od;
		n = 0;
		if
		:: ended -> hung_up = 1
		:: else
		fi
	}
}

inline tell()
{
	if
	:: told
	:: else ->
#ifdef MUT_TELL_AFTERWARDS
		queue_irq_work();
		told = 1
#else
		told = 1;
		queue_irq_work()
#endif
	fi
}

/* Loads each position of the other side separately. The producer knows its own position. */
proctype producer()
{
	byte h, l;

	do
	:: h == M -> break
	:: h < M ->
		h++;
		d_step { head_buffer = h; head_buffered = 1 }
		/* kpool_ring_wrote() */
#ifndef MUT_WROTE_NO_MB
		!head_buffered;
#endif
		l = h - tail;
		if
		:: l >= BATCH || (l > 0 && is_due()) -> tell()
		:: else ->
#if defined(DELAY) && !defined(MUT_WROTE_NO_DELAY)
			if
			:: l > 0 && !pending -> queue_irq_work()
			:: else
			fi
#endif
		fi
	od;
	h = 0;
	l = 0;
#ifdef HANGUP
	!head_buffered;		/* a release */
	ended = 1;
#ifdef MUT_END_BY_TELL
	tell();
#else
	queue_irq_work();
#endif
#endif
	!head_buffered;
	finished = 1
}

/* wake() */
proctype irq_work()
{
	bool wakes;
	byte n;

end:	do
	:: d_step { queued -> queued = 0 }
#if defined(MUT_WAKE_TOLD_LAST)
		wakes = readable();
		wakes = wakes || told;
#elif defined(MUT_WAKE_ONLY_READABLE)
		wakes = readable();
#elif defined(MUT_WAKE_ONLY_TOLD)
		wakes = told;
#else
		wakes = told;
		wakes = wakes || readable();
#endif
		if
		:: wakes -> wakes = 0; wake_readers()
		:: else ->
#ifndef MUT_WAKE_NO_DELAY
			/* The process that sets pending starts the delayed work. */
			if
			:: lacks_delay() -> pending = 1
			:: else
			fi
#endif
		fi
	od
}

#ifdef DELAY
/* The delay can be over at any time. */
proctype declare_due()
{
	byte h, n;

end:	do
	:: pending ->
		pending = 0;
		h = head;
		due = h;
		h = 0;
		wake_readers()
	od
}
#endif

inline about_to_look(who)
{
	told_buffered[who] = 1;
#ifndef MUT_LOOK_NO_MB
	!told_buffered[who]
#endif
}

/* Takes bytes under the consumers' lock. */
inline take()
{
	if
	:: d_step { len() > 0 -> tail = head }
	:: d_step { len() > 1 -> tail++ }
	:: len() == 0
	fi
}

proctype waiter(byte me)
{
	bool can;

	do
	:: true ->
		can = 0;
#ifndef MUT_LOOK_BEFORE_QUEUE
		d_step { in_queue[me] = 1; woken[me] = 0 }
		about_to_look(me);
		can = readable();
#else
		about_to_look(me);
		can = readable();
		d_step { in_queue[me] = 1; woken[me] = 0 }
#endif
		if
		:: can -> in_queue[me] = 0; can = 0; take()
		:: else ->
#ifndef MUT_LOOK_NO_DELAY
			if
			:: lacks_delay() -> pending = 1
			:: else
			fi;
#endif
			/* schedule() */
			if
#ifdef DIES
			:: woken[me] && me == 0 -> break	/* dies before it looks */
#endif
			:: woken[me]
			:: finished && !to_do() && !ended -> break
			fi
		fi;
		if
		:: ended && len() == 0 -> break
		:: else
		fi
	od
}

/* A task that does not wait. */
proctype guest()
{
	byte i;

	do
	:: i == GUEST -> break
	:: i < GUEST -> i++; take()
	/* poll() that returns at once */
	:: i < GUEST -> i++; about_to_look(WAITERS)
	od;
	i = 0
}

#ifdef HANGUP
/* This task is in the queue all the time, and is not woken for bytes. */
proctype hang_up()
{
	hung_up
}
#endif

init {
	atomic {
		run memory();
		run producer();
		run irq_work();
#if WORKS > 1
		run irq_work();
#endif
#ifdef DELAY
		run declare_due();
#endif
		run waiter(0);
#if WAITERS > 1
		run waiter(1);
#endif
		run guest();
#ifdef HANGUP
		run hang_up()
#endif
	}
}
