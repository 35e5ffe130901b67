// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory providers: kpool asks as it promises, looks at each answer, and gives back all that it
 * got, whatever fails.
 */
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "base/ref.h"
#include "base/registry.h"
#include "base/work.h"
#include "giver.h"
#include "log.h"
#include "object/due.h"
#include "pool.h"
#include "region.h"

#define OBJS	40	/* more than two batches */

/* Pools that differ in what kpool does with the memory. giver_ops is the memory of the others. */
static const struct kpool_params pools[] = {
	{ .name = "plain", .size = 64 },
	{ .name = "one-byte", .size = 1, .align = 1 },
	{ .name = "aligned", .size = 100, .align = 256 },
	{ .name = "large", .size = 9000 },
	{ .name = "callbacks", .size = 64, .ops = &consumer_ops },
	{ .name = "wiped", .size = 64, .flags = KPOOL_ZERO_ON_PUT },
	{ .name = "idle_ms", .size = 64, .idle_ms = 1000000 },
	{ .name = "lifetime", .size = 64, .lifetime_ms = 1000000 },
	{ .name = "max", .size = 64, .max = OBJS },
	{ .name = "reserve", .size = 64, .reserve = 4, .min_idle = 8 },
	{ .name = "anyctx", .size = 64, .flags = KPOOL_ANYCTX },
	{ .name = "rcu", .size = 64, .flags = KPOOL_RCU },
	{ .name = "debug", .size = 64, .flags = KPOOL_DEBUG },
	{ .name = "bypass", .size = 64, .flags = KPOOL_BYPASS },
	{ .name = "on-node", .size = 64, .flags = KPOOL_ON_NODE },
	{ .name = "in-worker", .size = 64, .ops = &consumer_ops, .flags = KPOOL_BUILD_IN_WORKER },
	{ .name = "sleeping", .size = 64, .memory = &sleeping_giver_ops },
	{ .name = "sleeping-callbacks", .size = 64, .ops = &consumer_ops, .flags = KPOOL_SLEEPING,
	  .memory = &sleeping_giver_ops },
	{ .name = "pages", .size = SZ_8K, .memory = &page_giver_ops },
	{ .name = "pages-lifetime", .size = PAGE_SIZE, .lifetime_ms = 1000000,
	  .memory = &page_giver_ops },
	{ .name = "pages-callbacks", .size = PAGE_SIZE, .ops = &consumer_ops,
	  .memory = &page_giver_ops },
	{ .name = "pages-reserve", .size = PAGE_SIZE, .reserve = 4, .memory = &page_giver_ops },
};

KUNIT_ARRAY_PARAM_DESC(pool, pools, name);

static struct kpool_params params_of(struct kunit *test, struct giver *giver)
{
	struct kpool_params p = *(const struct kpool_params *)test->param_value;

	p.memory = p.memory ?: &giver_ops;
	p.memory_ctx = giver;
	if (p.ops)
		p.ctx = zalloc_for(test, struct consumer);
	return p;
}

static void expect_all_back(struct kunit *test, struct giver *giver)
{
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&giver->out));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&giver->wrongs));
}

static void expect_whole_objects(struct kunit *test, const struct kpool_params *p, void **objs,
				 unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		KUNIT_EXPECT_TRUE(test, IS_ALIGNED((unsigned long)objs[i], p->align ?: 1));
		/* The consumer's callbacks look at the first bytes. */
		if (!p->ops)
			memset(objs[i], i + 1, p->size);
	}
	for (i = 0; i < n && !p->ops; i++)
		KUNIT_EXPECT_NULL(test, memchr_inv(objs[i], i + 1, p->size));
}

