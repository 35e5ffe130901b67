// SPDX-License-Identifier: GPL-2.0-only
/* Debugged pools: each wrong use is reported and refused, and good use never is. */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "base/work.h"
#include "fixture.h"
#include "interrupts.h"
#include "load.h"
#include "log.h"
#include "object/debug.h"
#include "policy/age.h"
#include "policy/instrument.h"
#include "pool.h"

#define SIZE		96

static const struct kpool_params debugged = { .name = "debugged", .size = SIZE,
					      .flags = KPOOL_DEBUG };

static void *obj_of(struct kunit *test, struct kpool *pool)
{
	void *obj = kpool_get(pool, GFP_KERNEL);

	KUNIT_ASSERT_FALSE(test, IS_ERR(obj));
	return obj;
}

/* The callers that the log has to name. */
static noinline void *debug_getter(struct kpool *pool)
{
	void *obj = kpool_get(pool, GFP_KERNEL);

	barrier();		/* no tail call: the log would name the caller's caller */
	return obj;
}

static noinline void debug_putter(struct kpool *pool, void *obj)
{
	kpool_put(pool, obj);
	barrier();
}

static void put_bulk(struct kpool *pool, void *obj)
{
	void *objs[] = { NULL, obj };

	kpool_put_bulk(pool, objs, 2);
}

/* An object that was built for the pool, and that no get has returned. */
static void *never_got(struct kpool *pool)
{
	struct kp_record *r;
	unsigned long key;

	xa_for_each(&to_pool(pool)->debug->records->by_address, key, r)
		if (!r->got.caller && !r->put_by)
			return r->obj;
	return NULL;
}

enum wrong { TWICE, OTHER_POOL, STACK, INSIDE, FOREIGN, NEVER_GOT };

static const struct wrong_put {
	const char *what;
	enum wrong wrong;
	void (*put)(struct kpool *pool, void *obj);
	const char *says;
} wrong_puts[] = {
	{ "twice", TWICE, debug_putter, "which was put before, by debug_putter" },
	{ "twice, discarded", TWICE, kpool_discard, "which was put before, by debug_putter" },
	{ "twice, after a grace period", TWICE, kpool_put_rcu, "which was put before" },
	{ "twice, in bulk", TWICE, put_bulk, "the last get was by debug_getter" },
	{ "another pool's", OTHER_POOL, debug_putter, "which has 40 bytes; the last get was by " },
	{ "another pool's, discarded", OTHER_POOL, kpool_discard, "of debugged-too" },
	{ "on the stack", STACK, debug_putter, "it is no object of this pool" },
	{ "inside", INSIDE, debug_putter, "it lies 24 bytes inside object 1 of debugged" },
	{ "inside, in bulk", INSIDE, put_bulk, "; the last get was by debug_getter" },
	{ "foreign", FOREIGN, debug_putter, "it is no object of this pool" },
	{ "foreign, after a grace period", FOREIGN, kpool_put_rcu, "it is no object of this pool" },
	{ "never got", NEVER_GOT, debug_putter, "which no get has returned yet" },
};

KUNIT_ARRAY_PARAM_DESC(wrong_put, wrong_puts, what);

