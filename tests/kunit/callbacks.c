// SPDX-License-Identifier: GPL-2.0-only
/* Callbacks that take long, or hang: what waits for them, and what does not. */
#include <linux/completion.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/sched/signal.h>

#include "base/params.h"
#include "base/work.h"
#include "fixture.h"
#include "policy/age.h"
#include "policy/retune.h"
#include "pool.h"

#define OBJS	8

/* A consumer whose ctor and dtor end when the test says so. A complete() ends one call. */
struct slow {
	struct completion ctor, dtor;
	bool ctors_wait, dtors_wait;
	bool unhealthy;
	int ctor_error;
	void *objs[2];
	atomic_t ctors_begun, ctors, dtors_begun, dtors;
};

static int slow_ctor(void *obj, void *ctx, gfp_t gfp, int node)
{
	struct slow *slow = ctx;

	atomic_inc(&slow->ctors_begun);
	if (READ_ONCE(slow->ctors_wait))
		wait_for_completion(&slow->ctor);
	atomic_inc(&slow->ctors);
	return READ_ONCE(slow->ctor_error);
}

static bool slow_check(void *obj, void *ctx)
{
	return !READ_ONCE(((struct slow *)ctx)->unhealthy);
}

static void slow_dtor(void *obj, void *ctx)
{
	struct slow *slow = ctx;

	atomic_inc(&slow->dtors_begun);
	if (READ_ONCE(slow->dtors_wait))
		wait_for_completion(&slow->dtor);
	atomic_inc(&slow->dtors);
}

static const struct kpool_ops slow_ops = {
	.ctor = slow_ctor, .check = slow_check, .dtor = slow_dtor,
};

static struct slow *slow_of(struct kunit *test)
{
	struct slow *slow = zalloc_for(test, struct slow);

	init_completion(&slow->ctor);
	init_completion(&slow->dtor);
	return slow;
}

static struct kpool *slow_pool(struct kunit *test, const struct kpool_params *params,
			       struct slow *slow)
{
	struct kpool_params p = *params;

	p.size = 64;
	p.ops = &slow_ops;
	p.ctx = slow;
	return pool_of(test, &p);
}

/* From now on no callback waits. */
static void let_all_end(struct slow *slow)
{
	WRITE_ONCE(slow->ctors_wait, false);
	WRITE_ONCE(slow->dtors_wait, false);
	complete_all(&slow->ctor);
	complete_all(&slow->dtor);
}

static const struct kpool_params closings[] = {
	{ .name = "unbounded", .flags = KPOOL_SLEEPING, .max_idle = KPOOL_KEEP_NONE },
	{ .name = "bounded", .flags = KPOOL_SLEEPING, .max_idle = KPOOL_KEEP_NONE, .max = OBJS },
};

KUNIT_ARRAY_PARAM_DESC(closing, closings, name);

static void objects_on_their_way_out_are_not_in_use(struct kunit *test)
{
	struct slow *slow = slow_of(test);
	struct kpool *pool = slow_pool(test, test->param_value, slow);
	struct kpool_stats *st;
	void *objs[OBJS];

	get_all(test, pool, objs, OBJS);
	slow->dtors_wait = true;
	put_all(pool, objs, OBJS - 1);
	KUNIT_EXPECT_TRUE(test, spin_until(atomic_read(&slow->dtors_begun)));
	st = stats_of(test, pool);
	KUNIT_EXPECT_EQ(test, st->existing, (u64)OBJS);
	KUNIT_EXPECT_EQ(test, st->closing, (u64)OBJS - 1);
	KUNIT_EXPECT_EQ(test, st->in_use, 1ULL);
	KUNIT_EXPECT_EQ(test, st->idle, 0ULL);
	KUNIT_EXPECT_EQ(test, st->gets, st->puts + st->in_use);
	let_all_end(slow);
	kpool_put(pool, objs[OBJS - 1]);
	expect_in_use(test, pool, 0);
}

/* A call in a thread of its own, which a fatal signal may end. */
struct call {
	long (*function)(struct kpool *pool);
	struct kpool *pool;
	long result;
	struct completion ended;
	struct task_struct *task;
};

static int call_thread(void *arg)
{
	struct call *call = arg;

	allow_signal(SIGKILL);
	call->result = call->function(call->pool);
	complete_all(&call->ended);
	flush_signals(current);
	while (!kthread_should_stop())
		schedule_timeout_uninterruptible(1);
	return 0;
}

static struct call *call_start(struct kunit *test, long (*function)(struct kpool *pool),
			       struct kpool *pool)
{
	struct call *call = zalloc_for(test, struct call);

	call->function = function;
	call->pool = pool;
	init_completion(&call->ended);
	call->task = kthread_run(call_thread, call, "kpool/call");
	KUNIT_ASSERT_FALSE(test, IS_ERR(call->task));
	return call;
}

static bool has_ended(struct call *call)
{
	return wait_for_completion_timeout(&call->ended, msecs_to_jiffies(PATIENCE_MS));
}

