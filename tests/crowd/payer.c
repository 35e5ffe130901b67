// SPDX-License-Identifier: GPL-2.0-only
/*
 * Objects that a memory cgroup pays for. The task that loads this module creates one pool or set of
 * the kind that the parameter kind names. Writing N to holds has N objects in use, of 16 KiB each,
 * or as many as memory allows; reading it says how many. tests/vm/guest/memcg looks at who pays.
 */
#include <linux/kernel.h>
#include <linux/kpool.h>
#include <linux/kpool_ring.h>
#include <linux/kpool_sized.h>
#include <linux/module.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#define BYTES	SZ_16K
#define MOST	4096U

static char *kind = "pages";
module_param(kind, charp, 0444);
MODULE_PARM_DESC(kind, "slab, pages, vmalloc, kvmalloc, ctor, ring, sized or oversize");

static bool getter;
module_param(getter, bool, 0444);
MODULE_PARM_DESC(getter, "Who gets an object pays, not the creator of the pool");

static unsigned int min_idle;
module_param(min_idle, uint, 0444);
MODULE_PARM_DESC(min_idle, "Objects that are built at the beginning, and by a worker");

static struct kpool *pool;
static struct kpool_ring_pool *rings;
static struct kpool_sized *set;

/* An object of this pool is a pointer to BYTES that its constructor allocates. */
static int payer_ctor(void *obj, void *ctx, gfp_t gfp, int node)
{
	void **bytes = obj;

	*bytes = kmalloc_node(BYTES, gfp | __GFP_ACCOUNT, node);
	return *bytes ? 0 : -ENOMEM;
}

static void payer_dtor(void *obj, void *ctx)
{
	void **bytes = obj;

	kfree(*bytes);
}

static const struct kpool_ops payer_ops = { .ctor = payer_ctor, .dtor = payer_dtor };

static const struct kpool_sized_class classes[] = { { .size = BYTES } };

/* Slab objects are small: so many together are BYTES. */
#define SMALL	SZ_1K

static bool is(const char *what)
{
	return !strcmp(kind, what);
}

static void *get_one(void)
{
	if (rings)
		return kpool_ring_get(rings, GFP_KERNEL);
	if (set)
		return kpool_sized_get(set, is("oversize") ? 2 * BYTES : BYTES, GFP_KERNEL);
	return kpool_get(pool, GFP_KERNEL);
}

static void put_one(void *obj)
{
	if (rings)
		kpool_ring_put(rings, obj);
	else if (set)
		kpool_sized_put(set, obj, is("oversize") ? 2 * BYTES : BYTES);
	else
		kpool_put(pool, obj);
}

static void *held[MOST];
static unsigned int n_held;

static int set_holds(const char *text, const struct kernel_param *param)
{
	unsigned int wanted;
	void *obj;
	int err = kstrtouint(text, 0, &wanted);

	if (err || wanted > MOST)
		return err ?: -EINVAL;
	while (n_held > wanted)
		put_one(held[--n_held]);
	while (n_held < wanted) {
		obj = get_one();
		if (IS_ERR(obj))
			return PTR_ERR(obj);
		held[n_held++] = obj;
	}
	return 0;
}

static int get_holds(char *text, const struct kernel_param *param)
{
	return sysfs_emit(text, "%u\n", n_held);
}

static const struct kernel_param_ops holds_ops = { .set = set_holds, .get = get_holds };
module_param_cb(holds, &holds_ops, NULL, 0644);
MODULE_PARM_DESC(holds, "How many objects are in use");

static int __init payer_init(void)
{
	unsigned int flags = getter ? KPOOL_ACCOUNT_GETTER : KPOOL_ACCOUNT;
	struct kpool_params p = {
		.name = "payer", .size = BYTES, .flags = flags, .min_idle = min_idle,
	};

	if (is("ring")) {
		const struct kpool_ring_pool_params r = {
			.name = "payer", .size = BYTES, .flags = flags, .min_idle = min_idle,
		};

		rings = kpool_ring_pool_create(&r);
		return PTR_ERR_OR_ZERO(rings);
	}
	if (is("sized") || is("oversize")) {
		const struct kpool_sized_params s = {
			.name = "payer", .flags = flags, .classes = classes,
			.nr_classes = ARRAY_SIZE(classes),
		};

		set = kpool_sized_create(&s);
		return PTR_ERR_OR_ZERO(set);
	}
	if (is("slab"))
		p.size = SMALL;
	if (is("vmalloc"))
		p.flags |= KPOOL_VMALLOC;
	if (is("kvmalloc"))
		p.flags |= KPOOL_KVMALLOC;
	if (is("ctor")) {
		p.size = sizeof(void *);
		p.extra_bytes = BYTES;
		p.ops = &payer_ops;
	}
	pool = kpool_create(&p);
	return PTR_ERR_OR_ZERO(pool);
}
module_init(payer_init);

static void __exit payer_exit(void)
{
	while (n_held)
		put_one(held[--n_held]);
	if (rings)
		kpool_ring_pool_destroy(rings);
	else if (set)
		kpool_sized_destroy_sync(set, 10000);
	else
		kpool_destroy_sync(pool, 10000);
}
module_exit(payer_exit);

MODULE_DESCRIPTION("Objects that a memory cgroup pays for");
MODULE_LICENSE("GPL");
KPOOL_IMPORT_NS;
