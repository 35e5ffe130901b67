// SPDX-License-Identifier: GPL-2.0-only
/* Puts after an RCU grace period. */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kmsan-checks.h>
#include <linux/kthread.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include "base/work.h"
#include "fixture.h"
#include "interrupts.h"
#include "path/rcu.h"
#include "pool.h"

#define OBJS		50
#define MAGAZINE	4

static const struct kpool_params kinds[] = {
	{ .name = "small", .size = 64, .magazine = MAGAZINE },
	{ .name = "uncached", .size = 64, .max_idle = OBJS },
	{ .name = "bounded", .size = 64, .max = 1000, .magazine = MAGAZINE },
	{ .name = "pages", .size = 8192, .magazine = MAGAZINE },
	{ .name = "wiped", .size = 64, .flags = KPOOL_ZERO_ON_PUT },
	{ .name = "stamped", .size = 64, .idle_ms = 1000000, .lifetime_ms = 1000000 },
	{ .name = "reserve", .size = 64, .reserve = 10 },
	{ .name = "anyctx", .size = 64, .flags = KPOOL_ANYCTX },
	{ .name = "sleeping", .size = 64, .flags = KPOOL_SLEEPING, .ops = &consumer_ops },
	{ .name = "vmalloc", .size = 64, .flags = KPOOL_VMALLOC, .ops = &consumer_ops },
	{ .name = "kvmalloc", .size = 8192, .flags = KPOOL_KVMALLOC, .ops = &consumer_ops },
	{ .name = "huge", .size = 8192, .flags = KPOOL_HUGE_PAGES, .ops = &consumer_ops },
	{ .name = "reset", .size = 64, .magazine = MAGAZINE, .ops = &consumer_ops },
	{ .name = "bypass", .size = 64, .flags = KPOOL_BYPASS },
};

KUNIT_ARRAY_PARAM_DESC(kind, kinds, name);

static struct kpool_params params_of_kind(struct kunit *test, struct consumer **consumer)
{
	struct kpool_params p = *(const struct kpool_params *)test->param_value;

	*consumer = zalloc_for(test, struct consumer);
	p.flags |= KPOOL_RCU;
	p.ctx = *consumer;
	return p;
}

static struct kpool *pool_of_kind(struct kunit *test, struct consumer **consumer)
{
	struct kpool_params p = params_of_kind(test, consumer);

	return pool_of(test, &p);
}

static void sync(struct kpool *pool)
{
	kp_rcu_sync(to_pool(pool));
	kp_defer_sync(to_pool(pool));
}

/* The consumer's objects themselves tell whether they were built. */
static void expect_end(struct kunit *test, struct kpool *pool, struct consumer *consumer)
{
	sync(pool);
	expect_in_use(test, pool, 0);
	destroy(test, pool);
	KUNIT_EXPECT_EQ(test, atomic_read(&consumer->dtors), atomic_read(&consumer->ctors));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&consumer->wrongs));
}

#define CONTENT(o)	((u8 *)(o) + sizeof(struct object))
#define CONTENT_SIZE	(64 - sizeof(struct object))

static void object_stays_as_it_is_for_readers(struct kunit *test)
{
	struct consumer *consumer;
	struct kpool *pool = pool_of_kind(test, &consumer);
	struct object *o = kpool_get(pool, GFP_KERNEL), before;

	KUNIT_ASSERT_FALSE(test, IS_ERR(o));
	/* Without a constructor the rest of the object is what the memory had. */
	kmsan_unpoison_memory(o, sizeof(*o));
	o->state = OBJECT_BUILT;
	memset(CONTENT(o), 0x5a, CONTENT_SIZE);
	rcu_read_lock();
	before = *o;
	kpool_put_rcu(pool, o);
	mdelay(30);
	KUNIT_EXPECT_EQ(test, 0, memcmp(o, &before, sizeof(before)));
	KUNIT_EXPECT_PTR_EQ(test, memchr_inv(CONTENT(o), 0x5a, CONTENT_SIZE), NULL);
	KUNIT_EXPECT_EQ(test, figure(pool, in_use), 1ULL);
	KUNIT_EXPECT_EQ(test, atomic_read(&consumer->resets), 0);
	rcu_read_unlock();
	expect_end(test, pool, consumer);
}

static void all_come_back(struct kunit *test)
{
	struct consumer *consumer;
	struct kpool *pool = pool_of_kind(test, &consumer);
	void **objs = room_for(test, OBJS);
	unsigned int i;

	get_all(test, pool, objs, OBJS);
	for (i = 0; i < OBJS; i++)
		kpool_put_rcu(pool, objs[i]);
	sync(pool);
	KUNIT_EXPECT_EQ(test, figure(pool, puts), (u64)OBJS);
	expect_end(test, pool, consumer);
}

