// SPDX-License-Identifier: GPL-2.0-only
/* Bounded pools, and the wait list. */
#include <linux/completion.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/sched/signal.h>

#include "base/work.h"
#include "fixture.h"
#include "interrupts.h"
#include "log.h"
#include "policy/bypass.h"
#include "pool.h"
#include "store/stats.h"
#include "store/waitlist.h"

static void get_is_refused_when_as_many_exist_as_may(struct kunit *test)
{
	const struct kpool_params p = { .name = "bounded", .size = 64, .max = 5 };
	struct kpool *pool = pool_of(test, &p);
	void *objs[6];

	exhaust(test, pool, objs, 5);
	KUNIT_EXPECT_PTR_EQ(test, kpool_get(pool, GFP_KERNEL), ERR_PTR(-EBUSY));
	KUNIT_EXPECT_PTR_EQ(test, kpool_get(pool, GFP_ATOMIC), ERR_PTR(-EBUSY));
	KUNIT_EXPECT_EQ(test, kpool_get_bulk(pool, GFP_KERNEL, objs + 5, 1), -EBUSY);
	KUNIT_EXPECT_EQ(test, figure(pool, existing), 5ULL);
	KUNIT_EXPECT_EQ(test, figure(pool, exhausted), 3ULL);

	kpool_put(pool, objs[4]);
	objs[4] = kpool_get(pool, GFP_KERNEL);
	KUNIT_EXPECT_FALSE(test, IS_ERR(objs[4]));
	put_all(pool, objs, 5);
	expect_in_use(test, pool, 0);
	/* The peak stays when fewer objects exist. */
	kpool_trim(pool);
	kpool_put(pool, kpool_get(pool, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, figure(pool, existing_peak), 5ULL);
}

static void bulk_of_more_than_max_is_refused(struct kunit *test)
{
	const struct kpool_params p = { .name = "bulk-bound", .size = 64, .max = 5 };
	struct kpool *pool = pool_of(test, &p);
	void *objs[6];

	KUNIT_EXPECT_EQ(test, kpool_get_bulk(pool, GFP_KERNEL, objs, 6), -EINVAL);
	KUNIT_EXPECT_EQ(test, kpool_get_bulk_timeout(pool, GFP_KERNEL, objs, 6, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, kpool_get_bulk_timeout(pool, GFP_KERNEL, objs, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, kpool_get_bulk_timeout(pool, GFP_KERNEL, objs, 5, 0), 0);
	KUNIT_EXPECT_EQ(test, kpool_get_bulk_timeout(pool, GFP_KERNEL, objs + 5, 1, 0),
			-ETIMEDOUT);
	kpool_put_bulk(pool, objs, 5);
	expect_in_use(test, pool, 0);
}

static void put_hands_over(struct kunit *test)
{
	const struct kpool_params p = { .name = "hand", .size = 64, .max = 2 };
	struct kpool *pool = pool_of(test, &p);
	struct getter *g;
	void *objs[2];

	exhaust(test, pool, objs, 2);
	g = waiter_start(test, pool, 1, FOR_EVER, TASK_UNINTERRUPTIBLE);
	kpool_put(pool, objs[0]);
	KUNIT_ASSERT_TRUE(test, came(g));
	KUNIT_EXPECT_EQ(test, g->err, 0);
	if (keeps(pool))
		KUNIT_EXPECT_PTR_EQ(test, g->objs[0], objs[0]);
	getter_end(test, g);
	kpool_put(pool, objs[1]);
	expect_in_use(test, pool, 0);
	KUNIT_EXPECT_EQ(test, figure(pool, waits), 1ULL);
}

struct putter {
	struct kpool *pool;
	void *obj;
};

static void put_it(void *arg)
{
	struct putter *p = arg;

	kpool_put(p->pool, xchg(&p->obj, NULL));
}

/* An NMI can wake nobody, so an irq_work does. */
static void put_in_nmi_hands_over(struct kunit *test)
{
	const struct kpool_params p = { .name = "nmi", .size = 64, .max = 1 };
	struct putter put = { .pool = pool_of(test, &p) };
	struct interrupt *nmi = zalloc_for(test, struct interrupt);
	struct getter *g;

	interrupt_init(test, nmi, NMI, put_it, &put);
	exhaust(test, put.pool, &put.obj, 1);
	g = waiter_start(test, put.pool, 1, FOR_EVER, TASK_UNINTERRUPTIBLE);
	preempt_disable();
	KUNIT_EXPECT_TRUE(test, interrupt(nmi));
	preempt_enable();
	getter_end(test, g);
	KUNIT_EXPECT_EQ(test, g->err, 0);
	expect_in_use(test, put.pool, 0);
}

static void put_in_hardirq_hands_over(struct kunit *test)
{
	const struct kpool_params p = { .name = "hardirq", .size = 64, .max = 1 };
	struct kpool *pool = pool_of(test, &p);
	struct putter put = { .pool = pool };
	struct getter *g;

	exhaust(test, pool, &put.obj, 1);
	g = waiter_start(test, pool, 1, FOR_EVER, TASK_UNINTERRUPTIBLE);
	call_in_hardirq(put_it, &put);
	getter_end(test, g);
	KUNIT_EXPECT_EQ(test, g->err, 0);
	expect_in_use(test, pool, 0);
}

/* Later gets do not overtake a waiter, whether they may wait or not. */
static void nobody_overtakes(struct kunit *test)
{
	const struct kpool_params p = { .name = "overtake", .size = 64, .max = 3 };
	struct kpool *pool = pool_of(test, &p);
	struct getter *bulk;
	void *objs[3];

	exhaust(test, pool, objs, 3);
	bulk = waiter_start(test, pool, 3, FOR_EVER, TASK_UNINTERRUPTIBLE);
	kpool_put(pool, objs[0]);
	KUNIT_EXPECT_PTR_EQ(test, kpool_get(pool, GFP_KERNEL), ERR_PTR(-EBUSY));
	KUNIT_EXPECT_PTR_EQ(test, kpool_get_timeout(pool, GFP_KERNEL, 1), ERR_PTR(-ETIMEDOUT));
	kpool_put(pool, objs[1]);
	KUNIT_EXPECT_FALSE(test, completion_done(&bulk->done));
	kpool_put(pool, objs[2]);
	getter_end(test, bulk);
	KUNIT_EXPECT_EQ(test, bulk->err, 0);
	expect_in_use(test, pool, 0);
}

#define IN_LINE	64

static void waiters_are_served_in_order_of_arrival(struct kunit *test)
{
	const struct kpool_params p = { .name = "order", .size = 64, .max = 4 };
	struct kpool *pool = pool_of(test, &p);
	struct getter **waitlist = kunit_kcalloc(test, IN_LINE, sizeof(*waitlist), GFP_KERNEL);
	void *objs[4];
	int i;

	KUNIT_ASSERT_NOT_NULL(test, waitlist);
	exhaust(test, pool, objs, 4);
	for (i = 0; i < IN_LINE; i++)
		waitlist[i] = waiter_start(test, pool, 1, FOR_EVER, TASK_UNINTERRUPTIBLE);
	kpool_put(pool, objs[0]);
	for (i = 0; i < IN_LINE; i++) {
		getter_end(test, waitlist[i]);
		KUNIT_EXPECT_EQ(test, waitlist[i]->err, 0);
		KUNIT_EXPECT_EQ(test, waitlist[i]->place, waitlist[0]->place + i);
	}
	put_all(pool, objs + 1, 3);
	expect_in_use(test, pool, 0);
	KUNIT_EXPECT_EQ(test, figure(pool, waiting_peak), (u64)IN_LINE);
}

#define DEADLINE	msecs_to_jiffies(200)

/* The get keeps one deadline, also if wake-ups come that do not give it an object. */
static void deadline_is_kept(struct kunit *test)
{
	const struct kpool_params p = { .name = "deadline", .size = 64, .max = 1 };
	struct kpool *pool = pool_of(test, &p);
	struct getter *g;
	void *obj;

	exhaust(test, pool, &obj, 1);
	g = waiter_start(test, pool, 1, DEADLINE, TASK_UNINTERRUPTIBLE);
	while (!wait_for_completion_timeout(&g->done, 1))
		wake_up_process(g->task);
	KUNIT_EXPECT_EQ(test, g->err, -ETIMEDOUT);
	KUNIT_EXPECT_GE(test, g->took, DEADLINE);
	KUNIT_EXPECT_LT(test, g->took, 10 * DEADLINE);
	getter_end(test, g);
	KUNIT_EXPECT_EQ(test, figure(pool, timeouts), 1ULL);
	KUNIT_EXPECT_EQ(test, waiting(pool), 0U);
	kpool_put(pool, obj);
	expect_in_use(test, pool, 0);
}

static const struct signal_case {
	const char *name;
	unsigned int state;
	int signal;
	bool ends;
} signal_cases[] = {
	{ "interruptible, a signal", TASK_INTERRUPTIBLE, SIGUSR1, true },
	{ "killable, a signal", TASK_KILLABLE, SIGUSR1, false },
	{ "killable, a fatal signal", TASK_KILLABLE, SIGKILL, true },
	{ "uninterruptible, a fatal signal", TASK_UNINTERRUPTIBLE, SIGKILL, false },
};

KUNIT_ARRAY_PARAM_DESC(signal, signal_cases, name);

static void signal_ends_a_wait_that_may_be_ended(struct kunit *test)
{
	const struct signal_case *c = test->param_value;
	const struct kpool_params p = { .name = "signal", .size = 64, .max = 1 };
	struct kpool *pool = pool_of(test, &p);
	struct getter *g;
	void *obj;

	exhaust(test, pool, &obj, 1);
	g = waiter_start(test, pool, 1, FOR_EVER, c->state);
	send_sig(c->signal, g->task, 1);
	if (c->ends)
		KUNIT_EXPECT_TRUE(test, came(g));
	else
		KUNIT_EXPECT_FALSE(test, wait_for_completion_timeout(&g->done, HZ / 20));
	kpool_put(pool, obj);
	getter_end(test, g);
	KUNIT_EXPECT_EQ(test, g->err, c->ends ? -ERESTARTSYS : 0);
	KUNIT_EXPECT_EQ(test, figure(pool, interrupted), (u64)c->ends);
	expect_in_use(test, pool, 0);
}

/* A get with a pending signal still takes an idle object. */
static void pending_signal_does_not_keep_from_an_object(struct kunit *test)
{
	const struct kpool_params p = { .name = "pending", .size = 64, .max = 1 };
	struct kpool *pool = pool_of(test, &p);
	void *obj;

	allow_signal(SIGUSR1);
	send_sig(SIGUSR1, current, 1);
	obj = kpool_get_interruptible_timeout(pool, GFP_KERNEL, FOR_EVER);
	flush_signals(current);
	disallow_signal(SIGUSR1);
	KUNIT_EXPECT_FALSE(test, IS_ERR(obj));
	kpool_put(pool, obj);
}

/*
 * Two bulks want more than half of the objects each. They get them one after the other,
 * because only the first waiter holds objects.
 */
static void bulks_of_half_and_a_bit_do_not_block_each_other(struct kunit *test)
{
	const struct kpool_params p = { .name = "halves", .size = 64, .max = 8 };
	struct kpool *pool = pool_of(test, &p);
	struct getter *a, *b;
	void *objs[8];
	int i;

	exhaust(test, pool, objs, 8);
	a = waiter_start(test, pool, 5, FOR_EVER, TASK_UNINTERRUPTIBLE);
	b = waiter_start(test, pool, 5, FOR_EVER, TASK_UNINTERRUPTIBLE);
	for (i = 0; i < 8; i++) {
		KUNIT_EXPECT_FALSE(test, i < 5 && completion_done(&a->done));
		kpool_put(pool, objs[i]);
	}
	getter_end(test, a);
	getter_end(test, b);
	KUNIT_EXPECT_EQ(test, a->err, 0);
	KUNIT_EXPECT_EQ(test, b->err, 0);
	expect_in_use(test, pool, 0);
}

/* The next waiter gets the objects that the bulk held. */
static void bulk_that_gives_up_leaves_what_it_had(struct kunit *test)
{
	const struct kpool_params p = { .name = "gives-up", .size = 64, .max = 3 };
	struct kpool *pool = pool_of(test, &p);
	struct getter *bulk, *one;
	void *objs[3];

	exhaust(test, pool, objs, 3);
	bulk = waiter_start(test, pool, 3, FOR_EVER, TASK_INTERRUPTIBLE);
	one = waiter_start(test, pool, 1, FOR_EVER, TASK_UNINTERRUPTIBLE);
	kpool_put(pool, objs[0]);
	KUNIT_EXPECT_FALSE(test, completion_done(&one->done));
	send_sig(SIGUSR1, bulk->task, 1);
	getter_end(test, bulk);
	KUNIT_EXPECT_EQ(test, bulk->err, -ERESTARTSYS);
	getter_end(test, one);
	KUNIT_EXPECT_EQ(test, one->err, 0);
	put_all(pool, objs + 1, 2);
	expect_in_use(test, pool, 0);
}

static const int failing[] = { 3, 4 };

static void describe_failing(const int *at, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "the %s in line", *at == 3 ? "first" : "second");
}

KUNIT_ARRAY_PARAM(failing, failing, describe_failing);

/*
 * A teardown gives its slot to the first waiter. Its ctor fails, so the next waiter gets the
 * slot.
 */
static void failed_ctor_gives_its_slot_to_the_next(struct kunit *test)
{
	int at = *(const int *)test->param_value, i, failed = 0;
	struct consumer *consumer = failing_consumer(test, at, -EIO);
	const struct kpool_params p = { .name = "slot", .size = 64, .max = 2,
					.ops = &consumer_ops };
	struct kpool *pool = pool_of_consumer(test, &p, consumer);
	struct getter *waitlist[3];
	void *objs[2];

	exhaust(test, pool, objs, 2);
	for (i = 0; i < 3; i++)
		waitlist[i] = waiter_start(test, pool, 1, FOR_EVER, TASK_UNINTERRUPTIBLE);
	/*
	 * A put would hand its object off to a waiter. With bypass the object is torn down
	 * instead.
	 */
	kp_set_bypass(to_pool(pool), true);
	put_all(pool, objs, 2);
	for (i = 0; i < 3; i++) {
		getter_end(test, waitlist[i]);
		failed += waitlist[i]->err == -EIO;
		KUNIT_EXPECT_TRUE(test, !waitlist[i]->err || waitlist[i]->err == -EIO);
	}
	KUNIT_EXPECT_GE(test, failed, 1);
	kp_set_bypass(to_pool(pool), false);
	expect_in_use(test, pool, 0);
	KUNIT_EXPECT_EQ(test, to_pool(pool)->waitlist->slots,
			(unsigned long)figure(pool, existing));
}

static void destroy_sends_waiters_home(struct kunit *test)
{
	const struct kpool_params p = { .name = "home", .size = 64, .max = 1 };
	struct kpool *pool = create(&p);
	struct getter *a, *b;
	void *obj;

	KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
	obj = kpool_get(pool, GFP_KERNEL);
	a = waiter_start(test, pool, 1, FOR_EVER, TASK_UNINTERRUPTIBLE);
	b = waiter_start(test, pool, 1, FOR_EVER, TASK_UNINTERRUPTIBLE);
	kpool_destroy(pool);
	getter_end(test, a);
	getter_end(test, b);
	KUNIT_EXPECT_EQ(test, a->err, -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, b->err, -ESHUTDOWN);
	kpool_put(pool, obj);
	settle();
}

#define MAGAZINE	4
#define CACHED_MAX	bound_for(MAGAZINE)

/* Some gets and puts after the last waiter, CPUs may have caches again. */
static void caches_open_again(struct kunit *test)
{
	const struct kpool_params p = { .name = "reopen", .size = 64, .max = CACHED_MAX,
					.magazine = MAGAZINE };
	struct kpool *pool = pool_of(test, &p);
	unsigned int i, n, max = CACHED_MAX;
	void **objs = room_for(test, max);

	pin(test, raw_smp_processor_id());
	exhaust(test, pool, objs, max);
	KUNIT_EXPECT_PTR_EQ(test, kpool_get_timeout(pool, GFP_KERNEL, 0), ERR_PTR(-ETIMEDOUT));
	if (keeps(pool)) {
		/* Each put is one of these, and so is each get that finds no object. */
		n = to_pool(pool)->waitlist->until_open;
		KUNIT_EXPECT_GT(test, n, 0U);
		for (i = 0; i < n; i++) {
			KUNIT_EXPECT_EQ(test, (int)to_pool(pool)->gate, (int)GATE_WAITING);
			if (i % 2)
				objs[0] = kpool_get(pool, GFP_KERNEL);
			else
				kpool_put(pool, objs[0]);
		}
		if (n % 2)
			objs[0] = kpool_get(pool, GFP_KERNEL);
	}
	put_all(pool, objs, max);
	if (keeps(pool)) {
		KUNIT_EXPECT_EQ(test, (int)to_pool(pool)->gate, (int)GATE_OPEN);
		KUNIT_EXPECT_EQ(test, kp_cpu_capacity(raw_cpu_ptr(pool->cpu)),
				(unsigned int)MAGAZINE);
	}
	expect_in_use(test, pool, 0);
}

/* A get that may only trylock finds objects again some time after a wait. */
static void restricted_get_finds_what_was_put(struct kunit *test)
{
	const struct kpool_params p = { .name = "anyctx", .size = 64, .max = 4,
					.flags = KPOOL_ANYCTX };
	struct kpool *pool = pool_of(test, &p);
	void *objs[4], *obj;

	exhaust(test, pool, objs, 4);
	KUNIT_EXPECT_PTR_EQ(test, kpool_get_timeout(pool, GFP_KERNEL, 1), ERR_PTR(-ETIMEDOUT));
	put_all(pool, objs, 4);
	kp_defer_sync(to_pool(pool));
	obj = kpool_get(pool, GFP_ATOMIC);
	if (keeps(pool))
		KUNIT_EXPECT_FALSE(test, IS_ERR(obj));
	kpool_put(pool, obj);
	expect_in_use(test, pool, 0);
}

/* The caches of a bounded pool together hold at most half of max. */
static void small_bounds_turn_caches_off(struct kunit *test)
{
	const struct kpool_params large = { .name = "large", .size = 64, .max = CACHED_MAX };
	const struct kpool_params small = { .name = "small", .size = 64,
					    .max = 4 * num_possible_cpus() - 1 };

	KUNIT_EXPECT_EQ(test, to_pool(pool_of(test, &large))->magazine, (unsigned int)MAGAZINE);
	KUNIT_EXPECT_EQ(test, to_pool(pool_of(test, &small))->magazine, 0U);
}

/* No get fails or waits. The next puts tear down the objects that exceed max. */
static void beyond_max_is_built_and_torn_down(struct kunit *test)
{
	struct consumer *consumer = zalloc_for(test, struct consumer);
	const struct kpool_params p = { .name = "beyond", .size = 64, .max = 4,
					.flags = KPOOL_OVERFLOW,
					.ops = &consumer_ops };
	struct kpool *pool = pool_of_consumer(test, &p, consumer);
	void *objs[10];

	get_all(test, pool, objs, 6);
	objs[6] = kpool_get_timeout(pool, GFP_KERNEL, FOR_EVER);
	KUNIT_EXPECT_FALSE(test, IS_ERR(objs[6]));
	KUNIT_EXPECT_EQ(test, kpool_get_bulk_timeout(pool, GFP_KERNEL, objs + 7, 3, 0), 0);
	KUNIT_EXPECT_EQ(test, figure(pool, existing), 10ULL);
	KUNIT_EXPECT_EQ(test, figure(pool, overflow), 6ULL);
	KUNIT_EXPECT_EQ(test, figure(pool, waits), 0ULL);

	put_all(pool, objs, 2);
	KUNIT_EXPECT_EQ(test, figure(pool, existing), 8ULL);
	kpool_put_bulk(pool, objs + 2, 8);
	KUNIT_EXPECT_EQ(test, figure(pool, existing), keeps(pool) ? 4ULL : 0ULL);
	expect_whole(test, pool, consumer);
}

/* Many threads get and put at random, and wait for a moment at most. */
#define STRESS_MAX	GETTER_MOST

struct crowd {
	struct kpool *pool;
	atomic_t out, most, timeouts, interrupted;
};

static void get_wait_put(struct member *m)
{
	struct crowd *crowd = m->ctx;
	unsigned int n = m->steps % 5 ? 1 : 1 + (m->steps / 5) % GETTER_MOST, i, out;
	void *objs[GETTER_MOST];
	int err;

	if (m->steps % 7 == 0) {
		objs[0] = kpool_get(crowd->pool, GFP_KERNEL);
		err = PTR_ERR_OR_ZERO(objs[0]);
		n = 1;
	} else {
		err = kpool_get_bulk_timeout(crowd->pool, GFP_KERNEL, objs, n, m->steps % 3);
	}
	if (err) {
		atomic_add(err == -ETIMEDOUT, &crowd->timeouts);
		return;
	}
	out = atomic_add_return(n, &crowd->out);
	if (out > atomic_read(&crowd->most))
		atomic_set(&crowd->most, out);
	for (i = 0; i < n; i++)
		atomic_inc(&((struct object *)objs[i])->users);
	if (m->steps % 64 == 0)
		schedule_timeout_uninterruptible(1);
	for (i = 0; i < n; i++)
		if (atomic_dec_return(&((struct object *)objs[i])->users))
			pr_err("kpool_kunit: an object in two hands\n");
	atomic_sub(n, &crowd->out);
	kpool_put_bulk(crowd->pool, objs, n);
}

static const struct duty waiting_duty = { .step = get_wait_put };

static void timeouts_and_puts_race(struct kunit *test)
{
	struct consumer *consumer = zalloc_for(test, struct consumer);
	const struct kpool_params p = { .name = "race", .size = 64, .max = STRESS_MAX,
					.ops = &consumer_ops };
	struct crowd *crowd = zalloc_for(test, struct crowd);
	struct team *team;

	crowd->pool = pool_of_consumer(test, &p, consumer);
	team = team_start(test, &waiting_duty, crowd, is_full_run() ? 250000 : 3000);
	team_wait(team);
	team_stop(team);
	KUNIT_EXPECT_LE(test, atomic_read(&crowd->most), STRESS_MAX);
	KUNIT_EXPECT_LE(test, figure(crowd->pool, existing_peak), (u64)STRESS_MAX);
	KUNIT_EXPECT_GT(test, figure(crowd->pool, waits), 0ULL);
	KUNIT_EXPECT_EQ(test, waiting(crowd->pool), 0U);
	expect_in_use(test, crowd->pool, 0);
	expect_whole(test, crowd->pool, consumer);
	kunit_info(test, "waits %llu timeouts %d", figure(crowd->pool, waits),
		   atomic_read(&crowd->timeouts));
}

/* The same, and each thread sends signals to the next one. */
struct mob {
	struct crowd crowd;
	struct task_struct *tasks[NR_CPUS];
	bool calm;
};

static void join_mob(struct member *m)
{
	struct mob *mob = m->ctx;

	allow_signal(SIGUSR1);
	WRITE_ONCE(mob->tasks[m->cpu], current);
}

/* A task that sees calm may end one grace period later. */
static void disturb(struct mob *mob, int cpu)
{
	struct task_struct *task;

	rcu_read_lock();
	task = READ_ONCE(mob->tasks[cpu]);
	if (task && !READ_ONCE(mob->calm))
		send_sig(SIGUSR1, task, 1);
	rcu_read_unlock();
}

static void get_disturbed_put(struct member *m)
{
	struct mob *mob = m->ctx;
	unsigned int n = 1 + m->steps % GETTER_MOST;
	void *objs[GETTER_MOST];
	int err;

	if (m->steps % 3 == 0)
		disturb(mob, cpu_in_turn(m->cpu + 1));
	err = kpool_get_bulk_interruptible_timeout(mob->crowd.pool, GFP_KERNEL, objs, n, 2);
	if (err == -ERESTARTSYS) {
		atomic_inc(&mob->crowd.interrupted);
		flush_signals(current);
	}
	if (!err)
		kpool_put_bulk(mob->crowd.pool, objs, n);
}

static const struct duty disturbed_duty = { .start = join_mob, .step = get_disturbed_put };

static void signals_and_puts_race(struct kunit *test)
{
	struct consumer *consumer = zalloc_for(test, struct consumer);
	const struct kpool_params p = { .name = "signals", .size = 64, .max = STRESS_MAX,
					.ops = &consumer_ops };
	struct mob *mob = zalloc_for(test, struct mob);
	struct team *team;

	mob->crowd.pool = pool_of_consumer(test, &p, consumer);
	team = team_start(test, &disturbed_duty, mob, is_full_run() ? 250000 : 700);
	team_wait(team);
	WRITE_ONCE(mob->calm, true);
	synchronize_rcu();
	team_stop(team);
	KUNIT_EXPECT_GT(test, figure(mob->crowd.pool, interrupted), 0ULL);
	KUNIT_EXPECT_EQ(test, figure(mob->crowd.pool, interrupted),
			(u64)atomic_read(&mob->crowd.interrupted));
	KUNIT_EXPECT_EQ(test, waiting(mob->crowd.pool), 0U);
	expect_in_use(test, mob->crowd.pool, 0);
	expect_whole(test, mob->crowd.pool, consumer);
	kunit_info(test, "waits %llu interrupted %d", figure(mob->crowd.pool, waits),
		   atomic_read(&mob->crowd.interrupted));
}

static void time_out(struct kunit *test, struct kpool *pool)
{
	KUNIT_EXPECT_PTR_EQ(test, kpool_get_timeout(pool, GFP_KERNEL, HZ / 50),
			    ERR_PTR(-ETIMEDOUT));
}

/* Each pool has one line in a while, and the next line says what it left out. */
static void timeouts_are_said_once_in_a_while(struct kunit *test)
{
	static const struct kpool_params p = { .name = "late", .size = 64, .max = 1 };
	struct kpool *pool = pool_of(test, &p);
	struct kp_waitlist *waitlist = to_pool(pool)->waitlist;
	unsigned int i;
	void *obj;

	get_all(test, pool, &obj, 1);
	log_begin();
	for (i = 0; i < 4; i++)
		time_out(test, pool);
	expect_report(test, "pool late (id ", " ms for an object: 1 exist, max 1, idle 0, ");

	waitlist->timeout_lines.interval = 0;	/* the time is over */
	log_begin();
	time_out(test, pool);
	expect_report(test, "pool late (id ", "; 3 more timeouts since the last line");
	log_begin();
	time_out(test, pool);
	KUNIT_EXPECT_NULL(test, strstr(log_end(), "since the last line"));
	kpool_put(pool, obj);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(put_in_nmi_hands_over),
	ONLY_ON_A_MACHINE
	KUNIT_CASE(get_is_refused_when_as_many_exist_as_may),
	KUNIT_CASE(bulk_of_more_than_max_is_refused),
	KUNIT_CASE(put_hands_over),
	KUNIT_CASE(put_in_hardirq_hands_over),
	KUNIT_CASE(nobody_overtakes),
	KUNIT_CASE(waiters_are_served_in_order_of_arrival),
	KUNIT_CASE(deadline_is_kept),
	KUNIT_CASE_PARAM(signal_ends_a_wait_that_may_be_ended, signal_gen_params),
	KUNIT_CASE(pending_signal_does_not_keep_from_an_object),
	KUNIT_CASE(bulks_of_half_and_a_bit_do_not_block_each_other),
	KUNIT_CASE(bulk_that_gives_up_leaves_what_it_had),
	KUNIT_CASE_PARAM(failed_ctor_gives_its_slot_to_the_next, failing_gen_params),
	KUNIT_CASE(destroy_sends_waiters_home),
	KUNIT_CASE(caches_open_again),
	KUNIT_CASE(small_bounds_turn_caches_off),
	KUNIT_CASE(restricted_get_finds_what_was_put),
	KUNIT_CASE(beyond_max_is_built_and_torn_down),
	KUNIT_CASE(timeouts_are_said_once_in_a_while),
	KUNIT_CASE(timeouts_and_puts_race),
	KUNIT_CASE(signals_and_puts_race),
	{}
};

struct kunit_suite wait_suite = {
	.name = "kpool_wait",
	.suite_init = nmi_suite_init,
	.suite_exit = nmi_suite_exit,
	.test_cases = cases,
};
