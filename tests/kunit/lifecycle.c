// SPDX-License-Identifier: GPL-2.0-only
/* A pool from its creation to its end. */
#include <linux/sched.h>
#include <linux/slab.h>

#include "base/work.h"
#include "fixture.h"
#include "object/due.h"
#include "pool.h"

#define OBJS	10

static void create_and_destroy_leave_nothing(struct kunit *test)
{
	const struct kpool_params p = { .name = "short-lived", .size = 64 };
	unsigned int before = pools_left();
	struct kpool *pool = create(&p);
	u32 id;

	KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
	id = to_pool(pool)->id;
	KUNIT_EXPECT_EQ(test, pools_left(), before + 1);
	expect_in_use(test, pool, 0);
	kpool_destroy(pool);

	KUNIT_EXPECT_EQ(test, pools_left(), before);
	KUNIT_EXPECT_FALSE(test, pool_left(id));
}

static void destroy_ignores_null_and_errors(struct kunit *test)
{
	kpool_destroy(NULL);
	kpool_destroy(ERR_PTR(-ENOMEM));
	KUNIT_EXPECT_EQ(test, 0, kpool_destroy_sync(NULL, 0));
	KUNIT_EXPECT_EQ(test, 0, kpool_destroy_sync(ERR_PTR(-ENOMEM), 0));
}

static void destroy_tears_down_what_is_idle(struct kunit *test)
{
	struct consumer *consumer = zalloc_for(test, struct consumer);
	const struct kpool_params p = { .name = "idle", .size = 64, .ops = &consumer_ops,
					.ctx = consumer, .magazine = 4 };
	struct kpool *pool = pool_of(test, &p);
	void *objs[OBJS];

	get_all(test, pool, objs, OBJS);
	put_all(pool, objs, OBJS);
	expect_idle(test, pool, OBJS);
	destroy(test, pool);

	KUNIT_EXPECT_EQ(test, OBJS, atomic_read(&consumer->ctors));
	KUNIT_EXPECT_EQ(test, OBJS, atomic_read(&consumer->dtors));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&consumer->wrongs));
}

static void name_is_free_as_soon_as_destroyed(struct kunit *test)
{
	const struct kpool_params p = { .name = "again", .size = 64 };
	struct kpool *first = create(&p), *second;
	void *obj;

	KUNIT_ASSERT_FALSE(test, IS_ERR(first));
	obj = kpool_get(first, GFP_KERNEL);
	kpool_destroy(first);
	second = create(&p);

	KUNIT_EXPECT_FALSE(test, IS_ERR(second));
	kpool_destroy(second);
	kpool_put(first, obj);
}

static const unsigned int min_idles[] = { 1, 10, 300 };

static void describe_number(const unsigned int *n, char *desc)
{
	if (*n == KPOOL_KEEP_NONE)
		strscpy(desc, "KPOOL_KEEP_NONE", KUNIT_PARAM_DESC_SIZE);
	else
		snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u", *n);
}

KUNIT_ARRAY_PARAM(min_idle, min_idles, describe_number);

static void min_idle_is_built_at_creation(struct kunit *test)
{
	unsigned int min_idle = *(const unsigned int *)test->param_value;
	struct consumer *consumer = zalloc_for(test, struct consumer);
	const struct kpool_params p = { .name = "warm", .size = 64, .ops = &consumer_ops,
					.ctx = consumer, .min_idle = min_idle };
	struct kpool *pool;
	void *obj;

	pin(test, raw_smp_processor_id());
	pool = pool_of(test, &p);
	expect_idle(test, pool, min_idle);
	obj = kpool_get(pool, GFP_KERNEL);

	KUNIT_EXPECT_EQ(test, keeps(pool) ? min_idle : 1U, atomic_read(&consumer->ctors));
	kpool_put(pool, obj);
	expect_in_use(test, pool, 0);
	destroy(test, pool);
	KUNIT_EXPECT_EQ(test, atomic_read(&consumer->dtors), atomic_read(&consumer->ctors));
}

/* All CPUs together keep no more in their magazines than max_idle leaves beside min_idle. */
static void magazines_leave_room_for_min_idle(struct kunit *test)
{
	const unsigned int beside = 8 * num_possible_cpus();
	const struct kpool_params p = { .name = "roomy", .size = 64, .max_idle = 8 * beside,
					.min_idle = 7 * beside };
	struct kpool *pool = pool_of(test, &p);

	KUNIT_EXPECT_LE(test, 2 * to_pool(pool)->magazine * num_possible_cpus(), beside);
	KUNIT_EXPECT_GT(test, to_pool(pool)->magazine, 0U);
}