/* destroy waits for all waiting objects, and calls no callback of the consumer afterwards. */
static void destroy_waits_for_them(struct kunit *test)
{
	struct consumer *consumer;
	struct kpool_params p = params_of_kind(test, &consumer);
	struct kpool *pool = create(&p);
	void **objs = room_for(test, OBJS);
	unsigned int i;
	u32 id;

	KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
	id = to_pool(pool)->id;
	get_all(test, pool, objs, OBJS);
	for (i = 0; i < OBJS; i++)
		kpool_put_rcu(pool, objs[i]);
	kpool_destroy(pool);
	KUNIT_EXPECT_FALSE(test, pool_left(id));
	KUNIT_EXPECT_EQ(test, atomic_read(&consumer->dtors), atomic_read(&consumer->ctors));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&consumer->wrongs));
}

/* A reader on another CPU: while it reads, no grace period ends. */
struct rcu_reader {
	struct completion reads;
	bool may_end;
	bool was_told;
	struct task_struct *task;
};

static int rcu_reader_thread(void *arg)
{
	struct rcu_reader *reader = arg;

	rcu_read_lock();
	complete(&reader->reads);
	reader->was_told = spin_until(READ_ONCE(reader->may_end));
	rcu_read_unlock();
	while (!kthread_should_stop())
		schedule_timeout_uninterruptible(1);
	return 0;
}

static void destroy_waits_for_no_grace_period_without_such_puts(struct kunit *test)
{
	struct rcu_reader *reader = zalloc_for(test, struct rcu_reader);
	struct consumer *consumer;
	struct kpool *pool = pool_of_kind(test, &consumer);
	int cpu = raw_smp_processor_id(), other = cpu_beside(test, cpu);
	void *objs[4];

	pin(test, cpu);
	get_all(test, pool, objs, 4);
	put_all(pool, objs, 4);
	kp_defer_sync(to_pool(pool));
	init_completion(&reader->reads);
	reader->task = kthread_create(rcu_reader_thread, reader, "kpool/reader");
	KUNIT_ASSERT_FALSE(test, IS_ERR(reader->task));
	kthread_bind(reader->task, other);
	wake_up_process(reader->task);
	wait_for_completion(&reader->reads);
	destroy(test, pool);
	WRITE_ONCE(reader->may_end, true);
	kthread_stop(reader->task);
	KUNIT_EXPECT_TRUE(test, reader->was_told);
}

static void last_of_a_detached_pool_ends_it(struct kunit *test)
{
	struct consumer *consumer;
	struct kpool_params p = params_of_kind(test, &consumer);
	struct kpool *pool = create(&p);
	void *obj;
	u32 id;

	KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
	id = to_pool(pool)->id;
	obj = kpool_get(pool, GFP_KERNEL);
	KUNIT_ASSERT_FALSE(test, IS_ERR(obj));
	kpool_destroy(pool);
	KUNIT_EXPECT_TRUE(test, pool_left(id));
	kpool_put_rcu(pool, obj);
	/* Time for the irq_work of a restricted put, the grace period, and the end of the pool. */
	msleep(20);
	rcu_barrier();
	msleep(20);
	rcu_barrier();
	settle();
	KUNIT_EXPECT_FALSE(test, pool_left(id));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&consumer->wrongs));
}

/* An object without room for a link is not written to. */
static void pool_without_the_flag_refuses(struct kunit *test)
{
	const struct kpool_params p = { .name = "no-rcu", .size = 64 };
	struct kpool *pool = pool_of(test, &p);
	void *obj = kpool_get(pool, GFP_KERNEL);

	KUNIT_ASSERT_FALSE(test, IS_ERR(obj));
	memset(obj, 0x5a, 64);
	kpool_put_rcu(pool, obj);
	rcu_barrier();
	KUNIT_EXPECT_PTR_EQ(test, memchr_inv(obj, 0x5a, 64), NULL);
	expect_in_use(test, pool, 1);
	kpool_put(pool, obj);
	kpool_put_rcu(pool, NULL);
	kpool_put_rcu(pool, ERR_PTR(-ENOMEM));
	expect_in_use(test, pool, 0);
}

#define MANY		1000
#define A_FEW		16	/* puts that an interrupt may finish */

/* Counts the resets that a worker did not do. */
static void count_in_interrupt(void *obj, void *ctx)
{
	if (!in_task() || !(current->flags & PF_WQ_WORKER))
		atomic_inc(ctx);
}

/* The first object's grace period begins at once. All others wait together for the next one. */
static void callback_puts_a_few(struct kunit *test)
{
	static const struct kpool_ops ops = { .reset = count_in_interrupt };
	atomic_t *in_interrupt = zalloc_for(test, atomic_t);
	const struct kpool_params p = { .name = "many", .size = 64, .flags = KPOOL_RCU,
					.ops = &ops, .ctx = in_interrupt };
	struct kpool *pool = pool_of(test, &p);
	void **objs = room_for(test, MANY);
	unsigned int i;

	get_all(test, pool, objs, MANY);
	rcu_read_lock();
	for (i = 0; i < MANY; i++)
		kpool_put_rcu(pool, objs[i]);
	rcu_read_unlock();
	sync(pool);
	KUNIT_EXPECT_EQ(test, figure(pool, puts), (u64)MANY);
	KUNIT_EXPECT_LE(test, atomic_read(in_interrupt), 1 + A_FEW);
	expect_in_use(test, pool, 0);
}

struct putter {
	struct kpool *pool;
	void *obj;
};

