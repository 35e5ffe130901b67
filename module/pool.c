// SPDX-License-Identifier: GPL-2.0-only
/*
 * A pool's life: creation, its states (see enum kpool_state), and its end. policy/retune.c changes
 * the limits of a live pool, and base/registry.c has all pools by id and name.
 */
#include <linux/instruction_pointer.h>
#include <linux/mm.h>
#include <linux/ratelimit.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/wait_bit.h>

#include "base/clock.h"
#include "base/context.h"
#include "base/observer.h"
#include "base/params.h"
#include "base/ref.h"
#include "base/refusal.h"
#include "base/registry.h"
#include "base/track.h"
#include "base/work.h"
#include "object/build.h"
#include "object/debug.h"
#include "object/due.h"
#include "object/holders.h"
#include "object/nolock.h"
#include "object/prefill.h"
#include "path/cache.h"
#include "path/rcu.h"
#include "path/sweep.h"
#include "policy/available.h"
#include "policy/bypass.h"
#include "policy/drain.h"
#include "policy/instrument.h"
#include "policy/retune.h"
#include "policy/shrink.h"
#include "policy/worker.h"
#include "pool.h"
#include "store/census.h"
#include "store/depot.h"
#include "store/memory.h"
#include "store/provider.h"
#include "store/slab.h"
#include "store/stats.h"
#include "store/waitlist.h"
#include "store/weigh.h"

static void wait_for_active(struct kp_pool *pool)
{
	wait_var_event(&pool->active, !atomic_read(&pool->active));
}

/* Tears down all idle objects of a pool that is not live, and waits for the teardowns. */
static void drain_all(struct kp_pool *pool)
{
	kp_workers_sync(pool);
	kp_drain(pool, KP_SHUTDOWN);
	kp_workers_sync(pool);
}

/*
 * The memory of pools: of those with one depot, and of those with a depot for each node. kmalloc()
 * has no size close to that of a pool.
 */
static struct kmem_cache *caches[2];

/* The link of pools that have no place in a set or a budget. Nobody writes to it. */
static struct kp_class_link no_class_link;

static struct kmem_cache *cache_for(unsigned int nr_depots)
{
	return caches[nr_depots > 1];
}

int __init kp_pools_init(void)
{
	static const char *const names[] = { "kpool_pool", "kpool_pool_nodes" };
	struct kp_pool *pool;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(caches); i++) {
		caches[i] = kmem_cache_create(names[i],
					      struct_size(pool, depots, i ? nr_node_ids : 1),
					      __alignof__(struct kp_pool), 0, NULL);
		if (!caches[i])
			goto err;
	}
	return 0;

err:
	kp_pools_exit();
	return -ENOMEM;
}

/* Context: process context; the last pool's memory is free. */
void kp_pools_exit(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(caches); i++)
		kmem_cache_destroy(caches[i]);
}

/* Frees what alloc_parts() allocated, or what there is of it. */
static void free_parts(struct kp_pool *pool)
{
	kp_rcu_exit(pool);
	if (pool->class_link != &no_class_link)
		kfree(pool->class_link);
	kfree(pool->owner_name);
	free_percpu(pool->kpool.cpu);
	free_cpumask_var(pool->sweep_again);
	kmem_cache_free(cache_for(pool->nr_depots), pool);
}

/* Runs a grace period after the pool has left the registry. */
static void pool_release(struct work_struct *work)
{
	struct kp_pool *pool = container_of(to_rcu_work(work), struct kp_pool, end);

	/*
	 * The put of the last object may have queued irq_work and work on its way out. On
	 * PREEMPT_RT the irq_work_sync() of newer kernels also waits for a grace period, for the
	 * thread that runs the handler.
	 */
	irq_work_sync(&pool->irq_work);
	cancel_work_sync(&pool->put_work);
	cancel_work_sync(&pool->work);
	kp_free_unbuilt(pool);
	kp_build_exit(pool);
	kp_workers_exit(pool);
	kp_cache_free(pool);
	kp_depots_exit(pool);
	WARN_ON_ONCE(atomic_long_read(&pool->magazine_bytes));
	kp_debug_exit(pool);
	kp_track_exit(pool);
	kp_faults_exit(pool);
	kp_memory_exit(pool);
	kp_waitlist_exit(pool);
	if (pool->ownership.own_ctx)
		kfree(pool->ctx);
	free_parts(pool);
}

