// SPDX-License-Identifier: GPL-2.0-only
/* Tracked pools know the task, the time and the stack of each get. Waiters are known, too. */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/irqflags.h>
#include <linux/kallsyms.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "base/holder.h"
#include "base/records.h"
#include "base/work.h"
#include "fixture.h"
#include "interrupts.h"
#include "load.h"
#include "log.h"
#include "object/holders.h"
#include "path/rcu.h"
#include "policy/age.h"
#include "policy/instrument.h"
#include "pool.h"
#include "store/waiters.h"
#include "store/waitlist.h"

#define SIZE	64
#define OBJS	6

static const struct kpool_params plain = { .name = "tracked", .size = SIZE };

static struct kpool *tracked_pool(struct kunit *test, const struct kpool_params *p,
				  unsigned int one_in)
{
	struct kpool *pool = pool_of(test, p);

	KUNIT_ASSERT_EQ(test, 0, kp_track_set(to_pool(pool), one_in));
	return pool;
}

/* How many holders a reader finds. */
static unsigned int holders(struct kpool *pool)
{
	struct kp_records *records = kp_holders(to_pool(pool));
	unsigned long from = 0;
	unsigned int n = 0;
	struct kp_held held;
	int found;

	rcu_read_lock();
	while (records && (found = kp_records_held_from(records, pool, &from, &held)))
		n += found > 0;
	rcu_read_unlock();
	return n;
}

static void expect_tracked(struct kunit *test, struct kpool *pool, unsigned int n)
{
	KUNIT_EXPECT_EQ(test, figure(pool, tracked), (u64)n);
	KUNIT_EXPECT_EQ(test, holders(pool), n);
	if (!n)
		KUNIT_EXPECT_EQ(test, figure(pool, held_max_ms), 0ULL);
}

static noinline void *track_getter(struct kpool *pool)
{
	void *obj = kpool_get(pool, GFP_KERNEL);

	barrier();		/* no tail call: the stack has to have this function */
	return obj;
}

static void expect_function(struct kunit *test, unsigned long address, const char *name)
{
	char text[KSYM_SYMBOL_LEN];

	snprintf(text, sizeof(text), "%pB", (void *)address);
	KUNIT_EXPECT_TRUE_MSG(test, strstarts(text, name), "%s", text);
}

/* The holder is this task, since then, from that function. */
static void holder_is_known(struct kunit *test)
{
	struct kpool *pool = tracked_pool(test, &plain, 1);
	struct kp_records *records = kp_holders(to_pool(pool));
	unsigned long *functions;
	struct kp_held held[2];
	void *obj, *later;
	unsigned int n;

	obj = track_getter(pool);
	KUNIT_ASSERT_FALSE(test, IS_ERR(obj));
	msleep(50);
	later = kpool_get(pool, GFP_KERNEL);
	KUNIT_ASSERT_FALSE(test, IS_ERR(later));
	expect_tracked(test, pool, 2);
	KUNIT_EXPECT_GE(test, figure(pool, held_max_ms), 45ULL);

	KUNIT_ASSERT_EQ(test, kp_records_longest(records, pool, held, 2), 2U);
	KUNIT_EXPECT_GE(test, held[0].ms, 45ULL);
	KUNIT_EXPECT_LT(test, held[1].ms, held[0].ms);
	KUNIT_EXPECT_EQ(test, held[0].by.pid, task_pid_nr(current));
	KUNIT_EXPECT_STREQ(test, held[0].by.comm, current->comm);
	expect_function(test, held[0].by.caller, "track_getter+");
	n = kp_holder_stack(&held[0].by, &functions);
	if (IS_ENABLED(CONFIG_STACKDEPOT)) {
		KUNIT_ASSERT_GE(test, n, 2U);
		expect_function(test, functions[0], "track_getter+");
		expect_function(test, functions[1], __func__);
	}

	kpool_put(pool, obj);
	KUNIT_ASSERT_EQ(test, kp_records_longest(records, pool, held, 2), 1U);
	expect_function(test, held[0].by.caller, __func__);
	kpool_put(pool, later);
	expect_tracked(test, pool, 0);
}

