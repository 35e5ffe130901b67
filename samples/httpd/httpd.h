/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _HTTPD_H
#define _HTTPD_H

#include <linux/kpool_sized.h>
#include <linux/list.h>
#include <linux/percpu.h>
#include <linux/sizes.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/uio.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "http.h"
#include "stream.h"

struct connpool;
struct exchange;
struct sock;
struct socket;

/* bytes behind a request's head that are received along with it, or between chunks */
#define HTTPD_ROOM	SZ_8K

/**
 * struct answer - what is sent back for a request: a head, then a body
 * @head: status line and fields
 * @head_len: bytes in @head
 * @body: the body; sent over and over until @size is reached
 * @body_len: bytes at @body
 * @size: bytes to be sent in all
 * @sent: how many of them were
 * @interim: a 100, after which the same request goes on
 * @more: there will be another piece, out of the request's stream
 * @streamed: @body is a piece of that, to be taken from it as it is sent
 * @chunked: the client gets each piece as a chunk, because nobody knows the length of all
 * @close: the connection ends when all is sent
 * @head_text: room for a head that is made on the spot
 * @text: likewise for a body
 * @buf: a body that is made on the spot and too large for that
 */
struct answer {
	const char *head;
	unsigned int head_len;
	const char *body;
	unsigned int body_len;
	size_t size;
	size_t sent;
	bool interim;
	bool more;
	bool streamed;
	bool chunked;
	bool close;
	char head_text[512];
	char text[1536];
	struct kpool_buf buf;
};

/**
 * struct request - a request while it is received and answered
 * @buf: what was received: the head, and what came along with it. Allocated when the
 *	object is built, and kept from then on.
 * @len: bytes in @buf
 * @used: how many of them are the request's; those after them are the next one's
 * @head: the parsed head
 * @chunks: how far a chunked body was read
 * @body: the body, as far as it has come in
 * @answer: the answer
 * @exchange: what goes on with the backend for it, or NULL
 * @stream: what the backend's answer comes through, where it is long
 */
struct request {
	char *buf;
	unsigned int len;
	unsigned int used;
	struct http_head head;
	struct http_chunks chunks;
	struct kpool_buf body;
	struct answer answer;
	struct exchange *exchange;
	struct stream stream;
};

enum httpd_counter {
	HTTPD_REQUESTS,
	HTTPD_RESPONSES_2XX,
	HTTPD_RESPONSES_4XX,
	HTTPD_RESPONSES_5XX,
	HTTPD_CONNECTIONS_ACCEPTED,
	HTTPD_CONNECTIONS_CLOSED,
	HTTPD_CONNECTIONS_TIMED_OUT,
	HTTPD_CONNECTIONS_YIELDED,
	HTTPD_BYTES_IN,
	HTTPD_BYTES_OUT,
	HTTPD_REQUEST_OBJECTS_BUILT,
	HTTPD_REQUEST_OBJECTS_FREED,
	HTTPD_REQUEST_GETS,
	HTTPD_REQUEST_PUTS,
	HTTPD_REQUEST_GET_NS,
	HTTPD_REQUEST_PUT_NS,
	HTTPD_BODY_GETS,
	HTTPD_BODY_PUTS,
	HTTPD_BODY_GET_NS,
	HTTPD_BODY_PUT_NS,
	HTTPD_BODY_FAILURES,
	HTTPD_RING_GETS,
	HTTPD_RING_PUTS,
	HTTPD_RING_GET_NS,
	HTTPD_RING_PUT_NS,
	HTTPD_RING_FAILURES,
	HTTPD_RING_FULL,
	HTTPD_BACKEND_REQUESTS,
	HTTPD_BACKEND_RETRIES,
	HTTPD_BACKEND_BUSY,
	HTTPD_BACKEND_FAILED,
	HTTPD_BACKEND_SILENT,
	HTTPD_BACKEND_CUT_SHORT,
	HTTPD_NR_COUNTERS
};

struct httpd_counters {
	u64 value[HTTPD_NR_COUNTERS];
};

