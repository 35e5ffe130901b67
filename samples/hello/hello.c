// SPDX-License-Identifier: GPL-2.0-only
#include <linux/kpool.h>

struct job {
	char title[64];
};

static struct kpool *jobs;

static noinline void hello_once(void)
{
	struct job *job = kpool_get(jobs, GFP_KERNEL);

	if (IS_ERR(job))
		return;
	job->title[0] = '\0';
	kpool_put(jobs, job);
}

static int __init hello_init(void)
{
	jobs = kpool_create(&(struct kpool_params){ .name = "hello", .size = sizeof(struct job) });
	if (!IS_ERR(jobs))
		hello_once();
	return PTR_ERR_OR_ZERO(jobs);
}
module_init(hello_init);

static void __exit hello_exit(void)
{
	kpool_destroy(jobs);
}
module_exit(hello_exit);

MODULE_DESCRIPTION("Gets an object from a pool and puts it back");
MODULE_LICENSE("GPL");
KPOOL_IMPORT_NS;
