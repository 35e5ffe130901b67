// SPDX-License-Identifier: GPL-2.0-only
/*
 * A timer's interrupt gets and puts while the code that it interrupts does the same without a
 * pause. "nested": the pair of an interrupt that found kpool's cache of this CPU busy. "other": all
 * other pairs. Nobody outside of an allocator knows where the allocator was interrupted, so the
 * peers of kpool have only "other". All have two readings of the clock in them. On PREEMPT_RT an
 * interrupt may not call the kernel's allocators.
 */
#include <linux/hrtimer.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/percpu.h>
#include <linux/sched.h>

#include "compat/hrtimer.h"
#include "peers.h"
#include "percentiles.h"
#include "threads.h"

#define OBJ_SIZE	256
/* Nanoseconds between interrupts. Odd, so that they fall on each instruction of the loop. */
#define GAP		20011
#define INTERRUPTS	3000U
#define PAIRS		1000U

static struct {
	struct hrtimer timer;
	struct bench *b;
	u32 took[2][INTERRUPTS];	/* other, nested */
	unsigned int nr[2];
	bool failed, ended;
} probe;

static __always_inline enum hrtimer_restart
interrupt(struct hrtimer *timer, bool nested, void *(*get)(void *handle),
	  void (*put)(void *handle, size_t size, void *obj))
{
	u64 begin = ktime_get_ns(), end;
	void *obj = get(probe.b->handle);

	if (obj)
		put(probe.b->handle, OBJ_SIZE, obj);
	end = ktime_get_ns();
	probe.failed = !obj;
	probe.took[nested][probe.nr[nested]++] = end - begin;
	if (probe.failed || probe.nr[0] + probe.nr[1] == INTERRUPTS) {
		WRITE_ONCE(probe.ended, true);
		return HRTIMER_NORESTART;
	}
	hrtimer_set_expires(timer, ktime_add_ns(ktime_get(), GAP));
	return HRTIMER_RESTART;
}

static __always_inline int loop(struct bench_thread *t, void *(*get)(void *handle, size_t size),
				void (*put)(void *handle, size_t size, void *obj))
{
	struct bench *b = t->arg;
	void *handle = b->handle;
	unsigned int i;
	u64 *obj;

	hrtimer_start(&probe.timer, ns_to_ktime(GAP), HRTIMER_MODE_REL_PINNED_HARD);
	while (!READ_ONCE(probe.ended)) {
		for (i = 0; i < PAIRS; i++) {
			obj = get(handle, OBJ_SIZE);
			if (!obj)
				break;
			WRITE_ONCE(*obj, i);
			put(handle, OBJ_SIZE, obj);
		}
		cond_resched();
	}
	hrtimer_cancel(&probe.timer);
	return probe.failed ? -ENOMEM : 0;
}

static int measure(struct bench *b, struct bench_out *out,
		   enum hrtimer_restart (*tick)(struct hrtimer *timer),
		   int (*work)(struct bench_thread *t))
{
	static const char *const names[2][4] = {
		{ "other_p50", "other_p99", "other_p99.9", "other_max" },
		{ "nested_p50", "nested_p99", "nested_p99.9", "nested_max" },
	};
	struct bench_thread thread = { .work = work, .arg = b };
	unsigned int i;
	u64 took;
	int err;

	probe.b = b;
	probe.nr[0] = 0;
	probe.nr[1] = 0;
	probe.failed = false;
	probe.ended = false;
	hrtimer_setup(&probe.timer, tick, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
	err = bench_threads(&thread, 1, &took);
	for (i = 0; i < 2 && !err; i++)
		bench_percentiles(out, names[i], probe.took[i], probe.nr[i]);
	return err;
}

static __always_inline void *get_kpool_atomic(void *handle)
{
	void *obj = kpool_get(handle, GFP_ATOMIC);

	return IS_ERR(obj) ? NULL : obj;
}

static bool busy_kpool(void)
{
	struct kpool *pool = probe.b->handle;

	return READ_ONCE(this_cpu_ptr(pool->cpu)->state) & KPOOL_CPU_BUSY;
}

static bool busy_cache(void)
{
	return false;
}

static bool busy_kmalloc(void)
{
	return false;
}

static bool busy_mempool(void)
{
	return false;
}

#define INTERRUPT(peer)									\
static enum hrtimer_restart interrupt_##peer(struct hrtimer *timer)			\
{											\
	return interrupt(timer, busy_##peer(), get_##peer##_atomic, put_##peer);	\
}											\
static int loop_##peer(struct bench_thread *t)						\
{											\
	return loop(t, get_##peer, put_##peer);						\
}											\
static int measure_##peer(struct bench *b, struct bench_out *out)			\
{											\
	return measure(b, out, interrupt_##peer, loop_##peer);				\
}

INTERRUPT(kpool)

#ifndef CONFIG_PREEMPT_RT
static __always_inline void *get_cache_atomic(void *handle)
{
	return kmem_cache_alloc(handle, GFP_ATOMIC);
}

static __always_inline void *get_kmalloc_atomic(void *handle)
{
	return kmalloc(OBJ_SIZE, GFP_ATOMIC);
}

static __always_inline void *get_mempool_atomic(void *handle)
{
	return mempool_alloc(handle, GFP_ATOMIC);
}

INTERRUPT(cache)
INTERRUPT(kmalloc)
INTERRUPT(mempool)
#endif

static const struct bench_peer peers[] = {
	{ "kpool", bench_setup_kpool, bench_cleanup_kpool, .measure = measure_kpool },
#ifndef CONFIG_PREEMPT_RT
	{ "kmem_cache", bench_setup_cache, bench_cleanup_cache, .measure = measure_cache },
	{ "kmalloc", .measure = measure_kmalloc },
	{ "mempool", bench_setup_mempool, bench_cleanup_mempool, .measure = measure_mempool },
#endif
	BENCH_END
};

const struct bench_case bench_interrupt_cases[] = {
	{ .name = "interrupt", .peers = peers, .points = BENCH_POINTS(OBJ_SIZE), .size = OBJ_SIZE,
	  .capacity = 1, .rounds = 5 },
	BENCH_END
};