/* If the call does not end by itself, callbacks that wait are let go first. */
static long call_end(struct kunit *test, struct call *call, struct slow *slow)
{
	KUNIT_EXPECT_TRUE(test, has_ended(call));
	let_all_end(slow);
	KUNIT_ASSERT_TRUE(test, has_ended(call));
	kthread_stop(call->task);
	return call->result;
}

static long do_destroy(struct kpool *pool)
{
	kpool_destroy(pool);
	return 0;
}

static long do_trim(struct kpool *pool)
{
	return kpool_trim(pool);
}

static long do_get(struct kpool *pool)
{
	return (long)kpool_get(pool, GFP_KERNEL);
}

static long do_get_bulk(struct kpool *pool)
{
	void *objs[OBJS - 1];

	return kpool_get_bulk(pool, GFP_KERNEL, objs, ARRAY_SIZE(objs));
}

/* As an administrator does. */
static long set_max_to_1(struct kpool *pool)
{
	const struct kpool_limits limits = { .max = 1 };
	struct kp_reason why;

	return kp_retune(to_pool(pool), &limits, KPOOL_LIMIT_MAX | KPOOL_LIMIT_MIN_IDLE, &why);
}

/* As a consumer does. */
static long retune_to_1(struct kpool *pool)
{
	const struct kpool_limits limits = { .max = 1 };

	return kpool_retune(pool, &limits);
}

static bool begin(atomic_t *calls, int n)
{
	return spin_until(atomic_read(calls) >= n);
}

/* Eight broken objects, and a dtor that hangs: it holds one slot, seven gets have the others. */
static void teardown_that_hangs_holds_one_slot(struct kunit *test)
{
	const struct kpool_params p = { .name = "hangs", .flags = KPOOL_SLEEPING, .max = OBJS };
	struct slow *slow = slow_of(test);
	struct kpool *pool = slow_pool(test, &p, slow);
	struct getter *getters[OBJS - 1];
	void *objs[OBJS];
	int i;

	get_all(test, pool, objs, OBJS);
	slow->unhealthy = true;
	slow->dtors_wait = true;
	put_all(pool, objs, OBJS);
	for (i = 0; i < OBJS - 1; i++)
		getters[i] = waiter_start(test, pool, 1, FOR_EVER, TASK_UNINTERRUPTIBLE);
	for (i = 0; i < OBJS - 1; i++) {
		KUNIT_EXPECT_TRUE(test, begin(&slow->dtors_begun, i + 1));
		complete(&slow->dtor);
		KUNIT_EXPECT_TRUE(test, came(getters[i]));
	}
	KUNIT_EXPECT_EQ(test, figure(pool, closing), 1ULL);
	slow->unhealthy = false;
	let_all_end(slow);
	for (i = 0; i < OBJS - 1; i++) {
		getter_end(test, getters[i]);
		KUNIT_EXPECT_EQ(test, getters[i]->err, 0);
	}
	expect_in_use(test, pool, 0);
}

static const unsigned int worker_numbers[] = { 1, 3, 0 };

static void describe_workers(const unsigned int *n, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u", *n);
}

KUNIT_ARRAY_PARAM(workers, worker_numbers, describe_workers);

static void as_many_teardowns_run_side_by_side_as_workers(struct kunit *test)
{
	const unsigned int n = *(const unsigned int *)test->param_value;
	const struct kpool_params p = {
		.name = "beside", .flags = KPOOL_SLEEPING, .max_idle = KPOOL_KEEP_NONE,
		.workers = n,
	};
	struct slow *slow = slow_of(test);
	struct kpool *pool = slow_pool(test, &p, slow);
	void *objs[OBJS];
	int most = n ?: KPOOL_WORKERS;

	get_all(test, pool, objs, OBJS);
	slow->dtors_wait = true;
	put_all(pool, objs, OBJS);
	KUNIT_EXPECT_TRUE(test, begin(&slow->dtors_begun, most));
	complete(&slow->dtor);
	KUNIT_EXPECT_TRUE(test, begin(&slow->dtors_begun, most + 1));
	KUNIT_EXPECT_EQ(test, atomic_read(&slow->dtors_begun), most + 1);
	KUNIT_EXPECT_TRUE(test, spin_until(figure(pool, destroyed) == 1));
	let_all_end(slow);
	expect_in_use(test, pool, 0);
}

/* A pool whose only worker is building the first of n missing objects. */
static struct kpool *rebuilding(struct kunit *test, struct slow *slow, unsigned int n)
{
	const struct kpool_params p = {
		.name = "rebuilding", .flags = KPOOL_SLEEPING, .min_idle = n, .max = n,
		.workers = 1,
	};
	struct kpool *pool = slow_pool(test, &p, slow);

	if (nothing_kept(test, pool))
		return NULL;
	kpool_trim(pool);
	KUNIT_EXPECT_EQ(test, figure(pool, existing), 0ULL);
	atomic_set(&slow->ctors_begun, 0);
	slow->ctors_wait = true;
	kp_age_pass();
	KUNIT_EXPECT_TRUE(test, begin(&slow->ctors_begun, 1));
	return pool;
}

