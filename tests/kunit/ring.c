// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rings against a model of what they promise. One random call follows another. After each
 * call the ring agrees with the model in every byte and every count.
 */
#include <kunit/resource.h>
#include <linux/hrtimer.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/prandom.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <uapi/linux/kpool_mapped.h>

#include "base/params.h"
#include "compat/hrtimer.h"
#include "ring/ring.h"
#include "rings.h"

static void end_ring(struct kunit_resource *res)
{
	kpool_ring_destroy(res->data);
}

struct kpool_ring *ring_of(struct kunit *test, size_t size, unsigned int flags)
{
	struct kpool_ring *ring = kpool_ring_create(size, flags, GFP_KERNEL);

	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(ring), "create %zu %#x: %pe", size, flags, ring);
	kunit_alloc_resource(test, NULL, end_ring, GFP_KERNEL, ring);
	return ring;
}

static void end_bytes(struct kunit_resource *res)
{
	kvfree(res->data);
}

void *bytes_of(struct kunit *test, size_t n)
{
	void *bytes = kvmalloc(n, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, bytes);
	kunit_alloc_resource(test, NULL, end_bytes, GFP_KERNEL, bytes);
	return bytes;
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

bool stream_matches(const u8 *from, u64 position, size_t n)
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

/* The state that a ring should have. Positions count from 0, wherever the ring's own ones begin. */
struct model {
	struct kunit *test;
	struct kpool_ring *ring;
	size_t size;
	unsigned int flags;
	unsigned long start;
	u64 head, tail, lost, refused;
	unsigned long refusals;
	u64 claim;		/* an overwriting producer may have written up to here */
	u64 salt;		/* makes bytes from before a reset wrong */
	struct rnd_state rnd;
	u8 *buf;		/* has MOST(size) bytes */
	unsigned int step;
	bool failed;
};

/* The bytes of the largest call. */
#define MOST(size)	(3 * (size) + 16)

static void agree(struct model *m, const char *what, u64 got, u64 want)
{
	if (likely(got == want) || m->failed)
		return;
	m->failed = true;
	KUNIT_FAIL(m->test, "size %zu, flags %#x, start %#lx, step %u, %s: %llu, not %llu",
		   m->size, m->flags, m->start, m->step, what, got, want);
}

static bool overwrites(const struct model *m)
{
	return m->flags & KPOOL_RING_OVERWRITE;
}

static bool mirrored(const struct model *m)
{
	return m->flags & KPOOL_RING_MIRRORED;
}

static size_t len(const struct model *m)
{
	return min_t(u64, m->head - m->tail, m->size);
}

static size_t draw(struct model *m, size_t below)
{
	return prandom_u32_state(&m->rnd) % below;
}

/* Mostly a part of the ring, sometimes about all of it, or far more, or very little. */
static size_t some(struct model *m)
{
	switch (draw(m, 16)) {
	case 0:
		return draw(m, 3);
	case 1:
		return draw(m, MOST(m->size));
	case 2:
	case 3:
		return m->size - min(m->size, draw(m, 3));
	case 4 ... 7:
		return draw(m, m->size + 2);
	default:
		return draw(m, m->size / 3 + 2);
	}
}

/* The producer's calls. */

static size_t room_for_bytes(const struct model *m, size_t n)
{
	return overwrites(m) ? n : min(n, m->size - len(m));
}

static void written(struct model *m, size_t n)
{
	m->head += n;
	if (overwrites(m))
		m->claim = max(m->claim, m->head);
}

static void refused(struct model *m, size_t n)
{
	m->refused += n;
	m->refusals += n != 0;
}

static void do_write(struct model *m)
{
	size_t n = some(m), want = room_for_bytes(m, n);

	stream_fill(m->buf, m->salt + m->head, n);
	agree(m, "write", kpool_ring_write(m->ring, m->buf, n), want);
	written(m, want);
	refused(m, n - want);
}

/* Splits a call into up to three pieces. */
static void split_vec(struct model *m, struct kvec *vec, size_t n)
{
	size_t one = draw(m, n + 1), two = draw(m, n - one + 1);

	vec[0] = (struct kvec){ m->buf, one };
	vec[1] = (struct kvec){ m->buf + one, two };
	vec[2] = (struct kvec){ m->buf + one + two, n - one - two };
}

static void do_write_iter(struct model *m)
{
	size_t n = some(m), want = room_for_bytes(m, n);
	struct kvec vec[3];
	struct iov_iter from;

	stream_fill(m->buf, m->salt + m->head, n);
	split_vec(m, vec, n);
	iov_iter_kvec(&from, ITER_SOURCE, vec, ARRAY_SIZE(vec), n);
	agree(m, "write_iter", kpool_ring_write_iter(m->ring, &from), want);
	agree(m, "what write_iter left", iov_iter_count(&from), n - want);
	written(m, want);
	refused(m, n - want);
}

/* Commits all of the reserved bytes, a part, none, or makes no commit at all. */
static void do_reserve(struct model *m)
{
	size_t wanted = some(m), n = wanted, want, commit;
	u8 *to;

	want = min(room_for_bytes(m, wanted), m->size);
	if (!mirrored(m))
		want = min_t(size_t, want, m->size - m->head % m->size);
	to = kpool_ring_reserve(m->ring, &n);
	agree(m, "reserve", n, want);
	agree(m, "something reserved", !!to, !!want);
	if (!to)
		refused(m, wanted);
	if (!to || m->failed)
		return;
	if (overwrites(m))
		m->claim = max(m->claim, m->head + n);
	memset(to, 0xee, n);
	if (!draw(m, 8))
		return;
	commit = draw(m, 2) ? n : draw(m, n + 1);
	stream_fill(to, m->salt + m->head, commit);
	kpool_ring_commit(m->ring, commit);
	m->head += commit;
}

/* The consumer's calls. */

/* The number of bytes, from the tail on, that were overwritten. */
static u64 overwritten(const struct model *m)
{
	return m->claim > m->tail + m->size ? m->claim - m->tail - m->size : 0;
}

/* Counts as lost what the consumer finds lost when it looks. */
static size_t looks(struct model *m, size_t n)
{
	u64 gone = min(overwritten(m), m->head - m->tail);

	m->tail += gone;
	m->lost += gone;
	return min_t(u64, n, m->head - m->tail);
}

/* Expects the bytes from offset @off behind the tail on. */
static void expect_bytes(struct model *m, const char *what, const u8 *from, u64 behind, size_t n)
{
	if (!m->failed)
		agree(m, what, stream_matches(from, m->salt + m->tail + behind, n), true);
}

static void do_read(struct model *m)
{
	size_t n = some(m), want = n ? looks(m, n) : 0;

	agree(m, "read", kpool_ring_read(m->ring, m->buf, n), want);
	expect_bytes(m, "bytes read", m->buf, 0, want);
	m->tail += want;
}

static void do_peek(struct model *m)
{
	size_t n = some(m), want = looks(m, n);

	agree(m, "peek", kpool_ring_peek(m->ring, m->buf, n), want);
	expect_bytes(m, "bytes peeked", m->buf, 0, want);
}

static void do_skip(struct model *m)
{
	size_t n = some(m), want = looks(m, n);

	agree(m, "skip", kpool_ring_skip(m->ring, n), want);
	m->tail += want;
}

static void do_read_iter(struct model *m)
{
	size_t n = some(m), want = n ? looks(m, n) : 0;
	struct kvec vec[3];
	struct iov_iter to;

	split_vec(m, vec, n);
	iov_iter_kvec(&to, ITER_DEST, vec, ARRAY_SIZE(vec), n);
	agree(m, "read_iter", kpool_ring_read_iter(m->ring, &to), want);
	agree(m, "what read_iter left", iov_iter_count(&to), n - want);
	expect_bytes(m, "bytes of read_iter", m->buf, 0, want);
	m->tail += want;
}

/* The producer may go on between the look and the consume. */
static void do_contiguous(struct model *m)
{
	size_t n = some(m), there = n, want, used, gone;
	const u8 *from;

	want = looks(m, n);
	if (!mirrored(m))
		want = min_t(size_t, want, m->size - m->tail % m->size);
	from = kpool_ring_peek_contiguous(m->ring, &there);
	agree(m, "peek_contiguous", there, want);
	agree(m, "something to look at", !!from, !!want);
	if (!from || m->failed)
		return;
	used = draw(m, 2) ? there : draw(m, there + 1);
	switch (draw(m, 4)) {
	case 0:
		do_write(m);
		break;
	case 1:
		do_reserve(m);
		break;
	}
	gone = min_t(u64, there, overwritten(m));
	expect_bytes(m, "bytes looked at", from + gone, gone, there - gone);
	gone = min(gone, used);
	agree(m, "consume", kpool_ring_consume(m->ring, used), gone);
	m->tail += used;
	m->lost += gone;
}

static void do_reset(struct model *m)
{
	if (draw(m, 50))
		return;
	/* Sets the ring to its first position again. reset() would make it 0. */
	if (m->start)
		kp_ring_start(m->ring, m->start);
	else
		kpool_ring_reset(m->ring);
	m->head = 0;
	m->tail = 0;
	m->claim = 0;
	m->lost = 0;
	m->refused = 0;
	m->refusals = 0;
	m->salt += SZ_1G;
}

static void (*const calls[])(struct model *m) = {
	do_write, do_write, do_write, do_read, do_read, do_read, do_write_iter, do_read_iter,
	do_reserve, do_reserve, do_contiguous, do_contiguous, do_peek, do_skip, do_reset,
};

static void expect_counts(struct model *m)
{
	u64 beyond = m->head - m->tail > m->size ? m->head - m->tail - m->size : 0;

	agree(m, "len", kpool_ring_len(m->ring), len(m));
	agree(m, "space", kpool_ring_space(m->ring), m->size - len(m));
	agree(m, "lost", kpool_ring_lost(m->ring), m->lost + beyond);
	agree(m, "refused", kpool_ring_refused(m->ring), m->refused);
	agree(m, "refusals", kpool_ring_refusals(m->ring), m->refusals);
	agree(m, "head", m->ring->head, (unsigned long)(m->start + m->head));
	agree(m, "tail", m->ring->tail, (unsigned long)(m->start + m->tail));
}

static void run_model(struct kunit *test, size_t size, unsigned int flags, unsigned long start,
		      unsigned int steps, u8 *buf)
{
	struct model *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, m);
	m->test = test;
	m->ring = kpool_ring_create(size, flags, GFP_KERNEL);
	KUNIT_ASSERT_FALSE(test, IS_ERR(m->ring));
	m->size = size;
	m->flags = flags;
	m->start = start;
	m->buf = buf;
	prandom_seed_state(&m->rnd, size + flags + (u32)start);
	kp_ring_start(m->ring, start);
	agree(m, "size", kpool_ring_size(m->ring), size);
	for (m->step = 0; m->step < steps && !m->failed; m->step++) {
		calls[draw(m, ARRAY_SIZE(calls))](m);
		expect_counts(m);
		if (m->step % 64 == 0)
			cond_resched();
	}
	kpool_ring_destroy(m->ring);
	kunit_kfree(test, m);
}

