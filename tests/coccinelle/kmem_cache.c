// SPDX-License-Identifier: GPL-2.0-only
/* Caches, and each call of them that has a counterpart. */
#include <linux/module.h>
#include <linux/slab.h>

struct flow {
	u32 key;
	char text[60];
};

struct buffer {
	struct kmem_cache *from;	/* NULL: from kmalloc() */
	void *bytes;
};

struct session {
	struct kmem_cache *buffers;
	size_t size;
};

static struct kmem_cache *flows;
static struct kmem_cache *aligned_flows __read_mostly;
static struct kmem_cache *copied;

static struct flow *flow_new(u32 key, gfp_t gfp)
{
	struct flow *flow;

	flow = kmem_cache_alloc(flows, gfp);
	if (unlikely(!flow))
		return NULL;
	flow->key = key;
	return flow;
}

/* Whoever comes to the label looks at the pointer. */
static int flow_or_none(struct flow **place)
{
	struct flow *flow = kmem_cache_zalloc(aligned_flows, GFP_KERNEL);
	int err = -ENOMEM;

	if (!flow)
		goto out;
	flow->key = 1;
	err = 0;
out:
	*place = flow;
	return err;
}

static int flows_some(void)
{
	void *some[4];

	if (!kmem_cache_alloc_bulk(flows, GFP_KERNEL, ARRAY_SIZE(some), some))
		return -ENOMEM;
	kmem_cache_free_bulk(flows, ARRAY_SIZE(some), some);
	kmem_cache_shrink(flows);
	return 0;
}

static int buffer_init(struct session *session, struct buffer *buffer)
{
	if (likely(session->buffers)) {
		buffer->bytes = kmem_cache_alloc(session->buffers, GFP_NOFS);
		buffer->from = session->buffers;
	} else {
		buffer->bytes = kmalloc(session->size, GFP_NOFS);
		buffer->from = NULL;
	}
	return buffer->bytes ? 0 : -ENOMEM;
}

static void buffer_exit(struct buffer *buffer)
{
	if (buffer->from)
		kmem_cache_free(buffer->from, buffer->bytes);
	else
		kfree(buffer->bytes);
}

static int session_use(void)
{
	struct session session = { .size = 1000 };
	struct buffer buffer = {};
	int err;

	session.buffers = kmem_cache_create("session-buffers", session.size, 16, 0, NULL);
	err = buffer_init(&session, &buffer);
	if (!err)
		buffer_exit(&buffer);
	kmem_cache_destroy(session.buffers);
	return err;
}

static void example_exit(void)
{
	kmem_cache_destroy(copied);
	kmem_cache_destroy(aligned_flows);
	kmem_cache_destroy(flows);
}

static int __init example_init(void)
{
	struct flow *flow;
	int err = -ENOMEM;

	flows = KMEM_CACHE(flow, 0);
	aligned_flows = kmem_cache_create("aligned-flows", sizeof(struct flow), 0,
					  SLAB_HWCACHE_ALIGN | SLAB_RECLAIM_ACCOUNT, NULL);
	copied = kmem_cache_create_usercopy("copied-flows", sizeof(struct flow), 0, 0, 4, 60, NULL);
	if (!flows || aligned_flows == NULL || !copied)
		goto fail;
	flow = flow_new(1, GFP_KERNEL);
	if (!flow)
		goto fail;
	kmem_cache_free(flows, flow);
	flow = kmem_cache_alloc(copied, GFP_KERNEL);
	if (!flow)
		goto fail;
	kmem_cache_free(copied, flow);
	err = flow_or_none(&flow);
	if (err)
		goto fail;
	kmem_cache_free(aligned_flows, flow);
	err = flows_some() ?: session_use();
	if (!err)
		return 0;
fail:
	example_exit();
	return err;
}
module_init(example_init);
module_exit(example_exit);

MODULE_DESCRIPTION("Caches");
MODULE_LICENSE("GPL");
