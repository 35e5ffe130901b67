// SPDX-License-Identifier: GPL-2.0-only
/*
 * All CPUs at once on one pool after another, on kernels without KUnit. Random gets, bulk
 * gets, puts, and puts of objects that another CPU got, in process context and with
 * preemption or interrupts off, with trims in between. Loading the module is the test: it
 * fails to load if an object was given out twice, or if the figures do not balance at the
 * end.
 */
#include <linux/kpool.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "stress.h"
#include "threads.h"

#define STASH		64
#define EXCHANGE	64

static unsigned int ops = 50000;
module_param(ops, uint, 0444);
MODULE_PARM_DESC(ops, "Operations of each CPU on each pool");

/* The first word of each object says whether it has a user. */
enum { IDLE = 0x1d1e1d1e, USED = 0x05ed05ed };

struct object {
	atomic_t state;
	unsigned int resets;
};

static int ctor(void *obj, void *ctx, gfp_t gfp, int node)
{
	struct object *o = obj;

	atomic_set(&o->state, IDLE);
	o->resets = 0;
	return 0;
}

static void reset(void *obj, void *ctx)
{
	((struct object *)obj)->resets++;
}

static void dtor(void *obj, void *ctx)
{
	struct object *o = obj;

	WARN_ONCE(atomic_read(&o->state) != IDLE, "torn down while in use\n");
}

/* While this is set, most attempts to build find no memory. */
static bool scarce;

static int scarce_ctor(void *obj, void *ctx, gfp_t gfp, int node)
{
	static atomic_t calls;

	if (READ_ONCE(scarce) && atomic_inc_return(&calls) % 16)
		return -ENOMEM;
	return ctor(obj, ctx, gfp, node);
}

/* Now and then an object is not healthy any more. */
static bool check(void *obj, void *ctx)
{
	static atomic_t calls;

	return atomic_inc_return(&calls) % 16;
}

static const struct kpool_ops checked_ops = { .ctor = ctor, .check = check, .dtor = dtor };
static const struct kpool_ops scarce_ops = { .ctor = scarce_ctor, .dtor = dtor };
static const struct kpool_ops plain_ops = { .ctor = ctor, .dtor = dtor };
static const struct kpool_ops reset_ops = { .ctor = ctor, .reset = reset, .dtor = dtor };

static const struct kpool_params pools[] = {
	{ .name = "stress-plain", .size = 256, .ops = &plain_ops },
	{ .name = "stress-reset", .size = 96, .ops = &reset_ops },
	{ .name = "stress-limited", .size = 64, .max_idle = 300, .ops = &plain_ops },
	{ .name = "stress-uncached", .size = 64, .max_idle = 6, .ops = &plain_ops },
	{ .name = "stress-small-magazine", .size = 64, .magazine = 4, .ops = &plain_ops },
	{ .name = "stress-pages", .size = 16384, .ops = &plain_ops },
	{ .name = "stress-sleeping", .size = 512, .flags = KPOOL_SLEEPING, .ops = &reset_ops },
	{ .name = "stress-vmalloc", .size = 5000, .flags = KPOOL_VMALLOC, .ops = &plain_ops },
	{ .name = "stress-bypass", .size = 256, .flags = KPOOL_BYPASS, .ops = &plain_ops },
	{ .name = "stress-bounded", .size = 64, .max = 64, .ops = &plain_ops },
	{ .name = "stress-bounded-cached", .size = 64, .max = 128, .magazine = 4,
	  .ops = &reset_ops },
	{ .name = "stress-bounded-bypass", .size = 64, .max = 64, .flags = KPOOL_BYPASS,
	  .ops = &plain_ops },
	{ .name = "stress-bounded-sleeping", .size = 64, .max = 64, .flags = KPOOL_SLEEPING,
	  .ops = &plain_ops },
	{ .name = "stress-reserve", .size = 64, .magazine = 4, .reserve = 64,
	  .ops = &scarce_ops },
	{ .name = "stress-reserve-limited", .size = 64, .max_idle = 64, .max = 128, .reserve = 64,
	  .flags = KPOOL_SLEEPING, .ops = &scarce_ops },
	{ .name = "stress-kvmalloc", .size = 16384, .flags = KPOOL_KVMALLOC, .ops = &plain_ops },
	{ .name = "stress-expiring", .size = 64, .idle_ms = 10, .ops = &plain_ops },
	{ .name = "stress-short-lived", .size = 64, .lifetime_ms = 10, .magazine = 4,
	  .ops = &reset_ops },
	{ .name = "stress-checked", .size = 64, .ops = &checked_ops },
	{ .name = "stress-bounded-checked", .size = 64, .max = 128, .magazine = 4, .idle_ms = 20,
	  .ops = &checked_ops },
	{ .name = "stress-retuned", .size = 64, .max = 128, .max_idle = 100, .magazine = 4,
	  .idle_ms = 20, .lifetime_ms = 50, .reserve = 8, .ops = &plain_ops },
};