/* A debugged pool knows its holders, too, but not their stacks. */
static void debugged_pool_knows_holders(struct kunit *test)
{
	struct kpool *pool = pool_of(test, &plain);
	unsigned long *functions;
	struct kp_held held;
	void *obj;

	KUNIT_EXPECT_NULL(test, kp_holders(to_pool(pool)));
	KUNIT_ASSERT_EQ(test, 0, kp_debug_set(to_pool(pool), true));
	obj = track_getter(pool);
	KUNIT_ASSERT_FALSE(test, IS_ERR(obj));
	KUNIT_EXPECT_EQ(test, holders(pool), 1U);
	KUNIT_ASSERT_EQ(test, kp_records_longest(kp_holders(to_pool(pool)), pool, &held, 1), 1U);
	expect_function(test, held.by.caller, "track_getter+");
	KUNIT_EXPECT_EQ(test, kp_holder_stack(&held.by, &functions), 0U);
	kpool_put(pool, obj);
	KUNIT_EXPECT_EQ(test, holders(pool), 0U);
}

static void put_one(struct kpool *pool, void *obj)
{
	kpool_put(pool, obj);
}

static void put_in_bulk(struct kpool *pool, void *obj)
{
	void *objs[] = { NULL, obj };

	kpool_put_bulk(pool, objs, 2);
}

static void put_after_grace_period(struct kpool *pool, void *obj)
{
	kpool_put_rcu(pool, obj);
}

struct in_irq {
	struct kpool *pool;
	void *obj;
};

static void put_there(void *arg)
{
	struct in_irq *in = arg;

	kpool_put(in->pool, in->obj);
}

static void put_in_irq(struct kpool *pool, void *obj)
{
	struct in_irq in = { pool, obj };

	call_in_irq(put_there, &in);
}

/*
 * An NMI can free no memory, so it leaves the record. On a machine without NMIs a task can do as if
 * it were one.
 */
static void put_as_in_nmi(struct kpool *pool, void *obj)
{
	local_irq_disable();
	__preempt_count_add(NMI_OFFSET + HARDIRQ_OFFSET);
	kpool_put(pool, obj);
	__preempt_count_sub(NMI_OFFSET + HARDIRQ_OFFSET);
	local_irq_enable();
}

static const struct way {
	const char *name;
	void (*put)(struct kpool *pool, void *obj);
	unsigned int flags;
} ways[] = {
	{ "put", put_one },
	{ "bulk", put_in_bulk },
	{ "discard", kpool_discard },
	{ "irq", put_in_irq },
	{ "NMI", put_as_in_nmi },
	{ "rcu", put_after_grace_period, KPOOL_RCU },
	{ "wiped", put_one, KPOOL_ZERO_ON_PUT },
};

KUNIT_ARRAY_PARAM_DESC(way, ways, name);

/* Each way to give an object back ends its use. Objects that were got before have no holder. */
static void put_ends_the_use(struct kunit *test)
{
	const struct way *way = test->param_value;
	const struct kpool_params p = { .name = "tracked", .size = SIZE, .flags = way->flags };
	struct kpool *pool = pool_of(test, &p);
	void **objs = room_for(test, 2 * OBJS);
	unsigned int i;

	get_all(test, pool, objs, OBJS);
	KUNIT_ASSERT_EQ(test, 0, kp_track_set(to_pool(pool), 1));
	expect_tracked(test, pool, 0);
	KUNIT_ASSERT_EQ(test, 0, kpool_get_bulk(pool, GFP_KERNEL, objs + OBJS, OBJS));
	expect_tracked(test, pool, OBJS);
	for (i = 0; i < 2 * OBJS; i += 2)
		way->put(pool, objs[i]);
	expect_tracked(test, pool, OBJS / 2);
	for (i = 1; i < 2 * OBJS; i += 2)
		way->put(pool, objs[i]);
	expect_tracked(test, pool, 0);
	kp_rcu_sync(to_pool(pool));
	kp_defer_sync(to_pool(pool));
	expect_in_use(test, pool, 0);
}

