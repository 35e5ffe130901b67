/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How gets wait in a bounded pool whose hits take no lock and no barrier.
 * Documentation/waiting.rst has the protocol and the argument, with the same
 * names. tests/models/check runs one configuration of this model.
 *
 * Memory. Promela is sequentially consistent, machines are not. Each CPU has a
 * store buffer for the variables that another CPU reads without a lock: gate,
 * the loaded magazine, the depot's count, and the bit in the online mask. The buffer drains
 * at any time, in order (TSO). With OOO it drains in any order, except that a
 * release (unlock) drains after everything older. smp_mb() waits until the buffer
 * is empty. So do xchg() and the other atomics that Linux wants fully ordered, and
 * with TSO each locked instruction. A CPU sees its own stores at once. Loads are
 * not reordered among themselves.
 * A variable that is only touched under a lock needs no buffer: the unlock is in it.
 *
 * Steps. An atomic or d_step stands only where nobody can see its middle. Its
 * comment says why. Between any two other steps anything may happen.
 *
 * Objects are counted and have no names. A lost or doubled object makes the sum
 * wrong.
 *
 * The configuration, by -D:
 *   OOO       drain out of order; else TSO
 *   NC        CPUs with a cache, one user each
 *   NW        waiters, on CPUs without a cache
 *   MAG       objects a magazine
 *   MAX       objects that may exist
 *   DEPOT     objects in the depot at first
 *   CACHED    objects in CPU 0's cache at first, which is open then
 *   SPARE     objects in CPU 0's spare at first
 *   HELD      users (from 0 on) that hold an object at first
 *   GETS      gets of each user
 *   WANT0     objects that waiter 0 wants; more than one: a bulk get
 *   WANT1     objects that waiter 1 wants
 *   TIMEOUT   waiters from this one on may give up at any time
 *   CTOR      a ctor may fail, and a put may tear down
 *   NESTED    an interrupt may get or put in the middle of a hit
 *   HOTPLUG   the last CPU with a cache goes away and comes back
 *   RESERVE   objects that teardowns leave; a waiter that finds no memory comes back
 *   DESTROY   the pool is shut down
 *   NMI       puts from NMIs, on the only CPU with a cache
 *   ONE       a hold of wait_lock gives one object at most
 *   LIVE      with the claim that every run comes to an end
 * and one MUT_ for a mutant: one thing that the protocol needs is left out.
 */
#ifndef NC
#define NC	2
#endif
#ifndef NW
#define NW	1
#endif
#ifndef MAG
#define MAG	1
#endif
#ifndef DEPOT
#define DEPOT	0
#endif
#ifndef CACHED
#define CACHED	0
#endif
#ifndef SPARE
#define SPARE	0
#endif
#ifndef HELD
#define HELD	0
#endif
#ifndef NMI
#define NMI	0
#endif
#define EXISTING	(DEPOT + CACHED + SPARE + HELD + NMI)
#ifndef MAX
#define MAX	EXISTING
#endif
#ifndef GETS
#define GETS	1
#endif
#ifndef WANT0
#define WANT0	1
#endif
#ifndef WANT1
#define WANT1	1
#endif
#ifndef TIMEOUT
#define TIMEOUT	NW
#endif

#if defined(HOTPLUG) || defined(DESTROY)
#define CPUS	(NC + NW + 1)
#else
#define CPUS	(NC + NW)
#endif
#define LAST	(NC - 1)	/* the CPU that goes away */

#define OPEN	0
#define CLOSED	1
#define SHUT	2		/* the pool keeps no objects */

#define WORKING	0
#define DYING	1

#define OBJECT	0
#define SLOT	1

/* An entry of a store buffer: the variable, and its value. */
#define GATE	1
#define LOADED	2
#define ONLINE	3
#define ADDED	4		/* a depot's count and the release of its lock */
#define UNLOCK	5		/* the release of wait_lock */
#define STATE	6
#define GATE_UNLOCK	7	/* the release of gate_lock */
chan sb[CPUS] = [3] of { byte, byte };

/* Memory. */
byte gate = OPEN;
byte loaded[NC];		/* that magazine's room as other CPUs see it; 0: closed */
byte online[NC];		/* as other CPUs see it */
byte depot = DEPOT;
bool depot_lock;
bool wait_lock;
byte spare[NC];			/* only by xchg(), so never in a buffer */
#ifdef DESTROY
byte state = WORKING;
bool gate_lock;
byte inside;			/* only by atomics */
#endif
#if NMI
byte deferred_inserts;			/* both only by atomics */
bool work;			/* an irq_work is queued */
/* These belong to that CPU. Interrupted code stands still. */
bool in_nmi, in_work;
#define INTERRUPTED	(in_nmi || in_work)
#define RUNS		provided (!INTERRUPTED)
#else
#define in_nmi		false
#define RUNS
#endif

/* These belong to one CPU: no other code writes them while that CPU is alive. */
byte room[NC], level[NC];
bool busy[NC], irqs_off[NC], is_online[NC], alive[NC];

/* Under wait_lock. */
byte waitlist[NW], nwaiting;
byte got[NW], slots[NW];	/* objects and slots that a waiter has */
bool woken[NW];		/* has all that it wants: unlinked and woken */
bool sweeping;
#ifdef ONE
bool unfinished;		/* the last kick may have left something to give */
bool goes_on[NW];		/* this waiter has to go on granting */
#endif
byte existing = EXISTING;
#ifdef RESERVE
byte kept = EXISTING;		/* existing objects, without slots of objects not yet built */
byte reserve_list;			/* idle objects, in no depot */
bool no_memory[NW];		/* slots are of no use to this waiter */
byte came;			/* waiters that were in the wait list, a bit each */
#endif
#ifdef DESTROY
bool sent_home[NW];		/* woken with an error */
#endif

