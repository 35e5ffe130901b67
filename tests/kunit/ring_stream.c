// SPDX-License-Identifier: GPL-2.0-only
/*
 * A producer and a consumer run at once on two CPUs. The stream's bytes tell their place.
 * Nothing is torn or out of order. At the end, the bytes read and the bytes lost are the
 * bytes written.
 */
#include <linux/kthread.h>
#include <linux/prandom.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/smp.h>
#include <linux/uio.h>

#include "rings.h"

#define CALL_MOST	5000	/* bytes of one call, of either side */

struct stream {
	struct kpool_ring *ring;
	const struct way *way;
	u64 goal;		/* bytes to be written */
	int producer_cpu;

	/* Only the producer uses these. */
	struct rnd_state producer_rnd;
	u8 *from;
	u64 written;
	bool ended;

	/* Only the consumer uses these. */
	struct rnd_state consumer_rnd;
	u8 *to;
	u64 taken;
	unsigned long before_end;	/* bytes read before the producer ended */
	unsigned long attempts;		/* calls to read some, before that */
	unsigned long wrong;		/* pieces with wrong bytes */

	struct completion producer_done, consumer_done;
};

/* The calls by which the two sides write and read. */
struct way {
	const char *name;
	size_t size;
	unsigned int flags;
	void (*produce)(struct stream *s);
	void (*consume)(struct stream *s);
	bool in_interrupt;	/* the consumer runs in interrupts of the producer's CPU */
};

static size_t draw(struct rnd_state *rnd, size_t below)
{
	return prandom_u32_state(rnd) % below;
}

/* Mostly little, sometimes more than the ring holds. */
static size_t some(struct stream *s, struct rnd_state *rnd)
{
	size_t most = min_t(size_t, CALL_MOST, 2 * s->way->size);

	return draw(rnd, draw(rnd, 4) ? min_t(size_t, most, 200) : most) + 1;
}

static size_t left_to_write(struct stream *s)
{
	return min_t(u64, some(s, &s->producer_rnd), s->goal - s->written);
}

static void by_write(struct stream *s)
{
	size_t n = left_to_write(s);

	stream_fill(s->from, s->written, n);
	s->written += kpool_ring_write(s->ring, s->from, n);
}

/* Not all reserved bytes are committed. All committed bytes are written. */
static void by_reserve(struct stream *s)
{
	size_t n = left_to_write(s), commit;
	u8 *to = kpool_ring_reserve(s->ring, &n);

	if (!to)
		return;
	commit = draw(&s->producer_rnd, 4) ? n : draw(&s->producer_rnd, n + 1);
	stream_fill(to, s->written, commit);
	memset(to + commit, 0xee, n - commit);
	kpool_ring_commit(s->ring, commit);
	s->written += commit;
}

static void by_write_iter(struct stream *s)
{
	size_t n = left_to_write(s);
	struct kvec vec = { s->from, n };
	struct iov_iter from;

	stream_fill(s->from, s->written, n);
	iov_iter_kvec(&from, ITER_SOURCE, &vec, 1, n);
	s->written += kpool_ring_write_iter(s->ring, &from);
}

/* The consumer's own position says which bytes these are. */
static void check(struct stream *s, const u8 *bytes, u64 position, size_t n)
{
	if (!stream_matches(bytes, position, n))
		s->wrong++;
}

static void by_read(struct stream *s)
{
	size_t n = kpool_ring_read(s->ring, s->to, some(s, &s->consumer_rnd));

	check(s, s->to, s->ring->tail - n, n);
	s->taken += n;
}

static void by_peek(struct stream *s)
{
	size_t n = kpool_ring_peek(s->ring, s->to, some(s, &s->consumer_rnd));

	check(s, s->to, s->ring->tail, n);
	s->taken += kpool_ring_skip(s->ring, n);
}

