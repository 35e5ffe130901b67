// SPDX-License-Identifier: GPL-2.0-only
/*
 * DMA pools: objects stay mapped while they are pooled, and the end of a pool is the last use of
 * the device. A kernel with CONFIG_DMA_API_DEBUG also checks each call of the DMA API.
 */
#include <linux/dma-mapping.h>
#include <linux/io.h>
#include <linux/kpool_dma.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/platform_device.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "base/work.h"
#include "fixture.h"
#include "log.h"
#include "object/due.h"
#include "pool.h"

#define OBJS	20	/* more than a batch */

static void unregister(struct kunit_resource *res)
{
	platform_device_unregister(res->data);
}

/* A device that does nothing, and goes with the test. */
static struct device *device_of(struct kunit *test)
{
	struct platform_device *pdev;

	pdev = platform_device_register_simple("kpool-dma", PLATFORM_DEVID_AUTO, NULL, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR(pdev));
	kunit_alloc_resource(test, NULL, unregister, GFP_KERNEL, pdev);
	return &pdev->dev;
}

static bool is_device(struct kunit *test, struct kunit_resource *res, void *dev)
{
	return &((struct platform_device *)res->data)->dev == dev;
}

static struct device *dma_device_of(struct kunit *test)
{
	if (!IS_ENABLED(CONFIG_HAS_DMA))
		kunit_skip(test, "this kernel has no DMA");
	return device_of(test);
}

static unsigned int users_of(struct device *dev)
{
	return kref_read(&dev->kobj.kref);
}

struct shape {
	const char *what;
	struct kpool_params p;
	struct kpool_dma_params dma;
};

#define STREAMING(_what, _direction, ...) \
	{ _what, { .name = "streaming", __VA_ARGS__ }, { .direction = (_direction) } }
#define COHERENT(_what, ...)							\
	{ _what, { .name = "coherent", __VA_ARGS__ },				\
	  { .direction = DMA_BIDIRECTIONAL, .flags = KPOOL_DMA_COHERENT } }

static const struct shape shapes[] = {
	STREAMING("1", DMA_TO_DEVICE, .size = 1),
	STREAMING("64", DMA_FROM_DEVICE, .size = 64),
	STREAMING("100, aligned", DMA_BIDIRECTIONAL, .size = 100, .align = 512),
	STREAMING("1500", DMA_FROM_DEVICE, .size = 1500),
	STREAMING("2048", DMA_FROM_DEVICE, .size = 2048),
	STREAMING("a page", DMA_TO_DEVICE, .size = PAGE_SIZE),
	STREAMING("9000", DMA_BIDIRECTIONAL, .size = 9000),
	STREAMING("callbacks", DMA_TO_DEVICE, .size = 64, .ops = &consumer_ops),
	STREAMING("page, callbacks, lifetime", DMA_TO_DEVICE, .size = PAGE_SIZE,
		  .lifetime_ms = 1000000, .ops = &consumer_ops),
	STREAMING("wiped", DMA_TO_DEVICE, .size = 300, .flags = KPOOL_ZERO_ON_PUT),
	STREAMING("reserve", DMA_TO_DEVICE, .size = 300, .reserve = 4),
	STREAMING("bypass", DMA_TO_DEVICE, .size = PAGE_SIZE, .flags = KPOOL_BYPASS),
	STREAMING("debug", DMA_TO_DEVICE, .size = 64, .flags = KPOOL_DEBUG),
	STREAMING("anyctx", DMA_TO_DEVICE, .size = 64, .flags = KPOOL_ANYCTX),
	COHERENT("16", .size = 16),
	COHERENT("100, aligned", .size = 100, .align = 128),
	COHERENT("1900", .size = 1900),
	COHERENT("2048", .size = 2048),
	COHERENT("a page", .size = PAGE_SIZE),
	COHERENT("callbacks", .size = 64, .ops = &consumer_ops),
	COHERENT("page, callbacks, lifetime", .size = PAGE_SIZE, .lifetime_ms = 1000000,
		 .ops = &consumer_ops),
	COHERENT("reserve", .size = PAGE_SIZE, .reserve = 4),
	COHERENT("debug", .size = 64, .flags = KPOOL_DEBUG),
};

KUNIT_ARRAY_PARAM_DESC(shape, shapes, what);

static struct kpool *dma_pool_of(struct kunit *test, const struct shape *shape,
				 struct device *dev)
{
	struct kpool_dma_params dma = shape->dma;
	struct kpool_params p = shape->p;
	struct kpool *pool;