/* These belong to the sweep. */
bool ipi[NC], again[NC], in_sweep;
byte pending, found;

/* Only for the assertions: sets of waiters, a bit each. */
byte listed, asleep;
byte before[NW];		/* waiters in the wait list when this one joined */
byte done;
bool over;

#define WANT(w)		((w) == 0 -> WANT0 : WANT1)
#define BIT(w)		(1 << (w))
#ifdef RESERVE
/* A waiter that comes back may be overtaken while it is away. After that it sleeps anew. */
#define SLEEPS(w)	BIT(no_memory[w] -> NW + (w) : (w))
#else
#define SLEEPS(w)	BIT(w)
#endif
/*
 * Waiters that a get must not overtake if it begins now. Hits that are completed while the caches
 * are being closed count as earlier.
 */
#define LATE		(sweeping -> 0 : asleep)

/* destroy() wakes the waiters of a pool that is not live. Nothing is given to them any more. */
#ifdef DESTROY
#define MAY_GRANT	(nwaiting > 0 && state == WORKING)
#else
#define MAY_GRANT	(nwaiting > 0)
#endif

/* Has this hold of the lock given what one hold may give? */
#ifdef ONE
#define GAVE		gave
#define GAVE_LOCAL	bool gave;
#define NOTE_GIVEN	gave = 1;
#else
#define GAVE		false
#define GAVE_LOCAL
#define NOTE_GIVEN
#endif

#define smp_mb(c)	(len(sb[c]) == 0)
#ifdef OOO
#define LOCKED_OP(c)	true
#else
#define LOCKED_OP(c)	smp_mb(c)
#endif

/* A look without the lock. A CPU sees its own stores. */
#define DEPOT_HAS(c)	(depot > 0 || sb[c]??[ADDED, _])

/* Atomic: a locked instruction. */
inline lock(c)
{
	atomic { !wait_lock && LOCKED_OP(c) -> wait_lock = 1 }
}

inline unlock(c)
{
	sb[c]!UNLOCK, 0
}

/*
 * Atomic: takes the depot's lock, and releases it when the entry drains. So other CPUs see no more
 * of the middle than a late count.
 */
inline insert(c, how_many)
{
	atomic {
		!depot_lock && LOCKED_OP(c) ->
		depot_lock = 1;
		sb[c]!ADDED, how_many
	}
}

/*
 * Atomic: under the depot's lock. If the decrement is seen late, that looks as if the lock were
 * held longer: code that reads the count without the lock takes the lock next.
 */
inline take(c, most)
{
	atomic {
		!depot_lock && LOCKED_OP(c) ->
		n = (depot < most -> depot : most);
		depot = depot - n
	}
}

/* Atomic: under wait_lock, and nobody looks without it. */
inline hand_off(what)
{
	d_step {
		assert(nwaiting > 0 && !woken[waitlist[0]]);
		assert(!(before[waitlist[0]] & listed));
#ifdef RESERVE
		/* No other waiter has slots. */
		assert(nwaiting == 1 || slots[waitlist[1]] == 0);
#endif
		if
		:: what == OBJECT -> got[waitlist[0]]++
		:: what == SLOT -> slots[waitlist[0]]++
		fi;
		assert(got[waitlist[0]] + slots[waitlist[0]] <= WANT(waitlist[0]));
		if
		:: got[waitlist[0]] + slots[waitlist[0]] == WANT(waitlist[0]) ->
			woken[waitlist[0]] = 1;
			listed = listed & ~BIT(waitlist[0]);
			asleep = asleep & ~SLEEPS(waitlist[0]);
#ifndef MUT_HAND_NO_UNLINK
			unlink(0)
#endif
		:: else
		fi
	}
}

inline unlink(at)
{
	nwaiting--;
#if NW > 1
	if
	:: at == 0 -> waitlist[0] = waitlist[1]
	:: else
	fi;
	waitlist[1] = 0;
#else
	waitlist[0] = 0;
#endif
}

/*
 * The waiter that comes back, or the waiter behind which it comes back, may have a part of a bulk
 * and not be the first one.
 */
#if defined(RESERVE) && !defined(MUT_BACK_NO_PART)
#define PART_OF_OTHER	(nwaiting > 1 && got[waitlist[1 % NW]] > 0)
#define TAKE_PART	got[waitlist[1 % NW]]--
#else
#define PART_OF_OTHER	false
#define TAKE_PART	skip
#endif

/*
 * Each look is a step: other CPUs put meanwhile. A kick that leaves out the spares is no error,
 * only later. A spare belongs to an open cache, which the sweep or the callback for a dead CPU
 * closes. So this is no mutant.
 */
