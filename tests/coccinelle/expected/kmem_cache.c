// SPDX-License-Identifier: GPL-2.0-only
/* Caches, and each call of them that has a counterpart. */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/kpool/porting.h>

struct flow {
	u32 key;
	char text[60];
};

struct buffer {
	struct kpool *from;	/* NULL: from kmalloc() */
	void *bytes;
};

struct session {
	struct kpool *buffers;
	size_t size;
};

static struct kpool *flows;
static struct kpool *aligned_flows __read_mostly;
static struct kpool *copied;

static struct flow *flow_new(u32 key, gfp_t gfp)
{
	struct flow *flow;

	flow = kpool_get(flows, gfp);
	if (IS_ERR(flow))
		return NULL;
	flow->key = key;
	return flow;
}

/* Whoever comes to the label looks at the pointer. */
static int flow_or_none(struct flow **place)
{
	struct flow *flow = kpool_or_null(kpool_get(aligned_flows, GFP_KERNEL | __GFP_ZERO));
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

	if (kpool_get_bulk(flows, GFP_KERNEL, some, ARRAY_SIZE(some)))
		return -ENOMEM;
	kpool_put_bulk(flows, some, ARRAY_SIZE(some));
	kpool_trim(flows);
	return 0;
}

static int buffer_init(struct session *session, struct buffer *buffer)
{
	if (likely(session->buffers)) {
		buffer->bytes = kpool_or_null(kpool_get(session->buffers, GFP_NOFS));
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
		kpool_put(buffer->from, buffer->bytes);
	else
		kfree(buffer->bytes);
}

static int session_use(void)
{
	struct session session = { .size = 1000 };
	struct buffer buffer = {};
	int err;

	session.buffers = kpool_or_null(kpool_create_numbered(&(struct kpool_params){
				.name = "session-buffers",
				.size = session.size,
				.align = kpool_slab_align(session.size, 16, 0),
			}));
	err = buffer_init(&session, &buffer);
	if (!err)
		buffer_exit(&buffer);
	kpool_destroy(session.buffers);
	return err;
}

static void example_exit(void)
{
	kpool_destroy(copied);
	kpool_destroy(aligned_flows);
	kpool_destroy(flows);
}

static int __init example_init(void)
{
	struct flow *flow;
	int err = -ENOMEM;

	flows = kpool_or_null(kpool_create(&(struct kpool_params){
				.name = "flow",
				.size = sizeof(struct flow),
				.align = __alignof__(struct flow),
			}));
	aligned_flows = kpool_or_null(kpool_create(&(struct kpool_params){
				.name = "aligned-flows",
				.size = sizeof(struct flow),
				.align = kpool_slab_align(sizeof(struct flow), 0, SLAB_HWCACHE_ALIGN | SLAB_RECLAIM_ACCOUNT),
			}));
	copied = kpool_or_null(kpool_create(&(struct kpool_params){
				.name = "copied-flows",
				.size = sizeof(struct flow),
				.align = kpool_slab_align(sizeof(struct flow), 0, 0),
				.useroffset = 4,
				.usersize = 60,
			}));
	if (!flows || aligned_flows == NULL || !copied)
		goto fail;
	flow = flow_new(1, GFP_KERNEL);
	if (!flow)
		goto fail;
	kpool_put(flows, flow);
	flow = kpool_or_null(kpool_get(copied, GFP_KERNEL));
	if (!flow)
		goto fail;
	kpool_put(copied, flow);
	err = flow_or_none(&flow);
	if (err)
		goto fail;
	kpool_put(aligned_flows, flow);
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
KPOOL_IMPORT_NS;