struct kind {
	const char *name;
	unsigned int flags;
	unsigned long before_wrap;	/* bytes before the wrap at the begin; 0: begin at 0 */
};

static const struct kind kinds[] = {
	{ "refuses", 0 },
	{ "refuses, positions wrap", 0, 1000 },
	{ "refuses, positions wrap at once", 0, 1 },
	{ "overwrites", KPOOL_RING_OVERWRITE },
	{ "overwrites, positions wrap", KPOOL_RING_OVERWRITE, 1000 },
	{ "overwrites, positions wrap at once", KPOOL_RING_OVERWRITE, 1 },
	{ "mappable", KPOOL_RING_MAPPABLE },
	{ "mappable, positions wrap", KPOOL_RING_MAPPABLE, 1000 },
	{ "mappable, overwrites", KPOOL_RING_MAPPABLE | KPOOL_RING_OVERWRITE },
};

KUNIT_ARRAY_PARAM_DESC(kind, kinds, name);

#define SMALL_MOST	70
#define SMALL_STEPS	(is_full_run() ? 100000 : 5000)	/* for each size */

static void small_ones_do_as_their_model(struct kunit *test)
{
	const struct kind *kind = test->param_value;
	u8 *buf = bytes_of(test, MOST(SMALL_MOST));
	size_t size;

	for (size = 1; size <= SMALL_MOST; size++)
		run_model(test, size, kind->flags, -kind->before_wrap, SMALL_STEPS, buf);
}

