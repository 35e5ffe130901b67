// SPDX-License-Identifier: GPL-2.0-only
/*
 * A connection, from accept to close.
 *
 * TCP calls back when something came in, when there is room to send again and
 * when the connection's state changes. Each of these queues the connection's
 * one work item, as does its deadline, so all that is done to a connection is
 * done by one worker at a time, and needs no lock. The worker takes steps until
 * one would have to wait.
 *
 * States, and what is true in each:
 *
 * CONN_IDLE	between requests. There is no request object.
 * CONN_HEAD	a request's first byte is here, the end of its head is not.
 * CONN_BODY	the head is parsed, the body is not complete.
 * CONN_BACKEND	the backend is asked. While @forwarding, the request belongs to the other
 *		work item, which waits for the backend.
 * CONN_ANSWER	the answer, or a piece of it, is there, but not all of it is sent. If there
 *		is more, the other work item puts it into the request's stream at the
 *		same time, while @forwarding: the exchange is its own then, the answer and
 *		the consumer's side of the stream are this one's.
 * CONN_STREAM	a piece of the answer is sent, and the next is awaited out of the stream.
 * CONN_LEFT	the connection is over, but the other work item is still at it.
 * CONN_DRAIN	all is sent and the sending side shut down. There is no request
 *		object. What still comes in is thrown away until the client
 *		closes: if we closed first, TCP would answer it with a reset, and
 *		the client might never see our answer.
 */
#include <linux/kpool.h>
#include <linux/jiffies.h>
#include <linux/math64.h>
#include <linux/net.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/socket.h>
#include <linux/tcp.h>
#include <net/sock.h>

#include "httpd.h"

enum {
	/* steps that a connection takes before others have their turn */
	CONN_STEPS	= 64,
	/* how long a client may take to close after our last answer */
	CONN_DRAIN_MS	= 2000,
	/* how long a client may make the server wait while others wait for a connection */
	CONN_YIELD_MS	= 500,
	CONN_YIELD_ANSWER_MS	= 2000,
	/* how much faster than min_rate a client has to be meanwhile */
	CONN_YIELD_RATE	= 16,
};

enum conn_state {
	CONN_IDLE,
	CONN_HEAD,
	CONN_BODY,
	CONN_BACKEND,
	CONN_ANSWER,
	CONN_STREAM,
	CONN_LEFT,
	CONN_DRAIN,
};

/**
 * struct conn - a connection
 * @work: takes the next steps. Set up when the object is built.
 * @forward: waits for the backend. Set up when the object is built.
 * @forwarding: it does, or is about to; cleared under httpd.lock
 * @forwarded: what came of it: 0 if all of the answer is there, or all but what goes through
 *	the stream; -EAGAIN if the stream was full; or an error to end the connection with
 * @node: entry in httpd.connections, under httpd.lock
 * @sock: the socket
 * @state: where it stands
 * @deadline: jiffies at which it has waited too long
 * @yield_by: jiffies at which it has waited too long if others wait for a connection. Written
 *	by the connection's work, read by conn_make_room().
 * @yields: others do. Set by conn_make_room(), cleared by the connection's work.
 * @left: jiffies that were left until @deadline when the answer began to wait for the backend
 * @yield_left: likewise until @yield_by
 * @req: the request at work
 * @write_space: TCP's own callback, to be restored
 * @state_change: likewise
 */
struct conn {
	struct delayed_work work;
	struct work_struct forward;
	bool forwarding;
	int forwarded;
	struct list_head node;
	struct socket *sock;
	enum conn_state state;
	unsigned long deadline;
	unsigned long yield_by;
	bool yields;
	unsigned long left;
	unsigned long yield_left;
	struct request *req;
	void (*write_space)(struct sock *sk);
	void (*state_change)(struct sock *sk);
};

DEFINE_KPOOL_TYPE(conn, struct conn);

static struct conn_pool *conns;

static void conn_work(struct work_struct *work);
static void conn_forward_work(struct work_struct *work);

static int conn_build(void *obj, void *ctx, gfp_t gfp, int node)
{
	struct conn *conn = obj;

	INIT_DELAYED_WORK(&conn->work, conn_work);
	INIT_WORK(&conn->forward, conn_forward_work);
	return 0;
}