/**
 * struct httpd - the server
 * @bind: address to listen on
 * @port: TCP port to listen on; 0: any that is free
 * @pool: take requests, bodies, rings and connections from pools
 * @idle_ms: how long a connection may rest between requests; 0: no limit
 * @request_ms: how long a request may take to come in, and an answer to make
 *	some way; 0: no limit
 * @min_rate: bytes of an answer that a client takes in a second, at least, when @request_ms
 *	of it are over; 0: no limit
 * @max_connections: connections at a time; 0: no limit
 * @max_head: bytes of a request's head
 * @max_body: bytes of a request's body
 * @body_bytes: bytes of buffers for bodies that are in use, in all; 0: no limit
 * @body_idle_bytes: bytes of buffers for bodies that are kept; 0: no limit
 * @ring_bytes: bytes of the ring that a long answer of the backend comes through
 * @backend: address and port that requests are passed on to, or NULL
 * @backend_pool: keep connections to it
 * @backend_max: connections to it at a time; 0: no limit
 * @backend_min_idle: connections to it that are open before anybody asks
 * @backend_idle_ms: how long one may be idle before it is closed; 0: no limit
 * @backend_wait_ms: how long a request may wait for one; 0: no limit
 * @backend_timeout_ms: how long it may take to accept one, to begin its answer, and to
 *	make some way with it; 0: no limit
 * @connpool: the connections to it
 * @wq: where all work on clients' sockets is done; it never waits for a peer
 * @backend_wq: where the backend is waited for
 * @data_ready: TCP's own callback, which the listener's is put in place of and
 *	each accepted socket inherits
 * @counters: what stats shows
 * @lock: Protects: @connections, @nr_connections, @stopping. Ordering: taken in
 *	process context, with no other lock held.
 * @connections: all that are open
 * @nr_connections: all that are not freed yet
 * @stopping: the module goes: end each connection, accept no more
 * @drained: where unload waits for @nr_connections to become 0
 *
 * The parameters do not change after load.
 */
struct httpd {
	char *bind;
	unsigned short port;
	bool pool;
	unsigned int idle_ms;
	unsigned int request_ms;
	unsigned int min_rate;
	unsigned int max_connections;
	unsigned int max_head;
	unsigned int max_body;
	unsigned int body_bytes;
	unsigned int body_idle_bytes;
	unsigned int ring_bytes;
	char *backend;
	bool backend_pool;
	unsigned int backend_max;
	unsigned int backend_min_idle;
	unsigned int backend_idle_ms;
	unsigned int backend_wait_ms;
	unsigned int backend_timeout_ms;

	struct connpool *connpool;
	struct workqueue_struct *wq;
	struct workqueue_struct *backend_wq;
	void (*data_ready)(struct sock *sk);
	struct httpd_counters __percpu *counters;

	spinlock_t lock;	/* Protects: the three below */
	struct list_head connections;
	unsigned int nr_connections;
	bool stopping;
	wait_queue_head_t drained;
};

extern struct httpd httpd;

static inline void httpd_add(enum httpd_counter counter, u64 n)
{
	this_cpu_add(httpd.counters->value[counter], n);
}

static inline void httpd_count(enum httpd_counter counter)
{
	httpd_add(counter, 1);
}

/* listener.c: the socket that connections come in by */
int listener_open(void);
void listener_close(void);
void listener_kick(void);

/* conn.c: a connection, from accept to close */
int conn_pool_open(void);
void conn_pool_close(void);
int conn_open(struct socket *sock);
void conn_close_all(void);
void conn_make_room(unsigned int wanted);

/* request.c: request objects, pooled or not */
int request_pool_open(void);
void request_pool_close(void);
struct request *request_begin(void);
void request_end(struct request *req);

/* body.c: what bodies lie in, and how one comes in */
int body_pool_open(void);
void body_pool_close(void);
int body_grow(struct kpool_buf *buf, size_t size);
void body_put(struct kpool_buf *buf);
int body_take(struct request *req);
void *body_place(struct request *req, size_t *size);
void body_came(struct request *req, size_t len);
unsigned long body_held(void);

/* answer.c: what the paths answer */
void answer_request(struct request *req);
void answer_status(struct request *req, unsigned int status);
void answer_failure(struct request *req, unsigned int status);
void answer_continue(struct request *req);
void answer_count(unsigned int status);
unsigned int answer_rest(const struct answer *answer, struct kvec *vec);
void answer_sent(struct request *req, size_t n);
bool answer_next_piece(struct request *req);
void answer_last_piece(struct request *req);

/* backend.c: requests that somebody else answers */
int backend_open(void);
void backend_stop(void);
void backend_close(void);
bool backend_wants(const struct request *req);
void backend_forward(struct request *req);
int backend_stream(struct request *req);
void backend_end(struct request *req);

/* stats.c: counters, and how they are shown */
int stats_init(void);
void stats_exit(void);
void stats_publish(void);
void stats_unpublish(void);
size_t stats_print(char *buf, size_t size);

#endif
