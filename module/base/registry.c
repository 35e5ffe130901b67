// SPDX-License-Identifier: GPL-2.0-only
/*
 * The registry: all pools, by id and by name. A pool has its id until it is gone. A pool's name is
 * free again as soon as kpool_destroy() begins. sized/sets.c has the sets of buffers.
 */
#include <linux/rcupdate.h>
#include <linux/rhashtable.h>
#include <linux/string.h>
#include <linux/xarray.h>

#include "base/export.h"
#include "base/registry.h"
#include "pool.h"

/*
 * Protects: pools, bypass_all in policy/bypass.c, sets in sized/sets.c. Ordering: outside a pool's
 * gate_lock and a set's lock. Never held while objects are built or torn down. While it is held, a
 * pool that was found is not freed, even at its very end: see pool_end().
 */
static DEFINE_MUTEX(registry_lock);
static DEFINE_XARRAY_ALLOC1(pools);
static u32 next_id;

static struct rhashtable names;
static const struct rhashtable_params names_params = {
	.key_len = KPOOL_NAME_LEN,
	.key_offset = offsetof(struct kp_pool, name),
	.head_offset = offsetof(struct kp_pool, by_name),
	.automatic_shrinking = true,
};

int kp_registry_init(void)
{
	return rhashtable_init(&names, &names_params);
}

void kp_registry_exit(void)
{
	WARN_ON(!xa_empty(&pools));
	xa_destroy(&pools);
	rhashtable_destroy(&names);
}

/**
 * kp_registry_reserve() - take the name of a pool, and an id
 * @pool: the pool, which nobody can find by id yet
 *
 * Context: process context, sleeps.
 * Return: 0, -EEXIST, or -ENOMEM.
 */
int kp_registry_reserve(struct kp_pool *pool)
{
	int err;

	err = rhashtable_lookup_insert_fast(&names, &pool->by_name, names_params);
	if (err == -EEXIST)
		pr_err_ratelimited("cannot create pool %s: name: a pool of that name exists\n",
				   pool->name);
	if (err)
		return err;
	mutex_lock(&registry_lock);
	err = xa_alloc_cyclic(&pools, &pool->id, NULL, xa_limit_31b, &next_id, GFP_KERNEL);
	mutex_unlock(&registry_lock);
	if (err >= 0)
		return 0;
	kp_registry_free_name(pool);
	return err;
}

/* Makes the pool visible by its id. The slot is reserved, so this cannot fail. */
void kp_registry_publish(struct kp_pool *pool)
{
	mutex_lock(&registry_lock);
	xa_store(&pools, pool->id, pool, GFP_KERNEL);
	mutex_unlock(&registry_lock);
}

void kp_registry_free_name(struct kp_pool *pool)
{
	rhashtable_remove_fast(&names, &pool->by_name, names_params);
}

void kp_registry_remove(struct kp_pool *pool)
{
	mutex_lock(&registry_lock);
	xa_erase(&pools, pool->id);
	mutex_unlock(&registry_lock);
}

void kp_registry_lock(void)
{
	mutex_lock(&registry_lock);
}
EXPORT_SYMBOL_FOR_TESTS(kp_registry_lock);

void kp_registry_unlock(void)
{
	mutex_unlock(&registry_lock);
}
EXPORT_SYMBOL_FOR_TESTS(kp_registry_unlock);

void kp_registry_assert_locked(void)
{
	lockdep_assert_held(&registry_lock);
}

/**
 * kp_registry_after() - walk all pools
 * @id: 0 at first; set to the id of the returned pool
 *
 * The walk sees each pool that exists from the first call to the last. The lock may be dropped
 * between calls.
 *
 * Context: the caller holds the registry's lock.
 * Return: a pool that exists until the registry is unlocked, or NULL.
 */
struct kp_pool *kp_registry_after(u32 *id)
{
	unsigned long index = *id;
	struct kp_pool *pool;

	lockdep_assert_held(&registry_lock);
	pool = xa_find_after(&pools, &index, ULONG_MAX, XA_PRESENT);
	*id = index;
	return pool;
}

/* The pool that has this id, or NULL. Context and lifetime as kp_registry_after(). */
struct kp_pool *kp_registry_find(u32 id)
{
	lockdep_assert_held(&registry_lock);
	return xa_load(&pools, id);
}

/* The pool that has this name, or NULL. Context and lifetime as kp_registry_after(). */
struct kp_pool *kp_registry_find_name(const char *name)
{
	char key[KPOOL_NAME_LEN] = "";
	struct kp_pool *pool;

	lockdep_assert_held(&registry_lock);
	if (strscpy(key, name, sizeof(key)) < 0)
		return NULL;
	rcu_read_lock();
	pool = rhashtable_lookup(&names, key, names_params);
	/* The pool may not be published yet, or its creation may have failed before that. */
	if (pool && xa_load(&pools, pool->id) != pool)
		pool = NULL;
	rcu_read_unlock();
	return pool;
}

/**
 * kp_registry_next() - walk all pools, without the lock between calls
 * @id: as for kp_registry_after()
 *
 * Context: process context, sleeps.
 * Return: a pool with a reference, which the caller gives back by kp_unref(), or NULL.
 */
struct kp_pool *kp_registry_next(u32 *id)
{
	struct kp_pool *pool;

	kp_registry_lock();
	do {
		pool = kp_registry_after(id);
	} while (pool && !refcount_inc_not_zero(&pool->refs));
	kp_registry_unlock();
	return pool;
}
EXPORT_SYMBOL_FOR_TESTS(kp_registry_next);
