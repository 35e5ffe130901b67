// SPDX-License-Identifier: GPL-2.0-only
/*
 * All CPUs at once on one set of sized buffers after another. Gets of any size, also
 * oversize, and puts of buffers that another CPU got, with trims in between. Marks at the
 * begin and end of a buffer in use show whether another worker has the buffer as well.
 */
#include <linux/kpool_sized.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "stress.h"
#include "threads.h"

#define STASH		16
#define EXCHANGE	16
#define BULK		6

static const struct kpool_sized_class few[] = {
	{ .size = 40 }, { .size = 256, .magazine = 2 }, { .size = 300 }, { .size = 5000 },
	{ .size = 80000 },
};

static const struct kpool_sized_class bounded[] = {
	{ .size = 64, .max = 30 }, { .size = 4096, .max = 30, .reserve = 3 },
	{ .size = 70000, .max = 20 },
};

#define CLASSES(list)	.classes = (list), .nr_classes = ARRAY_SIZE(list)

static const struct kpool_sized_params sets[] = {
	{ .name = "stress-set" },
	{ .name = "stress-set-bounded", CLASSES(bounded), .max_idle_bytes = SZ_512K },
	{ .name = "stress-set-limited", CLASSES(few), .max_idle_bytes = SZ_256K, .idle_ms = 10,
	  .flags = KPOOL_ZERO_ON_PUT },
	{ .name = "stress-set-checked", CLASSES(few), .max_idle_bytes = SZ_1M,
	  .flags = KPOOL_DEBUG },
};

struct mark {
	u64 tag;
	u64 size;
};

struct stress {
	const struct kpool_sized_params *params;
	struct kpool_sized *set;
	size_t most;			/* the largest size that is asked for */
	struct mark *exchange[EXCHANGE];	/* filled and emptied by xchg() */
	atomic64_t asked;
	struct crew crew;
};

struct worker {
	struct thread thread;
	struct stress *stress;
	u64 tag;
	unsigned int held;
	struct mark *stash[STASH];
};

static u64 *end_of(struct stress *s, struct mark *mark)
{
	size_t capacity = kpool_sized_size(s->set, mark->size);

	return capacity < 32 ? &mark->tag : (void *)mark + ALIGN_DOWN(capacity, 8) - 8;
}

static void take(struct worker *w, void *buf, size_t size)
{
	struct mark *mark = buf;

	*mark = (struct mark){ ++w->tag, size };
	*end_of(w->stress, mark) = mark->tag;
	w->stash[w->held++] = mark;
	atomic64_add(size, &w->stress->asked);
}

/* Returns the buffer's size. */
static size_t give(struct stress *s, struct mark *mark)
{
	size_t size = mark->size;

	if (!mark->tag || size > s->most || *end_of(s, mark) != mark->tag) {
		crew_fail(&s->crew, "a buffer in use was changed");
		return 1;
	}
	*end_of(s, mark) = 0;
	mark->tag = 0;
	return size;
}

/* All orders are equally likely. The buffer has room for the mark. */
static size_t any_size(struct worker *w)
{
	u32 r = prandom_u32_state(&w->thread.rnd);
	size_t most = w->stress->most >> (r % fls_long(w->stress->most));

	return clamp_t(size_t, (r >> 8) % max_t(size_t, most, 1), 16, w->stress->most);
}

static bool may_fail(struct stress *s, gfp_t gfp, int err)
{
	if (s->params->classes == bounded && (err == -EBUSY || err == -ETIMEDOUT))
		return true;
	return gfp != GFP_KERNEL && (err == -ENOMEM || err == -EBUSY);
}

static void get_one(struct worker *w, gfp_t gfp, bool waits)
{
	size_t size = any_size(w);
	void *buf;

	if (w->held == STASH)
		return;
	if (waits)
		buf = kpool_sized_get_timeout(w->stress->set, size, gfp, 1);
	else
		buf = kpool_sized_get(w->stress->set, size, gfp);
	if (!IS_ERR(buf))
		take(w, buf, size);
	else if (!may_fail(w->stress, gfp, PTR_ERR(buf)))
		crew_fail(w->thread.crew, "a get failed");
}

static void get_bulk(struct worker *w, unsigned int n)
{
	size_t size = any_size(w);
	void *bufs[BULK];
	unsigned int i;
	int err;

	n = min(n, STASH - w->held);
	err = kpool_sized_get_bulk(w->stress->set, size, GFP_KERNEL, bufs, n);
	if (err && !may_fail(w->stress, GFP_KERNEL, err))
		crew_fail(w->thread.crew, "a bulk get failed");
	for (i = 0; i < n && !err; i++)
		take(w, bufs[i], size);
}

static void put_one(struct worker *w)
{
	struct mark *mark;

	if (!w->held)
		return;
	mark = w->stash[--w->held];
	kpool_sized_put(w->stress->set, mark, give(w->stress, mark));
}

static void swap_one(struct worker *w, unsigned int slot)
{
	struct mark *mark = w->held ? w->stash[--w->held] : NULL;

	mark = xchg(&w->stress->exchange[slot], mark);
	if (mark)
		w->stash[w->held++] = mark;
}

