// SPDX-License-Identifier: GPL-2.0-only
/* Pages that stay mapped for a device: the object knows its page and its mapping. */
#include <linux/dma-mapping.h>
#include <linux/kpool.h>
#include <linux/mm.h>
#include <linux/platform_device.h>

struct message {
	struct page *page;
	dma_addr_t dma;
};

static struct platform_device *device;
static struct kpool *messages;

static int message_ctor(void *obj, void *ctx, gfp_t gfp, int node)
{
	struct message *message = obj;

	message->page = alloc_pages_node(node, gfp, 0);
	if (!message->page)
		return -ENOMEM;
	message->dma = dma_map_page(ctx, message->page, 0, PAGE_SIZE, DMA_FROM_DEVICE);
	if (dma_mapping_error(ctx, message->dma)) {
		__free_page(message->page);
		return -EIO;
	}
	return 0;
}

static void message_dtor(void *obj, void *ctx)
{
	struct message *message = obj;

	dma_unmap_page(ctx, message->dma, PAGE_SIZE, DMA_FROM_DEVICE);
	__free_page(message->page);
}

static struct message *message_get(void)
{
	return kpool_get(messages, GFP_ATOMIC | __GFP_NOWARN);
}

static void message_put(struct message *message)
{
	kpool_put(messages, message);
}

static int messages_create(void)
{
	static const struct kpool_ops ops = { .ctor = message_ctor, .dtor = message_dtor };

	messages = kpool_create(&(struct kpool_params){
		.name = "messages",
		.size = sizeof(struct message),
		.extra_bytes = PAGE_SIZE,
		.max_idle = 256,
		.ops = &ops,
		.ctx = &device->dev,
	});
	return PTR_ERR_OR_ZERO(messages);
}

static void messages_destroy(void)
{
	kpool_destroy_sync(messages, 1000);
}

/* The module uses the above once. */
static int __init example_init(void)
{
	struct message *message;
	int err;

	device = platform_device_register_simple("page-pool-after", -1, NULL, 0);
	if (IS_ERR(device))
		return PTR_ERR(device);
	err = messages_create();
	if (err) {
		platform_device_unregister(device);
		return err;
	}
	message = message_get();
	if (!IS_ERR(message))
		message_put(message);
	return 0;
}
module_init(example_init);

static void __exit example_exit(void)
{
	messages_destroy();
	platform_device_unregister(device);
}
module_exit(example_exit);

MODULE_DESCRIPTION("Mapped pages from a pool");
MODULE_LICENSE("GPL");
KPOOL_IMPORT_NS;
