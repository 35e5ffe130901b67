// SPDX-License-Identifier: GPL-2.0-only
/*
 * The engine of the benchmark. Whoever reads /dev/kpool_bench runs it: each read does one round of
 * one peer, and returns its figures, a line each:
 *
 *	environment zeroing HOW
 *	plan ROUNDS
 *	figure CASE POINT PEER ROUND METRIC VALUE
 *	skip CASE POINT PEER ERRNO
 *	end
 *
 * plan says how many rounds follow, all peers together. HOW is on-alloc, on-free, both or none:
 * when the kernel zeroes memory. VALUE has two decimals. The metric "cost" is nanoseconds an
 * operation, or instructions where the clock counts instructions (QEMU's icount). skip says that a
 * peer could not be set up. Medians and the like are up to the reader.
 */
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "case.h"
#include "suite.h"

static unsigned int pairs = 20480;
module_param(pairs, uint, 0644);
MODULE_PARM_DESC(pairs, "Operations in a round, at most");

static unsigned int round_ns = 2000000;
module_param(round_ns, uint, 0644);
MODULE_PARM_DESC(round_ns, "Nanoseconds that a round takes, if fewer operations take that long");

static unsigned int rounds = 15;
module_param(rounds, uint, 0644);
MODULE_PARM_DESC(rounds, "Rounds of each peer");

static char *cases = "";
module_param(cases, charp, 0444);
MODULE_PARM_DESC(cases, "The cases to run, with commas between them; default: all");

static char *peers = "";
module_param(peers, charp, 0444);
MODULE_PARM_DESC(peers, "The peers to run, with commas between them; default: all");

static const struct bench_case *const lists[] = {
	bench_object_cases, bench_size_cases, bench_ring_cases, bench_thread_cases,
	bench_latency_cases, bench_interrupt_cases, bench_bounded_cases, bench_memory_cases,
	bench_growth_cases,
};

/* Operations that show how long one takes. */
#define PILOT		16U

/* Where the run is. A place has all peers of one point of a case. */
static struct suite {
	unsigned int list;
	const struct bench_case *c;
	const u64 *point;
	const struct bench_peer *peer;
	struct bench *benches;	/* one a peer; NULL: the place has not begun */
	unsigned int round;
	bool planned, ended;
} now;

static DEFINE_MUTEX(suite_lock);	/* now and out */

struct bench_out {
	char text[PAGE_SIZE];
	size_t len, sent;
};

static struct bench_out out;

static void empty(struct bench_out *o)
{
	o->len = 0;
	o->sent = 0;
}

static __printf(2, 3) void print(struct bench_out *to, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	to->len += vscnprintf(to->text + to->len, sizeof(to->text) - to->len, fmt, args);
	va_end(args);
}

void bench_figure(struct bench_out *to, const char *metric, u64 hundredths)
{
	u32 decimals;
	u64 whole = div_u64_rem(hundredths, 100, &decimals);

	print(to, "figure %s %llu %s %u %s %llu.%02u\n", now.c->name, *now.point,
	      now.peer->name, now.round, metric, whole, decimals);
}

/* Is the name in the list, or the list empty? */
static bool listed(const char *list, const char *name)
{
	size_t len = strlen(name);
	const char *at = list;

	if (!*list)
		return true;
	while ((at = strstr(at, name))) {
		if ((at == list || at[-1] == ',') && (!at[len] || at[len] == ','))
			return true;
		at += len;
	}
	return false;
}

static bool fits(const struct bench_peer *peer, u64 point)
{
	return point >= peer->least && (!peer->most || point <= peer->most) &&
	       listed(peers, peer->name);
}

static bool wanted(const struct bench_case *c, u64 point)
{
	if (c->many_cpus && num_online_cpus() < 2)
		return false;
	if (c->point_is_cpus && point > num_online_cpus())
		return false;
	return listed(cases, c->name);
}

static unsigned int rounds_of(const struct bench_case *c)
{
	return c->rounds ? min(c->rounds, rounds) : rounds;
}

static u64 plan(void)
{
	const struct bench_peer *peer;
	const struct bench_case *c;
	const u64 *point;
	unsigned int i;
	u64 sum = 0;

	for (i = 0; i < ARRAY_SIZE(lists); i++)
		for (c = lists[i]; c->name; c++)
			for (point = c->points; *point; point++)
				for (peer = c->peers; peer->name && wanted(c, *point); peer++)
					sum += fits(peer, *point) ? rounds_of(c) : 0;
	return sum;
}

static const char *zeroing(void)
{
	if (want_init_on_alloc(0))
		return want_init_on_free() ? "both" : "on-alloc";
	return want_init_on_free() ? "on-free" : "none";
}

static u64 timed(struct bench *b, unsigned int ops)
{
	u64 begin;

	/* If a reschedule is pending, each preempt_enable() takes its slow path. */
	cond_resched();
	begin = ktime_get_ns();
	b->peer->run(b, ops);
	return ktime_get_ns() - begin;
}

/*
 * A round has whole steps, because a part of a burst would falsify the cost of a pair. The round
 * before the first one is for the caches, and for objects that have to be built.
 */
static void find_ops(struct bench *b)
{
	unsigned int step = b->c->step ?: b->point, pilot = roundup(PILOT, step), ops;
	u64 took;

	b->peer->run(b, pilot);
	took = max_t(u64, timed(b, pilot), 1);
	ops = min_t(u64, div64_u64((u64)round_ns * pilot, took), roundup(pairs, step));
	b->ops = max(rounddown(ops, step), step);
	b->peer->run(b, b->ops);
}

