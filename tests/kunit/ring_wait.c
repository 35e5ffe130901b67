// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waiting for a ring: which sides are woken, for which event, when, how often, and from which
 * context.
 */
#include <kunit/resource.h>
#include <linux/kpool_ring.h>
#include <linux/kthread.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "interrupts.h"
#include "log.h"
#include "waits.h"

#define LONG		msecs_to_jiffies(PATIENCE_MS)	/* only a forgotten task waits that long */
#define DELAY_MS	100

static void end_wait(struct kunit_resource *res)
{
	kpool_ring_wait_exit(res->data);
}

struct kpool_ring_wait *wait_of(struct kunit *test, size_t size, unsigned int flags,
				const struct kpool_ring_wait_params *params)
{
	struct kpool_ring_wait *wait = zalloc_for(test, struct kpool_ring_wait);
	struct kpool_ring *ring = ring_of(test, size, flags);

	KUNIT_ASSERT_EQ(test, kpool_ring_wait_init(wait, ring, params), 0);
	kunit_alloc_resource(test, NULL, end_wait, GFP_KERNEL, wait);
	return wait;
}

void write_some(struct kpool_ring_wait *wait, size_t n)
{
	static const u8 bytes[64];

	if (!WARN_ON(n > sizeof(bytes) || kpool_ring_write(wait->ring, bytes, n) != n))
		kpool_ring_wrote(wait);
}

void read_some(struct kpool_ring_wait *wait, size_t n)
{
	if (!WARN_ON(kpool_ring_skip(wait->ring, n) != n))
		kpool_ring_took(wait);
}

void see_through(struct kpool_ring_wait *wait)
{
	irq_work_sync(&wait->wake);
}

static int count(wait_queue_entry_t *entry, unsigned int mode, int flags, void *key)
{
	struct counter *counter = container_of(entry, struct counter, entry);

	counter->woken++;
	counter->key |= key_to_poll(key);
	return 0;
}

/* As a waiter that is woken: one exclusive waiter is enough for wake_up(). */
static int count_and_serve(wait_queue_entry_t *entry, unsigned int mode, int flags, void *key)
{
	count(entry, mode, flags, key);
	return 1;
}

/* The entry goes with the queue. */
void count_in(wait_queue_head_t *queue, struct counter *counter)
{
	init_waitqueue_func_entry(&counter->entry, count);
	add_wait_queue(queue, &counter->entry);
}

/* A thread that waits once. */
struct sleeper {
	struct kpool_ring_wait *wait;
	long (*call)(struct kpool_ring_wait *wait, long timeout);
	long timeout;
	struct task_struct *task;
	struct completion done;
	long result;
	unsigned long back;	/* in jiffies, like the delays */
};

static int sleeper_thread(void *arg)
{
	struct sleeper *s = arg;

	allow_signal(SIGUSR1);
	s->result = s->call(s->wait, s->timeout);
	s->back = jiffies;
	kthread_complete_and_exit(&s->done, 0);
}

static bool asleep(struct sleeper *s)
{
	return READ_ONCE(s->task->__state) == TASK_INTERRUPTIBLE && !READ_ONCE(s->task->on_rq);
}

static void end_sleeper(struct kunit_resource *res)
{
	put_task_struct(((struct sleeper *)res->data)->task);
}

static struct sleeper *sleeper_start(struct kunit *test, struct kpool_ring_wait *wait,
				     long (*call)(struct kpool_ring_wait *wait, long timeout),
				     long timeout)
{
	struct sleeper *s = zalloc_for(test, struct sleeper);

	*s = (struct sleeper){ .wait = wait, .call = call, .timeout = timeout };
	init_completion(&s->done);
	s->task = kthread_create(sleeper_thread, s, "kpool_ring/sleeper");
	KUNIT_ASSERT_FALSE(test, IS_ERR(s->task));
	get_task_struct(s->task);
	kunit_alloc_resource(test, NULL, end_sleeper, GFP_KERNEL, s);
	wake_up_process(s->task);
	return s;
}

/* The reader may have slept and returned before others look. */
static struct sleeper *reader_for_a_while(struct kunit *test, struct kpool_ring_wait *wait)
{
	return sleeper_start(test, wait, kpool_ring_wait_data, LONG);
}