static void get_builds_while_the_worker_rebuilds(struct kunit *test)
{
	struct slow *slow = slow_of(test);
	struct kpool *pool = rebuilding(test, slow, OBJS);
	struct getter *g;

	if (!pool)
		return;
	g = getter_start(test, pool, 1, FOR_EVER, TASK_UNINTERRUPTIBLE);
	KUNIT_EXPECT_TRUE(test, begin(&slow->ctors_begun, 2));
	let_all_end(slow);
	KUNIT_EXPECT_TRUE(test, came(g));
	getter_end(test, g);
	KUNIT_EXPECT_EQ(test, g->err, 0);
	expect_in_use(test, pool, 0);
}

static void object_is_idle_as_soon_as_it_is_built(struct kunit *test)
{
	struct slow *slow = slow_of(test);
	struct kpool *pool = rebuilding(test, slow, OBJS);
	int i;

	if (!pool)
		return;
	for (i = 1; i < OBJS; i++) {
		KUNIT_EXPECT_TRUE(test, begin(&slow->ctors_begun, i));
		complete(&slow->ctor);
		KUNIT_EXPECT_TRUE(test, spin_until(figure(pool, idle) == i));
	}
	let_all_end(slow);
	expect_in_use(test, pool, 0);
	expect_idle(test, pool, OBJS);
}

/* An object is out, so that the pool is there to look at afterwards. */
static void destroy_waits_for_no_build_that_has_not_begun(struct kunit *test)
{
	const struct kpool_params p = {
		.name = "destroyed", .size = 64, .flags = KPOOL_SLEEPING, .min_idle = OBJS,
		.workers = 1, .ops = &slow_ops,
	};
	struct slow *slow = slow_of(test);
	struct kpool_params with_ctx = p;
	struct kpool *pool;
	struct call *call;
	void *obj;

	with_ctx.ctx = slow;
	pool = create(&with_ctx);
	KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
	obj = kpool_get(pool, GFP_KERNEL);
	kpool_trim(pool);
	atomic_set(&slow->ctors_begun, 0);
	slow->ctors_wait = true;
	kp_age_pass();
	if (keeps(pool))
		KUNIT_EXPECT_TRUE(test, begin(&slow->ctors_begun, 1));
	call = call_start(test, do_destroy, pool);
	KUNIT_EXPECT_TRUE(test, spin_until(READ_ONCE(to_pool(pool)->state) != KPOOL_STATE_LIVE));
	complete(&slow->ctor);
	call_end(test, call, slow);
	KUNIT_EXPECT_LE(test, atomic_read(&slow->ctors_begun), 1);
	KUNIT_EXPECT_EQ(test, figure(pool, existing), 1ULL);
	kpool_put(pool, obj);
	settle();
}

/* The same of a bulk get that builds for itself. */
static void bulk_stops_building_when_the_pool_ends(struct kunit *test)
{
	const struct kpool_params p = {
		.name = "bulk-ends", .size = 64, .flags = KPOOL_SLEEPING, .ops = &slow_ops,
	};
	struct slow *slow = slow_of(test);
	struct kpool_params with_ctx = p;
	struct call *get, *end;
	struct kpool *pool;
	void *obj;

	with_ctx.ctx = slow;
	pool = create(&with_ctx);
	KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
	obj = kpool_get(pool, GFP_KERNEL);
	slow->ctors_wait = true;
	get = call_start(test, do_get_bulk, pool);
	KUNIT_EXPECT_TRUE(test, begin(&slow->ctors_begun, 2));
	end = call_start(test, do_destroy, pool);
	KUNIT_EXPECT_TRUE(test, spin_until(READ_ONCE(to_pool(pool)->state) != KPOOL_STATE_LIVE));
	complete(&slow->ctor);
	KUNIT_EXPECT_EQ(test, call_end(test, get, slow), (long)-ESHUTDOWN);
	call_end(test, end, slow);
	KUNIT_EXPECT_EQ(test, atomic_read(&slow->ctors_begun), 2);
	KUNIT_EXPECT_EQ(test, atomic_read(&slow->dtors), 1);
	KUNIT_EXPECT_EQ(test, figure(pool, ctor_failures), 0ULL);
	kpool_put(pool, obj);
	settle();
}

static const struct kpool_params in_workers[] = {
	{ .name = "unbounded", .workers = 1 },
	{ .name = "bounded", .workers = 1, .max = OBJS },
	{ .name = "reserve", .workers = 1, .max = KPOOL_UNLIMITED, .reserve = 1 },
	{ .name = "one", .workers = 1, .max = 1 },
};

KUNIT_ARRAY_PARAM_DESC(in_worker, in_workers, name);

#define DEADLINE	msecs_to_jiffies(100)

