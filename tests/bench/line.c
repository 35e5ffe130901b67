// SPDX-License-Identifier: GPL-2.0-only
/*
 * The cost of a put that hands its object off to a waiter, by the number of waiters. Next to
 * it the cost of a bare wake_up() of a wait queue, and of a mempool.
 */
#include <linux/completion.h>
#include <linux/kpool.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/mempool.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include "line.h"

#define MOST	1000

static struct kpool *pool;
static mempool_t *mempool;
static DECLARE_WAIT_QUEUE_HEAD(queue);
static atomic_t tokens;
static void *out[MOST];

/* Counts waiters that have not got their objects yet. */
static atomic_t left;
static DECLARE_COMPLETION(all_through);

static void through(void)
{
	if (atomic_dec_and_test(&left))
		complete(&all_through);
}

static int pool_waiter(void *unused)
{
	void *obj = kpool_get_timeout(pool, GFP_KERNEL, MAX_SCHEDULE_TIMEOUT);

	through();
	kpool_put(pool, obj);
	return 0;
}

static bool take_token(void)
{
	return atomic_dec_if_positive(&tokens) >= 0;
}

static int queue_waiter(void *unused)
{
	wait_event_idle_exclusive(queue, take_token());
	through();
	return 0;
}

static int mempool_waiter(void *unused)
{
	void *obj = mempool_alloc(mempool, GFP_KERNEL);

	through();
	mempool_free(obj, mempool);
	return 0;
}

static void *refuse(gfp_t gfp, void *unused)
{
	return NULL;
}

static void free_one(void *obj, void *unused)
{
	kfree(obj);
}

static void give_object(unsigned int i)
{
	kpool_put(pool, out[i]);
}

static void give_token(unsigned int i)
{
	atomic_inc(&tokens);
	wake_up(&queue);
}

static void give_element(unsigned int i)
{
	mempool_free(out[i], mempool);
}

/* Starts threads that wait. When this returns, all of them sleep in their first wait. */
static int start(int (*waiter)(void *), unsigned int n)
{
	struct task_struct *task;
	unsigned int i;

	atomic_set(&left, n);
	reinit_completion(&all_through);
	for (i = 0; i < n; i++) {
		task = kthread_run(waiter, NULL, "kpool_bench");
		if (IS_ERR(task))
			return PTR_ERR(task);
		/* With one CPU the thread runs until it sleeps. */
		while (READ_ONCE(task->__state) == TASK_RUNNING)
			schedule_timeout_uninterruptible(1);
	}
	return 0;
}

/*
 * Measures the first puts of n, while at least n - puts threads wait, in hundredths of a
 * nanosecond.
 */
static int measure(const char *what, int (*waiter)(void *), void (*give)(unsigned int),
		   unsigned int n, unsigned int puts)
{
	u64 begin, took;
	unsigned int i;
	int err = start(waiter, n);

	if (err)
		return err;
	preempt_disable();
	begin = ktime_get_ns();
	for (i = 0; i < puts; i++)
		give(i);
	took = ktime_get_ns() - begin;
	preempt_enable();
	for (; i < n; i++)
		give(i);
	wait_for_completion(&all_through);
	pr_info("%s_%u %llu\n", what, n, div_u64(took * 100, puts));
	return 0;
}

static int bench_pool(unsigned int n, unsigned int puts)
{
	const struct kpool_params p = { .name = "bench-line", .size = 256, .max = n };
	unsigned int i;
	int err;

	pool = kpool_create(&p);
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	for (i = 0; i < n; i++)
		out[i] = kpool_get(pool, GFP_KERNEL);
	err = measure("line_kpool", pool_waiter, give_object, n, puts);
	return kpool_destroy_sync(pool, 10000) ?: err;
}

static int bench_mempool(unsigned int n, unsigned int puts)
{
	unsigned int i;
	int err;

	mempool = mempool_create(n, mempool_kmalloc, free_one, (void *)256UL);
	if (!mempool)
		return -ENOMEM;
	/* A mempool asks its allocator first, so the allocator refuses. */
	mempool->alloc = refuse;
	for (i = 0; i < n; i++)
		out[i] = mempool_alloc(mempool, GFP_KERNEL);
	err = measure("line_mempool", mempool_waiter, give_element, n, puts);
	mempool_destroy(mempool);
	return err;
}

/**
 * bench_line() - print the cost of a put with 1 to 1,000 waiters
 *
 * Return: 0, or an error.
 */
int bench_line(void)
{
	static const unsigned int lines[] = { 1, 10, 100, MOST };
	unsigned int i, puts;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(lines) && !err; i++) {
		puts = min(lines[i], 10U);
		err = bench_pool(lines[i], puts) ?:
		      measure("line_wake_up", queue_waiter, give_token, lines[i], puts) ?:
		      bench_mempool(lines[i], puts);
	}
	return err;
}
