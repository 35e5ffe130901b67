// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rings whose sides sleep: a producer and a consumer on two CPUs each, who wait for room and for
 * data as long as it takes. A wake-up that got lost is a wait that comes to its timeout. All is
 * read, in order, and the end ends it.
 */
#include <linux/completion.h>
#include <linux/cpu.h>
#include <linux/jiffies.h>
#include <linux/kpool_ring_wait.h>
#include <linux/kthread.h>
#include <linux/minmax.h>
#include <linux/prandom.h>
#include <linux/slab.h>

#include "stress.h"

#define CALL_MOST	3000			/* bytes of a call */
#define FORGOTTEN	(30 * HZ)		/* that long nobody waits who is not */
#define FLOOD		10000			/* writes */

/*
 * Where both batches are more than the ring and a byte, only the delay helps them who wait for
 * each other.
 */
static const struct way {
	const char *name;
	size_t size;
	unsigned int flags;
	struct kpool_ring_wait_params params;
	unsigned int bytes;	/* for 32 operations: where they sleep a lot they are slow */
} ways[] = {
	{ "a byte", 1, 0, { }, 1 },
	{ "tiny", 7, 0, { }, 16 },
	{ "tiny, batches", 7, 0, { .read_batch = 4, .write_batch = 4 }, 16 },
	{ "tiny, a reader's batch", 7, 0, { .read_batch = 7 }, 8 },
	{ "tiny, delay", 7, 0, { .read_batch = 5, .write_batch = 5, .delay_ms = 1 }, 2 },
	{ "a page", 4096, 0, { .read_batch = 1000, .write_batch = 2000 }, 3000 },
	{ "64 KiB", 65536, 0, { .read_batch = 16384, .write_batch = 32768 }, 34400 },
	{ "overwrites", 100, KPOOL_RING_OVERWRITE, { .read_batch = 50 }, 3000 },
};

struct side {
	struct rnd_state rnd;
	struct completion done;
	u64 waits;
	u8 buf[CALL_MOST];
};

struct stream {
	const struct way *way;
	struct kpool_ring *ring;
	struct kpool_ring_wait wait;
	u64 goal, written, taken;
	unsigned long wrong;
	bool forgotten;
	struct side producer, consumer;
};

static size_t some(struct stream *s, struct side *side)
{
	size_t most = min_t(size_t, CALL_MOST, s->way->size + 2);

	return prandom_u32_state(&side->rnd) % most + 1;
}

/* Who was forgotten ends it for both. */
static bool waited(struct stream *s, struct side *side, long left)
{
	side->waits++;
	if (left > 0)
		return true;
	WRITE_ONCE(s->forgotten, true);
	kpool_ring_end(&s->wait);
	return false;
}

static int producer(void *arg)
{
	struct stream *s = arg;
	struct side *p = &s->producer;
	size_t n, taken;

	while (s->written < s->goal && !READ_ONCE(s->forgotten)) {
		n = min_t(u64, some(s, p), s->goal - s->written);
		stress_fill(p->buf, s->written, n);
		taken = kpool_ring_write(s->ring, p->buf, n);
		s->written += taken;
		kpool_ring_wrote(&s->wait);
		if (taken < n && !waited(s, p, kpool_ring_wait_space(&s->wait, FORGOTTEN)))
			break;
		/* It does not sleep where it overwrites. */
		cond_resched();
	}
	kpool_ring_end(&s->wait);
	kthread_complete_and_exit(&p->done, 0);
}

static int consumer(void *arg)
{
	struct stream *s = arg;
	struct side *c = &s->consumer;
	bool ended;
	size_t n;

	do {
		if (!waited(s, c, kpool_ring_wait_data(&s->wait, FORGOTTEN)))
			break;
		ended = kpool_ring_ended(&s->wait);
		n = kpool_ring_read(s->ring, c->buf, some(s, c));
		if (!stress_matches(c->buf, kpool_ring_tail(s->ring) - n, n))
			s->wrong++;
		s->taken += n;
		kpool_ring_took(&s->wait);
	} while (n || !ended);
	kthread_complete_and_exit(&c->done, 0);
}

static int start(int (*side)(void *arg), struct stream *s, int cpu)
{
	struct task_struct *task = kthread_create_on_cpu(side, s, cpu, "kpool_wait/%u");

	if (IS_ERR(task))
		return PTR_ERR(task);
	wake_up_process(task);
	return 0;
}

static int stream_start(struct stream *s, int from, int to)
{
	int err;

	init_completion(&s->producer.done);
	init_completion(&s->consumer.done);
	prandom_seed_state(&s->producer.rnd, from + 1);
	prandom_seed_state(&s->consumer.rnd, to + 100);
	err = start(consumer, s, to);
	if (err)
		return err;
	err = start(producer, s, from);
	if (err) {
		kpool_ring_end(&s->wait);
		wait_for_completion(&s->consumer.done);
	}
	return err;
}