/* Whatever kind of pool it is, its objects have this memory, and all of it goes back. */
static void pool_lives_in_the_memory_of_a_provider(struct kunit *test)
{
	struct giver *giver = zalloc_for(test, struct giver);
	struct kpool_params p = params_of(test, giver);
	struct kpool *pool = pool_of(test, &p);
	void **objs = room_for(test, OBJS);

	KUNIT_ASSERT_EQ(test, 0, kpool_get_bulk(pool, GFP_KERNEL, objs, OBJS));
	KUNIT_EXPECT_EQ(test, figure(pool, existing), (u64)atomic_read(&giver->out));
	KUNIT_EXPECT_LE(test, giver->most, (unsigned int)KPOOL_MEMORY_BATCH);
	KUNIT_EXPECT_GE(test, giver->last.size, p.size);
	KUNIT_EXPECT_TRUE(test, IS_ALIGNED(giver->last.size, giver->last.align));
	KUNIT_EXPECT_EQ(test, giver->last.node,
			p.flags & KPOOL_ON_NODE ? p.node : NUMA_NO_NODE);
	expect_whole_objects(test, &p, objs, OBJS);
	put_on(test, cpu_in_turn(1), pool, objs, OBJS / 2);
	put_all_in_irq(pool, objs + OBJS / 2, OBJS / 2);
	expect_in_use(test, pool, 0);
	get_all(test, pool, objs, OBJS);
	expect_whole_objects(test, &p, objs, OBJS);
	kpool_discard(pool, objs[0]);
	put_all(pool, objs + 1, OBJS - 1);
	kpool_trim(pool);
	expect_in_use(test, pool, 0);
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&giver->ended));
	destroy(test, pool);

	expect_all_back(test, giver);
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&giver->ended));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&giver->detached));
}

/* The provider has no more from each piece on, in turn. What it gave before that goes back. */
static void provider_fails_at_each_piece(struct kunit *test)
{
	struct giver *giver = zalloc_for(test, struct giver);
	struct kpool_params p = params_of(test, giver);
	void **objs = room_for(test, OBJS);
	struct kpool *pool;
	unsigned int at;
	int err;

	p.min_idle = p.min_idle ?: 2;
	for (at = 1; ; at++) {
		atomic_set(&giver->pieces, 0);
		giver->fail_at = at;
		pool = create(&p);
		if (IS_ERR(pool)) {
			KUNIT_ASSERT_EQ(test, PTR_ERR(pool), -ENOMEM);
			expect_all_back(test, giver);
			KUNIT_ASSERT_EQ(test, 0, atomic_read(&giver->ended));
			continue;
		}
		err = kpool_get_bulk(pool, GFP_KERNEL, objs, OBJS);
		if (err)
			KUNIT_EXPECT_EQ(test, err, -ENOMEM);
		else
			kpool_put_bulk(pool, objs, OBJS);
		expect_in_use(test, pool, 0);
		KUNIT_EXPECT_EQ(test, 0UL, kpool_destroy(pool));
		expect_all_back(test, giver);
		KUNIT_EXPECT_EQ(test, 1, atomic_xchg(&giver->ended, 0));
		if (!err)
			break;
	}
	KUNIT_EXPECT_GT(test, at, OBJS / 2U);
}

/* A provider that tells a lie. It notes what it gives, and expects exactly that back. */
struct liar {
	int lie;
	void *base;			/* the pieces lie there, with room between them */
	void *given[KPOOL_MEMORY_BATCH];
	unsigned int wrongs, back;
};

enum {
	TRUTH, ONE_TOO_MANY, CLAIMS_ONE_TOO_MANY, CLAIMS_MILLIONS, RETURNS_ENOMEM, GIVES_NULL,
	GIVES_ERR_PTR, MISALIGNED, TWICE, OVERLAPPING, NO_ADDRESS, USER_ADDRESS,
};

#define STRIDE	1024

static unsigned int lie_alloc(void *ctx, const struct kpool_memory_request *request, void **mem,
			      unsigned int n)
{
	struct liar *liar = ctx;
	unsigned int i, k, says = n;

	for (i = 0; i < n + (liar->lie == ONE_TOO_MANY); i++)
		mem[i] = liar->base + i * STRIDE;
	switch (liar->lie) {
	case ONE_TOO_MANY:
	case CLAIMS_ONE_TOO_MANY:
		says = n + 1;
		break;
	case CLAIMS_MILLIONS:
		says = 1000000;
		break;
	case RETURNS_ENOMEM:
		says = -ENOMEM;
		break;
	case GIVES_NULL:
		mem[n / 2] = NULL;
		break;
	case GIVES_ERR_PTR:
		mem[n / 2] = ERR_PTR(-ENOMEM);
		break;
	case MISALIGNED:
		mem[n / 2] += 4;
		break;
	case TWICE:
		mem[n - 1] = mem[0];
		break;
	case OVERLAPPING:
		mem[n - 1] = mem[0] + request->align;
		break;
	case NO_ADDRESS:
		mem[n / 2] = (void *)(8UL << (BITS_PER_LONG - 8));
		break;
	case USER_ADDRESS:
		mem[n / 2] = (void *)PAGE_SIZE;
		break;
	}
	for (i = 0; i < KPOOL_MEMORY_BATCH; i++) {
		for (k = 0; k < i && mem[k] != mem[i]; k++)
			;
		liar->given[i] = k < i || IS_ERR_OR_NULL(mem[i]) ? NULL : mem[i];
	}
	return says;
}

