// SPDX-License-Identifier: GPL-2.0-only
/*
 * Request objects. Building one takes a buffer of several pages besides the
 * object itself. With pools that happens for as many requests as are ever at
 * work at the same time; without, for each request. Either way the same two
 * functions build and tear down.
 */
#include <linux/kpool.h>
#include <linux/ktime.h>
#include <linux/slab.h>

#include "httpd.h"

DEFINE_KPOOL_TYPE(request, struct request);

static struct request_pool *requests;

static int request_build(void *obj, void *ctx, gfp_t gfp, int node)
{
	struct request *req = obj;

	req->buf = kmalloc_node(httpd.max_head + HTTPD_ROOM, gfp, node);
	if (!req->buf)
		return -ENOMEM;
	httpd_count(HTTPD_REQUEST_OBJECTS_BUILT);
	return 0;
}

static void request_teardown(void *obj, void *ctx)
{
	struct request *req = obj;

	kfree(req->buf);
	httpd_count(HTTPD_REQUEST_OBJECTS_FREED);
}

static struct request *request_alloc(gfp_t gfp)
{
	struct request *req = kmalloc(sizeof(*req), gfp);
	int err;

	if (!req)
		return ERR_PTR(-ENOMEM);
	err = request_build(req, NULL, gfp, NUMA_NO_NODE);
	if (err) {
		kfree(req);
		return ERR_PTR(err);
	}
	return req;
}

static void request_free(struct request *req)
{
	request_teardown(req, NULL);
	kfree(req);
}

/**
 * request_begin() - an empty request
 *
 * Context: process context, may sleep.
 * Return: the request, which the caller ends with request_end(), or an ERR_PTR.
 */
struct request *request_begin(void)
{
	u64 start = ktime_get_ns();
	struct request *req;

	if (httpd.pool)
		req = request_get(requests, GFP_KERNEL);
	else
		req = request_alloc(GFP_KERNEL);
	if (IS_ERR(req))
		return req;

	httpd_add(HTTPD_REQUEST_GET_NS, ktime_get_ns() - start);
	httpd_count(HTTPD_REQUEST_GETS);

	req->len = 0;
	req->used = 0;
	req->body = (struct kpool_buf){};
	req->answer.buf = (struct kpool_buf){};
	req->answer.streamed = false;
	req->exchange = NULL;
	req->stream = (struct stream){};
	memset(&req->chunks, 0, sizeof(req->chunks));
	memset(&req->head, 0, offsetof(struct http_head, fields));
	return req;
}

/**
 * request_end() - give a request back
 * @req: from request_begin(), or NULL
 */
void request_end(struct request *req)
{
	u64 start;

	if (!req)
		return;
	backend_end(req);
	stream_end(&req->stream);
	body_put(&req->body);
	body_put(&req->answer.buf);
	start = ktime_get_ns();
	if (httpd.pool)
		request_put(requests, req);
	else
		request_free(req);

	httpd_add(HTTPD_REQUEST_PUT_NS, ktime_get_ns() - start);
	httpd_count(HTTPD_REQUEST_PUTS);
}

int request_pool_open(void)
{
	static const struct kpool_ops ops = {
		.ctor = request_build,
		.dtor = request_teardown,
	};
	static const struct kpool_params params = {
		.name = "httpd-requests",
		.ops = &ops,
	};

	if (!httpd.pool)
		return 0;
	requests = request_pool_create(&params);
	return PTR_ERR_OR_ZERO(requests);
}

/*
 * The teardown lives in this module, and the module is on its way out: so the
 * pool has to be gone when this returns.
 */
void request_pool_close(void)
{
	if (httpd.pool)
		request_pool_destroy_sync(requests, 1000);
}
