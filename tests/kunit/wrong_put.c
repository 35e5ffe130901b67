// SPDX-License-Identifier: GPL-2.0-only
/*
 * Puts that are errors of the consumer. kpool refuses to tear down what the pool does not have, and
 * the pool goes on. tests/abuse does what KASAN would report here.
 */
#include <linux/string.h>

#include "base/ref.h"
#include "base/work.h"
#include "fixture.h"
#include "log.h"
#include "object/due.h"
#include "path/rcu.h"
#include "policy/bypass.h"
#include "pool.h"

#define REFUSED		"is refused:"

/* How often the log says this. */
static unsigned int count(const char *log, const char *says)
{
	unsigned int n = 0;

	for (; (log = strstr(log, says)); log++)
		n++;
	return n;
}

/* Objects with a word of their own, and those whose first word serves. */
static const struct kpool_params kinds[] = {
	{ .name = "plain", .size = 64 },
	{ .name = "callbacks", .size = 64, .ops = &consumer_ops },
	{ .name = "bounded", .size = 64, .max = 4 },
	{ .name = "wiped", .size = 64, .flags = KPOOL_ZERO_ON_PUT },
	{ .name = "sleeping", .size = 64, .flags = KPOOL_SLEEPING, .ops = &consumer_ops },
	{ .name = "reserve", .size = 64, .reserve = 1, .ops = &consumer_ops },
	{ .name = "idle-age", .size = 64, .idle_ms = 60000, .ops = &consumer_ops },
	{ .name = "pages", .size = 8192 },
	{ .name = "pages-callbacks", .size = 8192, .ops = &consumer_ops },
	{ .name = "vmalloc", .size = 64, .flags = KPOOL_VMALLOC },
	{ .name = "vmalloc-callbacks", .size = 64, .flags = KPOOL_VMALLOC, .ops = &consumer_ops },
	{ .name = "kvmalloc", .size = 8192, .flags = KPOOL_KVMALLOC, .ops = &consumer_ops },
	{ .name = "huge", .size = 8192, .flags = KPOOL_HUGE_PAGES, .ops = &consumer_ops },
};

KUNIT_ARRAY_PARAM_DESC(kind, kinds, name);

/* Does KASAN report a put of such an object after its teardown, before kpool refuses it? */
static bool is_watched(const struct kpool_params *p)
{
	return IS_ENABLED(CONFIG_KASAN) &&
	       (p->ops || (p->size < PAGE_SIZE && !(p->flags & KPOOL_VMALLOC)));
}

/* A pool that the test destroys itself, by kpool_destroy(). Its owner can be pinned. */
static struct kpool *create_pinned(struct kunit *test, const struct kpool_params *params)
{
	struct kpool *pool = __kpool_create(params, owner_in(test, MODULE_STATE_LIVE),
					    KPOOL_ABI_HERE);

	kp_age_stop();
	KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
	return pool;
}

static struct kpool *pool_of_kind(struct kunit *test, struct consumer *consumer)
{
	struct kpool_params p = *(const struct kpool_params *)test->param_value;

	p.ctx = consumer;
	pin(test, raw_smp_processor_id());
	return create_pinned(test, &p);
}

/* The last object comes, and the pool is gone. */
static void expect_end(struct kunit *test, struct kpool *pool, void *last,
		       struct consumer *consumer)
{
	u32 id = to_pool(pool)->id;

	KUNIT_EXPECT_EQ(test, kpool_destroy(pool), 1UL);
	kpool_put(pool, last);
	KUNIT_EXPECT_TRUE(test, spin_until(!pool_left(id)));
	settle();
	KUNIT_EXPECT_EQ(test, atomic_read(&consumer->dtors), atomic_read(&consumer->ctors));
	/* A bypassed pool resets an object that is put twice after its teardown. */
	if (!kp_bypass_all())
		KUNIT_EXPECT_EQ(test, 0, atomic_read(&consumer->wrongs));
}

static void object_that_is_put_twice_is_torn_down_once(struct kunit *test)
{
	struct consumer *consumer = zalloc_for(test, struct consumer);
	struct kpool *pool = pool_of_kind(test, consumer);
	void *objs[2];
	const char *log;

	get_all(test, pool, objs, 2);
	if (!keeps(pool) && is_watched(test->param_value)) {
		put_all(pool, objs + 1, 1);
		expect_end(test, pool, objs[0], consumer);
		return;
	}
	log_begin();
	kpool_put(pool, objs[1]);
	kpool_put(pool, objs[1]);
	kpool_trim(pool);
	kp_defer_sync(to_pool(pool));

	KUNIT_EXPECT_EQ(test, figure(pool, destroyed), (u64)1 - to_pool(pool)->reserve);
	KUNIT_EXPECT_EQ(test, figure(pool, existing), (u64)1 + to_pool(pool)->reserve);
	log = log_end();
	KUNIT_EXPECT_EQ_MSG(test, count(log, REFUSED), 1U, "%s", log);
	expect_in_log(test, log, to_pool(pool)->name);
	expect_end(test, pool, objs[0], consumer);
}

