// SPDX-License-Identifier: GPL-2.0-only
/* A stream of bytes through a ring. The two sides are threads on two CPUs. */
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "stream.h"

int stream_start(struct stream *s, void (*producer)(struct thread *t),
		 void (*consumer)(struct thread *t), int *cpu, const char *name)
{
	int from = cpumask_next(*cpu, cpu_online_mask);
	int to = cpumask_next(from, cpu_online_mask);
	struct task_struct *writer, *reader;

	*cpu = to;
	reader = thread_create(&s->consumer.thread, consumer, to, to + 100, name);
	if (IS_ERR(reader))
		return PTR_ERR(reader);
	writer = thread_create(&s->producer.thread, producer, from, from + 1, name);
	if (IS_ERR(writer)) {
		kthread_stop(reader);
		return PTR_ERR(writer);
	}
	wake_up_process(reader);
	wake_up_process(writer);
	return 0;
}

void stream_wait(struct stream *s)
{
	wait_for_completion(&s->producer.thread.done);
	wait_for_completion(&s->consumer.thread.done);
}

int stream_verdict(struct stream *s, const char *name)
{
	if (s->wrong)
		pr_err("%s: %lu pieces were not what belongs there\n", name, s->wrong);
	else if (kpool_ring_lost(s->ring) + s->taken != s->goal)
		pr_err("%s: read and lost is not what was written\n", name);
	else
		return 0;
	return -EIO;
}

static u64 word_at(u64 position)
{
	u64 word = (position / 8 + 1) * 0x9e3779b97f4a7c15ULL;

	return word ^ (word >> 29);
}

void stream_fill(u8 *to, u64 position, size_t n)
{
	u64 word;
	size_t part;

	for (; n; n -= part, to += part, position += part) {
		word = word_at(position);
		part = min_t(size_t, n, 8 - position % 8);
		memcpy(to, (u8 *)&word + position % 8, part);
	}
}

void stream_check(struct stream *s, const u8 *from, u64 position, size_t n)
{
	u64 word;
	size_t part;

	for (; n; n -= part, from += part, position += part) {
		word = word_at(position);
		part = min_t(size_t, n, 8 - position % 8);
		if (memcmp(from, (u8 *)&word + position % 8, part)) {
			s->wrong++;
			return;
		}
	}
}
