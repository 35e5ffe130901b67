// SPDX-License-Identifier: GPL-2.0-only
/* Figures: what has to add up, and the cause of each teardown. */
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/smp.h>

#include "base/work.h"
#include "fixture.h"
#include "policy/bypass.h"
#include "pool.h"

#define OBJS	20

/* act puts OBJS objects, and has them torn down. Returns how many the figure has to count. */
struct cause_case {
	const char *name;
	size_t figure;
	struct kpool_params params;
	u64 (*act)(struct kunit *test, struct kpool *pool, void **objs);
};

static u64 lower_max(struct kunit *test, struct kpool *pool, void **objs)
{
	struct kpool_limits limits;

	put_all(pool, objs, OBJS / 2);
	kpool_limits(pool, &limits);
	limits.max = 1;
	KUNIT_EXPECT_EQ(test, kpool_retune(pool, &limits), 0);
	put_all(pool, objs + OBJS / 2, OBJS / 2);
	kp_defer_sync(to_pool(pool));
	/* A bypassed pool has torn the first half down before. */
	return keeps(pool) ? OBJS - figure(pool, existing) : 0;
}

static u64 put_overflow(struct kunit *test, struct kpool *pool, void **objs)
{
	put_all(pool, objs, OBJS);
	return OBJS - to_pool(pool)->max;
}

static u64 put_overflow_at_once(struct kunit *test, struct kpool *pool, void **objs)
{
	kpool_put_bulk(pool, objs, OBJS);
	return OBJS - to_pool(pool)->max;
}

static u64 put_in_bypass(struct kunit *test, struct kpool *pool, void **objs)
{
	put_all(pool, objs, OBJS);
	return OBJS;
}

static u64 begin_bypass(struct kunit *test, struct kpool *pool, void **objs)
{
	put_all(pool, objs, OBJS);
	kp_set_bypass(to_pool(pool), true);
	return OBJS;
}

static u64 lower_reserve(struct kunit *test, struct kpool *pool, void **objs)
{
	struct kpool_limits limits;

	/* Bypass leaves the reserve alone. */
	kp_set_bypass(to_pool(pool), true);
	put_all(pool, objs, OBJS);
	kpool_limits(pool, &limits);
	limits.reserve = 0;
	KUNIT_EXPECT_EQ(test, kpool_retune(pool, &limits), 0);
	return OBJS;
}

#define FIGURE(name)	offsetof(struct kpool_stats, name)

static const struct cause_case cause_cases[] = {
	{ "max was lowered", FIGURE(over_max),
	  { .name = "lowered", .max = OBJS }, lower_max },
	{ "beyond max", FIGURE(overflow_ended),
	  { .name = "beyond", .max = OBJS / 2, .flags = KPOOL_OVERFLOW }, put_overflow },
	{ "beyond max, in bulk", FIGURE(overflow_ended),
	  { .name = "beyond-bulk", .max = OBJS / 2, .flags = KPOOL_OVERFLOW },
	  put_overflow_at_once },
	{ "bypassed", FIGURE(bypass_ended),
	  { .name = "bypassed", .flags = KPOOL_BYPASS }, put_in_bypass },
	{ "bypass of idle objects", FIGURE(bypass_ended), { .name = "bypass" }, begin_bypass },
	{ "a worker tears down", FIGURE(bypass_ended),
	  { .name = "bypass-sleeping", .flags = KPOOL_SLEEPING }, begin_bypass },
	{ "reserve was lowered", FIGURE(trimmed),
	  { .name = "reserve", .reserve = OBJS, .max = OBJS }, lower_reserve },
};

KUNIT_ARRAY_PARAM_DESC(cause, cause_cases, name);

static void teardown_has_its_cause(struct kunit *test)
{
	const struct cause_case *c = test->param_value;
	struct consumer *consumer = zalloc_for(test, struct consumer);
	struct kpool_params p = c->params;
	void **objs = room_for(test, OBJS);
	struct kpool *pool;
	u64 n;

	p.size = 64;
	p.ops = &consumer_ops;
	pool = pool_of_consumer(test, &p, consumer);
	get_all(test, pool, objs, OBJS);
	n = c->act(test, pool, objs);
	kp_defer_sync(to_pool(pool));
	KUNIT_EXPECT_EQ(test, figure_at(pool, c->figure), n);
	expect_whole(test, pool, consumer);
}

static const struct kpool_params bulks[] = {
	{ .name = "small", .size = 64 },
	{ .name = "pages", .size = 8192 },
	{ .name = "bounded", .size = 64, .max = 2 * OBJS },
	{ .name = "sleeping", .size = 64, .flags = KPOOL_SLEEPING },
	{ .name = "worker", .size = 64, .flags = KPOOL_BUILD_IN_WORKER },
};

KUNIT_ARRAY_PARAM_DESC(bulk, bulks, name);