/*
 * Frees the pool's memory a grace period later. The caller may run in pool->end. When the function
 * of a work item has begun, the kernel does not look at the item any more. So the function may
 * queue it again with another function.
 */
static void release_later(struct kp_pool *pool)
{
	INIT_RCU_WORK(&pool->end, pool_release);
	queue_rcu_work(kpool_wq, &pool->end);
}

/*
 * No callback runs, and none will be called: no object exists, or the pool is orphaned. Only the
 * task that destroys the pool and then pool_end() call this, one after the other: the task has a
 * reference.
 */
static void tell_gone(struct kp_pool *pool)
{
	if (!pool->ops.gone || pool->told_gone)
		return;
	pool->told_gone = true;
	pool->ops.gone(pool->ctx);
}

/*
 * The last reference is gone, so no object exists. This removes all that others can see of the
 * pool; its memory is freed a grace period later. So RCU readers still see the whole pool.
 */
static void pool_end(struct kp_pool *pool)
{
	struct module *owner = pool->owner_pinned ? pool->owner : NULL;

	kp_account_end(pool);
	kp_tell_removing(pool);
	kp_shrink_remove(pool);
	kp_registry_remove(pool);
	/* A listing that begins after this message does not show the pool. */
	kp_tell_removed(pool);
	if (pool->class_link->gone)
		pool->class_link->gone(pool->class_link);
	kp_provider_end(pool);
	tell_gone(pool);
	release_later(pool);
	module_put(owner);
	module_put(THIS_MODULE);
}

static void pool_end_work(struct work_struct *work)
{
	pool_end(container_of(work, struct kp_pool, end.work));
}

/* If not, it logs a message. */
bool kp_abi_matches(struct kpool_abi theirs)
{
	const struct kpool_abi ours = KPOOL_ABI_HERE;

	if (!memcmp(&ours, &theirs, sizeof(ours)))
		return true;
	/* Without the pool's name: its place in the caller's struct is not known. */
	pr_err_ratelimited("cannot create a pool: the caller was built against headers of another kpool (ABI %u, here %u; struct sizes %u %u %u, here %u %u %u)\n",
			   theirs.number, ours.number,
			   theirs.params_size, theirs.stats_size, theirs.cpu_size,
			   ours.params_size, ours.stats_size, ours.cpu_size);
	return false;
}

/* Boot time, which people read. So it includes the time that the machine slept. */
static u64 now_ms(void)
{
	return ktime_to_ms(ktime_get_boottime());
}

static enum kp_hit_kind hit_kind_of(const struct kp_pool *pool)
{
	if (!pool->validating)
		return HIT_PLAIN;
	if (pool->stamped + pool->has_birth + !!pool->ops.check != 1 ||
	    (pool->has_birth && max(pool->size, pool->align) >= PAGE_SIZE))
		return HIT_OTHER;
	return pool->stamped ? HIT_STAMPED : pool->has_birth ? HIT_BIRTH : HIT_CHECKED;
}

static void set_params(struct kp_pool *pool, const struct kpool_params *p, struct module *owner,
		       struct kp_ownership ownership)
{
	strscpy(pool->name, p->name, sizeof(pool->name));
	pool->size = p->size;
	pool->align = p->align ?: __alignof__(void *);
	pool->zone = p->zone;
	pool->node = p->flags & KPOOL_ON_NODE ? p->node : NUMA_NO_NODE;
	if (p->ops)
		pool->ops = *p->ops;
	pool->ctx = p->ctx;
	pool->extra_bytes = p->extra_bytes;
	pool->ownership = ownership;
	pool->owner = ownership.own_ops ? THIS_MODULE : owner;
	pool->create_time = now_ms();

