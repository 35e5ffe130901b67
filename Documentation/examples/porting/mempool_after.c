// SPDX-License-Identifier: GPL-2.0-only
/* Write requests from a pool with a reserve of 16. */
#include <linux/kpool.h>

struct write_request {
	u64 sector;
	char header[112];
};

static struct kpool *requests;

static struct write_request *write_begin(u64 sector)
{
	struct write_request *request;

	request = kpool_get_timeout(requests, GFP_NOIO, MAX_SCHEDULE_TIMEOUT);
	if (!IS_ERR(request))
		request->sector = sector;
	return request;
}

static void write_done(struct write_request *request)
{
	kpool_put(requests, request);
}

static int requests_create(void)
{
	requests = kpool_create(&(struct kpool_params){
		.name = "write-requests",
		.size = sizeof(struct write_request),
		.reserve = 16,
	});
	return PTR_ERR_OR_ZERO(requests);
}

static void requests_destroy(void)
{
	kpool_destroy(requests);
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

MODULE_DESCRIPTION("Write requests from a pool with a reserve");
MODULE_LICENSE("GPL");
KPOOL_IMPORT_NS;