static void large_ones_do_as_their_model(struct kunit *test)
{
	static const size_t sizes[] = { 4095, 4096, 4097, 3 * PAGE_SIZE, SZ_64K, SZ_1M };
	const struct kind *kind = test->param_value;
	u8 *buf = bytes_of(test, MOST(SZ_1M));
	unsigned int i, steps;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		/* The bytes take the time here, not the calls. */
		steps = SZ_16M / sizes[i] * (is_full_run() ? 20 : 1);
		run_model(test, sizes[i], kind->flags, -kind->before_wrap * sizes[i] / 512, steps,
			  buf);
		if (sizes[i] % PAGE_SIZE == 0)
			run_model(test, sizes[i], kind->flags | KPOOL_RING_MIRRORED,
				  -kind->before_wrap, steps, buf);
	}
}

/* All bytes in the ring are one piece, wherever they begin. */
static void mirrored_one_is_contiguous_across_its_end(struct kunit *test)
{
	struct kpool_ring *ring = ring_of(test, 2 * PAGE_SIZE, KPOOL_RING_MIRRORED);
	u8 *buf = bytes_of(test, 2 * PAGE_SIZE);
	size_t n = SZ_1M;
	const void *from;
	u8 *to;

	kpool_ring_write(ring, buf, PAGE_SIZE + 1000);
	kpool_ring_skip(ring, PAGE_SIZE + 1000);

	to = kpool_ring_reserve(ring, &n);
	KUNIT_ASSERT_NOT_NULL(test, to);
	KUNIT_EXPECT_EQ(test, n, (size_t)(2 * PAGE_SIZE));
	stream_fill(to, 0, n);
	kpool_ring_commit(ring, n);
	n = SZ_1M;
	from = kpool_ring_peek_contiguous(ring, &n);
	KUNIT_ASSERT_NOT_NULL(test, from);
	KUNIT_EXPECT_EQ(test, n, (size_t)(2 * PAGE_SIZE));
	KUNIT_EXPECT_TRUE(test, stream_matches(from, 0, n));
	KUNIT_EXPECT_EQ(test, kpool_ring_read(ring, buf, n), (size_t)(2 * PAGE_SIZE));
	KUNIT_EXPECT_TRUE(test, stream_matches(buf, 0, n));
}

