// SPDX-License-Identifier: GPL-2.0-only
/* One connection to a server, which all tasks share under a mutex. */
#include <linux/in.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/net.h>
#include <net/net_namespace.h>
#include <net/sock.h>

static struct sockaddr_in server = {
	.sin_family = AF_INET,
	.sin_port = htons(7),
	.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
};

static DEFINE_MUTEX(sock_lock);		/* Protects sock. One task at a time speaks. */
static struct socket *sock;

static int connect_sock(void)
{
	int err = sock_create_kern(&init_net, AF_INET, SOCK_STREAM, IPPROTO_TCP, &sock);

	if (err)
		return err;
	err = kernel_connect(sock, (void *)&server, sizeof(server), 0);
	if (err) {
		sock_release(sock);
		sock = NULL;
	}
	return err;
}

static int ask(void *bytes, size_t n)
{
	struct kvec vec = { .iov_base = bytes, .iov_len = n };
	struct msghdr msg = { };
	int err = 0;

	mutex_lock(&sock_lock);
	if (!sock)
		err = connect_sock();
	if (!err)
		err = kernel_sendmsg(sock, &msg, &vec, 1, n);
	if (err < 0 && sock) {
		sock_release(sock);
		sock = NULL;
	}
	mutex_unlock(&sock_lock);
	return err < 0 ? err : 0;
}

/* The module uses the above once. */
static int __init example_init(void)
{
	pr_info("asked the server: %d\n", ask("hello", 5));
	return 0;
}
module_init(example_init);

static void __exit example_exit(void)
{
	if (sock)
		sock_release(sock);
}
module_exit(example_exit);

MODULE_DESCRIPTION("One connection for all tasks");
MODULE_LICENSE("GPL");