static struct conn *conn_alloc(gfp_t gfp)
{
	struct conn *conn = kmalloc(sizeof(*conn), gfp);

	if (!conn)
		return ERR_PTR(-ENOMEM);
	conn_build(conn, NULL, gfp, NUMA_NO_NODE);
	return conn;
}

static struct conn *conn_begin(void)
{
	return httpd.pool ? conn_get(conns, GFP_KERNEL) : conn_alloc(GFP_KERNEL);
}

static void conn_end(struct conn *conn)
{
	if (httpd.pool)
		conn_put(conns, conn);
	else
		kfree(conn);
}

int conn_pool_open(void)
{
	static const struct kpool_ops ops = { .ctor = conn_build };
	static const struct kpool_params params = {
		.name = "httpd-connections",
		.ops = &ops,
	};

	if (!httpd.pool)
		return 0;
	conns = conn_pool_create(&params);
	return PTR_ERR_OR_ZERO(conns);
}

void conn_pool_close(void)
{
	if (httpd.pool)
		conn_pool_destroy(conns);
}

static unsigned long in_ms(unsigned int ms)
{
	return jiffies + (ms ? msecs_to_jiffies(ms) : MAX_JIFFY_OFFSET);
}

static unsigned long earlier(unsigned long a, unsigned long b)
{
	return time_before(a, b) ? a : b;
}

/*
 * The connection begins to wait for its client: for @ms at most, and if others wait for a
 * connection, for @yield_ms. 0: no limit.
 */
static void conn_wait_client(struct conn *conn, unsigned int ms, unsigned int yield_ms)
{
	conn->deadline = in_ms(ms);
	WRITE_ONCE(conn->yield_by, in_ms(yield_ms));
}

/*
 * When a client that was to be waited for until @until has to make progress again, @n bytes later.
 * They let the wait begin anew, but no client gains more time than the bytes take at @rate: so
 * each wait for a client ends in a time that depends on the number of bytes alone.
 */
static unsigned long extended(unsigned long until, size_t n, u64 rate, unsigned int ms)
{
	if (!rate)
		return in_ms(ms);
	return earlier(until + min_t(u64, DIV_ROUND_UP_ULL((u64)n * HZ, rate), MAX_JIFFY_OFFSET),
		       in_ms(ms));
}

/* Returns the bytes received, or an error: -EAGAIN if there is nothing now. */
static int conn_recv(struct conn *conn, void *buf, size_t size, int flags)
{
	struct kvec vec = { .iov_base = buf, .iov_len = size };
	struct msghdr msg = {};
	int ret;

	ret = kernel_recvmsg(conn->sock, &msg, &vec, 1, size, flags | MSG_DONTWAIT);
	if (!ret)
		return -ECONNRESET;
	if (ret > 0 && !(flags & MSG_PEEK))
		httpd_add(HTTPD_BYTES_IN, ret);
	return ret;
}

/* What cannot be done for want of memory is said without any. */
static void conn_refuse(struct conn *conn)
{
	static char text[] =
		"HTTP/1.1 503 Service Unavailable\r\n"
		"Content-Length: 0\r\n"
		"Connection: close\r\n"
		"\r\n";
	struct kvec vec = { .iov_base = text, .iov_len = sizeof(text) - 1 };
	struct msghdr msg = { .msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL };

	httpd_count(HTTPD_RESPONSES_5XX);
	kernel_sendmsg(conn->sock, &msg, &vec, 1, vec.iov_len);
}

static int conn_start_request(struct conn *conn)
{
	struct request *req = request_begin();

	if (IS_ERR(req)) {
		conn_refuse(conn);
		return PTR_ERR(req);
	}
	conn->req = req;
	conn->state = CONN_HEAD;
	conn_wait_client(conn, httpd.request_ms, CONN_YIELD_MS);
	return 0;
}

/*
 * The request is answered. What the client sent after it is the beginning of the
 * next one.
 */