	if (p->flags & KPOOL_ZERO_ON_PUT ||
	    (want_init_on_free() && !pool->ops.ctor)) {
		pool->wipe_offset = p->wipe_offset;
		pool->wipe_size = p->wipe_size ?: p->size;
	}
	/* KMSAN sees no writes of a device, and a provider's memory may belong to one. */
	pool->forgets = !kp_keeps_contents(pool) && !p->memory;
	if (kp_debug_wanted() && !(p->flags & KPOOL_ANYCTX))
		pool->flags |= KPOOL_DEBUG;
	pool->instruments = pool->flags & KPOOL_DEBUG ? KP_DEBUG : 0;
	pool->no_magazines = pool->instruments;
	pool->stamped = p->idle_ms;
	kp_limits_init(pool, p);
	pool->has_birth = p->lifetime_ms;
	pool->trimmed_at = kp_now();
	pool->births_at = pool->trimmed_at;
	pool->overflow = p->flags & KPOOL_OVERFLOW;
	pool->validating = pool->stamped || pool->has_birth || pool->ops.check || pool->overflow;
	pool->hit_kind = hit_kind_of(pool);
	kp_instrument_init(pool);
	if (pool->validating)
		pool->idle_state = KPOOL_CPU_VALIDATING;
	else if (kp_changes_at_put(pool))
		pool->idle_state = KPOOL_CPU_SPECIAL;

	pool->bypass_wanted = p->flags & KPOOL_BYPASS;
	pool->bypass = pool->bypass_wanted || kp_bypass_all();
	pool->gate = pool->bypass ? GATE_SHUT : GATE_OPEN;
}

/* Allocates a pool, and the parts that it has from its creation until its memory is freed. */
static struct kp_pool *alloc_parts(const struct kpool_params *p, struct module *owner,
				   const struct kp_class_link *link)
{
	unsigned int nr_depots = p->flags & KPOOL_ON_NODE ? 1 : nr_node_ids;
	struct kp_pool *pool;

	pool = kmem_cache_zalloc(cache_for(nr_depots), GFP_KERNEL);
	if (!pool)
		return NULL;
	pool->nr_depots = nr_depots;
	pool->flags = p->flags;
	pool->class_link = link ? kmemdup(link, sizeof(*link), GFP_KERNEL) : &no_class_link;
	pool->owner_name = kstrdup(module_name(owner), GFP_KERNEL);
	pool->kpool.cpu = alloc_percpu(struct kpool_cpu);
	if (!zalloc_cpumask_var(&pool->sweep_again, GFP_KERNEL) || !pool->class_link ||
	    !pool->owner_name || !pool->kpool.cpu || kp_rcu_init(pool)) {
		free_parts(pool);
		return NULL;
	}
	pool->parts_bytes += (link ? sizeof(*link) : 0) + strlen(pool->owner_name) + 1;
	return pool;
}

static struct kp_pool *pool_alloc(const struct kpool_params *p, struct module *owner,
				  const struct kp_class_link *link, struct kp_ownership ownership)
{
	struct kp_pool *pool = alloc_parts(p, owner, link);
	int cpu;

	if (!pool)
		return NULL;
	set_params(pool, p, owner, ownership);
	for_each_possible_cpu(cpu)
		kp_cache_init(per_cpu_ptr(pool->kpool.cpu, cpu), pool->idle_state);
	refcount_set(&pool->refs, 1);
	mutex_init(&pool->gate_lock);
	ratelimit_default_init(&pool->refusals);
	INIT_WORK(&pool->end.work, pool_end_work);
	if (kp_depots_init(pool))
		goto free_parts;
	if (kp_defer_init(pool, p->workers))
		goto free_depots;
	if ((p->max || p->reserve) && kp_waitlist_init(pool, pool->max ?: ULONG_MAX))
		goto free_workers;
	if (p->reserve && kp_build_reserve(pool))
		goto free_waitlist;
	if (kp_memory_init(pool, p))
		goto free_builds;
	if (pool->flags & KPOOL_DEBUG && kp_debug_begin(pool))
		goto free_memory;
	return pool;

free_memory:
	kp_memory_exit(pool);
free_builds:
	kp_build_exit(pool);
free_waitlist:
	kp_waitlist_exit(pool);
free_workers:
	kp_workers_exit(pool);
free_depots:
	kp_depots_exit(pool);
free_parts:
	free_parts(pool);
	return NULL;
}

/*
 * Tells lockdep the order of locks in pool.h. So lockdep reports the first code that takes two of
 * them in another order, even if no other code has taken both before. policy/age.c tells the place
 * of pass_lock.
 */