static void cleanup(struct bench *b)
{
	if (b->err)
		return;
	if (b->peer->cleanup)
		b->peer->cleanup(b);
	kvfree(b->objs);
}

/* A peer that can go on no longer. Its memory is short, or its objects got lost. */
static void drop(struct bench *b, int err)
{
	print(&out, "skip %s %llu %s %d\n", b->c->name, b->point, b->peer->name, -err);
	cleanup(b);
	b->err = err;
}

static int setup(struct bench *b)
{
	int err;

	b->size = b->c->size ?: b->point;
	b->capacity = b->c->capacity ?: b->point;
	b->objs = kvcalloc(b->capacity, sizeof(*b->objs), GFP_KERNEL);
	if (!b->objs)
		return -ENOMEM;
	err = b->peer->setup ? b->peer->setup(b) : 0;
	if (err) {
		kvfree(b->objs);
		return err;
	}
	if (b->peer->run)
		find_ops(b);
	return 0;
}

static unsigned int nr_peers(const struct bench_case *c)
{
	const struct bench_peer *peer = c->peers;

	while (peer->name)
		peer++;
	return peer - c->peers;
}

static int begin_place(struct suite *s)
{
	unsigned int i, n = nr_peers(s->c);
	struct bench *b;

	s->benches = kcalloc(n, sizeof(*s->benches), GFP_KERNEL);
	if (!s->benches)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		b = &s->benches[i];
		b->c = s->c;
		b->peer = &s->c->peers[i];
		b->point = *s->point;
		b->err = fits(b->peer, b->point) ? setup(b) : -ERANGE;
		if (b->err && b->err != -ERANGE)
			print(&out, "skip %s %llu %s %d\n", s->c->name, b->point, b->peer->name,
			      -b->err);
	}
	s->peer = s->c->peers;
	s->round = 0;
	return 0;
}

static void end_place(struct suite *s)
{
	unsigned int i, n;

	if (!s->benches)
		return;
	n = nr_peers(s->c);
	for (i = 0; i < n; i++)
		cleanup(&s->benches[i]);
	kfree(s->benches);
	s->benches = NULL;
}

/* The first place that is wanted, at or behind this one. */
static void find_place(struct suite *s)
{
	for (;;) {
		for (; s->c->name && *s->point; s->point++)
			if (wanted(s->c, *s->point))
				return;
		if (s->c->name) {
			s->c++;
		} else if (++s->list < ARRAY_SIZE(lists)) {
			s->c = lists[s->list];
		} else {
			s->ended = true;
			return;
		}
		s->point = s->c->points;
	}
}

static void next_peer(struct suite *s)
{
	s->peer++;
	if (s->peer->name)
		return;
	s->peer = s->c->peers;
	if (++s->round < rounds_of(s->c))
		return;
	end_place(s);
	s->point++;
	find_place(s);
}

static int run_round(struct bench *b)
{
	u64 took = timed(b, b->ops);

	if (b->failed)
		return -ENOMEM;
	bench_figure(&out, "cost", div_u64(took * 100, b->ops));
	return 0;
}

static int step(struct suite *s)
{
	struct bench *b;
	int err;

	if (!s->planned) {
		s->planned = true;
		print(&out, "environment zeroing %s\nplan %llu\n", zeroing(), plan());
		find_place(s);
		if (s->ended)
			print(&out, "end\n");
		return 0;
	}
	if (!s->benches)
		return begin_place(s);
	b = &s->benches[s->peer - s->c->peers];
	if (!b->err) {
		err = b->peer->run ? run_round(b) : b->peer->measure(b, &out);
		if (err)
			drop(b, err);
	}
	next_peer(s);
	if (s->ended)
		print(&out, "end\n");
	return 0;
}

static ssize_t suite_read(struct file *file, char __user *to, size_t size, loff_t *pos)
{
	ssize_t err = mutex_lock_interruptible(&suite_lock);
	size_t n;

	if (err)
		return err;
	if (out.sent == out.len)
		empty(&out);
	while (!err && !out.len && !now.ended)
		err = signal_pending(current) ? -EINTR : step(&now);
	n = min(size, out.len - out.sent);
	if (n && copy_to_user(to, out.text + out.sent, n))
		err = -EFAULT;
	else
		out.sent += n;
	mutex_unlock(&suite_lock);
	return err ?: n;
}

/* One run at a time. */
static atomic_t opened = ATOMIC_INIT(0);

static int suite_open(struct inode *inode, struct file *file)
{
	if (atomic_cmpxchg(&opened, 0, 1))
		return -EBUSY;
	now = (struct suite){ .c = lists[0], .point = lists[0]->points };
	empty(&out);
	return nonseekable_open(inode, file);
}

static int suite_release(struct inode *inode, struct file *file)
{
	end_place(&now);
	atomic_set(&opened, 0);
	return 0;
}

static const struct file_operations suite_fops = {
	.owner = THIS_MODULE,
	.open = suite_open,
	.read = suite_read,
	.release = suite_release,
};

static struct miscdevice suite_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "kpool_bench",
	.fops = &suite_fops,
	.mode = 0400,
};

/**
 * bench_suite_start() - make the device
 *
 * Return: 0, or an error.
 */
int bench_suite_start(void)
{
	return misc_register(&suite_device);
}

/* Context: the module is unloaded. */
void bench_suite_end(void)
{
	misc_deregister(&suite_device);
}
