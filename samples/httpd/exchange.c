// SPDX-License-Identifier: GPL-2.0-only
/*
 * One request to the backend over a pooled connection, and its answer as it comes in:
 * in pieces of a buffer's size, with chunks taken apart.
 */
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/kpool.h>
#include <linux/net.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/sock.h>

#include "connpool.h"
#include "exchange.h"
#include "httpd.h"

DEFINE_KPOOL_TYPE(exchange, struct exchange);

static struct exchange_pool *exchanges;

static int exchange_build(void *obj, void *ctx, gfp_t gfp, int node)
{
	struct exchange *ex = obj;

	ex->out_size = max_t(unsigned int, httpd.max_head, BACKEND_HEAD) + BACKEND_EXTRA;
	ex->in = kmalloc_node(BACKEND_PIECE + BACKEND_TAIL, gfp, node);
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

/* @len more bytes of the body as it is sent lie behind what is there of the piece. */
static int take_body(struct exchange *ex, unsigned int len)
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
		data = http_decode_chunks(&ex->chunks, ex->in + ex->body + ex->body_len, len,
					  &used);
		if (data < 0)
			return data;
		ex->done = ex->chunks.state == CHUNK_END;
		break;
	case FRAMING_CLOSE:
		break;
	}
	ex->body_len += data;
	ex->surplus = used < len;
	return 0;
}

static int begin_body(struct exchange *ex, const struct request *req)
{
	ex->body = ex->head.size;
	ex->body_len = 0;
	ex->done = false;
	ex->surplus = false;
	ex->rechunk = false;
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
	return take_body(ex, ex->len - ex->head.size);
}

/* Receive until the buffer is full, or all is there. */
static int fill_body(struct exchange *ex)
{
	unsigned int room;
	int ret;

	while (!ex->done && (room = BACKEND_PIECE - ex->body - ex->body_len)) {
		ret = receive(ex, ex->in + ex->body + ex->body_len, room,
			      deadline_of(httpd.backend_timeout_ms));
		if (ret < 0)
			return ret;
		if (!ret && ex->framing != FRAMING_CLOSE)
			return -ECONNRESET;
		if (!ret)
			ex->done = true;
		ret = take_body(ex, ret);
		if (ret)
			return ret;
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
 * exchange_next_piece() - receive more of the answer's body
 * @ex: the exchange, of which all that came before was made use of
 *
 * Context: process context, waits for the backend.
 * Return: 0, or an error as of exchange_ask().
 */
int exchange_next_piece(struct exchange *ex)
{
	int err;

	ex->body = 0;
	ex->body_len = 0;
	err = fill_body(ex);
	if (!err)
		release_if_done(ex);
	return err;
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