inline grant(c)
{
	k = 0;
	do
	:: !MAY_GRANT || k == NC + 2 || GAVE -> break
	:: MAY_GRANT && !GAVE && PART_OF_OTHER -> TAKE_PART; hand_off(OBJECT); NOTE_GIVEN
	:: MAY_GRANT && !GAVE && !PART_OF_OTHER && k == 0 ->
		if
		:: DEPOT_HAS(c) ->
			take(c, 1);
			if
			:: n > 0 -> hand_off(OBJECT); NOTE_GIVEN
			:: else
			fi
		:: else -> k++
		fi
	:: MAY_GRANT && !GAVE && !PART_OF_OTHER && k > 0 && k <= NC ->
		/* Atomic: an xchg(). */
		atomic {
			if
			:: spare[k - 1] > 0 && smp_mb(c) -> n = spare[k - 1]; spare[k - 1] = 0
			:: spare[k - 1] == 0 -> n = 0
			fi
		}
		if
		:: n > 0 ->
			hand_off(OBJECT);
			NOTE_GIVEN
			if
			:: n > 1 -> insert(c, n - 1); k = 0
			:: else
			fi
		:: else -> k++
		fi
	:: MAY_GRANT && !GAVE && !PART_OF_OTHER && k == NC + 1 ->
		if
#ifdef RESERVE
		:: reserve_list > 0 -> reserve_list--; hand_off(OBJECT)
		:: reserve_list == 0 && existing < MAX && !no_memory[waitlist[0]] ->
			reserve_slot();
			hand_off(SLOT)
#else
		:: existing < MAX -> reserve_slot(); hand_off(SLOT); NOTE_GIVEN
#endif
		:: else -> k++
		fi
	od;
	n = 0;
	k = 0
}

/* Code in any context. If there may be more to give, the first waiter goes on. */
inline kick(c)
{
	lock(c);
	grant(c);
#ifdef ONE
	/* Atomic: under wait_lock. Only the waiter looks without it, and this wakes the waiter. */
	d_step {
		unfinished = gave && MAY_GRANT;
		gave = 0;
		if
#ifndef MUT_NO_GO_ON
		:: unfinished -> goes_on[waitlist[0]] = 1
#endif
		:: else
		fi
	};
#endif
	unlock(c)
}

/* The waiters' kick goes on itself. */
inline kick_all(c)
{
#ifdef ONE
	do
	:: true ->
		lock(c);
		grant(c);
		/* Atomic: under wait_lock. */
		d_step { gave = gave && MAY_GRANT; unfinished = gave };
		unlock(c);
		if
		:: gave -> gave = 0
		:: else -> break
		fi
	od
#else
	kick(c)
#endif
}

inline rule(c)
{
#ifndef MUT_RULE_NO_MB
	smp_mb(c);
#endif
	if
	:: gate == CLOSED -> kick(c)
#if defined(DESTROY) && !defined(MUT_RULE_IGNORES_SHUT)
	/* In the code a worker does this later, when there can only be more to find. */
	:: gate == SHUT -> drain(c)
#endif
	:: else
	fi
}

/*
 * Tears down the idle objects in depot and spares. The freed slots need no kick: waiters in a pool
 * that ends are woken with an error.
 */
inline drain(c)
{
	k = 0;
	do
	:: k < NC ->
		/* Atomic: an xchg(). */
		atomic {
			if
			:: spare[k] > 0 && smp_mb(c) -> n = spare[k]; spare[k] = 0
			:: spare[k] == 0 -> n = 0
			fi
		}
		tear_down(c);
		k++
	:: k == NC ->
		take(c, EXISTING);
		tear_down(c);
		break
	od;
	k = 0
}

inline tear_down(c)
{
	if
	:: n > 0 ->
		lock(c);
		existing = existing - n;
		unlock(c);
		n = 0
	:: else
	fi
}

/*
 * Runs in an interrupt on its own CPU, so not inside a slow section. One step, for four reasons.
 * That CPU does nothing else meanwhile. Only sweeps read loaded, and only one sweep runs at a
 * time. One xchg() takes the spare. The sweep reads found after the completion. The step begins
 * with an empty buffer, as the xchg() empties it.
 */
proctype close_cpu(byte i)
{
end:	do
	:: atomic {
		ipi[i] && !irqs_off[i] && !in_nmi && smp_mb(i) ->
		ipi[i] = 0;
		if
#if defined(MUT_IGNORE_AGAIN)
		:: busy[i]
#elif !defined(MUT_CLOSE_BUSY)
		:: busy[i] -> again[i] = 1
#endif
		:: else ->
			room[i] = 0;
			loaded[i] = 0;
			found = found + level[i] + spare[i];
			level[i] = 0;
			spare[i] = 0
		fi;
		pending--
	   }
	od
}

#if defined(DESTROY) && !defined(MUT_SWEEPS_AT_ONCE)
/* Atomic: a mutex. */
#define LOCK_GATE(c)	atomic { !gate_lock && LOCKED_OP(c) -> gate_lock = 1 };
#define UNLOCK_GATE(c)	sb[c]!GATE_UNLOCK, 0;
#else
#define LOCK_GATE(c)
#define UNLOCK_GATE(c)
#endif

/* One at a time, so the pool needs only one mask and one list. */
inline close_all(c)
{
	assert(!in_sweep);
	in_sweep = 1;
	k = 0;
	do
	:: k == NC -> break
	:: k < NC ->
#ifdef MUT_SKIP_EMPTY
		/* Without a buffer: this is wrong even if all stores are seen at once. */
		again[k] = online[k] && loaded[k] && level[k];
#else
		again[k] = online[k] && loaded[k];
#endif
		k++
	od;
	do
	:: true ->
		/*
		 * Atomic: preemption is off, so no CPU can die meanwhile; and an interrupt may come
		 * as late as it likes.
		 */
		d_step {
			k = 0;
			do
			:: k == NC -> break
			:: k < NC ->
				if
				:: again[k] && online[k] -> ipi[k] = 1; pending++
				:: else
				fi;
#ifndef MUT_AGAIN_FOR_EVER
				again[k] = 0;
#endif
				k++
			od;
			k = 0
		}
#ifndef MUT_NO_COMPLETION
		pending == 0;
#endif
		/* Atomic: no handler runs, so these belong to the sweep. */
		d_step {
			k = 0;
			do
			:: k == NC || again[k] -> break
			:: else -> k++
			od
		}
		if
		:: k == NC -> break
#ifdef MUT_ABANDON_SWEEP
		:: k < NC && woken[w] -> break
#endif
		:: else
		fi
	od;
	k = 0;
	/* Atomic: nobody else reads these. */
	d_step { n = found; found = 0; in_sweep = 0 }
}