static void by_contiguous(struct stream *s)
{
	size_t n = some(s, &s->consumer_rnd), bad;
	const u8 *from = kpool_ring_peek_contiguous(s->ring, &n);
	u64 position = s->ring->tail;

	if (!from)
		return;
	data_race(memcpy(s->to, from, n));	/* the producer may write them meanwhile */
	bad = kpool_ring_consume(s->ring, n);
	check(s, s->to + bad, position + bad, n - bad);
	s->taken += n - bad;
}

/* The bytes that one call returns are consistent, too. */
static void read_iter(struct stream *s, size_t n)
{
	struct kvec vec[2] = { { s->to, n / 2 }, { s->to + n / 2, n - n / 2 } };
	struct iov_iter to;

	iov_iter_kvec(&to, ITER_DEST, vec, ARRAY_SIZE(vec), n);
	n = kpool_ring_read_iter(s->ring, &to);
	check(s, s->to, s->ring->tail - n, n);
	s->taken += n;
}

static void by_read_iter(struct stream *s)
{
	read_iter(s, some(s, &s->consumer_rnd));
}

/* The slower the copy, the more the producer overwrites meanwhile. */
static void all_by_read_iter(struct stream *s)
{
	read_iter(s, CALL_MOST);
}

static int producer(void *arg)
{
	struct stream *s = arg;
	u64 before;

	while (s->written < s->goal) {
		before = s->written;
		s->way->produce(s);
		if (before == s->written)
			cond_resched();
	}
	smp_store_release(&s->ended, true);	/* pairs with the acquire in consumer() */
	kthread_complete_and_exit(&s->producer_done, 0);
}

static void consume_here(void *arg)
{
	struct stream *s = arg;

	s->way->consume(s);
}

static void consume(struct stream *s)
{
	if (s->way->in_interrupt)
		smp_call_function_single(s->producer_cpu, consume_here, s, true);
	else
		s->way->consume(s);
}

static int consumer(void *arg)
{
	struct stream *s = arg;
	u64 before;

	/* Pairs with the release in producer(). */
	while (!smp_load_acquire(&s->ended)) {
		before = s->taken;
		consume(s);
		s->attempts++;
		if (before == s->taken)
			cond_resched();
	}
	s->before_end = s->taken;
	while (s->ring->tail != READ_ONCE(s->ring->head))
		consume(s);
	kthread_complete_and_exit(&s->consumer_done, 0);
}

static void start(struct kunit *test, int (*side)(void *arg), struct stream *s, int cpu)
{
	struct task_struct *task = kthread_create(side, s, "kpool_ring/%d", cpu);

	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	kthread_bind(task, cpu);
	wake_up_process(task);
}

/* A producer that does not wait for room is faster. In small rings the calls take the time. */
static u64 goal_of(const struct way *way)
{
	u64 goal = is_full_run() ? SZ_256M : SZ_4M;

	if (way->flags & KPOOL_RING_OVERWRITE)
		goal *= 4;
	if (way->size < 100)
		return goal / 256;
	if (way->size < SZ_1K || way->in_interrupt)
		return goal / 4;
	return goal;
}

static struct stream *flow(struct kunit *test)
{
	struct stream *s = zalloc_for(test, struct stream);
	const struct way *way = test->param_value;
	int cpu = cpumask_first(cpu_online_mask);

	s->way = way;
	s->goal = goal_of(way);
	s->ring = ring_of(test, way->size, way->flags);
	s->from = bytes_of(test, CALL_MOST);
	s->to = bytes_of(test, CALL_MOST);
	prandom_seed_state(&s->producer_rnd, 1);
	prandom_seed_state(&s->consumer_rnd, 2);
	init_completion(&s->producer_done);
	init_completion(&s->consumer_done);
	s->producer_cpu = cpu_beside(test, cpu);
	start(test, producer, s, s->producer_cpu);
	start(test, consumer, s, cpu);
	wait_for_completion(&s->producer_done);
	wait_for_completion(&s->consumer_done);
	return s;
}