static void lie_free(void *ctx, void **mem, unsigned int n)
{
	struct liar *liar = ctx;
	unsigned int i, k;

	for (i = 0; i < n; i++) {
		for (k = 0; k < KPOOL_MEMORY_BATCH && liar->given[k] != mem[i]; k++)
			;
		if (!mem[i] || k == KPOOL_MEMORY_BATCH) {
			liar->wrongs++;
			continue;
		}
		liar->given[k] = NULL;
		liar->back++;
	}
}

static const struct kpool_memory_ops liar_ops = { .alloc = lie_alloc, .free = lie_free };
static const struct kpool_memory_ops page_liar_ops = {
	.flags = KPOOL_MEMORY_PAGES,
	.alloc = lie_alloc,
	.free = lie_free,
};

static const struct lie_case {
	const char *what;
	int lie;
	unsigned int n;			/* objects of the get */
	const char *says;
} lies[] = {
	{ "one too many", ONE_TOO_MANY, 4, "returned 5 when asked for 4" },
	{ "one too many of a batch", CLAIMS_ONE_TOO_MANY, 16, "returned 17 when asked for 16" },
	{ "says one too many", CLAIMS_ONE_TOO_MANY, 4, "returned 5 when asked for 4" },
	{ "says a million", CLAIMS_MILLIONS, 4, "returned 1000000 when asked for 4" },
	{ "returns -ENOMEM", RETURNS_ENOMEM, 4, "returned -12 when asked for 4" },
	{ "NULL", GIVES_NULL, 1, "gave NULL, as piece 1 of 1" },
	{ "NULL among others", GIVES_NULL, 4, "gave NULL, as piece 3 of 4" },
	{ "an ERR_PTR", GIVES_ERR_PTR, 4, "gave an error, as piece 3 of 4" },
	{ "misaligned", MISALIGNED, 4, "gave a misaligned address, as piece 3 of 4" },
	{ "twice", TWICE, 4, "gave memory that overlaps another piece, as piece 4 of 4" },
	{ "overlapping", OVERLAPPING, 4, "gave memory that overlaps another piece, as piece 4" },
	{ "no address", NO_ADDRESS, 4, "gave what is no kernel address, as piece 3 of 4" },
	{ "address of user space", USER_ADDRESS, 4, "gave what is no kernel address, as piece 3" },
};

KUNIT_ARRAY_PARAM_DESC(lie, lies, what);

static unsigned int still_given(const struct liar *liar)
{
	unsigned int i, n = 0;

	for (i = 0; i < KPOOL_MEMORY_BATCH; i++)
		n += !!liar->given[i];
	return n;
}

/* The get fails as if there were no memory, the log says why, and the pool goes on. */
static void expect_lie_refused(struct kunit *test, struct kpool *pool, struct liar *liar, int lie,
			       unsigned int n, const char *says)
{
	void **objs = room_for(test, n);
	const char *log;
	int err;

	liar->lie = lie;
	log_begin();
	err = kpool_get_bulk(pool, GFP_KERNEL, objs, n);
	log = log_end();

	KUNIT_EXPECT_EQ(test, err, -ENOMEM);
	KUNIT_EXPECT_EQ(test, 1U, reports_in(log));
	expect_in_log(test, log, says);
	expect_in_log(test, log, "pool liar (id ");
	expect_in_log(test, log, "its memory provider lie_alloc");
	KUNIT_EXPECT_EQ(test, 0U, still_given(liar));
	KUNIT_EXPECT_EQ(test, 0U, liar->wrongs);
	KUNIT_EXPECT_EQ(test, 1ULL, figure(pool, build_failures));
	expect_in_use(test, pool, 0);
}

static void wrong_answer_is_refused(struct kunit *test)
{
	const struct lie_case *c = test->param_value;
	struct liar *liar = zalloc_for(test, struct liar);
	const struct kpool_params p = { .name = "liar", .size = 64, .memory = &liar_ops,
					.memory_ctx = liar };
	void *objs[4];
	struct kpool *pool;

	liar->base = zalloc_bytes(test, (KPOOL_MEMORY_BATCH + 1) * STRIDE);
	pool = pool_of(test, &p);
	expect_lie_refused(test, pool, liar, c->lie, c->n, c->says);

	liar->lie = TRUTH;
	KUNIT_ASSERT_EQ(test, 0, kpool_get_bulk(pool, GFP_KERNEL, objs, 4));
	kpool_put_bulk(pool, objs, 4);
	destroy(test, pool);
	KUNIT_EXPECT_EQ(test, 0U, still_given(liar));
	KUNIT_EXPECT_EQ(test, 0U, liar->wrongs);
}