/* The get leaves, and the object goes to the pool. */
static void deadline_covers_a_build_in_a_worker(struct kunit *test)
{
	struct kpool_params p = *(const struct kpool_params *)test->param_value;
	struct slow *slow = slow_of(test);
	struct getter *first, *second;
	struct kpool *pool;
	u64 before;
	void *obj;

	p.flags = KPOOL_BUILD_IN_WORKER;
	pool = slow_pool(test, &p, slow);
	obj = p.reserve ? kpool_get(pool, GFP_KERNEL) : NULL;	/* nothing is idle now */
	before = figure(pool, existing);
	atomic_set(&slow->ctors_begun, 0);
	slow->ctors_wait = true;
	first = getter_start(test, pool, 1, DEADLINE, TASK_KILLABLE);
	KUNIT_EXPECT_TRUE(test, came(first));
	KUNIT_EXPECT_EQ(test, first->err, -ETIMEDOUT);
	KUNIT_EXPECT_GE(test, first->took, DEADLINE);
	KUNIT_EXPECT_EQ(test, atomic_read(&slow->ctors_begun), 1);
	/* That build is under way. Nobody begins more of them than there may be workers. */
	second = getter_start(test, pool, 1, DEADLINE, TASK_KILLABLE);
	KUNIT_EXPECT_TRUE(test, came(second));
	KUNIT_EXPECT_EQ(test, second->err, -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, atomic_read(&slow->ctors_begun), 1);
	let_all_end(slow);
	if (keeps(pool))
		KUNIT_EXPECT_TRUE(test, spin_until(figure(pool, idle) == 1));
	else
		KUNIT_EXPECT_TRUE(test, spin_until(figure(pool, existing) == before));
	getter_end(test, first);
	getter_end(test, second);
	kpool_put(pool, obj);
	KUNIT_EXPECT_TRUE(test, spin_until(!atomic_read(&to_pool(pool)->active)));
	expect_in_use(test, pool, 0);
}

/* All gets begin before the first of them leaves. Each worker has one build at most. */
static void gets_at_once_leave_no_more_builds_than_workers(struct kunit *test)
{
	const struct kpool_params p = {
		.name = "rush", .flags = KPOOL_BUILD_IN_WORKER, .workers = 2, .max = OBJS,
	};
	struct slow *slow = slow_of(test);
	struct kpool *pool = slow_pool(test, &p, slow);
	struct getter *g[OBJS];
	unsigned int i;

	slow->ctors_wait = true;
	for (i = 0; i < OBJS; i++)
		g[i] = getter_start(test, pool, 1, DEADLINE, TASK_KILLABLE);
	for (i = 0; i < OBJS; i++) {
		KUNIT_EXPECT_TRUE(test, came(g[i]));
		KUNIT_EXPECT_EQ(test, g[i]->err, -ETIMEDOUT);
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&slow->ctors_begun), 2);
	let_all_end(slow);
	KUNIT_EXPECT_TRUE(test, spin_until(!atomic_read(&to_pool(pool)->active)));
	for (i = 0; i < OBJS; i++)
		getter_end(test, g[i]);
	expect_idle(test, pool, 2);
	expect_in_use(test, pool, 0);
}

static void fatal_signal_ends_the_wait_for_a_worker(struct kunit *test)
{
	struct kpool_params p = *(const struct kpool_params *)test->param_value;
	struct slow *slow = slow_of(test);
	struct kpool *pool;
	struct getter *g;
	void *obj;

	p.flags = KPOOL_BUILD_IN_WORKER;
	pool = slow_pool(test, &p, slow);
	obj = p.reserve ? kpool_get(pool, GFP_KERNEL) : NULL;
	atomic_set(&slow->ctors_begun, 0);
	slow->ctors_wait = true;
	g = getter_start(test, pool, 1, FOR_EVER, TASK_KILLABLE);
	KUNIT_EXPECT_TRUE(test, begin(&slow->ctors_begun, 1));
	send_sig(SIGKILL, g->task, 1);
	KUNIT_EXPECT_TRUE(test, came(g));
	let_all_end(slow);
	getter_end(test, g);
	KUNIT_EXPECT_EQ(test, g->err, -ERESTARTSYS);
	kpool_put(pool, obj);
	KUNIT_EXPECT_TRUE(test, spin_until(!atomic_read(&to_pool(pool)->active)));
	expect_in_use(test, pool, 0);
}

/* The same of a get without a deadline. */
static void fatal_signal_ends_a_plain_get(struct kunit *test)
{
	const struct kpool_params p = { .name = "plain-get", .flags = KPOOL_BUILD_IN_WORKER };
	struct slow *slow = slow_of(test);
	struct kpool *pool = slow_pool(test, &p, slow);
	struct call *call;

	slow->ctors_wait = true;
	call = call_start(test, do_get, pool);
	KUNIT_EXPECT_TRUE(test, begin(&slow->ctors_begun, 1));
	send_sig(SIGKILL, call->task, 1);
	KUNIT_EXPECT_EQ(test, call_end(test, call, slow), (long)-ERESTARTSYS);
	KUNIT_EXPECT_TRUE(test, spin_until(!atomic_read(&to_pool(pool)->active)));
	expect_idle(test, pool, 1);
	expect_in_use(test, pool, 0);
}