static int conn_next_request(struct conn *conn)
{
	struct request *done = conn->req;
	int err = 0;

	conn->req = NULL;
	conn->state = CONN_IDLE;
	conn_wait_client(conn, httpd.idle_ms, CONN_YIELD_MS);
	if (done->len > done->used) {
		err = conn_start_request(conn);
		if (!err) {
			conn->req->len = done->len - done->used;
			memcpy(conn->req->buf, done->buf + done->used, conn->req->len);
		}
	}
	request_end(done);
	return err;
}

static void conn_start_drain(struct conn *conn)
{
	request_end(conn->req);
	conn->req = NULL;
	kernel_sock_shutdown(conn->sock, SHUT_WR);
	conn->state = CONN_DRAIN;
	conn_wait_client(conn, CONN_DRAIN_MS, CONN_YIELD_MS);
}

static void conn_start_answer(struct conn *conn)
{
	conn->state = CONN_ANSWER;
	conn_wait_client(conn, httpd.request_ms, CONN_YIELD_ANSWER_MS);
}

static void conn_queue_forward(struct conn *conn)
{
	conn->forwarding = true;
	queue_work(httpd.backend_wq, &conn->forward);
}

/*
 * The other work item ends where it finds the stream full. It clears @forwarding and kicks
 * this one then, in this order, which queueing a work item keeps: so a run of this one is
 * still to come that sees it, whatever the client took meanwhile. When there is room, let it
 * go on. In between no worker waits for the client, and the client has its deadline.
 */
static void conn_refill_stream(struct conn *conn)
{
	struct request *req = conn->req;

	if (!req->answer.more)
		return;
	/* pairs with conn_forward_work(): its side of the stream is as it left it */
	if (smp_load_acquire(&conn->forwarding) || conn->forwarded != -EAGAIN)
		return;
	if (stream_has_room(&req->stream))
		conn_queue_forward(conn);
}

/* The backend has times of its own. */
static void conn_start_forward(struct conn *conn)
{
	conn->state = CONN_BACKEND;
	conn_wait_client(conn, 0, 0);
	conn_queue_forward(conn);
}

static void conn_start_stream(struct conn *conn)
{
	conn->state = CONN_STREAM;
	conn->left = conn->deadline - jiffies;
	conn->yield_left = conn->yield_by - jiffies;
	conn_wait_client(conn, 0, 0);
}

/* The client's time goes on where conn_start_stream() stopped it. */
static void conn_start_piece(struct conn *conn)
{
	conn_start_answer(conn);
	conn->deadline = jiffies + conn->left;
	WRITE_ONCE(conn->yield_by, jiffies + conn->yield_left);
}

static void conn_answer_status(struct conn *conn, unsigned int status)
{
	httpd_count(HTTPD_REQUESTS);
	answer_status(conn->req, status);
	conn_start_answer(conn);
}

/*
 * The steps. Each returns a positive number if there may be more to do at once,
 * -EAGAIN if TCP will call when there is, and another error to end the connection.
 */

/* A resting connection costs no request object: look before taking one. */
static int step_idle(struct conn *conn)
{
	char byte;
	int ret = conn_recv(conn, &byte, 1, MSG_PEEK);

	if (ret < 0)
		return ret;
	return conn_start_request(conn) ?: 1;
}

/* A request as a whole has its time, which more bytes do not extend. */
static void conn_received(struct conn *conn, size_t n)
{
	WRITE_ONCE(conn->yield_by,
		   extended(conn->yield_by, n, (u64)httpd.min_rate * CONN_YIELD_RATE,
			    CONN_YIELD_MS));
}

static void conn_sent(struct conn *conn, size_t n)
{
	conn->deadline = extended(conn->deadline, n, httpd.min_rate, httpd.request_ms);
	WRITE_ONCE(conn->yield_by,
		   extended(conn->yield_by, n, (u64)httpd.min_rate * CONN_YIELD_RATE,
			    CONN_YIELD_ANSWER_MS));
}

static int receive(struct conn *conn)
{
	struct request *req = conn->req;
	int ret = conn_recv(conn, req->buf + req->len,
			    httpd.max_head + HTTPD_ROOM - req->len, 0);

	if (ret > 0) {
		req->len += ret;
		conn_received(conn, ret);
	}
	return ret;
}

