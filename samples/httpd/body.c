// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bodies, of requests and of answers. They are of any size, and how large one is shows
 * with each request only: so they lie in buffers of a set of pools, one for each class of
 * sizes. Without pools they are allocated and freed.
 *
 * A request's body moves into its buffer as it comes in. What came along with the head is
 * copied; the rest is received right there, but for what a chunked body has besides its
 * data.
 */
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

static struct kpool_sized *bodies;

static int body_alloc(struct kpool_buf *buf, size_t size)
{
	*buf = (struct kpool_buf){ .data = kvmalloc(size, BODY_GFP), .size = size };
	return buf->data ? 0 : -ENOMEM;
}

/**
 * body_get() - a buffer for a body
 * @buf: becomes the buffer, with nothing in it
 * @size: bytes that it is for, at least 1; there may be room for more
 *
 * Context: process context, may sleep.
 * Return: 0, and the caller ends it with body_put(); or an error, and there is nothing to
 * be put.
 */
int body_get(struct kpool_buf *buf, size_t size)
{
	u64 start = ktime_get_ns();
	int err;

	if (httpd.pool)
		err = kpool_sized_get_buf(bodies, buf, size, BODY_GFP);
	else
		err = body_alloc(buf, size);
	if (err) {
		httpd_count(HTTPD_BODY_FAILURES);
		return err;
	}
	httpd_add(HTTPD_BODY_GET_NS, ktime_get_ns() - start);
	httpd_count(HTTPD_BODY_GETS);
	buf->len = 0;
	return 0;
}

/**
 * body_put() - give a buffer back
 * @buf: the buffer; one without data is ignored
 */
void body_put(struct kpool_buf *buf)
{
	u64 start;

	if (!buf->data)
		return;
	start = ktime_get_ns();
	if (httpd.pool)
		kpool_sized_put_buf(bodies, buf);
	else
		kvfree(buf->data);
	httpd_add(HTTPD_BODY_PUT_NS, ktime_get_ns() - start);
	httpd_count(HTTPD_BODY_PUTS);
	*buf = (struct kpool_buf){};
}

/*
 * Have room for @more bytes behind what is there. Returns 0 or a status.
 * Nobody knows how large a chunked body will be: so there is a larger buffer each time, of
 * twice the size, lest a body of many small chunks be copied for each of them.
 */
static int have_room(struct kpool_buf *buf, u64 more)
{
	struct kpool_buf larger;
	size_t size;

	if (more > httpd.max_body - buf->len)
		return 413;
	size = buf->len + more;
	if (size <= buf->size)
		return 0;
	if (body_get(&larger, max(size, min_t(size_t, 2 * buf->size, httpd.max_body))))
		return 503;
	memcpy(larger.data, buf->data, buf->len);
	larger.len = buf->len;
	body_put(buf);
	*buf = larger;
	return 0;
}

static void append(struct kpool_buf *buf, const char *text, size_t len)
{
	memcpy(buf->data + buf->len, text, len);
	buf->len += len;
}

static int take_length(struct request *req)
{
	struct kpool_buf *body = &req->body;
	size_t left = req->head.content_length - body->len;
	size_t n = min_t(size_t, req->len - req->used, left);
	int status;

	if (!left)
		return 0;
	status = have_room(body, left);
	if (status)
		return status;
	append(body, req->buf + req->used, n);
	req->used += n;
	return n < left ? -EAGAIN : 0;
}

static int take_chunks(struct request *req)
{
	char *text = req->buf + req->used;
	unsigned int used;
	int data, status;
	u64 more;

	data = http_decode_chunks(&req->chunks, text, req->len - req->used, &used);
	if (data < 0)
		return data == -EFBIG ? 413 : 400;
	more = data;
	if (req->chunks.state == CHUNK_DATA)
		more += req->chunks.left;
	if (more) {
		status = have_room(&req->body, more);
		if (status)
			return status;
		append(&req->body, text, data);
	}
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
	if (!only_data_comes(req)) {
		*size = httpd.max_head + HTTPD_ROOM - req->len;
		return req->buf + req->len;
	}
	if (req->head.chunked)
		*size = req->chunks.left;
	else
		*size = req->head.content_length - req->body.len;
	return req->body.data + req->body.len;
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