/*
 * A page of user memory with no page behind it. This thread has no memory of its own. So it
 * uses the memory of the first process until user_page_leave(). The end of the test may run
 * in another thread.
 */
struct user_page {
	struct mm_struct *mm;
	unsigned long at;
};

static void user_page_end(struct kunit_resource *res)
{
	struct user_page *u = res->data;

	if (current->mm != u->mm)
		kthread_use_mm(u->mm);
	if (!IS_ERR_VALUE(u->at))
		vm_munmap(u->at, PAGE_SIZE);
	kthread_unuse_mm(u->mm);
	mmput(u->mm);
}

static void user_page_leave(void)
{
	kthread_unuse_mm(current->mm);
}

static void __user *user_page(struct kunit *test)
{
	struct user_page *u = zalloc_for(test, struct user_page);
	struct task_struct *first = get_pid_task(find_vpid(1), PIDTYPE_PID);

	KUNIT_ASSERT_NOT_NULL(test, first);
	u->mm = get_task_mm(first);
	put_task_struct(first);
	/* Built in, the suites run before there is one. */
	if (!u->mm)
		kunit_skip(test, "no process has memory yet");
	kthread_use_mm(u->mm);
	u->at = vm_mmap(NULL, 0, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, 0);
	kunit_alloc_resource(test, NULL, user_page_end, GFP_KERNEL, u);
	KUNIT_ASSERT_FALSE(test, IS_ERR_VALUE(u->at));
	KUNIT_ASSERT_EQ(test, 0, vm_munmap(u->at + PAGE_SIZE, PAGE_SIZE));
	return (void __user *)u->at;
}