static void wrong_put_is_refused_and_named(struct kunit *test)
{
	static const struct kpool_params too = { .name = "debugged-too", .size = 40,
						 .flags = KPOOL_DEBUG };
	const struct wrong_put *w = test->param_value;
	struct kpool_params p = debugged;
	void *obj, *wrong, *theirs, *never;
	struct kpool *pool, *other;
	unsigned long on_stack[4];
	const char *log;

	p.flags |= KPOOL_RCU;
	p.min_idle = w->wrong == NEVER_GOT ? 2 : 0;
	pool = pool_of(test, &p);
	other = pool_of(test, &too);
	if (w->wrong == NEVER_GOT && !keeps(pool))
		kunit_skip(test, "a bypassed pool has no idle objects");
	obj = debug_getter(pool);
	theirs = obj_of(test, other);
	/* The pool has built two objects, and a get has returned one of them. */
	never = obj_of(test, pool);
	KUNIT_ASSERT_FALSE(test, IS_ERR(obj));
	switch (w->wrong) {
	case TWICE:
		debug_putter(pool, obj);
		wrong = obj;
		break;
	case OTHER_POOL:
		wrong = theirs;
		break;
	case STACK:
		wrong = on_stack;
		OPTIMIZER_HIDE_VAR(wrong);
		break;
	case INSIDE:
		wrong = obj + 24;
		break;
	case FOREIGN:
		wrong = zalloc_bytes(test, SIZE);
		break;
	default:
		kpool_put(pool, never);
		kpool_trim(pool);
		never = NULL;
		/* The worker builds two more for min_idle. */
		kp_age_pass();
		kp_defer_sync(to_pool(pool));
		wrong = never_got(pool);
		KUNIT_ASSERT_NOT_NULL(test, wrong);
	}

	log_begin();
	w->put(pool, wrong);
	log = log_end();
	/* A bypassed pool has freed the object before its second put. */
	if (keeps(pool) || w->wrong != TWICE)
		expect_in_log(test, log, w->says);
	expect_in_log(test, log, "pool debugged (id ");
	expect_in_log(test, log, " is refused: ");
	KUNIT_EXPECT_EQ(test, figure(pool, misused), 1ULL);
	KUNIT_EXPECT_EQ(test, figure(other, misused), 0ULL);

	/* The pools go on. */
	if (w->wrong != TWICE)
		kpool_put(pool, obj);
	kpool_put(pool, never);
	kpool_put(other, theirs);
	rcu_barrier();
	expect_in_use(test, pool, 0);
	expect_in_use(test, other, 0);
	obj = obj_of(test, pool);
	kpool_put(pool, obj);
	KUNIT_EXPECT_EQ(test, figure(pool, misused), 1ULL);
}

struct put_from {
	struct kpool *pool;
	void *obj;
};

static void put_from(void *arg)
{
	struct put_from *from = arg;

	kpool_put(from->pool, from->obj);
}

static int put_from_thread(void *arg)
{
	put_from(arg);
	return 0;
}

/* The same object, put a second time from elsewhere. */
static void second_put_is_refused_anywhere(struct kunit *test)
{
	static const enum context contexts[] = { SOFTIRQ, TIMER, HARD_TIMER, IRQ_WORK };
	struct kpool *pool = pool_of(test, &debugged);
	struct put_from from = { .pool = pool };
	void *other = obj_of(test, pool);
	struct interrupt *in = zalloc_for(test, struct interrupt);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(contexts); i++) {
		interrupt_init(test, in, contexts[i], put_from, &from);
		from.obj = obj_of(test, pool);
		kpool_put(pool, from.obj);
		KUNIT_ASSERT_TRUE(test, interrupt(in));
		KUNIT_EXPECT_EQ(test, figure(pool, misused), (u64)i + 1);
	}
	from.obj = obj_of(test, pool);
	kpool_put(pool, from.obj);
	on_cpu(test, cpu_in_turn(1), put_from_thread, &from);
	KUNIT_EXPECT_EQ(test, figure(pool, misused), (u64)ARRAY_SIZE(contexts) + 1);
	expect_in_use(test, pool, 1);
	kpool_put(pool, other);
}

/*
 * The first user puts an object a second time, when a second user has the object. kpool cannot tell
 * the two puts apart. But the second user's put is then the one too many.
 */
static void put_of_an_object_with_a_new_user_is_found(struct kunit *test)
{
	struct kpool *pool = pool_of(test, &debugged);
	const char *log;
	void *obj;

	if (!keeps(pool))
		return;	/* a bypassed pool frees the object with the first put */
	obj = obj_of(test, pool);
	kpool_put(pool, obj);
	KUNIT_EXPECT_PTR_EQ(test, obj, debug_getter(pool));
	debug_putter(pool, obj);
	log_begin();
	kpool_put(pool, obj);
	log = log_end();
	expect_in_log(test, log, "which was put before, by debug_putter");
	KUNIT_EXPECT_EQ(test, figure(pool, misused), 1ULL);
}

/* Writes to an idle object are found by a get, by ageing, and by a trim. */
enum finder { BY_GET, BY_BULK, BY_WAITING_GET, BY_AGEING, BY_TRIM, BY_DESTROY };

