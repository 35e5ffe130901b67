// SPDX-License-Identifier: GPL-2.0-only
/* Idle time, lifetime and health of objects. */
#include <linux/jiffies.h>
#include <linux/minmax.h>

#include "base/clock.h"
#include "base/work.h"
#include "fixture.h"
#include "object/due.h"
#include "object/prefill.h"
#include "policy/age.h"
#include "pool.h"
#include "store/waitlist.h"

/* Much longer than a test takes. Tests move the clock forward instead of waiting. */
#define IDLE_MS		600000
#define LIFETIME_MS	1600000
#define MARGIN		msecs_to_jiffies(20000)
#define OBJS		12
#define MAGAZINE	4

/* Moves the clock, as if the machine had slept. */
static void forward(long ticks)
{
	WRITE_ONCE(kp_clock_slept, kp_clock_slept + ticks);
}

static const struct kpool_params kinds[] = {
	{ .name = "cached", .size = 64, .magazine = MAGAZINE },
	{ .name = "uncached", .size = 64, .max_idle = OBJS },
	{ .name = "bounded", .size = 64, .max = OBJS },
	{ .name = "bounded-cached", .size = 64, .max = 1000, .magazine = MAGAZINE },
	{ .name = "pages", .size = 8192, .magazine = MAGAZINE },
	{ .name = "vmalloc", .size = 64, .flags = KPOOL_VMALLOC },
	{ .name = "kvmalloc", .size = 8192, .flags = KPOOL_KVMALLOC },
	{ .name = "sleeping", .size = 64, .flags = KPOOL_SLEEPING },
	{ .name = "reserve", .size = 64, .reserve = OBJS },
	{ .name = "anyctx", .size = 64, .flags = KPOOL_ANYCTX },
};

KUNIT_ARRAY_PARAM_DESC(kind, kinds, name);

static struct kpool *pool_of_kind(struct kunit *test, struct consumer **consumer,
				  unsigned int idle_ms, unsigned int lifetime_ms)
{
	struct kpool_params p = *(const struct kpool_params *)test->param_value;

	*consumer = zalloc_for(test, struct consumer);
	p.idle_ms = idle_ms;
	p.lifetime_ms = lifetime_ms;
	p.ops = &consumer_ops;
	return pool_of_consumer(test, &p, *consumer);
}

/* As expect_whole(), for a pool that may have a reserve. */
static void expect_end(struct kunit *test, struct kpool *pool, struct consumer *consumer)
{
	expect_in_use(test, pool, 0);
	destroy(test, pool);
	KUNIT_EXPECT_EQ(test, atomic_read(&consumer->dtors), atomic_read(&consumer->ctors));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&consumer->wrongs));
}

/*
 * Uses gets that wait. In a bounded pool an expired object keeps its slot until the worker
 * has torn the object down.
 */
static void get_put(struct kunit *test, struct kpool *pool, unsigned int n)
{
	void **objs = room_for(test, n);
	unsigned int i;

	for (i = 0; i < n; i++) {
		objs[i] = kpool_get_timeout(pool, GFP_KERNEL, FOR_EVER);
		KUNIT_ASSERT_FALSE(test, IS_ERR(objs[i]));
	}
	put_all(pool, objs, n);
}

static void idle_object_is_handed_out_until_it_is_too_old(struct kunit *test)
{
	struct consumer *consumer;
	struct kpool *pool = pool_of_kind(test, &consumer, IDLE_MS, 0);
	u64 created, idle;

	get_put(test, pool, OBJS);
	created = figure(pool, created);
	idle = figure(pool, idle);
	forward(msecs_to_jiffies(IDLE_MS) - MARGIN);
	get_put(test, pool, OBJS);
	if (keeps(pool))
		KUNIT_EXPECT_EQ(test, figure(pool, created), created);
	KUNIT_EXPECT_EQ(test, figure(pool, idle_expired), 0ULL);

	forward(msecs_to_jiffies(IDLE_MS));
	created = figure(pool, created);
	get_put(test, pool, OBJS);
	kp_defer_sync(to_pool(pool));
	KUNIT_EXPECT_EQ(test, figure(pool, created), created + OBJS);
	if (keeps(pool))
		KUNIT_EXPECT_EQ(test, figure(pool, idle_expired), idle);
	expect_end(test, pool, consumer);
}