static int stream_end(struct stream *s)
{
	const char *name = s->way->name;
	u64 lost;

	wait_for_completion(&s->producer.done);
	wait_for_completion(&s->consumer.done);
	lost = kpool_ring_lost(s->ring);
	pr_info("stress-ring-wait, %s: written %llu read %llu lost %llu waits %llu %llu\n", name,
		s->written, s->taken, lost, s->producer.waits, s->consumer.waits);
	if (s->forgotten)
		pr_err("stress-ring-wait, %s: somebody was not woken\n", name);
	else if (s->wrong)
		pr_err("stress-ring-wait, %s: %lu pieces were not what belongs there\n", name,
		       s->wrong);
	else if (lost + s->taken != s->goal)
		pr_err("stress-ring-wait, %s: read and lost is not what was written\n", name);
	else
		return 0;
	return -EIO;
}

static int stream_make(struct stream *s, const struct way *way, unsigned int ops)
{
	int err;

	memset(s, 0, sizeof(*s));
	s->way = way;
	s->goal = (u64)ops * way->bytes / 32;
	s->ring = kpool_ring_create(way->size, way->flags, GFP_KERNEL);
	if (IS_ERR(s->ring))
		return PTR_ERR(s->ring);
	err = kpool_ring_wait_init(&s->wait, s->ring, &way->params);
	if (err)
		kpool_ring_destroy(s->ring);
	return err;
}

static void stream_free(struct stream *s)
{
	kpool_ring_wait_exit(&s->wait);
	kpool_ring_destroy(s->ring);
}

static int run(const struct way *way, struct stream *streams, unsigned int nr, unsigned int ops)
{
	unsigned int i, started;
	int cpu = -1, err = 0, from;

	for (started = 0; started < nr; started++) {
		err = stream_make(&streams[started], way, ops);
		if (err)
			break;
		from = cpumask_next(cpu, cpu_online_mask);
		cpu = cpumask_next(from, cpu_online_mask);
		err = stream_start(&streams[started], from, cpu);
		if (err) {
			stream_free(&streams[started]);
			break;
		}
	}
	for (i = 0; i < started; i++) {
		err = stream_end(&streams[i]) ?: err;
		stream_free(&streams[i]);
	}
	return err;
}

static unsigned int woken;

static int count(wait_queue_entry_t *entry, unsigned int mode, int flags, void *key)
{
	woken++;
	return 0;
}

/* A reader who does not look is woken once, however much is written. */
static int flood(struct stream *s)
{
	static const struct way way = { "flood", 100, KPOOL_RING_OVERWRITE, { .read_batch = 10 } };
	wait_queue_entry_t entry;
	unsigned int i;
	int err = stream_make(s, &way, 0);

	if (err)
		return err;
	woken = 0;
	init_waitqueue_func_entry(&entry, count);
	add_wait_queue(&s->wait.readers.queue, &entry);
	for (i = 0; i < FLOOD; i++) {
		kpool_ring_write(s->ring, "kpool", 5);
		kpool_ring_wrote(&s->wait);
		if (i % 100 == 0)
			irq_work_sync(&s->wait.wake);
	}
	irq_work_sync(&s->wait.wake);
	remove_wait_queue(&s->wait.readers.queue, &entry);
	stream_free(s);
	if (woken == 1)
		return 0;
	pr_err("stress-ring-wait: %u wake-ups by %u writes\n", woken, FLOOD);
	return -EIO;
}

/* Rings of this kind cannot be had on this machine. */
static int check_refused(const struct way *way)
{
	struct kpool_ring *ring = kpool_ring_create(way->size, way->flags, GFP_KERNEL);

	if (PTR_ERR(ring) == -EINVAL)
		return 0;
	pr_err("stress-ring-wait, %s: not refused: %pe\n", way->name, ring);
	kpool_ring_destroy(ring);
	return -EIO;
}

int stress_ring_waits(unsigned int ops)
{
	unsigned int i, nr = num_online_cpus() / 2;
	struct stream *streams;
	int err;

	if (!nr)
		return 0;
	streams = kcalloc(nr, sizeof(*streams), GFP_KERNEL);
	if (!streams)
		return -ENOMEM;
	err = CAN_OVERWRITE ? flood(streams) : 0;
	for (i = 0; i < ARRAY_SIZE(ways) && !err; i++) {
		if (ways[i].flags & KPOOL_RING_OVERWRITE && !CAN_OVERWRITE)
			err = check_refused(&ways[i]);
		else
			err = run(&ways[i], streams, nr, ops);
	}
	kfree(streams);
	return err;
}