static const struct late_write {
	const char *what;
	enum finder finder;
	struct kpool_params params;
	size_t offset;
	const char *says;
} late_writes[] = {
	{ "get", BY_GET, { .size = SIZE }, 40, "after its put, at offset 40" },
	{ "last byte", BY_GET, { .size = SIZE }, SIZE - 1, "after its put, at offset 95" },
	{ "pages", BY_GET, { .size = 8192 }, 0, "after its put, at offset 0" },
	{ "odd size", BY_GET, { .size = 13 }, 12, "after its put, at offset 12" },
	{ "bulk", BY_BULK, { .size = SIZE }, 40, "after its put, at offset 40" },
	{ "waiting get", BY_WAITING_GET, { .size = SIZE, .max = 4 }, 40, "at offset 40" },
	{ "ageing", BY_AGEING, { .size = SIZE }, 40, "after its put, at offset 40" },
	{ "trim", BY_TRIM, { .size = SIZE }, 40, "after its put, at offset 40" },
	{ "destroy", BY_DESTROY, { .size = SIZE }, 40, "after its put, at offset 40" },
	{ "built", BY_GET, { .size = SIZE, .ops = &consumer_ops }, 60, "was written to after" },
	{ "built, trim", BY_TRIM, { .size = SIZE, .ops = &consumer_ops }, 60, "the put was by" },
	{ "wiped", BY_GET, { .size = SIZE, .flags = KPOOL_ZERO_ON_PUT }, 60, "the put was by" },
	{ "expiring", BY_GET, { .size = SIZE, .idle_ms = 60000 }, 60, "at offset 60" },
};

KUNIT_ARRAY_PARAM_DESC(late_write, late_writes, what);

static void write_after_put_is_found(struct kunit *test)
{
	const struct late_write *w = test->param_value;
	struct kpool_params p = w->params;
	struct kpool *pool;
	const char *log;
	void *obj, *got = NULL;
	u32 id;

	p.name = "debugged";
	p.flags |= KPOOL_DEBUG;
	p.ctx = zalloc_for(test, struct consumer);
	pool = create(&p);
	KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
	if (!keeps(pool)) {
		kpool_destroy(pool);
		return;	/* a bypassed pool keeps no object */
	}
	id = to_pool(pool)->id;
	obj = debug_getter(pool);
	KUNIT_EXPECT_FALSE(test, IS_ERR(obj));
	debug_putter(pool, obj);
	((u8 *)obj)[w->offset] ^= 0x11;

	log_begin();
	switch (w->finder) {
	case BY_GET:
		got = kpool_get(pool, GFP_KERNEL);
		break;
	case BY_BULK:
		KUNIT_EXPECT_EQ(test, kpool_get_bulk(pool, GFP_KERNEL, &got, 1), 0);
		break;
	case BY_WAITING_GET:
		got = kpool_get_timeout(pool, GFP_KERNEL, HZ);
		break;
	case BY_AGEING:
		kp_age_pass();
		kp_defer_sync(to_pool(pool));
		break;
	case BY_TRIM:
		kpool_trim(pool);
		break;
	default:
		kpool_destroy(pool);
		settle();
	}
	log = log_end();
	expect_in_log(test, log, w->says);
	expect_in_log(test, log, "pool debugged (id ");
	expect_in_log(test, log, "debug_putter");
	if (w->finder == BY_DESTROY) {
		KUNIT_EXPECT_FALSE(test, pool_left(id));
		return;
	}
	KUNIT_EXPECT_EQ(test, figure(pool, misused), 1ULL);
	/* Nobody gets the object. */
	if (w->finder != BY_TRIM)
		KUNIT_EXPECT_EQ(test, figure(pool, unhealthy), 1ULL);
	if (got)
		kpool_put(pool, got);
	kpool_destroy(pool);
}

/* Writes behind the end of an object are found by its put. */
static const struct overrun {
	const char *what;
	struct kpool_params params;
	size_t offset;
} overruns[] = {
	{ "small", { .size = SIZE }, SIZE },
	{ "small, later", { .size = SIZE }, SIZE + 15 },
	{ "odd", { .size = 13 }, 13 },
	{ "tiny", { .size = 3 }, 8 },
	{ "built", { .size = SIZE, .ops = &consumer_ops }, SIZE },
	{ "pages", { .size = 5000 }, 5000 },
	{ "vmalloc", { .size = 100, .flags = KPOOL_VMALLOC }, 100 },
	{ "aligned", { .size = 100, .align = 64 }, 100 },
};

KUNIT_ARRAY_PARAM_DESC(overrun, overruns, what);