static const unsigned int max_idles[] = { 1, 3, 20, 64, 300, KPOOL_KEEP_NONE };

KUNIT_ARRAY_PARAM(max_idle, max_idles, describe_number);

/* Puts on all CPUs in turn, so that every CPU uses its share of the limit. */
static void max_idle_is_never_exceeded(struct kunit *test)
{
	unsigned int max_idle = *(const unsigned int *)test->param_value, i;
	unsigned int most = max_idle == KPOOL_KEEP_NONE ? 0 : max_idle;
	const struct kpool_params p = { .name = "limited", .size = 64, .max_idle = max_idle };
	struct kpool *pool = pool_of(test, &p);
	void **objs = room_for(test, 400);

	get_all(test, pool, objs, 400);
	for (i = 0; i < 400; i += 20) {
		put_on(test, cpu_in_turn(i / 20), pool, objs + i, 20);
		KUNIT_EXPECT_LE(test, figure(pool, idle), (u64)most);
	}

	expect_in_use(test, pool, 0);
	/* Without caches the limit is exact. With caches any one CPU can use half of it. */
	if (!to_pool(pool)->magazine)
		expect_idle(test, pool, most);
	else if (keeps(pool))
		KUNIT_EXPECT_GE(test, figure(pool, idle), (u64)most / 2);
}

static struct kpool *create_for(struct module *owner, const struct kpool_params *params)
{
	struct kpool *pool = __kpool_create(params, owner, KPOOL_ABI_HERE);

	kp_age_stop();
	return pool;
}

static void late_put_after_destroy_tears_down(struct kunit *test)
{
	struct consumer *consumer = zalloc_for(test, struct consumer);
	const struct kpool_params p = { .name = "late", .size = 64, .ops = &consumer_ops,
					.ctx = consumer };
	struct kpool *pool = create_for(owner_in(test, MODULE_STATE_LIVE), &p);
	void *objs[OBJS];
	u32 id;

	KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
	id = to_pool(pool)->id;
	get_all(test, pool, objs, OBJS);
	kpool_destroy(pool);
	KUNIT_EXPECT_TRUE(test, pool_left(id));
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(kpool_get(pool, GFP_KERNEL)), -ESHUTDOWN);
	put_all(pool, objs, OBJS - 1);
	KUNIT_EXPECT_EQ(test, OBJS - 1, atomic_read(&consumer->dtors));
	KUNIT_EXPECT_TRUE(test, pool_left(id));
	kpool_put(pool, objs[OBJS - 1]);
	settle();

	KUNIT_EXPECT_FALSE(test, pool_left(id));
	KUNIT_EXPECT_EQ(test, OBJS, atomic_read(&consumer->resets));
	KUNIT_EXPECT_EQ(test, OBJS, atomic_read(&consumer->dtors));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&consumer->wrongs));
}

/* On all CPUs, in bulk, and for each kind of memory: kpool frees each object that is put late. */
static const struct kpool_params lates[] = {
	{ .name = "late-plain", .size = 64 },
	{ .name = "late-ctor", .size = 64, .ops = &consumer_ops },
	{ .name = "late-pages", .size = 8192, .ops = &consumer_ops },
	{ .name = "late-vmalloc", .size = 64, .flags = KPOOL_VMALLOC, .ops = &consumer_ops },
	{ .name = "late-kvmalloc", .size = 8192, .flags = KPOOL_KVMALLOC, .ops = &consumer_ops },
	{ .name = "late-huge", .size = 8192, .flags = KPOOL_HUGE_PAGES, .ops = &consumer_ops },
	{ .name = "late-sleeping", .size = 64, .flags = KPOOL_SLEEPING, .ops = &consumer_ops },
	{ .name = "late-anyctx", .size = 64, .flags = KPOOL_ANYCTX, .ops = &consumer_ops },
	{ .name = "late-wiped", .size = 64, .flags = KPOOL_ZERO_ON_PUT },
};

KUNIT_ARRAY_PARAM_DESC(late, lates, name);

