// SPDX-License-Identifier: GPL-2.0-only
/*
 * The longest time with interrupts off while kpool gives back, or looks at, many idle objects. Also
 * how the time of a look grows with the number of objects.
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/kpool.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/sched.h>
#include <linux/vmalloc.h>

#include "hold.h"

#define IDLE		100000U
#define FEW		(IDLE / 10)
#define POOLS		64U		/* pools that one interrupt of ageing looks at */
#define CACHED		128U		/* objects in the two magazines of a CPU */
#define HOUR_MS		3600000
#define EXPIRE_MS	300
#define WATCHED_MS	100

static struct kpool *pools[POOLS];
static void **objs;

/* Leaves n idle objects in a new pool. */
static int fill(struct kpool **pool, const struct kpool_params *p, unsigned int n)
{
	unsigned int i;
	int err;

	*pool = kpool_create(p);
	if (IS_ERR(*pool)) {
		err = PTR_ERR(*pool);
		*pool = NULL;
		return err;
	}
	for (i = 0; i < n; i++) {
		objs[i] = kpool_get(*pool, GFP_KERNEL);
		if (IS_ERR(objs[i]))
			return PTR_ERR(objs[i]);
	}
	for (i = 0; i < n; i++)
		kpool_put(*pool, objs[i]);
	return 0;
}

/* Magazines are small, as in a pool of large objects. So there are many. */
static int setup_with(const struct kpool_params *limits, unsigned int n)
{
	struct kpool_params p = *limits;

	p.name = "bench-hold";
	p.size = 64;
	p.magazine = 4;
	objs = vmalloc(array_size(IDLE, sizeof(*objs)));
	return objs ? fill(&pools[0], &p, n) : -ENOMEM;
}

static void cleanup(void)
{
	unsigned int i;

	for (i = 0; i < POOLS; i++) {
		kpool_destroy(pools[i]);
		pools[i] = NULL;
	}
	vfree(objs);
	objs = NULL;
}

static u64 existing(unsigned int i)
{
	struct kpool_stats stats;

	kpool_stats(pools[i], &stats);
	return stats.existing;
}

/* Waits until ageing has taken all objects. */
static int wait_for_end(void)
{
	unsigned long end = jiffies + 60 * HZ;

	while (existing(0) && time_before(jiffies, end))
		schedule_timeout_uninterruptible(1);
	return existing(0) ? -ETIMEDOUT : 0;
}

static int setup_plain(void)
{
	const struct kpool_params limits = {};

	return setup_with(&limits, IDLE);
}

static int run_trim(void)
{
	kpool_trim(pools[0]);
	return existing(0) ? -EPROTO : 0;
}

static int run_end(void)
{
	kpool_destroy(pools[0]);
	pools[0] = NULL;
	return 0;
}

static int set_interval(const char *ms)
{
	struct file *file = filp_open("/sys/module/kpool/parameters/age_interval_ms", O_WRONLY, 0);
	loff_t pos = 0;
	ssize_t n;

	if (IS_ERR(file))
		return PTR_ERR(file);
	n = kernel_write(file, ms, strlen(ms), &pos);
	filp_close(file, NULL);
	return n < 0 ? n : 0;
}

/* A new interval has ageing look at all pools at once, and again after the interval. */
static int run_age(void)
{
	int err = set_interval("20") ?: wait_for_end();

	return set_interval("15000") ?: err;
}

static int run_max_idle(void)
{
	struct kpool_limits limits;

	kpool_limits(pools[0], &limits);
	limits.max_idle = 100;
	return kpool_retune(pools[0], &limits);
}

static int setup_idle_ms(void)
{
	const struct kpool_params limits = { .idle_ms = HOUR_MS };

	return setup_with(&limits, IDLE);
}

static int set_idle_ms(unsigned int ms)
{
	struct kpool_limits limits;

	kpool_limits(pools[0], &limits);
	limits.idle_ms = ms;
	return kpool_retune(pools[0], &limits);
}

static int run_idle_ms(void)
{
	return set_idle_ms(1) ?: wait_for_end();
}