/* A reader that already sleeps when this returns. */
static struct sleeper *reader_of(struct kunit *test, struct kpool_ring_wait *wait)
{
	struct sleeper *s = sleeper_start(test, wait, kpool_ring_wait_data, LONG);

	KUNIT_EXPECT_TRUE(test, spin_until(wq_has_sleeper(&wait->readers.queue) && asleep(s)));
	return s;
}

static struct sleeper *writer_of(struct kunit *test, struct kpool_ring_wait *wait)
{
	struct sleeper *s = sleeper_start(test, wait, kpool_ring_wait_space, LONG);

	KUNIT_EXPECT_TRUE(test, spin_until(wq_has_sleeper(&wait->writers.queue) && asleep(s)));
	return s;
}

/* The sleeper ends in any case, also if its wake-up was lost. */
static long result_of(struct sleeper *s)
{
	wait_for_completion(&s->done);
	return s->result;
}

static void expect_asleep(struct kunit *test, struct sleeper *s)
{
	see_through(s->wait);
	KUNIT_EXPECT_TRUE(test, asleep(s));
}

static void expect_woken(struct kunit *test, struct sleeper *s)
{
	KUNIT_EXPECT_GT(test, result_of(s), 0L);
}

static const struct batch_case {
	const char *what;
	unsigned int flags;
	size_t size, batch;
} batches[] = {
	{ "any", 0, 16, 0 },
	{ "one", 0, 16, 1 },
	{ "some", 0, 16, 10 },
	{ "all", 0, 16, 16 },
	{ "of a byte", 0, 1, 1 },
	{ "overwrites", KPOOL_RING_OVERWRITE, 16, 10 },
	{ "overwrites, all", KPOOL_RING_OVERWRITE, 16, 16 },
	{ "mirrored", KPOOL_RING_MIRRORED, PAGE_SIZE, 10 },
};

KUNIT_ARRAY_PARAM_DESC(batch, batches, what);

static void wrote_wakes_a_reader_for_a_batch(struct kunit *test)
{
	const struct batch_case *c = test->param_value;
	const struct kpool_ring_wait_params p = { .read_batch = c->batch };
	struct kpool_ring_wait *wait = wait_of(test, c->size, c->flags, &p);
	struct sleeper *s = reader_of(test, wait);
	size_t n;

	kpool_ring_wrote(wait);
	expect_asleep(test, s);
	for (n = 1; n < c->batch; n++) {
		write_some(wait, 1);
		expect_asleep(test, s);
	}
	write_some(wait, 1);
	expect_woken(test, s);
	KUNIT_EXPECT_EQ(test, kpool_ring_wait_data(wait, 0), 1L);
}

static void took_wakes_a_writer_for_a_batch(struct kunit *test)
{
	const struct batch_case *c = test->param_value;
	const struct kpool_ring_wait_params p = { .write_batch = c->batch };
	struct kpool_ring_wait *wait = wait_of(test, c->size, c->flags, &p);
	struct sleeper *s;
	size_t n;

	for (n = 0; n < c->size; n++)
		write_some(wait, 1);
	if (c->flags & KPOOL_RING_OVERWRITE) {
		KUNIT_EXPECT_EQ(test, kpool_ring_wait_space(wait, 0), 1L);
		return;
	}
	s = writer_of(test, wait);
	kpool_ring_took(wait);
	expect_asleep(test, s);
	for (n = 1; n < c->batch; n++) {
		read_some(wait, 1);
		expect_asleep(test, s);
	}
	read_some(wait, 1);
	expect_woken(test, s);
	KUNIT_EXPECT_EQ(test, kpool_ring_wait_space(wait, 0), 1L);
}

/* One write and one wake-up call serve all readers. */
static void wrote_wakes_all_readers(struct kunit *test)
{
	const struct kpool_ring_wait_params p = { };
	struct kpool_ring_wait *wait = wait_of(test, 16, 0, &p);
	struct sleeper *s[3];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(s); i++)
		s[i] = reader_of(test, wait);
	write_some(wait, 1);
	for (i = 0; i < ARRAY_SIZE(s); i++)
		expect_woken(test, s[i]);
}