static void bulk_takes_nothing_too_old(struct kunit *test)
{
	struct consumer *consumer;
	struct kpool *pool = pool_of_kind(test, &consumer, IDLE_MS, 0);
	void **objs = room_for(test, OBJS);
	u64 created;

	if (to_pool(pool)->flags & KPOOL_ANYCTX)
		kunit_skip(test, "a restricted bulk takes what one magazine has");
	KUNIT_ASSERT_EQ(test, kpool_get_bulk(pool, GFP_KERNEL, objs, OBJS), 0);
	kpool_put_bulk(pool, objs, OBJS / 2);
	forward(msecs_to_jiffies(IDLE_MS) / 2 + MARGIN);
	kpool_put_bulk(pool, objs + OBJS / 2, OBJS / 2);
	/* One half is fresh. Its magazines may lie on top of those of the other half. */
	forward(msecs_to_jiffies(IDLE_MS) / 2);
	created = figure(pool, created);
	/* An expired object keeps its slot until the worker has torn the object down. */
	KUNIT_ASSERT_EQ(test, kpool_get_bulk_timeout(pool, GFP_KERNEL, objs, OBJS, FOR_EVER), 0);
	if (keeps(pool)) {
		KUNIT_EXPECT_GE(test, figure(pool, created), created + OBJS / 2);
		KUNIT_EXPECT_LE(test, figure(pool, created), created + OBJS);
	}
	kpool_put_bulk(pool, objs, OBJS);
	expect_end(test, pool, consumer);
}

/* A get that only trylocks leaves the object in the depot, to the worker. */
static void restricted_get_takes_nothing_too_old(struct kunit *test)
{
	const struct kpool_params p = { .name = "restricted", .size = 64, .max_idle = 1,
					.flags = KPOOL_ANYCTX, .idle_ms = IDLE_MS };
	struct kpool *pool = pool_of(test, &p);
	void *obj;

	get_put(test, pool, 1);
	kp_defer_sync(to_pool(pool));
	expect_idle(test, pool, 1);
	forward(msecs_to_jiffies(IDLE_MS) + MARGIN);
	obj = kpool_get(pool, GFP_ATOMIC);
	KUNIT_EXPECT_PTR_EQ(test, obj, ERR_PTR(-EBUSY));
	kpool_put(pool, obj);
	kp_defer_sync(to_pool(pool));
	if (keeps(pool))
		KUNIT_EXPECT_EQ(test, figure(pool, idle_expired), 1ULL);
	expect_in_use(test, pool, 0);
}

static void object_is_torn_down_at_the_end_of_its_life(struct kunit *test)
{
	struct consumer *consumer;
	struct kpool *pool = pool_of_kind(test, &consumer, 0, LIFETIME_MS);
	void **objs = room_for(test, OBJS);
	u64 created, expired;

	get_all(test, pool, objs, OBJS);
	put_all(pool, objs, OBJS);
	forward(msecs_to_jiffies(LIFETIME_MS) / 4 * 3 - MARGIN);
	created = figure(pool, created);
	get_all(test, pool, objs, OBJS);
	if (keeps(pool))
		KUNIT_EXPECT_EQ(test, figure(pool, created), created);
	forward(msecs_to_jiffies(LIFETIME_MS) / 4 + 2 * MARGIN);
	expired = figure(pool, lifetime_expired);
	/* The object is torn down at its put. If the put may not tear down, the next get does. */
	if (to_pool(pool)->flags & KPOOL_ANYCTX) {
		put_all(pool, objs, OBJS);
		get_all(test, pool, objs, OBJS);
	}
	if (keeps(pool)) {
		put_all(pool, objs, OBJS);
		kp_defer_sync(to_pool(pool));
		KUNIT_EXPECT_EQ(test, figure(pool, lifetime_expired), expired + OBJS);
	} else {
		put_all(pool, objs, OBJS);
	}
	created = figure(pool, created);
	get_put(test, pool, OBJS);
	expect_end(test, pool, consumer);
}