static int receive_body(struct conn *conn)
{
	size_t size;
	void *place = body_place(conn->req, &size);
	int ret = conn_recv(conn, place, size, 0);

	if (ret > 0) {
		body_came(conn->req, ret);
		conn_received(conn, ret);
	}
	return ret;
}

static int step_head(struct conn *conn)
{
	struct request *req = conn->req;
	int status = http_parse_head(&req->head, req->buf, req->len,
				     httpd.max_head, httpd.max_body);

	if (status == -EAGAIN)
		return receive(conn);
	if (status) {
		conn_answer_status(conn, status);
		return 1;
	}

	req->used = req->head.size;
	/* a client that has begun to send does not wait */
	req->head.expect_continue &= req->len == req->used;
	conn->state = CONN_BODY;
	return 1;
}

static int step_body(struct conn *conn)
{
	struct request *req = conn->req;
	int status = body_take(req);

	if (status == -EAGAIN && req->head.expect_continue) {
		req->head.expect_continue = false;
		answer_continue(req);
		conn_start_answer(conn);
		return 1;
	}
	if (status == -EAGAIN)
		return receive_body(conn);
	if (status) {
		conn_answer_status(conn, status);
		return 1;
	}
	httpd_count(HTTPD_REQUESTS);
	if (backend_wants(req)) {
		conn_start_forward(conn);
	} else {
		answer_request(req);
		conn_start_answer(conn);
	}
	return 1;
}

static int step_backend(struct conn *conn)
{
	if (smp_load_acquire(&conn->forwarding))	/* pairs with conn_forward_work() */
		return -EAGAIN;
	if (conn->req->answer.more) {
		conn->req->stream.consumer = &conn->work;
		conn_queue_forward(conn);
	}
	conn_start_answer(conn);
	return 1;
}

static void conn_continue_body(struct conn *conn)
{
	conn->state = CONN_BODY;
	WRITE_ONCE(conn->yield_by, in_ms(CONN_YIELD_MS));
}

/* All of an answer is sent. */
static int conn_answered(struct conn *conn)
{
	struct answer *answer = &conn->req->answer;

	if (answer->close)
		conn_start_drain(conn);
	else if (answer->interim)
		conn_continue_body(conn);
	else
		return conn_next_request(conn) ?: 1;
	return 1;
}

static int step_answer(struct conn *conn)
{
	struct answer *answer = &conn->req->answer;
	struct msghdr msg = { .msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL };
	struct kvec vec[2];
	unsigned int n;
	int ret;

	conn_refill_stream(conn);
	/* the last piece of an answer may be empty */
	if (answer->sent < answer->size) {
		n = answer_rest(answer, vec);
		ret = kernel_sendmsg(conn->sock, &msg, vec, n,
				     vec[0].iov_len + (n > 1 ? vec[1].iov_len : 0));
		if (ret <= 0)
			return ret ?: -EPIPE;
		httpd_add(HTTPD_BYTES_OUT, ret);
		answer_sent(conn->req, ret);
		conn_sent(conn, ret);
	}

	if (answer->sent < answer->size)
		return 1;
	if (!answer->more)
		return conn_answered(conn);
	conn_start_stream(conn);
	return 1;
}

static int step_stream(struct conn *conn)
{
	/* Pairs with conn_forward_work(). If it is over, what is there from now on is the rest. */
	bool over = !smp_load_acquire(&conn->forwarding) && conn->forwarded != -EAGAIN;

	conn_refill_stream(conn);
	if (!answer_next_piece(conn->req)) {
		if (!over)
			return -EAGAIN;
		if (conn->forwarded)
			return conn->forwarded;
		answer_last_piece(conn->req);
	}
	conn_start_piece(conn);
	return 1;
}

static int step_drain(struct conn *conn)
{
	/* a client that never stops sending never makes us wait */
	if (time_after_eq(jiffies, conn->deadline))
		return -ETIMEDOUT;
	return conn_recv(conn, NULL, SZ_64K, MSG_TRUNC);
}

