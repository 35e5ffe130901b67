// SPDX-License-Identifier: GPL-2.0-only
/* Builds where a get may wait for no lock. Only newer kernels can give memory there. */
#include <linux/gfp.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/wait_bit.h>

#include "base/fault.h"
#include "base/link.h"
#include "base/work.h"
#include "compat/nolock.h"
#include "fixture.h"
#include "interrupts.h"
#include "policy/instrument.h"
#include "pool.h"
#include "store/waitlist.h"

#define OBJS	8

static const struct kpool_params kinds[] = {
	{ .name = "small", .size = 64, .flags = KPOOL_ANYCTX },
	{ .name = "aligned", .size = 96, .align = 256, .flags = KPOOL_ANYCTX },
	{ .name = "page", .size = SZ_4K, .flags = KPOOL_ANYCTX },
	{ .name = "pages", .size = SZ_16K, .flags = KPOOL_ANYCTX },
	{ .name = "bounded", .size = SZ_4K, .max = 2 * OBJS, .flags = KPOOL_ANYCTX },
	{ .name = "rcu", .size = SZ_4K, .flags = KPOOL_ANYCTX | KPOOL_RCU },
};

KUNIT_ARRAY_PARAM_DESC(kind, kinds, name);

/* Can this kernel give memory for an object of this kind? Some machines cannot for slab. */
static bool kernel_can(const struct kpool_params *p)
{
	struct page *page;
	void *mem;

	if (p->size < PAGE_SIZE) {
		mem = kmalloc_nolock_noprof(roundup_pow_of_two(max(p->size, p->align)), 0,
					    NUMA_NO_NODE);
		kfree(mem);
		return mem;
	}
	page = alloc_pages_nolock_noprof(0, NUMA_NO_NODE, get_order(p->size));
	if (page)
		__free_pages(page, get_order(p->size));
	return page;
}

/* Gets with interrupts off, so that no worker builds meanwhile. Returns how many it got. */
static unsigned int get_in_the_dark(struct kpool *pool, void **objs, unsigned int n)
{
	unsigned int got = 0;

	local_irq_disable();
	while (got < n) {
		objs[got] = kpool_get(pool, GFP_ATOMIC);
		if (IS_ERR(objs[got]))
			break;
		got++;
	}
	local_irq_enable();
	return got;
}

static void empty_pool_builds(struct kunit *test)
{
	const struct kpool_params *p = test->param_value;
	struct kpool *pool = pool_of(test, p);
	unsigned int i, got, able = kernel_can(p) ? OBJS : 0;
	void *objs[OBJS];

	got = get_in_the_dark(pool, objs, OBJS);
	KUNIT_EXPECT_EQ(test, got, able);
	KUNIT_EXPECT_EQ(test, figure(pool, built_nolock), (u64)got);
	KUNIT_EXPECT_EQ(test, figure(pool, in_use), (u64)got);
	for (i = 0; i < got; i++) {
		KUNIT_EXPECT_TRUE(test, IS_ALIGNED((unsigned long)objs[i], p->align ?: 8));
		memset(objs[i], 0x5a, p->size);
	}
	put_all(pool, objs, got);
	kp_defer_sync(to_pool(pool));
	KUNIT_EXPECT_TRUE(test, !got || READ_ONCE(to_pool(pool)->expected));
	expect_in_use(test, pool, 0);
}

/* What a pool is that such a build is not for. */
static const struct kpool_params others[] = {
	{ .name = "ctor", .size = SZ_4K, .flags = KPOOL_ANYCTX, .ops = &consumer_ops },
	{ .name = "lifetime", .size = SZ_4K, .flags = KPOOL_ANYCTX, .lifetime_ms = 60000 },
	{ .name = "zone", .size = SZ_4K, .flags = KPOOL_ANYCTX, .zone = GFP_DMA32 },
	{ .name = "own-cache", .size = 64, .flags = KPOOL_ANYCTX | KPOOL_OWN_CACHE },
};

KUNIT_ARRAY_PARAM_DESC(other, others, name);