/* Objects that were built at the same time do not all expire at the same time. */
static void lifetimes_are_spread(struct kunit *test)
{
	const struct kpool_params p = { .name = "spread", .size = 64, .lifetime_ms = LIFETIME_MS };
	struct kpool *pool = pool_of(test, &p);
	const unsigned int n = 200;
	void **objs = room_for(test, n);

	get_all(test, pool, objs, n);
	forward(msecs_to_jiffies(LIFETIME_MS) / 8 * 7);
	put_all(pool, objs, n);
	kp_defer_sync(to_pool(pool));
	KUNIT_EXPECT_GT(test, figure(pool, lifetime_expired), n / 4ULL);
	KUNIT_EXPECT_LT(test, figure(pool, lifetime_expired), n * 3ULL / 4);
	expect_in_use(test, pool, 0);
}

/* No get comes near. The background finds expired objects, also below what a busy CPU uses. */
static void background_tears_down_what_is_too_old(struct kunit *test)
{
	struct consumer *consumer;
	struct kpool *pool = pool_of_kind(test, &consumer, 40, 0);
	void *obj;
	u64 idle;

	get_put(test, pool, OBJS);
	idle = figure(pool, idle);
	kp_age_start();
	if (keeps(pool))
		KUNIT_EXPECT_TRUE(test, spin_until(({
			obj = kpool_get(pool, GFP_KERNEL);
			if (!IS_ERR(obj))
				kpool_put(pool, obj);
			cond_resched();
			figure(pool, idle_expired) >= idle - 1;
		})));
	if (keeps(pool))
		KUNIT_EXPECT_TRUE(test, spin_until(({
			cond_resched();
			!figure(pool, idle);
		})));
	kp_age_stop();
	expect_end(test, pool, consumer);
}

static void background_ends_lives(struct kunit *test)
{
	struct consumer *consumer;
	struct kpool *pool = pool_of_kind(test, &consumer, 0, 50);

	if (to_pool(pool)->reserve)
		kunit_skip(test, "what is in stock is looked at when it is wanted");
	get_put(test, pool, OBJS);
	kp_age_start();
	KUNIT_EXPECT_TRUE(test, spin_until(({ cond_resched(); !figure(pool, existing); })));
	kp_age_stop();
	if (keeps(pool))
		KUNIT_EXPECT_GT(test, figure(pool, lifetime_expired), 0ULL);
	expect_end(test, pool, consumer);
}

static void min_idle_expires_and_is_regained(struct kunit *test)
{
	const struct kpool_params p = { .name = "regained", .size = 64, .min_idle = OBJS,
					.idle_ms = IDLE_MS, .ops = &consumer_ops };
	struct consumer *consumer = zalloc_for(test, struct consumer);
	struct kpool *pool = pool_of_consumer(test, &p, consumer);
	void *obj;

	/* With bypass the pool keeps nothing. */
	if (nothing_kept(test, pool))
		return;
	forward(msecs_to_jiffies(IDLE_MS) + MARGIN);
	kp_age_start();
	KUNIT_EXPECT_TRUE(test, spin_until(({
		cond_resched();
		figure(pool, idle_expired) == OBJS && figure(pool, idle) == OBJS;
	})));
	/* Ageing also replaces an object that a get took. */
	obj = kpool_get(pool, GFP_KERNEL);
	KUNIT_EXPECT_FALSE(test, IS_ERR(obj));
	kp_age_recount();
	KUNIT_EXPECT_TRUE(test, spin_until(({ cond_resched(); figure(pool, idle) == OBJS; })));
	kp_age_stop();
	kpool_put(pool, obj);
	expect_whole(test, pool, consumer);
}

/* The clock goes back, or jumps far. No object that was put just now is torn down. */
static void clock_may_jump(struct kunit *test)
{
	struct consumer *consumer;
	struct kpool *pool = pool_of_kind(test, &consumer, IDLE_MS, LIFETIME_MS);
	u64 created;

	get_put(test, pool, OBJS);
	created = figure(pool, created);
	forward(-HZ);
	get_put(test, pool, OBJS);
	if (keeps(pool))
		KUNIT_EXPECT_EQ(test, figure(pool, created), created);
	forward(HZ + (1L << 31));
	get_put(test, pool, OBJS);
	KUNIT_EXPECT_EQ(test, figure(pool, created), (keeps(pool) ? 2 : 3) * created);
	forward(-(1L << 31));
	expect_end(test, pool, consumer);
}

