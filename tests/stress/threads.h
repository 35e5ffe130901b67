/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KPOOL_STRESS_THREADS_H
#define _KPOOL_STRESS_THREADS_H

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/prandom.h>
#include <linux/types.h>

/* A thread on a CPU of its own. Once it runs, it ends by itself. */
struct thread {
	void (*work)(struct thread *t);
	int cpu;
	struct rnd_state rnd;
	struct completion done;
	/* Only for a thread of a crew. */
	struct crew *crew;
	struct list_head list;
};

/* The thread does not run before wake_up_process(). */
struct task_struct *thread_create(struct thread *t, void (*work)(struct thread *t), int cpu,
				  u32 seed, const char *name);

/* The threads of one test, one on each online CPU, and the test's errors. */
struct crew {
	const char *name;	/* of the pool, set or ring, for messages */
	unsigned int ops;	/* that each thread makes */
	struct list_head threads;
	atomic_t errors;
};

/* Each thread gets @size zeroed bytes, which begin with its struct thread. */
int crew_start(struct crew *crew, void (*work)(struct thread *t), size_t size);

/* Waits for a moment. Returns true when all threads have ended; their memory is freed then. */
bool crew_has_ended(struct crew *crew);

/* Only the first error of a crew is printed. */
void crew_fail(struct crew *crew, const char *what);
int crew_error(struct crew *crew);

#endif /* _KPOOL_STRESS_THREADS_H */
