/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A ring of bytes with one producer and one consumer, which take no lock. module/ring/ring.c
 * describes the protocol; the names here are those of module/ring. ring_wait.pml models how a side
 * waits for the other. tests/models/check runs one configuration of this model.
 *
 * Memory. The producer's stores wait in a buffer, at most one for each place, and reach memory in
 * any order. A write barrier and a release wait until the buffer is empty. The producer that
 * overwrites loads nothing, so nobody can observe that it waits. The consumer's loads are done in
 * any order that its acquire and its read barrier allow. So bytes may be loaded before the first
 * look at claim: the processor guesses that no byte is lost, and loads the bytes again if the guess
 * was wrong. Loads of one place stay in order. The consumer's stores need no buffer: a late store
 * is the same as a consumer that continues later.
 *
 * A byte's value is its position, counted from 1. A byte that was reserved and not committed is
 * GARBAGE.
 *
 * The configuration, by -D:
 *   N         bytes of the ring
 *   M         bytes that are written at least
 *   REFUSE    a full ring refuses bytes; without REFUSE the oldest bytes are overwritten
 * and one MUT_ for a mutant, which lacks one part of the protocol.
 */
#ifndef N
#define N	2
#endif
#ifndef M
#define M	5
#endif

#define GARBAGE	255

/* Places in memory: N bytes, then these. */
#define CLAIM	N
#define HEAD	(N + 1)
#define TAIL	(N + 2)
#define PLACES	(N + 3)

byte mem[PLACES];
byte buffer[PLACES];
bool pending[PLACES];
byte in_buffer;
bool done;

/* Atomic: nobody else sees the buffer. */
inline store(place, value)
{
	d_step {
		if
		:: !pending[place] -> pending[place] = 1; in_buffer++
		:: else
		fi;
		buffer[place] = value
	}
}

#define DRAIN(place)	d_step {	\
	pending[place] ->		\
	mem[place] = buffer[place];	\
	buffer[place] = 0;		\
	pending[place] = 0;		\
	in_buffer--			\
}

proctype memory()
{
end:	do
	:: DRAIN(0)
#if N > 1
	:: DRAIN(1)
#endif
#if N > 2
	:: DRAIN(2)
#endif
#if N > 3
	:: DRAIN(3)
#endif
	:: DRAIN(CLAIM)
	:: DRAIN(HEAD)
	od
}

#define drained()	(in_buffer == 0)

/* The producer's side. Its own variables: h, its head; c, its claim. */

inline claim(end)
{
	if
	:: end > c -> c = end; store(CLAIM, c)
	:: else
	fi;
#ifndef MUT_CLAIM_NO_WMB
	drained()
#endif
}

/* Writes from the head on: first right bytes, then bytes that it will not commit, up to all. */
inline write_bytes(right, all)
{
	i = 0;
	do
	:: i == all -> break
	:: i < all ->
		if
		:: i < right -> store((h + i) % N, h + i + 1)
		:: else -> store((h + i) % N, GARBAGE)
		fi;
		i++
	od;
	i = 0
}

inline wrote(n)
{
#ifndef MUT_WROTE_RELAXED
	drained();
#endif
	h = h + n;
	store(HEAD, h)
}

#ifdef REFUSE
proctype producer()
{
	byte h, seen, k, i;

	do
	:: h >= M -> break
	:: h < M ->
		select(k : 1 .. N);
		/* room() */
		if
		:: k > N - (h - seen) ->
#ifdef MUT_ROOM_IS_GUESSED
			seen = h
#else
			seen = mem[TAIL]
#endif
		:: else
		fi;
		if
		:: k > N - (h - seen) -> k = N - (h - seen)
		:: else
		fi;
		if
		:: k > 0 -> write_bytes(k, k); wrote(k)
		:: else
		fi
	od;
	k = 0;
	drained();
	done = 1
}
#else
proctype producer()
{
	byte h, c, k, j, i;

	do
	:: h >= M -> break
	:: h < M ->
		select(k : 1 .. N + 1);
		if
		/* A write of more bytes than the ring holds: the first bytes go by. */
		:: k > N ->
#ifndef MUT_GO_BY_UNCLAIMED
			claim(h + k);
#endif
			h = h + k - N;
			store(HEAD, h);
			k = N;
			j = N
		:: k <= N -> j = k
		/* A reserve, and a commit of fewer bytes. */
		:: k <= N -> j = k - 1
		fi;
#ifdef MUT_CLAIM_AFTER
		write_bytes(j, k);
		drained();
		claim(h + k);
#else
		claim(h + k);
		write_bytes(j, k);
#endif
#ifdef MUT_CLAIM_GOES_BACK
		c = h + j;
		store(CLAIM, c);
#endif
		wrote(j)
	od;
	k = 0;
	j = 0;
	drained();
	done = 1
}
#endif

