/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KPOOL_BENCH_THREADS_H
#define _KPOOL_BENCH_THREADS_H

#include <linux/types.h>

#include "case.h"

/*
 * Threads that work at the same time, each bound to a CPU of its own. They begin together: none
 * works before all are there.
 */
struct bench_thread {
	int (*work)(struct bench_thread *t);
	void *arg;
	unsigned int number;		/* from 0 on */
	/* the engine's */
	struct bench_crew *crew;
	unsigned int cpu;
	struct task_struct *task;
	u64 begin, end;
	int err;
};

#define BENCH_MOST_CPUS		8

struct task_struct *bench_thread_create(int (*work)(void *), void *arg);
void bench_thread_join(struct task_struct *task);
int bench_threads(struct bench_thread *threads, unsigned int n, u64 *took);
int bench_all_cpus(struct bench *b, struct bench_out *out, int (*work)(struct bench_thread *t),
		   unsigned int ops);

#endif /* _KPOOL_BENCH_THREADS_H */