/* A page whose words in struct page are not kpool's to use. */
static void page_that_is_none_is_refused(struct kunit *test)
{
	struct liar *liar = zalloc_for(test, struct liar);
	const struct kpool_params p = { .name = "liar", .size = PAGE_SIZE,
					.memory = &page_liar_ops, .memory_ctx = liar };
	struct page *pages = alloc_pages(GFP_KERNEL | __GFP_COMP, 1);
	struct kpool *pool = pool_of(test, &p);
	void *area = vmalloc(PAGE_SIZE);

	KUNIT_ASSERT_NOT_NULL(test, pages);
	KUNIT_ASSERT_NOT_NULL(test, area);
	liar->base = page_address(pages) + PAGE_SIZE;
	expect_lie_refused(test, pool, liar, TRUTH, 1, "gave what is no page of its own");
	liar->base = area;
	log_begin();
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(kpool_get(pool, GFP_KERNEL)), -ENOMEM);
	expect_in_log(test, log_end(), "gave what is no page of its own, as piece 1 of 1");
	KUNIT_EXPECT_EQ(test, 0U, still_given(liar));

	destroy(test, pool);
	vfree(area);
	__free_pages(pages, 1);
}

/* A get that may not sleep never asks a provider that sleeps, and its put leaves the rest. */
static void provider_sleeps_only_where_it_may(struct kunit *test)
{
	struct giver *giver = zalloc_for(test, struct giver);
	const struct kpool_params p = { .name = "sleeps", .size = 64, .max_idle = KPOOL_KEEP_NONE,
					.memory = &sleeping_giver_ops, .memory_ctx = giver };
	struct kpool *pool = pool_of(test, &p);
	void *objs[4], *none;

	preempt_disable();
	none = kpool_get(pool, GFP_ATOMIC);
	preempt_enable();
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(none), -ENOMEM);
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&giver->calls));

	get_all(test, pool, objs, 4);
	put_all_in_irq(pool, objs, 4);
	expect_in_use(test, pool, 0);
	KUNIT_EXPECT_EQ(test, figure(pool, existing), 0ULL);
	expect_all_back(test, giver);
}

/* After a get that could not ask, a worker builds. */
static void worker_asks_a_provider_that_sleeps(struct kunit *test)
{
	struct giver *giver = zalloc_for(test, struct giver);
	const struct kpool_params p = { .name = "ahead", .size = 64, .magazine = 4,
					.memory = &sleeping_giver_ops, .memory_ctx = giver };
	struct kpool *pool = pool_of(test, &p);
	void *obj;

	if (nothing_kept(test, pool))
		return;
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(kpool_get(pool, GFP_ATOMIC)), -ENOMEM);
	kp_defer_sync(to_pool(pool));
	obj = kpool_get(pool, GFP_ATOMIC);

	KUNIT_EXPECT_EQ(test, 0, PTR_ERR_OR_ZERO(obj));
	kpool_put(pool, obj);
	destroy(test, pool);
	expect_all_back(test, giver);
}

/* An object of the reserve serves a get for which the provider has nothing. */
static void reserve_serves_when_the_provider_has_nothing(struct kunit *test)
{
	struct giver *giver = zalloc_for(test, struct giver);
	const struct kpool_params p = { .name = "reserve", .size = 64, .reserve = 2,
					.memory = &giver_ops, .memory_ctx = giver };
	struct kpool *pool = pool_of(test, &p);
	struct getter *g;
	void *objs[2];

	if (nothing_kept(test, pool))
		return;
	WRITE_ONCE(giver->fail_at, 1);
	get_all(test, pool, objs, 2);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(kpool_get(pool, GFP_KERNEL)), -ENOMEM);
	g = waiter_start(test, pool, 1, FOR_EVER, TASK_UNINTERRUPTIBLE);
	kpool_put(pool, objs[0]);
	KUNIT_EXPECT_TRUE(test, came(g));
	KUNIT_EXPECT_EQ(test, 0, g->err);
	kpool_put(pool, objs[1]);
	getter_end(test, g);

	expect_in_use(test, pool, 0);
	destroy(test, pool);
	expect_all_back(test, giver);
}