/*
 * Only the waiter that closed the gate comes here. Its kick follows the insertion. In DESTROY, only
 * destroy() may have looked before.
 */
inline sweep(c)
{
	LOCK_GATE(c)
	close_all(c);
	if
	:: n > 0 ->
		insert(c, n);
#ifdef DESTROY
		n = 0;
		rule(c)
#endif
	:: else
	fi;
	n = 0;
	UNLOCK_GATE(c)
	lock(c);
	sweeping = 0;
	unlock(c)
}

/* put_slow() on a CPU without a cache, or on a CPU whose cache must be left alone. */
inline put_without(c)
{
	if
	:: g == CLOSED ->
		lock(c);
		if
		:: MAY_GRANT ->
			hand_off(OBJECT);
#if defined(ONE) && !defined(MUT_PUT_FINISHES)
			/* Atomic: as in kick(). */
			d_step {
				unfinished = unfinished && MAY_GRANT;
				if
				:: unfinished -> goes_on[waitlist[0]] = 1
				:: else
				fi
			}
#endif
#ifdef DESTROY
		:: !MAY_GRANT && gate == SHUT -> existing--
		:: !MAY_GRANT && gate != SHUT -> insert(c, 1)
#else
		:: else -> insert(c, 1)
#endif
		fi;
		unlock(c)
#ifdef DESTROY
	:: g == SHUT -> n = 1; tear_down(c)
#endif
	:: g == OPEN ->
		insert(c, 1);
		due = 1
	fi
}

/* Under wait_lock. */
inline reserve_slot()
{
	existing++;
	assert(existing <= MAX)
}

inline give_up_slot(c)
{
	lock(c);
	existing--;
	unlock(c);
#ifndef MUT_SLOT_NO_RULE
	due = 1
#endif
}

/*
 * The slow paths of a CPU with a cache, interrupts off. If `use` is false, the cache must be left
 * alone, and only the depot is used.
 */
inline open_cpu(i)
{
	room[i] = MAG;
	sb[i]!LOADED, MAG;
	opened = 1
}

#ifdef MUT_OPEN_OFFLINE
#define MAY_OPEN(i)	(use && room[i] == 0)
#else
#define MAY_OPEN(i)	(use && room[i] == 0 && is_online[i])
#endif

inline put_slow(i)
{
	if
	:: g != OPEN || !use || room[i] == 0 -> put_without(i)
	:: g == OPEN && MAY_OPEN(i) ->
		level[i] = 1;
		open_cpu(i)
#if NMI
	/* An interrupt has opened the cache meanwhile. */
	:: g == OPEN && use && level[i] < room[i] -> level[i]++
#endif
	:: g == OPEN && use && room[i] > 0 && level[i] == room[i] ->
		/* The loaded magazine is full. It becomes the spare. */
		smp_mb(i);
		/* Atomic: an xchg(). */
		d_step { n = spare[i]; spare[i] = 0 }
		if
		:: n > 0 -> insert(i, n)
		:: else
		fi;
		n = 0;
		smp_mb(i);
		/* Atomic: an xchg(), and the loaded magazine belongs to this CPU. */
		d_step { spare[i] = level[i]; level[i] = 1 };
#ifndef MUT_SWAP_NO_RULE
		due = 1
#endif
	fi;
	held = 0
}

inline get_slow(i)
{
	n = 0;
	if
#if NMI
	/* An interrupt has put an object meanwhile. */
	:: g == OPEN && use && level[i] > 0 -> level[i]--; n = 1
#endif
	:: g == OPEN && use && room[i] > 0 && level[i] == 0 ->
		smp_mb(i);
		/*
		 * Atomic: an xchg(), and the loaded magazine, which is empty, belongs to this CPU.
		 */
		d_step { n = spare[i]; spare[i] = 0; level[i] = (n > 0 -> n - 1 : 0) }
	:: else
	fi;
	if
	:: g == OPEN && n == 0 && DEPOT_HAS(i) ->
		if
		:: MAY_OPEN(i) ->
			take(i, MAG);
			if
			:: n > 0 -> level[i] = n - 1; open_cpu(i)
			:: else
			fi
		:: use && room[i] > 0 ->
			take(i, MAG);
			if
			:: n > 0 -> level[i] = n - 1
			:: else
			fi
		:: else -> take(i, 1)
		fi
	:: else
	fi;
#if NC > 1
	if
	:: g == OPEN && n == 0 ->
#ifdef MUT_SPARE_NO_XCHG
		n = spare[1 - i];
		spare[1 - i] = 0;
#else
		/* Atomic: an xchg(). */
		atomic {
			if
			:: spare[1 - i] > 0 && smp_mb(i) -> n = spare[1 - i]; spare[1 - i] = 0
			:: spare[1 - i] == 0
			fi
		}
#endif
		if
		:: n > 1 -> insert(i, n - 1); due = 1
		:: else
		fi
	:: else
	fi;
#endif
#ifdef MUT_SLOT_UNLOCKED
	if
	:: n == 0 && existing < MAX -> reserve_slot(); build(i)
	:: else
	fi;
#endif
	if
	:: n == 0 && !owe ->
		lock(i);
#ifndef MUT_BARGE
		if
		:: nwaiting == 0 ->
#endif
			if
			:: DEPOT_HAS(i) && gate != SHUT -> take(i, 1)
			:: else
			fi;
			if
#ifdef RESERVE
			:: reserve_list > 0 && n == 0 -> reserve_list--; n = 1
			:: n == 0 && reserve_list == 0 && existing < MAX ->
#else
			:: n == 0 && existing < MAX ->
#endif
				reserve_slot();
				build(i)
			:: else
			fi
#ifndef MUT_BARGE
		:: else
		fi;
#endif
		unlock(i)
	:: else
	fi;
	if
	:: n > 0 -> held = 1
	:: else
	fi;
	n = 0
}

