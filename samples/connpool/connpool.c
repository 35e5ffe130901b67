// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pools of TCP connections.
 *
 * The object of the pool is a connection, and its constructor begins to open one
 * without waiting for the peer: that is left to who gets it. So one deadline holds
 * for all that a get may wait for, a fatal signal ends it wherever it waits, and a
 * pool can be created while the peer is away.
 *
 * A connection that is given back as unusable is discarded: a worker closes it at once,
 * and the next task that waits for a connection opens another in its place.
 */
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/kpool.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/net.h>
#include <linux/slab.h>
#include <linux/tcp.h>
#include <linux/wait.h>
#include <net/net_namespace.h>
#include <net/sock.h>
#include <net/tcp_states.h>

#include "connpool.h"

enum {
	/* how long the end of a pool waits for connections, of which none should be out */
	DESTROY_TIMEOUT_MS	= 10000,
};

DEFINE_KPOOL_TYPE(conn, struct connpool_conn);

/**
 * struct connpool - a pool of connections to one address
 * @conns: the pool proper
 * @address: where they lead
 * @connect_timeout: how long the peer may take to accept, in jiffies; 0: no limit
 * @opened: connections that were begun to be opened
 * @lock: Protects: @open, @stopping, and which socket each connection has.
 *	Ordering: taken in process context, outside of socket locks.
 * @open: all connections that exist, idle or in use
 * @stopping: open no more; read without the lock, too, where a late answer does
 */
struct connpool {
	struct conn_pool *conns;
	struct sockaddr_storage address;
	unsigned long connect_timeout;
	atomic64_t opened;

	struct mutex lock;	/* Protects: see above */
	struct list_head open;
	bool stopping;
};

static int start_connecting(struct connpool_conn *conn)
{
	struct sockaddr *address = (struct sockaddr *)&conn->pool->address;

	return kernel_connect(conn->sock, (void *)address, sizeof(conn->pool->address),
			      O_NONBLOCK);
}

static void conn_close(struct connpool_conn *conn)
{
	struct connpool *pool = conn->pool;
	struct socket *sock;

	mutex_lock(&pool->lock);
	sock = conn->sock;
	conn->sock = NULL;
	mutex_unlock(&pool->lock);
	if (sock)
		sock_release(sock);
}

/*
 * Begin to open a connection. connpool_stop() sees the socket, or this sees that
 * it is too late.
 */
static int conn_open(struct connpool_conn *conn)
{
	struct connpool *pool = conn->pool;
	struct socket *sock;
	int err;

	err = sock_create_kern(&init_net, pool->address.ss_family, SOCK_STREAM, IPPROTO_TCP,
			       &sock);
	if (err)
		return err;
	tcp_sock_set_nodelay(sock->sk);

	mutex_lock(&pool->lock);
	if (pool->stopping) {
		mutex_unlock(&pool->lock);
		sock_release(sock);
		return -ESHUTDOWN;
	}
	conn->sock = sock;
	mutex_unlock(&pool->lock);

	conn->reused = false;
	conn->connected = false;
	conn->connect_by = jiffies + (pool->connect_timeout ?: MAX_JIFFY_OFFSET);
	atomic64_inc(&pool->opened);
	err = start_connecting(conn);
	if (err && err != -EINPROGRESS) {
		conn_close(conn);
		return err;
	}
	conn->connected = !err;
	return 0;
}

/* Somebody who waits for a connection to come about. */
struct waiter {
	wait_queue_entry_t entry;
	struct completion woken;
};

/* Sockets wake those whom any signal may wake; a completion waits as it was told. */
static int waiter_wake(wait_queue_entry_t *entry, unsigned int mode, int flags, void *key)
{
	complete(&container_of(entry, struct waiter, entry)->woken);
	return 0;
}

/*
 * Wait until @conn is open: until @deadline at most, and for no longer than the peer
 * may take. No wake-up is lost: start_connecting(), which tells how things stand, takes
 * the socket's lock after the waiter was added, and states change under that lock.
 */
