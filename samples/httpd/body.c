// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bodies, of requests and of answers. They are of any size, and how large one is shows
 * with each request only: so they lie in buffers of a set of pools, one for each class of
 * sizes. Without pools they are allocated and freed.
 *
 * A request's body moves into its buffer as it comes in. What came along with the head is
 * copied; the rest is received right there, but for what a chunked body has besides its
 * data.
 *
 * A client that announces a large body gets no large buffer for that. The buffer grows as the
 * bytes come. The buffers of all clients together have a limit.
 */
#include <linux/atomic.h>
#include <linux/kpool_sized.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "httpd.h"

/*
 * A stranger says how much is needed: nothing is killed to make room for it, and the log
 * is not filled with what could not be had.
 */
#define BODY_GFP	(GFP_KERNEL | __GFP_RETRY_MAYFAIL | __GFP_NOWARN)

/* The first buffer of a body whose bytes are still to come. */
#define BODY_FIRST	SZ_16K

static struct kpool_sized *bodies;

/* Bytes of the buffers that are in use. */
static atomic_long_t held;

/* Without pools: what kpool_sized_grow() does. */
static int grow_alloc(struct kpool_buf *buf, size_t size)
{
	void *data = kvmalloc(size, BODY_GFP);

	if (!data)
		return -ENOMEM;
	if (buf->len)
		memcpy(data, buf->data, buf->len);
	kvfree(buf->data);
	buf->data = data;
	buf->size = size;
	return 0;
}

/* Has a larger buffer take the place of one, or of none. Both exist for a moment. */
static int replace(struct kpool_buf *buf, size_t size)
{
	size_t before = buf->size;
	int err;

	if (atomic_long_add_return(size, &held) > httpd.body_bytes && httpd.body_bytes)
		err = -ENOMEM;
	else if (httpd.pool)
		err = kpool_sized_grow(bodies, buf, size, BODY_GFP);
	else
		err = grow_alloc(buf, size);
	/* From now on what the buffer has counts, not what it was asked for. */
	atomic_long_sub(size, &held);
	atomic_long_add(buf->size - before, &held);
	return err;
}

/**
 * body_grow() - have room for more bytes of a body
 * @buf: the buffer, or an empty descriptor; keeps its bytes
 * @size: bytes that it is for in all, at least 1; there may be room for more
 *
 * Context: process context, may sleep.
 * Return: 0, and the caller ends the buffer with body_put(); or an error, and the buffer is as it
 * was.
 */
int body_grow(struct kpool_buf *buf, size_t size)
{
	bool had_one = buf->data;
	u64 start;
	int err;

	if (size <= buf->size)
		return 0;
	start = ktime_get_ns();
	err = replace(buf, size);
	if (err) {
		httpd_count(HTTPD_BODY_FAILURES);
		return err;
	}
	httpd_add(HTTPD_BODY_GET_NS, ktime_get_ns() - start);
	httpd_count(HTTPD_BODY_GETS);
	httpd_add(HTTPD_BODY_PUTS, had_one);
	return 0;
}

/**
 * body_put() - give a buffer back
 * @buf: the buffer; one without data is ignored
 */
void body_put(struct kpool_buf *buf)
{
	size_t size;
	u64 start;

	if (!buf->data)
		return;
	start = ktime_get_ns();
	size = buf->size;
	if (httpd.pool)
		kpool_sized_put_buf(bodies, buf);
	else
		kvfree(buf->data);
	atomic_long_sub(size, &held);
	httpd_add(HTTPD_BODY_PUT_NS, ktime_get_ns() - start);
	httpd_count(HTTPD_BODY_PUTS);
	*buf = (struct kpool_buf){};
}

/*
 * Appends @len bytes that came. If the next byte comes to the buffer directly, there is room for
 * it afterwards. Returns 0 or a status.
 *
 * A full buffer grows to twice its size, but not beyond @most: lest a body of many small pieces be
 * copied for each of them.
 */