/* The ctor runs later, with no lock held. Nobody knows its result before. */
inline build(i)
{
	if
#ifdef DESTROY
	:: state == DYING -> owe = 1
	:: state == WORKING -> n = 1
#else
#ifdef RESERVE
	:: kept++; n = 1
#else
	:: n = 1
#endif
#ifdef CTOR
	:: owe = 1
#endif
#endif
	fi
}

/* The end of a slow section. */
inline leave_slow(i)
{
	if
	:: opened ->
#ifndef MUT_OPEN_NO_RECHECK
#ifndef MUT_OPEN_NO_MB
		smp_mb(i);
#endif
		if
		:: gate != OPEN ->
			/* As close_cpu() does. */
			smp_mb(i);
			d_step {
				room[i] = 0;
				n = level[i] + spare[i];
				level[i] = 0;
				spare[i] = 0
			}
			sb[i]!LOADED, 0;
			if
			:: n > 0 -> insert(i, n)
			:: else
			fi;
			n = 0;
			due = 1
		:: else
		fi
#endif
	:: else
	fi;
	opened = 0;
	if
	:: due -> rule(i)
	:: else
	fi;
	due = 0;
	use = 0
}

/*
 * The part of a hit while busy is set is one step: only interrupts of this CPU run there, and they
 * see busy and go away. In the mutant that ignores busy, each test and each move is a step.
 */
#ifdef MUT_CLOSE_BUSY
#define HIT
#else
#define HIT	d_step
#endif

/* Gets and puts on a CPU with a cache. */
proctype user(byte i) RUNS
{
	byte gets = GETS;
	bool held = (i < HELD);
	bool owe, due, opened, use, miss, nested;
	GAVE_LOCAL
	byte late, g, k, n;

	do
	:: gets == 0 && !held && !owe -> break
#ifdef CTOR
#ifdef RESERVE
	/* A put that tears down, except the objects that the reserve keeps. */
	:: held && !owe ->
		irqs_off[i] = 1;
		lock(i);
		if
		:: kept > RESERVE -> kept--; existing--
		:: kept == RESERVE -> reserve_list++
		fi;
		unlock(i);
		held = 0;
		kick(i);
		irqs_off[i] = 0
#else
	:: held && !owe -> held = 0; owe = 1	/* a put that tears down */
#endif
#endif
#if defined(CTOR) || defined(DESTROY)
	:: owe ->
		irqs_off[i] = 1;
		give_up_slot(i);
		owe = 0;
		goto tail
#endif
	:: !owe && (held || gets > 0) ->
		/* The get or put begins. Atomic: late is only a note. */
		d_step {
			late = LATE;
			miss = 1;
			if
			:: alive[i] -> busy[i] = 1; miss = 0
			:: else
			fi
		}
#ifdef NESTED
		if
		:: true
		:: !miss -> d_step { busy[i] = 0; miss = 1; nested = 1 }
		fi;
#endif
		if
		:: !miss ->
			HIT {
				if
				:: held && level[i] < room[i] -> level[i]++; held = 0
				:: !held && level[i] > 0 ->
					level[i]--;
					held = 1;
					gets--;
					assert(!(late & asleep) || !is_online[i])
				:: else -> miss = 1
				fi;
				busy[i] = 0
			}
		:: else
		fi;
		if
		:: miss ->
			/* One step: only interrupts of this CPU see the first half. */
			d_step { irqs_off[i] = 1; use = alive[i] && !nested; miss = 0; g = gate }
			nested = 0;
			if
			:: held -> put_slow(i)
			:: else ->
				gets--;
				get_slow(i);
				assert(!(held && (late & asleep)))
			fi;
			g = 0;
			late = 0;
tail:
			leave_slow(i);
			irqs_off[i] = 0
		:: else -> late = 0
		fi
	od;
	done++
}