/* An error also if nothing is wrong in the end. */
static void destroy_says_that_there_were_more_puts(struct kunit *test)
{
	struct consumer *consumer = zalloc_for(test, struct consumer);
	struct kpool *pool = pool_of_kind(test, consumer);
	const char *log;
	u32 id = to_pool(pool)->id;
	bool twice;
	void *obj;

	twice = keeps(pool) || !is_watched(test->param_value);
	get_all(test, pool, &obj, 1);
	kpool_put(pool, obj);
	if (twice)
		kpool_put(pool, obj);
	log_begin();
	KUNIT_EXPECT_EQ(test, kpool_destroy(pool), 0UL);
	log = log_end();

	KUNIT_EXPECT_FALSE(test, pool_left(id));
	if (twice)
		KUNIT_EXPECT_EQ_MSG(test, count(log, ": 2 puts, but only 1 gets"), 1U, "%s", log);
	KUNIT_EXPECT_EQ(test, atomic_read(&consumer->dtors), atomic_read(&consumer->ctors));
	settle();
}

/* Objects with a word of their own. */
static const struct kpool_params marked[] = {
	{ .name = "callbacks", .size = 64, .ops = &consumer_ops },
	{ .name = "sleeping", .size = 64, .flags = KPOOL_SLEEPING, .ops = &consumer_ops },
	{ .name = "reserve", .size = 64, .reserve = 1, .ops = &consumer_ops },
	{ .name = "idle-age", .size = 64, .idle_ms = 60000, .ops = &consumer_ops },
	{ .name = "anyctx", .size = 64, .flags = KPOOL_ANYCTX, .ops = &consumer_ops },
	{ .name = "pages", .size = 8192 },
	{ .name = "vmalloc", .size = 64, .flags = KPOOL_VMALLOC, .ops = &consumer_ops },
	{ .name = "kvmalloc", .size = 8192, .flags = KPOOL_KVMALLOC, .ops = &consumer_ops },
	{ .name = "huge", .size = 8192, .flags = KPOOL_HUGE_PAGES, .ops = &consumer_ops },
};

KUNIT_ARRAY_PARAM_DESC(marked, marked, name);

static void object_of_another_pool_stays_what_it_is(struct kunit *test)
{
	struct consumer *consumer = zalloc_for(test, struct consumer);
	struct consumer *other_consumer = zalloc_for(test, struct consumer);
	struct kpool_params p = *(const struct kpool_params *)test->param_value;
	struct kpool *pool = pool_of_kind(test, consumer), *other;
	u64 existing, existing_there;
	void *objs[2], *its;
	const char *log;

	p.name = "other";
	p.ctx = other_consumer;
	other = create_pinned(test, &p);
	get_all(test, pool, objs, 2);
	get_all(test, other, &its, 1);
	existing = figure(pool, existing);
	existing_there = figure(other, existing);
	log_begin();
	kpool_put(other, objs[1]);
	kpool_trim(other);
	kp_defer_sync(to_pool(other));
	log = log_end();

	KUNIT_EXPECT_EQ_MSG(test, count(log, REFUSED), 1U, "%s", log);
	expect_in_log(test, log, "pool other (id ");
	KUNIT_EXPECT_EQ(test, figure(other, existing), existing_there);
	KUNIT_EXPECT_EQ(test, figure(other, destroyed), 0ULL);
	KUNIT_EXPECT_EQ(test, figure(pool, existing), existing);
	kpool_put(pool, objs[1]);
	expect_end(test, pool, objs[0], consumer);
	expect_end(test, other, its, other_consumer);
}

/* Memory that never was an object. */
static char elsewhere[2 * PAGE_SIZE] __aligned(PAGE_SIZE);

static void memory_of_no_object_is_refused(struct kunit *test)
{
	struct consumer *consumer = zalloc_for(test, struct consumer);
	struct kpool *pool = pool_of_kind(test, consumer);
	struct object *o = (struct object *)elsewhere;
	const char *log;
	u64 existing;
	void *obj;

	o->state = OBJECT_BUILT;
	get_all(test, pool, &obj, 1);
	existing = figure(pool, existing);
	log_begin();
	kpool_put(pool, elsewhere);
	kpool_trim(pool);
	kp_defer_sync(to_pool(pool));
	log = log_end();

	KUNIT_EXPECT_EQ_MSG(test, count(log, REFUSED), 1U, "%s", log);
	KUNIT_EXPECT_EQ(test, figure(pool, existing), existing);
	KUNIT_EXPECT_EQ(test, figure(pool, in_use), 1ULL);
	KUNIT_EXPECT_EQ(test, figure(pool, closing), 0ULL);
	expect_end(test, pool, obj, consumer);
}

static const struct kpool_params unwatched[] = {
	{ .name = "late-pages", .size = 8192 },
	{ .name = "late-vmalloc", .size = 64, .flags = KPOOL_VMALLOC },
};

KUNIT_ARRAY_PARAM_DESC(unwatched, unwatched, name);

