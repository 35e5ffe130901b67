// SPDX-License-Identifier: GPL-2.0-only
/* A mempool over a cache. The cache stays, and says that nothing uses it any more. */
#include <linux/mempool.h>
#include <linux/kpool/porting.h>
#include <linux/module.h>
#include <linux/slab.h>

struct job {
	u64 number;
	char text[56];
};

static struct kmem_cache *job_cache;
static struct kpool *jobs;

static struct kmem_cache *shared_cache;
static mempool_t *shared;

static int __init example_init(void)
{
	struct job *job;

	job_cache = KMEM_CACHE(job, SLAB_HWCACHE_ALIGN);
	if (!job_cache)
		return -ENOMEM;
	jobs = kpool_or_null(kpool_create(&(struct kpool_params){
				.name = KBUILD_MODNAME "-jobs",
				.size = sizeof(struct job),
				.align = kpool_slab_align(sizeof(struct job), __alignof__(struct job), SLAB_HWCACHE_ALIGN),
				.reserve = 8,
			}));
	if (!jobs)
		goto destroy_job_cache;

	/* This mempool is not the only user of its cache. */
	shared_cache = kmem_cache_create("shared", sizeof(struct job), 0, 0, NULL);
	if (!shared_cache)
		goto destroy_jobs;
	shared = mempool_create(8, mempool_alloc_slab, mempool_free_slab, shared_cache);
	if (!shared)
		goto destroy_shared_cache;

	job = kmem_cache_alloc(shared_cache, GFP_KERNEL);
	if (job)
		kmem_cache_free(shared_cache, job);
	job = mempool_alloc(shared, GFP_KERNEL);
	mempool_free(job, shared);

	job = kpool_get_timeout(jobs, GFP_KERNEL, MAX_SCHEDULE_TIMEOUT);
	kpool_put(jobs, job);
	return 0;

destroy_shared_cache:
	kmem_cache_destroy(shared_cache);
destroy_jobs:
	kpool_destroy(jobs);
destroy_job_cache:
	kmem_cache_destroy(job_cache);
	return -ENOMEM;
}
module_init(example_init);

static void __exit example_exit(void)
{
	mempool_destroy(shared);
	kmem_cache_destroy(shared_cache);
	kpool_destroy(jobs);
	kmem_cache_destroy(job_cache);
}
module_exit(example_exit);

MODULE_DESCRIPTION("Mempools over caches");
MODULE_LICENSE("GPL");
KPOOL_IMPORT_NS;