/* Joins the wait list and waits, under wait_lock at first. */
inline wait(w, c)
{
	/* Atomic: under wait_lock. */
	d_step {
#ifdef RESERVE
		/* At its place by arrival. Only the first waiter has slots. */
		listed = listed | BIT(w);
		if
		:: nwaiting > 0 && (came & BIT(w)) && (before[waitlist[0]] & BIT(w)) ->
			waitlist[1] = waitlist[0];
			waitlist[0] = w;
#ifndef MUT_BACK_NO_DROP
			existing = existing - slots[waitlist[1]];
			slots[waitlist[1]] = 0
#endif
		:: else -> waitlist[nwaiting] = w
		fi;
		if
		:: !(came & BIT(w)) -> before[w] = came; came = came | BIT(w)
		:: else
		fi;
#else
		before[w] = listed;
		listed = listed | BIT(w);
#ifdef MUT_JOIN_AT_HEAD
		waitlist[NW - 1] = waitlist[0];
		waitlist[0] = w;
#else
		waitlist[nwaiting] = w;
#endif
#endif
		nwaiting++
	}
	if
#ifdef MUT_BACK_NO_CLOSE
	:: no_memory[w]
	:: gate == OPEN && !no_memory[w] ->
#else
	:: gate == OPEN ->
#endif
		sb[c]!GATE, CLOSED;
		sweeping = 1;
		sweeper = 1
	:: else
	fi;
	unlock(c);
#ifndef MUT_WAITER_NO_MB
	smp_mb(c);
#endif
	if
	:: sweeper -> sweep(c)
	:: else
	fi;
#ifdef MUT_NO_KICK_AFTER_SWEEP
	if
	:: sweeper
	:: else -> kick_all(c)
	fi;
#elif defined(MUT_NO_KICK_BY_JOINER)
	if
	:: !sweeper
	:: else -> kick_all(c)
	fi;
#else
	kick_all(c);
#endif
	sweeper = 0;
	/* Not a step of the protocol, only a note for the assertions. */
	d_step {
		if
		:: !woken[w] -> asleep = asleep | SLEEPS(w)
		:: else
		fi
	}
	do
	:: woken[w] -> break
	:: w >= TIMEOUT && !woken[w] -> late = 1; break	/* the deadline, or a signal */
#ifdef ONE
	:: goes_on[w] -> goes_on[w] = 0; kick_all(c)
#endif
	od;
	/*
	 * A waiter that was woken takes no lock. A waiter whose time is over looks again with the
	 * lock.
	 */
	if
#ifdef MUT_LEAVE_UNLOCKED
	:: true
#else
	:: woken[w]
	:: !woken[w] -> lock(c); locked = 1
#endif
	fi;
	/* Both atomic: under wait_lock. */
	d_step {
#ifdef DESTROY
		whole = woken[w] && !sent_home[w];
#else
		whole = woken[w];
#endif
#ifdef RESERVE
		woken[w] = 0;
#endif
		have = got[w];
		owes = slots[w]
	}
	d_step {
		got[w] = 0;
		slots[w] = 0;
		listed = listed & ~BIT(w);
		asleep = asleep & ~SLEEPS(w);
		if
		:: nwaiting > 0 && waitlist[0] == w -> unlink(0)
		:: nwaiting > 1 && waitlist[1 % NW] == w -> unlink(1)
		:: else
		fi
	}
#ifdef MUT_TIMEOUT_DROPS
	if
	:: late -> have = 0; owes = 0
	:: else
	fi;
#endif
	/* A partial bulk goes back. */
	if
	:: !whole && have + owes > 0 ->
		existing = existing - owes;
		owes = 0;
		if
#ifdef DESTROY
		:: have > 0	/* by the puts that follow, which look at the gate */
#else
		:: have > 0 -> insert(c, have); have = 0
#endif
		:: else
		fi;
#ifndef MUT_PARTIAL_NO_KICK
		due = 1
#endif
	:: else
	fi;
	whole = 0;
	late = 0;
	if
	:: locked -> unlock(c); locked = 0
	:: else
	fi
}

proctype waiter(byte w; byte c)
{
	bool sweeper, due, whole, late, locked;
	GAVE_LOCAL
#ifdef DESTROY
	bool waits;
#endif
	byte have, owes, g, k, n;

	/* get_slow() on a CPU without a cache. */
	g = gate;
	if
	:: g == OPEN && DEPOT_HAS(c) ->
		take(c, WANT(w));
		have = n;
		n = 0;
#ifdef MUT_BULK_HOARDS
		if
		:: have < WANT(w) -> got[w] = have; have = 0
		:: else
		fi
#else
		/* A bulk get holds no objects when it joins the wait list. */
		if
		:: have > 0 && have < WANT(w) -> insert(c, have); have = 0; rule(c)
		:: else
		fi
#endif
	:: else
	fi;
	g = 0;
#ifdef DESTROY
	/* kp_enter(). Atomic: an atomic operation. */
	if
	:: have > 0
	:: atomic { have == 0 && smp_mb(c) -> inside++; waits = 1 }
	fi;
#endif
	if
	:: have > 0
	:: else ->
		lock(c);
		if
		:: nwaiting == 0 && WANT(w) == 1 && gate != SHUT && DEPOT_HAS(c) -> take(c, 1)
		:: else
		fi;
		have = n;
		n = 0;
		if
		:: have > 0 -> unlock(c)
		:: have == 0 && nwaiting == 0 && WANT(w) == 1 && existing < MAX ->
			reserve_slot();
			owes = 1;
			unlock(c)
		:: else ->
back:
#if defined(DESTROY) && !defined(MUT_JOIN_NO_STATE)
			if
			:: state == DYING -> unlock(c)
			:: else -> wait(w, c)
			fi
#else
			wait(w, c)
#endif
		fi
	fi;
#ifdef DESTROY
	/* kp_leave() */
	atomic { smp_mb(c) -> inside = inside - waits; waits = 0 }
#endif
	/* The waiter has slots now, whose ctors run, and objects, which it uses and puts. */
	do
	:: due -> due = 0; rule(c)
#ifdef RESERVE
	/* All are built, or none. Both atomic: under wait_lock, and nobody looks without it. */
	:: atomic {
		!due && owes > 0 && !wait_lock && LOCKED_OP(c) ->
		kept = kept + owes;
		have = have + owes;
		owes = 0
	   }
	:: atomic {
		!due && owes > 0 && !wait_lock && LOCKED_OP(c) ->
		existing = existing - owes;
		owes = 0
	   }
		rule(c);
		lock(c);
		/* Atomic: under wait_lock, and these belong to the waiter. */
		d_step { no_memory[w] = 1; got[w] = have; have = 0 }
		goto back
#else
	:: !due && owes > 0 ->
		owes--;
		if
#ifdef DESTROY
		:: state == WORKING -> have++
		:: state == DYING -> give_up_slot(c)
#else
		:: have++
#endif
#ifdef CTOR
		:: give_up_slot(c)
#endif
		fi
#endif
	:: !due && owes == 0 && have > 0 ->
		have--;
		g = gate;
		put_without(c);
		g = 0
	:: !due && owes == 0 && have == 0 -> break
	od;
	done++
}