static const struct kpool_ring_wait_params delayed = {
	.read_batch = 10, .delay_ms = DELAY_MS,
};

static void expect_delayed(struct kunit *test, struct sleeper *s, unsigned long since)
{
	expect_woken(test, s);
	KUNIT_EXPECT_GE(test, s->back - since, msecs_to_jiffies(DELAY_MS));
	KUNIT_EXPECT_LT(test, s->back - since, LONG / 2);
}

static void fewer_bytes_are_due_after_the_delay(struct kunit *test)
{
	struct kpool_ring_wait *wait = wait_of(test, 64, 0, &delayed);
	struct sleeper *s = reader_of(test, wait);
	unsigned long since = jiffies;

	write_some(wait, 3);
	expect_delayed(test, s, since);
	KUNIT_EXPECT_EQ(test, kpool_ring_wait_data(wait, 0), 1L);
}

/* No later write causes this wake-up. */
static void bytes_left_over_are_due_after_the_delay(struct kunit *test)
{
	struct kpool_ring_wait *wait = wait_of(test, 64, 0, &delayed);
	unsigned long since = jiffies;
	struct sleeper *s;

	write_some(wait, 13);
	see_through(wait);
	read_some(wait, 10);
	s = reader_for_a_while(test, wait);
	expect_delayed(test, s, since);
}

/* The bytes behind the first ones have a delay of their own. */
static void bytes_after_those_due_are_not(struct kunit *test)
{
	struct kpool_ring_wait *wait = wait_of(test, 64, 0, &delayed);
	struct sleeper *s = reader_of(test, wait);
	unsigned long since;

	write_some(wait, 3);
	expect_woken(test, s);
	read_some(wait, 3);
	since = jiffies;
	write_some(wait, 4);
	s = reader_for_a_while(test, wait);
	expect_delayed(test, s, since);
}

/* A batch is due at once, also if bytes before it waited for the delay. */
static void batch_ends_the_delay(struct kunit *test)
{
	const struct kpool_ring_wait_params p = { .read_batch = 10, .delay_ms = 3600 * 1000 };
	struct kpool_ring_wait *wait = wait_of(test, 64, 0, &p);
	struct sleeper *s = reader_of(test, wait);

	write_some(wait, 9);
	expect_asleep(test, s);
	KUNIT_EXPECT_TRUE(test, delayed_work_pending(&wait->late));
	write_some(wait, 1);
	expect_woken(test, s);
}

/* KASAN and the debugging of timers find a timer that is left. */
static void exit_ends_the_delay(struct kunit *test)
{
	struct kpool_ring_wait_params p = { .read_batch = 10, .delay_ms = 3600 * 1000 };
	struct kpool_ring *ring = ring_of(test, 64, 0);
	struct kpool_ring_wait *wait;
	unsigned int i;

	for (i = 0; i < 100; i++) {
		wait = kzalloc(sizeof(*wait), GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, wait);
		KUNIT_EXPECT_EQ(test, kpool_ring_wait_init(wait, ring, &p), 0);
		write_some(wait, 3);
		kpool_ring_wait_exit(wait);
		KUNIT_EXPECT_FALSE(test, irq_work_is_busy(&wait->wake));
		KUNIT_EXPECT_FALSE(test, delayed_work_pending(&wait->late));
		kfree(wait);
		kpool_ring_reset(ring);
		p.delay_ms = i % 3;	/* the timer is about to fire */
	}
}

static void end_wakes_both(struct kunit *test)
{
	const struct kpool_ring_wait_params p = { .read_batch = 10, .write_batch = 10 };
	struct kpool_ring_wait *wait = wait_of(test, 16, 0, &p);
	struct sleeper *reader, *writer;
	u8 bytes[16];

	write_some(wait, 8);
	reader = reader_of(test, wait);
	writer = writer_of(test, wait);
	KUNIT_EXPECT_FALSE(test, kpool_ring_ended(wait));
	kpool_ring_end(wait);
	expect_woken(test, reader);
	expect_woken(test, writer);
	KUNIT_EXPECT_TRUE(test, kpool_ring_ended(wait));
	KUNIT_EXPECT_EQ(test, kpool_ring_read(wait->ring, bytes, sizeof(bytes)), (size_t)8);
	KUNIT_EXPECT_EQ(test, kpool_ring_wait_data(wait, LONG), (long)LONG);
	KUNIT_EXPECT_EQ(test, kpool_ring_wait_space(wait, LONG), (long)LONG);
}