static int append(struct kpool_buf *buf, const char *text, size_t len, bool more, size_t most)
{
	size_t size = buf->len + len + more;

	if (size > buf->size &&
	    body_grow(buf, min(max3(size, 2 * buf->size, (size_t)BODY_FIRST), most)))
		return 503;
	if (len)
		memcpy(buf->data + buf->len, text, len);
	buf->len += len;
	return 0;
}

static int take_length(struct request *req)
{
	struct kpool_buf *body = &req->body;
	size_t left = req->head.content_length - body->len;
	size_t n = min_t(size_t, req->len - req->used, left);
	int status;

	if (!left)
		return 0;
	status = append(body, req->buf + req->used, n, n < left, req->head.content_length);
	if (status)
		return status;
	req->used += n;
	return n < left ? -EAGAIN : 0;
}

static int take_chunks(struct request *req)
{
	char *text = req->buf + req->used;
	unsigned int used;
	size_t left = 0;
	int data, status;

	data = http_decode_chunks(&req->chunks, text, req->len - req->used, &used);
	if (data < 0)
		return data == -EFBIG ? 413 : 400;
	if (req->chunks.state == CHUNK_DATA)
		left = req->chunks.left;
	if ((u64)data + left > httpd.max_body - req->body.len)
		return 413;
	status = append(&req->body, text, data, left, httpd.max_body);
	if (status)
		return status;
	req->used += used;
	if (req->chunks.state == CHUNK_END)
		return 0;
	/* all is used that came, and what comes next may lie in its place */
	req->used = req->head.size;
	req->len = req->head.size;
	return -EAGAIN;
}

/**
 * body_take() - take what is in a request's buffer of its body
 * @req: the request, its head parsed
 *
 * Context: process context, may sleep.
 * Return: 0 if the body is complete; -EAGAIN if there is more to come; or the status to
 * refuse the request with, as for http_parse_head().
 */
int body_take(struct request *req)
{
	return req->head.chunked ? take_chunks(req) : take_length(req);
}

/* Is what comes next nothing but data, and room for it there? */
static bool only_data_comes(const struct request *req)
{
	return !req->head.chunked || req->chunks.state == CHUNK_DATA;
}

/**
 * body_place() - where to receive more of a request's body
 * @req: a request of whose body body_take() wants more
 * @size: how much may be received there, at least 1 byte
 *
 * Return: the place; body_came() is to be told what came.
 */
void *body_place(struct request *req, size_t *size)
{
	const struct kpool_buf *body = &req->body;
	size_t left;

	if (!only_data_comes(req)) {
		*size = httpd.max_head + HTTPD_ROOM - req->len;
		return req->buf + req->len;
	}
	left = req->head.chunked ? req->chunks.left : req->head.content_length - body->len;
	*size = min(left, body->size - body->len);
	return body->data + body->len;
}

/**
 * body_came() - more of a request's body lies where body_place() said
 * @req: the request
 * @len: how much
 */
void body_came(struct request *req, size_t len)
{
	if (!only_data_comes(req)) {
		req->len += len;
		return;
	}
	req->body.len += len;
	if (req->head.chunked)
		http_pass_data(&req->chunks, len);
}

/**
 * body_held() - how many bytes the buffers have that are in use
 */
unsigned long body_held(void)
{
	return atomic_long_read(&held);
}

int body_pool_open(void)
{
	const struct kpool_sized_params params = {
		.name = "httpd-bodies",
		.max_idle_bytes = httpd.body_idle_bytes,
	};

	if (!httpd.pool)
		return 0;
	bodies = kpool_sized_create(&params);
	return PTR_ERR_OR_ZERO(bodies);
}

/* All are back. If one were not, this would say so. */
void body_pool_close(void)
{
	if (httpd.pool)
		kpool_sized_destroy_sync(bodies, 1000);
}