	count_all_cpus();
	dma.dev = dev;
	if (p.ops)
		p.ctx = zalloc_for(test, struct consumer);
	pool = kpool_dma_create(&p, &dma);
	kp_age_stop();
	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(pool), "%pe", pool);
	return pool;
}

/*
 * The device of these tests has no IOMMU, so its addresses are those of the memory. Through them
 * the test sees what the device would see.
 */
static void expect_mapped(struct kunit *test, struct kpool *pool, const struct shape *shape,
			  void **objs, unsigned int n)
{
	size_t size = shape->p.size;
	dma_addr_t addr;
	unsigned int i;

	for (i = 0; i < n; i++) {
		addr = kpool_dma_addr(pool, objs[i]);
		KUNIT_ASSERT_NE(test, (u64)addr, (u64)DMA_MAPPING_ERROR);
		KUNIT_EXPECT_TRUE(test, IS_ALIGNED(addr, shape->p.align ?: 1));
		if (!shape->p.ops)
			memset(objs[i], i + 1, size);
		kpool_dma_sync_for_device(pool, objs[i], 0, size);
		KUNIT_EXPECT_EQ(test, 0, memcmp(phys_to_virt(addr), objs[i], size));
		kpool_dma_sync_for_cpu(pool, objs[i], 0, size);
	}
	for (i = 0; i < n && !shape->p.ops; i++)
		KUNIT_EXPECT_NULL(test, memchr_inv(objs[i], i + 1, size));
}

/* With KPOOL_ANYCTX an atomic get builds nothing, and idle objects may be at another CPU. */
static void *get_in_atomic(struct kpool *pool, const struct shape *shape)
{
	void *obj;

	if (shape->p.flags & KPOOL_ANYCTX)
		return kpool_get(pool, GFP_KERNEL);
	preempt_disable();
	obj = kpool_get(pool, GFP_ATOMIC);
	preempt_enable();
	return obj;
}

static void object_stays_mapped_while_it_is_pooled(struct kunit *test)
{
	const struct shape *shape = test->param_value;
	struct device *dev = dma_device_of(test);
	unsigned int users = users_of(dev);
	struct kpool *pool = dma_pool_of(test, shape, dev);
	void **objs = room_for(test, OBJS);
	dma_addr_t addr;

	KUNIT_ASSERT_EQ(test, 0, kpool_get_bulk(pool, GFP_KERNEL, objs, OBJS));
	expect_mapped(test, pool, shape, objs, OBJS);
	kpool_put_bulk(pool, objs, OBJS);
	get_all(test, pool, objs, OBJS);
	expect_mapped(test, pool, shape, objs, OBJS);
	kpool_discard(pool, objs[0]);
	put_all_in_irq(pool, objs + 1, OBJS - 1);
	expect_in_use(test, pool, 0);

	objs[0] = get_in_atomic(pool, shape);
	KUNIT_ASSERT_FALSE(test, IS_ERR(objs[0]));
	addr = kpool_dma_addr(pool, objs[0]);
	kpool_put(pool, objs[0]);
	objs[1] = kpool_get(pool, GFP_KERNEL);
	if (keeps(pool) && objs[1] == objs[0])
		KUNIT_EXPECT_EQ(test, (u64)addr, (u64)kpool_dma_addr(pool, objs[1]));
	kpool_put(pool, objs[1]);

	kpool_trim(pool);
	expect_in_use(test, pool, 0);
	KUNIT_EXPECT_EQ(test, 0UL, kpool_destroy(pool));
	KUNIT_EXPECT_EQ(test, users, users_of(dev));
}

/* All is unmapped when kpool_destroy() returns. The device goes, and then the objects are put. */
static void late_put_does_not_touch_the_device(struct kunit *test)
{
	const struct shape *shape = test->param_value;
	struct device *dev = dma_device_of(test);
	unsigned int users = users_of(dev);
	struct kpool *pool = dma_pool_of(test, shape, dev);
	bool coherent = shape->dma.flags & KPOOL_DMA_COHERENT;
	void **objs = room_for(test, OBJS);
	const char *log;
	u32 id = to_pool(pool)->id;

	get_all(test, pool, objs, OBJS);
	log_begin();
	KUNIT_EXPECT_EQ(test, (unsigned long)OBJS, kpool_destroy(pool));
	log = log_end();
	if (coherent)
		expect_in_log(test, log, "consumers hold 20 coherent objects of kpool-dma");
	KUNIT_EXPECT_EQ(test, users, users_of(dev));
	KUNIT_EXPECT_EQ(test, (u64)kpool_dma_addr(pool, objs[0]), (u64)DMA_MAPPING_ERROR);
	kpool_dma_sync_for_cpu(pool, objs[0], 0, 1);
	kpool_dma_sync_for_device(pool, objs[0], 0, 1);
	KUNIT_ASSERT_EQ(test, 0, kunit_destroy_resource(test, is_device, dev));

	put_on(test, cpu_in_turn(1), pool, objs, OBJS / 2);
	put_all(pool, objs + OBJS / 2, OBJS / 2);
	settle();
	KUNIT_EXPECT_FALSE(test, pool_left(id));
}