/* A task that polls for a hang-up alone is woken, also if it was told of other events before. */
static void end_wakes_who_did_not_look(struct kunit *test)
{
	const struct kpool_ring_wait_params p = { };
	struct kpool_ring_wait *wait = wait_of(test, 16, 0, &p);
	struct counter *c = zalloc_for(test, struct counter);

	count_in(&wait->readers.queue, c);
	write_some(wait, 2);
	read_some(wait, 1);
	see_through(wait);
	KUNIT_EXPECT_EQ(test, EVENTS(c->key) & HUP, 0U);
	c->woken = 0;
	kpool_ring_end(wait);
	see_through(wait);
	KUNIT_EXPECT_GT(test, c->woken, 0U);
	KUNIT_EXPECT_EQ(test, EVENTS(c->key) & HUP, HUP);
}

static void wait_ends_with_its_timeout(struct kunit *test)
{
	const struct kpool_ring_wait_params p = { .read_batch = 10, .write_batch = 10 };
	struct kpool_ring_wait *wait = wait_of(test, 16, 0, &p);
	unsigned long began;

	write_some(wait, 9);
	KUNIT_EXPECT_EQ(test, kpool_ring_wait_data(wait, 0), 0L);
	KUNIT_EXPECT_EQ(test, kpool_ring_wait_space(wait, 0), 0L);
	began = jiffies;
	KUNIT_EXPECT_EQ(test, kpool_ring_wait_data(wait, 5), 0L);
	KUNIT_EXPECT_GE(test, jiffies - began, 5UL);
	began = jiffies;
	KUNIT_EXPECT_EQ(test, kpool_ring_wait_space(wait, 5), 0L);
	KUNIT_EXPECT_GE(test, jiffies - began, 5UL);
	KUNIT_EXPECT_FALSE(test, wq_has_sleeper(&wait->readers.queue));
	KUNIT_EXPECT_FALSE(test, wq_has_sleeper(&wait->writers.queue));
}

static void wait_ends_with_a_signal(struct kunit *test)
{
	const struct kpool_ring_wait_params p = { .write_batch = 16 };
	struct kpool_ring_wait *wait = wait_of(test, 16, 0, &p);
	struct sleeper *s = reader_of(test, wait);

	send_sig(SIGUSR1, s->task, 1);
	KUNIT_EXPECT_EQ(test, result_of(s), (long)-ERESTARTSYS);
	write_some(wait, 1);
	s = writer_of(test, wait);
	send_sig(SIGUSR1, s->task, 1);
	KUNIT_EXPECT_EQ(test, result_of(s), (long)-ERESTARTSYS);
}

/* How often a side that does not look may be woken at most: once in 10 ms. */
static unsigned int wakes_since(unsigned long since)
{
	return 1 + (jiffies - since) / msecs_to_jiffies(10);
}

