// SPDX-License-Identifier: GPL-2.0-only
/* Callbacks that take long, or hang: what waits for them, and what does not. */
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/sched/signal.h>

#include "base/work.h"
#include "fixture.h"
#include "pool.h"
#include "store/waitlist.h"

#define OBJS	8

/* A consumer whose ctor and dtor end when the test says so. A complete() ends one call. */
struct slow {
	struct completion ctor, dtor;
	bool ctors_wait, dtors_wait;
	bool unhealthy;
	atomic_t ctors_begun, ctors, dtors_begun, dtors;
};

static int slow_ctor(void *obj, void *ctx, gfp_t gfp, int node)
{
	struct slow *slow = ctx;

	atomic_inc(&slow->ctors_begun);
	if (READ_ONCE(slow->ctors_wait))
		wait_for_completion(&slow->ctor);
	atomic_inc(&slow->ctors);
	return 0;
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
	{ .name = "unbounded", .flags = KPOOL_SLEEPING, .max_idle = KPOOL_NONE },
	{ .name = "bounded", .flags = KPOOL_SLEEPING, .max_idle = KPOOL_NONE, .max = OBJS },
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

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(objects_on_their_way_out_are_not_in_use, closing_gen_params),
	{}
};

struct kunit_suite callbacks_suite = {
	.name = "kpool_callbacks",
	.suite_exit = resume_ageing,
	.test_cases = cases,
};
