// SPDX-License-Identifier: GPL-2.0-only
/* A cache with a constructor: it runs once for an object, as that of a pool does. */
#include <linux/list.h>
#include <linux/module.h>
#include <linux/slab.h>

struct node {
	struct list_head children;
	int key;
};

static struct kmem_cache *nodes;

static void node_init(void *obj)
{
	struct node *node = obj;

	INIT_LIST_HEAD(&node->children);
}

static int __init example_init(void)
{
	struct node *node;

	nodes = kmem_cache_create("example-nodes", sizeof(struct node), 0, 0, node_init);
	if (!nodes)
		return -ENOMEM;
	node = kmem_cache_alloc(nodes, GFP_KERNEL);
	if (!node) {
		kmem_cache_destroy(nodes);
		return -ENOMEM;
	}
	if (!list_empty(&node->children))
		pr_err("example: the constructor did not run\n");
	kmem_cache_free(nodes, node);
	return 0;
}
module_init(example_init);

static void __exit example_exit(void)
{
	kmem_cache_destroy(nodes);
}
module_exit(example_exit);

MODULE_DESCRIPTION("A cache with a constructor");
MODULE_LICENSE("GPL");