/* While the machine goes to sleep and wakes up, only timekeeping knows how long it has slept. */
static void clock_asks_timekeeping_around_a_sleep(struct kunit *test)
{
	const struct kpool_params p = { .name = "unsure", .size = 64, .idle_ms = IDLE_MS };
	struct kpool *pool = pool_of(test, &p);
	u64 created;

	/* Other tests have moved the clock. */
	WRITE_ONCE(kp_clock_slept, kp_now_exactly() - jiffies);
	get_put(test, pool, OBJS);
	created = figure(pool, created);
	static_branch_enable(&kp_clock_unsure);
	forward(msecs_to_jiffies(IDLE_MS) + MARGIN);
	KUNIT_EXPECT_TRUE(test, time_before(kp_now(), kp_now_exactly() + MARGIN));
	get_put(test, pool, OBJS);
	static_branch_disable(&kp_clock_unsure);
	if (keeps(pool))
		KUNIT_EXPECT_EQ(test, figure(pool, created), created);
	expect_in_use(test, pool, 0);
}

/* Ageing does not wake up for a pool without objects. */
static void pool_without_objects_is_not_looked_at(struct kunit *test)
{
	const struct kpool_params p = { .name = "nothing", .size = 64, .idle_ms = IDLE_MS };
	struct kpool *pool = pool_of(test, &p);
	int i;

	KUNIT_EXPECT_FALSE(test, to_pool(pool)->expected);
	get_put(test, pool, 3);
	KUNIT_EXPECT_TRUE(test, to_pool(pool)->expected);
	for (i = 0; i < 4; i++) {
		forward(msecs_to_jiffies(IDLE_MS) + MARGIN);
		kp_age_pass();
		kp_defer_sync(to_pool(pool));
	}
	KUNIT_EXPECT_FALSE(test, to_pool(pool)->expected);
	expect_in_use(test, pool, 0);
}

/* After a sleep of the machine, ageing looks at once for objects that expired meanwhile. */
static void sleep_is_reckoned_with_at_once(struct kunit *test)
{
	const struct kpool_params p = { .name = "slept", .size = 64, .idle_ms = IDLE_MS };
	struct kpool *pool = pool_of(test, &p);

	kp_age_start();
	get_put(test, pool, OBJS);
	forward(msecs_to_jiffies(IDLE_MS) + MARGIN);
	kp_age_recount();
	KUNIT_EXPECT_TRUE(test, spin_until(({ cond_resched(); !figure(pool, existing); })));
	kp_age_stop();
	expect_in_use(test, pool, 0);
}

static int slow_ctor(void *obj, void *ctx, gfp_t gfp, int node)
{
	schedule_timeout_uninterruptible(msecs_to_jiffies(60));
	return 0;
}

/* The pool's objects are due before anybody else can see the pool. */
static void pool_that_is_created_slowly_is_looked_at(struct kunit *test)
{
	const struct kpool_ops ops = { .ctor = slow_ctor };
	const struct kpool_params p = { .name = "slow", .size = 64, .min_idle = 3, .magazine = 1,
					.flags = KPOOL_SLEEPING, .idle_ms = 20, .ops = &ops };
	struct kpool *pool;

	kp_age_start();
	pool = kpool_create(&p);
	KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
	if (keeps(pool))
		KUNIT_EXPECT_TRUE(test, spin_until(({
			cond_resched();
			figure(pool, idle_expired) >= 3;
		})));
	kp_age_stop();
	kpool_destroy(pool);
}

/* If idle objects expire, the reserve keeps memory for so many objects. */
static void reserve_of_memory_is_whole(struct kunit *test)
{
	const struct kpool_params p = { .name = "memory", .size = 8192, .reserve = OBJS,
					.idle_ms = IDLE_MS };
	struct kpool *pool = pool_of(test, &p);

	KUNIT_EXPECT_EQ(test, to_pool(pool)->waitlist->pieces, (unsigned long)OBJS);
	get_put(test, pool, OBJS);
	KUNIT_EXPECT_EQ(test, kp_reserve_missing(to_pool(pool)), 0L);
	forward(msecs_to_jiffies(IDLE_MS) + MARGIN);
	kp_age_pass();
	kp_defer_sync(to_pool(pool));
	KUNIT_EXPECT_EQ(test, to_pool(pool)->waitlist->pieces, (unsigned long)OBJS);
	KUNIT_EXPECT_EQ(test, figure(pool, existing), 0ULL);
}