#ifdef DESTROY
/* kpool_destroy() */
proctype destroy(byte c)
{
	byte k, n;

	LOCK_GATE(c)
	sb[c]!STATE, DYING;
	lock(c);
	sb[c]!GATE, SHUT;
	unlock(c);
	smp_mb(c);
#ifndef MUT_SHUT_NO_CLOSE
	close_all(c);
#endif
	UNLOCK_GATE(c)
	/* Wakes all waiters with an error, one in each hold of the lock. Atomic: under wait_lock. */
	do
	:: true ->
		lock(c);
		d_step {
			k = nwaiting;
			if
			:: nwaiting == 0
			:: nwaiting > 0 ->
				woken[waitlist[0]] = 1;
				sent_home[waitlist[0]] = 1;
				listed = listed & ~BIT(waitlist[0]);
				asleep = asleep & ~SLEEPS(waitlist[0]);
				unlink(0)
			fi
		}
		unlock(c);
		if
		:: k == 0 -> break
		:: k > 0 -> k = 0
		fi
	od;
	/*
	 * Then destroy finds all objects. Without this, other code finds them, so this is no
	 * mutant.
	 */
	inside == 0;
	tear_down(c);
	drain(c);
	done++
}
#endif

#if NMI
#if NC > 1
#error an NMI would stop the users of all CPUs
#endif

/*
 * Atomic: kp_list_add(), then irq_work_queue(). An irq_work between the two finds the object sooner.
 */
inline defer_put(i)
{
	atomic { smp_mb(i) -> deferred_inserts++; work = 1 }
}

/*
 * Puts in NMIs, which may come at any time. put_restricted(), with trylocks only. A lock that is
 * not in the model may be held, and then the trylock fails.
 */
proctype nmi(byte i)
{
	byte g, puts = NMI;

	do
	:: puts == 0 -> break
	:: puts > 0 ->
		puts--;
		in_nmi = 1;
		g = gate;
		if
		:: g != OPEN -> defer_put(i)
		:: g == OPEN && !busy[i] && !irqs_off[i] && level[i] < room[i] -> level[i]++
		:: g == OPEN && (busy[i] || irqs_off[i] || level[i] == room[i]) ->
			if
			:: defer_put(i)
			/* Atomic: as insert(). */
			:: atomic {
				!depot_lock && LOCKED_OP(i) ->
				depot_lock = 1;
				sb[i]!ADDED, 1
			   }
#ifndef MUT_NMI_NO_RULE
#ifndef MUT_NMI_NO_MB
				smp_mb(i);
#endif
				if
				/* Atomic: set_bit(), irq_work_queue(). */
				:: gate != OPEN -> atomic { smp_mb(i) -> work = 1 }
				:: else
				fi
#endif
			fi
		fi;
		g = 0;
		in_nmi = 0
	od;
	done++
}

/* An interrupt on that CPU. It may come inside a hit, not inside a slow section. */
proctype irq_work(byte i) provided (!in_nmi)
{
	GAVE_LOCAL
	bool held, due, opened, use;
	byte g, k, n;

end:	do
	:: atomic {
		work && !irqs_off[i] && smp_mb(i) ->
		work = 0;
		in_work = 1;
		irqs_off[i] = 1;
		use = !busy[i]
	   }
#ifndef MUT_WORK_NO_KICK
		kick(i);
#endif
		do
		:: deferred_inserts == 0 -> break
		:: deferred_inserts > 0 ->
			deferred_inserts--;
			held = 1;
			g = gate;
			put_slow(i);
			g = 0;
			leave_slow(i);
			use = !busy[i]
		od;
		use = 0;
		irqs_off[i] = 0;
		in_work = 0
	od
}
#endif

#if defined(MUT_REOPEN_IN_SWEEP)
#define MAY_REOPEN	(nwaiting == 0)
#elif defined(MUT_REOPEN_IN_LINE)
#define MAY_REOPEN	(!sweeping)
#else
#define MAY_REOPEN	(nwaiting == 0 && !sweeping)
#endif

/* Runs some time after the last waiter. One step: under wait_lock, and nothing is read after it. */
proctype reopen()
{
end:	do
	:: atomic {
		gate == CLOSED && !wait_lock && MAY_REOPEN -> gate = OPEN
	   }
	od
}

