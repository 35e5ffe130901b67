// SPDX-License-Identifier: GPL-2.0-only
/* Parsers from a pool, which gives unused parsers back to the machine. */
#include <linux/kpool.h>

struct parser {
	size_t used;
	char text[4096];
};

static struct kpool *parsers;

static void parser_reset(void *obj, void *ctx)
{
	struct parser *parser = obj;

	parser->used = 0;
}

static int parser_ctor(void *obj, void *ctx, gfp_t gfp, int node)
{
	parser_reset(obj, ctx);
	return 0;
}

static struct parser *parser_get(void)
{
	return kpool_get(parsers, GFP_KERNEL);
}

static void parser_put(struct parser *parser)
{
	kpool_put(parsers, parser);
}

static int parsers_create(void)
{
	static const struct kpool_ops ops = { .ctor = parser_ctor, .reset = parser_reset };

	parsers = kpool_create(&(struct kpool_params){
		.name = "parsers",
		.size = sizeof(struct parser),
		.ops = &ops,
	});
	return PTR_ERR_OR_ZERO(parsers);
}

static void parsers_destroy(void)
{
	kpool_destroy_sync(parsers, 1000);
}

/* The module uses the above once. */
static int __init example_init(void)
{
	struct parser *parser;
	int err = parsers_create();

	if (err)
		return err;
	parser = parser_get();
	if (!IS_ERR(parser))
		parser_put(parser);
	return 0;
}
module_init(example_init);

static void __exit example_exit(void)
{
	parsers_destroy();
}
module_exit(example_exit);

MODULE_DESCRIPTION("Parsers from a pool");
MODULE_LICENSE("GPL");
KPOOL_IMPORT_NS;