/* A bulk get that waits has collected an object, and waits so long that the object expires. */
static void bulk_in_line_is_not_handed_what_is_too_old(struct kunit *test)
{
	const struct kpool_params p = { .name = "collected", .size = 64, .max = 2,
					.idle_ms = IDLE_MS };
	struct kpool *pool = pool_of(test, &p);
	struct getter *g;
	void *objs[2];
	u64 created;

	get_all(test, pool, objs, 2);
	g = waiter_start(test, pool, 2, FOR_EVER, TASK_UNINTERRUPTIBLE);
	kpool_put(pool, objs[0]);
	forward(msecs_to_jiffies(IDLE_MS) + MARGIN);
	created = figure(pool, created);
	kpool_put(pool, objs[1]);
	getter_end(test, g);
	KUNIT_EXPECT_EQ(test, g->err, 0);
	KUNIT_EXPECT_EQ(test, figure(pool, created), created + 2);
	expect_in_use(test, pool, 0);
}

/* A consumer whose check fails each n-th object that it is asked about. */
struct checker {
	struct consumer consumer;
	atomic_t checks;
	unsigned int sick;		/* each n-th object fails; 0: none */
};

static bool check(void *obj, void *ctx)
{
	struct checker *c = ctx;
	unsigned int n = atomic_inc_return(&c->checks), sick = READ_ONCE(c->sick);

	if (((struct object *)obj)->state != OBJECT_BUILT || in_nmi())
		atomic_inc(&c->consumer.wrongs);
	return !sick || n % sick;
}

static struct kpool *checked_pool(struct kunit *test, const struct kpool_params *params,
				  struct checker **checker)
{
	struct kpool_params p = *params;
	struct kpool_ops ops = consumer_ops;

	*checker = zalloc_for(test, struct checker);
	ops.check = check;
	p.ops = &ops;
	return pool_of_consumer(test, &p, &(*checker)->consumer);
}

static void unhealthy_object_is_not_handed_out(struct kunit *test)
{
	struct checker *checker;
	struct kpool *pool = checked_pool(test, test->param_value, &checker);
	u64 created, idle, unhealthy;
	void *objs[OBJS];

	get_put(test, pool, OBJS);
	KUNIT_EXPECT_TRUE(test, atomic_read(&checker->checks) == 0 || to_pool(pool)->reserve);
	idle = figure(pool, idle);
	created = figure(pool, created);
	get_put(test, pool, OBJS);
	if (keeps(pool))
		KUNIT_EXPECT_EQ(test, figure(pool, created), created);

	/* Each second object fails. */
	checker->sick = 2;
	unhealthy = figure(pool, unhealthy);
	get_all(test, pool, objs, OBJS);
	checker->sick = 0;
	put_all(pool, objs, OBJS);
	kp_defer_sync(to_pool(pool));
	if (keeps(pool))
		KUNIT_EXPECT_EQ(test, figure(pool, unhealthy), unhealthy + idle / 2);

	/* All objects fail. The get ends with an object that was built just now. */
	checker->sick = 1;
	created = figure(pool, created);
	idle = figure(pool, idle);
	unhealthy = figure(pool, unhealthy);
	objs[0] = kpool_get(pool, GFP_KERNEL);
	KUNIT_ASSERT_FALSE(test, IS_ERR(objs[0]));
	kp_defer_sync(to_pool(pool));
	if (keeps(pool)) {
		KUNIT_EXPECT_EQ(test, figure(pool, created), created + 1);
		KUNIT_EXPECT_EQ(test, figure(pool, unhealthy), unhealthy + idle);
	}
	kpool_put(pool, objs[0]);
	expect_end(test, pool, &checker->consumer);
}

/* The get may not build, and no object is healthy: an error, and no endless loop. */
static void check_that_always_fails_ends(struct kunit *test)
{
	const struct kpool_params p = { .name = "sick", .size = 64, .flags = KPOOL_SLEEPING };
	struct checker *checker;
	struct kpool *pool = checked_pool(test, &p, &checker);

	get_put(test, pool, OBJS);
	checker->sick = 1;
	KUNIT_EXPECT_PTR_EQ(test, kpool_get(pool, GFP_ATOMIC), ERR_PTR(-ENOMEM));
	kp_defer_sync(to_pool(pool));
	if (keeps(pool))
		KUNIT_EXPECT_EQ(test, figure(pool, unhealthy), (u64)OBJS);
	expect_end(test, pool, &checker->consumer);
}

