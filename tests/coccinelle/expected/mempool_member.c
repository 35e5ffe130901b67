// SPDX-License-Identifier: GPL-2.0-only
/* Mempools that are members of a struct: a device has its own. */
#include <linux/mempool.h>
#include <linux/kpool/porting.h>
#include <linux/module.h>
#include <linux/slab.h>

struct request {
	u64 sector;
	char header[120];
};

struct device {
	struct kpool *requests;	/* as many as a device has at least */
	struct kpool *tags;
	struct request *current_request;
};

static void device_exit(struct device *dev)
{
	kpool_destroy(dev->requests);
	dev->requests = NULL;
	if (dev->tags)
		kpool_destroy(dev->tags);
	dev->tags = NULL;
}

static int device_init(struct device *dev, size_t tag_size)
{
	int err;

	dev->requests = kpool_create_numbered(&(struct kpool_params){
			.name = KBUILD_MODNAME "-requests",
			.size = sizeof(struct request),
			.align = kpool_kmalloc_align(sizeof(struct request)),
			.reserve = 16,
		});
	err = PTR_ERR_OR_ZERO(dev->requests);
	if (err)
		return err;
	dev->tags = kpool_or_null(kpool_create_numbered(&(struct kpool_params){
				.name = KBUILD_MODNAME "-tags",
				.size = tag_size + 8,
				.align = kpool_kmalloc_align(tag_size + 8),
				.reserve = 4,
			}));
	if (!dev->tags) {
		kpool_destroy(dev->requests);
		dev->requests = NULL;
		return -ENOMEM;
	}
	return 0;
}

static int device_again(struct device *dev)
{
	if (!IS_ERR_OR_NULL(dev->requests))
		return 0;
	if (PTR_ERR_OR_ZERO(dev->requests = kpool_create_numbered(&(struct kpool_params){
					.name = KBUILD_MODNAME "-requests",
					.size = sizeof(struct request),
					.align = kpool_kmalloc_align(sizeof(struct request)),
					.reserve = 16,
				})))
		return -ENOMEM;
	return 0;
}

/* Never fails. */
static struct request *request_begin(struct device *dev, u64 sector)
{
	struct request *request = kpool_get_timeout(dev->requests, GFP_NOIO, MAX_SCHEDULE_TIMEOUT);

	request->sector = sector;
	return request;
}

static int request_try(struct device *dev, u64 sector)
{
	struct request *request;

	request = kpool_get(dev->requests, GFP_NOWAIT | __GFP_NOWARN);
	if (IS_ERR(request))
		return -EAGAIN;
	request->sector = sector;
	kpool_put(dev->requests, request);
	return 0;
}

/* The next call looks at the member, so that NULL has to stay NULL. */
static int request_keep(struct device *dev)
{
	if (!dev->current_request) {
		if (in_interrupt())
			dev->current_request = kpool_or_null(kpool_get(dev->requests, GFP_ATOMIC));
		else
			dev->current_request = kpool_get_timeout(dev->requests, GFP_NOIO,
								 MAX_SCHEDULE_TIMEOUT);
		if (!dev->current_request)
			return -ENOMEM;
	}
	return 0;
}

static void *request_as_told(struct device *dev, gfp_t gfp)
{
	return kpool_or_null(gfpflags_allow_blocking(gfp) ? kpool_get_timeout(dev->requests, gfp, MAX_SCHEDULE_TIMEOUT) : kpool_get(dev->requests, gfp));
}

/* The function goes on without an object. */
static void *tag_get(struct device *dev, void *spare)
{
	void *tag = kpool_or_null(kpool_get(dev->tags, GFP_ATOMIC));

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
	kpool_put(device.requests, request);
	err = request_try(&device, 2) ?: request_keep(&device) ?: device_again(&device);
	kpool_put(device.requests, device.current_request);
	kpool_put(device.requests, request_as_told(&device, GFP_KERNEL));
	tag = tag_get(&device, NULL);
	kpool_put(device.tags, tag);
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
KPOOL_IMPORT_NS;