/* What was built and torn down again counts as that. */
static void bulk_whose_last_ctor_fails_counts_the_others(struct kunit *test)
{
	struct consumer *consumer = failing_consumer(test, OBJS, -EIO);
	struct kpool_params p = *(const struct kpool_params *)test->param_value;
	void **objs = room_for(test, OBJS);
	struct kpool *pool;

	p.ops = &consumer_ops;
	pool = pool_of_consumer(test, &p, consumer);
	KUNIT_EXPECT_EQ(test, kpool_get_bulk(pool, GFP_KERNEL, objs, OBJS), -EIO);
	kp_defer_sync(to_pool(pool));
	KUNIT_EXPECT_EQ(test, figure(pool, created), OBJS - 1ULL);
	KUNIT_EXPECT_EQ(test, figure(pool, destroyed), OBJS - 1ULL);
	KUNIT_EXPECT_EQ(test, figure(pool, undone), OBJS - 1ULL);
	KUNIT_EXPECT_EQ(test, figure(pool, building), 0ULL);
	KUNIT_EXPECT_EQ(test, atomic_read(&consumer->dtors), OBJS - 1);
	expect_in_use(test, pool, 0);
}

struct reader {
	struct kpool *pool;
	u64 readings, lives, sum;	/* how many, and how many did not add up */
};

static void build_and_tear_down(struct member *m)
{
	struct reader *r = m->ctx;
	void *objs[3];

	if (kpool_get_bulk(r->pool, GFP_KERNEL, objs, 1 + m->steps % 3) == 0)
		kpool_put_bulk(r->pool, objs, 1 + m->steps % 3);
}

static const struct duty building_duty = { .step = build_and_tear_down };

static void read_figures(struct reader *r)
{
	struct kpool_stats st;

	kpool_stats(r->pool, &st);
	r->readings++;
	r->lives += st.created != st.destroyed + st.existing;
	r->sum += st.existing != st.idle + st.in_use + st.closing;
	/* Each CPU has three objects at most. Others are being torn down. */
	r->sum += st.existing > to_pool(r->pool)->max;
}

/* Each get builds, and each put tears down. */
static void each_reading_adds_up(struct kunit *test)
{
	const struct kpool_params p = { .name = "readings", .size = 64, .flags = KPOOL_BYPASS,
					.max = 3 * num_possible_cpus() };
	struct reader *r = zalloc_for(test, struct reader);
	struct team *team;

	r->pool = pool_of(test, &p);
	team = team_start(test, &building_duty, r, is_full_run() ? 1000000 : 10000);
	while (!team_did(team))
		for (unsigned int i = 0; i < 10000; i++)
			read_figures(r);
	team_stop(team);
	KUNIT_EXPECT_EQ(test, r->lives, 0ULL);
	KUNIT_EXPECT_EQ(test, r->sum, 0ULL);
	expect_in_use(test, r->pool, 0);
	kunit_info(test, "%llu readings", r->readings);
}

/* Memory for one object. No lock is taken for it, because interrupts ask for it. */
#define MOMENT_BYTES	256

static unsigned int moment_alloc(void *ctx, const struct kpool_memory_request *request,
				 void **mem, unsigned int n)
{
	mem[0] = ctx;
	return 1;
}

static void moment_free(void *ctx, void **mem, unsigned int n)
{
}

static const struct kpool_memory_ops moment_memory = {
	.alloc = moment_alloc, .free = moment_free,
};

/* Interrupts a CPU again and again. The interrupt builds an object, and tears it down. */
struct interrupter {
	struct kpool *pool;
	int cpu;		/* the one that is interrupted */
	unsigned int calls;
};

static void live_and_die(void *arg)
{
	struct kpool *pool = arg;

	kpool_put(pool, kpool_get(pool, GFP_ATOMIC));
}

static int interrupter_thread(void *arg)
{
	struct interrupter *in = arg;

	while (!kthread_should_stop()) {
		smp_call_function_single(in->cpu, live_and_die, in->pool, true);
		WRITE_ONCE(in->calls, in->calls + 1);
		cond_resched();
	}
	return 0;
}

/* Many of the interrupts come in the middle of a reading. No object exists before or after them. */
static void reading_that_is_interrupted_adds_up(struct kunit *test)
{
	const struct kpool_params p = { .name = "moments", .size = 64, .flags = KPOOL_BYPASS,
					.memory = &moment_memory,
					.memory_ctx = zalloc_bytes(test, MOMENT_BYTES) };
	struct interrupter *in = zalloc_for(test, struct interrupter);
	unsigned long end = jiffies + 60 * HZ;
	struct task_struct *task;
	struct kpool_stats *st;
	u64 wrong = 0;
	int beside;

	in->pool = pool_of(test, &p);
	in->cpu = raw_smp_processor_id();
	beside = cpu_beside(test, in->cpu);
	pin(test, in->cpu);
	st = stats_of(test, in->pool);
	task = kthread_create(interrupter_thread, in, "kpool/interrupter");
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	kthread_bind(task, beside);
	wake_up_process(task);
	while (READ_ONCE(in->calls) < (is_full_run() ? 100000 : 3000) &&
	       time_before(jiffies, end)) {
		kpool_stats(in->pool, st);
		wrong += st->existing != 0;
		cond_resched();
	}
	kthread_stop(task);
	KUNIT_EXPECT_GT(test, in->calls, 0U);
	KUNIT_EXPECT_EQ(test, wrong, 0ULL);
	expect_in_use(test, in->pool, 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(teardown_has_its_cause, cause_gen_params),
	KUNIT_CASE_PARAM(bulk_whose_last_ctor_fails_counts_the_others, bulk_gen_params),
	KUNIT_CASE(each_reading_adds_up),
	KUNIT_CASE(reading_that_is_interrupted_adds_up),
	{}
};

struct kunit_suite figures_suite = {
	.name = "kpool_figures",
	.suite_exit = resume_ageing,
	.test_cases = cases,
};