static const struct kpool_params bounds[] = {
	{ .name = "one", .size = 64, .max = 1 },
	{ .name = "one-sleeping", .size = 64, .max = 1, .flags = KPOOL_SLEEPING },
	{ .name = "one-reserved", .size = 64, .max = 1, .reserve = 1 },
};

KUNIT_ARRAY_PARAM_DESC(bound, bounds, name);

/* A waiter to which an unhealthy object is handed off has another one built in its slot. */
static void waiter_is_not_handed_what_is_unfit(struct kunit *test)
{
	struct checker *checker;
	struct kpool *pool = checked_pool(test, test->param_value, &checker);
	struct getter *first, *second;
	void *obj;
	u64 created;

	get_all(test, pool, &obj, 1);
	first = waiter_start(test, pool, 1, FOR_EVER, TASK_UNINTERRUPTIBLE);
	second = waiter_start(test, pool, 1, FOR_EVER, TASK_UNINTERRUPTIBLE);
	checker->sick = 1;
	created = figure(pool, created);
	kpool_put(pool, obj);
	KUNIT_EXPECT_TRUE(test, spin_until(completion_done(&first->done) ||
					   completion_done(&second->done)));
	KUNIT_EXPECT_GE(test, figure(pool, created), created + 1);
	/* Either waiter may have got the slot. The object that it puts is unhealthy, too. */
	if (!completion_done(&first->done))
		swap(first, second);
	getter_end(test, first);
	getter_end(test, second);
	KUNIT_EXPECT_EQ(test, first->err, 0);
	KUNIT_EXPECT_EQ(test, second->err, 0);
	checker->sick = 0;
	expect_end(test, pool, &checker->consumer);
}

/* An object of the reserve is rebuilt in its own memory, so no memory is needed. */
static void unhealthy_reserve_is_rebuilt_in_its_memory(struct kunit *test)
{
	const struct kpool_params p = { .name = "rebuilt", .size = 64, .max = 2, .reserve = 2 };
	struct checker *checker;
	struct kpool *pool = checked_pool(test, &p, &checker);
	void *before[2], *after[2];

	get_all(test, pool, before, 2);
	put_all(pool, before, 2);
	checker->sick = 1;
	get_all(test, pool, after, 2);
	KUNIT_EXPECT_TRUE(test, after[0] == before[0] || after[0] == before[1]);
	KUNIT_EXPECT_TRUE(test, after[1] == before[0] || after[1] == before[1]);
	if (keeps(pool))
		KUNIT_EXPECT_EQ(test, figure(pool, created), 4ULL);
	put_all(pool, after, 2);

	/* A ctor that fails leaves the memory for the next attempt. The background uses it too. */
	checker->consumer.fail_with = -EIO;
	checker->consumer.fail_at = 1;
	KUNIT_EXPECT_PTR_EQ(test, kpool_get(pool, GFP_KERNEL), ERR_PTR(-EIO));
	checker->consumer.fail_at = 0;
	checker->sick = 0;
	kp_age_start();
	KUNIT_EXPECT_TRUE(test, spin_until(({ cond_resched(); figure(pool, existing) == 2; })));
	kp_age_stop();
	get_all(test, pool, after, 2);
	KUNIT_EXPECT_TRUE(test, after[0] == before[0] || after[0] == before[1]);
	put_all(pool, after, 2);
	expect_end(test, pool, &checker->consumer);
}

/* All CPUs use the pool at once, while the background looks for expired objects. */
struct crowd {
	struct kpool *pool;
	atomic_t wrongs;
};

