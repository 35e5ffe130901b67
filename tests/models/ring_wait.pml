/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who waits for a ring's data, and who wakes him. The names are those of module/ring/wait.c,
 * where the protocol is described; the other side waits for room by the same, without a delay.
 * tests/models/check runs one configuration of this model.
 *
 * There is a producer, WAITERS who wait and take what is there, and a guest on the consumer's
 * side who takes without waiting, or looks, as poll() does, and goes away. The irq_work runs on
 * WORKS CPUs at once.
 *
 * Memory. A store of the producer's head and a waiter's store that clears told wait in a buffer
 * until they are drained, at any time, or by a full barrier. All others are followed by one at
 * once, or made under the lock of the consumers, or of the queue: those are made in memory.
 *
 * It is an error, an invalid end state, if somebody sleeps for ever though there is something
 * to do: a batch, or with a delay any byte, or a hang-up.
 *
 * The configuration, by -D:
 *   M         bytes that are written, one by one
 *   BATCH     the reader's batch
 *   DELAY     fewer are due after a while
 *   HANGUP    in the end the producer ends it, for which alone somebody polls
 *   WAITERS, WORKS, and GUEST, what the guest does so many times
 * and one MUT_ for a mutant: what the protocol needs, left out.
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
bool told_buffered[WAITERS + 1];	/* what is stored is false */

bool queued;		/* the irq_work */
bool pending;		/* the delayed work, or its timer */
bool in_queue[WAITERS];
bool woken[WAITERS];
bool hung_up;		/* the wake-up with EPOLLHUP, for him who polls for that alone */
bool finished;		/* the producer */

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

/* What the queue's lock covers. */
inline wake_readers()
{
	d_step {
		n = 0;
		do
		:: n == WAITERS -> break
		:: n < WAITERS ->
			if
			:: in_queue[n] -> woken[n] = 1; in_queue[n] = 0
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

/* Each position of the other side's is loaded by itself; his own is known to the producer. */
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
			/* Who sets pending starts it. */
			if
			:: lacks_delay() -> pending = 1
			:: else
			fi
#endif
		fi
	od
}

#ifdef DELAY
/* The delay is over at any time. */
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

/* The consumers' lock. */
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

/* Who does not wait. */
proctype guest()
{
	byte i;

	do
	:: i == GUEST -> break
	:: i < GUEST -> i++; take()
	/* poll() that comes to its end at once */
	:: i < GUEST -> i++; about_to_look(WAITERS)
	od;
	i = 0
}

#ifdef HANGUP
/* Is in the queue all the time, and is not woken for bytes. */
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
