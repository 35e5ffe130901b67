// SPDX-License-Identifier: GPL-2.0-only
/* A list of spare parsers. The list never shrinks, and all CPUs share its lock. */
#include <linux/list.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

struct parser {
	struct list_head node;
	size_t used;
	char text[4096];
};

static LIST_HEAD(spares);
static DEFINE_SPINLOCK(spares_lock);	/* Protects: spares */

static struct parser *parser_get(void)
{
	struct parser *parser;

	spin_lock(&spares_lock);
	parser = list_first_entry_or_null(&spares, struct parser, node);
	if (parser)
		list_del(&parser->node);
	spin_unlock(&spares_lock);
	if (parser)
		return parser;
	return kzalloc(sizeof(*parser), GFP_KERNEL);
}

static void parser_put(struct parser *parser)
{
	parser->used = 0;
	spin_lock(&spares_lock);
	list_add(&parser->node, &spares);
	spin_unlock(&spares_lock);
}

static void parsers_destroy(void)
{
	struct parser *parser, *next;

	list_for_each_entry_safe(parser, next, &spares, node)
		kfree(parser);
}

/* The module uses the above once. */
static int __init example_init(void)
{
	struct parser *parser = parser_get();

	if (!parser)
		return -ENOMEM;
	parser_put(parser);
	return 0;
}
module_init(example_init);

static void __exit example_exit(void)
{
	parsers_destroy();
}
module_exit(example_exit);

MODULE_DESCRIPTION("Parsers from a list of spares");
MODULE_LICENSE("GPL");