static int conn_wait_open(struct connpool_conn *conn, unsigned long deadline)
{
	wait_queue_head_t *queue = sk_sleep(conn->sock->sk);
	struct waiter waiter;
	long left;
	int err;

	if (conn->connected)
		return 0;
	if (time_before(conn->connect_by, deadline))
		deadline = conn->connect_by;
	init_waitqueue_func_entry(&waiter.entry, waiter_wake);
	init_completion(&waiter.woken);
	add_wait_queue(queue, &waiter.entry);
	for (;;) {
		if (READ_ONCE(conn->pool->stopping)) {
			err = -ESHUTDOWN;
			break;
		}
		err = start_connecting(conn);
		if (err != -EALREADY && err != -EINPROGRESS)
			break;
		left = deadline - jiffies;
		left = wait_for_completion_killable_timeout(&waiter.woken, max(left, 0L));
		if (left <= 0) {
			err = left ?: -EHOSTDOWN;
			break;
		}
	}
	remove_wait_queue(queue, &waiter.entry);
	conn->connected = !err;
	/* TCP's own patience may have ended first. */
	return err == -ETIMEDOUT ? -EHOSTDOWN : err;
}

/*
 * Of a connection that nobody uses: a peer that has closed it, or sent what nobody
 * asked for, has made it useless. Does not sleep, and takes no lock.
 */
static bool conn_is_healthy(const struct connpool_conn *conn)
{
	const struct sock *sk;
	unsigned int state;

	if (!conn->sock)
		return false;
	sk = conn->sock->sk;
	state = READ_ONCE(sk->sk_state);
	if (READ_ONCE(sk->sk_err) || READ_ONCE(sk->sk_shutdown))
		return false;
	if (!conn->connected && state == TCP_SYN_SENT)
		return time_before(jiffies, conn->connect_by);
	return state == TCP_ESTABLISHED && skb_queue_empty_lockless(&sk->sk_receive_queue);
}

static void conn_forget(struct connpool_conn *conn)
{
	mutex_lock(&conn->pool->lock);
	list_del(&conn->node);
	mutex_unlock(&conn->pool->lock);
}

static int conn_ctor(void *obj, void *ctx, gfp_t gfp, int node)
{
	struct connpool_conn *conn = obj;
	struct connpool *pool = ctx;
	int err;

	conn->pool = pool;
	conn->sock = NULL;
	/* before it has a socket, which connpool_stop() has to find */
	mutex_lock(&pool->lock);
	list_add(&conn->node, &pool->open);
	mutex_unlock(&pool->lock);
	err = conn_open(conn);
	if (err)
		conn_forget(conn);
	return err;
}

static bool conn_check(void *obj, void *ctx)
{
	return conn_is_healthy(obj);
}

static void conn_dtor(void *obj, void *ctx)
{
	conn_forget(obj);
	conn_close(obj);
}

/* When a wait that begins now is to end. */
static unsigned long deadline_in(long timeout_jiffies)
{
	return jiffies + min_t(unsigned long, timeout_jiffies, MAX_JIFFY_OFFSET);
}

/**
 * connpool_get() - get a connection
 * @pool: the pool
 * @timeout_jiffies: for how long to wait at most, be it for one that is in use or
 *	for the peer to accept a new one; MAX_SCHEDULE_TIMEOUT: for ever
 *
 * A fresh connection counts for the cgroup of the task that gets it first, so let
 * kernel threads and work items call this.
 *
 * Context: process context, sleeps; a fatal signal ends it.
 * Return: the connection, open and with nothing to read, which the caller gives back
 * with connpool_put(); or an ERR_PTR: -ETIMEDOUT if all were in use until the time was
 * up; -EHOSTDOWN if the peer did not answer in time; what else TCP says of it, such as
 * -ECONNREFUSED; -ENOMEM; -ERESTARTSYS; -ESHUTDOWN after connpool_stop().
 */
struct connpool_conn *connpool_get(struct connpool *pool, long timeout_jiffies)
{
	unsigned long deadline = deadline_in(timeout_jiffies);
	struct connpool_conn *conn;
	int err;

	conn = conn_get_killable_timeout(pool->conns, GFP_KERNEL, timeout_jiffies);
	if (IS_ERR(conn))
		return conn;
	err = conn_wait_open(conn, deadline);
	if (err) {
		connpool_put(pool, conn, false);
		return ERR_PTR(err);
	}
	return conn;
}
EXPORT_SYMBOL_GPL(connpool_get);

/**
 * connpool_reopen() - close a connection, and open it anew
 * @pool: the pool
 * @conn: from connpool_get(), of which the peer may not have heard any more
 * @timeout_jiffies: as for connpool_get()
 *
 * For who finds that the peer had closed a connection while it was idle, and wants a
 * fresh one without going to the end of the line.
 *
 * Context: as connpool_get().
 * Return: 0, or an error as of connpool_get(); the caller still has @conn then, to give
 * it back.
 */
