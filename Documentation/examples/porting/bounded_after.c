// SPDX-License-Identifier: GPL-2.0-only
/* At most eight jobs at a time: the pool has a bound. */
#include <linux/jiffies.h>
#include <linux/kpool.h>

struct job {
	u32 id;
	char work[1020];
};

static struct kpool *jobs;

static struct job *job_get(unsigned int timeout_ms)
{
	return kpool_get_killable_timeout(jobs, GFP_KERNEL, msecs_to_jiffies(timeout_ms));
}

static void job_put(struct job *job)
{
	kpool_put(jobs, job);
}

static int jobs_create(void)
{
	jobs = kpool_create(&(struct kpool_params){
		.name = "jobs",
		.size = sizeof(struct job),
		.max = 8,
	});
	return PTR_ERR_OR_ZERO(jobs);
}

static void jobs_destroy(void)
{
	kpool_destroy(jobs);
}

/* The module uses the above once. */
static int __init example_init(void)
{
	struct job *job;
	int err = jobs_create();

	if (err)
		return err;
	job = job_get(100);
	if (!IS_ERR(job))
		job_put(job);
	return 0;
}
module_init(example_init);

static void __exit example_exit(void)
{
	jobs_destroy();
}
module_exit(example_exit);

MODULE_DESCRIPTION("Jobs from a pool with a bound");
MODULE_LICENSE("GPL");
KPOOL_IMPORT_NS;
