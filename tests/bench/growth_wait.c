// SPDX-License-Identifier: GPL-2.0-only
/*
 * The cost of a put that hands its object off to a waiter, by the number of waiters. Next to it the
 * cost of a bare wake_up() of a wait queue, and of a mempool.
 */
#include <linux/kpool.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include "growth.h"
#include "threads.h"

#define OBJ_SIZE	256
#define PUTS		10U	/* that are measured, while nearly all still wait */

/* One peer at a time has waiters. */
static struct kpool *pool;
static mempool_t *mempool;
static DECLARE_WAIT_QUEUE_HEAD(queue);
static atomic_t tokens;

static int pool_waiter(void *unused)
{
	void *obj = kpool_get_timeout(pool, GFP_KERNEL, MAX_SCHEDULE_TIMEOUT);

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
	return 0;
}

static int mempool_waiter(void *unused)
{
	void *obj = mempool_alloc(mempool, GFP_KERNEL);

	mempool_free(obj, mempool);
	return 0;
}

/* A mempool asks its allocator first. This one refuses, once the mempool has its elements. */
static bool refuses;

static void *alloc(gfp_t gfp, void *unused)
{
	return refuses ? NULL : kmalloc(OBJ_SIZE, gfp);
}

static void free_one(void *obj, void *unused)
{
	kfree(obj);
}

static void give_object(void *obj)
{
	kpool_put(pool, obj);
}

static void give_token(void *unused)
{
	atomic_inc(&tokens);
	wake_up(&queue);
}

static void give_element(void *obj)
{
	mempool_free(obj, mempool);
}

/*
 * Creates threads and starts them. When this returns, all of them sleep in their first wait.
 * Returns how many there are.
 */
static unsigned int start(struct task_struct **tasks, int (*waiter)(void *), unsigned int n)
{
	unsigned int i, started;

	for (started = 0; started < n; started++) {
		tasks[started] = bench_thread_create(waiter, NULL);
		if (IS_ERR(tasks[started]))
			break;
	}
	for (i = 0; i < started; i++)
		wake_up_process(tasks[i]);
	/* Nobody gives anything yet, so each of them comes to sleep, and stays. */
	for (i = 0; i < started; i++)
		while (READ_ONCE(tasks[i]->__state) == TASK_RUNNING)
			schedule_timeout_uninterruptible(1);
	return started;
}

/* Measures the first puts of b->point, while all others still wait. */
static int measure(struct bench *b, struct bench_out *out, int (*waiter)(void *),
		   void (*give)(void *obj))
{
	unsigned int i, started, n = b->point, puts = min(n, PUTS);
	struct task_struct **tasks;
	u64 begin, took;

	tasks = kvcalloc(n, sizeof(*tasks), GFP_KERNEL);
	started = tasks ? start(tasks, waiter, n) : 0;
	preempt_disable();
	begin = ktime_get_ns();
	for (i = 0; i < puts; i++)
		give(b->objs[i]);
	took = ktime_get_ns() - begin;
	preempt_enable();
	for (; i < n; i++)
		give(b->objs[i]);
	/* All of them get what they wait for. */
	for (i = 0; i < started; i++)
		bench_thread_join(tasks[i]);
	kvfree(tasks);
	if (started < n)
		return -ENOMEM;
	bench_figure(out, "cost", div_u64(took * 100, puts));
	return 0;
}

static int wait_kpool(struct bench *b, struct bench_out *out)
{
	const struct kpool_params p = { .name = "bench-wait", .size = OBJ_SIZE, .max = b->point };
	unsigned int i;
	int err;

	pool = kpool_create(&p);
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	for (i = 0; i < b->point; i++) {
		b->objs[i] = kpool_get(pool, GFP_KERNEL);
		if (IS_ERR(b->objs[i]))
			break;
	}
	if (i == b->point) {
		err = measure(b, out, pool_waiter, give_object);
	} else {
		err = PTR_ERR(b->objs[i]);
		while (i--)
			kpool_put(pool, b->objs[i]);
	}
	return kpool_destroy_sync(pool, 10000) ?: err;
}

static int wait_queue(struct bench *b, struct bench_out *out)
{
	return measure(b, out, queue_waiter, give_token);
}

static int wait_mempool(struct bench *b, struct bench_out *out)
{
	unsigned int i;
	int err;

	refuses = false;
	mempool = mempool_create(b->point, alloc, free_one, NULL);
	refuses = true;
	if (!mempool)
		return -ENOMEM;
	for (i = 0; i < b->point; i++)
		b->objs[i] = mempool_alloc(mempool, GFP_KERNEL);
	err = measure(b, out, mempool_waiter, give_element);
	mempool_destroy(mempool);
	return err;
}

const struct bench_peer bench_wait_peers[] = {
	{ "kpool", .measure = wait_kpool },
	{ "wake_up", .measure = wait_queue },
	{ "mempool", .measure = wait_mempool },
	BENCH_END
};