static struct kpool *create_for(struct module *owner, const struct kpool_params *p)
{
	struct kpool *pool = __kpool_create(p, owner, KPOOL_ABI_HERE);

	kp_age_stop();
	return pool;
}

static struct kp_pool *find(u32 id)
{
	u32 at = id - 1;

	return kp_registry_next(&at);
}

/* Somebody may still look at the pool, but the owner may go as soon as destroy returns. */
static void provider_is_told_before_destroy_returns(struct kunit *test)
{
	struct giver *giver = zalloc_for(test, struct giver);
	const struct kpool_params p = { .name = "seen", .size = 64, .memory = &giver_ops,
					.memory_ctx = giver };
	struct kpool *pool = create(&p);
	struct kp_pool *seen;

	KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
	seen = find(to_pool(pool)->id);
	KUNIT_EXPECT_PTR_EQ(test, seen, to_pool(pool));
	KUNIT_EXPECT_EQ(test, 0UL, kpool_destroy(pool));
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&giver->ended));
	kp_unref(seen, 1);
	settle();
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&giver->ended));
}

/* The consumer is pinned, so memory of late puts goes back to its provider. */
static void memory_of_late_puts_goes_back(struct kunit *test)
{
	struct module *owner = owner_in(test, MODULE_STATE_LIVE);
	struct giver *giver = zalloc_for(test, struct giver);
	const struct kpool_params p = { .name = "late", .size = 64, .memory = &giver_ops,
					.memory_ctx = giver };
	struct kpool *pool = create_for(owner, &p);
	void *objs[4];

	KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
	get_all(test, pool, objs, 4);
	KUNIT_EXPECT_EQ(test, 4UL, kpool_destroy(pool));
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&giver->detached));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&giver->ended));
	KUNIT_EXPECT_EQ(test, 2, atomic_read(&owner->refcnt));
	put_all(pool, objs, 4);
	settle();

	expect_all_back(test, giver);
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&giver->ended));
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&giver->detached));
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&owner->refcnt));
}

/* The consumer may be gone: kpool does not call its provider any more, and says what is lost. */
static void memory_of_a_provider_that_may_be_gone_is_lost(struct kunit *test)
{
	struct giver *giver = zalloc_for(test, struct giver);
	const struct kpool_params p = { .name = "lost", .size = 64, .memory = &giver_ops,
					.memory_ctx = giver };
	struct kpool *pool = create_for(owner_in(test, MODULE_STATE_GOING), &p);
	void *objs[4];
	const char *log;
	u32 id;

	KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
	id = to_pool(pool)->id;
	get_all(test, pool, objs, 4);
	KUNIT_EXPECT_EQ(test, 4UL, kpool_destroy(pool));
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&giver->detached));
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&giver->ended));
	KUNIT_EXPECT_EQ(test, 4, atomic_read(&giver->out));
	log_begin();
	kpool_put_bulk(pool, objs, 4);
	log = log_end();
	settle();

	expect_in_log(test, log, "pool lost (id ");
	expect_in_log(test, log, "after their memory provider may have gone");
	KUNIT_EXPECT_FALSE(test, pool_left(id));
	KUNIT_EXPECT_EQ(test, 4, atomic_read(&giver->out));
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&giver->ended));
	giver_ops.free(giver, objs, 4);
	expect_all_back(test, giver);
}

/* A provider in a module of its own stays until the pool is gone, and takes its memory back. */
static void provider_of_another_module_is_kept(struct kunit *test)
{
	struct module *owner = owner_in(test, MODULE_STATE_LIVE);
	struct giver *giver = zalloc_for(test, struct giver);
	struct kpool_memory_ops *ops = zalloc_for(test, struct kpool_memory_ops);
	struct kpool_params p = { .name = "other", .size = 64, .memory = ops,
				  .memory_ctx = giver };
	struct kpool *pool;
	void *objs[4];

	*ops = giver_ops;
	ops->owner = owner;
	pool = create_for(owner_in(test, MODULE_STATE_GOING), &p);
	KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
	KUNIT_EXPECT_EQ(test, 2, atomic_read(&owner->refcnt));
	get_all(test, pool, objs, 4);
	KUNIT_EXPECT_EQ(test, 4UL, kpool_destroy(pool));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&giver->ended));
	put_all(pool, objs, 4);
	settle();

	expect_all_back(test, giver);
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&giver->detached));
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&giver->ended));
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&owner->refcnt));

	/* A consumer that says so of itself could never be unloaded. */
	pool = create_for(owner, &p);
	KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&owner->refcnt));
	KUNIT_EXPECT_EQ(test, 0UL, kpool_destroy(pool));
}