static void teach_lock_order(struct kp_pool *pool)
{
	if (!IS_ENABLED(CONFIG_PROVE_LOCKING))
		return;
	mutex_lock(&pool->gate_lock);
	mutex_lock(&pool->workers->lock);
	might_lock(&pool->sync_lock);
	kp_slab_might_lock();
	kp_registry_might_lock();
	kp_shrink_might_lock();
	if (pool->waitlist) {
		raw_spin_lock_irq(&pool->waitlist->lock);
		might_lock(&pool->depots[0].lock);
		kp_due_might_lock();
		raw_spin_unlock_irq(&pool->waitlist->lock);
	}
	mutex_unlock(&pool->workers->lock);
	mutex_unlock(&pool->gate_lock);
}

static void tell_self(const struct kpool_params *p, struct kpool *kpool)
{
	if (p->self)
		*p->self = kpool;
}

/**
 * kp_create() - create a pool, or a class of a set
 * @params: as for kpool_create()
 * @owner: the module whose code ops points to
 * @link: the pool's place in a set, or NULL; copied
 * @ownership: which parts of the pool belong to kpool
 *
 * Context: process context, sleeps.
 * Return: as kpool_create().
 */
struct kpool *kp_create(const struct kpool_params *params, struct module *owner,
			const struct kp_class_link *link, struct kp_ownership ownership)
{
	struct kp_pool *pool;
	int err;

	might_sleep();
	err = kp_params_check(params);
	if (err)
		goto free_ctx;
	err = -ENOMEM;
	pool = pool_alloc(params, owner, link, ownership);
	if (!pool)
		goto free_ctx;
	teach_lock_order(pool);
	err = kp_provider_begin(pool) ?: kp_registry_reserve(pool);
	if (err)
		goto free_pool;
	tell_self(params, &pool->kpool);
	err = kp_prefill(pool);
	if (err)
		goto release_id;

	__module_get(THIS_MODULE);
	kp_shrink_add(pool);
	kp_registry_publish(pool);
	/* A change of the bypass parameter before this point did not find the pool. */
	kp_update_bypass(pool);
	/* Likewise a change of the number of CPUs. */
	kp_retune_magazines(pool);
	kp_age_publish(pool);
	/* A pool that cannot be tracked, or has no memory for that, is not. */
	if (kp_track_wanted())
		kp_track_set(pool, kp_track_wanted());
	kp_tell_added(pool);
	return &pool->kpool;

release_id:
	WRITE_ONCE(pool->state, KPOOL_STATE_DYING);
	drain_all(pool);
	kp_account_end(pool);
	kp_registry_free_name(pool);
	kp_registry_remove(pool);
free_pool:
	tell_self(params, NULL);
	/* A comparison of names may still read this pool's name. */
	release_later(pool);
	return ERR_PTR(err);
free_ctx:
	tell_self(params, NULL);
	if (ownership.own_ctx)
		kfree(params->ctx);
	return ERR_PTR(err);
}

/**
 * __kpool_create() - implementation of kpool_create()
 * @params: as for kpool_create()
 * @owner: the module whose code ops points to
 * @abi: the ABI of the caller's headers
 *
 * Context: process context, sleeps.
 * Return: as kpool_create().
 */
struct kpool *__kpool_create(const struct kpool_params *params, struct module *owner,
			     struct kpool_abi abi)
{
	if (!kp_abi_matches(abi))
		return ERR_PTR(-EINVAL);
	return kp_create(params, owner, NULL, (struct kp_ownership){});
}
EXPORT_SYMBOL_GPL(__kpool_create);

/*
 * Makes gets fail, and tears down all idle objects. Returns how many objects are still in use, or
 * -EALREADY if the pool is not live.
 */