static void write_behind_the_end_is_found(struct kunit *test)
{
	const struct overrun *o = test->param_value;
	struct kpool_params p = o->params;
	struct kpool *pool;
	const char *log;
	char says[80];
	void *obj;

	p.name = "debugged";
	p.flags |= KPOOL_DEBUG;
	p.ctx = zalloc_for(test, struct consumer);
	pool = pool_of(test, &p);
	obj = debug_getter(pool);
	KUNIT_ASSERT_FALSE(test, IS_ERR(obj));
	((u8 *)obj)[o->offset] ^= 0x11;
	log_begin();
	debug_putter(pool, obj);
	log = log_end();
	snprintf(says, sizeof(says), "written to behind its end, at offset %zu;", o->offset);
	expect_in_log(test, log, says);
	expect_in_log(test, log, "the last get was by debug_getter");
	expect_in_log(test, log, "the put is by debug_putter");
	KUNIT_EXPECT_EQ(test, figure(pool, misused), 1ULL);
	expect_in_use(test, pool, 0);

	obj = obj_of(test, pool);
	memset(obj, 0xff, p.size);
	if (p.ops)
		((struct object *)obj)->state = OBJECT_BUILT;
	kpool_put(pool, obj);
	KUNIT_EXPECT_EQ(test, figure(pool, misused), 1ULL);
}

static void object_that_is_held_for_long_is_reported_once(struct kunit *test)
{
	struct kpool *pool = pool_of(test, &debugged);
	char task[TASK_COMM_LEN + 8];
	void *obj, *other;
	const char *log, *report;

	to_pool(pool)->debug->held_ms = 50;
	obj = debug_getter(pool);
	KUNIT_ASSERT_FALSE(test, IS_ERR(obj));
	kp_age_pass();
	kp_defer_sync(to_pool(pool));
	KUNIT_EXPECT_EQ(test, figure(pool, misused), 0ULL);
	msleep(100);
	other = obj_of(test, pool);

	log_begin();
	kp_age_pass();
	kp_defer_sync(to_pool(pool));
	kp_age_pass();
	kp_defer_sync(to_pool(pool));
	log = log_end();
	snprintf(task, sizeof(task), "task %s[", current->comm);
	report = strstr(log, "since a get by debug_getter");
	KUNIT_ASSERT_NOT_NULL(test, report);
	KUNIT_EXPECT_NULL(test, strstr(report + 1, "since a get by debug_getter"));
	expect_in_log(test, log, task);
	/* A busy machine may not run this task for so long that the other one is told, too. */
	KUNIT_EXPECT_EQ(test, figure(pool, misused), (u64)reports_in(log));
	kpool_put(pool, obj);
	kpool_put(pool, other);
}

/* Debugging begins while objects are in use and idle, and ends. */
static void debugging_begins_and_ends_in_a_running_pool(struct kunit *test)
{
	static const struct kpool_params p = { .name = "running", .size = SIZE };
	struct kpool *pool = pool_of(test, &p);
	void *objs[8], *late;
	unsigned int i;

	get_all(test, pool, objs, 8);
	put_all(pool, objs + 4, 4);
	KUNIT_ASSERT_EQ(test, 0, kp_debug_set(to_pool(pool), true));

	/* The pool does not know these objects yet. */
	for (i = 0; i < 4; i++)
		kpool_put(pool, objs[i]);
	KUNIT_EXPECT_EQ(test, figure(pool, misused), 0ULL);
	if (keeps(pool)) {
		kpool_put(pool, objs[0]);
		KUNIT_EXPECT_EQ(test, figure(pool, misused), 1ULL);
	}
	get_all(test, pool, objs, 8);
	KUNIT_EXPECT_EQ(test, figure(pool, misused), (u64)keeps(pool));
	late = objs[0];
	put_all(pool, objs, 8);
	kpool_put(pool, late);
	KUNIT_EXPECT_EQ(test, figure(pool, misused), 1ULL + keeps(pool));
	KUNIT_EXPECT_EQ(test, (u64)atomic_long_read(&to_pool(pool)->debug->recorded),
			figure(pool, existing));

	get_all(test, pool, objs, 4);
	KUNIT_ASSERT_EQ(test, 0, kp_debug_set(to_pool(pool), false));
	KUNIT_EXPECT_TRUE(test, xa_empty(&to_pool(pool)->debug->own.by_address));
	put_all(pool, objs, 4);
	get_all(test, pool, objs, 8);
	put_all(pool, objs, 8);
	KUNIT_EXPECT_EQ(test, figure(pool, misused), 1ULL + keeps(pool));
	expect_in_use(test, pool, 0);
}

