// SPDX-License-Identifier: GPL-2.0-only
/* A ring behind a file. select() and poll() are as in the kernel. */
#include <kunit/resource.h>
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kpool_ring.h>
#include <linux/poll.h>

#include "waits.h"

static __poll_t poll_of_file(struct file *file, poll_table *table)
{
	return kpool_ring_poll(file->private_data, file, table);
}

static const struct file_operations file_ops = { .owner = THIS_MODULE, .poll = poll_of_file };

/* When this returns, nothing of the file is left. */
static void end_file(struct kunit_resource *res)
{
	fput(res->data);
	flush_delayed_fput();
}

static struct file *file_of(struct kunit *test, struct kpool_ring_wait *wait)
{
	struct file *file = anon_inode_getfile("kpool_ring", &file_ops, wait, O_RDWR);

	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	kunit_alloc_resource(test, NULL, end_file, GFP_KERNEL, file);
	return file;
}

/* A poll() in progress. */
struct poller {
	struct poll_wqueues queues;
	struct file *file;
};

static void end_poller(struct kunit_resource *res)
{
	poll_freewait(&((struct poller *)res->data)->queues);
}

static unsigned int look(struct poller *p)
{
	p->queues.triggered = 0;
	return (__force unsigned int)vfs_poll(p->file, &p->queues.pt);
}

static struct poller *poller_of(struct kunit *test, struct file *file, unsigned int events)
{
	struct poller *p = zalloc_for(test, struct poller);

	p->file = file;
	poll_initwait(&p->queues);
	p->queues.pt._key = (__force __poll_t)events | EPOLLERR | EPOLLHUP;
	kunit_alloc_resource(test, NULL, end_poller, GFP_KERNEL, p);
	KUNIT_EXPECT_EQ(test, look(p) & (events | HUP), 0U);
	p->queues.pt._qproc = NULL;	/* it is in the queues now, and stays there */
	return p;
}

static bool woken(struct poller *p)
{
	see_through(p->file->private_data);
	return READ_ONCE(p->queues.triggered);
}

static const struct mask_case {
	const char *what;
	unsigned int flags;
	struct kpool_ring_wait_params params;
	size_t there;
	bool ended;
	unsigned int mask;
} masks[] = {
	{ "empty", 0, { }, 0, false, OUT },
	{ "a byte", 0, { }, 1, false, IN | OUT },
	{ "full", 0, { }, 16, false, IN },
	{ "below both", 0, { .read_batch = 10, .write_batch = 10 }, 9, false, 0 },
	{ "at read_batch", 0, { .read_batch = 10, .write_batch = 10 }, 10, false, IN },
	{ "at write_batch", 0, { .read_batch = 10, .write_batch = 10 }, 6, false, OUT },
	{ "not due", 0, { .read_batch = 10, .delay_ms = 3600 * 1000 }, 9, false, OUT },
	{ "ended, empty", 0, { }, 0, true, IN | OUT | HUP },
	{ "ended, full", 0, { .write_batch = 16 }, 16, true, IN | OUT | HUP },
	{ "overwrites, empty", KPOOL_RING_OVERWRITE, { }, 0, false, OUT },
	{ "overwrites, full", KPOOL_RING_OVERWRITE, { }, 16, false, IN | OUT },
	{ "overwrites, more than full", KPOOL_RING_OVERWRITE, { 16, 16 }, 40, false, IN | OUT },
	{ "overwrites, below", KPOOL_RING_OVERWRITE, { .read_batch = 10 }, 9, false, OUT },
};

KUNIT_ARRAY_PARAM_DESC(mask, masks, what);

static void poll_says_what_would_not_wait(struct kunit *test)
{
	const struct mask_case *c = test->param_value;
	struct kpool_ring_wait *wait = wait_of(test, 16, c->flags, &c->params);
	struct file *file = file_of(test, wait);

	write_some(wait, c->there);
	if (c->ended)
		kpool_ring_end(wait);
	KUNIT_EXPECT_EQ(test, (__force unsigned int)vfs_poll(file, NULL), c->mask);
	KUNIT_EXPECT_EQ(test, kpool_ring_wait_data(wait, 0), c->mask & IN ? 1L : 0L);
	KUNIT_EXPECT_EQ(test, kpool_ring_wait_space(wait, 0), c->mask & OUT ? 1L : 0L);
}

static void poll_for_data_ends_with_a_batch(struct kunit *test)
{
	const struct kpool_ring_wait_params p = { .read_batch = 10, .write_batch = 10 };
	struct kpool_ring_wait *wait = wait_of(test, 16, 0, &p);
	struct poller *poller = poller_of(test, file_of(test, wait), IN);

	write_some(wait, 9);
	read_some(wait, 1);
	write_some(wait, 1);
	KUNIT_EXPECT_FALSE(test, woken(poller));
	write_some(wait, 1);
	KUNIT_EXPECT_TRUE(test, woken(poller));
	KUNIT_EXPECT_EQ(test, look(poller), IN);
	read_some(wait, 10);
	KUNIT_EXPECT_EQ(test, look(poller), OUT);
	write_some(wait, 10);
	KUNIT_EXPECT_TRUE(test, woken(poller));
}

static void poll_for_space_ends_with_a_batch(struct kunit *test)
{
	const struct kpool_ring_wait_params p = { .write_batch = 10 };
	struct kpool_ring_wait *wait = wait_of(test, 16, 0, &p);
	struct poller *poller;

	write_some(wait, 16);
	poller = poller_of(test, file_of(test, wait), OUT);
	read_some(wait, 9);
	KUNIT_EXPECT_FALSE(test, woken(poller));
	read_some(wait, 1);
	KUNIT_EXPECT_TRUE(test, woken(poller));
	KUNIT_EXPECT_EQ(test, look(poller), IN | OUT);
}

static void poll_ends_when_bytes_are_due(struct kunit *test)
{
	const struct kpool_ring_wait_params p = { .read_batch = 10, .delay_ms = 50 };
	struct kpool_ring_wait *wait = wait_of(test, 16, 0, &p);
	struct poller *poller = poller_of(test, file_of(test, wait), IN);
	unsigned long since = jiffies;

	write_some(wait, 3);
	KUNIT_EXPECT_TRUE(test, spin_until(READ_ONCE(poller->queues.triggered)));
	KUNIT_EXPECT_GE(test, jiffies - since, msecs_to_jiffies(50));
	KUNIT_EXPECT_EQ(test, look(poller), IN | OUT);
}

/* The poll was told of no event that it asked for, so it did not look. */
static void poll_for_a_hang_up_ends_with_the_end(struct kunit *test)
{
	const struct kpool_ring_wait_params p = { };
	struct kpool_ring_wait *wait = wait_of(test, 16, 0, &p);
	struct poller *poller = poller_of(test, file_of(test, wait), 0);

	write_some(wait, 2);
	read_some(wait, 1);
	KUNIT_EXPECT_FALSE(test, woken(poller));
	kpool_ring_end(wait);
	KUNIT_EXPECT_TRUE(test, woken(poller));
	KUNIT_EXPECT_EQ(test, look(poller), IN | OUT | HUP);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(poll_says_what_would_not_wait, mask_gen_params),
	KUNIT_CASE(poll_for_data_ends_with_a_batch),
	KUNIT_CASE(poll_for_space_ends_with_a_batch),
	KUNIT_CASE(poll_ends_when_bytes_are_due),
	KUNIT_CASE(poll_for_a_hang_up_ends_with_the_end),
	{}
};

struct kunit_suite ring_poll_suite = {
	.name = "kpool_ring_poll",
	.test_cases = cases,
};
