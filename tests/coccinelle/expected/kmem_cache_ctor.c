// SPDX-License-Identifier: GPL-2.0-only
/* A cache with a constructor: it runs once for an object, as that of a pool does. */
#include <linux/list.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/kpool/porting.h>

struct node {
	struct list_head children;
	int key;
};

static struct kpool *nodes;

static void node_init(void *obj)
{
	struct node *node = obj;

	INIT_LIST_HEAD(&node->children);
}

static int node_init_of_pool(void *obj, void *ctx, gfp_t gfp, int node)
{
	node_init(obj);
	return 0;
}

static int __init example_init(void)
{
	struct node *node;

	nodes = kpool_or_null(kpool_create(&(struct kpool_params){
				.name = "example-nodes",
				.size = sizeof(struct node),
				.align = kpool_slab_align(sizeof(struct node), 0, 0),
				.ops = &(const struct kpool_ops){
					.ctor = node_init_of_pool
				},
			}));
	if (!nodes)
		return -ENOMEM;
	node = kpool_or_null(kpool_get(nodes, GFP_KERNEL));
	if (!node) {
		kpool_destroy(nodes);
		return -ENOMEM;
	}
	if (!list_empty(&node->children))
		pr_err("example: the constructor did not run\n");
	kpool_put(nodes, node);
	return 0;
}
module_init(example_init);

static void __exit example_exit(void)
{
	kpool_destroy(nodes);
}
module_exit(example_exit);

MODULE_DESCRIPTION("A cache with a constructor");
MODULE_LICENSE("GPL");
KPOOL_IMPORT_NS;
