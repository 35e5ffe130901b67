// SPDX-License-Identifier: GPL-2.0-only
/*
 * Wrong calls. kpool says once which pool, which call, and what is wrong. The call does no harm.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kpool_ring_wait.h>
#include <linux/kthread.h>
#include <linux/spinlock.h>

#include "fixture.h"
#include "log.h"
#include "pool.h"
#include "rings.h"
#include "sets.h"

#define RING_SIZE	64

/* A pool of rings with one ring in use. It ends with the caller. */
static struct kpool_ring *ring_from(struct kunit *test, struct kpool_ring_pool **pool,
				    unsigned int ring_flags)
{
	const struct kpool_ring_pool_params p = { .name = "misused", .size = RING_SIZE,
						  .ring_flags = ring_flags };
	struct kpool_ring *ring;

	*pool = kpool_ring_pool_create(&p);
	KUNIT_ASSERT_FALSE(test, IS_ERR(*pool));
	ring = kpool_ring_get(*pool, GFP_KERNEL);
	if (IS_ERR(ring)) {
		kpool_ring_pool_destroy(*pool);
		KUNIT_FAIL(test, "no ring");
		return NULL;
	}
	return ring;
}

static void commit_of_too_much(struct kunit *test)
{
	struct kpool_ring_pool *pool;
	struct kpool_ring *ring = ring_from(test, &pool, 0);
	size_t n = 8;

	if (!ring)
		return;
	KUNIT_EXPECT_NOT_NULL(test, kpool_ring_reserve(ring, &n));
	log_begin();
	kpool_ring_commit(ring, 9);
	expect_report(test, "pool misused: ring of 64 bytes: kpool_ring_commit() of 9 bytes by ",
		      ", but 8 are reserved");
	KUNIT_EXPECT_EQ(test, kpool_ring_len(ring), (size_t)8);
	kpool_ring_put(pool, ring);
	kpool_ring_pool_destroy(pool);
}

static void consume_of_too_much(struct kunit *test)
{
	struct kpool_ring *ring = ring_of(test, RING_SIZE, 0);
	size_t n = 8;

	KUNIT_EXPECT_EQ(test, kpool_ring_write(ring, "12345", 5), (size_t)5);
	KUNIT_EXPECT_NOT_NULL(test, kpool_ring_peek_contiguous(ring, &n));
	log_begin();
	kpool_ring_consume(ring, 6);
	expect_report(test, "pool (none): ring of 64 bytes: kpool_ring_consume() of 6 bytes by ",
		      ", but 5 are there");
	KUNIT_EXPECT_EQ(test, kpool_ring_len(ring), (size_t)0);
}

static const struct kpool_ring_wait_params any_byte;

static void ring_is_put_before_its_wait_ends(struct kunit *test)
{
	struct kpool_ring_wait *wait = zalloc_for(test, struct kpool_ring_wait);
	struct kpool_ring_pool *pool;
	struct kpool_ring *ring = ring_from(test, &pool, 0);

	if (!ring)
		return;
	KUNIT_EXPECT_EQ(test, kpool_ring_wait_init(wait, ring, &any_byte), 0);
	log_begin();
	kpool_ring_put(pool, ring);
	expect_report(test, "pool misused: ring of 64 bytes: kpool_ring_put() by ",
		      " before kpool_ring_wait_exit(): 1 wait for it");
	/* With bypass the ring is gone. */
	if (keeps(kpool_ring_pool(pool)))
		kpool_ring_wait_exit(wait);
	kpool_ring_pool_destroy(pool);
}

static void ring_is_destroyed_before_its_wait_ends(struct kunit *test)
{
	struct kpool_ring_wait *wait = zalloc_for(test, struct kpool_ring_wait);
	struct kpool_ring *ring = kpool_ring_create(RING_SIZE, 0, GFP_KERNEL);

	KUNIT_ASSERT_FALSE(test, IS_ERR(ring));
	KUNIT_EXPECT_EQ(test, kpool_ring_wait_init(wait, ring, &any_byte), 0);
	log_begin();
	kpool_ring_destroy(ring);
	expect_report(test, "pool (none): ring of 64 bytes: kpool_ring_destroy() by ",
		      " before kpool_ring_wait_exit(): 1 wait for it");

	/* The call was refused. Now nobody waits. */
	kpool_ring_wait_exit(wait);
	log_begin();
	kpool_ring_destroy(ring);
	KUNIT_EXPECT_EQ(test, reports_in(log_end()), 0U);
}