/* Both sides of a bulk: what is built goes to the pool, what is not gives its slots back. */
static void bulk_that_leaves_a_worker_gives_its_slots_back(struct kunit *test)
{
	const struct kpool_params p = {
		.name = "bulk-leaves", .flags = KPOOL_BUILD_IN_WORKER, .max = OBJS,
	};
	struct slow *slow = slow_of(test);
	struct kpool *pool = slow_pool(test, &p, slow);
	struct getter *g;

	slow->ctors_wait = true;
	g = getter_start(test, pool, OBJS, FOR_EVER, TASK_KILLABLE);
	KUNIT_EXPECT_TRUE(test, begin(&slow->ctors_begun, 1));
	complete(&slow->ctor);
	KUNIT_EXPECT_TRUE(test, begin(&slow->ctors_begun, 2));
	send_sig(SIGKILL, g->task, 1);
	KUNIT_EXPECT_TRUE(test, came(g));
	KUNIT_EXPECT_EQ(test, g->err, -ERESTARTSYS);
	let_all_end(slow);
	KUNIT_EXPECT_TRUE(test, spin_until(!atomic_read(&to_pool(pool)->active)));
	getter_end(test, g);
	KUNIT_EXPECT_EQ(test, atomic_read(&slow->ctors_begun), 2);
	expect_idle(test, pool, 2);
	expect_in_use(test, pool, 0);
}

/* All that may exist is idle and broken: a get that may block has one of the slots. */
static void get_has_the_slot_of_a_broken_object(struct kunit *test)
{
	const struct kpool_params p = { .name = "broken", .flags = KPOOL_SLEEPING, .max = OBJS };
	struct slow *slow = slow_of(test);
	struct kpool *pool = slow_pool(test, &p, slow);
	unsigned long began;
	void *objs[OBJS], *obj;
	struct call *call;

	get_all(test, pool, objs, OBJS);
	slow->unhealthy = true;
	slow->dtors_wait = true;
	put_all(pool, objs, OBJS);
	KUNIT_EXPECT_PTR_EQ(test, kpool_get(pool, GFP_NOWAIT), ERR_PTR(-EBUSY));
	/* A get waits for a second only, which a loaded machine may take. */
	do {
		began = jiffies;
		call = call_start(test, do_get, pool);
		KUNIT_EXPECT_TRUE(test, begin(&slow->dtors_begun, 1));
		complete(&slow->dtor);
		KUNIT_EXPECT_TRUE(test, has_ended(call));
		obj = (void *)call->result;
		kthread_stop(call->task);
	} while (obj == ERR_PTR(-EBUSY) && time_after_eq(jiffies, began + HZ));
	KUNIT_EXPECT_FALSE(test, IS_ERR(obj));
	slow->unhealthy = false;
	let_all_end(slow);
	kpool_put(pool, obj);
	expect_in_use(test, pool, 0);
}

/* A get that builds in the slot of such an object passes the error of ctor on. */
static void error_of_ctor_in_such_a_slot_reaches_the_caller(struct kunit *test)
{
	const struct kpool_params p = {
		.name = "slot-error", .flags = KPOOL_SLEEPING, .max = 1,
		.max_idle = KPOOL_KEEP_NONE,
	};
	struct slow *slow = slow_of(test);
	struct kpool *pool = slow_pool(test, &p, slow);
	unsigned long began;
	struct call *call;
	void *obj;

	exhaust(test, pool, &obj, 1);
	slow->dtors_wait = true;
	kpool_put(pool, obj);
	slow->ctor_error = -ETIMEDOUT;
	/* A get waits for a second only, which a loaded machine may take. */
	do {
		began = jiffies;
		call = call_start(test, do_get, pool);
		KUNIT_EXPECT_TRUE(test, spin_until(figure(pool, waits)));
		complete(&slow->dtor);
		KUNIT_EXPECT_TRUE(test, has_ended(call));
		obj = (void *)call->result;
		kthread_stop(call->task);
	} while (obj == ERR_PTR(-EBUSY) && time_after_eq(jiffies, began + HZ));
	KUNIT_EXPECT_PTR_EQ(test, obj, ERR_PTR(-ETIMEDOUT));
	KUNIT_EXPECT_EQ(test, figure(pool, ctor_failures), 1ULL);
	let_all_end(slow);
	expect_in_use(test, pool, 0);
}

/*
 * The worker hangs in a teardown, and another object waits for the worker. A get that needs its
 * slot tears it down itself.
 */
static void get_tears_down_what_waits_for_the_worker(struct kunit *test)
{
	const struct kpool_params p = { .name = "reaped", .flags = KPOOL_ANYCTX, .max = 2 };
	struct slow *slow = slow_of(test);
	struct kpool *pool = slow_pool(test, &p, slow);
	void *objs[2], *obj;

	exhaust(test, pool, objs, 2);
	slow->dtors_wait = true;
	kpool_discard(pool, objs[0]);
	KUNIT_EXPECT_TRUE(test, begin(&slow->dtors_begun, 1));
	WRITE_ONCE(slow->dtors_wait, false);	/* the first one waits on */
	kpool_discard(pool, objs[1]);
	obj = kpool_get(pool, GFP_KERNEL);
	KUNIT_EXPECT_FALSE(test, IS_ERR(obj));
	KUNIT_EXPECT_EQ(test, atomic_read(&slow->dtors), 1);
	let_all_end(slow);
	kpool_put(pool, obj);
	expect_in_use(test, pool, 0);
}

