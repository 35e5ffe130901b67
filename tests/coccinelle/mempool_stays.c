// SPDX-License-Identifier: GPL-2.0-only
/* Mempools that stay: the rules say why, and change nothing in this file. */
#include <linux/mempool.h>
#include <linux/module.h>
#include <linux/slab.h>

struct device {
	mempool_t pages;
	mempool_t own;
	mempool_t passed;
	mempool_t high;
	mempool_t resized;
	mempool_t several[2];
	struct {
		mempool_t nested;
	} inner;
};

static struct device device;
static unsigned long allocated;

static void *own_alloc(gfp_t gfp, void *data)
{
	allocated++;
	return kmalloc(64, gfp);
}

static void own_free(void *element, void *data)
{
	allocated--;
	kfree(element);
}

static noinline void use(mempool_t *pool)
{
	mempool_free(mempool_alloc(pool, GFP_KERNEL), pool);
}

static void device_exit(struct device *dev)
{
	mempool_exit(&dev->pages);
	mempool_exit(&dev->own);
	mempool_exit(&dev->passed);
	mempool_exit(&dev->high);
	mempool_exit(&dev->resized);
	mempool_exit(&dev->several[0]);
	mempool_exit(&dev->inner.nested);
}

static int __init example_init(void)
{
	struct page *page;
	int err;

	err = mempool_init_page_pool(&device.pages, 2, 0) ?:
	      mempool_init(&device.own, 2, own_alloc, own_free, NULL) ?:
	      mempool_init_kmalloc_pool(&device.passed, 2, 64) ?:
	      mempool_init_kmalloc_pool(&device.high, 2, 64) ?:
	      mempool_init_kmalloc_pool(&device.resized, 2, 64) ?:
	      mempool_init_kmalloc_pool(&device.several[0], 2, 64) ?:
	      mempool_init_kmalloc_pool(&device.inner.nested, 2, 64) ?:
	      mempool_resize(&device.resized, 4);
	if (err) {
		device_exit(&device);
		return err;
	}
	page = mempool_alloc(&device.pages, GFP_KERNEL);
	mempool_free(page, &device.pages);
	mempool_free(mempool_alloc(&device.own, GFP_KERNEL), &device.own);
	use(&device.passed);
	mempool_free(mempool_alloc(&device.high, GFP_NOIO | __GFP_ACCOUNT), &device.high);
	mempool_free(mempool_alloc(&device.several[0], GFP_NOIO), &device.several[0]);
	mempool_free(mempool_alloc(&device.inner.nested, GFP_NOIO), &device.inner.nested);
	return 0;
}
module_init(example_init);

static void __exit example_exit(void)
{
	device_exit(&device);
}
module_exit(example_exit);

MODULE_DESCRIPTION("Mempools that stay");
MODULE_LICENSE("GPL");