static void other_pools_do_not_build(struct kunit *test)
{
	struct kpool_params p = *(const struct kpool_params *)test->param_value;
	struct kpool *pool;
	void *objs[OBJS];
	unsigned int got;

	p.ctx = zalloc_for(test, struct consumer);
	pool = pool_of(test, &p);
	got = get_in_the_dark(pool, objs, OBJS);
	KUNIT_EXPECT_EQ(test, got, 0U);
	KUNIT_EXPECT_EQ(test, figure(pool, built_nolock), 0ULL);
	put_all(pool, objs, got);
	expect_in_use(test, pool, 0);
}

static void max_holds(struct kunit *test)
{
	static const struct kpool_params p = {
		.name = "few", .size = SZ_4K, .max = OBJS / 2, .flags = KPOOL_ANYCTX,
	};
	struct kpool *pool = pool_of(test, &p);
	void *objs[OBJS];
	unsigned int got = get_in_the_dark(pool, objs, OBJS);

	KUNIT_EXPECT_EQ(test, got, kernel_can(&p) ? p.max : 0U);
	KUNIT_EXPECT_EQ(test, figure(pool, existing), (u64)got);
	put_all(pool, objs, got);
	expect_in_use(test, pool, 0);
}

/* The lock of the wait list is taken: the get does not wait for it, and the memory goes back. */
static void memory_without_a_slot_goes_back(struct kunit *test)
{
	static const struct kpool_params p = {
		.name = "slot", .size = SZ_4K, .max = OBJS, .flags = KPOOL_ANYCTX,
	};
	struct kpool *pool = pool_of(test, &p);
	unsigned long flags;
	void *obj;

	raw_spin_lock_irqsave(&to_pool(pool)->waitlist->lock, flags);
	obj = kpool_get(pool, GFP_ATOMIC);
	KUNIT_EXPECT_EQ(test, !kp_list_empty(&to_pool(pool)->unbuilt), kernel_can(&p));
	raw_spin_unlock_irqrestore(&to_pool(pool)->waitlist->lock, flags);
	KUNIT_EXPECT_PTR_EQ(test, obj, ERR_PTR(-EBUSY));
	kp_defer_sync(to_pool(pool));
	KUNIT_EXPECT_TRUE(test, kp_list_empty(&to_pool(pool)->unbuilt));
	KUNIT_EXPECT_EQ(test, figure(pool, building), 0ULL);
	expect_in_use(test, pool, 0);
}

static void builds_fail_on_purpose(struct kunit *test)
{
	struct kpool *pool = pool_of(test, &kinds[2]);
	void *obj;

	KUNIT_ASSERT_EQ(test, 0, kp_set_fault(to_pool(pool), KP_FAIL_BUILD, 1));
	KUNIT_EXPECT_EQ(test, get_in_the_dark(pool, &obj, 1), 0U);
	KUNIT_ASSERT_EQ(test, 0, kp_set_fault(to_pool(pool), KP_FAIL_BUILD, 0));
	kp_defer_sync(to_pool(pool));
	KUNIT_EXPECT_TRUE(test, kp_list_empty(&to_pool(pool)->unbuilt));
	KUNIT_EXPECT_EQ(test, figure(pool, built_nolock), 0ULL);
	expect_in_use(test, pool, 0);
}

struct dark_get {
	struct kpool *pool;
	void *obj;
};

static void get_one(void *arg)
{
	struct dark_get *g = arg;

	g->obj = kpool_get(g->pool, GFP_ATOMIC);
}

static void hard_interrupt_builds(struct kunit *test)
{
	const struct kpool_params *p = test->param_value;
	struct dark_get g = { .pool = pool_of(test, p) };
	bool able = kernel_can(p);

	call_in_hardirq(get_one, &g);
	/* The kernel itself gives nothing in a hard interrupt on PREEMPT_RT. */
	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		able = false;
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(g.obj), able ? 0 : -EBUSY);
	if (!IS_ERR(g.obj))
		kpool_put(g.pool, g.obj);
	expect_in_use(test, g.pool, 0);
}

/* On PREEMPT_RT a get with preemption off may not call the usual allocators. */
static void atomic_context_builds_on_rt(struct kunit *test)
{
	static const struct kpool_params p = { .name = "rt", .size = SZ_4K };
	struct kpool *pool = pool_of(test, &p);
	void *objs[OBJS];
	int err;

	preempt_disable();
	err = kpool_get_bulk(pool, GFP_ATOMIC, objs, OBJS);
	preempt_enable();
	KUNIT_EXPECT_EQ(test, err, !IS_ENABLED(CONFIG_PREEMPT_RT) || kernel_can(&p) ? 0 : -ENOMEM);
	KUNIT_EXPECT_EQ(test, figure(pool, built_nolock),
			!err && IS_ENABLED(CONFIG_PREEMPT_RT) ? (u64)OBJS : 0ULL);
	if (!err)
		kpool_put_bulk(pool, objs, OBJS);
	expect_in_use(test, pool, 0);
}

