// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rings from pools, one for two CPUs each, all at once: one CPU writes a stream of bytes that
 * tell where they belong, by each of the producer's calls, the other reads it by each of the
 * consumer's. What is read has to be whole and in order, and what was read and lost what was
 * written.
 */
#include <linux/completion.h>
#include <linux/cpu.h>
#include <linux/kpool_ring.h>
#include <linux/kthread.h>
#include <linux/prandom.h>
#include <linux/slab.h>
#include <linux/uio.h>

#include "stress.h"

#define CALL_MOST	3000	/* bytes of a call */

static const struct kpool_ring_pool_params pools[] = {
	{ .name = "stress-ring", .size = 5000 },
	{ .name = "stress-ring-small", .size = 100, .max = 64 },
	{ .name = "stress-ring-mirrored", .size = 2 * PAGE_SIZE,
	  .ring_flags = KPOOL_RING_MIRRORED | KPOOL_RING_WIPED },
	{ .name = "stress-ring-overwriting", .size = 5000, .ring_flags = KPOOL_RING_OVERWRITE },
	{ .name = "stress-ring-overwriting-small", .size = 100,
	  .ring_flags = KPOOL_RING_OVERWRITE },
	{ .name = "stress-ring-overwriting-mirrored", .size = 2 * PAGE_SIZE,
	  .ring_flags = KPOOL_RING_OVERWRITE | KPOOL_RING_MIRRORED },
};

struct side {
	struct stream *stream;
	struct rnd_state rnd;
	struct completion done;
	u8 buf[CALL_MOST];
};

struct stream {
	struct kpool_ring *ring;
	u64 goal, written, taken;
	unsigned long wrong;
	bool ended;
	struct side producer, consumer;
};

static u64 word_at(u64 position)
{
	u64 word = (position / 8 + 1) * 0x9e3779b97f4a7c15ULL;

	return word ^ (word >> 29);
}

void stress_fill(u8 *to, u64 position, size_t n)
{
	u64 word;
	size_t part;

	for (; n; n -= part, to += part, position += part) {
		word = word_at(position);
		part = min_t(size_t, n, 8 - position % 8);
		memcpy(to, (u8 *)&word + position % 8, part);
	}
}

bool stress_matches(const u8 *from, u64 position, size_t n)
{
	u64 word;
	size_t part;

	for (; n; n -= part, from += part, position += part) {
		word = word_at(position);
		part = min_t(size_t, n, 8 - position % 8);
		if (memcmp(from, (u8 *)&word + position % 8, part))
			return false;
	}
	return true;
}

static void check(struct stream *s, const u8 *from, u64 position, size_t n)
{
	if (!stress_matches(from, position, n))
		s->wrong++;
}

static size_t some(struct side *side)
{
	u32 r = prandom_u32_state(&side->rnd);

	return (r >> 8) % (r % 8 ? 200 : CALL_MOST) + 1;
}

static void produce(struct stream *s)
{
	struct side *p = &s->producer;
	size_t n = min_t(u64, some(p), s->goal - s->written);
	struct kvec vec = { p->buf, n };
	struct iov_iter from;
	u8 *to;

	switch (prandom_u32_state(&p->rnd) % 4) {
	case 0:
	case 1:
		stress_fill(p->buf, s->written, n);
		s->written += kpool_ring_write(s->ring, p->buf, n);
		break;
	case 2:
		stress_fill(p->buf, s->written, n);
		iov_iter_kvec(&from, ITER_SOURCE, &vec, 1, n);
		s->written += kpool_ring_write_iter(s->ring, &from);
		break;
	case 3:
		to = kpool_ring_reserve(s->ring, &n);
		if (!to)
			break;
		/* Not all of it is committed. */
		memset(to, 0xee, n);
		n -= n / 4;
		stress_fill(to, s->written, n);
		kpool_ring_commit(s->ring, n);
		s->written += n;
		break;
	}
}

/* The consumer's own position says which bytes it was given. */
static void consume(struct stream *s)
{
	struct side *c = &s->consumer;
	size_t n = some(c), bad;
	struct kvec vec = { c->buf, n };
	struct iov_iter to;
	const u8 *from;
	u64 position;

	switch (prandom_u32_state(&c->rnd) % 4) {
	case 0:
		n = kpool_ring_read(s->ring, c->buf, n);
		check(s, c->buf, s->ring->tail - n, n);
		s->taken += n;
		break;
	case 1:
		iov_iter_kvec(&to, ITER_DEST, &vec, 1, n);
		n = kpool_ring_read_iter(s->ring, &to);
		check(s, c->buf, s->ring->tail - n, n);
		s->taken += n;
		break;
	case 2:
		from = kpool_ring_peek_contiguous(s->ring, &n);
		if (!from)
			break;
		position = s->ring->tail;
		data_race(memcpy(c->buf, from, n));	/* the producer may be at them */
		bad = kpool_ring_consume(s->ring, n);
		check(s, c->buf + bad, position + bad, n - bad);
		s->taken += n - bad;
		break;
	case 3:
		n = kpool_ring_peek(s->ring, c->buf, n);
		check(s, c->buf, s->ring->tail, n);
		s->taken += kpool_ring_skip(s->ring, n);
		break;
	}
}

