// SPDX-License-Identifier: GPL-2.0-only
/* Pages that stay mapped for a device, from a page_pool. */
#include <linux/module.h>
#include <linux/platform_device.h>
#include <net/page_pool.h>

static struct platform_device *device;
static struct page_pool *pages;

static struct page *message_get(dma_addr_t *dma)
{
	struct page *page = page_pool_dev_alloc_pages(pages);

	if (page)
		*dma = page_pool_get_dma_addr(page);
	return page;
}

static void message_put(struct page *page)
{
	page_pool_put_full_page(pages, page, false);
}

static int messages_create(void)
{
	struct page_pool_params params = {
		.flags = PP_FLAG_DMA_MAP,
		.pool_size = 256,
		.nid = NUMA_NO_NODE,
		.dev = &device->dev,
		.dma_dir = DMA_FROM_DEVICE,
	};

	pages = page_pool_create(&params);
	return PTR_ERR_OR_ZERO(pages);
}

static void messages_destroy(void)
{
	page_pool_destroy(pages);
}

/* The module uses the above once. */
static int __init example_init(void)
{
	struct page *page;
	dma_addr_t dma;
	int err;

	device = platform_device_register_simple("page-pool-before", -1, NULL, 0);
	if (IS_ERR(device))
		return PTR_ERR(device);
	err = messages_create();
	if (err) {
		platform_device_unregister(device);
		return err;
	}
	local_bh_disable();
	page = message_get(&dma);
	if (page)
		message_put(page);
	local_bh_enable();
	return 0;
}
module_init(example_init);

static void __exit example_exit(void)
{
	messages_destroy();
	platform_device_unregister(device);
}
module_exit(example_exit);

MODULE_DESCRIPTION("Mapped pages from a page_pool");
MODULE_LICENSE("GPL");