#define OVERWRITE	KPOOL_RING_OVERWRITE
#define MIRRORED	KPOOL_RING_MIRRORED
#define MAPPABLE	KPOOL_RING_MAPPABLE

static const struct way ways[] = {
	{ "write, read", 4096, 0, by_write, by_read },
	{ "write, peek and skip", 5000, 0, by_write, by_peek },
	{ "reserve, contiguous", 3000, 0, by_reserve, by_contiguous },
	{ "iters", 65536, 0, by_write_iter, by_read_iter },
	{ "small", 13, 0, by_write, by_read },
	{ "a byte", 1, 0, by_reserve, by_read },
	{ "mirrored", 8192, MIRRORED, by_reserve, by_contiguous },
	{ "mappable", 5000, MAPPABLE, by_write, by_read },
	{ "mappable, small", 13, MAPPABLE, by_reserve, by_contiguous },
	{ "overwrites: mappable", 5000, OVERWRITE | MAPPABLE, by_write_iter, by_read },
	{ "read in interrupts", 1500, 0, by_write, by_read, true },
	{ "overwrites: write, read", 4096, OVERWRITE, by_write, by_read },
	{ "overwrites: write, peek and skip", 5000, OVERWRITE, by_write, by_peek },
	{ "overwrites: reserve, contiguous", 3000, OVERWRITE, by_reserve, by_contiguous },
	{ "overwrites: reserve, read", 65536, OVERWRITE, by_reserve, by_read },
	{ "overwrites: write_iter, read", 65536, OVERWRITE, by_write_iter, by_read },
	{ "overwrites: iters", 65536, OVERWRITE, by_write_iter, by_read_iter },
	{ "overwrites: iters, all there is", 4096, OVERWRITE, by_write_iter, all_by_read_iter },
	{ "overwrites: iters, small", 500, OVERWRITE, by_write_iter, by_read_iter },
	{ "overwrites: small", 13, OVERWRITE, by_write, by_read },
	{ "overwrites: a byte", 1, OVERWRITE, by_reserve, by_read },
	{ "overwrites: mirrored", 8192, OVERWRITE | MIRRORED, by_reserve, by_contiguous },
	{ "overwrites: in interrupts", 1500, OVERWRITE, by_write, by_read, true },
};

KUNIT_ARRAY_PARAM_DESC(way, ways, name);

/* In so many attempts a consumer reads more than a ring. */
#define ATTEMPTS	10000

static void stream_is_whole_and_in_order(struct kunit *test)
{
	struct stream *s = flow(test);
	u64 lost = kpool_ring_lost(s->ring);

	KUNIT_EXPECT_EQ(test, s->wrong, 0UL);
	KUNIT_EXPECT_EQ(test, kpool_ring_len(s->ring), (size_t)0);
	KUNIT_EXPECT_EQ(test, s->written, s->goal);
	KUNIT_EXPECT_EQ(test, lost + s->taken, s->goal);
	if (!(s->way->flags & KPOOL_RING_OVERWRITE))
		KUNIT_EXPECT_EQ(test, lost, 0ULL);
	/*
	 * A consumer that is overtaken makes progress all the same, if its CPU has time for
	 * it. In a ring of a few calls each look may find overwritten bytes: one call can go
	 * around the whole ring.
	 */
	if (s->way->size >= 4 * CALL_MOST && s->attempts >= ATTEMPTS && !s->way->in_interrupt)
		KUNIT_EXPECT_GT(test, s->before_end, s->way->size);
	kunit_info(test, "written %llu, read %llu (%lu before the end), lost %llu\n", s->written,
		   s->taken, s->before_end, lost);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(stream_is_whole_and_in_order, way_gen_params),
	{}
};

struct kunit_suite ring_stream_suite = {
	.name = "kpool_ring_stream",
	.test_cases = cases,
};