static void flood_wakes_once(struct kunit *test)
{
	const struct kpool_ring_wait_params p = { };
	struct kpool_ring_wait *wait = wait_of(test, 64, 0, &p);
	struct counter *reader = zalloc_for(test, struct counter);
	struct counter *writer = zalloc_for(test, struct counter);
	unsigned long since = jiffies;
	unsigned int i;

	count_in(&wait->readers.queue, reader);
	for (i = 0; i < 64; i++) {
		write_some(wait, 1);
		see_through(wait);
	}
	KUNIT_EXPECT_GE(test, reader->woken, 1U);
	KUNIT_EXPECT_LE(test, reader->woken, wakes_since(since));
	KUNIT_EXPECT_EQ(test, EVENTS(reader->key), IN);
	since = jiffies;
	count_in(&wait->writers.queue, writer);
	for (i = 0; i < 60; i++) {
		read_some(wait, 1);
		see_through(wait);
	}
	KUNIT_EXPECT_GE(test, writer->woken, 1U);
	KUNIT_EXPECT_LE(test, writer->woken, wakes_since(since));
	KUNIT_EXPECT_EQ(test, EVENTS(writer->key), OUT);

	/* After both sides looked, the next event wakes them again. */
	reader->woken = 0;
	writer->woken = 0;
	KUNIT_EXPECT_EQ(test, kpool_ring_wait_data(wait, 0), 1L);
	write_some(wait, 1);
	see_through(wait);
	KUNIT_EXPECT_EQ(test, reader->woken, 1U);
	KUNIT_EXPECT_EQ(test, kpool_ring_wait_space(wait, 0), 1L);
	writer->woken = 0;
	read_some(wait, 1);
	see_through(wait);
	KUNIT_EXPECT_EQ(test, writer->woken, 1U);
}

/* The first of two exclusive waiters is woken and never looks. epoll can make waiters exclusive. */
static void wake_up_reaches_all_exclusive_waiters(struct kunit *test)
{
	const struct kpool_ring_wait_params p = { };
	struct kpool_ring_wait *wait = wait_of(test, 16, 0, &p);
	struct counter *c = kunit_kcalloc(test, 4, sizeof(*c), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, c);
	for (i = 0; i < 4; i++) {
		init_waitqueue_func_entry(&c[i].entry, count_and_serve);
		add_wait_queue_exclusive(i < 2 ? &wait->readers.queue : &wait->writers.queue,
					 &c[i].entry);
	}
	write_some(wait, 16);
	see_through(wait);
	KUNIT_EXPECT_EQ(test, c[0].woken, 1U);
	KUNIT_EXPECT_EQ(test, c[1].woken, 1U);
	read_some(wait, 16);
	see_through(wait);
	KUNIT_EXPECT_EQ(test, c[2].woken, 1U);
	KUNIT_EXPECT_EQ(test, c[3].woken, 1U);
}

/* A side that was woken and never looked does not keep later events from waking. */
static void told_counts_for_a_short_time(struct kunit *test)
{
	const struct kpool_ring_wait_params p = { };
	struct kpool_ring_wait *wait = wait_of(test, 16, 0, &p);
	struct counter *c = zalloc_for(test, struct counter);

	count_in(&wait->readers.queue, c);
	write_some(wait, 1);
	see_through(wait);
	c->woken = 0;
	while (time_before(jiffies, wait->readers.told + msecs_to_jiffies(10)))
		schedule_timeout_uninterruptible(1);
	write_some(wait, 1);
	see_through(wait);
	KUNIT_EXPECT_EQ(test, c->woken, 1U);
}

/*
 * Somebody takes all bytes before the wake-up comes. The sleeper finds nothing and does not
 * look again. The next wake-up must come.
 */
static void told_and_taken_is_no_lost_wake_up(struct kunit *test)
{
	const struct kpool_ring_wait_params p = { };
	struct kpool_ring_wait *wait = wait_of(test, 16, 0, &p);
	struct sleeper *s = reader_of(test, wait);

	local_irq_disable();
	write_some(wait, 3);
	kpool_ring_skip(wait->ring, 3);
	local_irq_enable();
	see_through(wait);
	KUNIT_EXPECT_TRUE(test, spin_until(asleep(s) && !READ_ONCE(wait->readers.told)));
	write_some(wait, 3);
	expect_woken(test, s);
}

static void told_and_filled_is_no_lost_wake_up(struct kunit *test)
{
	const struct kpool_ring_wait_params p = { };
	struct kpool_ring_wait *wait = wait_of(test, 16, 0, &p);
	struct sleeper *s;

	write_some(wait, 16);
	s = writer_of(test, wait);
	local_irq_disable();
	read_some(wait, 3);
	write_some(wait, 3);
	local_irq_enable();
	see_through(wait);
	KUNIT_EXPECT_TRUE(test, spin_until(asleep(s) && !READ_ONCE(wait->writers.told)));
	read_some(wait, 3);
	expect_woken(test, s);
}

