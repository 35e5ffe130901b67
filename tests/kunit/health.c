// SPDX-License-Identifier: GPL-2.0-only
/* Idle objects about whose health kpool asks, although no get wants them. */
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/sched.h>

#include "base/work.h"
#include "fixture.h"
#include "policy/age.h"
#include "pool.h"

#define IDLE		20
#define MAGAZINE	4

/* A consumer whose objects are healthy from a number on. */
struct clinic {
	atomic_t built;
	int least;		/* objects with a lower number are unhealthy */
	atomic_t asked;
	bool closed;		/* from now on check leaves the objects alone */
};

struct patient {
	int number;		/* in the order of construction, from 1 on */
	bool seen;		/* kpool asked about it */
};

static int patient_ctor(void *obj, void *ctx, gfp_t gfp, int node)
{
	struct clinic *clinic = ctx;

	*(struct patient *)obj = (struct patient){ .number = atomic_inc_return(&clinic->built) };
	return 0;
}

static bool patient_check(void *obj, void *ctx)
{
	struct clinic *clinic = ctx;
	struct patient *patient = obj;

	atomic_inc(&clinic->asked);
	if (!READ_ONCE(clinic->closed))
		patient->seen = true;
	return patient->number >= READ_ONCE(clinic->least);
}

static void patient_dtor(void *obj, void *ctx)
{
}

static const struct kpool_ops patient_ops = {
	.ctor = patient_ctor, .check = patient_check, .dtor = patient_dtor,
};

static const struct kpool_params clinics[] = {
	{ .name = "unbounded", .min_idle = IDLE, .magazine = MAGAZINE },
	{ .name = "bounded", .min_idle = IDLE, .max = 2 * IDLE },
	{ .name = "exact", .min_idle = IDLE, .max = IDLE, .max_idle = IDLE },
	{ .name = "mortal", .min_idle = IDLE, .idle_ms = 1000000, .lifetime_ms = 1000000 },
	{ .name = "sleeping", .min_idle = IDLE, .flags = KPOOL_SLEEPING },
};

KUNIT_ARRAY_PARAM_DESC(clinic, clinics, name);

static struct kpool *clinic_of(struct kunit *test, struct clinic **clinic)
{
	struct kpool_params p = *(const struct kpool_params *)test->param_value;

	*clinic = zalloc_for(test, struct clinic);
	p.size = sizeof(struct patient);
	p.ops = &patient_ops;
	p.ctx = *clinic;
	return pool_of(test, &p);
}

/* An interval is over, and what it left to workers is done. */
static void interval(struct kpool *pool)
{
	kp_age_pass();
	kp_defer_sync(to_pool(pool));
	kp_defer_sync(to_pool(pool));	/* builds for what the first one tore down */
}

static void unhealthy_objects_end_without_a_get(struct kunit *test)
{
	struct clinic *clinic;
	struct kpool *pool = clinic_of(test, &clinic);
	unsigned int i;

	if (nothing_kept(test, pool))
		return;
	WRITE_ONCE(clinic->least, IDLE + 1);
	for (i = 0; i < 64 && figure(pool, unhealthy) < IDLE; i++)
		interval(pool);
	kunit_info(test, "%u intervals, asked %d times", i, atomic_read(&clinic->asked));
	KUNIT_EXPECT_EQ(test, figure(pool, unhealthy), (u64)IDLE);
	KUNIT_EXPECT_TRUE(test, spin_until(figure(pool, idle) == IDLE));
	KUNIT_EXPECT_EQ(test, figure(pool, gets), 0ULL);
	KUNIT_EXPECT_EQ(test, atomic_read(&clinic->built), 2 * IDLE);
	expect_in_use(test, pool, 0);
}

/* In eight intervals kpool asks about each object, and in one of them about a few only. */
static void healthy_objects_stay(struct kunit *test)
{
	struct clinic *clinic;
	struct kpool *pool = clinic_of(test, &clinic);
	struct patient *patients[IDLE];
	unsigned int i, n;
	int before;

	if (nothing_kept(test, pool))
		return;
	/* ceil(IDLE / 8) objects a look, or up to a magazine more. */
	for (i = 0; i < 8; i++) {
		before = atomic_read(&clinic->asked);
		interval(pool);
		n = atomic_read(&clinic->asked) - before;
		KUNIT_EXPECT_GT(test, n, 0U);
		KUNIT_EXPECT_LE(test, n, DIV_ROUND_UP(IDLE, 8) + to_pool(pool)->magazine_room);
	}
	KUNIT_EXPECT_EQ(test, figure(pool, idle), (u64)IDLE);
	KUNIT_EXPECT_EQ(test, atomic_read(&clinic->built), IDLE);
	KUNIT_EXPECT_EQ(test, figure(pool, destroyed), 0ULL);
	expect_idle(test, pool, IDLE);

	WRITE_ONCE(clinic->closed, true);	/* gets ask, too */
	get_all(test, pool, (void **)patients, IDLE);
	for (i = 0; i < IDLE; i++)
		KUNIT_EXPECT_TRUE(test, patients[i]->seen);
	put_all(pool, (void **)patients, IDLE);
	expect_in_use(test, pool, 0);
}

/* A thread that gets while kpool asks about the only objects. */
struct visitor {
	struct kpool *pool;
	struct completion go, ended;
	bool gets, waited;
	void *obj;
	struct task_struct *task;
};

static int visit(void *arg)
{
	struct visitor *v = arg;

	wait_for_completion(&v->go);
	WRITE_ONCE(v->gets, true);
	v->obj = kpool_get(v->pool, GFP_KERNEL);
	complete_all(&v->ended);
	while (!kthread_should_stop())
		schedule_timeout_uninterruptible(1);
	return 0;
}

static bool check_with_visitor(void *obj, void *ctx)
{
	struct visitor *v = ctx;

	if (!v->pool || completion_done(&v->go))
		return true;
	complete_all(&v->go);
	v->waited = spin_until(READ_ONCE(v->gets) &&
			       READ_ONCE(v->task->__state) == TASK_UNINTERRUPTIBLE);
	return true;
}

static const struct kpool_ops visited_ops = { .check = check_with_visitor };

static void get_waits_for_objects_that_are_asked_about(struct kunit *test)
{
	struct visitor *v = zalloc_for(test, struct visitor);
	const struct kpool_params p = { .name = "visited", .size = 64, .min_idle = 2, .max = 2,
					.ops = &visited_ops, .ctx = v };
	struct kpool *pool = pool_of(test, &p);

	if (nothing_kept(test, pool))
		return;
	init_completion(&v->go);
	init_completion(&v->ended);
	v->task = kthread_run(visit, v, "kpool/visitor");
	KUNIT_ASSERT_FALSE(test, IS_ERR(v->task));
	v->pool = pool;
	interval(pool);
	complete_all(&v->go);
	KUNIT_EXPECT_TRUE(test, wait_for_completion_timeout(&v->ended,
							    msecs_to_jiffies(PATIENCE_MS)));
	KUNIT_EXPECT_TRUE(test, v->waited);
	KUNIT_EXPECT_FALSE(test, IS_ERR(v->obj));
	kthread_stop(v->task);
	kpool_put(pool, v->obj);
	expect_in_use(test, pool, 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(unhealthy_objects_end_without_a_get, clinic_gen_params),
	KUNIT_CASE_PARAM(healthy_objects_stay, clinic_gen_params),
	KUNIT_CASE(get_waits_for_objects_that_are_asked_about),
	{}
};

struct kunit_suite health_suite = {
	.name = "kpool_health",
	.suite_exit = resume_ageing,
	.test_cases = cases,
};