/* Puts go on as they were, and hits too. */
static void hits_come_back(struct kunit *test)
{
	static const struct kpool_params p = { .name = "running", .size = SIZE };
	struct kpool *pool = pool_of(test, &p);
	u64 misses;
	void *obj;

	if (!keeps(pool))
		return;	/* a bypassed pool has no hits */
	pin(test, raw_smp_processor_id());
	kpool_put(pool, obj_of(test, pool));
	KUNIT_ASSERT_EQ(test, 0, kp_debug_set(to_pool(pool), true));
	misses = figure(pool, get_misses);
	obj = obj_of(test, pool);
	kpool_put(pool, obj);
	KUNIT_EXPECT_EQ(test, figure(pool, get_misses), misses + 1);
	KUNIT_ASSERT_EQ(test, 0, kp_debug_set(to_pool(pool), false));
	kpool_put(pool, obj_of(test, pool));
	misses = figure(pool, get_misses);
	kpool_put(pool, obj_of(test, pool));
	KUNIT_EXPECT_EQ(test, figure(pool, get_misses), misses);
}

static void anyctx_pool_is_not_debugged(struct kunit *test)
{
	static const struct kpool_params p = { .name = "anyctx", .size = SIZE,
					       .flags = KPOOL_ANYCTX };
	struct kpool_params both = p;
	const char *log;

	KUNIT_EXPECT_EQ(test, kp_debug_set(to_pool(pool_of(test, &p)), true), -EOPNOTSUPP);
	both.name = "both";
	both.flags |= KPOOL_DEBUG;
	log_begin();
	KUNIT_EXPECT_PTR_EQ(test, create(&both), ERR_PTR(-EINVAL));
	log = log_end();
	expect_in_log(test, log, "KPOOL_DEBUG, but KPOOL_ANYCTX");
}

KUNIT_ARRAY_PARAM_DESC(loaded, loaded_pools, name);

#define SWITCHES	30

static void switches_under_load_report_nothing(struct kunit *test)
{
	struct kpool_params p = *(const struct kpool_params *)test->param_value;
	unsigned int i, switches = is_full_run() ? 1000 : SWITCHES;
	struct load load;
	struct team *team;

	p.ctx = zalloc_for(test, struct consumer);
	load.pool = pool_of(test, &p);
	team = team_start(test, &load_duty, &load, U64_MAX);
	for (i = 0; i < switches; i++) {
		KUNIT_EXPECT_EQ(test, 0, kp_debug_set(to_pool(load.pool), i % 2 == 0));
		if (i % 16 == 0) {
			kp_age_pass();
			kpool_trim(load.pool);
		}
		usleep_range(50, 200);
	}
	team_stop(team);
	KUNIT_EXPECT_EQ(test, figure(load.pool, misused), 0ULL);
	expect_in_use(test, load.pool, 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(wrong_put_is_refused_and_named, wrong_put_gen_params),
	KUNIT_CASE(second_put_is_refused_anywhere),
	KUNIT_CASE(put_of_an_object_with_a_new_user_is_found),
	KUNIT_CASE_PARAM(write_after_put_is_found, late_write_gen_params),
	KUNIT_CASE_PARAM(write_behind_the_end_is_found, overrun_gen_params),
	KUNIT_CASE(object_that_is_held_for_long_is_reported_once),
	KUNIT_CASE(debugging_begins_and_ends_in_a_running_pool),
	KUNIT_CASE(hits_come_back),
	KUNIT_CASE(anyctx_pool_is_not_debugged),
	KUNIT_CASE_PARAM(switches_under_load_report_nothing, loaded_gen_params),
	{}
};

static int debug_init(struct kunit_suite *suite)
{
	kp_debug_limit.interval = 0;	/* each report is one line of the log */
	return 0;
}

static void debug_exit(struct kunit_suite *suite)
{
	kp_debug_limit.interval = DEFAULT_RATELIMIT_INTERVAL;
	resume_ageing(suite);
}

struct kunit_suite debug_suite = {
	.name = "kpool_debug",
	.suite_init = debug_init,
	.suite_exit = debug_exit,
	.test_cases = cases,
};