/* Another side looks before the wake-up comes, and leaves all bytes there. */
static void look_of_another_is_no_lost_wake_up(struct kunit *test)
{
	const struct kpool_ring_wait_params p = { };
	struct kpool_ring_wait *wait = wait_of(test, 16, 0, &p);
	struct sleeper *s = reader_of(test, wait);
	__poll_t mask;

	local_irq_disable();
	write_some(wait, 16);
	mask = kpool_ring_poll(wait, NULL, NULL);
	local_irq_enable();
	KUNIT_EXPECT_EQ(test, EVENTS(mask), IN);
	expect_woken(test, s);

	s = writer_of(test, wait);
	local_irq_disable();
	read_some(wait, 16);
	mask = kpool_ring_poll(wait, NULL, NULL);
	local_irq_enable();
	KUNIT_EXPECT_EQ(test, EVENTS(mask), OUT);
	expect_woken(test, s);
}

/* The contexts of the calls. */
static const struct context_case {
	const char *what;
	enum context context;
} contexts[] = {
	{ "process", PROCESS },
	{ "softirq", SOFTIRQ },
	{ "timer", SOFT_TIMER },
	{ "hard timer", HARD_TIMER },
	{ "hard irq_work", HARD_IRQ_WORK },
};

KUNIT_ARRAY_PARAM_DESC(context, contexts, what);

struct caller {
	void (*call)(struct kpool_ring_wait *wait);
	struct kpool_ring_wait *wait;
	struct interrupt interrupt;
};

static void call(void *arg)
{
	struct caller *c = arg;

	c->call(c->wait);
}

static void call_from(struct kunit *test, struct caller *c,
		      void (*what)(struct kpool_ring_wait *wait))
{
	c->call = what;
	KUNIT_EXPECT_TRUE(test, interrupt(&c->interrupt));
}

static void write_16(struct kpool_ring_wait *wait)
{
	write_some(wait, 16);
}

static void read_16(struct kpool_ring_wait *wait)
{
	read_some(wait, 16);
}

static void write_3(struct kpool_ring_wait *wait)
{
	write_some(wait, 3);
}

static void calls_wake_from_any_context(struct kunit *test)
{
	const struct context_case *where = test->param_value;
	const struct kpool_ring_wait_params p = {
		.read_batch = 10, .write_batch = 10, .delay_ms = 1,
	};
	struct kpool_ring_wait *wait = wait_of(test, 16, 0, &p);
	struct caller *c = zalloc_for(test, struct caller);
	struct sleeper *s = reader_of(test, wait);

	c->wait = wait;
	interrupt_init(test, &c->interrupt, where->context, call, c);
	call_from(test, c, write_16);
	expect_woken(test, s);
	s = writer_of(test, wait);
	call_from(test, c, read_16);
	expect_woken(test, s);
	s = reader_of(test, wait);
	call_from(test, c, write_3);
	expect_woken(test, s);
	read_some(wait, 3);
	s = reader_of(test, wait);
	call_from(test, c, kpool_ring_end);
	expect_woken(test, s);
}

/* An entry in the writers' queue. Its wake-up function does not return before an exit. */
struct holder {
	wait_queue_entry_t entry;
	bool held, exited, too_early, left;
};

static int hold(wait_queue_entry_t *entry, unsigned int mode, int flags, void *key)
{
	struct holder *h = container_of(entry, struct holder, entry);
	ktime_t end = ktime_add_ms(ktime_get(), DELAY_MS);

	WRITE_ONCE(h->held, true);
	while (!READ_ONCE(h->exited) && ktime_before(ktime_get(), end))
		cpu_relax();
	h->too_early = READ_ONCE(h->exited);
	smp_store_release(&h->left, true);	/* the test may end now, and frees h */
	return 0;
}

static void take_one(void *wait)
{
	read_some(wait, 1);
}

/*
 * An irq_work may run on two CPUs at once, and irq_work_sync() waits for only one of them.
 * Here one CPU is waking the writers. The other CPU runs the irq_work that the producer
 * started, and has nobody to wake.
 */
