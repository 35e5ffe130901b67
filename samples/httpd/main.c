// SPDX-License-Identifier: GPL-2.0-only
/*
 * A small HTTP/1.1 server whose requests and connections are pooled objects.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/kpool_ring.h>
#include <linux/module.h>
#include <linux/sizes.h>

#include "httpd.h"

struct httpd httpd = {
	.bind		= "127.0.0.1",
	.port		= 8080,
	.pool		= true,
	.idle_ms	= 15000,
	.request_ms	= 10000,
	.min_rate	= 4096,
	.max_connections	= 256,
	.max_head	= SZ_8K,
	.max_body	= SZ_1M,
	.body_bytes	= SZ_64M,
	.body_idle_bytes	= SZ_16M,
	.ring_bytes	= SZ_256K,
	.backend_pool	= true,
	.backend_max	= 8,
	.backend_min_idle	= 0,
	.backend_idle_ms	= 30000,
	.backend_wait_ms	= 5000,
	.backend_timeout_ms	= 5000,
	.lock		= __SPIN_LOCK_UNLOCKED(httpd.lock),
	.connections	= LIST_HEAD_INIT(httpd.connections),
	.drained	= __WAIT_QUEUE_HEAD_INITIALIZER(httpd.drained),
};

module_param_named(bind, httpd.bind, charp, 0444);
MODULE_PARM_DESC(bind, "IPv4 or IPv6 address to listen on (default: 127.0.0.1, which only this machine reaches)");
module_param_named(port, httpd.port, ushort, 0444);
MODULE_PARM_DESC(port, "TCP port to listen on, 0: any that is free (default: 8080)");
module_param_named(pool, httpd.pool, bool, 0444);
MODULE_PARM_DESC(pool, "take requests, bodies, rings and connections from pools (default: 1)");
module_param_named(idle_ms, httpd.idle_ms, uint, 0444);
MODULE_PARM_DESC(idle_ms, "how long a connection may rest between requests, in ms, 0: no limit (default: 15000)");
module_param_named(request_ms, httpd.request_ms, uint, 0444);
MODULE_PARM_DESC(request_ms, "how long a request may take to come in, and an answer to make some way, in ms, 0: no limit (default: 10000)");
module_param_named(min_rate, httpd.min_rate, uint, 0444);
MODULE_PARM_DESC(min_rate, "bytes of an answer that a client has to take in a second, 0: no limit (default: 4096)");
module_param_named(max_connections, httpd.max_connections, uint, 0444);
MODULE_PARM_DESC(max_connections, "connections at a time, others wait, 0: no limit (default: 256)");
module_param_named(max_head, httpd.max_head, uint, 0444);
MODULE_PARM_DESC(max_head, "bytes of a request's head (default: 8192)");
module_param_named(max_body, httpd.max_body, uint, 0444);
MODULE_PARM_DESC(max_body, "bytes of a request's body (default: 1048576)");
module_param_named(body_bytes, httpd.body_bytes, uint, 0444);
MODULE_PARM_DESC(body_bytes, "bytes of buffers for bodies in use, in all, 0: no limit (default: 67108864)");
module_param_named(body_idle_bytes, httpd.body_idle_bytes, uint, 0444);
MODULE_PARM_DESC(body_idle_bytes, "bytes of buffers for bodies that are kept, 0: no limit (default: 16777216)");
module_param_named(ring_bytes, httpd.ring_bytes, uint, 0444);
MODULE_PARM_DESC(ring_bytes, "bytes of the ring that a long answer of the backend comes through (default: 262144)");
module_param_named(backend, httpd.backend, charp, 0444);
MODULE_PARM_DESC(backend, "ADDRESS:PORT of an HTTP server that answers what is below /backend/ (default: none)");
module_param_named(backend_pool, httpd.backend_pool, bool, 0444);
MODULE_PARM_DESC(backend_pool, "keep connections to the backend, 0: open one for each request (default: 1)");
module_param_named(backend_max, httpd.backend_max, uint, 0444);
MODULE_PARM_DESC(backend_max, "connections to the backend at a time, requests wait, 0: no limit (default: 8)");
module_param_named(backend_min_idle, httpd.backend_min_idle, uint, 0444);
MODULE_PARM_DESC(backend_min_idle, "connections to the backend that are open before anybody asks (default: 0)");
module_param_named(backend_idle_ms, httpd.backend_idle_ms, uint, 0444);
MODULE_PARM_DESC(backend_idle_ms, "how long a connection to the backend may be idle before it is closed, in ms, 0: no limit (default: 30000)");
module_param_named(backend_wait_ms, httpd.backend_wait_ms, uint, 0444);
MODULE_PARM_DESC(backend_wait_ms, "how long a request may wait for a connection to the backend, in ms, 0: no limit (default: 5000)");
module_param_named(backend_timeout_ms, httpd.backend_timeout_ms, uint, 0444);
MODULE_PARM_DESC(backend_timeout_ms, "how long the backend may take to accept, to begin its answer, and to make some way with it, in ms, 0: no limit (default: 5000)");

static int check_params(void)
{
	/* room for a shortest request, and what can be had in one piece */
	if (httpd.max_head < 64 || httpd.max_head > SZ_1M || httpd.max_body > SZ_1G) {
		pr_err("max_head must be 64 to 1048576 bytes, max_body 0 to 1073741824\n");
		return -EINVAL;
	}
	if (!httpd.ring_bytes || httpd.ring_bytes > KPOOL_RING_MOST) {
		pr_err("ring_bytes must be 1 to %lu\n", KPOOL_RING_MOST);
		return -EINVAL;
	}
	return 0;
}

static int __init httpd_init(void)
{
	int err;

	err = check_params();
	if (err)
		return err;
	err = stats_init();
	if (err)
		return err;
	err = request_pool_open();
	if (err)
		goto err_request_pool;
	err = body_pool_open();
	if (err)
		goto err_body_pool;
	err = conn_pool_open();
	if (err)
		goto err_conn_pool;
	err = backend_open();
	if (err)
		goto err_backend;
	httpd.wq = alloc_workqueue("httpd", WQ_UNBOUND, 0);
	if (!httpd.wq) {
		err = -ENOMEM;
		goto err_wq;
	}
	err = listener_open();
	if (err)
		goto err_listener;
	stats_publish();
	return 0;

err_listener:
	destroy_workqueue(httpd.wq);
err_wq:
	backend_close();
err_backend:
	conn_pool_close();
err_conn_pool:
	body_pool_close();
err_body_pool:
	request_pool_close();
err_request_pool:
	stats_exit();
	return err;
}
module_init(httpd_init);

static void __exit httpd_exit(void)
{
	spin_lock(&httpd.lock);
	httpd.stopping = true;
	spin_unlock(&httpd.lock);

	stats_unpublish();
	listener_close();
	backend_stop();
	conn_close_all();
	destroy_workqueue(httpd.wq);
	backend_close();
	conn_pool_close();
	body_pool_close();
	request_pool_close();
	stats_exit();
}
module_exit(httpd_exit);

MODULE_DESCRIPTION("HTTP server that takes its requests from a pool");
MODULE_LICENSE("GPL");
KPOOL_IMPORT_NS;