/* Both end of their own accord, so they are never kthread_stop()ped. */
static int producer(void *arg)
{
	struct stream *s = arg;
	u64 before;

	while (s->written < s->goal) {
		before = s->written;
		produce(s);
		if (s->written == before)
			cond_resched();
	}
	smp_store_release(&s->ended, true);	/* pairs with the acquire in consumer() */
	kthread_complete_and_exit(&s->producer.done, 0);
}

static int consumer(void *arg)
{
	struct stream *s = arg;
	u64 before;

	/* Pairs with the release in producer(). */
	while (!smp_load_acquire(&s->ended) || s->ring->tail != s->ring->head) {
		before = s->taken;
		consume(s);
		if (s->taken == before)
			cond_resched();
	}
	kthread_complete_and_exit(&s->consumer.done, 0);
}

static int start(int (*side)(void *arg), struct stream *s, int cpu)
{
	struct task_struct *task = kthread_create_on_cpu(side, s, cpu, "kpool_ring/%u");

	if (IS_ERR(task))
		return PTR_ERR(task);
	wake_up_process(task);
	return 0;
}

/* Without a thread of either side there is nothing for the other to wait for. */
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
		smp_store_release(&s->ended, true);	/* as in producer() */
		wait_for_completion(&s->consumer.done);
	}
	return err;
}

static int stream_end(struct stream *s, const char *name)
{
	u64 lost;

	wait_for_completion(&s->producer.done);
	wait_for_completion(&s->consumer.done);
	lost = kpool_ring_lost(s->ring);
	pr_info("%s: written %llu read %llu lost %llu\n", name, s->written, s->taken, lost);
	if (s->wrong)
		pr_err("%s: %lu pieces were not what belongs there\n", name, s->wrong);
	else if (lost + s->taken != s->written)
		pr_err("%s: read and lost is not what was written\n", name);
	else
		return 0;
	return -EIO;
}

/*
 * Bytes; 1 GiB in a million operations where nobody waits for room, which goes faster. Where
 * there is little room it goes slowly.
 */
static u64 goal_of(const struct kpool_ring_pool_params *p, unsigned int ops)
{
	if (p->ring_flags & KPOOL_RING_OVERWRITE)
		return ops * 1075ULL;
	return ops * (p->size < 1000 ? 32ULL : 256ULL);
}

static int run(const struct kpool_ring_pool_params *params, struct stream *streams,
	       unsigned int nr, unsigned int ops)
{
	struct kpool_ring_pool *pool = kpool_ring_pool_create(params);
	int cpu = -1, err = 0, from;
	unsigned int i, started;
	struct stream *s;

	if (IS_ERR(pool))
		return PTR_ERR(pool);
	for (started = 0; started < nr; started++) {
		s = &streams[started];
		memset(s, 0, sizeof(*s));
		s->goal = goal_of(params, ops);
		s->ring = kpool_ring_get(pool, GFP_KERNEL);
		if (IS_ERR(s->ring)) {
			err = PTR_ERR(s->ring);
			break;
		}
		from = cpumask_next(cpu, cpu_online_mask);
		cpu = cpumask_next(from, cpu_online_mask);
		err = stream_start(s, from, cpu);
		if (err) {
			kpool_ring_put(pool, s->ring);
			break;
		}
	}
	for (i = 0; i < started; i++) {
		err = stream_end(&streams[i], params->name) ?: err;
		kpool_ring_put(pool, streams[i].ring);
	}
	if (kpool_ring_pool_destroy_sync(pool, 10000))
		err = err ?: -EBUSY;
	return err;
}

/* Rings of this kind cannot be had on this machine. */
static int check_refused(const struct kpool_ring_pool_params *params)
{
	struct kpool_ring_pool *pool = kpool_ring_pool_create(params);

	if (PTR_ERR(pool) == -EINVAL)
		return 0;
	pr_err("%s: not refused: %pe\n", params->name, pool);
	kpool_ring_pool_destroy(pool);
	return -EIO;
}

int stress_rings(unsigned int ops)
{
	unsigned int i, nr = num_online_cpus() / 2;
	struct stream *streams;
	int err = 0;

	streams = kcalloc(nr, sizeof(*streams), GFP_KERNEL);
	if (!streams)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(pools) && !err; i++) {
		if (pools[i].ring_flags & KPOOL_RING_OVERWRITE && !CAN_OVERWRITE)
			err = check_refused(&pools[i]);
		else
			err = run(&pools[i], streams, nr, ops);
	}
	kfree(streams);
	return err;
}