/* Bytes of the page, and of a ring in which a call has to go round the end. */
#define REACHED		1000
#define FAULTY		3000
#define BEFORE_END	300

static void fault_ends_write_iter(struct kunit *test)
{
	const struct kind *kind = test->param_value;
	struct kpool_ring *ring = ring_of(test, FAULTY, kind->flags);
	void __user *user = user_page(test) + PAGE_SIZE - REACHED;
	u8 *buf = bytes_of(test, FAULTY);
	struct iov_iter from;

	stream_fill(buf, 0, FAULTY);
	KUNIT_ASSERT_EQ(test, 0UL, copy_to_user(user, buf, REACHED));
	kp_ring_start(ring, -kind->before_wrap);
	kpool_ring_write(ring, buf, FAULTY - BEFORE_END);
	kpool_ring_skip(ring, FAULTY - BEFORE_END);

	iov_iter_ubuf(&from, ITER_SOURCE, user, FAULTY);
	KUNIT_EXPECT_EQ(test, kpool_ring_write_iter(ring, &from), (size_t)REACHED);

	KUNIT_EXPECT_EQ(test, iov_iter_count(&from), (size_t)FAULTY - REACHED);
	KUNIT_EXPECT_EQ(test, kpool_ring_len(ring), (size_t)REACHED);
	KUNIT_EXPECT_EQ(test, kpool_ring_lost(ring), 0ULL);
	memset(buf, 0, FAULTY);
	KUNIT_EXPECT_EQ(test, kpool_ring_read(ring, buf, FAULTY), (size_t)REACHED);
	KUNIT_EXPECT_TRUE(test, stream_matches(buf, 0, REACHED));
	/* This fails at once. */
	iov_iter_ubuf(&from, ITER_SOURCE, user + REACHED, 1);
	KUNIT_EXPECT_EQ(test, kpool_ring_write_iter(ring, &from), (size_t)0);
	KUNIT_EXPECT_EQ(test, kpool_ring_len(ring), (size_t)0);
	user_page_leave();
}

static void fault_ends_read_iter(struct kunit *test)
{
	const struct kind *kind = test->param_value;
	struct kpool_ring *ring = ring_of(test, FAULTY, kind->flags);
	void __user *user = user_page(test) + PAGE_SIZE - REACHED;
	u8 *buf = bytes_of(test, FAULTY);
	struct iov_iter to;

	kp_ring_start(ring, -kind->before_wrap);
	stream_fill(buf, 0, FAULTY);
	kpool_ring_write(ring, buf, FAULTY - BEFORE_END);
	kpool_ring_skip(ring, FAULTY - BEFORE_END);
	kpool_ring_write(ring, buf, FAULTY);

	iov_iter_ubuf(&to, ITER_DEST, user, FAULTY);
	KUNIT_EXPECT_EQ(test, kpool_ring_read_iter(ring, &to), (size_t)REACHED);

	KUNIT_EXPECT_EQ(test, iov_iter_count(&to), (size_t)FAULTY - REACHED);
	KUNIT_EXPECT_EQ(test, 0UL, copy_from_user(buf, user, REACHED));
	KUNIT_EXPECT_TRUE(test, stream_matches(buf, 0, REACHED));
	/* All bytes that were not copied are still there. */
	iov_iter_ubuf(&to, ITER_DEST, user + REACHED, 1);
	KUNIT_EXPECT_EQ(test, kpool_ring_read_iter(ring, &to), (size_t)0);
	KUNIT_EXPECT_EQ(test, kpool_ring_read(ring, buf, FAULTY), (size_t)FAULTY - REACHED);
	KUNIT_EXPECT_TRUE(test, stream_matches(buf, REACHED, FAULTY - REACHED));
	KUNIT_EXPECT_EQ(test, kpool_ring_lost(ring), 0ULL);
	user_page_leave();
}

struct refusal {
	const char *what;
	size_t size;
	unsigned int flags;
};

