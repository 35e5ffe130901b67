/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One request to the backend, and its answer as it comes in. Knows no client.
 */
#ifndef _HTTPD_EXCHANGE_H
#define _HTTPD_EXCHANGE_H

#include <linux/sizes.h>
#include <linux/types.h>

#include "http.h"

struct connpool_conn;
struct request;
struct stream;

enum {
	/* bytes of an answer's head, and of that with the first piece of the body */
	BACKEND_HEAD	= SZ_8K,
	BACKEND_PIECE	= SZ_16K,
	/* what is added to a head when it is passed on */
	BACKEND_EXTRA	= 512,
};

/**
 * enum framing - how the end of the backend's answer is found
 * @FRAMING_LENGTH: by its length, which can be 0
 * @FRAMING_CHUNKED: it comes in chunks
 * @FRAMING_CLOSE: it is there when the connection closes
 */
enum framing {
	FRAMING_LENGTH,
	FRAMING_CHUNKED,
	FRAMING_CLOSE,
};

/**
 * struct exchange - one request to the backend, and its answer
 * @in: what was received of the head and the first piece of the body. Allocated when the
 *	object is built, as is @out.
 * @len: bytes there, before the head was parsed
 * @out: the head that is passed on: first the request's, then the answer's
 * @out_size: room there
 * @conn: the connection; NULL before, and when all was received
 * @head: the answer's head
 * @framing: how its end is found
 * @left: with FRAMING_LENGTH: bytes that are still to come
 * @chunks: with FRAMING_CHUNKED: how far it was read
 * @body: where in @in the body's first piece begins
 * @body_len: bytes of it
 * @done: all was received
 * @surplus: and more than that
 */
struct exchange {
	char *in;
	unsigned int len;
	char *out;
	unsigned int out_size;
	struct connpool_conn *conn;
	struct http_head head;
	enum framing framing;
	unsigned int left;
	struct http_chunks chunks;
	unsigned int body;
	unsigned int body_len;
	bool done;
	bool surplus;
};

int exchange_pool_open(void);
void exchange_pool_close(void);
struct exchange *exchange_begin(void);
void exchange_end(struct exchange *ex);

int exchange_ask(struct exchange *ex, const struct request *req, unsigned int head_len);
int exchange_stream(struct exchange *ex, struct stream *stream);
bool exchange_has_no_body(const struct exchange *ex, const struct request *req);

#endif
