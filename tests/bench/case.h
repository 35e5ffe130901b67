/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The benchmark's cases. A case is one question, as "what do a get and a put cost?". It has peers,
 * which answer the question each in its own way, and may have points, as sizes. All peers of a
 * point are set up together, and their rounds alternate. So what disturbs the machine disturbs all
 * of them alike.
 *
 * A new case is an entry in an array of struct bench_case. A new array goes into the list in
 * suite.c. tools/bench/kpoolbench/cases.py has the words for people.
 */
#ifndef _KPOOL_BENCH_CASE_H
#define _KPOOL_BENCH_CASE_H

#include <linux/types.h>

struct kmem_cache;
struct bench_out;

/* What a peer works with, from its setup to its cleanup. */
struct bench {
	const struct bench_case *c;
	const struct bench_peer *peer;
	u64 point;		/* of the case */
	size_t size;		/* bytes of an object */
	unsigned int capacity;	/* objects in use at once, at most */
	void *handle;		/* the pool, the cache, the ring: whatever the peer has */
	struct kmem_cache *cache;	/* below a mempool */
	void **objs;		/* room for capacity objects */
	unsigned int ops;	/* operations in a round; all peers have their own number */
	int err;		/* why the peer does not run */
	bool failed;		/* a call failed, so the round says nothing */
};

struct bench_peer {
	const char *name;
	int (*setup)(struct bench *b);		/* may be NULL */
	void (*cleanup)(struct bench *b);	/* likewise; only after a setup without an error */
	/* Does that many operations. The engine takes the time, and prints it as "cost". */
	void (*run)(struct bench *b, unsigned int ops);
	/* In place of run: measures itself, and prints figures by bench_figure(). */
	int (*measure)(struct bench *b, struct bench_out *out);
	u64 least, most;	/* the points that the peer can do; 0: no limit */
};

struct bench_case {
	const char *name;	/* as in the result; a letter first, no blanks */
	const struct bench_peer *peers;	/* ends with a peer that has no name */
	const u64 *points;	/* ends with 0 */
	size_t size;		/* bytes of an object; 0: the point is the size */
	unsigned int capacity;	/* objects in use at once; 0: the point is that number */
	unsigned int step;	/* a round has a multiple of so many operations; 0: the point */
	unsigned int rounds;	/* no more rounds than so many; 0: as the parameter says */
	bool many_cpus;		/* left out with one CPU */
	bool point_is_cpus;	/* points above this machine's CPUs are left out, too */
	bool many_get;		/* of the CPUs one puts and all others get, not the reverse */
};

#define BENCH_POINTS(...)	((const u64[]){ __VA_ARGS__, 0 })

/* Ends a list of cases, and one of peers. */
#define BENCH_END		{ }

/**
 * bench_figure() - print a figure of a peer
 * @out: as passed to measure
 * @metric: what it is
 * @hundredths: the figure, times 100
 */
void bench_figure(struct bench_out *out, const char *metric, u64 hundredths);

/* The cases, by subject. */
extern const struct bench_case bench_object_cases[];
extern const struct bench_case bench_size_cases[];
extern const struct bench_case bench_ring_cases[];
extern const struct bench_case bench_thread_cases[];
extern const struct bench_case bench_latency_cases[];
extern const struct bench_case bench_interrupt_cases[];
extern const struct bench_case bench_bounded_cases[];
extern const struct bench_case bench_memory_cases[];
extern const struct bench_case bench_growth_cases[];

#endif /* _KPOOL_BENCH_CASE_H */
