// SPDX-License-Identifier: GPL-2.0-only
/* The threads that stress pools, sets and rings, each on a CPU of its own. */
#include <linux/cpu.h>
#include <linux/kthread.h>
#include <linux/slab.h>

#include "threads.h"

static int thread_body(void *arg)
{
	struct thread *t = arg;

	t->work(t);
	/* After this, the thread runs no code of this module. */
	kthread_complete_and_exit(&t->done, 0);
}

struct task_struct *thread_create(struct thread *t, void (*work)(struct thread *t), int cpu,
				  u32 seed, const char *name)
{
	t->work = work;
	t->cpu = cpu;
	prandom_seed_state(&t->rnd, seed);
	init_completion(&t->done);
	return kthread_create_on_cpu(thread_body, t, cpu, name);
}

static int start(struct crew *crew, void (*work)(struct thread *t), size_t size, int cpu)
{
	struct thread *t = kzalloc(size, GFP_KERNEL);
	struct task_struct *task;

	if (!t)
		return -ENOMEM;
	t->crew = crew;
	task = thread_create(t, work, cpu, cpu + 1, "kpool_stress/%u");
	if (IS_ERR(task)) {
		kfree(t);
		return PTR_ERR(task);
	}
	list_add(&t->list, &crew->threads);
	wake_up_process(task);
	return 0;
}

int crew_start(struct crew *crew, void (*work)(struct thread *t), size_t size)
{
	int cpu, err = 0;

	INIT_LIST_HEAD(&crew->threads);
	cpus_read_lock();
	for_each_online_cpu(cpu)
		err = err ?: start(crew, work, size, cpu);
	cpus_read_unlock();
	return err;
}

bool crew_has_ended(struct crew *crew)
{
	struct thread *t, *next;

	list_for_each_entry_safe(t, next, &crew->threads, list) {
		if (!wait_for_completion_timeout(&t->done, msecs_to_jiffies(20)))
			return false;
		list_del(&t->list);
		kfree(t);
	}
	return true;
}

void crew_fail(struct crew *crew, const char *what)
{
	if (atomic_inc_return(&crew->errors) == 1)
		pr_err("%s: %s\n", crew->name, what);
}

int crew_error(struct crew *crew)
{
	return atomic_read(&crew->errors) ? -EIO : 0;
}
