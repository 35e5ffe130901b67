// SPDX-License-Identifier: GPL-2.0-only
/* Flows from a kmem_cache: each allocation builds a flow, and each free takes it apart. */
#include <linux/list.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#define TABLE_BYTES	2048

struct flow {
	spinlock_t lock;	/* Protects: table */
	struct list_head packets;
	void *table;
	u32 key;
};

static struct kmem_cache *flows;

static struct flow *flow_new(u32 key, gfp_t gfp)
{
	struct flow *flow = kmem_cache_alloc(flows, gfp);

	if (!flow)
		return NULL;
	flow->table = kmalloc(TABLE_BYTES, gfp);
	if (!flow->table) {
		kmem_cache_free(flows, flow);
		return NULL;
	}
	spin_lock_init(&flow->lock);
	INIT_LIST_HEAD(&flow->packets);
	flow->key = key;
	return flow;
}

static void flow_free(struct flow *flow)
{
	kfree(flow->table);
	kmem_cache_free(flows, flow);
}

static int flows_create(void)
{
	flows = KMEM_CACHE(flow, 0);
	return flows ? 0 : -ENOMEM;
}

static void flows_destroy(void)
{
	kmem_cache_destroy(flows);
}

/* The module uses the above once. */
static int __init example_init(void)
{
	struct flow *flow;
	int err = flows_create();

	if (err)
		return err;
	flow = flow_new(1, GFP_KERNEL);
	if (flow)
		flow_free(flow);
	return 0;
}
module_init(example_init);

static void __exit example_exit(void)
{
	flows_destroy();
}
module_exit(example_exit);

MODULE_DESCRIPTION("Flows from a kmem_cache");
MODULE_LICENSE("GPL");
