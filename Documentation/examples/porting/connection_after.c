// SPDX-License-Identifier: GPL-2.0-only
/* Up to eight connections to a server, from a pool. */
#include <linux/in.h>
#include <linux/kpool.h>
#include <linux/net.h>
#include <net/net_namespace.h>
#include <net/sock.h>
#include <net/tcp_states.h>

static struct sockaddr_in server = {
	.sin_family = AF_INET,
	.sin_port = htons(7),
	.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
};

struct conn {
	struct socket *sock;
};

static struct kpool *conns;

static int conn_ctor(void *obj, void *ctx, gfp_t gfp, int node)
{
	struct conn *conn = obj;
	int err = sock_create_kern(&init_net, AF_INET, SOCK_STREAM, IPPROTO_TCP, &conn->sock);

	if (err)
		return err;
	err = kernel_connect(conn->sock, (void *)&server, sizeof(server), 0);
	if (err)
		sock_release(conn->sock);
	return err;
}

/* Does not sleep. A server that closed, or sent what nobody asked for, is of no use. */
static bool conn_check(void *obj, void *ctx)
{
	const struct sock *sk = ((struct conn *)obj)->sock->sk;

	return READ_ONCE(sk->sk_state) == TCP_ESTABLISHED &&
	       skb_queue_empty_lockless(&sk->sk_receive_queue);
}

static void conn_dtor(void *obj, void *ctx)
{
	sock_release(((struct conn *)obj)->sock);
}

static int ask(void *bytes, size_t n)
{
	struct kvec vec = { .iov_base = bytes, .iov_len = n };
	struct msghdr msg = { };
	struct conn *conn;
	int err;

	conn = kpool_get_killable_timeout(conns, GFP_KERNEL, 5 * HZ);
	if (IS_ERR(conn))
		return PTR_ERR(conn);
	err = kernel_sendmsg(conn->sock, &msg, &vec, 1, n);
	if (err < 0)
		kpool_discard(conns, conn);
	else
		kpool_put(conns, conn);
	return err < 0 ? err : 0;
}

static int conns_create(void)
{
	static const struct kpool_ops ops = {
		.ctor = conn_ctor,
		.check = conn_check,
		.dtor = conn_dtor,
	};

	conns = kpool_create(&(struct kpool_params){
		.name = "conns",
		.size = sizeof(struct conn),
		.flags = KPOOL_SLEEPING | KPOOL_BUILD_IN_WORKER,
		.max = 8,
		.idle_ms = 30000,
		.ops = &ops,
	});
	return PTR_ERR_OR_ZERO(conns);
}

static void conns_destroy(void)
{
	kpool_destroy_sync(conns, 10000);
}

/* The module uses the above once. */
static int __init example_init(void)
{
	int err = conns_create();

	if (!err)
		pr_info("asked the server: %d\n", ask("hello", 5));
	return err;
}
module_init(example_init);

static void __exit example_exit(void)
{
	conns_destroy();
}
module_exit(example_exit);

MODULE_DESCRIPTION("Up to eight connections, from a pool");
MODULE_LICENSE("GPL");
KPOOL_IMPORT_NS;