int connpool_reopen(struct connpool *pool, struct connpool_conn *conn, long timeout_jiffies)
{
	unsigned long deadline = deadline_in(timeout_jiffies);
	int err;

	conn_close(conn);
	err = conn_open(conn);
	if (err)
		return err;
	return conn_wait_open(conn, deadline);
}
EXPORT_SYMBOL_GPL(connpool_reopen);

/**
 * connpool_put() - give a connection back
 * @pool: the pool that it came from
 * @conn: the connection
 * @reusable: all went well, and what the peer had to say was read to its end
 *
 * Has it closed where it is not @reusable, or the peer has closed it, or there is more to
 * read. Nobody gets it then, and it holds its socket no longer than a worker takes.
 *
 * Context: process context, sleeps.
 */
void connpool_put(struct connpool *pool, struct connpool_conn *conn, bool reusable)
{
	conn->reused = true;
	if (reusable && conn_is_healthy(conn))
		conn_put(pool->conns, conn);
	else
		conn_discard(pool->conns, conn);
}
EXPORT_SYMBOL_GPL(connpool_put);

/**
 * connpool_opened() - how many connections were begun to be opened
 * @pool: the pool
 *
 * More than the objects that were built, by those of connpool_reopen().
 *
 * Context: any.
 */
u64 connpool_opened(const struct connpool *pool)
{
	return atomic64_read(&pool->opened);
}
EXPORT_SYMBOL_GPL(connpool_opened);

/**
 * connpool_create() - create a pool of connections
 * @params: what it is to be; copied
 *
 * Does not wait for the peer, nor mind if it is away.
 *
 * Context: process context, sleeps.
 * Return: the pool, which the caller ends with connpool_destroy(), or an ERR_PTR as of
 * kpool_create(), or of a socket.
 */
struct connpool *connpool_create(const struct connpool_params *params)
{
	static const struct kpool_ops ops = {
		.ctor = conn_ctor,
		.check = conn_check,
		.dtor = conn_dtor,
	};
	struct connpool *pool;
	struct conn_pool *conns;

	pool = kzalloc(sizeof(*pool), GFP_KERNEL);
	if (!pool)
		return ERR_PTR(-ENOMEM);
	pool->address = params->address;
	pool->connect_timeout = msecs_to_jiffies(params->connect_timeout_ms);
	mutex_init(&pool->lock);
	INIT_LIST_HEAD(&pool->open);

	conns = conn_pool_create(&(struct kpool_params){
		.name = params->name,
		.flags = KPOOL_SLEEPING,
		.min_idle = params->min_idle,
		.max_idle = params->max_idle,
		.max = params->max_open,
		.idle_ms = params->idle_ms,
		.lifetime_ms = params->lifetime_ms,
		.ops = &ops,
		.ctx = pool,
	});
	if (IS_ERR(conns)) {
		kfree(pool);
		return ERR_CAST(conns);
	}
	pool->conns = conns;
	return pool;
}
EXPORT_SYMBOL_GPL(connpool_create);

/**
 * connpool_stop() - let nobody wait for a peer any more
 * @pool: the pool
 *
 * Shuts all connections down, also those in use: sends and receives on them end, as do
 * gets that wait. Gets fail from now on; puts are as welcome as before.
 *
 * Context: process context, sleeps.
 */
void connpool_stop(struct connpool *pool)
{
	struct connpool_conn *conn;

	mutex_lock(&pool->lock);
	WRITE_ONCE(pool->stopping, true);
	list_for_each_entry(conn, &pool->open, node)
		if (conn->sock)
			kernel_sock_shutdown(conn->sock, SHUT_RDWR);
	mutex_unlock(&pool->lock);
}
EXPORT_SYMBOL_GPL(connpool_stop);

/**
 * connpool_destroy() - end a pool
 * @pool: the pool; nobody uses it, and all connections were given back
 *
 * Context: process context, sleeps.
 */
void connpool_destroy(struct connpool *pool)
{
	/* What is late, of which kpool warns, still has its pool to look at. */
	if (!conn_pool_destroy_sync(pool->conns, DESTROY_TIMEOUT_MS))
		kfree(pool);
}
EXPORT_SYMBOL_GPL(connpool_destroy);

MODULE_DESCRIPTION("Pools of TCP connections");
MODULE_LICENSE("GPL");
KPOOL_IMPORT_NS;
