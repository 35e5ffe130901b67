// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory of objects: its size, alignment and zone, and the flags with which a get
 * allocates it.
 */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sizes.h>

#include "fixture.h"
#include "log.h"
#include "pool.h"
#include "sets.h"

static struct file *isolate;	/* the module parameter */

struct gfp_case {
	const char *what;
	gfp_t gfp;
	int err;
};

static const struct gfp_case gfps[] = {
	{ "GFP_KERNEL", GFP_KERNEL },
	{ "GFP_ATOMIC", GFP_ATOMIC },
	{ "GFP_NOWAIT", GFP_NOWAIT },
	{ "GFP_NOFS", GFP_NOFS },
	{ "GFP_NOIO", GFP_NOIO },
	{ "no retry", GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN },
	{ "zeroed", GFP_KERNEL | __GFP_ZERO },
	{ "no fail", GFP_KERNEL | __GFP_NOFAIL, -EINVAL },
	{ "accounted", GFP_KERNEL_ACCOUNT, -EINVAL },
	{ "this node", GFP_KERNEL | __GFP_THISNODE, -EINVAL },
	{ "compound", GFP_KERNEL | __GFP_COMP, -EINVAL },
	{ "DMA", GFP_KERNEL | GFP_DMA, -EINVAL },
	{ "DMA32", GFP_KERNEL | GFP_DMA32, -EINVAL },
	{ "high memory", GFP_KERNEL | __GFP_HIGHMEM, -EINVAL },
	{ "movable", GFP_KERNEL | __GFP_MOVABLE, -EINVAL },
	{ "zeroed and DMA", GFP_KERNEL | __GFP_ZERO | GFP_DMA, -EINVAL },
};

KUNIT_ARRAY_PARAM_DESC(gfp, gfps, what);

#define SIZE		64
#define OVERSIZE	100

/* What has objects of SIZE bytes. The set has buffers of OVERSIZE bytes, too. */
struct source {
	struct kpool *pool;
	struct kpool_sized *set;
};

/* The gets of one object, with flags that the compiler does not know. */
static void *get_plain(struct source *s, size_t size, gfp_t gfp)
{
	return kpool_get(s->pool, gfp);
}

static void *get_timed(struct source *s, size_t size, gfp_t gfp)
{
	return kpool_get_timeout(s->pool, gfp, 0);
}

static void *get_in_bulk(struct source *s, size_t size, gfp_t gfp)
{
	void *obj;
	int err = kpool_get_bulk(s->pool, gfp, &obj, 1);

	return err ? ERR_PTR(err) : obj;
}

static void *get_in_timed_bulk(struct source *s, size_t size, gfp_t gfp)
{
	void *obj;
	int err = kpool_get_bulk_timeout(s->pool, gfp, &obj, 1, 0);

	return err ? ERR_PTR(err) : obj;
}

static void *get_sized(struct source *s, size_t size, gfp_t gfp)
{
	return kpool_sized_get(s->set, size, gfp);
}

static void *get_sized_timed(struct source *s, size_t size, gfp_t gfp)
{
	return kpool_sized_get_timeout(s->set, size, gfp, 0);
}

static void *get_sized_in_bulk(struct source *s, size_t size, gfp_t gfp)
{
	void *buf;
	int err = kpool_sized_get_bulk(s->set, size, gfp, &buf, 1);

	return err ? ERR_PTR(err) : buf;
}

static void *get_sized_in_timed_bulk(struct source *s, size_t size, gfp_t gfp)
{
	void *buf;
	int err = kpool_sized_get_bulk_timeout(s->set, size, gfp, &buf, 1, 0);

	return err ? ERR_PTR(err) : buf;
}

