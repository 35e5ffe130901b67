// SPDX-License-Identifier: GPL-2.0-only
/*
 * One request to the backend over a pooled connection, and its answer as it comes in:
 * first into a buffer, and what is longer into a stream, with chunks taken apart.
 */
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/kpool.h>
#include <linux/net.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/sock.h>

#include "connpool.h"
#include "exchange.h"
#include "httpd.h"
#include "stream.h"

DEFINE_KPOOL_TYPE(exchange, struct exchange);

static struct exchange_pool *exchanges;

static int exchange_build(void *obj, void *ctx, gfp_t gfp, int node)
{
	struct exchange *ex = obj;

	ex->out_size = max_t(unsigned int, httpd.max_head, BACKEND_HEAD) + BACKEND_EXTRA;
	ex->in = kmalloc_node(BACKEND_PIECE, gfp, node);
	ex->out = kmalloc_node(ex->out_size, gfp, node);
	if (ex->in && ex->out)
		return 0;
	kfree(ex->in);
	kfree(ex->out);
	return -ENOMEM;
}

static void exchange_teardown(void *obj, void *ctx)
{
	struct exchange *ex = obj;

	kfree(ex->in);
	kfree(ex->out);
}

/**
 * exchange_begin() - an exchange without a connection
 *
 * Context: process context, may sleep.
 * Return: the exchange, which the caller ends with exchange_end(), or an ERR_PTR.
 */
struct exchange *exchange_begin(void)
{
	struct exchange *ex = exchange_get(exchanges, GFP_KERNEL);

	if (!IS_ERR(ex))
		ex->conn = NULL;
	return ex;
}

static void release_conn(struct exchange *ex, bool reusable)
{
	if (ex->conn)
		connpool_put(httpd.connpool, ex->conn, reusable);
	ex->conn = NULL;
}

static void release_if_done(struct exchange *ex)
{
	bool reusable = ex->head.keep_alive && ex->framing != FRAMING_CLOSE && !ex->surplus;

	if (ex->done)
		release_conn(ex, reusable);
}

/**
 * exchange_end() - end an exchange, wherever it stands
 * @ex: from exchange_begin()
 *
 * Context: process context, sleeps.
 */
void exchange_end(struct exchange *ex)
{
	/* in the middle of an answer, a connection is of no use to anybody else */
	release_conn(ex, false);
	exchange_put(exchanges, ex);
}

static unsigned long deadline_of(unsigned int ms)
{
	return jiffies + (ms ? msecs_to_jiffies(ms) : MAX_JIFFY_OFFSET);
}

static int send_request(struct exchange *ex, const struct request *req, unsigned int head_len,
			unsigned long deadline)
{
	struct kvec vec[] = {
		{ .iov_base = ex->out, .iov_len = head_len },
		{ .iov_base = req->body.data, .iov_len = req->body.len },
	};
	struct msghdr msg = { .msg_flags = MSG_NOSIGNAL };
	size_t len = vec[0].iov_len + vec[1].iov_len;
	long left = deadline - jiffies;
	int ret;

	ex->conn->sock->sk->sk_sndtimeo = max(left, 1L);
	ret = kernel_sendmsg(ex->conn->sock, &msg, vec, ARRAY_SIZE(vec), len);
	if (ret == len)
		return 0;
	/* It ends short of the whole for the same reasons. */
	return ret == -EAGAIN || ret > 0 ? -ETIMEDOUT : ret;
}

/* Returns how many bytes came; 0 if the backend has closed; -ETIMEDOUT, or another error. */
static int receive(struct exchange *ex, char *buf, unsigned int size, unsigned long deadline)
{
	struct kvec vec = { .iov_base = buf, .iov_len = size };
	struct msghdr msg = {};
	long left = deadline - jiffies;
	int ret;

	if (left <= 0)
		return -ETIMEDOUT;
	ex->conn->sock->sk->sk_rcvtimeo = left;
	ret = kernel_recvmsg(ex->conn->sock, &msg, &vec, 1, size, 0);
	return ret == -EAGAIN ? -ETIMEDOUT : ret;
}

static void begin_head(struct exchange *ex)
{
	memset(&ex->head, 0, offsetof(struct http_head, fields));
}

/* Interim answers are skipped: nobody is there for whom they could be. */
static int receive_head(struct exchange *ex, unsigned long deadline)
{
	int ret;

	begin_head(ex);
	ex->len = 0;
	for (;;) {
		ret = http_parse_response(&ex->head, ex->in, ex->len, BACKEND_HEAD);
		if (!ret && ex->head.status >= 200)
			return 0;
		if (ret > 0 || (!ret && ex->head.status == 101))
			return -EPROTO;
		if (!ret) {
			ex->len -= ex->head.size;
			memmove(ex->in, ex->in + ex->head.size, ex->len);
			begin_head(ex);
			continue;
		}
		ret = receive(ex, ex->in + ex->len, BACKEND_PIECE - ex->len, deadline);
		if (ret <= 0)
			return ret ?: -ECONNRESET;
		ex->len += ret;
	}
}

/**
 * exchange_has_no_body() - is the head all of the answer, whatever it says?
 * @ex: the exchange, of which the answer's head is there
 * @req: the request
 */
