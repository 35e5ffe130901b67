// SPDX-License-Identifier: GPL-2.0-only
/* Flows from a pool: the constructor builds a flow once. */
#include <linux/kpool.h>
#include <linux/list.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#define TABLE_BYTES	2048

struct flow {
	spinlock_t lock;	/* Protects: table */
	struct list_head packets;
	void *table;
	u32 key;
};

static struct kpool *flows;

static int flow_ctor(void *obj, void *ctx, gfp_t gfp, int node)
{
	struct flow *flow = obj;

	flow->table = kmalloc_node(TABLE_BYTES, gfp, node);
	if (!flow->table)
		return -ENOMEM;
	spin_lock_init(&flow->lock);
	INIT_LIST_HEAD(&flow->packets);
	return 0;
}

static void flow_dtor(void *obj, void *ctx)
{
	struct flow *flow = obj;

	kfree(flow->table);
}

static struct flow *flow_new(u32 key, gfp_t gfp)
{
	struct flow *flow = kpool_get(flows, gfp);

	if (!IS_ERR(flow))
		flow->key = key;
	return flow;
}

static void flow_free(struct flow *flow)
{
	kpool_put(flows, flow);
}

static int flows_create(void)
{
	static const struct kpool_ops ops = { .ctor = flow_ctor, .dtor = flow_dtor };

	flows = kpool_create(&(struct kpool_params){
		.name = "flows",
		.size = sizeof(struct flow),
		.extra_bytes = TABLE_BYTES,
		.ops = &ops,
	});
	return PTR_ERR_OR_ZERO(flows);
}

static void flows_destroy(void)
{
	kpool_destroy_sync(flows, 1000);
}

/* The module uses the above once. */
static int __init example_init(void)
{
	struct flow *flow;
	int err = flows_create();

	if (err)
		return err;
	flow = flow_new(1, GFP_KERNEL);
	if (!IS_ERR(flow))
		flow_free(flow);
	return 0;
}
module_init(example_init);

static void __exit example_exit(void)
{
	flows_destroy();
}
module_exit(example_exit);

MODULE_DESCRIPTION("Flows from a pool");
MODULE_LICENSE("GPL");
KPOOL_IMPORT_NS;