/* Puts race with the end of the pool: each object is unmapped once. */
struct racer {
	struct kpool *pool;
	void **objs;
	struct completion go, done;
};

static int put_all_when_told(void *arg)
{
	struct racer *racer = arg;

	wait_for_completion(&racer->go);
	put_all(racer->pool, racer->objs, OBJS);
	complete(&racer->done);
	return 0;
}

#define ROUNDS	50

static void puts_race_with_the_end(struct kunit *test)
{
	static const struct shape shape = STREAMING("race", DMA_TO_DEVICE, .size = 2048);
	struct device *dev = dma_device_of(test);
	unsigned int users = users_of(dev), round;
	struct racer *racer = zalloc_for(test, struct racer);
	struct task_struct *task;

	racer->objs = room_for(test, OBJS);
	for (round = 0; round < ROUNDS; round++) {
		racer->pool = dma_pool_of(test, &shape, dev);
		init_completion(&racer->go);
		init_completion(&racer->done);
		get_all(test, racer->pool, racer->objs, OBJS);
		task = kthread_run(put_all_when_told, racer, "kpool-racer");
		KUNIT_ASSERT_FALSE(test, IS_ERR(task));
		complete(&racer->go);
		kpool_destroy(racer->pool);
		KUNIT_EXPECT_EQ(test, users, users_of(dev));
		wait_for_completion(&racer->done);
		settle();
	}
}

/* Each allocation fails in turn. Nothing stays mapped, and nothing is lost. */
static void any_allocation_may_fail(struct kunit *test)
{
	const struct shape *shape = test->param_value;
	struct device *dev = dma_device_of(test);
	unsigned int users = users_of(dev), nth;
	void **objs = room_for(test, OBJS);
	struct kpool *pool;
	int left, err;

	if (!faults_reach_us())
		kunit_skip(test, "no fault injection");
	pool = dma_pool_of(test, shape, dev);
	for (nth = 1; ; nth++) {
		WRITE_ONCE(current->fail_nth, nth);
		err = kpool_get_bulk(pool, GFP_KERNEL, objs, OBJS);
		left = READ_ONCE(current->fail_nth);
		WRITE_ONCE(current->fail_nth, 0);
		if (err)
			KUNIT_ASSERT_EQ(test, err, -ENOMEM);
		else
			kpool_put_bulk(pool, objs, OBJS);
		kpool_trim(pool);
		expect_in_use(test, pool, 0);
		if (left)	/* there were not so many allocations */
			break;
	}
	KUNIT_EXPECT_GT(test, nth, 1U);
	KUNIT_EXPECT_EQ(test, 0UL, kpool_destroy(pool));
	KUNIT_EXPECT_EQ(test, users, users_of(dev));
}

struct refusal {
	const char *says;
	struct kpool_params p;
	struct kpool_dma_params dma;
	bool no_mask;
};

static const struct kpool_memory_ops no_memory;

#define REFUSED(_says, _size, _direction, _flags, ...)				\
	{ _says, { .name = "wrong", .size = (_size), __VA_ARGS__ },		\
	  { .direction = (_direction), .flags = (_flags) } }

static const struct refusal refusals[] = {
	REFUSED("dma: direction: 3 is none", 64, DMA_NONE, 0),
	REFUSED("dma: direction: 17 is none", 64, 17, 0),
	REFUSED("dma: flags: 0x40000000 is unknown", 64, DMA_TO_DEVICE, BIT(30)),
	REFUSED("direction: coherent objects have DMA_BIDIRECTIONAL alone", 64, DMA_TO_DEVICE,
		KPOOL_DMA_COHERENT),
	REFUSED("memory: a DMA pool has its own provider", 64, DMA_TO_DEVICE, 0,
		.memory = &no_memory),
	REFUSED("size: 0 bytes", 0, DMA_TO_DEVICE, 0),
	REFUSED("size:", KMALLOC_MAX_SIZE + 1, DMA_TO_DEVICE, 0),
	REFUSED("memory: with a zone", 64, DMA_TO_DEVICE, 0, .zone = GFP_DMA32),
	REFUSED("memory: with KPOOL_VMALLOC", 64, DMA_TO_DEVICE, 0, .flags = KPOOL_VMALLOC),
	{ "has no DMA mask", { .name = "wrong", .size = 64 }, { .direction = DMA_TO_DEVICE },
	  true },
};