static long shut(struct kp_pool *pool)
{
	LLIST_HEAD(found);

	mutex_lock(&pool->gate_lock);
	if (pool->state != KPOOL_STATE_LIVE) {
		mutex_unlock(&pool->gate_lock);
		return -EALREADY;
	}
	WRITE_ONCE(pool->state, KPOOL_STATE_DYING);
	kp_registry_free_name(pool);
	kp_gate_close(pool, &found);	/* its smp_mb() also pairs with the one in kp_enter() */
	mutex_unlock(&pool->gate_lock);
	kp_waitlist_shut(pool);

	/* Waits for builds, trims and ageing that began before. Their objects come back. */
	wait_for_active(pool);
	kp_found_teardown(pool, &found, KP_SHUTDOWN);
	kp_rcu_sync(pool);
	drain_all(pool);
	kp_available_end(pool);
	return atomic_long_read(&pool->existing);
}

/*
 * After this no callback of the consumer is called. Waits for callbacks that puts have already
 * begun: see reset() and kp_teardown_all().
 */
static void orphan(struct kp_pool *pool)
{
	WRITE_ONCE(pool->orphan, true);
	smp_mb();	/* pairs with the barriers before reads of orphan */
	synchronize_rcu();
	wait_for_active(pool);
}

/*
 * A module that is being unloaded cannot be pinned. A module that is still being loaded is not
 * pinned either: if its init fails, it goes away in spite of references.
 */
static bool pin(struct module *owner)
{
	return !owner || (owner->state == MODULE_STATE_LIVE && try_module_get(owner));
}

/* Objects are still in use. The put of the last object ends the pool. */
static void detach(struct kp_pool *pool)
{
	const struct kpool_ops *ops = &pool->ops;

	kp_provider_detach(pool);
	if (!pool->orphan && !pool->ownership.own_ops &&
	    (ops->reset || ops->dtor || ops->gone || pool->memory_may_go)) {
		pool->owner_pinned = pin(pool->owner);
		if (!pool->owner_pinned)
			orphan(pool);
	}
	/* In this task the code of the owner is still there. */
	if (pool->orphan && pool->memory_may_go)
		kp_provider_end(pool);
	if (pool->orphan)
		tell_gone(pool);
	mutex_lock(&pool->gate_lock);
	pool->detach_time = now_ms();
	smp_store_release(&pool->state, KPOOL_STATE_DETACHED);	/* pairs with put_pool_identity() */
	mutex_unlock(&pool->gate_lock);
	/*
	 * The last object may have been torn down since kpool_destroy() looked. Either this sees
	 * that, or teardown_some() sees the new state.
	 */
	smp_mb();
	if (!atomic_long_read(&pool->existing))
		kp_census_doubt(pool);
	kp_tell_changed(pool);
	kp_unref(pool, 1);
}

/*
 * No object is left. When this returns, nobody can see the pool any more, except RCU readers. Only
 * a change of bypass, of limits or of ageing's interval, or the loss of a CPU, can still hold a
 * reference at this moment. Ageing needs none: shut() has waited for its kp_leave().
 */
static void end(struct kp_pool *pool)
{
	/* Now: later the owner may be gone, if another task has the last reference. */
	kp_provider_end(pool);
	tell_gone(pool);
	if (refcount_dec_and_test(&pool->refs))
		pool_end(pool);
}

/* May this call end the pool? If not, it logs a message. */
static bool may_destroy(const struct kp_pool *pool, const char *call, unsigned long caller)
{
	if (!kp_registry_has(pool)) {
		pr_err_ratelimited("%s() by %pS refused: no such pool, perhaps destroyed before\n",
				   call, (void *)caller);
		return false;
	}
	if (kp_is_atomic()) {
		pr_err_ratelimited("pool %s (id %u): %s() by %pS refused: it sleeps, and the context is atomic\n",
				   pool->name, pool->id, call, (void *)caller);
		return false;
	}
	might_sleep();
	return true;
}

static void say_destroyed_before(const struct kp_pool *pool, const char *call, unsigned long caller)
{
	pr_err_ratelimited("pool %s (id %u): %s() by %pS refused: destroyed before\n", pool->name,
			   pool->id, call, (void *)caller);
}

/*
 * Each put follows a get, and no get is running any more. So more puts than gets are an error of
 * the consumer, also if no object is in doubt.
 */
static void compare_sums(struct kp_pool *pool)
{
	u64 gets, puts;

	kp_traffic(pool, &gets, &puts);
	if (unlikely(puts > gets))
		pr_err("pool %s (id %u) of %s, destroyed by %pS: %llu puts, but only %llu gets: an object was put twice, or an object of another pool\n",
		       pool->name, pool->id, pool->owner_name, kp_consumer(), puts, gets);
}

