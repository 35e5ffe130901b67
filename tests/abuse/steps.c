// SPDX-License-Identifier: GPL-2.0-only
/*
 * A consumer that goes on when the test writes to its parameter "go", after its module was loaded:
 * the test makes gets fail in between, or tries to unload the module.
 */
#include <linux/kpool.h>
#include <linux/module.h>

#include "wrong_put.h"

#define GETS	1000

static void say_gone(void *ctx)
{
	pr_info("gone is called\n");
}

static const struct kpool_ops ops = { .gone = say_gone };
static const struct kpool_params params = { .name = "abuse-steps", .size = 64, .ops = &ops };
static struct kpool *pool;
static void *obj;

/* How many gets fail, and whether each tenth does and no other. */
static void count_failures(void)
{
	unsigned int i, failed = 0, since = 0;
	bool regular = true;
	void *one;

	for (i = 0; i < GETS; i++) {
		one = kpool_get(pool, GFP_KERNEL);
		since++;
		if (IS_ERR(one)) {
			regular = regular && (!failed || since == 10) && PTR_ERR(one) == -ENOMEM;
			failed++;
			since = 0;
		}
		kpool_put(pool, one);
	}
	pr_info("steps: %u gets failed of %u%s\n", failed, GETS, regular ? ", each tenth" : "");
}

/* What the test may write. */
static int go(const char *word, const struct kernel_param *kp)
{
	if (!pool)
		return -ENODEV;
	if (sysfs_streq(word, "get")) {
		count_failures();
	} else if (sysfs_streq(word, "destroy")) {
		obj = kpool_get(pool, GFP_KERNEL);
		pr_info("steps: %lu out\n", kpool_destroy(pool));
	} else if (sysfs_streq(word, "put")) {
		kpool_put(pool, obj);	/* the pool ends */
		pool = NULL;
	} else {
		return -EINVAL;
	}
	return 0;
}

static const struct kernel_param_ops go_ops = { .set = go };
module_param_cb(go, &go_ops, NULL, 0200);
MODULE_PARM_DESC(go, "what=steps: get, destroy or put");

int begin_steps(void)
{
	struct kpool *new = kpool_create(&params);

	if (IS_ERR(new))
		return PTR_ERR(new);
	pool = new;
	return 0;
}

/* The test has not destroyed the pool. */
void end_steps(void)
{
	kpool_destroy(pool);
}
