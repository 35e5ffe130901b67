// SPDX-License-Identifier: GPL-2.0-only
/*
 * Eight threads share one object: most of the time one has it, and the others wait. With one CPU
 * nobody would come while another thread has the object.
 *
 * hand_over_p50 and the like: how long an object lies between the beginning of its put and the
 * return of the get that waited for it. overtaken: how many of 1000 gets were served after a get
 * that began later. cpu: what all threads together cost the CPUs for each get and put, with the
 * time for which they hold the object.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/semaphore.h>
#include <linux/slab.h>

#include "peers.h"
#include "percentiles.h"
#include "threads.h"

#define OBJ_SIZE	256
#define THREADS		8U
#define TIMES		250U
#define HOLD_US		20

struct crew {
	struct bench *b;
	void *(*get)(struct bench *b);
	void (*put)(struct bench *b, void *obj);
	atomic_t asked, served, working;
	struct completion done;
	/* Written by who has the object. */
	u64 put_at;
	unsigned int last;		/* the latest begin of a get that was served */
	unsigned int overtaken;
	atomic64_t cpu;
	u32 hand_overs[THREADS * TIMES];
};

static int member(void *arg)
{
	struct crew *crew = arg;
	unsigned int i, ticket;
	u64 now, begin;
	void *obj;

	for (i = 0; i < TIMES; i++) {
		ticket = atomic_inc_return(&crew->asked);
		begin = ktime_get_ns();
		obj = crew->get(crew->b);
		now = ktime_get_ns();
		/* Whoever did not wait was handed nothing. */
		if (crew->put_at > begin)
			crew->hand_overs[atomic_inc_return(&crew->served) - 1] =
				now - crew->put_at;
		if (ticket < crew->last)
			crew->overtaken++;
		crew->last = max(crew->last, ticket);
		udelay(HOLD_US);
		crew->put_at = ktime_get_ns();
		crew->put(crew->b, obj);
	}
	/* To sleep brings the task's time up to date. */
	schedule_timeout_uninterruptible(1);
	atomic64_add(current->se.sum_exec_runtime, &crew->cpu);
	if (atomic_dec_and_test(&crew->working))
		complete(&crew->done);
	return 0;
}

static int work(struct crew *crew)
{
	struct task_struct *tasks[THREADS];
	unsigned int i, started;
	int err = 0;

	init_completion(&crew->done);
	/* One for this function, so that nobody completes before all have started. */
	atomic_set(&crew->working, 1);
	for (started = 0; started < THREADS; started++) {
		tasks[started] = bench_thread_create(member, crew);
		err = PTR_ERR_OR_ZERO(tasks[started]);
		if (err)
			break;
		atomic_inc(&crew->working);
		wake_up_process(tasks[started]);
	}
	if (!atomic_dec_and_test(&crew->working))
		wait_for_completion(&crew->done);
	for (i = 0; i < started; i++)
		bench_thread_join(tasks[i]);
	return err;
}

static int measure(struct bench *b, struct bench_out *out, void *(*get)(struct bench *b),
		   void (*put)(struct bench *b, void *obj))
{
	static const char *const names[] = {
		"hand_over_p50", "hand_over_p99", "hand_over_p99.9", "hand_over_max",
	};
	struct crew *crew = kvzalloc(sizeof(*crew), GFP_KERNEL);
	int err;

	if (!crew)
		return -ENOMEM;
	crew->b = b;
	crew->get = get;
	crew->put = put;
	err = work(crew);
	if (!err) {
		bench_percentiles(out, names, crew->hand_overs, atomic_read(&crew->served));
		bench_figure(out, "overtaken",
			     div_u64(crew->overtaken * 100 * 1000ULL, THREADS * TIMES));
		bench_figure(out, "cpu",
			     div_u64((u64)atomic64_read(&crew->cpu) * 100, THREADS * TIMES));
	}
	kvfree(crew);
	return err;
}

static void *get_bounded(struct bench *b)
{
	return kpool_get_timeout(b->handle, GFP_KERNEL, MAX_SCHEDULE_TIMEOUT);
}

static void put_bounded(struct bench *b, void *obj)
{
	kpool_put(b->handle, obj);
}

static int setup_kpool(struct bench *b)
{
	return bench_setup_pool(b, &(struct kpool_params){ .max = 1 });
}

static int measure_kpool(struct bench *b, struct bench_out *out)
{
	return measure(b, out, get_bounded, put_bounded);
}

/* A mempool asks its allocator first. This one refuses, once the mempool has its element. */
static bool refuses;

static void *alloc(gfp_t gfp, void *unused)
{
	return refuses ? NULL : kmalloc(OBJ_SIZE, gfp);
}

static void free_one(void *obj, void *unused)
{
	kfree(obj);
}

static int setup_mempool(struct bench *b)
{
	refuses = false;
	b->handle = mempool_create(1, alloc, free_one, NULL);
	refuses = true;
	return b->handle ? 0 : -ENOMEM;
}

static void cleanup_mempool(struct bench *b)
{
	mempool_destroy(b->handle);
}

static void *get_element(struct bench *b)
{
	return mempool_alloc(b->handle, GFP_KERNEL);
}

static void put_element(struct bench *b, void *obj)
{
	mempool_free(obj, b->handle);
}

static int measure_mempool(struct bench *b, struct bench_out *out)
{
	return measure(b, out, get_element, put_element);
}

/* What drivers write by hand: a semaphore in front of an allocator. */
struct gate {
	struct semaphore free;
};

static int setup_gate(struct bench *b)
{
	struct gate *gate = kzalloc(sizeof(*gate), GFP_KERNEL);

	if (!gate)
		return -ENOMEM;
	sema_init(&gate->free, 1);
	b->handle = gate;
	return 0;
}

static void cleanup_gate(struct bench *b)
{
	kfree(b->handle);
}

static void *get_gated(struct bench *b)
{
	struct gate *gate = b->handle;

	down(&gate->free);
	return kmalloc(OBJ_SIZE, GFP_KERNEL | __GFP_NOFAIL);
}

static void put_gated(struct bench *b, void *obj)
{
	struct gate *gate = b->handle;

	kfree(obj);
	up(&gate->free);
}

static int measure_gate(struct bench *b, struct bench_out *out)
{
	return measure(b, out, get_gated, put_gated);
}

static const struct bench_peer peers[] = {
	{ "kpool", setup_kpool, bench_cleanup_kpool, .measure = measure_kpool },
	{ "mempool", setup_mempool, cleanup_mempool, .measure = measure_mempool },
	{ "semaphore", setup_gate, cleanup_gate, .measure = measure_gate },
	BENCH_END
};

const struct bench_case bench_bounded_cases[] = {
	{ .name = "bounded", .peers = peers, .points = BENCH_POINTS(THREADS), .size = OBJ_SIZE,
	  .rounds = 5, .many_cpus = true },
	BENCH_END
};
