// SPDX-License-Identifier: GPL-2.0-only
/* At most eight jobs at a time: a semaphore counts them. */
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/semaphore.h>
#include <linux/slab.h>

struct job {
	u32 id;
	char work[1020];
};

static struct semaphore slots;

static struct job *job_get(unsigned int timeout_ms)
{
	struct job *job;

	if (down_timeout(&slots, msecs_to_jiffies(timeout_ms)))
		return ERR_PTR(-ETIMEDOUT);
	job = kmalloc(sizeof(*job), GFP_KERNEL);
	if (!job) {
		up(&slots);
		return ERR_PTR(-ENOMEM);
	}
	return job;
}

static void job_put(struct job *job)
{
	kfree(job);
	up(&slots);
}

static int jobs_create(void)
{
	sema_init(&slots, 8);
	return 0;
}

static void jobs_destroy(void)
{
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

MODULE_DESCRIPTION("Jobs that a semaphore counts");
MODULE_LICENSE("GPL");
