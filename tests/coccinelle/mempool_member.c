// SPDX-License-Identifier: GPL-2.0-only
/* Mempools that are members of a struct: a device has its own. */
#include <linux/mempool.h>
#include <linux/module.h>
#include <linux/slab.h>

struct request {
	u64 sector;
	char header[120];
};

struct device {
	mempool_t requests;	/* as many as a device has at least */
	mempool_t *tags;
	struct request *current_request;
};

static void device_exit(struct device *dev)
{
	mempool_exit(&dev->requests);
	if (dev->tags)
		mempool_destroy(dev->tags);
	dev->tags = NULL;
}

static int device_init(struct device *dev, size_t tag_size)
{
	int err;

	err = mempool_init_kmalloc_pool(&dev->requests, 16, sizeof(struct request));
	if (err)
		return err;
	dev->tags = mempool_create_kmalloc_pool(4, tag_size + 8);
	if (!dev->tags) {
		mempool_exit(&dev->requests);
		return -ENOMEM;
	}
	return 0;
}

static int device_again(struct device *dev)
{
	if (mempool_initialized(&dev->requests))
		return 0;
	if (mempool_init_kmalloc_pool(&dev->requests, 16, sizeof(struct request)))
		return -ENOMEM;
	return 0;
}

/* Never fails. */
static struct request *request_begin(struct device *dev, u64 sector)
{
	struct request *request = mempool_alloc(&dev->requests, GFP_NOIO);

	request->sector = sector;
	return request;
}

static int request_try(struct device *dev, u64 sector)
{
	struct request *request;

	request = mempool_alloc(&dev->requests, GFP_NOWAIT | __GFP_NOWARN);
	if (!request)
		return -EAGAIN;
	request->sector = sector;
	mempool_free(request, &dev->requests);
	return 0;
}

/* The next call looks at the member, so that NULL has to stay NULL. */
static int request_keep(struct device *dev)
{
	if (!dev->current_request) {
		dev->current_request = mempool_alloc(&dev->requests,
						     in_interrupt() ? GFP_ATOMIC : GFP_NOIO);
		if (!dev->current_request)
			return -ENOMEM;
	}
	return 0;
}

static void *request_as_told(struct device *dev, gfp_t gfp)
{
	return mempool_alloc(&dev->requests, gfp);
}

/* The function goes on without an object. */
static void *tag_get(struct device *dev, void *spare)
{
	void *tag = mempool_alloc(dev->tags, GFP_ATOMIC);

	if (!tag)
		tag = spare;
	return tag;
}

static struct device device;

static int __init example_init(void)
{
	int err = device_init(&device, 8);
	struct request *request;
	void *tag;

	if (err)
		return err;
	request = request_begin(&device, 1);
	mempool_free(request, &device.requests);
	err = request_try(&device, 2) ?: request_keep(&device) ?: device_again(&device);
	mempool_free(device.current_request, &device.requests);
	mempool_free(request_as_told(&device, GFP_KERNEL), &device.requests);
	tag = tag_get(&device, NULL);
	mempool_free(tag, device.tags);
	if (err)
		device_exit(&device);
	return err;
}
module_init(example_init);

static void __exit example_exit(void)
{
	device_exit(&device);
}
module_exit(example_exit);

MODULE_DESCRIPTION("Mempools in a struct");
MODULE_LICENSE("GPL");
