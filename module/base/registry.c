// SPDX-License-Identifier: GPL-2.0-only
/*
 * The registry: all pools, by id and by name. A pool has its id until it is gone. A pool's name is
 * free again as soon as kpool_destroy() begins. sized/sets.c has the sets of buffers.
 *
 * A look-up takes no lock: the caller is an RCU reader, and a pool's memory is freed a grace period
 * after the pool has left the registry. So a program that lists pools again and again never keeps
 * kpool_create() or kpool_destroy() waiting.
 */
#include <linux/rcupdate.h>
#include <linux/rhashtable.h>
#include <linux/string.h>
#include <linux/xarray.h>

#include "base/export.h"
#include "base/registry.h"
#include "pool.h"

/*
 * Protects changes of: pools, bypass_all in policy/bypass.c, sets in sized/sets.c. No lock of
 * kpool's is taken inside. One hold adds, removes or finds one pool or set.
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
	u32 id;
	int err;

	err = rhashtable_lookup_insert_fast(&names, &pool->by_name, names_params);
	if (err == -EEXIST)
		pr_err_ratelimited("cannot create pool %s: name: a pool of that name exists\n",
				   pool->name);
	if (err)
		return err;
	mutex_lock(&registry_lock);
	err = xa_alloc_cyclic(&pools, &id, NULL, xa_limit_31b, &next_id, GFP_KERNEL);
	mutex_unlock(&registry_lock);
	if (err < 0) {
		kp_registry_free_name(pool);
		return err;
	}
	WRITE_ONCE(pool->id, id);	/* kp_registry_find_name() may be reading it */
	return 0;
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

/* Checks that the caller may take the lock here: see teach_lock_order() in pool.c. */
void kp_registry_might_lock(void)
{
	might_lock(&registry_lock);
}

/* A look-up needs one of the two. Only with the lock nobody changes the registry meanwhile. */
void kp_registry_assert_readable(void)
{
	RCU_LOCKDEP_WARN(!rcu_read_lock_held() && !lockdep_is_held(&registry_lock),
			 "kpool: a look-up in the registry without RCU and without its lock");
}

/**
 * kp_registry_after() - walk all pools
 * @id: 0 at first; set to the id of the returned pool
 *
 * The walk sees each pool that exists from the first call to the last. The caller may leave the
 * RCU section, or drop the lock, between calls.
 *
 * Context: the caller is an RCU reader, or holds the registry's lock.
 * Return: a pool whose memory stays until then, or NULL. The pool may have ended meanwhile.
 */
struct kp_pool *kp_registry_after(u32 *id)
{
	unsigned long index = *id;
	struct kp_pool *pool;

	kp_registry_assert_readable();
	pool = xa_find_after(&pools, &index, ULONG_MAX, XA_PRESENT);
	*id = index;
	return pool;
}

/*
 * Reads the id in memory that may be free. KASAN and KMSAN are not to report that: the error is the
 * consumer's, and the log names the consumer.
 */
static noinline __no_sanitize_address __no_kmsan_checks u32 read_free(const u32 *id)
{
	return READ_ONCE(*id);
}

/**
 * kp_registry_holds() - look for an address among those of pools, or of sets
 * @registry: the pools or the sets, by their ids
 * @address: what may be the address of one
 * @id: where its id would be
 *
 * A pool that ended has freed the memory at the address. Its id is what is left there, and no pool
 * at that address has it.
 *
 * Context: any.
 * Return: whether it is there.
 */
bool kp_registry_holds(struct xarray *registry, const void *address, const u32 *id)
{
	bool holds;

	rcu_read_lock();
	holds = xa_load(registry, read_free(id)) == address;
	rcu_read_unlock();
	return holds;
}

/* Is this a pool that exists? Context: any. */
bool kp_registry_has(const struct kp_pool *pool)
{
	return kp_registry_holds(&pools, pool, &pool->id);
}

/* The pool that has this id, or NULL. Context and lifetime as kp_registry_after(). */
struct kp_pool *kp_registry_find(u32 id)
{
	kp_registry_assert_readable();
	return xa_load(&pools, id);
}

/* The pool that has this name, or NULL. Context and lifetime as kp_registry_after(). */
struct kp_pool *kp_registry_find_name(const char *name)
{
	char key[KPOOL_NAME_LEN] = "";
	struct kp_pool *pool;

	kp_registry_assert_readable();
	if (strscpy(key, name, sizeof(key)) < 0)
		return NULL;
	rcu_read_lock();
	pool = rhashtable_lookup(&names, key, names_params);
	/* The pool may not be published yet, or its creation may have failed before that. */
	if (pool && xa_load(&pools, READ_ONCE(pool->id)) != pool)
		pool = NULL;
	rcu_read_unlock();
	return pool;
}

/**
 * kp_registry_next() - walk all pools, with a reference to each
 * @id: as for kp_registry_after()
 *
 * Takes the lock for each pool. So if a caller stores a value before the walk, and a creator reads
 * it after kp_registry_publish(), the creator sees the value or the walk sees the pool.
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