/* The consumer's side. */

byte returned, lost;

#define BIT(i)		(1 << (i))
#define ALL(n)		(BIT(n) - 1)

#define lowest(a, b)	((a) < (b) -> (a) : (b))
/* How many bytes, from t on, lie further back from end than keep. */
#define beyond(end, keep)	((end) > t + (keep) -> (end) - t - (keep) : 0)

inline lose(n)
{
	lost = lost + n;
	t = t + n
}

/* Atomic: one load. */
inline load_byte(i)
{
	d_step { got[i] = mem[(t + i) % N]; loaded = loaded | BIT(i) }
}

#ifdef MUT_SPOILT_BY_HEAD
#define SPOILT	HEAD
#else
#define SPOILT	CLAIM
#endif

/* Atomic: one load, and the consumer's own variables. */
inline look_at_claim()
{
	d_step {
		looked = 1;
		bad = lowest(beyond(mem[CLAIM], N), hs - t);
		if
		:: bad > 0 -> lose(bad); loaded = 0	/* it guessed wrong */
		:: else
		fi;
		bad = 0;
		n = lowest(want, hs - t)
	}
}

/* Atomic: one load. */
inline look_again()
{
	d_step { again = 1; bad = lowest(beyond(mem[SPOILT], N), n) }
}

/* Checks that each byte is the byte of its position. Atomic: the consumer's own variables. */
inline give()
{
	d_step {
		lose(bad);
		do
		:: bad == n -> break
		:: bad < n ->
			assert(got[bad] == t + 1);
			t++;
			returned++;
			bad++
		od;
		assert(returned + lost == t)
	}
}

proctype consumer()
{
	byte t, hs, n, want, bad, loaded, i;
	byte got[N];
	bool looked, again, ended;

	do
	:: ended && t == hs -> break
	:: else ->
		select(want : 1 .. N);
		ended = done;
#ifdef MUT_LOOK_RELAXED
		if
		:: load_byte(0)
		:: true
		fi;
#endif
		hs = mem[HEAD];
#ifdef REFUSE
		n = lowest(want, hs - t);
		looked = 1;
#endif
		/* Loads in any order. */
		do
#ifndef REFUSE
		:: !looked -> look_at_claim()
#endif
		:: looked && (loaded & ALL(n)) == ALL(n) -> break
		:: t < hs && !(loaded & 1) -> load_byte(0)
#if N > 1
		:: want > 1 && t + 1 < hs && !(loaded & 2) -> load_byte(1)
#endif
#if N > 2
		:: want > 2 && t + 2 < hs && !(loaded & 4) -> load_byte(2)
#endif
#ifdef MUT_SPOILT_NO_RMB
		:: looked && !again -> look_again()
#endif
#ifdef MUT_TOOK_RELAXED
		:: mem[TAIL] = t + n
#endif
		od;
		assert(n <= N);
#ifdef REFUSE
		give();
		mem[TAIL] = t;
#else
		if
		:: n > 0 ->
			/* The read barrier: all loads of the loop are done. */
			if
			:: !again -> look_again()
			:: else
			fi;
			if
			:: bad == n ->
				/* give_up() */
				hs = mem[HEAD];
				d_step {
					bad = lowest(beyond(mem[CLAIM], N - 1), hs - t);
					lose(bad)
				}
			:: bad < n -> give()
			fi
		:: else
		fi;
#endif
		/* Atomic: the consumer's own variables, which are not needed any more. */
		d_step {
			bad = 0;
			n = 0;
			loaded = 0;
			looked = 0;
			again = 0;
			got[0] = 0;
#if N > 1
			got[1] = 0;
#endif
#if N > 2
			got[2] = 0;
#endif
		}
	od;
	assert(returned + lost == mem[HEAD]);
#ifdef REFUSE
	assert(lost == 0)
#endif
}

init {
	atomic {
		run memory();
		run producer();
		run consumer()
	}
}