static void expect_refused(struct kunit *test, const struct kpool_params *p,
			   const struct kpool_dma_params *dma, int err, const char *says)
{
	unsigned int before = pools_left();
	struct kpool *pool;
	const char *log;

	log_begin();
	pool = kpool_dma_create(p, dma);
	log = log_end();
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(pool), err);
	expect_in_log(test, log, says);
	expect_in_log(test, log, "cannot create pool wrong: ");
	KUNIT_EXPECT_EQ(test, before, pools_left());
}

static void wrong_parameter_is_refused(struct kunit *test)
{
	const struct kpool_params p = { .name = "wrong", .size = 64 };
	const struct kpool_dma_params no_device = { .direction = DMA_TO_DEVICE };
	struct device *dev = device_of(test);
	unsigned int users = users_of(dev), i;
	struct kpool_dma_params dma;
	u64 *mask = dev->dma_mask;

	if (!IS_ENABLED(CONFIG_HAS_DMA)) {
		expect_refused(test, &p, &no_device, -EOPNOTSUPP, "dma: this kernel has no DMA");
		return;
	}
	expect_refused(test, &p, &no_device, -EINVAL, "dma: there is no device");
	for (i = 0; i < ARRAY_SIZE(refusals); i++) {
		dma = refusals[i].dma;
		dma.dev = dev;
		dev->dma_mask = refusals[i].no_mask ? NULL : mask;
		expect_refused(test, &refusals[i].p, &dma, -EINVAL, refusals[i].says);
	}
	dev->dma_mask = mask;
	KUNIT_EXPECT_EQ(test, users, users_of(dev));
}

/* A pool that is no DMA pool, and bytes beyond an object: the log says so, nothing happens. */
static void wrong_call_is_refused(struct kunit *test)
{
	static const struct shape shape = STREAMING("calls", DMA_TO_DEVICE, .size = 64);
	const struct kpool_params p = { .name = "plain", .size = 64 };
	struct kpool *plain = pool_of(test, &p), *pool;
	void *obj = kpool_get(plain, GFP_KERNEL);

	KUNIT_ASSERT_FALSE(test, IS_ERR(obj));
	log_begin();
	KUNIT_EXPECT_EQ(test, (u64)kpool_dma_addr(plain, obj), (u64)DMA_MAPPING_ERROR);
	expect_report(test, "pool plain (id ", "kpool_dma_addr(), but it is no DMA pool");
	log_begin();
	kpool_dma_sync_for_device(plain, obj, 0, 1);
	expect_report(test, "pool plain (id ", "kpool_dma_sync_for_device(), but it is no DMA");
	kpool_put(plain, obj);

	pool = dma_pool_of(test, &shape, dma_device_of(test));
	obj = kpool_get(pool, GFP_KERNEL);
	KUNIT_ASSERT_FALSE(test, IS_ERR(obj));
	log_begin();
	kpool_dma_sync_for_cpu(pool, obj, 60, SZ_1K);
	expect_report(test, "kpool_dma_sync_for_cpu() of 1024 bytes from 60", "an object has 64");
	log_begin();
	kpool_dma_sync_for_device(pool, obj, SIZE_MAX, 2);
	expect_report(test, "kpool_dma_sync_for_device() of 2 bytes from", "an object has 64");
	kpool_put(pool, obj);
	KUNIT_EXPECT_EQ(test, 0UL, kpool_destroy(pool));
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(object_stays_mapped_while_it_is_pooled, shape_gen_params),
	KUNIT_CASE_PARAM(late_put_does_not_touch_the_device, shape_gen_params),
	KUNIT_CASE(puts_race_with_the_end),
	KUNIT_CASE_PARAM(any_allocation_may_fail, shape_gen_params),
	KUNIT_CASE(wrong_parameter_is_refused),
	KUNIT_CASE(wrong_call_is_refused),
	{}
};

struct kunit_suite dma_suite = {
	.name = "kpool_dma",
	.suite_exit = resume_ageing,
	.test_cases = cases,
};