static void wait_of_other_headers_is_refused(struct kunit *test)
{
	struct kpool_ring_wait *wait = zalloc_for(test, struct kpool_ring_wait);
	struct kpool_ring *ring = ring_of(test, RING_SIZE, 0);
	unsigned int i;

	for (i = 0; i < 4; i++) {
		struct kpool_ring_wait_abi abi = KPOOL_RING_WAIT_ABI_HERE;

		abi.wait_size += i == 0;
		abi.params_size += i == 1;
		abi.ring.ring_size += i == 2;
		abi.ring.pool.number += i == 3;
		log_begin();
		KUNIT_EXPECT_EQ(test, __kpool_ring_wait_init(wait, ring, &any_byte, abi), -EINVAL);
		expect_report(test, "cannot ", "headers of another kpool");
	}
}

static void get_of_absurd_size(struct kunit *test)
{
	static const struct kpool_sized_class classes[] = { { .size = 64 } };
	static const struct kpool_sized_params p = { .name = "misused", CLASSES(classes) };
	struct kpool_sized *set = set_of(test, &p);

	log_begin();
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(kpool_sized_get(set, SIZE_MAX, GFP_KERNEL)),
			-ENOMEM);
	expect_report(test, "set misused: get by get_of_absurd_", " are the most");
}

static const struct kpool_params misused = { .name = "misused", .size = 64 };

static struct kpool *pool_in_use(struct kunit *test, void **obj)
{
	struct kpool *pool = create(&misused);

	KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
	get_all(test, pool, obj, 1);
	return pool;
}

static void destroy_of_a_detached_pool(struct kunit *test)
{
	void *obj;
	struct kpool *pool = pool_in_use(test, &obj);
	u32 id = to_pool(pool)->id;

	KUNIT_EXPECT_EQ(test, kpool_destroy(pool), 1UL);
	log_begin();
	KUNIT_EXPECT_EQ(test, kpool_destroy(pool), ULONG_MAX);
	expect_report(test, "kpool_destroy() by ", __func__);
	log_begin();
	KUNIT_EXPECT_EQ(test, kpool_destroy_sync(pool, 1), -EINVAL);
	expect_report(test, "pool misused (id ", "refused: destroyed before");
	kpool_put(pool, obj);
	settle();
	KUNIT_EXPECT_FALSE(test, pool_left(id));
}

/* Nobody may look at the memory of the pool and of the set: KASAN would see that. */
static void destroy_of_what_is_gone(struct kunit *test)
{
	static const struct kpool_sized_params p = { .name = "misused" };
	struct kpool *pool = create(&misused);
	struct kpool_sized *set = set_create(&p);

	KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
	KUNIT_ASSERT_FALSE(test, IS_ERR(set));
	KUNIT_EXPECT_EQ(test, kpool_destroy(pool), 0UL);
	KUNIT_EXPECT_EQ(test, kpool_sized_destroy(set), 0UL);
	settle();
	log_begin();
	KUNIT_EXPECT_EQ(test, kpool_destroy(pool), ULONG_MAX);
	expect_report(test, "kpool_destroy() by destroy_of_", ": no such pool, ");
	log_begin();
	KUNIT_EXPECT_EQ(test, kpool_destroy_sync(pool, 1), -EINVAL);
	expect_report(test, "kpool_destroy_sync() by destroy_of_", ": no such pool, ");
	log_begin();
	KUNIT_EXPECT_EQ(test, kpool_sized_destroy(set), ULONG_MAX);
	expect_report(test, "kpool_sized_destroy() by destroy_of_", ": no such set, ");
	log_begin();
	KUNIT_EXPECT_EQ(test, kpool_sized_destroy_sync(set, 1), -EINVAL);
	expect_report(test, "kpool_sized_destroy_sync() by destroy_of_", ": no such set, ");
}

/* A task that destroys a pool. */
struct destroyer {
	struct kpool *pool;
	struct completion done;
	int err;
};

static int destroy_here(void *arg)
{
	struct destroyer *d = arg;

	d->err = kpool_destroy_sync(d->pool, PATIENCE_MS);
	complete(&d->done);
	return 0;
}

static void destroy_while_another_task_destroys(struct kunit *test)
{
	struct destroyer *d = zalloc_for(test, struct destroyer);
	struct task_struct *task;
	void *obj;

	d->pool = pool_in_use(test, &obj);
	init_completion(&d->done);
	task = kthread_run(destroy_here, d, "kpool/destroyer");
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	KUNIT_EXPECT_TRUE(test, spin_until(READ_ONCE(to_pool(d->pool)->state) !=
					   KPOOL_STATE_LIVE));
	log_begin();
	KUNIT_EXPECT_EQ(test, kpool_destroy(d->pool), ULONG_MAX);
	expect_report(test, "pool misused (id ", "refused: destroyed before");
	kpool_put(d->pool, obj);
	wait_for_completion(&d->done);
	KUNIT_EXPECT_EQ(test, d->err, 0);
}

