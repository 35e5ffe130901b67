// SPDX-License-Identifier: GPL-2.0-only
/* Threads, and how several of them begin their work at the same time, on as many CPUs. */
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/sched/task.h>

#include "threads.h"

/**
 * bench_thread_create() - create a thread, which wake_up_process() starts
 * @work: the thread ends with this function
 * @arg: its argument
 *
 * Return: the thread, for which the caller calls bench_thread_join(), or an ERR_PTR.
 */
struct task_struct *bench_thread_create(int (*work)(void *), void *arg)
{
	struct task_struct *task = kthread_create(work, arg, "kpool_bench");

	return IS_ERR(task) ? task : get_task_struct(task);
}

/**
 * bench_thread_join() - wait for the end of a thread
 * @task: the thread. It has begun its work, or else it never does.
 *
 * A thread that has told the caller that it is through may still use what it worked with, and the
 * code of this module.
 */
void bench_thread_join(struct task_struct *task)
{
	kthread_stop(task);
	put_task_struct(task);
}

struct bench_crew {
	atomic_t missing;		/* threads that are not there yet */
	atomic_t working;
	bool dismissed;			/* a thread could not be started */
	struct completion done;
};

static int thread_main(void *arg)
{
	struct bench_thread *t = arg;
	struct bench_crew *crew = t->crew;

	atomic_dec(&crew->missing);
	while (atomic_read(&crew->missing) && !READ_ONCE(crew->dismissed))
		cond_resched();
	t->begin = ktime_get_ns();
	t->err = READ_ONCE(crew->dismissed) ? -ECANCELED : t->work(t);
	t->end = ktime_get_ns();
	if (atomic_dec_and_test(&crew->working))
		complete(&crew->done);
	return 0;
}

static int start(struct bench_thread *t)
{
	t->task = bench_thread_create(thread_main, t);
	if (IS_ERR(t->task))
		return PTR_ERR(t->task);
	kthread_bind(t->task, t->cpu);
	wake_up_process(t->task);
	return 0;
}

/**
 * bench_threads() - have threads work at the same time
 * @threads: work, arg and number of each
 * @n: how many, no more than CPUs are online
 * @took: nanoseconds from the first begin to the last end
 *
 * Return: 0, or an error of a thread, or of the start of one.
 */
int bench_threads(struct bench_thread *threads, unsigned int n, u64 *took)
{
	u64 begin = U64_MAX, end = 0;
	struct bench_crew crew = {};
	unsigned int i, started, cpu = -1;
	int err = 0;

	if (n > num_online_cpus())
		return -ENODEV;
	atomic_set(&crew.missing, n);
	/* One for this function, so that nobody completes before all have started. */
	atomic_set(&crew.working, 1);
	init_completion(&crew.done);
	for (started = 0; started < n; started++) {
		cpu = cpumask_next(cpu, cpu_online_mask);
		threads[started].crew = &crew;
		threads[started].cpu = cpu;
		atomic_inc(&crew.working);
		err = start(&threads[started]);
		if (!err)
			continue;
		atomic_dec(&crew.working);
		WRITE_ONCE(crew.dismissed, true);
		break;
	}
	if (!atomic_dec_and_test(&crew.working))
		wait_for_completion(&crew.done);
	for (i = 0; i < started; i++)
		bench_thread_join(threads[i].task);
	if (err)
		return err;
	for (i = 0; i < n; i++) {
		err = err ?: threads[i].err;
		begin = min(begin, threads[i].begin);
		end = max(end, threads[i].end);
	}
	*took = end - begin;
	return err;
}

/**
 * bench_all_cpus() - have as many CPUs as the point says do the same work at the same time
 * @b: the peer, which the threads have as their arg
 * @out: for the figure "cost": the time of a CPU for an operation. If it does not grow with the
 *	CPUs, nobody waits.
 * @work: the work of a thread
 * @ops: how many operations that is
 *
 * Return: 0, or an error.
 */
int bench_all_cpus(struct bench *b, struct bench_out *out, int (*work)(struct bench_thread *t),
		   unsigned int ops)
{
	struct bench_thread threads[BENCH_MOST_CPUS] = {};
	u64 took, sum = 0;
	unsigned int i;
	int err;

	for (i = 0; i < b->point; i++) {
		threads[i].work = work;
		threads[i].arg = b;
		threads[i].number = i;
	}
	err = bench_threads(threads, b->point, &took);
	if (err)
		return err;
	for (i = 0; i < b->point; i++)
		sum += threads[i].end - threads[i].begin;
	bench_figure(out, "cost", div64_u64(sum * 100, b->point * ops));
	return 0;
}