unsigned long kpool_destroy(struct kpool *kpool)
{
	struct kp_pool *pool;
	long out;

	if (IS_ERR_OR_NULL(kpool))
		return 0;
	pool = to_pool(kpool);
	if (!may_destroy(pool, __func__, _RET_IP_))
		return ULONG_MAX;
	out = kp_destroy_begin(pool);
	if (out < 0) {
		say_destroyed_before(pool, __func__, _RET_IP_);
		return ULONG_MAX;
	}
	if (!out && !kp_census_doubt(pool)) {
		end(pool);
		return 0;
	}
	if (out) {
		pr_info("pool %s (id %u) destroyed with %ld objects in use\n", pool->name,
			pool->id, out);
		kp_holders_name_longest(pool);
	}
	detach(pool);
	return out ?: 1;
}
EXPORT_SYMBOL_GPL(kpool_destroy);

int kpool_destroy_sync(struct kpool *kpool, unsigned int timeout_ms)
{
	if (IS_ERR_OR_NULL(kpool))
		return 0;
	if (!may_destroy(to_pool(kpool), __func__, _RET_IP_))
		return -EINVAL;
	if (kp_destroy_begin(to_pool(kpool)) < 0) {
		say_destroyed_before(to_pool(kpool), __func__, _RET_IP_);
		return -EINVAL;
	}
	return kp_destroy_finish(to_pool(kpool), timeout_ms);
}
EXPORT_SYMBOL_GPL(kpool_destroy_sync);

/**
 * kp_destroy_begin() - the first half of kpool_destroy_sync(): make gets fail
 * @pool: the pool
 *
 * Context: process context, sleeps.
 * Return: how many objects are in use; -EALREADY if the pool is not live.
 */
long kp_destroy_begin(struct kp_pool *pool)
{
	long out = shut(pool);

	if (out >= 0)
		compare_sums(pool);
	return out;
}

/**
 * kp_destroy_finish() - the second half of kpool_destroy_sync(): wait for objects in use
 * @pool: the pool
 * @timeout_ms: as for kpool_destroy_sync()
 *
 * Context: process context, sleeps.
 * Return: 0, -ETIMEDOUT, or -EIO.
 */
int kp_destroy_finish(struct kp_pool *pool, unsigned int timeout_ms)
{
	long out = atomic_long_read(&pool->existing);

	if (timeout_ms)
		kpool_lockdep_wait(&pool->kpool);
	if (out)
		wait_var_event_timeout(&pool->existing, !atomic_long_read(&pool->existing),
				       msecs_to_jiffies(timeout_ms));
	out = atomic_long_read(&pool->existing);
	if (!out && kp_census_doubt(pool)) {
		detach(pool);
		return -EIO;
	}
	if (!out) {
		end(pool);
		return 0;
	}
	/* A process can cause this in such a pool, so it is no reason for a WARN. */
	if (pool->ownership.user_held)
		pr_notice("%s (id %u): %ld objects were not put within %u ms, mapped only %ld\n",
			  pool->name, pool->id, out, timeout_ms,
			  atomic_long_read(&pool->mapped_only));
	else
		WARN(1, "kpool: %s (id %u): %ld objects were not put within %u ms\n", pool->name,
		     pool->id, out, timeout_ms);
	kp_holders_name_longest(pool);
	if (!pool->ownership.own_ops)
		orphan(pool);
	detach(pool);
	return -ETIMEDOUT;
}

unsigned long kpool_trim(struct kpool *kpool)
{
	struct kp_pool *pool = to_pool(kpool);
	unsigned long n;

	might_sleep();
	if (!kp_enter(pool))
		return 0;
	kp_defer_start(pool);
	n = kp_trim(pool);
	kp_defer_sync_killable(pool, false);
	kp_leave(pool);
	return n;
}
EXPORT_SYMBOL_GPL(kpool_trim);

const char *kpool_name(const struct kpool *kpool)
{
	return container_of(kpool, const struct kp_pool, kpool)->name;
}
EXPORT_SYMBOL_GPL(kpool_name);