static const struct way {
	void *(*get)(struct source *s, size_t size, gfp_t gfp);
	size_t size;
	bool waits;
} ways[] = {
	{ get_plain, SIZE }, { get_timed, SIZE, true },
	{ get_in_bulk, SIZE }, { get_in_timed_bulk, SIZE, true },
	{ get_sized, SIZE }, { get_sized_timed, SIZE, true },
	{ get_sized_in_bulk, SIZE }, { get_sized_in_timed_bulk, SIZE, true },
	{ get_sized, OVERSIZE }, { get_sized_timed, OVERSIZE, true },
	{ get_sized_in_bulk, OVERSIZE }, { get_sized_in_timed_bulk, OVERSIZE, true },
};

#define FIRST_SIZED	4

/* Leaves one object that is not zero on this CPU, or none. */
static void prepare(struct kunit *test, struct kpool *pool, bool hit)
{
	void *obj;

	kpool_trim(pool);
	if (!hit)
		return;
	obj = kpool_get(pool, GFP_KERNEL);
	KUNIT_ASSERT_FALSE(test, IS_ERR(obj));
	memset(obj, 0xff, SIZE);
	kpool_put(pool, obj);
}

/* Gets by the way of this number, and puts. */
static void go(struct kunit *test, struct source *s, unsigned int number, bool hit, gfp_t gfp,
	       int err)
{
	const struct way *way = &ways[number];
	void *obj;

	prepare(test, s->pool, hit);
	prepare(test, class_pool(s->set, 0), hit);
	if (way->waits && !gfpflags_allow_blocking(gfp))
		err = -EINVAL;
	obj = way->get(s, way->size, gfp);
	KUNIT_EXPECT_EQ_MSG(test, PTR_ERR_OR_ZERO(obj), err, "get %u, hit %d", number, hit);
	if (!IS_ERR(obj) && gfp & __GFP_ZERO)
		KUNIT_EXPECT_TRUE_MSG(test, !memchr_inv(obj, 0, way->size), "get %u, hit %d",
				      number, hit);
	if (number >= FIRST_SIZED)
		kpool_sized_put(s->set, obj, way->size);
	else
		kpool_put(s->pool, obj);
}

/* Whether a get hits or misses makes no difference for its flags. */
static void gfp_is_served_or_refused(struct kunit *test)
{
	static const struct kpool_sized_class classes[] = { { .size = SIZE } };
	static const struct kpool_sized_params set_params = { .name = "gfps", CLASSES(classes) };
	const struct kpool_params p = { .name = "gfps", .size = SIZE };
	const struct gfp_case *g = test->param_value;
	struct source s = { pool_of(test, &p), set_of(test, &set_params) };
	gfp_t gfp = READ_ONCE(g->gfp);	/* not constant, or it would not compile */
	unsigned int i;

	pin(test, raw_smp_processor_id());
	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		go(test, &s, i, false, gfp, g->err);
		go(test, &s, i, true, gfp, g->err);
	}
	expect_in_use(test, s.pool, 0);
}

static void zeroed_get_clears_a_used_object(struct kunit *test)
{
	const struct kpool_params p = { .name = "zeroed", .size = 200 };
	struct kpool *pool;
	void *obj;

	pin(test, raw_smp_processor_id());
	pool = pool_of(test, &p);
	obj = kpool_get(pool, GFP_KERNEL);
	KUNIT_ASSERT_FALSE(test, IS_ERR(obj));
	memset(obj, 0xff, p.size);
	kpool_put(pool, obj);
	obj = kpool_get(pool, GFP_KERNEL | __GFP_ZERO);

	KUNIT_ASSERT_FALSE(test, IS_ERR(obj));
	KUNIT_EXPECT_TRUE(test, !memchr_inv(obj, 0, p.size));
	kpool_put(pool, obj);
}

static void zeroed_get_of_a_built_object_is_refused(struct kunit *test)
{
	struct consumer *consumer = zalloc_for(test, struct consumer);
	const struct kpool_params p = { .name = "zero-built", .size = 64, .ops = &consumer_ops,
					.ctx = consumer };
	struct kpool *pool = pool_of(test, &p);
	void *obj = kpool_get(pool, GFP_KERNEL);

	kpool_put(pool, obj);
	obj = kpool_get(pool, GFP_KERNEL | __GFP_ZERO);

	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(obj), -EINVAL);
	destroy(test, pool);
}