static void destroy_of_a_detached_set(struct kunit *test)
{
	static const struct kpool_sized_params p = { .name = "misused" };
	struct kpool_sized *set = set_create(&p);
	void *buf;

	KUNIT_ASSERT_FALSE(test, IS_ERR(set));
	buf = kpool_sized_get(set, 100, GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, kpool_sized_destroy(set), 1UL);
	log_begin();
	KUNIT_EXPECT_EQ(test, kpool_sized_destroy(set), ULONG_MAX);
	expect_report(test, "kpool_sized_destroy() by ", __func__);
	log_begin();
	KUNIT_EXPECT_EQ(test, kpool_sized_destroy_sync(set, 1), -EINVAL);
	expect_report(test, "set misused (id ", "refused: destroyed before");
	kpool_sized_put(set, buf, 100);
}

/* Each function calls destroy where it must not sleep. */
static unsigned long with_preemption_off(struct kpool *pool)
{
	unsigned long out;

	preempt_disable();
	out = kpool_destroy(pool);
	preempt_enable();
	return out;
}

static unsigned long with_interrupts_off(struct kpool *pool)
{
	unsigned long out;

	local_irq_disable();
	out = kpool_destroy(pool);
	local_irq_enable();
	return out;
}

static unsigned long with_softirqs_off(struct kpool *pool)
{
	unsigned long out;

	local_bh_disable();
	out = kpool_destroy(pool);
	local_bh_enable();
	return out;
}

static unsigned long under_a_spinlock(struct kpool *pool)
{
	static DEFINE_RAW_SPINLOCK(lock);
	unsigned long out;

	raw_spin_lock(&lock);
	out = kpool_destroy(pool);
	raw_spin_unlock(&lock);
	return out;
}

static const struct atomic_case {
	const char *name;
	unsigned long (*destroy)(struct kpool *pool);
} atomic_cases[] = {
	{ "with_preemption_off", with_preemption_off },
	{ "with_interrupts_off", with_interrupts_off },
	{ "with_softirqs_off", with_softirqs_off },
	{ "under_a_spinlock", under_a_spinlock },
};

KUNIT_ARRAY_PARAM_DESC(atomic, atomic_cases, name);

static void destroy_in_atomic_context(struct kunit *test)
{
	const struct atomic_case *c = test->param_value;
	struct kpool *pool = create(&misused);

	KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
	log_begin();
	KUNIT_EXPECT_EQ(test, c->destroy(pool), ULONG_MAX);
	expect_report(test, c->name, "the context is atomic");

	/* The call was refused. The pool lives on. */
	KUNIT_EXPECT_EQ(test, (int)to_pool(pool)->state, (int)KPOOL_STATE_LIVE);
	KUNIT_EXPECT_EQ(test, kpool_destroy(pool), 0UL);
}

static void destroy_of_a_set_in_atomic_context(struct kunit *test)
{
	static const struct kpool_sized_params p = { .name = "misused" };
	struct kpool_sized *set = set_create(&p);
	unsigned long out;

	KUNIT_ASSERT_FALSE(test, IS_ERR(set));
	log_begin();
	preempt_disable();
	out = kpool_sized_destroy(set);
	preempt_enable();
	KUNIT_EXPECT_EQ(test, out, ULONG_MAX);
	expect_report(test, "set misused (id ", "the context is atomic");
	KUNIT_EXPECT_EQ(test, kpool_sized_destroy(set), 0UL);
}

#ifdef KPOOL_CHECKS_CALLS
/* The log names this file's function as the caller, whether the call is inline or not. */
static void expect_none(struct kunit *test, long err, const char *call)
{
	KUNIT_EXPECT_EQ(test, err, (long)-EINVAL);
	expect_report(test, call, " [kpool_kunit]: no pool, but ");
}

static void get_from_no_pool(struct kunit *test)
{
	struct kpool *pool = ERR_PTR(-ENOMEM);
	void *obj;

	OPTIMIZER_HIDE_VAR(pool);
	log_begin();
	obj = kpool_get(pool, GFP_KERNEL);
	expect_none(test, PTR_ERR(obj), "kpool: kpool_get() by get_from_");
	log_begin();
	obj = kpool_get_timeout(pool, GFP_KERNEL, 1);
	expect_none(test, PTR_ERR(obj), "kpool: kpool_get_*_timeout() by get_from_");
	log_begin();
	expect_none(test, kpool_get_bulk(pool, GFP_KERNEL, &obj, 1),
		    "kpool: kpool_get_bulk() by get_from_");
	log_begin();
	expect_none(test, kpool_get_bulk_timeout(pool, GFP_KERNEL, &obj, 1, 1),
		    "kpool: kpool_get_bulk_*_timeout() by get_from_");
	pool = NULL;
	OPTIMIZER_HIDE_VAR(pool);
	log_begin();
	obj = kpool_get(pool, GFP_KERNEL);
	expect_none(test, PTR_ERR(obj), "kpool: kpool_get() by get_from_");
}