/* Gets and puts in atomic context until the pool ends. */
static int get_until_the_end(void *arg)
{
	struct kpool *pool = arg;
	unsigned int n = 0;
	void *obj;

	do {
		local_irq_disable();
		obj = kpool_get(pool, GFP_ATOMIC);
		local_irq_enable();
		if (!IS_ERR(obj))
			kpool_discard(pool, obj);
		if (!(++n % 64))
			cond_resched();
	} while (obj != ERR_PTR(-ESHUTDOWN));
	return 0;
}

#define THREADS	2

/* The end of a pool waits for builds that are under way. An object in use keeps the pool. */
static void pool_ends_while_others_build(struct kunit *test)
{
	struct task_struct *tasks[THREADS];
	unsigned int i, k, rounds = is_full_run() ? 200 : 20;
	struct kpool *pool;
	void *kept;

	for (i = 0; i < rounds; i++) {
		pool = kpool_create(&kinds[2]);
		KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
		kept = kpool_get(pool, GFP_KERNEL);
		KUNIT_ASSERT_FALSE(test, IS_ERR(kept));
		for (k = 0; k < THREADS; k++) {
			tasks[k] = kthread_run(get_until_the_end, pool, "kpool_dark");
			if (IS_ERR(tasks[k]))
				break;
			get_task_struct(tasks[k]);
		}
		schedule_timeout_uninterruptible(1);
		kpool_destroy(pool);
		while (k--) {
			kthread_stop(tasks[k]);
			put_task_struct(tasks[k]);
		}
		kpool_put(pool, kept);
	}
}

struct ending {
	struct kpool *pool;
	struct completion done;
};

static int end_pool(void *arg)
{
	struct ending *e = arg;

	kpool_destroy(e->pool);
	complete_all(&e->done);
	return 0;
}

/* What a build does last, in slow motion: the task that destroys the pool already waits for it. */
static void end_hears_of_the_last_build(struct kunit *test)
{
	struct kpool *pool = kpool_create(&kinds[2]);
	struct ending *e = zalloc_for(test, struct ending);
	struct task_struct *task;

	KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
	e->pool = pool;
	init_completion(&e->done);
	task = kthread_create(end_pool, e, "kpool_end");
	if (IS_ERR(task)) {
		kpool_destroy(pool);
		KUNIT_FAIL(test, "no thread");
		return;
	}
	get_task_struct(task);
	atomic_inc(&to_pool(pool)->active);
	wake_up_process(task);
	/* The entry in the queue stays until the task is woken, so no barrier is needed. */
	while (!waitqueue_active(__var_waitqueue(&to_pool(pool)->active)))
		schedule_timeout_uninterruptible(1);
	preempt_disable();
	atomic_dec(&to_pool(pool)->active);
	kp_queue_todo(to_pool(pool), POOL_TODO_NOLOCK);
	preempt_enable();
	KUNIT_EXPECT_NE(test, wait_for_completion_timeout(&e->done, 10 * HZ), 0UL);
	/* This would wake the task, too, so it comes last. */
	kthread_stop(task);
	put_task_struct(task);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(empty_pool_builds, kind_gen_params),
	KUNIT_CASE_PARAM(other_pools_do_not_build, other_gen_params),
	KUNIT_CASE(max_holds),
	KUNIT_CASE(memory_without_a_slot_goes_back),
	KUNIT_CASE(builds_fail_on_purpose),
	KUNIT_CASE_PARAM(hard_interrupt_builds, kind_gen_params),
	KUNIT_CASE(atomic_context_builds_on_rt),
	KUNIT_CASE(pool_ends_while_others_build),
	KUNIT_CASE(end_hears_of_the_last_build),
	{}
};

struct kunit_suite nolock_suite = {
	.name = "kpool_nolock",
	.suite_exit = resume_ageing,
	.test_cases = cases,
};