bool exchange_has_no_body(const struct exchange *ex, const struct request *req)
{
	return req->head.method == HTTP_HEAD || ex->head.status == 204 || ex->head.status == 304;
}

/* @len more bytes of the body as it is sent lie at @text. Returns how many of them are data. */
static int take_body(struct exchange *ex, char *text, unsigned int len)
{
	unsigned int used = len;
	int data = len;

	switch (ex->framing) {
	case FRAMING_LENGTH:
		used = min(len, ex->left);
		data = used;
		ex->left -= used;
		ex->done = !ex->left;
		break;
	case FRAMING_CHUNKED:
		data = http_decode_chunks(&ex->chunks, text, len, &used);
		if (data < 0)
			return data;
		ex->done = ex->chunks.state == CHUNK_END;
		break;
	case FRAMING_CLOSE:
		break;
	}
	ex->surplus = used < len;
	return data;
}

static int begin_body(struct exchange *ex, const struct request *req)
{
	int data;

	ex->body = ex->head.size;
	ex->body_len = 0;
	ex->done = false;
	ex->surplus = false;
	memset(&ex->chunks, 0, sizeof(ex->chunks));
	ex->left = 0;
	if (exchange_has_no_body(ex, req)) {
		ex->framing = FRAMING_LENGTH;
	} else if (ex->head.chunked) {
		ex->framing = FRAMING_CHUNKED;
	} else if (ex->head.has_length) {
		ex->framing = FRAMING_LENGTH;
		ex->left = ex->head.content_length;
	} else {
		ex->framing = FRAMING_CLOSE;
	}
	data = take_body(ex, ex->in + ex->body, ex->len - ex->head.size);
	if (data < 0)
		return data;
	ex->body_len = data;
	return 0;
}

/* Returns how many bytes of data are at @place after that, which can be 0, or an error. */
static int receive_body(struct exchange *ex, char *place, unsigned int room)
{
	int ret = receive(ex, place, room, deadline_of(httpd.backend_timeout_ms));

	if (ret < 0)
		return ret;
	if (!ret && ex->framing != FRAMING_CLOSE)
		return -ECONNRESET;
	if (!ret)
		ex->done = true;
	return take_body(ex, place, ret);
}

/* Receive until the buffer is full, or all is there. */
static int fill_body(struct exchange *ex)
{
	unsigned int room;
	int ret;

	while (!ex->done && (room = BACKEND_PIECE - ex->body - ex->body_len)) {
		ret = receive_body(ex, ex->in + ex->body + ex->body_len, room);
		if (ret < 0)
			return ret;
		ex->body_len += ret;
	}
	return 0;
}

/**
 * exchange_ask() - send the request, receive the answer's head and its first piece
 * @ex: the exchange, with a connection; the connection is given back if this is all
 * @req: the request
 * @head_len: bytes of the head in @ex->out to send for it
 *
 * Context: process context, waits for the backend.
 * Return: 0; or an error, and @ex->conn is there still: -ETIMEDOUT if the backend is silent,
 * -EPROTO if it talks nonsense, or what TCP says.
 */
int exchange_ask(struct exchange *ex, const struct request *req, unsigned int head_len)
{
	unsigned long deadline = deadline_of(httpd.backend_timeout_ms);

	int err;

	ex->len = 0;
	err = send_request(ex, req, head_len, deadline) ?:
	      receive_head(ex, deadline) ?:
	      begin_body(ex, req) ?:
	      fill_body(ex);
	if (!err)
		release_if_done(ex);
	return err;
}

/**
 * exchange_stream() - receive the rest of the answer's body into a stream
 * @ex: the exchange; its connection is given back when all is there, whoever has taken it or not
 * @stream: the stream
 *
 * Leaves @ex->in and @ex->out alone: the client may be sent the first piece out of them at the
 * same time.
 *
 * Context: process context, waits for the backend, but not for the stream.
 * Return: 0 if all is there; -EAGAIN if the stream is full, and this is to be called again when
 * there is room; -ECANCELED if it is abandoned; or an error as of exchange_ask().
 */
int exchange_stream(struct exchange *ex, struct stream *stream)
{
	void *place;
	size_t room;
	int ret;

	while (!ex->done) {
		if (READ_ONCE(stream->abandoned))
			return -ECANCELED;
		place = stream_place(stream, &room);
		if (!place)
			return -EAGAIN;
		ret = receive_body(ex, place, room);
		if (ret < 0)
			return ret;
		stream_came(stream, ret);
		cond_resched();
	}
	release_if_done(ex);
	return 0;
}

int exchange_pool_open(void)
{
	static const struct kpool_ops ops = {
		.ctor = exchange_build,
		.dtor = exchange_teardown,
	};
	static const struct kpool_params params = {
		.name = "httpd-exchanges",
		.ops = &ops,
	};

	exchanges = exchange_pool_create(&params);
	return PTR_ERR_OR_ZERO(exchanges);
}

/* As for requests: the teardown lives in this module. */
void exchange_pool_close(void)
{
	exchange_pool_destroy_sync(exchanges, 1000);
}
