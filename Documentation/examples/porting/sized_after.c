// SPDX-License-Identifier: GPL-2.0-only
/* Bodies of any size from a set of pools, which keeps 16 MiB of idle buffers at most. */
#include <linux/kpool_sized.h>
#include <linux/sizes.h>

static struct kpool_sized *bodies;

static int body_get(struct kpool_buf *body, size_t len)
{
	return kpool_sized_get_buf(bodies, body, len, GFP_KERNEL);
}

static void body_put(struct kpool_buf *body)
{
	kpool_sized_put_buf(bodies, body);
}

static int bodies_create(void)
{
	bodies = kpool_sized_create(&(struct kpool_sized_params){
		.name = "bodies",
		.max_idle_bytes = SZ_16M,
	});
	return PTR_ERR_OR_ZERO(bodies);
}

static void bodies_destroy(void)
{
	kpool_sized_destroy(bodies);
}

/* The module uses the above once. */
static int __init example_init(void)
{
	struct kpool_buf body;
	int err = bodies_create();

	if (err)
		return err;
	if (!body_get(&body, 100000))
		body_put(&body);
	return 0;
}
module_init(example_init);

static void __exit example_exit(void)
{
	bodies_destroy();
}
module_exit(example_exit);

MODULE_DESCRIPTION("Bodies from a set of pools");
MODULE_LICENSE("GPL");
KPOOL_IMPORT_NS;
