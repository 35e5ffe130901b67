// SPDX-License-Identifier: GPL-2.0-only
/* Events about pools that have no objects for their gets: each is told, and not too often. */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/sched.h>

#include "base/observer.h"
#include "base/work.h"
#include "fixture.h"
#include "policy/shrink.h"
#include "pool.h"
#include "store/waitlist.h"

#define SIZE	64
#define OBJS	2

static const struct kpool_params bounded = { .name = "alarmed", .size = SIZE, .max = OBJS };

/* What the observer of this suite was told of all pools. */
static struct {
	bool listens;
	atomic_t exhausted, recovered, timeouts, pressure;
} told;

static void tell_exhausted(struct kp_pool *pool)
{
	atomic_inc(&told.exhausted);
}

static void tell_recovered(struct kp_pool *pool)
{
	atomic_inc(&told.recovered);
}

static void tell_timeouts(struct kp_pool *pool)
{
	atomic_inc(&told.timeouts);
}

static void tell_pressure(struct kp_pool *pool)
{
	atomic_inc(&told.pressure);
}

static bool listens(void)
{
	return READ_ONCE(told.listens);
}

static struct kp_observer observer = {
	.exhausted = tell_exhausted,
	.recovered = tell_recovered,
	.timeouts = tell_timeouts,
	.pressure = tell_pressure,
	.listens = listens,
};

/* Sleeps until the counter has this value. Works come by themselves. */
static bool comes(atomic_t *counter, int value)
{
	unsigned long end = jiffies + msecs_to_jiffies(PATIENCE_MS);

	while (atomic_read(counter) != value && time_before(jiffies, end))
		msleep(20);
	return atomic_read(counter) == value;
}

static void fail_some(struct kunit *test, struct kpool *pool)
{
	unsigned int i;

	for (i = 0; i < 50; i++)
		KUNIT_ASSERT_PTR_EQ(test, kpool_get(pool, GFP_NOWAIT), ERR_PTR(-EBUSY));
}

/* One event for many gets that fail. One when it is over. Then the next one. */
static void failing_gets_are_one_event(struct kunit *test)
{
	struct kpool *pool = pool_of(test, &bounded);
	void *objs[OBJS];

	get_all(test, pool, objs, OBJS);
	KUNIT_EXPECT_EQ(test, atomic_read(&told.exhausted), 0);
	fail_some(test, pool);
	KUNIT_EXPECT_TRUE(test, comes(&told.exhausted, 1));
	fail_some(test, pool);
	/* No get fails any more, but there is nothing for the next one. */
	msleep(2500);
	KUNIT_EXPECT_EQ(test, atomic_read(&told.exhausted), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&told.recovered), 0);
	put_all(pool, objs, 1);
	KUNIT_EXPECT_TRUE(test, comes(&told.recovered, 1));
	get_all(test, pool, objs, 1);
	fail_some(test, pool);
	KUNIT_EXPECT_TRUE(test, comes(&told.exhausted, 2));
	put_all(pool, objs, OBJS);
	KUNIT_EXPECT_TRUE(test, comes(&told.recovered, 2));
	KUNIT_EXPECT_EQ(test, atomic_read(&told.timeouts), 0);
}

/* A get that waits raises the alarm, and it lasts as long as one waits. */
static void waiting_get_is_an_event(struct kunit *test)
{
	struct kpool *pool = pool_of(test, &bounded);
	struct getter *g;
	void *objs[OBJS];

	get_all(test, pool, objs, OBJS);
	g = waiter_start(test, pool, 1, FOR_EVER, TASK_UNINTERRUPTIBLE);
	KUNIT_EXPECT_TRUE(test, comes(&told.exhausted, 1));
	msleep(1500);
	KUNIT_EXPECT_EQ(test, atomic_read(&told.recovered), 0);
	put_all(pool, objs, OBJS);
	getter_end(test, g);
	KUNIT_EXPECT_TRUE(test, comes(&told.recovered, 1));
	KUNIT_EXPECT_EQ(test, atomic_read(&told.exhausted), 1);
}

/* Three timeouts at once are one event. */
static void timeouts_are_one_event(struct kunit *test)
{
	struct kpool *pool = pool_of(test, &bounded);
	void *objs[OBJS];
	unsigned int i;

	get_all(test, pool, objs, OBJS);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_PTR_EQ(test, kpool_get_timeout(pool, GFP_KERNEL, 1),
				    ERR_PTR(-ETIMEDOUT));
	KUNIT_EXPECT_EQ(test, atomic_read(&told.timeouts), 1);
	KUNIT_EXPECT_EQ(test, figure(pool, timeouts), 3ULL);
	put_all(pool, objs, OBJS);
}

/* A pool that ends during an alarm ends at once, and is told of no more. */
static void pool_ends_during_an_alarm(struct kunit *test)
{
	struct kpool *pool = create(&bounded);
	void *objs[OBJS];
	u32 id;

	KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
	id = to_pool(pool)->id;
	get_all(test, pool, objs, OBJS);
	fail_some(test, pool);
	KUNIT_EXPECT_TRUE(test, comes(&told.exhausted, 1));
	put_all(pool, objs, OBJS);
	KUNIT_EXPECT_EQ(test, kpool_destroy(pool), 0UL);
	settle();
	KUNIT_EXPECT_FALSE(test, pool_left(id));
	msleep(1500);
	KUNIT_EXPECT_EQ(test, atomic_read(&told.recovered), 0);
}

static void pressure_is_an_event(struct kunit *test)
{
	static const struct kpool_params p = { .name = "pressed", .size = SIZE };
	struct kpool *pool = filled_pool(test, &p, 1000);
	unsigned long taken;

	if (!keeps(pool))
		return;
	kp_shrink_scan(100, &taken);
	KUNIT_ASSERT_GT(test, taken, 0UL);
	kp_shrink_scan(100, &taken);
	kp_defer_sync(to_pool(pool));
	KUNIT_EXPECT_EQ(test, atomic_read(&told.pressure), 1);
}

/* Without listeners nothing is told, and no work looks at the pool. */
static void nobody_listens(struct kunit *test)
{
	struct kpool *pool = pool_of(test, &bounded);
	void *objs[OBJS];

	told.listens = false;
	get_all(test, pool, objs, OBJS);
	fail_some(test, pool);
	KUNIT_EXPECT_FALSE(test, to_pool(pool)->waitlist->alarm.raised);
	told.listens = true;
	fail_some(test, pool);
	KUNIT_EXPECT_TRUE(test, comes(&told.exhausted, 1));
	put_all(pool, objs, OBJS);
}

static int begin(struct kunit *test)
{
	memset(&told, 0, sizeof(told));
	told.listens = true;
	return 0;
}

/* No pool exists while the list of observers changes. */
static int alarm_suite_init(struct kunit_suite *suite)
{
	settle();
	kp_observe(&observer);
	return 0;
}

static void alarm_suite_exit(struct kunit_suite *suite)
{
	settle();
	kp_observe_no_more(&observer);
	resume_ageing(suite);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(failing_gets_are_one_event),
	KUNIT_CASE(waiting_get_is_an_event),
	KUNIT_CASE(timeouts_are_one_event),
	KUNIT_CASE(pool_ends_during_an_alarm),
	KUNIT_CASE(pressure_is_an_event),
	KUNIT_CASE(nobody_listens),
	{}
};

struct kunit_suite alarm_suite = {
	.name = "kpool_alarm",
	.init = begin,
	.suite_init = alarm_suite_init,
	.suite_exit = alarm_suite_exit,
	.test_cases = cases,
};