#define SAMPLED_GETS	1000
#define ONE_IN		4

/* By chance, so within limits that a right answer never leaves: seven deviations. */
static void some_gets_are_tracked(struct kunit *test)
{
	struct kpool *pool = tracked_pool(test, &plain, ONE_IN);
	void **objs = room_for(test, SAMPLED_GETS);

	get_all(test, pool, objs, SAMPLED_GETS);
	KUNIT_EXPECT_GT(test, figure(pool, tracked), 150ULL);
	KUNIT_EXPECT_LT(test, figure(pool, tracked), 350ULL);
	put_all(pool, objs, SAMPLED_GETS);
	expect_tracked(test, pool, 0);
}

/* The end forgets the holders. Then gets and puts hit again. */
static void end_forgets(struct kunit *test)
{
	struct kpool *pool = tracked_pool(test, &plain, 1);
	static const struct kpool_params anyctx = { .name = "anyctx", .size = SIZE,
						    .flags = KPOOL_ANYCTX };
	struct kpool *other = pool_of(test, &anyctx);
	void **objs = room_for(test, OBJS);
	u64 misses;

	get_all(test, pool, objs, OBJS);
	KUNIT_ASSERT_EQ(test, 0, kp_track_set(to_pool(pool), 0));
	KUNIT_EXPECT_NULL(test, kp_holders(to_pool(pool)));
	KUNIT_EXPECT_EQ(test, figure(pool, tracked), 0ULL);
	KUNIT_ASSERT_EQ(test, 0, kp_track_set(to_pool(pool), 1));
	put_all(pool, objs, OBJS / 2);
	expect_tracked(test, pool, 0);
	KUNIT_ASSERT_EQ(test, 0, kp_track_set(to_pool(pool), 0));
	put_all(pool, objs + OBJS / 2, OBJS / 2);

	if (keeps(pool)) {
		pin(test, cpu_in_turn(0));
		get_all(test, pool, objs, 1);
		put_all(pool, objs, 1);
		misses = figure(pool, get_misses);
		get_all(test, pool, objs, 1);
		put_all(pool, objs, 1);
		KUNIT_EXPECT_EQ(test, figure(pool, get_misses), misses);
	}
	KUNIT_EXPECT_EQ(test, kp_track_set(to_pool(other), 1), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, kp_track_set_leak(to_pool(other), 1), -ENODATA);
}

/* One line and one figure for all objects that are held for too long, each use once. */
static void leak_is_told_once(struct kunit *test)
{
	struct kpool *pool = tracked_pool(test, &plain, 1);
	const char *log;
	void *objs[3];
	unsigned int i;

	KUNIT_ASSERT_EQ(test, 0, kp_track_set_leak(to_pool(pool), 50));
	for (i = 0; i < 2; i++) {
		objs[i] = track_getter(pool);
		KUNIT_ASSERT_FALSE(test, IS_ERR(objs[i]));
	}
	kp_age_pass();
	kp_defer_sync(to_pool(pool));
	KUNIT_EXPECT_EQ(test, figure(pool, leaks), 0ULL);
	msleep(100);
	objs[2] = track_getter(pool);
	KUNIT_ASSERT_FALSE(test, IS_ERR(objs[2]));

	log_begin();
	for (i = 0; i < 2; i++) {
		kp_age_pass();
		kp_defer_sync(to_pool(pool));
	}
	log = log_end();
	KUNIT_EXPECT_EQ(test, reports_in(log), 1U);
	expect_in_log(test, log, ": 2 objects more are in use for longer than 50 ms; the longest ");
	expect_in_log(test, log, "since a get by track_getter");
	KUNIT_EXPECT_EQ(test, figure(pool, leaks), 2ULL);
	KUNIT_EXPECT_EQ(test, figure(pool, misused), 0ULL);
	put_all(pool, objs, 3);
}