static const struct kpool_params shapes[] = {
	{ .name = "1", .size = 1 },
	{ .name = "7", .size = 7 },
	{ .name = "8", .size = 8, .align = 1 },
	{ .name = "13,align-64", .size = 13, .align = 64 },
	{ .name = "70,align-32", .size = 70, .align = 32 },
	{ .name = "130,align-64", .size = 130, .align = 64 },
	{ .name = "100", .size = 100 },
	{ .name = "24,align-256", .size = 24, .align = 256 },
	{ .name = "200,align-2048", .size = 200, .align = 2048 },
	{ .name = "4088", .size = 4088 },
	{ .name = "4095", .size = 4095 },
	{ .name = "4096", .size = 4096 },
	{ .name = "64,align-4096", .size = 64, .align = 4096 },
	{ .name = "64,align-16384", .size = 64, .align = 16384 },
	{ .name = "4097", .size = 4097 },
	{ .name = "70000", .size = 70000 },
	{ .name = "1M", .size = SZ_1M },
	{ .name = "DMA32", .size = 100, .zone = GFP_DMA32 },
	{ .name = "DMA32-pages", .size = 8192, .zone = GFP_DMA32 },
	{ .name = "vmalloc,1", .size = 1, .flags = KPOOL_VMALLOC },
	{ .name = "vmalloc,100,align-4096", .size = 100, .align = 4096, .flags = KPOOL_VMALLOC },
	{ .name = "vmalloc,9000", .size = 9000, .flags = KPOOL_VMALLOC },
	{ .name = "kvmalloc,4096", .size = 4096, .flags = KPOOL_KVMALLOC },
	{ .name = "huge,4096", .size = 4096, .flags = KPOOL_HUGE_PAGES },
	{ .name = "kvmalloc,9000", .size = 9000, .flags = KPOOL_KVMALLOC },
	{ .name = "kvmalloc,5000,align-4096", .size = 5000, .align = 4096,
	  .flags = KPOOL_KVMALLOC },
	{ .name = "own-cache,40,align-128", .size = 40, .align = 128, .flags = KPOOL_OWN_CACHE },
};

KUNIT_ARRAY_PARAM_DESC(shape, shapes, name);

/*
 * Gets four objects, one of them before the pool has a slab cache. KASAN finds an object that
 * is too short.
 */
static void get_shapes(struct kunit *test, struct kpool *pool, u8 **objs)
{
	bool must_block = to_pool(pool)->flags & KPOOL_VMALLOC || to_pool(pool)->zone == GFP_DMA32;

	objs[0] = kpool_get(pool, must_block ? GFP_KERNEL : GFP_ATOMIC);
	KUNIT_ASSERT_FALSE(test, IS_ERR(objs[0]));
	KUNIT_ASSERT_EQ(test, 0, kpool_get_bulk(pool, GFP_KERNEL, (void **)objs + 1, 3));
}

static void shape_expected(struct kunit *test, const struct kpool_params *p,
			   const struct kpool_ops *ops, void *ctx)
{
	struct kpool_params params = *p;
	struct kpool *pool;
	u8 *objs[4];
	int i;

	params.ops = ops;
	params.ctx = ctx;
	pool = pool_of(test, &params);
	get_shapes(test, pool, objs);
	for (i = 0; i < 4; i++)
		memset(objs[i], i + 1, p->size);

	for (i = 0; i < 4; i++) {
		KUNIT_EXPECT_TRUE(test, IS_ALIGNED((unsigned long)objs[i],
						   p->align ?: __alignof__(void *)));
		KUNIT_EXPECT_TRUE(test, !memchr_inv(objs[i], i + 1, p->size));
	}
	kpool_put_bulk(pool, (void **)objs, 4);
	expect_in_use(test, pool, 0);
	destroy(test, pool);
}

static void object_has_its_size_and_alignment(struct kunit *test)
{
	shape_expected(test, test->param_value, NULL, NULL);
}