static void late_puts_end_any_pool(struct kunit *test)
{
	struct kpool_params p = *(const struct kpool_params *)test->param_value;
	struct consumer *consumer = zalloc_for(test, struct consumer);
	struct kpool *pool;
	void *objs[4 * OBJS];
	unsigned int n;
	u32 id;

	p.ctx = consumer;
	pool = create_for(owner_in(test, MODULE_STATE_LIVE), &p);
	KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
	id = to_pool(pool)->id;
	get_all(test, pool, objs, ARRAY_SIZE(objs));
	kpool_destroy(pool);
	/* Nothing is built any more. */
	KUNIT_EXPECT_TRUE(test, IS_ERR(kpool_get(pool, GFP_KERNEL)));
	for (n = 0; n < 3 * OBJS; n += OBJS)
		put_on(test, cpu_in_turn(n / OBJS), pool, objs + n, OBJS);
	kp_defer_sync(to_pool(pool));
	KUNIT_EXPECT_EQ(test, figure(pool, existing), (u64)ARRAY_SIZE(objs) - n);
	KUNIT_EXPECT_EQ(test, figure(pool, idle), 0ULL);
	kpool_put_bulk(pool, objs + n, ARRAY_SIZE(objs) - n);

	KUNIT_EXPECT_TRUE(test, spin_until(!pool_left(id)));
	settle();
	KUNIT_EXPECT_EQ(test, atomic_read(&consumer->ctors), atomic_read(&consumer->dtors));
}

static void owner_is_pinned_until_the_last_put(struct kunit *test)
{
	struct module *owner = owner_in(test, MODULE_STATE_LIVE);
	struct consumer *consumer = zalloc_for(test, struct consumer);
	const struct kpool_params p = { .name = "pinned", .size = 64, .ops = &consumer_ops,
					.ctx = consumer };
	struct kpool *pool = create_for(owner, &p);
	void *obj;

	KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
	obj = kpool_get(pool, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&owner->refcnt));
	kpool_destroy(pool);
	KUNIT_EXPECT_EQ(test, 2, atomic_read(&owner->refcnt));
	kpool_put(pool, obj);
	settle();

	KUNIT_EXPECT_EQ(test, 1, atomic_read(&owner->refcnt));
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&consumer->resets));
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&consumer->dtors));
}

static const enum module_state gone[] = { MODULE_STATE_GOING, MODULE_STATE_COMING };

static void describe_gone(const enum module_state *state, char *desc)
{
	strscpy(desc, *state == MODULE_STATE_GOING ? "unloaded" : "loaded", KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(gone, gone, describe_gone);

/* A module that is being loaded or unloaded cannot be pinned. Its code may be gone at the put. */
static void nothing_of_a_gone_owner_is_called(struct kunit *test)
{
	struct module *owner = owner_in(test, *(const enum module_state *)test->param_value);
	struct consumer *consumer = zalloc_for(test, struct consumer);
	const struct kpool_params p = { .name = "orphan", .size = 64, .ops = &consumer_ops,
					.ctx = consumer };
	struct kpool *pool = create_for(owner, &p);
	void *objs[OBJS];
	u32 id;

	KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
	id = to_pool(pool)->id;
	get_all(test, pool, objs, OBJS);
	kpool_destroy(pool);
	kpool_put(pool, objs[0]);
	kpool_put_bulk(pool, objs + 1, OBJS - 1);
	settle();

	KUNIT_EXPECT_FALSE(test, pool_left(id));
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&owner->refcnt));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&consumer->resets));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&consumer->dtors));
}

/* What the consumer of a pool with gone sees at the end. It frees its ctx then. */
struct farewell {
	struct module *owner;
	atomic_t gone;
	int users;			/* references to the owner */
	int ctors, resets, dtors, wrongs;
};

struct leaving_consumer {
	struct consumer consumer;	/* first: the ctx of consumer_ops */
	struct farewell *farewell;
};

static void leave(void *ctx)
{
	struct leaving_consumer *leaving = ctx;
	struct farewell *f = leaving->farewell;

	might_sleep();
	f->users = atomic_read(&f->owner->refcnt);
	f->ctors = atomic_read(&leaving->consumer.ctors);
	f->resets = atomic_read(&leaving->consumer.resets);
	f->dtors = atomic_read(&leaving->consumer.dtors);
	f->wrongs = atomic_read(&leaving->consumer.wrongs);
	kfree(leaving);		/* KASAN sees a callback that comes later */
	atomic_inc(&f->gone);
}

static struct kpool *pool_with_gone(struct kunit *test, struct farewell **farewell,
				    enum module_state state, unsigned int flags)
{
	struct leaving_consumer *leaving = kzalloc(sizeof(*leaving), GFP_KERNEL);
	struct kpool_ops ops = consumer_ops;
	const struct kpool_params p = { .name = "gone", .size = 64, .ops = &ops, .ctx = leaving,
					.flags = flags };
	struct kpool *pool;

	KUNIT_ASSERT_NOT_NULL(test, leaving);
	ops.gone = leave;
	*farewell = zalloc_for(test, struct farewell);
	(*farewell)->owner = owner_in(test, state);
	leaving->farewell = *farewell;
	pool = create_for((*farewell)->owner, &p);
	KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
	return pool;
}

