// SPDX-License-Identifier: GPL-2.0-only
/* The longest time with interrupts off while thousands of gets wait for a pool. */
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/kpool.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/vmalloc.h>
#include <linux/wait.h>

#include "hold.h"

#define WAITERS		10000U
#define SOME		1000U	/* of the waiters get an object at once */

static struct kpool *pool;
static void **out;		/* WAITERS objects, and SOME more */

/* Threads that all get once each time, and put. */
static DECLARE_WAIT_QUEUE_HEAD(queue);
static struct task_struct *crew[WAITERS];
static unsigned int rounds;
static bool stop;
static atomic_t left, failed;
static DECLARE_COMPLETION(all_through);

static int member(void *unused)
{
	unsigned int seen = 0;
	void *obj;

	for (;;) {
		wait_event_idle(queue, READ_ONCE(rounds) != seen || READ_ONCE(stop));
		if (READ_ONCE(stop))
			break;
		seen = READ_ONCE(rounds);
		obj = kpool_get_timeout(pool, GFP_KERNEL, MAX_SCHEDULE_TIMEOUT);
		if (IS_ERR(obj))
			atomic_inc(&failed);
		else
			kpool_put(pool, obj);
		if (atomic_dec_and_test(&left))
			complete(&all_through);
	}
	/* Until kthread_stop(). */
	wait_event_idle(queue, kthread_should_stop());
	return 0;
}

/* Ends the threads, which start with the first case that needs them. */
void hold_wait_end(void)
{
	unsigned int i;

	WRITE_ONCE(stop, true);
	for (i = 0; i < WAITERS && crew[i]; i++) {
		kthread_stop(crew[i]);
		crew[i] = NULL;
	}
	vfree(out);
	out = NULL;
}

static int crew_start(void)
{
	struct task_struct *task;
	unsigned int i;

	out = vmalloc((WAITERS + SOME) * sizeof(*out));
	if (!out)
		return -ENOMEM;
	for (i = 0; i < WAITERS; i++) {
		task = kthread_run(member, NULL, "kpool_bench");
		if (IS_ERR(task))
			return PTR_ERR(task);
		crew[i] = task;
	}
	return 0;
}

/* All threads wait for an object when this returns. */
static void crew_wait(void)
{
	struct kpool_stats stats;

	atomic_set(&left, WAITERS);
	atomic_set(&failed, 0);
	reinit_completion(&all_through);
	WRITE_ONCE(rounds, rounds + 1);
	wake_up_all(&queue);
	do {
		schedule_timeout_uninterruptible(1);
		kpool_stats(pool, &stats);
	} while (stats.waiting < WAITERS);
}

/* How many gets failed is as expected? */
static int crew_through(unsigned int failures)
{
	wait_for_completion(&all_through);
	return atomic_read(&failed) == failures ? 0 : -EPROTO;
}

/* WAITERS objects exist and are in use. */
static int create(const struct kpool_ops *ops, unsigned int flags, unsigned int max)
{
	const struct kpool_params p = {
		.name = "bench-hold", .size = 64, .max = max, .ops = ops, .flags = flags,
	};
	int err = out ? 0 : crew_start();

	if (err)
		return err;
	pool = kpool_create(&p);
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	return kpool_get_bulk(pool, GFP_KERNEL, out, WAITERS);
}

static int setup(void)
{
	int err = create(NULL, 0, WAITERS);

	if (!err)
		crew_wait();
	return err;
}

static void put_out(unsigned int from)
{
	unsigned int i;

	for (i = from; i < WAITERS; i++)
		kpool_put(pool, out[i]);
}

static int run_put(void)
{
	unsigned int i;

	for (i = 0; i < SOME; i++)
		kpool_put(pool, out[i]);
	return crew_through(0);
}

static int run_put_bulk(void)
{
	kpool_put_bulk(pool, out, SOME);
	return crew_through(0);
}

static void cleanup_some_put(void)
{
	put_out(SOME);
	kpool_destroy(pool);
}

static int run_retune(void)
{
	struct kpool_limits limits;
	int err;

	kpool_limits(pool, &limits);
	limits.max += SOME;
	err = kpool_retune(pool, &limits);
	return err ?: crew_through(0);
}

static void cleanup(void)
{
	put_out(0);
	kpool_destroy(pool);
}

static int run_destroy(void)
{
	kpool_destroy(pool);
	return crew_through(WAITERS);
}

static void cleanup_destroyed(void)
{
	put_out(0);
}

/* A get of SOME objects has their slots, and its ctor fails when all others wait. */
static DECLARE_COMPLETION(builds);
static DECLARE_COMPLETION(may_fail);
static bool fails;

static int ctor(void *obj, void *ctx, gfp_t gfp, int node)
{
	if (!READ_ONCE(fails))
		return 0;
	WRITE_ONCE(fails, false);
	complete(&builds);
	wait_for_completion(&may_fail);
	return -EIO;
}

static const struct kpool_ops failing_ops = { .ctor = ctor };

static int build(void *unused)
{
	int err = kpool_get_bulk(pool, GFP_KERNEL, out + WAITERS, SOME);

	wait_event_idle(queue, kthread_should_stop());
	return err;
}

static struct task_struct *builder;

static int setup_slots(void)
{
	int err = create(&failing_ops, KPOOL_SLEEPING, WAITERS + SOME);

	if (err)
		return err;
	WRITE_ONCE(fails, true);
	builder = kthread_run(build, NULL, "kpool_bench");
	if (IS_ERR(builder))
		return PTR_ERR(builder);
	wait_for_completion(&builds);
	crew_wait();
	return 0;
}

static int run_slots(void)
{
	complete(&may_fail);
	return crew_through(0);
}

static void cleanup_slots(void)
{
	kthread_stop(builder);
	cleanup();
}

const struct hold_case hold_wait_cases[] = {
	{ "hold_put", setup, run_put, cleanup_some_put },
	{ "hold_put_bulk", setup, run_put_bulk, cleanup_some_put },
	{ "hold_retune", setup, run_retune, cleanup },
	{ "hold_destroy", setup, run_destroy, cleanup_destroyed },
	{ "hold_slots", setup_slots, run_slots, cleanup_slots },
	{ }
};