static void use(struct member *m)
{
	struct crowd *crowd = m->ctx;
	unsigned int n = 1 + m->steps % OBJS, i;
	void *objs[OBJS];

	if (kpool_get_bulk_timeout(crowd->pool, GFP_KERNEL, objs, n, FOR_EVER)) {
		atomic_inc(&crowd->wrongs);
		return;
	}
	for (i = 0; i < n; i++)
		if (atomic_inc_return(&((struct object *)objs[i])->users) != 1)
			atomic_inc(&crowd->wrongs);
	if (m->steps % 16 == 0)
		schedule_timeout_uninterruptible(1);
	for (i = 0; i < n; i++)
		atomic_dec(&((struct object *)objs[i])->users);
	if (m->steps % 2)
		kpool_put_bulk(crowd->pool, objs, n);
	else
		put_all(crowd->pool, objs, n);
}

static const struct duty use_duty = { .step = use };

static const struct kpool_params ephemeral[] = {
	{ .name = "cached", .size = 64, .max = 1000, .magazine = MAGAZINE, .idle_ms = 5,
	  .lifetime_ms = 20, .min_idle = OBJS },
	{ .name = "bounded", .size = 64, .max = 2 * OBJS, .idle_ms = 5, .lifetime_ms = 20 },
	{ .name = "sleeping", .size = 64, .max = 2 * OBJS, .idle_ms = 5, .lifetime_ms = 20,
	  .reserve = OBJS, .flags = KPOOL_SLEEPING },
	{ .name = "pages", .size = 8192, .max = 3 * OBJS, .idle_ms = 5, .lifetime_ms = 20,
	  .reserve = OBJS, .max_idle = OBJS },
};

KUNIT_ARRAY_PARAM_DESC(ephemeral, ephemeral, name);

static void objects_come_and_go_on_all_cpus(struct kunit *test)
{
	struct crowd *crowd = zalloc_for(test, struct crowd);
	struct checker *checker;
	struct team *team;

	crowd->pool = checked_pool(test, test->param_value, &checker);
	checker->sick = 50;
	kp_age_start();
	team = team_start(test, &use_duty, crowd, is_full_run() ? 100000 : 500);
	team_wait(team);
	team_stop(team);
	kp_age_stop();
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&crowd->wrongs));
	if (keeps(crowd->pool))
		KUNIT_EXPECT_GT(test, figure(crowd->pool, unhealthy), 0ULL);
	kunit_info(test, "gets %llu: idle expired %llu, lifetime expired %llu, unhealthy %llu",
		   figure(crowd->pool, gets), figure(crowd->pool, idle_expired),
		   figure(crowd->pool, lifetime_expired), figure(crowd->pool, unhealthy));
	expect_end(test, crowd->pool, &checker->consumer);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(idle_object_is_handed_out_until_it_is_too_old, kind_gen_params),
	KUNIT_CASE_PARAM(bulk_takes_nothing_too_old, kind_gen_params),
	KUNIT_CASE(restricted_get_takes_nothing_too_old),
	KUNIT_CASE_PARAM(object_is_torn_down_at_the_end_of_its_life, kind_gen_params),
	KUNIT_CASE(lifetimes_are_spread),
	KUNIT_CASE_PARAM(background_tears_down_what_is_too_old, kind_gen_params),
	KUNIT_CASE_PARAM(background_ends_lives, kind_gen_params),
	KUNIT_CASE(min_idle_expires_and_is_regained),
	KUNIT_CASE_PARAM(clock_may_jump, kind_gen_params),
	KUNIT_CASE(clock_asks_timekeeping_around_a_sleep),
	KUNIT_CASE(pool_without_objects_is_not_looked_at),
	KUNIT_CASE(sleep_is_reckoned_with_at_once),
	KUNIT_CASE(pool_that_is_created_slowly_is_looked_at),
	KUNIT_CASE(reserve_of_memory_is_whole),
	KUNIT_CASE(bulk_in_line_is_not_handed_what_is_too_old),
	KUNIT_CASE_PARAM(unhealthy_object_is_not_handed_out, kind_gen_params),
	KUNIT_CASE(check_that_always_fails_ends),
	KUNIT_CASE_PARAM(waiter_is_not_handed_what_is_unfit, bound_gen_params),
	KUNIT_CASE(unhealthy_reserve_is_rebuilt_in_its_memory),
	KUNIT_CASE_PARAM(objects_come_and_go_on_all_cpus, ephemeral_gen_params),
	{}
};

struct kunit_suite expiry_suite = {
	.name = "kpool_expiry",
	.suite_exit = resume_ageing,
	.test_cases = cases,
};