static const unsigned int flags_of_gone[] = { 0, KPOOL_SLEEPING, KPOOL_ANYCTX, KPOOL_VMALLOC };

static void describe_flags(const unsigned int *flags, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "flags-%x", *flags);
}

KUNIT_ARRAY_PARAM(flags_of_gone, flags_of_gone, describe_flags);

static void destroy_tells_that_the_pool_is_gone(struct kunit *test)
{
	unsigned int flags = *(const unsigned int *)test->param_value, sync;
	struct farewell *f;
	struct kpool *pool;
	void *objs[OBJS];

	for (sync = 0; sync < 2; sync++) {
		pool = pool_with_gone(test, &f, MODULE_STATE_LIVE, flags);
		get_all(test, pool, objs, OBJS);
		put_all(pool, objs, OBJS);
		KUNIT_EXPECT_EQ(test, 0, atomic_read(&f->gone));
		if (sync)
			kpool_destroy_sync(pool, 60000);
		else
			kpool_destroy(pool);

		KUNIT_EXPECT_EQ(test, 1, atomic_read(&f->gone));
		KUNIT_EXPECT_EQ(test, f->ctors, f->dtors);
		KUNIT_EXPECT_EQ(test, OBJS, f->resets);
		KUNIT_EXPECT_EQ(test, 0, f->wrongs);
		settle();
		KUNIT_EXPECT_EQ(test, 1, atomic_read(&f->gone));
	}
}

/* The owner is still pinned then, or gone's own code could go away. */
static void last_late_put_tells_that_the_pool_is_gone(struct kunit *test)
{
	unsigned int flags = *(const unsigned int *)test->param_value;
	struct kpool *pool;
	struct farewell *f;
	void *objs[OBJS];
	u32 id;

	pool = pool_with_gone(test, &f, MODULE_STATE_LIVE, flags);
	id = to_pool(pool)->id;
	get_all(test, pool, objs, OBJS);
	KUNIT_EXPECT_EQ(test, kpool_destroy(pool), (unsigned long)OBJS);
	put_all(pool, objs, OBJS - 1);
	settle();
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&f->gone));
	kpool_put(pool, objs[OBJS - 1]);

	KUNIT_EXPECT_TRUE(test, spin_until(atomic_read(&f->gone)));
	KUNIT_EXPECT_TRUE(test, spin_until(!pool_left(id)));
	settle();
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&f->gone));
	KUNIT_EXPECT_EQ(test, 2, f->users);
	KUNIT_EXPECT_TRUE(test, spin_until(atomic_read(&f->owner->refcnt) == 1));
	KUNIT_EXPECT_EQ(test, f->ctors, f->dtors);
	KUNIT_EXPECT_EQ(test, OBJS, f->resets);
	KUNIT_EXPECT_EQ(test, 0, f->wrongs);
}

/* Nothing of the owner is called any more, so gone comes before destroy returns. */
static void gone_owner_is_told_at_once(struct kunit *test)
{
	struct farewell *f;
	struct kpool *pool;
	void *objs[OBJS];
	u32 id;

	pool = pool_with_gone(test, &f, MODULE_STATE_GOING, 0);
	id = to_pool(pool)->id;
	get_all(test, pool, objs, OBJS);
	kpool_destroy(pool);
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&f->gone));
	put_all(pool, objs, OBJS);
	settle();

	KUNIT_EXPECT_FALSE(test, pool_left(id));
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&f->gone));
	KUNIT_EXPECT_EQ(test, 0, f->dtors);
}

static void count_gone(void *ctx)
{
	struct consumer *consumer = ctx;

	atomic_inc(&consumer->resets);
}

/* The caller still has its ctx. */
static void failed_create_is_not_told(struct kunit *test)
{
	struct consumer *consumer = failing_consumer(test, 3, -EIO);
	struct kpool_ops ops = consumer_ops;
	const struct kpool_params p = { .name = "failed", .size = 64, .ops = &ops,
					.ctx = consumer, .reserve = 5 };

	ops.gone = count_gone;
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(create(&p)), -EIO);
	settle();
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&consumer->resets));
	KUNIT_EXPECT_EQ(test, 2, atomic_read(&consumer->dtors));
}

struct late_putter {
	struct work_struct work;
	struct kpool *pool;
	void *objs[OBJS];
	bool put;
};