/* The pool does not end while somebody has an object. */
static void put_too_many_does_not_end_a_detached_pool(struct kunit *test)
{
	struct consumer *consumer = zalloc_for(test, struct consumer);
	struct kpool *pool = pool_of_kind(test, consumer);
	u32 id = to_pool(pool)->id;
	const char *log;
	void *objs[2];

	get_all(test, pool, objs, 2);
	KUNIT_EXPECT_EQ(test, kpool_destroy(pool), 2UL);
	log_begin();
	kpool_put(pool, objs[1]);
	kp_defer_sync(to_pool(pool));
	kpool_put(pool, objs[1]);
	kp_defer_sync(to_pool(pool));
	log = log_end();

	KUNIT_EXPECT_EQ_MSG(test, count(log, REFUSED), 1U, "%s", log);
	KUNIT_EXPECT_EQ(test, figure(pool, existing), 1ULL);
	kpool_put(pool, objs[0]);
	KUNIT_EXPECT_TRUE(test, spin_until(!pool_left(id)));
	settle();
	KUNIT_EXPECT_EQ(test, atomic_read(&consumer->dtors), atomic_read(&consumer->ctors));
}

static void rcu_put_twice_is_refused(struct kunit *test)
{
	static const struct kpool_params p = { .name = "rcu", .size = 64, .flags = KPOOL_RCU };
	struct kpool *pool = pool_of(test, &p);
	const char *log;
	void *objs[2];

	get_all(test, pool, objs, 2);
	log_begin();
	preempt_disable();	/* no grace period between the puts */
	kpool_put_rcu(pool, objs[1]);
	kpool_put_rcu(pool, objs[1]);
	preempt_enable();
	kp_rcu_sync(to_pool(pool));
	log = log_end();

	KUNIT_EXPECT_EQ_MSG(test, count(log, REFUSED), 1U, "%s", log);
	expect_in_use(test, pool, 1);
	kpool_put(pool, objs[0]);
	expect_in_use(test, pool, 0);
}

/*
 * Objects without a word of their own. The other pool takes the object for its own one, which is
 * out. So neither pool may end by itself: somebody could still have an object. The test knows that
 * nobody has one, and ends them.
 */
static void pool_with_an_object_of_another_is_in_doubt(struct kunit *test)
{
	static const struct kpool_params p = { .name = "one", .size = 64 };
	static const struct kpool_params q = { .name = "other", .size = 64 };
	struct kpool *pool = create(&p), *other = create(&q);
	u32 id, other_id;
	void *objs[2], *its;
	const char *log;

	KUNIT_ASSERT_FALSE(test, IS_ERR(pool) || IS_ERR(other));
	id = to_pool(pool)->id;
	other_id = to_pool(other)->id;
	get_all(test, pool, objs, 2);
	get_all(test, other, &its, 1);
	kpool_put(other, objs[1]);
	kpool_trim(other);
	KUNIT_EXPECT_EQ(test, figure(other, existing), 0ULL);
	log_begin();
	KUNIT_EXPECT_EQ(test, kpool_destroy_sync(other, 60000), -EIO);
	kpool_put(other, its);
	KUNIT_EXPECT_EQ(test, kpool_destroy(pool), 2UL);
	kpool_put(pool, objs[0]);
	kpool_put(pool, its);
	log = log_end();

	KUNIT_EXPECT_EQ_MSG(test, count(log, "pool other (id "), 2U, "%s", log);
	expect_in_log(test, log, "is in doubt after 1 gets and 1 puts");
	expect_in_log(test, log, "all objects of the pool were put before");
	expect_in_log(test, log, "is in doubt after 2 gets and 2 puts");
	settle();
	KUNIT_EXPECT_TRUE(test, pool_left(other_id));
	KUNIT_EXPECT_TRUE(test, pool_left(id));
	KUNIT_EXPECT_EQ(test, figure(other, existing), 0ULL);
	KUNIT_EXPECT_EQ(test, figure(other, in_use), 0ULL);
	KUNIT_EXPECT_EQ(test, figure(pool, existing), 0ULL);
	kp_unref(to_pool(other), 1);
	kp_unref(to_pool(pool), 1);
	KUNIT_EXPECT_TRUE(test, spin_until(!pool_left(id) && !pool_left(other_id)));
	settle();
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(object_that_is_put_twice_is_torn_down_once, kind_gen_params),
	KUNIT_CASE_PARAM(destroy_says_that_there_were_more_puts, kind_gen_params),
	KUNIT_CASE_PARAM(object_of_another_pool_stays_what_it_is, marked_gen_params),
	KUNIT_CASE_PARAM(memory_of_no_object_is_refused, marked_gen_params),
	KUNIT_CASE_PARAM(put_too_many_does_not_end_a_detached_pool, unwatched_gen_params),
	KUNIT_CASE(rcu_put_twice_is_refused),
	KUNIT_CASE(pool_with_an_object_of_another_is_in_doubt),
	{}
};

struct kunit_suite wrong_put_suite = {
	.name = "kpool_wrong_put",
	.suite_exit = resume_ageing,
	.test_cases = cases,
};
