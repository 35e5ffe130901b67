// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rings whose sides sleep: a producer and a consumer on two CPUs each. They wait for room and
 * for data as long as needed. A lost wake-up makes a wait time out. All bytes are read in
 * order, and the end of the stream ends both sides.
 */
#include <linux/cpumask.h>
#include <linux/jiffies.h>
#include <linux/kpool_ring_wait.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "stream.h"
#include "stress.h"

#define FORGOTTEN	(30 * HZ)		/* only a lost wake-up takes so long */
#define FLOOD		10000			/* writes */

/*
 * If both batches together exceed the ring by more than a byte, each side waits for the
 * other. Then only the delay helps.
 */
static const struct way {
	const char *name;
	size_t size;
	unsigned int flags;
	struct kpool_ring_wait_params params;
	unsigned int bytes;	/* for 32 operations: sides that sleep a lot are slow */
} ways[] = {
	{ "stress-ring-wait, a byte", 1, 0, { }, 1 },
	{ "stress-ring-wait, tiny", 7, 0, { }, 16 },
	{ "stress-ring-wait, tiny, batches", 7, 0, { .read_batch = 4, .write_batch = 4 }, 16 },
	{ "stress-ring-wait, tiny, a reader's batch", 7, 0, { .read_batch = 7 }, 8 },
	{ "stress-ring-wait, tiny, delay", 7, 0,
	  { .read_batch = 5, .write_batch = 5, .delay_ms = 1 }, 2 },
	{ "stress-ring-wait, a page", 4096, 0, { .read_batch = 1000, .write_batch = 2000 }, 3000 },
	{ "stress-ring-wait, 64 KiB", 65536, 0,
	  { .read_batch = 16384, .write_batch = 32768 }, 34400 },
	{ "stress-ring-wait, overwrites", 100, KPOOL_RING_OVERWRITE, { .read_batch = 50 }, 3000 },
};

struct waiting {
	struct stream stream;
	const struct way *way;
	struct kpool_ring_wait wait;
	u64 producer_waits, consumer_waits;
	bool forgotten;
};

static size_t some(struct waiting *w, struct side *side)
{
	size_t most = min_t(size_t, CALL_MOST, w->way->size + 2);

	return prandom_u32_state(&side->thread.rnd) % most + 1;
}

/* A side whose wake-up was lost ends the ring for both sides. */
static bool waited(struct waiting *w, u64 *waits, long left)
{
	(*waits)++;
	if (left > 0)
		return true;
	WRITE_ONCE(w->forgotten, true);
	kpool_ring_end(&w->wait);
	return false;
}

static void producer(struct thread *t)
{
	struct waiting *w = container_of(t, struct waiting, stream.producer.thread);
	struct stream *s = &w->stream;
	struct side *p = &s->producer;
	size_t n, taken;

	while (s->written < s->goal && !READ_ONCE(w->forgotten)) {
		n = min_t(u64, some(w, p), s->goal - s->written);
		stream_fill(p->buf, s->written, n);
		taken = kpool_ring_write(s->ring, p->buf, n);
		s->written += taken;
		kpool_ring_wrote(&w->wait);
		if (taken < n && !waited(w, &w->producer_waits,
					 kpool_ring_wait_space(&w->wait, FORGOTTEN)))
			break;
		/* A producer that overwrites does not sleep. */
		cond_resched();
	}
	kpool_ring_end(&w->wait);
}

static void consumer(struct thread *t)
{
	struct waiting *w = container_of(t, struct waiting, stream.consumer.thread);
	struct stream *s = &w->stream;
	struct side *c = &s->consumer;
	bool ended;
	size_t n;

	do {
		if (!waited(w, &w->consumer_waits, kpool_ring_wait_data(&w->wait, FORGOTTEN)))
			break;
		ended = kpool_ring_ended(&w->wait);
		n = kpool_ring_read(s->ring, c->buf, some(w, c));
		stream_check(s, c->buf, kpool_ring_tail(s->ring) - n, n);
		s->taken += n;
		kpool_ring_took(&w->wait);
	} while (n || !ended);
}

