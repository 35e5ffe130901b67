// SPDX-License-Identifier: GPL-2.0-only
/* Bodies of any size from kvmalloc(). */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>

struct body {
	void *bytes;
	size_t len;
};

static int body_get(struct body *body, size_t len)
{
	body->bytes = kvmalloc(len, GFP_KERNEL);
	if (!body->bytes)
		return -ENOMEM;
	body->len = len;
	return 0;
}

static void body_put(struct body *body)
{
	kvfree(body->bytes);
}

/* The module uses the above once. */
static int __init example_init(void)
{
	struct body body;
	int err = body_get(&body, 100000);

	if (!err)
		body_put(&body);
	return err;
}
module_init(example_init);

static void __exit example_exit(void)
{
}
module_exit(example_exit);

MODULE_DESCRIPTION("Bodies from kvmalloc()");
MODULE_LICENSE("GPL");
