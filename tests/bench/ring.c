// SPDX-License-Identifier: GPL-2.0-only
/*
 * The cost of a ring: a write of some bytes and a read of the same bytes, copied or in place. Next
 * to it the cost of a kfifo, and of two calls of memcpy(). The compiler knows how many bytes.
 */
#include <linux/kfifo.h>
#include <linux/kpool_ring.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "case.h"

#define RING_SIZE	SZ_64K
#define SMALL		64
#define MIDDLE		1024
#define LARGE		4096

struct side {
	struct kpool_ring *ring;
	struct kfifo fifo;
	u8 *from, *to;
};

static void cleanup(struct bench *b)
{
	struct side *s = b->handle;

	kfifo_free(&s->fifo);
	if (!IS_ERR(s->ring))
		kpool_ring_destroy(s->ring);
	kfree(s->from);
	kfree(s->to);
	kfree(s);
}

static int setup(struct bench *b, unsigned int flags)
{
	struct side *s = kzalloc(sizeof(*s), GFP_KERNEL);

	if (!s)
		return -ENOMEM;
	b->handle = s;
	s->from = kzalloc(LARGE, GFP_KERNEL);
	s->to = kzalloc(LARGE, GFP_KERNEL);
	s->ring = kpool_ring_create(RING_SIZE, flags, GFP_KERNEL);
	if (s->from && s->to && !IS_ERR(s->ring) &&
	    !kfifo_alloc(&s->fifo, RING_SIZE, GFP_KERNEL))
		return 0;
	cleanup(b);
	return -ENOMEM;
}

static int setup_refuse(struct bench *b)
{
	return setup(b, 0);
}

static int setup_overwrite(struct bench *b)
{
	return setup(b, KPOOL_RING_OVERWRITE);
}

/* All of these return false if a call took or gave fewer bytes. */
static __always_inline bool ring(struct side *s, unsigned int n, size_t size)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (kpool_ring_write(s->ring, s->from, size) != size)
			break;
		if (kpool_ring_read(s->ring, s->to, size) != size)
			break;
	}
	return i == n;
}

/* Nobody copies. The producer and the consumer touch one word each. */
static __always_inline bool in_place(struct side *s, unsigned int n, size_t size)
{
	const void *from;
	unsigned int i;
	size_t len;
	void *to;

	for (i = 0; i < n; i++) {
		len = size;
		to = kpool_ring_reserve(s->ring, &len);
		if (!to)
			break;
		WRITE_ONCE(*(u32 *)to, i);
		kpool_ring_commit(s->ring, len);
		from = kpool_ring_peek_contiguous(s->ring, &len);
		if (!from)
			break;
		WRITE_ONCE(*(u32 *)s->to, READ_ONCE(*(const u32 *)from));
		kpool_ring_consume(s->ring, len);
	}
	return i == n;
}

static __always_inline bool fifo(struct side *s, unsigned int n, size_t size)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (kfifo_in(&s->fifo, s->from, size) != size)
			break;
		if (kfifo_out(&s->fifo, s->to, size) != size)
			break;
	}
	return i == n;
}

static __always_inline bool copy(struct side *s, unsigned int n, size_t size)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		OPTIMIZER_HIDE_VAR(size);
		memcpy(s->to, s->from, size);
		memcpy(s->from, s->to, size);
	}
	return true;
}

#define RUN(what, size)									\
static noinline void what##_##size(struct bench *b, unsigned int n)			\
{											\
	b->failed |= !what(b->handle, n, size);						\
}

RUN(ring, SMALL)
RUN(ring, MIDDLE)
RUN(ring, LARGE)
RUN(in_place, SMALL)
RUN(in_place, MIDDLE)
RUN(in_place, LARGE)
RUN(fifo, SMALL)
RUN(fifo, MIDDLE)
RUN(fifo, LARGE)
RUN(copy, SMALL)
RUN(copy, MIDDLE)
RUN(copy, LARGE)

static const struct bench_peer ring_peers[] = {
	{ "ring", setup_refuse, cleanup, ring_SMALL, NULL, SMALL, SMALL },
	{ "ring_overwrite", setup_overwrite, cleanup, ring_SMALL, NULL, SMALL, SMALL },
	{ "ring_in_place", setup_refuse, cleanup, in_place_SMALL, NULL, SMALL, SMALL },
	{ "kfifo", setup_refuse, cleanup, fifo_SMALL, NULL, SMALL, SMALL },
	{ "memcpy_2x", setup_refuse, cleanup, copy_SMALL, NULL, SMALL, SMALL },
	{ "ring", setup_refuse, cleanup, ring_MIDDLE, NULL, MIDDLE, MIDDLE },
	{ "ring_overwrite", setup_overwrite, cleanup, ring_MIDDLE, NULL, MIDDLE, MIDDLE },
	{ "ring_in_place", setup_refuse, cleanup, in_place_MIDDLE, NULL, MIDDLE, MIDDLE },
	{ "kfifo", setup_refuse, cleanup, fifo_MIDDLE, NULL, MIDDLE, MIDDLE },
	{ "memcpy_2x", setup_refuse, cleanup, copy_MIDDLE, NULL, MIDDLE, MIDDLE },
	{ "ring", setup_refuse, cleanup, ring_LARGE, NULL, LARGE, LARGE },
	{ "ring_overwrite", setup_overwrite, cleanup, ring_LARGE, NULL, LARGE, LARGE },
	{ "ring_in_place", setup_refuse, cleanup, in_place_LARGE, NULL, LARGE, LARGE },
	{ "kfifo", setup_refuse, cleanup, fifo_LARGE, NULL, LARGE, LARGE },
	{ "memcpy_2x", setup_refuse, cleanup, copy_LARGE, NULL, LARGE, LARGE },
	BENCH_END
};

const struct bench_case bench_ring_cases[] = {
	{ .name = "ring", .peers = ring_peers, .points = BENCH_POINTS(SMALL, MIDDLE, LARGE),
	  .capacity = 1, .step = 1 },
	BENCH_END
};