/* The limits of the last pool change all the time. */
#define CHANGING		(&pools[ARRAY_SIZE(pools) - 1])

struct stress {
	struct kpool *pool;
	unsigned int max, reserve;	/* of the pool */
	unsigned int most;		/* objects that a worker holds at most */
	void *exchange[EXCHANGE];	/* taken and filled by xchg() */
	struct crew crew;
};

struct worker {
	struct thread thread;
	struct stress *stress;
	unsigned int held;
	void *stash[STASH];
};

static void take(struct worker *w, void *obj)
{
	if (atomic_cmpxchg(&((struct object *)obj)->state, IDLE, USED) != IDLE)
		crew_fail(w->thread.crew, "an object was handed out twice");
	w->stash[w->held++] = obj;
}

static void *give(struct worker *w)
{
	void *obj = w->stash[--w->held];

	if (atomic_cmpxchg(&((struct object *)obj)->state, USED, IDLE) != USED)
		crew_fail(w->thread.crew, "an object in use was changed");
	return obj;
}

/* A get may fail if it may not wait for memory, or if other workers hold all objects. */
static bool may_fail(struct stress *s, gfp_t gfp, int err)
{
	if ((s->max || s->reserve) && (err == -EBUSY || err == -ETIMEDOUT))
		return true;
	if (s->reserve && err == -ENOMEM)
		return true;
	return gfp != GFP_KERNEL && err == -ENOMEM;
}

static void get_one(struct worker *w, gfp_t gfp)
{
	void *obj;

	if (w->held >= w->stress->most)
		return;
	obj = kpool_get(w->stress->pool, gfp);
	if (!IS_ERR(obj))
		take(w, obj);
	else if (!may_fail(w->stress, gfp, PTR_ERR(obj)))
		crew_fail(w->thread.crew, "a get failed");
}

/* Waits only for a short time, because the worker holds objects that others wait for. */
static void wait_for_one(struct worker *w, long timeout)
{
	void *obj;

	if (w->held >= w->stress->most)
		return;
	obj = kpool_get_timeout(w->stress->pool, GFP_KERNEL, timeout);
	if (!IS_ERR(obj))
		take(w, obj);
	else if (!may_fail(w->stress, GFP_KERNEL, PTR_ERR(obj)) || PTR_ERR(obj) == -ENOMEM)
		crew_fail(w->thread.crew, "a get that waits failed");
}

static void put_one(struct worker *w)
{
	if (w->held)
		kpool_put(w->stress->pool, give(w));
}

static void get_bulk(struct worker *w, unsigned int n)
{
	void *objs[STASH];
	unsigned int i;
	int err;

	n = min(n, w->stress->most - min(w->stress->most, w->held));
	if (n % 2)
		err = kpool_get_bulk(w->stress->pool, GFP_KERNEL, objs, n);
	else
		err = kpool_get_bulk_timeout(w->stress->pool, GFP_KERNEL, objs, n, !(n % 16));
	if (err) {
		if (!may_fail(w->stress, GFP_KERNEL, err))
			crew_fail(w->thread.crew, "a bulk get failed");
		return;
	}
	for (i = 0; i < n; i++)
		take(w, objs[i]);
}