static const struct refusal refusals[] = {
	{ "no bytes", 0, 0 },
	{ "more than KPOOL_RING_MOST", KPOOL_RING_MOST + 1, 0 },
	{ "unknown flag", 64, BIT(5) },
	{ "mirrored, a byte more than a page", PAGE_SIZE + 1, KPOOL_RING_MIRRORED },
	{ "mirrored, half a page", PAGE_SIZE / 2, KPOOL_RING_MIRRORED },
	{ "a process writes, but cannot map it", 64, KPOOL_RING_USER_WRITES },
	{ "a process writes, and overwrites", 64,
	  KPOOL_RING_USER_WRITES | KPOOL_RING_MAPPABLE | KPOOL_RING_OVERWRITE },
};

KUNIT_ARRAY_PARAM_DESC(refusal, refusals, what);

static void create_refuses(struct kunit *test)
{
	const struct refusal *r = test->param_value;
	const struct kpool_ring_pool_params p = {
		.name = "ring-refused", .size = r->size, .ring_flags = r->flags,
	};

	KUNIT_EXPECT_EQ(test, PTR_ERR(kpool_ring_create(r->size, r->flags, GFP_KERNEL)),
			(long)-EINVAL);
	KUNIT_EXPECT_EQ(test, PTR_ERR(kpool_ring_pool_create(&p)), (long)-EINVAL);
}

#define LIES		5000	/* a few hundred of them come at the worst moment */
#define LIAR_SIZE	100

/* A process says that it has read everything, and a producer in an interrupt believes it. */
struct liar {
	struct hrtimer timer;
	struct kpool_ring *ring;
	unsigned int lies;
	u8 buf[LIAR_SIZE];
};

static enum hrtimer_restart lie(struct hrtimer *timer)
{
	struct liar *l = container_of(timer, struct liar, timer);
	unsigned int i;

	for (i = 0; i < 3; i++) {
		WRITE_ONCE(l->ring->shared->tail, l->ring->shared->head);
		kpool_ring_write(l->ring, l->buf, LIAR_SIZE);
	}
	WRITE_ONCE(l->lies, l->lies + 1);
	hrtimer_forward_now(timer, ns_to_ktime(50 * NSEC_PER_USEC));
	return HRTIMER_RESTART;
}

/* While the consumer looks how much there is, the ring is emptied and filled again and again. */
static void no_more_is_read_than_the_ring_holds(struct kunit *test)
{
	struct liar *l = zalloc_for(test, struct liar);
	u8 *buf = bytes_of(test, 4 * LIAR_SIZE);
	size_t n, most = 0;

	l->ring = ring_of(test, LIAR_SIZE, KPOOL_RING_MAPPABLE);
	pin(test, raw_smp_processor_id());
	hrtimer_setup(&l->timer, lie, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
	hrtimer_start(&l->timer, 0, HRTIMER_MODE_REL_PINNED_HARD);
	while (READ_ONCE(l->lies) < LIES && most <= LIAR_SIZE) {
		n = kpool_ring_read(l->ring, buf, 4 * LIAR_SIZE);
		most = max(most, n);
		n = 4 * LIAR_SIZE;
		kpool_ring_peek_contiguous(l->ring, &n);
		most = max(most, n);
	}
	hrtimer_cancel(&l->timer);
	KUNIT_EXPECT_LE(test, most, (size_t)LIAR_SIZE);
	KUNIT_EXPECT_LE(test, kpool_ring_len(l->ring), (size_t)LIAR_SIZE);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(small_ones_do_as_their_model, kind_gen_params),
	KUNIT_CASE_PARAM(large_ones_do_as_their_model, kind_gen_params),
	KUNIT_CASE(mirrored_one_is_contiguous_across_its_end),
	KUNIT_CASE_PARAM(fault_ends_write_iter, kind_gen_params),
	KUNIT_CASE_PARAM(fault_ends_read_iter, kind_gen_params),
	KUNIT_CASE(no_more_is_read_than_the_ring_holds),
	KUNIT_CASE_PARAM(create_refuses, refusal_gen_params),
	{}
};

struct kunit_suite ring_suite = {
	.name = "kpool_ring",
	.test_cases = cases,
};