static void reset_nothing(void *obj, void *ctx)
{
}

static const struct kpool_ops reset_only = { .reset = reset_nothing };

/* Then the word that links an object lies behind the object's bytes. */
static void object_with_callbacks_has_its_size_and_alignment(struct kunit *test)
{
	shape_expected(test, test->param_value, &reset_only, NULL);
}

#define RESERVE		4

/* Pools whose objects are linked by a word that the consumer may write to. */
static const struct kpool_params linked[] = {
	{ .name = "objects", .size = 64, .reserve = RESERVE },
	{ .name = "memory", .size = 64, .reserve = RESERVE, .idle_ms = 1000000 },
	{ .name = "usercopy", .size = 64, .usersize = 64, .reserve = RESERVE },
	{ .name = "vmalloc", .size = 64, .reserve = RESERVE, .flags = KPOOL_VMALLOC },
	{ .name = "pages", .size = 8192, .reserve = RESERVE },
};

KUNIT_ARRAY_PARAM_DESC(linked, linked, name);

static bool is_among(const void *obj, void **objs, unsigned int n)
{
	while (n--)
		if (objs[n] == obj)
			return true;
	return false;
}

/*
 * The first word of an object, where kpool has its link, is the address of no object. SLUB has a
 * link of its own in the middle of free memory. KASAN links freed objects by their first words.
 */
static void expect_no_address(struct kunit *test, void **objs)
{
	unsigned int i;

	for (i = 0; i < RESERVE; i++)
		KUNIT_EXPECT_FALSE(test, is_among(*(void **)objs[i], objs, RESERVE));
}

/* The reserve links its objects, and memory for objects. */
static void object_has_no_address_of_kpool(struct kunit *test)
{
	const struct kpool_params *p = test->param_value;
	struct kpool *pool = pool_of(test, p);
	void *objs[RESERVE];
	unsigned int i;

	get_all(test, pool, objs, RESERVE);
	if (!IS_ENABLED(CONFIG_KASAN))
		expect_no_address(test, objs);
	for (i = 0; i < RESERVE; i++) {
		if (want_init_on_alloc(GFP_KERNEL))
			KUNIT_EXPECT_NULL(test, memchr_inv(objs[i], 0, p->size));
		memset(objs[i], 0x5a, p->size);
	}
	put_all(pool, objs, RESERVE);
	kpool_trim(pool);	/* what was idle goes to the reserve's lists */
	get_all(test, pool, objs, RESERVE);
	if (keeps(pool))	/* else these objects come from the allocators again */
		expect_no_address(test, objs);
	put_all(pool, objs, RESERVE);
	expect_in_use(test, pool, 0);
}

/*
 * A write after a put overwrites the word that links the object. kpool says so. It hands out no
 * other address than that of an object.
 */
static void overwritten_link_is_noticed(struct kunit *test)
{
	const struct kpool_params p = { .name = "overwritten", .size = 64, .reserve = RESERVE };
	struct kpool *pool = pool_of(test, &p);
	void *objs[RESERVE], *others[RESERVE], *elsewhere = zalloc_bytes(test, p.size);
	const char *log;
	unsigned int i;

	if (!keeps(pool))	/* a put frees the object, which nobody may write to then */
		return;
	get_all(test, pool, objs, RESERVE);
	put_all(pool, objs, RESERVE);
	kpool_trim(pool);
	for (i = 0; i < RESERVE; i++)
		*(void **)objs[i] = elsewhere;

	log_begin();
	get_all(test, pool, others, 1);
	/* The objects behind the first one are lost. They are not idle any more. */
	KUNIT_EXPECT_EQ(test, figure(pool, idle), 0ULL);
	KUNIT_EXPECT_EQ(test, figure(pool, closing), (u64)RESERVE - 1);
	get_all(test, pool, others + 1, RESERVE - 1);
	log = log_end();

	expect_in_log(test, log, "kpool: pool overwritten: object ");
	expect_in_log(test, log, " was written to after its put");
	KUNIT_EXPECT_FALSE(test, is_among(elsewhere, others, RESERVE));
	put_all(pool, others, RESERVE);
	/* Nobody has the lost objects. The test puts them, so that the pool can end. */
	for (i = 0; i < RESERVE; i++)
		if (!is_among(objs[i], others, RESERVE))
			kpool_put(pool, objs[i]);
}