/* A pool that ends with objects in use names their holders. */
static void end_of_the_pool_names_holders(struct kunit *test)
{
	struct kpool *pool = create(&plain);
	void *objs[5];
	const char *log;
	unsigned int i;

	KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
	KUNIT_ASSERT_EQ(test, 0, kp_track_set(to_pool(pool), 1));
	for (i = 0; i < ARRAY_SIZE(objs); i++) {
		objs[i] = track_getter(pool);
		KUNIT_ASSERT_FALSE(test, IS_ERR(objs[i]));
	}
	log_begin();
	KUNIT_EXPECT_EQ(test, kpool_destroy(pool), 5UL);
	log = log_end();
	KUNIT_EXPECT_EQ(test, reports_in(log), 4U);
	expect_in_log(test, log, "an object is in use for ");
	expect_in_log(test, log, "since a get by track_getter");
	for (i = 0; i < ARRAY_SIZE(objs); i++)
		kpool_put(pool, objs[i]);
	settle();
}

/* A get for whose record there is no memory returns its object, whose holder is unknown. */
static void no_memory_leaves_the_holder_unknown(struct kunit *test)
{
	struct kpool *pool = tracked_pool(test, &plain, 1);
	unsigned int n, left = 0, unknown = 0;
	void *obj;

	if (!faults_reach_us())
		return;
	/* An object that is idle needs no memory, but its record does. */
	get_all(test, pool, &obj, 1);
	put_all(pool, &obj, 1);
	for (n = 1; !left && n < 100; n++) {
		WRITE_ONCE(current->fail_nth, n);
		obj = kpool_get(pool, GFP_KERNEL);
		left = READ_ONCE(current->fail_nth);
		WRITE_ONCE(current->fail_nth, 0);
		if (IS_ERR(obj)) {
			KUNIT_EXPECT_EQ(test, PTR_ERR(obj), -ENOMEM);
			continue;
		}
		unknown += !figure(pool, tracked);
		kpool_put(pool, obj);
		expect_tracked(test, pool, 0);
	}
	KUNIT_EXPECT_GT(test, left, 0U);
	if (keeps(pool))
		KUNIT_EXPECT_GT(test, unknown, 0U);
	expect_in_use(test, pool, 0);
}

KUNIT_ARRAY_PARAM_DESC(loaded, loaded_pools, name);

#define SWITCHES	30

static void switches_under_load_lose_nothing(struct kunit *test)
{
	static const unsigned int one_in[] = { 1, 0, 3, 1 };
	struct kpool_params p = *(const struct kpool_params *)test->param_value;
	unsigned int i, switches = is_full_run() ? 1000 : SWITCHES;
	struct team *team;
	struct load load;

	p.ctx = zalloc_for(test, struct consumer);
	load.pool = tracked_pool(test, &p, 1);
	KUNIT_EXPECT_EQ(test, 0, kp_track_set_leak(to_pool(load.pool), PATIENCE_MS));
	team = team_start(test, &load_duty, &load, U64_MAX);
	for (i = 0; i < switches; i++) {
		KUNIT_EXPECT_EQ(test, 0, kp_track_set(to_pool(load.pool),
						      one_in[i % ARRAY_SIZE(one_in)]));
		if (i % 5 == 0)
			KUNIT_EXPECT_EQ(test, 0, kp_debug_set(to_pool(load.pool), i % 2));
		if (i % 16 == 0) {
			kp_age_pass();
			kpool_trim(load.pool);
		}
		holders(load.pool);
		usleep_range(50, 200);
	}
	KUNIT_EXPECT_EQ(test, 0, kp_track_set(to_pool(load.pool), 1));
	team_stop(team);
	KUNIT_EXPECT_EQ(test, figure(load.pool, misused), 0ULL);
	KUNIT_EXPECT_EQ(test, figure(load.pool, leaks), 0ULL);
	expect_tracked(test, load.pool, 0);
	expect_in_use(test, load.pool, 0);
}

#define WAITERS	(2 * KP_WAITERS_BATCH + 3)