static int conn_step(struct conn *conn)
{
	switch (conn->state) {
	case CONN_IDLE:
		return step_idle(conn);
	case CONN_HEAD:
		return step_head(conn);
	case CONN_BODY:
		return step_body(conn);
	case CONN_BACKEND:
		return step_backend(conn);
	case CONN_ANSWER:
		return step_answer(conn);
	case CONN_STREAM:
		return step_stream(conn);
	case CONN_LEFT:
		return -ECONNABORTED;
	case CONN_DRAIN:
		return step_drain(conn);
	}
	return -EINVAL;
}

/* The deadline passed, and there is nothing to be done: as for conn_step(). */
static int conn_expire(struct conn *conn)
{
	if (conn->state == CONN_DRAIN)
		return -ETIMEDOUT;

	httpd_count(HTTPD_CONNECTIONS_TIMED_OUT);
	if (conn->state != CONN_HEAD && conn->state != CONN_BODY)
		return -ETIMEDOUT;
	conn_answer_status(conn, 408);
	return 1;
}

/* Others wait for a connection, and this one's client has made the server wait. */
static bool conn_yields(struct conn *conn)
{
	if (!READ_ONCE(conn->yields))
		return false;
	WRITE_ONCE(conn->yields, false);
	if (time_before(jiffies, conn->yield_by))
		return false;
	httpd_count(HTTPD_CONNECTIONS_YIELDED);
	return true;
}

static void conn_kick(struct conn *conn)
{
	mod_delayed_work(httpd.wq, &conn->work, 0);
}

/* First the request is the other work item's alone, then there is a stream. */
static int conn_forward(struct request *req)
{
	if (req->stream.ring)
		return backend_stream(req);
	backend_forward(req);
	return 0;
}

/*
 * The other work item, which waits for the backend. Once the request is given back, the
 * connection can be closed at any time: but not before conn_close() had httpd.lock.
 */
static void conn_forward_work(struct work_struct *work)
{
	struct conn *conn = container_of(work, struct conn, forward);

	conn->forwarded = conn_forward(conn->req);

	spin_lock(&httpd.lock);
	/* pairs with step_backend(), step_stream(), conn_refill_stream() and conn_leave() */
	smp_store_release(&conn->forwarding, false);
	conn_kick(conn);
	spin_unlock(&httpd.lock);
}

/* Called by TCP when data came in or the state changed. */
static void conn_event(struct sock *sk)
{
	struct conn *conn;

	read_lock_bh(&sk->sk_callback_lock);
	conn = sk->sk_user_data;
	if (conn)
		conn_kick(conn);
	read_unlock_bh(&sk->sk_callback_lock);
}

static void conn_write_space(struct sock *sk)
{
	struct conn *conn;

	read_lock_bh(&sk->sk_callback_lock);
	conn = sk->sk_user_data;
	if (conn && sk_stream_is_writeable(sk)) {
		clear_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
		conn_kick(conn);
	}
	read_unlock_bh(&sk->sk_callback_lock);
}

static void conn_attach(struct conn *conn)
{
	struct sock *sk = conn->sock->sk;

	write_lock_bh(&sk->sk_callback_lock);
	conn->write_space = sk->sk_write_space;
	conn->state_change = sk->sk_state_change;
	sk->sk_user_data = conn;
	sk->sk_data_ready = conn_event;
	sk->sk_state_change = conn_event;
	sk->sk_write_space = conn_write_space;
	/* for what came in before; and conn_close() cannot get by us here */
	conn_kick(conn);
	write_unlock_bh(&sk->sk_callback_lock);
}

static void conn_detach(struct conn *conn)
{
	struct sock *sk = conn->sock->sk;

	write_lock_bh(&sk->sk_callback_lock);
	sk->sk_user_data = NULL;
	sk->sk_data_ready = httpd.data_ready;
	sk->sk_state_change = conn->state_change;
	sk->sk_write_space = conn->write_space;
	write_unlock_bh(&sk->sk_callback_lock);
}

/*
 * End a connection, from its own work. Nobody can queue the work once it is off
 * the list and TCP is detached, so what is queued by then can be cancelled for
 * good, and the object given back.
 */
