// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bodies on their way from who makes them to who sends them, each through a ring. Without
 * pools a ring is created and destroyed for each.
 *
 * Producer and consumer are work items on different workqueues, and run at the same time. The
 * ring itself needs no lock for that; what is left is that neither may rest while it has
 * something to do:
 *
 * The consumer, where it finds the ring empty, says in @hungry that it rests. The producer looks
 * at that after each commit, and queues the consumer. Each has a full barrier between what it
 * writes and what it reads of the other, so one of them at least sees the other.
 *
 * The producer, where it finds the ring full, ends its work. Who started it has then to look at
 * the ring, and to start it again when there is room: see conn.c.
 */
#include <linux/err.h>
#include <linux/kpool_ring.h>
#include <linux/ktime.h>

#include "httpd.h"
#include "stream.h"

/* As for bodies: strangers say how many there are. */
#define STREAM_GFP	(GFP_KERNEL | __GFP_RETRY_MAYFAIL | __GFP_NOWARN)

/* A producer that stopped is started again when this part of the ring is free, not for a byte. */
#define STREAM_PART	4

static struct kpool_ring_pool *rings;

/**
 * stream_begin() - let a body have a ring
 * @stream: a stream without one
 *
 * Context: process context, may sleep.
 * Return: 0, and the caller ends it with stream_end(); or an error, and there is no ring.
 */
int stream_begin(struct stream *stream)
{
	u64 start = ktime_get_ns();
	struct kpool_ring *ring;

	if (httpd.pool)
		ring = kpool_ring_get(rings, STREAM_GFP);
	else
		ring = kpool_ring_create(httpd.ring_bytes, 0, STREAM_GFP);
	if (IS_ERR(ring)) {
		httpd_count(HTTPD_RING_FAILURES);
		return PTR_ERR(ring);
	}
	httpd_add(HTTPD_RING_GET_NS, ktime_get_ns() - start);
	httpd_count(HTTPD_RING_GETS);
	stream->ring = ring;
	return 0;
}

/**
 * stream_end() - give the ring back, and what is in it up
 * @stream: the stream, which nobody else is at; one without a ring is ignored
 *
 * Context: process context, may sleep.
 */
void stream_end(struct stream *stream)
{
	u64 start;

	if (!stream->ring)
		return;
	start = ktime_get_ns();
	if (httpd.pool)
		kpool_ring_put(rings, stream->ring);
	else
		kpool_ring_destroy(stream->ring);
	httpd_add(HTTPD_RING_PUT_NS, ktime_get_ns() - start);
	httpd_count(HTTPD_RING_PUTS);
	stream->ring = NULL;
}

/**
 * stream_place() - where the producer may put more of the body
 * @stream: the stream
 * @n: becomes the bytes that there is room for, in one piece
 *
 * Return: the place; stream_came() is to be told what came. NULL if the ring is full.
 */
void *stream_place(struct stream *stream, size_t *n)
{
	*n = httpd.ring_bytes;
	return kpool_ring_reserve(stream->ring, n);
}

/**
 * stream_came() - more of the body lies where stream_place() said
 * @stream: the stream
 * @n: bytes of it, which can be 0
 */
void stream_came(struct stream *stream, size_t n)
{
	kpool_ring_commit(stream->ring, n);
	/* pairs with that in stream_piece(): we see that it rests, or it sees what came */
	smp_mb();
	if (n && READ_ONCE(stream->hungry)) {
		WRITE_ONCE(stream->hungry, false);
		mod_delayed_work(httpd.wq, stream->consumer, 0);
	}
}

static const void *peek(struct stream *stream, size_t *n)
{
	*n = httpd.ring_bytes;
	return kpool_ring_peek_contiguous(stream->ring, n);
}

/**
 * stream_piece() - what the consumer is to send next
 * @stream: the stream, of which all that was a piece before was taken
 * @n: becomes the bytes that there are, in one piece
 *
 * Return: the piece, which stays as it is until stream_took(). NULL if there is none: the
 * consumer is queued when there is.
 */
const void *stream_piece(struct stream *stream, size_t *n)
{
	const void *piece = peek(stream, n);

	if (piece)
		return piece;
	WRITE_ONCE(stream->hungry, true);
	/* pairs with that in stream_came() */
	smp_mb();
	return peek(stream, n);
}

/**
 * stream_took() - the first bytes of the piece are sent, and their room is free
 * @stream: the stream
 * @n: how many; can be 0
 */
void stream_took(struct stream *stream, size_t n)
{
	kpool_ring_consume(stream->ring, n);
}

/**
 * stream_has_room() - is it worth while to start a producer that stopped?
 * @stream: the stream
 */
bool stream_has_room(const struct stream *stream)
{
	return kpool_ring_space(stream->ring) >= DIV_ROUND_UP(httpd.ring_bytes, STREAM_PART);
}

int stream_pool_open(void)
{
	const struct kpool_ring_pool_params params = {
		.name = "httpd-rings",
		.size = httpd.ring_bytes,
	};

	if (!httpd.pool)
		return 0;
	rings = kpool_ring_pool_create(&params);
	return PTR_ERR_OR_ZERO(rings);
}

/* All are back. If one were not, this would say so. */
void stream_pool_close(void)
{
	if (httpd.pool)
		kpool_ring_pool_destroy_sync(rings, 1000);
}