static void pool_is_refused_with_the_error_of_its_provider(struct kunit *test)
{
	struct giver *giver = zalloc_for(test, struct giver);
	const struct kpool_params p = { .name = "refused", .size = 64, .min_idle = 4,
					.memory = &giver_ops, .memory_ctx = giver };
	struct kpool *pool;

	giver->begin_err = -ENODEV;
	pool = create(&p);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(pool), -ENODEV);
	giver->begin_err = 1;
	log_begin();
	pool = create(&p);
	expect_in_log(test, log_end(), " returned 1, which is no error");
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(pool), -EINVAL);
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&giver->calls));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&giver->ended));
	giver->begin_err = 0;
	destroy(test, pool_of(test, &p));
	KUNIT_EXPECT_EQ(test, 3, atomic_read(&giver->begun));
	expect_all_back(test, giver);
}

/* The example of Documentation/memory.rst. */
static void region_gives_what_it_has(struct kunit *test)
{
	struct region *region = zalloc_for(test, struct region);
	struct kpool *pool;
	unsigned int i;
	void **objs;

	region->bytes = SZ_16K;
	region->base = vmalloc(region->bytes);
	KUNIT_ASSERT_NOT_NULL(test, region->base);
	spin_lock_init(&region->lock);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(region_pool(region, "region", SZ_32K)), -ENOSPC);
	pool = region_pool(region, "region", 1000);
	kp_age_stop();
	KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
	objs = room_for(test, region->slots);
	KUNIT_EXPECT_EQ(test, region->slots, SZ_16K / 1008U);

	get_all(test, pool, objs, region->slots);
	for (i = 0; i < region->slots; i++) {
		KUNIT_EXPECT_TRUE(test, objs[i] >= region->base &&
				  objs[i] + 1000 <= region->base + region->bytes);
		memset(objs[i], i, 1000);
	}
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(kpool_get(pool, GFP_KERNEL)), -ENOMEM);
	for (i = 0; i < region->slots; i++)
		KUNIT_EXPECT_NULL(test, memchr_inv(objs[i], i, 1000));
	put_all(pool, objs, region->slots);
	KUNIT_EXPECT_EQ(test, 0UL, kpool_destroy(pool));
	KUNIT_EXPECT_EQ(test, 0UL, region->used[0]);
	vfree(region->base);
}

/* A link has no place in an object of a provider: a device may have it mapped. */
static void idle_object_is_left_as_it_is(struct kunit *test)
{
	struct giver *giver = zalloc_for(test, struct giver);
	const struct kpool_params p = { .name = "left", .size = 64, .reserve = 4,
					.memory = &giver_ops, .memory_ctx = giver };
	struct kpool *pool = pool_of(test, &p);
	void *objs[4];
	unsigned int i;

	if (nothing_kept(test, pool))
		return;
	get_all(test, pool, objs, 4);
	for (i = 0; i < 4; i++)
		memset(objs[i], 0x5a, p.size);
	put_all(pool, objs, 4);
	kpool_trim(pool);	/* links them in the reserve's list */
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_NULL(test, memchr_inv(objs[i], 0x5a, p.size));
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(pool_lives_in_the_memory_of_a_provider, pool_gen_params),
	KUNIT_CASE_PARAM(provider_fails_at_each_piece, pool_gen_params),
	KUNIT_CASE_PARAM(wrong_answer_is_refused, lie_gen_params),
	KUNIT_CASE(page_that_is_none_is_refused),
	KUNIT_CASE(provider_sleeps_only_where_it_may),
	KUNIT_CASE(worker_asks_a_provider_that_sleeps),
	KUNIT_CASE(reserve_serves_when_the_provider_has_nothing),
	KUNIT_CASE(provider_is_told_before_destroy_returns),
	KUNIT_CASE(memory_of_late_puts_goes_back),
	KUNIT_CASE(memory_of_a_provider_that_may_be_gone_is_lost),
	KUNIT_CASE(provider_of_another_module_is_kept),
	KUNIT_CASE(pool_is_refused_with_the_error_of_its_provider),
	KUNIT_CASE(region_gives_what_it_has),
	KUNIT_CASE(idle_object_is_left_as_it_is),
	{}
};

struct kunit_suite provider_suite = {
	.name = "kpool_provider",
	.suite_exit = resume_ageing,
	.test_cases = cases,
};
