// SPDX-License-Identifier: GPL-2.0-only
/*
 * How fast each policy gives objects back after a burst. Prints the objects that a pool
 * holds, second by second, after 4096 objects were in use at once.
 */
#include <linux/delay.h>
#include <linux/kernel.h>
#include <linux/kpool.h>
#include <linux/ktime.h>

#include "burst.h"

#define BURST		4096
#define STEADY		32
#define STEP_MS		100

static const unsigned int seconds[] = { 0, 1, 2, 5, 10, 15, 20, 25, 30, 35, 40 };

static const struct policy {
	const char *name;
	struct kpool_params params;
	bool used;		/* STEADY objects at a time are used after the burst */
	unsigned int trim_at;	/* the second of a trim; 0: never */
} policies[] = {
	{ .name = "ageing" },
	{ .name = "ageing,in-use", .used = true },
	{ .name = "min_idle=256", .params.min_idle = 256 },
	{ .name = "max_idle=1024", .params.max_idle = 1024 },
	{ .name = "idle_ms=5000", .params.idle_ms = 5000 },
	{ .name = "idle_ms,in-use", .params.idle_ms = 5000, .used = true },
	{ .name = "lifetime_ms=10000", .params.lifetime_ms = 10000 },
	{ .name = "kpool_trim", .trim_at = 5 },
};

static void *objs[BURST];

static int use(struct kpool *pool, unsigned int n)
{
	unsigned int i, got;

	for (got = 0; got < n; got++) {
		objs[got] = kpool_get(pool, GFP_KERNEL);
		if (IS_ERR(objs[got]))
			break;
	}
	for (i = 0; i < got; i++)
		kpool_put(pool, objs[i]);
	return got == n ? 0 : -ENOMEM;
}

/* Waits until that many milliseconds have passed since @since. */
static int wait_until(const struct policy *policy, struct kpool *pool, ktime_t since, u64 ms)
{
	int err = 0;

	while (!err && ktime_ms_delta(ktime_get_boottime(), since) < ms) {
		if (policy->used)
			err = use(pool, STEADY);
		msleep(STEP_MS);
	}
	return err;
}

static int follow(const struct policy *policy, struct kpool *pool)
{
	ktime_t since = ktime_get_boottime();
	struct kpool_stats stats;
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(seconds); i++) {
		err = wait_until(policy, pool, since, seconds[i] * MSEC_PER_SEC);
		if (err)
			return err;
		if (policy->trim_at && seconds[i] == policy->trim_at)
			kpool_trim(pool);
		kpool_stats(pool, &stats);
		pr_info("burst_%u_%s %llu\n", seconds[i], policy->name, stats.existing);
	}
	return 0;
}

/**
 * bench_burst() - follow each policy
 *
 * Return: 0, or an error.
 */
int bench_burst(void)
{
	const struct policy *policy;
	struct kpool_params params;
	struct kpool *pool;
	int err = 0;

	for (policy = policies; policy < policies + ARRAY_SIZE(policies) && !err; policy++) {
		params = policy->params;
		params.name = "bench";
		params.size = PAGE_SIZE;
		pool = kpool_create(&params);
		if (IS_ERR(pool))
			return PTR_ERR(pool);
		err = use(pool, BURST) ?: follow(policy, pool);
		kpool_destroy(pool);
	}
	return err;
}
