// SPDX-License-Identifier: GPL-2.0-only
/* Caches that stay: the rules say why, and change nothing in this file. */
#include <linux/module.h>
#include <linux/slab.h>

struct item {
	int key;
	char text[60];
};

static struct kmem_cache *typesafe, *in_a_list;
static struct kmem_cache *typesafe_items;
static struct kmem_cache *accounted;
static struct kmem_cache *must_be_there;
static struct kmem_cache *on_nodes;
static struct kmem_cache *freed_by_kfree;
static struct kmem_cache *passed;
static struct kmem_cache *must_not_fail;
static struct kmem_cache *with_blank;
static struct kmem_cache *by_flags;

static noinline void *take(struct kmem_cache *cache)
{
	return kmem_cache_alloc(cache, GFP_KERNEL);
}

static noinline void use(slab_flags_t flags)
{
	void *item;

	typesafe = KMEM_CACHE(item, 0);
	in_a_list = typesafe;
	typesafe_items = KMEM_CACHE(item, SLAB_TYPESAFE_BY_RCU);
	accounted = kmem_cache_create("accounted", 64, 0, SLAB_ACCOUNT, NULL);
	must_be_there = KMEM_CACHE(item, SLAB_PANIC);
	on_nodes = KMEM_CACHE(item, 0);
	freed_by_kfree = KMEM_CACHE(item, 0);
	passed = KMEM_CACHE(item, 0);
	must_not_fail = KMEM_CACHE(item, 0);
	with_blank = kmem_cache_create("a name of words", 64, 0, 0, NULL);
	by_flags = kmem_cache_create("by-flags", 64, 0, flags, NULL);

	kmem_cache_free(typesafe, kmem_cache_alloc(typesafe, GFP_KERNEL));
	kmem_cache_free(typesafe_items, kmem_cache_alloc(typesafe_items, GFP_KERNEL));
	kmem_cache_free(accounted, kmem_cache_alloc(accounted, GFP_KERNEL));
	kmem_cache_free(must_be_there, kmem_cache_alloc(must_be_there, GFP_KERNEL));
	kmem_cache_free(on_nodes, kmem_cache_alloc_node(on_nodes, GFP_KERNEL, 0));
	item = kmem_cache_alloc(freed_by_kfree, GFP_KERNEL);
	kfree(item);
	kmem_cache_free(passed, take(passed));
	kmem_cache_free(must_not_fail, kmem_cache_alloc(must_not_fail, GFP_KERNEL | __GFP_NOFAIL));
	kmem_cache_free(with_blank, kmem_cache_alloc(with_blank, GFP_KERNEL));
	kmem_cache_free(by_flags, kmem_cache_alloc(by_flags, GFP_KERNEL));

	kmem_cache_destroy(typesafe);
	kmem_cache_destroy(typesafe_items);
	kmem_cache_destroy(accounted);
	kmem_cache_destroy(must_be_there);
	kmem_cache_destroy(on_nodes);
	kmem_cache_destroy(freed_by_kfree);
	kmem_cache_destroy(passed);
	kmem_cache_destroy(must_not_fail);
	kmem_cache_destroy(with_blank);
	kmem_cache_destroy(by_flags);
}

static int __init example_init(void)
{
	use(0);
	return 0;
}
module_init(example_init);

static void __exit example_exit(void)
{
}
module_exit(example_exit);

MODULE_DESCRIPTION("Caches that stay");
MODULE_LICENSE("GPL");