static long put_and_trim(struct kpool *pool)
{
	struct slow *slow = to_pool(pool)->ctx;

	kpool_put_bulk(pool, slow->objs, 2);
	return kpool_trim(pool);
}

/* Two objects are torn down together. The slot of the first one is free before the second ends. */
static void each_teardown_gives_its_slot_up(struct kunit *test)
{
	const struct kpool_params p = { .name = "one-by-one", .max = 2 };
	struct slow *slow = slow_of(test);
	struct kpool *pool = slow_pool(test, &p, slow);
	struct call *call;
	void *obj;

	exhaust(test, pool, slow->objs, 2);
	slow->dtors_wait = true;
	call = call_start(test, put_and_trim, pool);
	KUNIT_EXPECT_TRUE(test, begin(&slow->dtors_begun, 1));
	complete(&slow->dtor);
	KUNIT_EXPECT_TRUE(test, begin(&slow->dtors_begun, 2));
	obj = kpool_get(pool, GFP_NOWAIT);
	KUNIT_EXPECT_FALSE(test, IS_ERR(obj));
	complete(&slow->dtor);
	call_end(test, call, slow);
	kpool_put(pool, obj);
	expect_in_use(test, pool, 0);
}

/* A worker that finds no memory stops, until somebody asks again. */
static void build_ahead_that_fails_is_not_repeated(struct kunit *test)
{
	const struct kpool_params p = {
		.name = "fails-ahead", .flags = KPOOL_SLEEPING, .workers = 1,
	};
	struct slow *slow = slow_of(test);
	struct kpool *pool = slow_pool(test, &p, slow);

	if (nothing_kept(test, pool))
		return;
	WRITE_ONCE(slow->ctor_error, -ENOMEM);
	KUNIT_EXPECT_PTR_EQ(test, kpool_get(pool, GFP_ATOMIC), ERR_PTR(-ENOMEM));
	KUNIT_EXPECT_TRUE(test, begin(&slow->ctors, 1));
	KUNIT_EXPECT_TRUE(test, spin_until(!READ_ONCE(to_pool(pool)->workers->busy)));
	KUNIT_EXPECT_EQ(test, atomic_read(&slow->ctors), 1);
	WRITE_ONCE(slow->ctor_error, 0);
	expect_in_use(test, pool, 0);
}

/* None of its objects is on its way out, so nothing is waited for. */
static void get_of_an_exhausted_pool_does_not_wait(struct kunit *test)
{
	const struct kpool_params p = { .name = "in-use", .flags = KPOOL_SLEEPING, .max = OBJS };
	struct slow *slow = slow_of(test);
	struct kpool *pool = slow_pool(test, &p, slow);
	void *objs[OBJS];

	exhaust(test, pool, objs, OBJS);
	KUNIT_EXPECT_PTR_EQ(test, kpool_get(pool, GFP_KERNEL), ERR_PTR(-EBUSY));
	/* With several depots the get becomes the first waiter for a moment. */
	if (to_pool(pool)->nr_depots == 1)
		KUNIT_EXPECT_EQ(test, figure(pool, waits), 0ULL);
	put_all(pool, objs, OBJS);
	expect_in_use(test, pool, 0);
}

/* OBJS objects, all idle, whose teardowns wait. */
static struct kpool *full_pool(struct kunit *test, struct slow *slow)
{
	const struct kpool_params p = { .name = "full", .flags = KPOOL_SLEEPING, .max = OBJS };
	struct kpool *pool = slow_pool(test, &p, slow);
	void *objs[OBJS];

	get_all(test, pool, objs, OBJS);
	slow->dtors_wait = true;
	put_all(pool, objs, OBJS);
	return pool;
}

static void administrator_does_not_wait_for_teardowns(struct kunit *test)
{
	struct slow *slow = slow_of(test);
	struct kpool *pool = full_pool(test, slow);
	struct call *call = call_start(test, set_max_to_1, pool);

	KUNIT_EXPECT_TRUE(test, has_ended(call));
	KUNIT_EXPECT_EQ(test, to_pool(pool)->max, 1U);
	KUNIT_EXPECT_GE(test, figure(pool, closing), OBJS - 1ULL);
	KUNIT_EXPECT_EQ(test, call_end(test, call, slow), 0L);
	kp_defer_sync(to_pool(pool));
	expect_idle(test, pool, 1);
	expect_in_use(test, pool, 0);
}

static const struct killed_case {
	const char *name;
	long (*function)(struct kpool *pool);
	long result;
} killed_cases[] = {
	{ "kpool_retune", retune_to_1, 0 },
	{ "kpool_trim", do_trim, OBJS },
};

KUNIT_ARRAY_PARAM_DESC(killed, killed_cases, name);

