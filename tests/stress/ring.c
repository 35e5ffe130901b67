// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rings from pools, one ring for two CPUs each, all at once. One CPU writes a stream of bytes
 * that tell their place, by each of the producer's calls. The other CPU reads the stream by
 * each of the consumer's calls. The bytes read are whole and in order. The bytes read and the
 * bytes lost add up to the bytes written.
 */
#include <linux/cpumask.h>
#include <linux/kpool_ring.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uio.h>

#include "stream.h"
#include "stress.h"

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

struct polled {
	struct stream stream;
	bool ended;	/* the producer has written all */
};

static size_t some(struct side *side)
{
	u32 r = prandom_u32_state(&side->thread.rnd);

	return (r >> 8) % (r % 8 ? 200 : CALL_MOST) + 1;
}

static void produce(struct stream *s)
{
	struct side *p = &s->producer;
	size_t n = min_t(u64, some(p), s->goal - s->written);
	struct kvec vec = { p->buf, n };
	struct iov_iter from;
	u8 *to;

	switch (prandom_u32_state(&p->thread.rnd) % 4) {
	case 0:
	case 1:
		stream_fill(p->buf, s->written, n);
		s->written += kpool_ring_write(s->ring, p->buf, n);
		break;
	case 2:
		stream_fill(p->buf, s->written, n);
		iov_iter_kvec(&from, ITER_SOURCE, &vec, 1, n);
		s->written += kpool_ring_write_iter(s->ring, &from);
		break;
	case 3:
		to = kpool_ring_reserve(s->ring, &n);
		if (!to)
			break;
		/* Not all reserved bytes are committed. */
		memset(to, 0xee, n);
		n -= n / 4;
		stream_fill(to, s->written, n);
		kpool_ring_commit(s->ring, n);
		s->written += n;
		break;
	}
}

/* The consumer's own position says which bytes it got. */
static void consume(struct stream *s)
{
	struct side *c = &s->consumer;
	size_t n = some(c), bad;
	struct kvec vec = { c->buf, n };
	struct iov_iter to;
	const u8 *from;
	u64 position;

	switch (prandom_u32_state(&c->thread.rnd) % 4) {
	case 0:
		n = kpool_ring_read(s->ring, c->buf, n);
		stream_check(s, c->buf, s->ring->tail - n, n);
		s->taken += n;
		break;
	case 1:
		iov_iter_kvec(&to, ITER_DEST, &vec, 1, n);
		n = kpool_ring_read_iter(s->ring, &to);
		stream_check(s, c->buf, s->ring->tail - n, n);
		s->taken += n;
		break;
	case 2:
		from = kpool_ring_peek_contiguous(s->ring, &n);
		if (!from)
			break;
		position = s->ring->tail;
		data_race(memcpy(c->buf, from, n));	/* the producer may write them meanwhile */
		bad = kpool_ring_consume(s->ring, n);
		stream_check(s, c->buf + bad, position + bad, n - bad);
		s->taken += n - bad;
		break;
	case 3:
		n = kpool_ring_peek(s->ring, c->buf, n);
		stream_check(s, c->buf, s->ring->tail, n);
		s->taken += kpool_ring_skip(s->ring, n);
		break;
	}
}

static void producer(struct thread *t)
{
	struct polled *p = container_of(t, struct polled, stream.producer.thread);
	struct stream *s = &p->stream;
	u64 before;

	while (s->written < s->goal) {
		before = s->written;
		produce(s);
		if (s->written == before)
			cond_resched();
	}
	smp_store_release(&p->ended, true);	/* pairs with the acquire in consumer() */
}

static void consumer(struct thread *t)
{
	struct polled *p = container_of(t, struct polled, stream.consumer.thread);
	struct stream *s = &p->stream;
	u64 before;

	/* Pairs with the release in producer(). */
	while (!smp_load_acquire(&p->ended) || s->ring->tail != s->ring->head) {
		before = s->taken;
		consume(s);
		if (s->taken == before)
			cond_resched();
	}
}

static int end(struct stream *s, const char *name)
{
	stream_wait(s);
	pr_info("%s: written %llu read %llu lost %llu\n", name, s->written, s->taken,
		kpool_ring_lost(s->ring));
	return stream_verdict(s, name);
}

/*
 * In bytes. A producer that never waits for room is faster: 1 GiB in a million operations. A
 * ring with little room is slow.
 */
static u64 goal_of(const struct kpool_ring_pool_params *p, unsigned int ops)
{
	if (p->ring_flags & KPOOL_RING_OVERWRITE)
		return ops * 1075ULL;
	return ops * (p->size < 1000 ? 32ULL : 256ULL);
}

static int run(const struct kpool_ring_pool_params *params, struct polled *rings,
	       unsigned int nr, unsigned int ops)
{
	struct kpool_ring_pool *pool = kpool_ring_pool_create(params);
	unsigned int i, started;
	int cpu = -1, err = 0;
	struct stream *s;

	if (IS_ERR(pool))
		return PTR_ERR(pool);
	memset(rings, 0, nr * sizeof(*rings));
	for (started = 0; started < nr; started++) {
		s = &rings[started].stream;
		s->goal = goal_of(params, ops);
		s->ring = kpool_ring_get(pool, GFP_KERNEL);
		if (IS_ERR(s->ring)) {
			err = PTR_ERR(s->ring);
			break;
		}
		err = stream_start(s, producer, consumer, &cpu, "kpool_ring/%u");
		if (err) {
			kpool_ring_put(pool, s->ring);
			break;
		}
	}
	for (i = 0; i < started; i++) {
		s = &rings[i].stream;
		err = end(s, params->name) ?: err;
		kpool_ring_put(pool, s->ring);
	}
	if (kpool_ring_pool_destroy_sync(pool, 10000))
		err = err ?: -EBUSY;
	return err;
}

/* Checks that this machine refuses rings of this kind. */
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
	struct polled *rings;
	int err = 0;

	rings = kcalloc(nr, sizeof(*rings), GFP_KERNEL);
	if (!rings)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(pools) && !err; i++) {
		if (pools[i].ring_flags & KPOOL_RING_OVERWRITE && !CAN_OVERWRITE)
			err = check_refused(&pools[i]);
		else
			err = run(&pools[i], rings, nr, ops);
	}
	kfree(rings);
	return err;
}