/* A pool that builds its first object while the parameter has this value, for another module. */
static struct kp_pool *pool_of_module(struct kunit *test, const char *module, char value)
{
	static unsigned int number;
	char name[KPOOL_NAME_LEN];
	const struct kpool_params p = { .name = name, .size = 104 };
	struct kpool *pool;
	loff_t pos = 0;

	if (IS_ERR(isolate))
		kunit_skip(test, "sysfs is not mounted");
	snprintf(name, sizeof(name), "isolated-%u", number++);
	pool = pool_of(test, &p);
	kfree(to_pool(pool)->owner_name);
	to_pool(pool)->owner_name = kstrdup(module, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, to_pool(pool)->owner_name);
	KUNIT_ASSERT_EQ(test, kernel_write(isolate, &value, 1, &pos), (ssize_t)1);
	kpool_put(pool, kpool_get(pool, GFP_KERNEL));
	KUNIT_ASSERT_NOT_NULL(test, to_pool(pool)->cache);
	return to_pool(pool);
}

static void isolated_modules_share_no_slab_cache(struct kunit *test)
{
	struct kp_pool *a = pool_of_module(test, "a", 'Y'), *b = pool_of_module(test, "b", 'Y'),
		       *again = pool_of_module(test, "a", 'Y'),
		       *all = pool_of_module(test, "a", 'N'),
		       *more = pool_of_module(test, "b", 'N');

	KUNIT_EXPECT_PTR_NE(test, a->cache, b->cache);
	KUNIT_EXPECT_PTR_EQ(test, a->cache, again->cache);
	KUNIT_EXPECT_PTR_NE(test, a->cache, all->cache);
	KUNIT_EXPECT_PTR_EQ(test, all->cache, more->cache);
	destroy(test, &a->kpool);
	destroy(test, &all->kpool);
	/* The caches still belong to those that are left. */
	KUNIT_EXPECT_PTR_EQ(test, pool_of_module(test, "a", 'Y')->cache, again->cache);
	KUNIT_EXPECT_PTR_EQ(test, pool_of_module(test, "c", 'N')->cache, more->cache);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(gfp_is_served_or_refused, gfp_gen_params),
	KUNIT_CASE(zeroed_get_clears_a_used_object),
	KUNIT_CASE(zeroed_get_of_a_built_object_is_refused),
	KUNIT_CASE_PARAM(object_has_its_size_and_alignment, shape_gen_params),
	KUNIT_CASE_PARAM(object_with_callbacks_has_its_size_and_alignment, shape_gen_params),
	KUNIT_CASE_PARAM(object_has_no_address_of_kpool, linked_gen_params),
	KUNIT_CASE(overwritten_link_is_noticed),
	KUNIT_CASE(isolated_modules_share_no_slab_cache),
	{}
};

/* With the root of the process that loads the suites: the suites' threads have another one. */
static int memory_init(struct kunit_suite *suite)
{
	isolate = filp_open("/sys/module/kpool/parameters/isolate", O_RDWR, 0);
	return isolate == ERR_PTR(-ENOENT) ? 0 : PTR_ERR_OR_ZERO(isolate);
}

static void memory_exit(struct kunit_suite *suite)
{
	loff_t pos = 0;

	if (!IS_ERR(isolate)) {
		kernel_write(isolate, "N", 1, &pos);
		filp_close(isolate, NULL);
	}
	resume_ageing(suite);
}

struct kunit_suite memory_suite = {
	.name = "kpool_memory",
	.suite_init = memory_init,
	.suite_exit = memory_exit,
	.test_cases = cases,
};