/* Puts only after destroy has begun. */
static void put_late(struct work_struct *work)
{
	struct late_putter *late = container_of(work, struct late_putter, work);

	while (READ_ONCE(to_pool(late->pool)->state) == KPOOL_STATE_LIVE)
		schedule_timeout_uninterruptible(1);
	put_all(late->pool, late->objs, OBJS - 1);
	WRITE_ONCE(late->put, true);
	kpool_put(late->pool, late->objs[OBJS - 1]);
}

static const struct kpool_params syncs[] = {
	{ .name = "sync", .size = 64, .ops = &consumer_ops },
	{ .name = "sync-sleeping", .size = 64, .ops = &consumer_ops, .flags = KPOOL_SLEEPING },
	{ .name = "sync-pages", .size = 4096, .ops = &consumer_ops },
};

KUNIT_ARRAY_PARAM_DESC(sync, syncs, name);

static void destroy_sync_waits_for_the_last_put(struct kunit *test)
{
	struct kpool_params p = *(const struct kpool_params *)test->param_value;
	struct late_putter *late = kunit_kzalloc(test, sizeof(*late), GFP_KERNEL);
	struct consumer *consumer = zalloc_for(test, struct consumer);
	u32 id;

	p.ctx = consumer;
	KUNIT_ASSERT_NOT_NULL(test, late);
	late->pool = create(&p);
	KUNIT_ASSERT_FALSE(test, IS_ERR(late->pool));
	id = to_pool(late->pool)->id;
	get_all(test, late->pool, late->objs, OBJS);
	INIT_WORK(&late->work, put_late);
	queue_work(system_unbound_wq, &late->work);
	KUNIT_EXPECT_EQ(test, 0, kpool_destroy_sync(late->pool, 60000));

	KUNIT_EXPECT_TRUE(test, READ_ONCE(late->put));
	KUNIT_EXPECT_EQ(test, OBJS, atomic_read(&consumer->dtors));
	flush_work(&late->work);
	settle();
	KUNIT_EXPECT_FALSE(test, pool_left(id));
}

static void destroy_sync_of_a_quiet_pool_is_at_once(struct kunit *test)
{
	const struct kpool_params p = { .name = "quiet", .size = 64, .min_idle = 5 };
	struct kpool *pool = create(&p);
	u32 id;

	KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
	id = to_pool(pool)->id;
	KUNIT_EXPECT_EQ(test, 0, kpool_destroy_sync(pool, 0));

	KUNIT_EXPECT_FALSE(test, pool_left(id));
}

static void trim_of_a_destroyed_pool_does_nothing(struct kunit *test)
{
	const struct kpool_params p = { .name = "trimmed-late", .size = 64, .min_idle = 5 };
	struct kpool *pool = create(&p);
	void *obj;

	KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
	obj = kpool_get(pool, GFP_KERNEL);
	kpool_destroy(pool);
	KUNIT_EXPECT_EQ(test, 0UL, kpool_trim(pool));
	kpool_put(pool, obj);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(create_and_destroy_leave_nothing),
	KUNIT_CASE(destroy_ignores_null_and_errors),
	KUNIT_CASE(destroy_tears_down_what_is_idle),
	KUNIT_CASE(name_is_free_as_soon_as_destroyed),
	KUNIT_CASE_PARAM(min_idle_is_built_at_creation, min_idle_gen_params),
	KUNIT_CASE(magazines_leave_room_for_min_idle),
	KUNIT_CASE_PARAM(max_idle_is_never_exceeded, max_idle_gen_params),
	KUNIT_CASE(late_put_after_destroy_tears_down),
	KUNIT_CASE_PARAM(late_puts_end_any_pool, late_gen_params),
	KUNIT_CASE(owner_is_pinned_until_the_last_put),
	KUNIT_CASE_PARAM(nothing_of_a_gone_owner_is_called, gone_gen_params),
	KUNIT_CASE_PARAM(destroy_sync_waits_for_the_last_put, sync_gen_params),
	KUNIT_CASE(destroy_sync_of_a_quiet_pool_is_at_once),
	KUNIT_CASE(trim_of_a_destroyed_pool_does_nothing),
	KUNIT_CASE_PARAM(destroy_tells_that_the_pool_is_gone, flags_of_gone_gen_params),
	KUNIT_CASE_PARAM(last_late_put_tells_that_the_pool_is_gone, flags_of_gone_gen_params),
	KUNIT_CASE(gone_owner_is_told_at_once),
	KUNIT_CASE(failed_create_is_not_told),
	{}
};

struct kunit_suite lifecycle_suite = {
	.name = "kpool_lifecycle",
	.suite_exit = resume_ageing,
	.test_cases = cases,
};
