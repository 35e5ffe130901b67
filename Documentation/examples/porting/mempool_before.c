// SPDX-License-Identifier: GPL-2.0-only
/* Write requests from a mempool: 16 of them are there when memory is not. */
#include <linux/mempool.h>
#include <linux/module.h>
#include <linux/slab.h>

struct write_request {
	u64 sector;
	char header[112];
};

static struct kmem_cache *cache;
static mempool_t *requests;

static struct write_request *write_begin(u64 sector)
{
	struct write_request *request = mempool_alloc(requests, GFP_NOIO);

	request->sector = sector;
	return request;
}

static void write_done(struct write_request *request)
{
	mempool_free(request, requests);
}

static int requests_create(void)
{
	cache = KMEM_CACHE(write_request, 0);
	if (!cache)
		return -ENOMEM;
	requests = mempool_create_slab_pool(16, cache);
	if (!requests) {
		kmem_cache_destroy(cache);
		return -ENOMEM;
	}
	return 0;
}

static void requests_destroy(void)
{
	mempool_destroy(requests);
	kmem_cache_destroy(cache);
}

/* The module uses the above once. */
static int __init example_init(void)
{
	int err = requests_create();

	if (!err)
		write_done(write_begin(8));
	return err;
}
module_init(example_init);

static void __exit example_exit(void)
{
	requests_destroy();
}
module_exit(example_exit);

MODULE_DESCRIPTION("Write requests from a mempool");
MODULE_LICENSE("GPL");