static void step(struct worker *w)
{
	u32 r = prandom_u32_state(&w->thread.rnd);

	switch (r % 8) {
	case 0:
		get_one(w, GFP_KERNEL, true);
		break;
	case 1:
		get_one(w, GFP_KERNEL, false);
		break;
	case 2:
		preempt_disable();
		get_one(w, GFP_ATOMIC | __GFP_NOWARN, false);
		preempt_enable();
		break;
	case 3:
		get_bulk(w, (r >> 8) % BULK);
		break;
	case 4:
		local_irq_disable();
		put_one(w);
		local_irq_enable();
		break;
	case 5:
	case 6:
		put_one(w);
		put_one(w);
		break;
	case 7:
		swap_one(w, (r >> 8) % EXCHANGE);
		break;
	}
}

static void work(struct thread *t)
{
	struct worker *w = container_of(t, struct worker, thread);
	unsigned int i;

	w->stress = container_of(t->crew, struct stress, crew);
	w->tag = (u64)(t->cpu + 1) << 48;
	for (i = 0; i < t->crew->ops; i++) {
		step(w);
		cond_resched();
	}
	while (w->held)
		put_one(w);
}

static bool is_quiet(struct kpool_sized *set)
{
	struct kpool_sized_class_stats st;
	unsigned int i;

	for (i = 0; !kpool_sized_class_stats(set, i, &st); i++)
		if (st.pool.in_use ||
		    st.pool.created != st.pool.destroyed + st.pool.idle + st.pool.closing)
			return false;
	return true;
}

static void check_balance(struct stress *s)
{
	struct kpool_sized_class_stats st;
	struct kpool_sized_stats sum;
	unsigned int i;

	kpool_sized_stats(s->set, &sum);
	if (s->params->max_idle_bytes && sum.idle_bytes > s->params->max_idle_bytes)
		crew_fail(&s->crew, "more idle than max_idle_bytes");
	kpool_sized_trim(s->set);	/* all deferred work has run when this returns */
	comes_to_rest(is_quiet(s->set));
	kpool_sized_stats(s->set, &sum);
	pr_info("%s: asked %llu given %llu idle %llu oversize gets %llu puts %llu failures %llu\n",
		s->params->name, sum.asked_bytes, sum.given_bytes, sum.idle_bytes,
		sum.oversize_gets, sum.oversize_puts, sum.oversize_failures);
	for (i = 0; !kpool_sized_class_stats(s->set, i, &st); i++) {
		if (st.pool.gets != st.pool.puts || st.pool.in_use)
			crew_fail(&s->crew, "gets and puts do not balance");
		if (st.pool.created != st.pool.destroyed + st.pool.idle + st.pool.closing)
			crew_fail(&s->crew, "created and destroyed do not balance");
		if (st.asked_bytes > st.given_bytes)
			crew_fail(&s->crew, "less was given than asked for");
	}
	if (sum.in_use_bytes || sum.oversize_gets != sum.oversize_puts)
		crew_fail(&s->crew, "something is in use");
	if (sum.asked_bytes != atomic64_read(&s->asked))
		crew_fail(&s->crew, "bytes asked for are lost");
	if (sum.misused)
		crew_fail(&s->crew, "a good put was refused");
}

/* As in main.c. */
static void look_on(struct kpool_sized *set)
{
	struct kpool_sized_stats st;
	unsigned int i;

	for (i = 0; i < STRESS_LOOKS; i++) {
		kpool_sized_stats(set, &st);
		cond_resched();
	}
}

static int run(struct stress *s, const struct kpool_sized_params *params, unsigned int ops)
{
	int i, err;

	memset(s, 0, sizeof(*s));
	s->crew.name = params->name;
	s->crew.ops = ops;
	s->params = params;
	s->most = (params->classes ? params->classes[params->nr_classes - 1].size : SZ_1M) +
		  2 * PAGE_SIZE;
	s->set = kpool_sized_create(params);
	if (IS_ERR(s->set))
		return PTR_ERR(s->set);
	err = crew_start(&s->crew, work, sizeof(struct worker));
	while (!crew_has_ended(&s->crew)) {
		kpool_sized_trim(s->set);
		look_on(s->set);
	}
	for (i = 0; i < EXCHANGE; i++)
		if (s->exchange[i])
			kpool_sized_put(s->set, s->exchange[i], give(s, s->exchange[i]));
	check_balance(s);
	err = err ?: crew_error(&s->crew);
	if (kpool_sized_destroy_sync(s->set, 10000))
		err = err ?: -EBUSY;
	return err;
}

/* Each CPU makes so many operations on each set. */
int stress_sets(unsigned int ops)
{
	struct stress *s;
	unsigned int i;
	int err = 0;

	s = kmalloc(sizeof(*s), GFP_KERNEL);
	if (!s)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(sets) && !err; i++)
		err = run(s, &sets[i], ops);
	kfree(s);
	return err;
}
