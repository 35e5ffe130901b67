// SPDX-License-Identifier: GPL-2.0-only
/*
 * The socket that connections come in by. TCP calls back when one is there;
 * a work item accepts until there is none.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/inet.h>
#include <linux/kernel.h>
#include <linux/net.h>
#include <linux/sched.h>
#include <linux/socket.h>
#include <net/net_namespace.h>
#include <net/sock.h>
#include <net/tcp_states.h>

#include "httpd.h"

static void listener_work(struct work_struct *work);

static struct socket *listener;
static DECLARE_DELAYED_WORK(accept, listener_work);

static bool has_room(void)
{
	bool room;

	spin_lock(&httpd.lock);
	room = !httpd.max_connections || httpd.nr_connections < httpd.max_connections;
	spin_unlock(&httpd.lock);
	return room;
}

/*
 * Where there is no room for a connection, it waits in the listener's backlog, and the next one
 * that closes calls listener_kick(). A client that makes the server wait may have to make room.
 */
static void wait_for_room(void)
{
	unsigned int waiting = READ_ONCE(listener->sk->sk_ack_backlog);

	if (!waiting)
		return;		/* listener_ready() is called for the next one */
	conn_make_room(waiting);
	queue_delayed_work(httpd.wq, &accept, HZ / 10);
}

static void listener_work(struct work_struct *work)
{
	while (has_room()) {
		struct socket *sock;
		int err;

		err = kernel_accept(listener, &sock, O_NONBLOCK);
		if (err == -EAGAIN)
			return;
		if (!err)
			err = conn_open(sock);
		if (err == -ENOMEM || err == -ENFILE) {
			/* TCP will not call for what it called for already */
			queue_delayed_work(httpd.wq, &accept, HZ / 10);
			return;
		}
		cond_resched();
	}
	wait_for_room();
}

/*
 * An accepted socket inherits the callback and sk_user_data, and keeps them until
 * conn_open() has replaced them: hence the look at the state.
 */
static void listener_ready(struct sock *sk)
{
	read_lock_bh(&sk->sk_callback_lock);
	if (sk->sk_user_data && sk->sk_state == TCP_LISTEN)
		mod_delayed_work(httpd.wq, &accept, 0);
	read_unlock_bh(&sk->sk_callback_lock);
}

static void listener_attach(struct sock *sk)
{
	write_lock_bh(&sk->sk_callback_lock);
	httpd.data_ready = sk->sk_data_ready;
	sk->sk_data_ready = listener_ready;
	sk->sk_user_data = &httpd;
	write_unlock_bh(&sk->sk_callback_lock);
}

static void listener_detach(struct sock *sk)
{
	write_lock_bh(&sk->sk_callback_lock);
	sk->sk_data_ready = httpd.data_ready;
	sk->sk_user_data = NULL;
	write_unlock_bh(&sk->sk_callback_lock);
}

/**
 * listener_kick() - accept what had to wait for room
 *
 * Context: httpd.lock held, so that none comes after listener_close() began.
 */
void listener_kick(void)
{
	lockdep_assert_held(&httpd.lock);
	if (!httpd.stopping)
		mod_delayed_work(httpd.wq, &accept, 0);
}

/**
 * listener_open() - listen on httpd.bind and httpd.port
 *
 * Connections may come in as soon as this returns.
 *
 * Return: 0, or an error: -EINVAL for an address that is none, -EADDRINUSE.
 */
int listener_open(void)
{
	struct sockaddr_storage address;
	char port[6];
	int err;

	snprintf(port, sizeof(port), "%u", httpd.port);
	err = inet_pton_with_scope(&init_net, AF_UNSPEC, httpd.bind, port, &address);
	if (err) {
		pr_err("bind=%s is not an address\n", httpd.bind);
		return err;
	}

	err = sock_create_kern(&init_net, address.ss_family, SOCK_STREAM, IPPROTO_TCP, &listener);
	if (err)
		return err;
	sock_set_reuseaddr(listener->sk);
	err = kernel_bind(listener, (void *)&address, sizeof(address));
	if (err) {
		pr_err("cannot bind to %pISpc: %d\n", &address, err);
		goto err_bind;
	}

	listener_attach(listener->sk);
	err = kernel_listen(listener, SOMAXCONN);
	if (err)
		goto err_listen;

	/* the port is chosen by now where the parameter was 0 */
	if (kernel_getsockname(listener, (void *)&address) >= 0)
		pr_info("listening on %pISpc\n", &address);
	return 0;

err_listen:
	listener_detach(listener->sk);
err_bind:
	sock_release(listener);
	return err;
}

/**
 * listener_close() - accept no more
 *
 * Context: httpd.stopping was set before.
 */
void listener_close(void)
{
	listener_detach(listener->sk);
	cancel_delayed_work_sync(&accept);
	sock_release(listener);
	/* TCP calls listener_ready() without the listener's lock, in an RCU section. */
	synchronize_rcu();
}