#define DRAIN(c)	atomic { sb[c]?what, value -> drained(c) }
#ifdef MUT_UNLOCK_RELAXED
#define DRAIN_UNLOCK(c)	:: atomic { sb[c]??UNLOCK, value -> what = UNLOCK; drained(c) }
#else
#define DRAIN_UNLOCK(c)
#endif
#ifdef DESTROY
#define DRAIN_STATE(c)	:: atomic { sb[c]??STATE, value -> what = STATE; drained(c) }
#else
#define DRAIN_STATE(c)
#endif
#define DRAIN_ANY(c)	atomic { sb[c]??GATE, value -> what = GATE; drained(c) } \
	:: atomic { sb[c]??LOADED, value -> what = LOADED; drained(c) } \
	:: atomic { sb[c]??ONLINE, value -> what = ONLINE; drained(c) } \
	DRAIN_STATE(c) \
	DRAIN_UNLOCK(c)

inline drained(c)
{
	if
	:: what == GATE -> gate = value
#if NC > 1
	:: what == LOADED && c < NC -> loaded[c % NC] = value
	:: what == ONLINE && c < NC -> online[c % NC] = value
#else
	:: what == LOADED -> loaded[0] = value
	:: what == ONLINE -> online[0] = value
#endif
	:: what == ADDED -> depot = depot + value; depot_lock = 0
	:: what == UNLOCK -> wait_lock = 0
#ifdef DESTROY
	:: what == STATE -> state = value
	:: what == GATE_UNLOCK -> gate_lock = 0
#endif
	fi;
	what = 0;
	value = 0
}

/* Drains the store buffers. Atomic: one store reaches memory. */
proctype memory()
{
	byte what, value;

end:	do
	:: DRAIN(0)
	:: DRAIN(1)
#if CPUS > 2
	:: DRAIN(2)
#endif
#if CPUS > 3
	:: DRAIN(3)
#endif
#if CPUS > 4
	:: DRAIN(4)
#endif
#ifdef OOO
	:: DRAIN_ANY(0)
	:: DRAIN_ANY(1)
#if CPUS > 2
	:: DRAIN_ANY(2)
#endif
#if CPUS > 3
	:: DRAIN_ANY(3)
#endif
#if CPUS > 4
	:: DRAIN_ANY(4)
#endif
#endif
	od
}

#ifdef HOTPLUG
/*
 * The last CPU with a cache goes away and comes back. Atomic: stop_machine(), when that CPU is in
 * no hit and in no slow section, and has run the interrupts that were sent to it.
 */
proctype hotplug(byte c)
{
	GAVE_LOCAL
	byte k, n;

	atomic {
		!busy[LAST] && !irqs_off[LAST] && !ipi[LAST] && smp_mb(LAST) ->
		online[LAST] = 0;
		is_online[LAST] = 0
	}
	/* The CPU is dying: it still runs, and its cache is still used. */
	atomic { !busy[LAST] && !irqs_off[LAST] && smp_mb(LAST) -> alive[LAST] = 0 }
	/* The callback, on another CPU. Atomic: other code uses that cache only by xchg(). */
	d_step {
		n = level[LAST] + spare[LAST];
		room[LAST] = 0;
		loaded[LAST] = 0;
		level[LAST] = 0;
		spare[LAST] = 0
	}
	if
	:: n > 0 -> insert(c, n); n = 0;
#ifndef MUT_DEAD_NO_RULE
		rule(c)
#endif
	:: else
	fi;
	/* The CPU comes back: its early code runs before it is online. */
	alive[LAST] = 1;
	atomic { !busy[LAST] && !irqs_off[LAST] -> is_online[LAST] = 1; sb[LAST]!ONLINE, 1 }
	done++
}
#endif

#if defined(HOTPLUG) || defined(DESTROY) || NMI
#define PROCESSES	(NC + NW + 1)
#else
#define PROCESSES	(NC + NW)
#endif

init {
	byte k, sum;

	/* Both atomic: nothing else runs yet. */
	d_step {
		do
		:: k == NC -> break
		:: k < NC ->
			online[k] = 1;
			is_online[k] = 1;
			alive[k] = 1;
			k++
		od;
		if
		:: CACHED + SPARE > 0 ->
			room[0] = MAG;
			loaded[0] = MAG;
			level[0] = CACHED;
			spare[0] = SPARE
		:: else
		fi;
		k = 0
	}
	atomic {
		run memory();
		run reopen();
		run user(0);
		run close_cpu(0);
#if NC > 1
		run user(1);
		run close_cpu(1);
#endif
		run waiter(0, NC);
#if NW > 1
		run waiter(1, NC + 1);
#endif
#ifdef HOTPLUG
		run hotplug(NC + NW);
#endif
#ifdef DESTROY
		run destroy(NC + NW);
#endif
#if NMI
		run nmi(0);
		run irq_work(0);
#endif
	}
	done == PROCESSES;
#if NMI
	!work && !in_work;
#endif
	do
	:: k == CPUS -> break
	:: k < CPUS && smp_mb(k) -> k++
	od;
	k = 0;
	/* Atomic: all processes are done. */
	d_step {
		sum = depot + found;
#ifdef RESERVE
		sum = sum + reserve_list;
#endif
		do
		:: k == NC -> break
		:: k < NC -> sum = sum + level[k] + spare[k]; k++
		od;
		assert(sum == existing);
#ifdef RESERVE
		assert(existing == kept);
#endif
#ifdef DESTROY
		/* All objects were put, and the pool keeps none. */
		assert(existing == 0);
#endif
		assert(existing <= MAX);
		assert(nwaiting == 0);
		over = 1
	}
}

#ifdef LIVE
ltl ends { <> over }
#endif