static void fatal_signal_ends_the_wait_for_teardowns(struct kunit *test)
{
	const struct killed_case *c = test->param_value;
	struct slow *slow = slow_of(test);
	struct kpool *pool = full_pool(test, slow);
	bool kept = keeps(pool);
	struct call *call;

	call = call_start(test, c->function, pool);
	KUNIT_EXPECT_TRUE(test, begin(&slow->dtors_begun, 1));
	KUNIT_EXPECT_FALSE(test, wait_for_completion_timeout(&call->ended, HZ / 20));
	send_sig(SIGKILL, call->task, 1);
	KUNIT_EXPECT_EQ(test, call_end(test, call, slow), kept ? c->result : 0);
	expect_in_use(test, pool, 0);
}

static const struct kpool_params ends[] = {
	{ .name = "end-plain" },
	{ .name = "end-sleeping", .flags = KPOOL_SLEEPING },
	{ .name = "end-vmalloc", .flags = KPOOL_VMALLOC },
	{ .name = "end-bounded", .max = 4 * OBJS },
	{ .name = "end-reserve", .reserve = OBJS },
	{ .name = "end-uncached", .max_idle = 2 * OBJS },
	{ .name = "end-rcu", .flags = KPOOL_RCU },
};

KUNIT_ARRAY_PARAM_DESC(end, ends, name);

/* Also of an object that comes late. Two are out, so that the pool is there to look at. */
static void teardown_at_the_end_has_its_cause(struct kunit *test)
{
	struct kpool_params p = *(const struct kpool_params *)test->param_value;
	struct slow *slow = slow_of(test);
	struct kpool *pool;
	void *objs[OBJS];
	u64 idle;

	p.size = 64;
	p.ops = &slow_ops;
	p.ctx = slow;
	pool = create(&p);
	KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
	get_all(test, pool, objs, OBJS);
	put_all(pool, objs + 2, OBJS - 2);
	kp_defer_sync(to_pool(pool));
	idle = figure(pool, idle);
	KUNIT_EXPECT_EQ(test, figure(pool, shut_down), 0ULL);
	kpool_destroy(pool);
	KUNIT_EXPECT_EQ(test, figure(pool, shut_down), idle);
	kpool_put(pool, objs[1]);
	kp_defer_sync(to_pool(pool));
	KUNIT_EXPECT_EQ(test, figure(pool, shut_down), idle + 1);
	KUNIT_EXPECT_EQ(test, figure(pool, existing), 1ULL);
	kpool_put(pool, objs[0]);
	settle();
}

static const struct kpool_params builders[] = {
	{ .name = "build-here", .max = 1 },
	{ .name = "build-sleeping", .max = 1, .flags = KPOOL_SLEEPING },
	{ .name = "build-in-worker", .max = 1, .flags = KPOOL_BUILD_IN_WORKER },
	{ .name = "build-unbounded" },
};

KUNIT_ARRAY_PARAM_DESC(builder, builders, name);

static void build_under_way_is_seen(struct kunit *test)
{
	struct slow *slow = slow_of(test);
	struct kpool *pool = slow_pool(test, test->param_value, slow);
	struct kpool_stats *st;
	struct getter *g;

	slow->ctors_wait = true;
	g = getter_start(test, pool, 1, FOR_EVER, TASK_KILLABLE);
	KUNIT_EXPECT_TRUE(test, begin(&slow->ctors_begun, 1));
	st = stats_of(test, pool);
	KUNIT_EXPECT_EQ(test, st->building, 1ULL);
	KUNIT_EXPECT_EQ(test, st->existing, 0ULL);
	let_all_end(slow);
	KUNIT_EXPECT_TRUE(test, came(g));
	KUNIT_EXPECT_TRUE(test, spin_until(!figure(pool, building)));
	KUNIT_EXPECT_EQ(test, figure(pool, existing), 1ULL);
	getter_end(test, g);
	expect_in_use(test, pool, 0);
}

static void build_for_min_idle_is_seen(struct kunit *test)
{
	struct slow *slow = slow_of(test);
	struct kpool *pool = rebuilding(test, slow, OBJS);

	if (!pool)
		return;
	KUNIT_EXPECT_EQ(test, figure(pool, building), 1ULL);
	let_all_end(slow);
	expect_in_use(test, pool, 0);
	KUNIT_EXPECT_EQ(test, figure(pool, building), 0ULL);
}

/* A get that has left leaves its build behind, which no get waits for. */
static void build_that_a_get_left_is_seen(struct kunit *test)
{
	const struct kpool_params p = { .name = "left", .flags = KPOOL_BUILD_IN_WORKER };
	struct slow *slow = slow_of(test);
	struct kpool *pool = slow_pool(test, &p, slow);
	struct getter *g;

	slow->ctors_wait = true;
	g = getter_start(test, pool, OBJS, FOR_EVER, TASK_KILLABLE);
	KUNIT_EXPECT_TRUE(test, begin(&slow->ctors_begun, 1));
	KUNIT_EXPECT_EQ(test, figure(pool, building), (u64)OBJS);
	send_sig(SIGKILL, g->task, 1);
	KUNIT_EXPECT_TRUE(test, came(g));
	KUNIT_EXPECT_EQ(test, figure(pool, building), (u64)OBJS);
	let_all_end(slow);
	KUNIT_EXPECT_TRUE(test, spin_until(!figure(pool, building)));
	getter_end(test, g);
	KUNIT_EXPECT_TRUE(test, spin_until(!atomic_read(&to_pool(pool)->active)));
	expect_in_use(test, pool, 0);
}