static void exit_waits_for_wake_ups_on_every_cpu(struct kunit *test)
{
	const struct kpool_ring_wait_params p = { };
	struct kpool_ring_wait *wait = wait_of(test, 16, 0, &p);
	struct holder *h = zalloc_for(test, struct holder);

	init_waitqueue_func_entry(&h->entry, hold);
	add_wait_queue(&wait->writers.queue, &h->entry);
	write_some(wait, 16);
	see_through(wait);
	KUNIT_EXPECT_EQ(test, kpool_ring_wait_data(wait, 0), 1L);

	migrate_disable();
	smp_call_function_single(cpu_beside(test, smp_processor_id()), take_one, wait, false);
	KUNIT_EXPECT_TRUE(test, spin_until(READ_ONCE(h->held)));
	kpool_ring_write(wait->ring, "x", 1);
	KUNIT_EXPECT_EQ(test, kpool_ring_wait_space(wait, 0), 0L);
	KUNIT_EXPECT_EQ(test, kpool_ring_wait_data(wait, 0), 1L);
	kpool_ring_wrote(wait);
	migrate_enable();
	kpool_ring_wait_exit(wait);
	WRITE_ONCE(h->exited, true);
	/* Pairs with the release in hold(). */
	KUNIT_EXPECT_TRUE(test, spin_until(smp_load_acquire(&h->left)));
	KUNIT_EXPECT_FALSE(test, h->too_early);
}

static const struct refused_case {
	const char *what;
	struct kpool_ring_wait_params params;
	const char *message;
} refused[] = {
	{ "read_batch", { .read_batch = 17 },
	  "cannot wait for a ring of 16 bytes: read_batch 17, write_batch 0" },
	{ "write_batch", { .read_batch = 16, .write_batch = 17 },
	  "cannot wait for a ring of 16 bytes: read_batch 16, write_batch 17" },
	{ "delayed", { .read_batch = SIZE_MAX, .delay_ms = 1 }, "read_batch 18446744073709551615" },
};

KUNIT_ARRAY_PARAM_DESC(refused, refused, what);

static void init_refuses_what_cannot_be(struct kunit *test)
{
	const struct refused_case *c = test->param_value;
	struct kpool_ring_wait *wait = zalloc_for(test, struct kpool_ring_wait);
	struct kpool_ring *ring = ring_of(test, 16, 0);
	const char *said;
	int err;

	log_begin();
	err = kpool_ring_wait_init(wait, ring, &c->params);
	said = log_end();
	KUNIT_EXPECT_EQ(test, err, -EINVAL);
	expect_in_log(test, said, c->message);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(wrote_wakes_a_reader_for_a_batch, batch_gen_params),
	KUNIT_CASE_PARAM(took_wakes_a_writer_for_a_batch, batch_gen_params),
	KUNIT_CASE(wrote_wakes_all_readers),
	KUNIT_CASE(fewer_bytes_are_due_after_the_delay),
	KUNIT_CASE(bytes_left_over_are_due_after_the_delay),
	KUNIT_CASE(bytes_after_those_due_are_not),
	KUNIT_CASE(batch_ends_the_delay),
	KUNIT_CASE(exit_ends_the_delay),
	KUNIT_CASE(exit_waits_for_wake_ups_on_every_cpu),
	KUNIT_CASE(end_wakes_both),
	KUNIT_CASE(end_wakes_who_did_not_look),
	KUNIT_CASE(wait_ends_with_its_timeout),
	KUNIT_CASE(wait_ends_with_a_signal),
	KUNIT_CASE(flood_wakes_once),
	KUNIT_CASE(wake_up_reaches_all_exclusive_waiters),
	KUNIT_CASE(told_counts_for_a_short_time),
	KUNIT_CASE(told_and_taken_is_no_lost_wake_up),
	KUNIT_CASE(told_and_filled_is_no_lost_wake_up),
	KUNIT_CASE(look_of_another_is_no_lost_wake_up),
	KUNIT_CASE_PARAM(calls_wake_from_any_context, context_gen_params),
	KUNIT_CASE_PARAM(init_refuses_what_cannot_be, refused_gen_params),
	{}
};

struct kunit_suite ring_wait_suite = {
	.name = "kpool_ring_wait",
	.test_cases = cases,
};