static void conn_close(struct conn *conn)
{
	spin_lock(&httpd.lock);
	list_del(&conn->node);
	spin_unlock(&httpd.lock);
	conn_detach(conn);
	cancel_delayed_work(&conn->work);

	/* waits for a callback that was under way: TCP makes them under this lock */
	sock_release(conn->sock);
	request_end(conn->req);
	conn_end(conn);
	httpd_count(HTTPD_CONNECTIONS_CLOSED);

	spin_lock(&httpd.lock);
	httpd.nr_connections--;
	if (httpd.max_connections)
		listener_kick();
	if (!httpd.nr_connections)
		wake_up(&httpd.drained);
	spin_unlock(&httpd.lock);
}

/*
 * End a connection as soon as can be. While the other work item is at it, that has to end
 * first, and kicks this one when it does.
 */
static void conn_leave(struct conn *conn)
{
	if (!smp_load_acquire(&conn->forwarding)) {	/* pairs with conn_forward_work() */
		conn_close(conn);
		return;
	}
	conn->state = CONN_LEFT;
	WRITE_ONCE(conn->req->stream.abandoned, true);
}

static void conn_work(struct work_struct *work)
{
	struct conn *conn = container_of(to_delayed_work(work), struct conn, work);
	unsigned int steps = CONN_STEPS;
	long left;
	int ret;

	do {
		if (READ_ONCE(httpd.stopping)) {
			ret = -ESHUTDOWN;
			break;
		}
		ret = conn_step(conn);
		if (ret == -EAGAIN && time_after_eq(jiffies, conn->deadline))
			ret = conn_expire(conn);
		if (ret == -EAGAIN && conn_yields(conn))
			ret = -ETIMEDOUT;
	} while (ret > 0 && --steps);

	if (ret <= 0 && ret != -EAGAIN) {
		conn_leave(conn);
		return;
	}
	/* does nothing if TCP has queued the work meanwhile */
	left = ret > 0 ? 0 : conn->deadline - jiffies;
	queue_delayed_work(httpd.wq, &conn->work, max(left, 0L));
}

/**
 * conn_open() - take over a socket that was accepted
 * @sock: the socket; released if this fails
 *
 * Return: 0 or -ENOMEM.
 */
int conn_open(struct socket *sock)
{
	struct conn *conn = conn_begin();

	if (IS_ERR(conn)) {
		sock_release(sock);
		return PTR_ERR(conn);
	}
	conn->sock = sock;
	conn->req = NULL;
	conn->forwarding = false;
	conn->state = CONN_IDLE;
	conn->yields = false;
	conn_wait_client(conn, httpd.idle_ms, CONN_YIELD_MS);
	tcp_sock_set_nodelay(sock->sk);

	spin_lock(&httpd.lock);
	list_add(&conn->node, &httpd.connections);
	httpd.nr_connections++;
	spin_unlock(&httpd.lock);
	httpd_count(HTTPD_CONNECTIONS_ACCEPTED);

	conn_attach(conn);
	return 0;
}

/**
 * conn_make_room() - end connections whose clients make the server wait
 * @wanted: how many others wait for a connection
 *
 * So a thousand clients that are slow by design leave room for others. The clients that came first
 * make room first.
 *
 * Context: process context.
 */
void conn_make_room(unsigned int wanted)
{
	struct conn *conn;

	spin_lock(&httpd.lock);
	list_for_each_entry_reverse(conn, &httpd.connections, node) {
		if (time_before(jiffies, READ_ONCE(conn->yield_by)))
			continue;
		WRITE_ONCE(conn->yields, true);
		conn_kick(conn);
		if (!--wanted)
			break;
	}
	spin_unlock(&httpd.lock);
}

/**
 * conn_close_all() - end all connections, and wait until they are gone
 *
 * Context: process context; httpd.stopping is set, and the listener closed.
 */
void conn_close_all(void)
{
	struct conn *conn;

	spin_lock(&httpd.lock);
	list_for_each_entry(conn, &httpd.connections, node)
		conn_kick(conn);
	spin_unlock(&httpd.lock);

	wait_event(httpd.drained, !READ_ONCE(httpd.nr_connections));
}