static void put_into_no_pool(struct kunit *test)
{
	struct kpool *pool = ERR_PTR(-ENOMEM);
	void *obj = test;

	OPTIMIZER_HIDE_VAR(pool);
	log_begin();
	kpool_put(pool, obj);
	expect_report(test, "kpool: kpool_put() by put_into_", ": no pool, but ");
	log_begin();
	kpool_put_bulk(pool, &obj, 1);
	expect_report(test, "kpool: kpool_put_bulk() by put_into_", ": no pool, but ");
	log_begin();
	kpool_discard(pool, obj);
	expect_report(test, "kpool: kpool_discard() by put_into_", ": no pool, but ");
	log_begin();
	kpool_put_rcu(pool, obj);
	expect_report(test, "kpool: kpool_put_rcu() by put_into_", ": no pool, but ");
}

static void call_with_no_set(struct kunit *test)
{
	struct kpool_sized *set = ERR_PTR(-ENOMEM);
	struct kpool_buf buf = { .data = test };
	void *obj = test;

	msleep(5000);	/* the log takes ten such messages in five seconds */
	OPTIMIZER_HIDE_VAR(set);
	log_begin();
	obj = kpool_sized_get(set, 64, GFP_KERNEL);
	expect_none(test, PTR_ERR(obj), "kpool: kpool_sized_get() by call_with_");
	log_begin();
	obj = kpool_sized_get_timeout(set, 64, GFP_KERNEL, 1);
	expect_none(test, PTR_ERR(obj), "kpool: kpool_sized_get_*_timeout() by call_with_");
	log_begin();
	expect_none(test, kpool_sized_get_bulk(set, 64, GFP_KERNEL, &obj, 1),
		    "kpool: kpool_sized_get_bulk() by call_with_");
	log_begin();
	expect_none(test, kpool_sized_get_bulk_timeout(set, 64, GFP_KERNEL, &obj, 1, 1),
		    "kpool: kpool_sized_get_bulk_*_timeout() by call_with_");
	obj = test;
	log_begin();
	kpool_sized_put(set, obj, 64);
	expect_report(test, "kpool: kpool_sized_put() by call_with_", ": no pool, but ");
	log_begin();
	kpool_sized_put_bulk(set, &obj, 1, 64);
	expect_report(test, "kpool: kpool_sized_put_bulk() by call_with_", ": no pool, but ");
	log_begin();
	kpool_sized_put_rcu(set, obj, 64);
	expect_report(test, "kpool: kpool_sized_put_rcu() by call_with_", ": no pool, but ");
	log_begin();
	kpool_sized_put_buf(set, &buf);
	expect_report(test, "kpool: kpool_sized_put_buf() by call_with_", ": no pool, but ");
}
#else
static void get_from_no_pool(struct kunit *test)
{
}

static void put_into_no_pool(struct kunit *test)
{
}

static void call_with_no_set(struct kunit *test)
{
}
#endif

static struct kunit_case cases[] = {
	KUNIT_CASE(commit_of_too_much),
	KUNIT_CASE(consume_of_too_much),
	KUNIT_CASE(ring_is_put_before_its_wait_ends),
	KUNIT_CASE(ring_is_destroyed_before_its_wait_ends),
	KUNIT_CASE(wait_of_other_headers_is_refused),
	KUNIT_CASE(get_of_absurd_size),
	KUNIT_CASE(destroy_of_a_detached_pool),
	KUNIT_CASE(destroy_of_what_is_gone),
	KUNIT_CASE(destroy_while_another_task_destroys),
	KUNIT_CASE(destroy_of_a_detached_set),
	KUNIT_CASE_PARAM(destroy_in_atomic_context, atomic_gen_params),
	KUNIT_CASE(destroy_of_a_set_in_atomic_context),
	KUNIT_CASE(get_from_no_pool),
	KUNIT_CASE(put_into_no_pool),
	KUNIT_CASE(call_with_no_set),
	{}
};

struct kunit_suite misuse_suite = {
	.name = "kpool_misuse",
	.suite_exit = resume_ageing,
	.test_cases = cases,
};