static void put_it(void *arg)
{
	struct putter *p = arg;
	void *obj = p->obj;

	p->obj = NULL;
	kpool_put_rcu(p->pool, obj);
}

static void interrupts_put(struct kunit *test)
{
	struct consumer *consumer;
	struct kpool *pool = pool_of_kind(test, &consumer);
	struct putter p = { .pool = pool };
	int i;

	for (i = 0; i < 10; i++) {
		p.obj = kpool_get(pool, GFP_KERNEL);
		KUNIT_ASSERT_FALSE(test, IS_ERR(p.obj));
		call_in_hardirq(put_it, &p);
	}
	expect_end(test, pool, consumer);
}

static void nmis_put(struct kunit *test)
{
	struct consumer *consumer;
	struct kpool *pool = pool_of_kind(test, &consumer);
	struct putter p = { .pool = pool };
	struct interrupt *nmi = zalloc_for(test, struct interrupt);
	int i;

	interrupt_init(test, nmi, NMI, put_it, &p);
	for (i = 0; i < 10; i++) {
		p.obj = kpool_get(pool, GFP_KERNEL);
		KUNIT_ASSERT_FALSE(test, IS_ERR(p.obj));
		preempt_disable();
		KUNIT_EXPECT_TRUE(test, interrupt(nmi));
		preempt_enable();
	}
	expect_end(test, pool, consumer);
}

#define SHELVES		8
#define GRACE		64	/* steps between two waits, so that the memory suffices */

/* The second half of an entry equals the first half. Each user writes a new value. */
struct entry {
	struct object object;
	u64 first;
	u64 second;
};

struct shelf {
	struct kpool *pool;
	struct entry __rcu *at[SHELVES];
	atomic64_t serial;
	atomic_t wrongs;
};

static void replace(struct member *m)
{
	struct shelf *s = m->ctx;
	struct entry *e = kpool_get(s->pool, GFP_KERNEL), *old;

	if (IS_ERR(e)) {
		atomic_inc(&s->wrongs);
		return;
	}
	e->object.state = OBJECT_BUILT;
	e->first = atomic64_inc_return(&s->serial);
	e->second = e->first;
	old = unrcu_pointer(xchg(&s->at[m->steps % SHELVES], RCU_INITIALIZER(e)));
	if (m->steps % 3 == 0) {
		synchronize_rcu();
		kpool_put(s->pool, old);
	} else {
		kpool_put_rcu(s->pool, old);
	}
}

static void read(struct member *m)
{
	struct shelf *s = m->ctx;
	struct entry *e;
	unsigned int i;
	u64 serial;

	rcu_read_lock();
	e = rcu_dereference(s->at[m->steps % SHELVES]);
	if (e) {
		serial = READ_ONCE(e->first);
		for (i = 0; i < 100; i++)
			if (READ_ONCE(e->second) != serial || READ_ONCE(e->first) != serial ||
			    READ_ONCE(e->object.state) != OBJECT_BUILT)
				atomic_inc(&s->wrongs);
	}
	rcu_read_unlock();
}

static void read_or_replace(struct member *m)
{
	if (m->steps % 4)
		read(m);
	else
		replace(m);
	if (m->steps % GRACE == 0)
		rcu_barrier();
}

static const struct duty shelf_duty = { .step = read_or_replace };

static void readers_on_all_cpus_see_no_change(struct kunit *test)
{
	struct shelf *s = zalloc_for(test, struct shelf);
	struct consumer *consumer;
	struct team *team;
	unsigned int i;

	s->pool = pool_of_kind(test, &consumer);
	team = team_start(test, &shelf_duty, s, is_full_run() ? 20000 : 500);
	team_wait(team);
	team_stop(team);
	for (i = 0; i < SHELVES; i++)
		kpool_put_rcu(s->pool, unrcu_pointer(s->at[i]));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&s->wrongs));
	KUNIT_EXPECT_EQ(test, figure(s->pool, gets), (u64)atomic64_read(&s->serial));
	expect_end(test, s->pool, consumer);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(nmis_put, kind_gen_params),
	ONLY_ON_A_MACHINE
	KUNIT_CASE_PARAM(object_stays_as_it_is_for_readers, kind_gen_params),
	KUNIT_CASE_PARAM(all_come_back, kind_gen_params),
	KUNIT_CASE_PARAM(destroy_waits_for_them, kind_gen_params),
	KUNIT_CASE_PARAM(destroy_waits_for_no_grace_period_without_such_puts, kind_gen_params),
	KUNIT_CASE_PARAM(last_of_a_detached_pool_ends_it, kind_gen_params),
	KUNIT_CASE(pool_without_the_flag_refuses),
	KUNIT_CASE(callback_puts_a_few),
	KUNIT_CASE_PARAM(interrupts_put, kind_gen_params),
	KUNIT_CASE_PARAM(readers_on_all_cpus_see_no_change, kind_gen_params),
	{}
};

struct kunit_suite rcu_suite = {
	.name = "kpool_rcu",
	.suite_init = nmi_suite_init,
	.suite_exit = nmi_suite_exit,
	.test_cases = cases,
};