/* A get meets nothing but expired objects. No other task runs since they expired. */
static int run_get(void)
{
	void *obj;
	int err;

	preempt_disable();
	mdelay(EXPIRE_MS);
	obj = kpool_get(pools[0], GFP_NOWAIT);
	preempt_enable();
	err = PTR_ERR_OR_ZERO(obj);
	kpool_put(pools[0], obj);
	return err ?: wait_for_end();
}

static int setup_get(void)
{
	const struct kpool_params limits = { .idle_ms = EXPIRE_MS };

	return setup_with(&limits, IDLE);
}

static int setup_lifetime(void)
{
	const struct kpool_params limits = { .lifetime_ms = HOUR_MS };

	return setup_with(&limits, IDLE);
}

static int set_lifetime(unsigned int ms)
{
	struct kpool_limits limits;

	kpool_limits(pools[0], &limits);
	limits.lifetime_ms = ms;
	return kpool_retune(pools[0], &limits);
}

static int run_lifetime(void)
{
	return set_lifetime(1) ?: wait_for_end();
}

/* Pools whose caches are full. */
static int setup_caches(void)
{
	static char name[16];
	const struct kpool_params p = { .name = name, .size = 64 };
	unsigned int i;
	int err = 0;

	objs = vmalloc(array_size(IDLE, sizeof(*objs)));
	if (!objs)
		return -ENOMEM;
	for (i = 0; i < POOLS && !err; i++) {
		snprintf(name, sizeof(name), "bench-hold-%u", i);
		err = fill(&pools[i], &p, CACHED);
	}
	return err;
}

/*
 * Calls work(), and returns for how long other tasks and interrupts run until WATCHED_MS are over.
 * On one CPU this is all the time that this task does not run.
 */
static int time_of_others(int (*work)(void), s64 *time)
{
	u64 began, own;
	int err;

	schedule();	/* brings the runtime of this task up to date */
	own = current->se.sum_exec_runtime;
	began = ktime_get_ns();
	err = work();
	while (ktime_get_ns() - began < WATCHED_MS * NSEC_PER_MSEC)
		schedule();
	*time = ktime_get_ns() - began - (current->se.sum_exec_runtime - own);
	return err;
}

static int no_work(void)
{
	return 0;
}

/* A new lifetime has ageing look at all objects at once. They stay. */
static int start_look(void)
{
	return set_lifetime(HOUR_MS - 1);
}

/* What a look costs that reads the births of n objects. */
static int look_at(unsigned int n, s64 *cost)
{
	const struct kpool_params limits = { .lifetime_ms = HOUR_MS };
	s64 always = 0;
	int err;

	err = setup_with(&limits, n) ?: time_of_others(start_look, cost) ?:
	      time_of_others(no_work, &always);
	*cost -= always;
	if (!err && existing(0) != n)
		err = -EPROTO;
	cleanup();
	return err;
}

/* How many times as long a look at IDLE objects takes as a look at FEW. */
static int growth(u64 *hundredths)
{
	s64 few = 0, many = 0;
	int err = look_at(FEW, &few) ?: look_at(IDLE, &many);

	if (err)
		return err;
	pr_info("a look costs %lld and %lld\n", few, many);
	*hundredths = div64_s64(many * 100, max(few, 1LL));
	return 0;
}

const struct hold_case hold_idle_cases[] = {
	{ "hold_idle_trim", setup_plain, run_trim, cleanup },
	{ "hold_idle_end", setup_plain, run_end, cleanup },
	{ "hold_idle_max", setup_plain, run_max_idle, cleanup },
	{ "hold_idle_age", setup_plain, run_age, cleanup, .rounds = 3 },
	{ "hold_idle_expired", setup_idle_ms, run_idle_ms, cleanup },
	{ "hold_idle_lifetime", setup_lifetime, run_lifetime, cleanup },
	{ "hold_idle_caches", setup_caches, run_age, cleanup, .rounds = 3 },
	{ "hold_idle_get", setup_get, run_get, cleanup },
	{ .name = "hold_idle_growth", .figure = growth },
	{ }
};