static int end(struct waiting *w)
{
	struct stream *s = &w->stream;

	stream_wait(s);
	pr_info("%s: written %llu read %llu lost %llu waits %llu %llu\n", w->way->name, s->written,
		s->taken, kpool_ring_lost(s->ring), w->producer_waits, w->consumer_waits);
	if (!w->forgotten)
		return stream_verdict(s, w->way->name);
	pr_err("%s: somebody was not woken\n", w->way->name);
	return -EIO;
}

static int make(struct waiting *w, const struct way *way, unsigned int ops)
{
	struct stream *s = &w->stream;
	int err;

	memset(w, 0, sizeof(*w));
	w->way = way;
	s->goal = (u64)ops * way->bytes / 32;
	s->ring = kpool_ring_create(way->size, way->flags, GFP_KERNEL);
	if (IS_ERR(s->ring))
		return PTR_ERR(s->ring);
	err = kpool_ring_wait_init(&w->wait, s->ring, &way->params);
	if (err)
		kpool_ring_destroy(s->ring);
	return err;
}

static void unmake(struct waiting *w)
{
	kpool_ring_wait_exit(&w->wait);
	kpool_ring_destroy(w->stream.ring);
}

static int run(const struct way *way, struct waiting *rings, unsigned int nr, unsigned int ops)
{
	unsigned int i, started;
	int cpu = -1, err = 0;

	for (started = 0; started < nr; started++) {
		err = make(&rings[started], way, ops);
		if (err)
			break;
		err = stream_start(&rings[started].stream, producer, consumer, &cpu,
				   "kpool_wait/%u");
		if (err) {
			unmake(&rings[started]);
			break;
		}
	}
	for (i = 0; i < started; i++) {
		err = end(&rings[i]) ?: err;
		unmake(&rings[i]);
	}
	return err;
}

static unsigned int woken;

static int count(wait_queue_entry_t *entry, unsigned int mode, int flags, void *key)
{
	woken++;
	return 0;
}

/* A reader that does not look is woken once in 10 ms at most, however much is written. */
static int flood(struct waiting *w)
{
	static const struct way way = { .size = 100, .flags = KPOOL_RING_OVERWRITE,
					.params = { .read_batch = 10 } };
	unsigned long since, most;
	wait_queue_entry_t entry;
	unsigned int i;
	int err = make(w, &way, 0);

	if (err)
		return err;
	woken = 0;
	since = jiffies;
	init_waitqueue_func_entry(&entry, count);
	add_wait_queue(&w->wait.readers.queue, &entry);
	for (i = 0; i < FLOOD; i++) {
		kpool_ring_write(w->stream.ring, "kpool", 5);
		kpool_ring_wrote(&w->wait);
		if (i % 100 == 0)
			irq_work_sync(&w->wait.wake);
	}
	irq_work_sync(&w->wait.wake);
	most = 1 + (jiffies - since) / msecs_to_jiffies(10);
	remove_wait_queue(&w->wait.readers.queue, &entry);
	unmake(w);
	if (woken >= 1 && woken <= most)
		return 0;
	pr_err("stress-ring-wait: %u wake-ups by %u writes\n", woken, FLOOD);
	return -EIO;
}

/* Checks that this machine refuses rings of this kind. */
static int check_refused(const struct way *way)
{
	struct kpool_ring *ring = kpool_ring_create(way->size, way->flags, GFP_KERNEL);

	if (PTR_ERR(ring) == -EINVAL)
		return 0;
	pr_err("%s: not refused: %pe\n", way->name, ring);
	kpool_ring_destroy(ring);
	return -EIO;
}

int stress_ring_waits(unsigned int ops)
{
	unsigned int i, nr = num_online_cpus() / 2;
	struct waiting *rings;
	int err;

	if (!nr)
		return 0;
	rings = kcalloc(nr, sizeof(*rings), GFP_KERNEL);
	if (!rings)
		return -ENOMEM;
	err = CAN_OVERWRITE ? flood(rings) : 0;
	for (i = 0; i < ARRAY_SIZE(ways) && !err; i++) {
		if (ways[i].flags & KPOOL_RING_OVERWRITE && !CAN_OVERWRITE)
			err = check_refused(&ways[i]);
		else
			err = run(&ways[i], rings, nr, ops);
	}
	kfree(rings);
	return err;
}