static void put_bulk(struct worker *w, unsigned int n)
{
	void *objs[STASH];
	unsigned int i;

	n = min(n, w->held);
	for (i = 0; i < n; i++)
		objs[i] = give(w);
	kpool_put_bulk(w->stress->pool, objs, n);
}

/* Swaps an object for one that another CPU got. This CPU puts it later. */
static void swap_one(struct worker *w, unsigned int slot)
{
	void *obj = w->held ? w->stash[--w->held] : NULL;

	obj = xchg(&w->stress->exchange[slot], obj);
	if (!obj)
		return;
	w->stash[w->held++] = obj;
}

static void step(struct worker *w)
{
	u32 r = prandom_u32_state(&w->thread.rnd);

	/* Now and then several CPUs trim at once. */
	if (!(r >> 20))
		kpool_trim(w->stress->pool);
	switch (r % 8) {
	case 0:
		wait_for_one(w, !((r >> 8) % 64));
		break;
	case 1:
		get_one(w, GFP_KERNEL);
		break;
	case 2:
		preempt_disable();
		get_one(w, GFP_ATOMIC);
		preempt_enable();
		break;
	case 3:
		get_bulk(w, (r >> 8) % 24);
		break;
	case 4:
		local_irq_disable();
		put_one(w);
		local_irq_enable();
		break;
	case 5:
		put_one(w);
		break;
	case 6:
		put_bulk(w, (r >> 8) % 32);
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
	for (i = 0; i < t->crew->ops; i++) {
		step(w);
		cond_resched();
	}
	while (w->held)
		put_one(w);
}

static void drain_exchange(struct stress *s)
{
	struct object *obj;
	unsigned int i;

	for (i = 0; i < EXCHANGE; i++) {
		obj = s->exchange[i];
		if (obj) {
			atomic_set(&obj->state, IDLE);
			kpool_put(s->pool, obj);
		}
	}
}

static bool is_quiet(struct kpool *pool, struct kpool_stats *st)
{
	kpool_stats(pool, st);
	return !st->in_use && st->created == st->destroyed + st->idle + st->closing;
}

static void check_balance(struct stress *s, const struct kpool_params *params)
{
	struct kpool_stats st;

	comes_to_rest(is_quiet(s->pool, &st));
	pr_info("%s: gets %llu puts %llu created %llu destroyed %llu idle %llu closing %llu trimmed %llu\n",
		params->name, st.gets, st.puts, st.created, st.destroyed, st.idle, st.closing,
		st.trimmed);
	if (st.gets != st.puts || st.in_use)
		crew_fail(&s->crew, "gets and puts do not balance");
	if (st.created != st.destroyed + st.idle + st.closing)
		crew_fail(&s->crew, "created and destroyed do not balance");
	if (params->max || params->reserve)
		pr_info("%s: waits %llu timeouts %llu sweeps %llu existed at most %llu\n",
			params->name, st.waits, st.timeouts, st.sweeps, st.existing_peak);
	if (params->max && st.existing_peak > params->max)
		crew_fail(&s->crew, "more existed than max");
	if (params->reserve)
		pr_info("%s: reserve used %llu\n", params->name, st.reserve_used);
	/* If idle objects expire, the reserve keeps their memory. */
	if (st.existing < params->reserve && !params->idle_ms)
		crew_fail(&s->crew, "less exists than reserve");
	if (st.waiting)
		crew_fail(&s->crew, "somebody waits");
	if (params->max_idle && st.idle > params->max_idle)
		crew_fail(&s->crew, "more idle than max_idle");
}

static void retune(struct stress *s, unsigned int turn)
{
	struct kpool_limits limits;

	kpool_limits(s->pool, &limits);
	limits.magazine = 1 + turn % 4;
	limits.max = turn % 3 ? 128 : 96;
	limits.max_idle = turn % 5 ? 100 : 70;
	limits.min_idle = turn % 4;
	limits.reserve = turn % 2 ? 8 : 0;
	limits.idle_ms = turn % 6 ? 20 : KPOOL_UNLIMITED;
	limits.lifetime_ms = turn % 7 ? 50 : KPOOL_UNLIMITED;
	if (kpool_retune(s->pool, &limits))
		crew_fail(&s->crew, "its limits could not be changed");
}

/* Sets the limits with which the pool was created. */
static void retune_back(struct stress *s, const struct kpool_params *p)
{
	const struct kpool_limits limits = {
		.max = p->max, .max_idle = p->max_idle, .magazine = p->magazine,
		.idle_ms = p->idle_ms, .lifetime_ms = p->lifetime_ms, .reserve = p->reserve,
	};

	if (kpool_retune(s->pool, &limits))
		crew_fail(&s->crew, "its limits could not be changed");
}

/* Reads the pool's figures while workers change them. KCSAN looks for races with these reads. */
static void look_on(struct kpool *pool)
{
	struct kpool_stats st;
	unsigned int i;

	for (i = 0; i < STRESS_LOOKS; i++) {
		kpool_stats(pool, &st);
		cond_resched();
	}
}

static int run(struct stress *s, const struct kpool_params *params)
{
	unsigned int turn = 0;
	int err;

	memset(s, 0, sizeof(*s));
	s->crew.name = params->name;
	s->crew.ops = ops;
	s->max = params->max;
	s->reserve = params->reserve;
	s->most = s->max ? min_t(unsigned int, s->max / 2, STASH) : STASH;
	s->pool = kpool_create(params);
	if (IS_ERR(s->pool))
		return PTR_ERR(s->pool);
	WRITE_ONCE(scarce, true);
	err = crew_start(&s->crew, work, sizeof(struct worker));
	while (!crew_has_ended(&s->crew)) {
		kpool_trim(s->pool);
		look_on(s->pool);
		if (params == CHANGING)
			retune(s, turn++);
	}
	WRITE_ONCE(scarce, false);
	if (params == CHANGING)
		retune_back(s, params);
	drain_exchange(s);
	kpool_trim(s->pool);	/* all deferred work has run when this returns */
	check_balance(s, params);
	err = err ?: crew_error(&s->crew);
	if (kpool_destroy_sync(s->pool, 10000))
		err = err ?: -EBUSY;
	return err;
}

/*
 * An object that is put after a grace period comes back soon, although some CPUs' callbacks
 * are lazy.
 */
static int check_rcu(void)
{
	const struct kpool_params p = {
		.name = "stress-rcu", .size = 64, .max = 1, .flags = KPOOL_RCU,
	};
	struct kpool *pool = kpool_create(&p);
	unsigned int i;
	void *obj;

	if (IS_ERR(pool))
		return PTR_ERR(pool);
	obj = kpool_get(pool, GFP_KERNEL);
	for (i = 0; i < 3 && !IS_ERR(obj); i++) {
		msleep(100);	/* other callbacks that come just now take it along */
		kpool_put_rcu(pool, obj);
		obj = kpool_get_timeout(pool, GFP_KERNEL, 4 * HZ);
	}
	kpool_put(pool, obj);
	kpool_destroy(pool);
	if (IS_ERR(obj))
		pr_err("%s: an object does not come back: %pe\n", p.name, obj);
	return PTR_ERR_OR_ZERO(obj);
}

static int __init stress_init(void)
{
	struct stress *s;
	unsigned int i;
	int err = 0;

	s = kmalloc(sizeof(*s), GFP_KERNEL);
	if (!s)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(pools) && !err; i++)
		err = run(s, &pools[i]);
	kfree(s);
	return err ?: check_rcu() ?: stress_sets(ops / 4) ?: stress_rings(ops) ?:
	       stress_ring_waits(ops);
}
module_init(stress_init);

static void __exit stress_exit(void)
{
}
module_exit(stress_exit);

MODULE_DESCRIPTION("All CPUs at once on a kpool");
MODULE_LICENSE("GPL");
KPOOL_IMPORT_NS;