static void ctor_that_fails_is_counted(struct kunit *test)
{
	struct consumer *consumer = failing_consumer(test, 3, -EIO);
	const struct kpool_params p = { .name = "fails", .size = 64, .ops = &consumer_ops };
	struct kpool *pool = pool_of_consumer(test, &p, consumer);
	void *objs[4];

	get_all(test, pool, objs, 2);
	KUNIT_EXPECT_EQ(test, figure(pool, ctor_failures), 0ULL);
	KUNIT_EXPECT_PTR_EQ(test, kpool_get(pool, GFP_KERNEL), ERR_PTR(-EIO));
	KUNIT_EXPECT_EQ(test, figure(pool, ctor_failures), 1ULL);
	KUNIT_EXPECT_EQ(test, figure(pool, build_failures), 1ULL);
	KUNIT_EXPECT_EQ(test, kpool_get_bulk(pool, GFP_KERNEL, objs + 2, 2), -EIO);
	KUNIT_EXPECT_EQ(test, figure(pool, ctor_failures), 2ULL);
	KUNIT_EXPECT_EQ(test, figure(pool, build_failures), 2ULL);
	put_all(pool, objs, 2);
	expect_in_use(test, pool, 0);
}

static void time_that_a_get_waits_is_counted(struct kunit *test)
{
	const struct kpool_params p = { .name = "wait-ns", .size = 64, .max = 1 };
	struct kpool *pool = pool_of(test, &p);
	unsigned long began = jiffies, most;
	void *obj, *none;

	exhaust(test, pool, &obj, 1);
	none = kpool_get_timeout(pool, GFP_KERNEL, DEADLINE);
	most = jiffies_to_nsecs(jiffies - began + 1);
	KUNIT_EXPECT_PTR_EQ(test, none, ERR_PTR(-ETIMEDOUT));
	/* The deadline may begin in the middle of a tick. */
	KUNIT_EXPECT_GE(test, figure(pool, wait_ns), jiffies_to_nsecs(DEADLINE - 1));
	KUNIT_EXPECT_LE(test, figure(pool, wait_ns), (u64)most);
	kpool_put(pool, obj);
	expect_in_use(test, pool, 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(objects_on_their_way_out_are_not_in_use, closing_gen_params),
	KUNIT_CASE(teardown_that_hangs_holds_one_slot),
	KUNIT_CASE_PARAM(as_many_teardowns_run_side_by_side_as_workers, workers_gen_params),
	KUNIT_CASE(get_builds_while_the_worker_rebuilds),
	KUNIT_CASE(object_is_idle_as_soon_as_it_is_built),
	KUNIT_CASE(destroy_waits_for_no_build_that_has_not_begun),
	KUNIT_CASE(bulk_stops_building_when_the_pool_ends),
	KUNIT_CASE_PARAM(deadline_covers_a_build_in_a_worker, in_worker_gen_params),
	KUNIT_CASE(gets_at_once_leave_no_more_builds_than_workers),
	KUNIT_CASE_PARAM(fatal_signal_ends_the_wait_for_a_worker, in_worker_gen_params),
	KUNIT_CASE(fatal_signal_ends_a_plain_get),
	KUNIT_CASE(bulk_that_leaves_a_worker_gives_its_slots_back),
	KUNIT_CASE(get_has_the_slot_of_a_broken_object),
	KUNIT_CASE(error_of_ctor_in_such_a_slot_reaches_the_caller),
	KUNIT_CASE(get_tears_down_what_waits_for_the_worker),
	KUNIT_CASE(each_teardown_gives_its_slot_up),
	KUNIT_CASE(build_ahead_that_fails_is_not_repeated),
	KUNIT_CASE(get_of_an_exhausted_pool_does_not_wait),
	KUNIT_CASE(administrator_does_not_wait_for_teardowns),
	KUNIT_CASE_PARAM(fatal_signal_ends_the_wait_for_teardowns, killed_gen_params),
	KUNIT_CASE_PARAM(teardown_at_the_end_has_its_cause, end_gen_params),
	KUNIT_CASE_PARAM(build_under_way_is_seen, builder_gen_params),
	KUNIT_CASE(build_for_min_idle_is_seen),
	KUNIT_CASE(build_that_a_get_left_is_seen),
	KUNIT_CASE(ctor_that_fails_is_counted),
	KUNIT_CASE(time_that_a_get_waits_is_counted),
	{}
};

struct kunit_suite callbacks_suite = {
	.name = "kpool_callbacks",
	.suite_exit = resume_ageing,
	.test_cases = cases,
};