/* Those that wait now are known: in their order, with what they want, and since when. */
static void waiters_are_known(struct kunit *test)
{
	static const struct kpool_params p = { .name = "bounded", .size = SIZE, .max = 2 };
	struct kpool *pool = pool_of(test, &p);
	struct getter **getters = (void *)room_for(test, WAITERS);
	struct kp_waiting waiting[KP_WAITERS_BATCH];
	unsigned int i, n, found = 0;
	u64 after = 0, all;
	void *objs[2];

	get_all(test, pool, objs, 2);
	KUNIT_EXPECT_EQ(test, kp_waiters_after(to_pool(pool), 0, waiting), 0U);
	KUNIT_EXPECT_EQ(test, figure(pool, wait_oldest_ns), 0ULL);
	for (i = 0; i < WAITERS; i++)
		getters[i] = waiter_start(test, pool, 1 + i % 2, FOR_EVER, TASK_UNINTERRUPTIBLE);
	msleep(20);
	while ((n = kp_waiters_after(to_pool(pool), after, waiting))) {
		for (i = 0; i < n; i++, found++) {
			KUNIT_ASSERT_LT(test, found, (unsigned int)WAITERS);
			KUNIT_EXPECT_EQ(test, waiting[i].pid, task_pid_nr(getters[found]->task));
			KUNIT_EXPECT_EQ(test, waiting[i].wanted, 1 + found % 2);
			KUNIT_EXPECT_EQ(test, waiting[i].got, 0U);
			KUNIT_EXPECT_GE(test, waiting[i].ns, 19ULL * NSEC_PER_MSEC);
		}
		after = waiting[n - 1].arrival;
	}
	KUNIT_EXPECT_EQ(test, found, (unsigned int)WAITERS);
	KUNIT_EXPECT_GE(test, figure(pool, wait_oldest_ns), 19ULL * NSEC_PER_MSEC);
	all = figure(pool, waiting_ns);
	KUNIT_EXPECT_GE(test, all, WAITERS * 19ULL * NSEC_PER_MSEC);
	KUNIT_EXPECT_LE(test, all, WAITERS * figure(pool, wait_oldest_ns));

	kpool_put(pool, objs[0]);
	KUNIT_EXPECT_TRUE(test, came(getters[0]));
	/* Those that still wait. */
	KUNIT_EXPECT_GE(test, figure(pool, waiting_ns), (WAITERS - 1) * 19ULL * NSEC_PER_MSEC);
	kpool_put(pool, objs[1]);
	for (i = 0; i < WAITERS; i++) {
		getter_end(test, getters[i]);
		KUNIT_EXPECT_EQ(test, getters[i]->err, 0);
	}
	KUNIT_EXPECT_EQ(test, figure(pool, waiting_ns), 0ULL);
	KUNIT_EXPECT_EQ(test, figure(pool, wait_oldest_ns), 0ULL);
	KUNIT_EXPECT_EQ(test, figure(pool, waiting_peak), (u64)WAITERS);
	kp_waitlist_reset_peaks(to_pool(pool)->waitlist);
	KUNIT_EXPECT_EQ(test, figure(pool, waiting_peak), 0ULL);
	KUNIT_EXPECT_EQ(test, figure(pool, wait_max_ns), 0ULL);
	KUNIT_EXPECT_EQ(test, figure(pool, existing_peak), figure(pool, existing));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(holder_is_known),
	KUNIT_CASE(debugged_pool_knows_holders),
	KUNIT_CASE_PARAM(put_ends_the_use, way_gen_params),
	KUNIT_CASE(some_gets_are_tracked),
	KUNIT_CASE(end_forgets),
	KUNIT_CASE(leak_is_told_once),
	KUNIT_CASE(end_of_the_pool_names_holders),
	KUNIT_CASE(no_memory_leaves_the_holder_unknown),
	KUNIT_CASE_PARAM(switches_under_load_lose_nothing, loaded_gen_params),
	KUNIT_CASE(waiters_are_known),
	{}
};

struct kunit_suite track_suite = {
	.name = "kpool_track",
	.suite_exit = resume_ageing,
	.test_cases = cases,
};
