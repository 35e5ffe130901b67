// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of sets of sized buffers: each class of a set is a pool. get.c has gets and puts, and
 * params.c checks the parameters of a set.
 */
#include <linux/instruction_pointer.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/wait_bit.h>

#include "base/budget.h"
#include "base/context.h"
#include "base/observer.h"
#include "base/params.h"
#include "base/work.h"
#include "object/debug.h"
#include "path/cache.h"
#include "policy/retune.h"
#include "pool.h"
#include "sized/limit.h"
#include "sized/oversize.h"
#include "sized/params.h"
#include "sized/set.h"
#include "sized/sets.h"
#include "store/account.h"

/* Each power of two from 64 bytes to 1 MiB. */
static const struct kpool_sized_class default_classes[] = {
	{ .size = SZ_64 }, { .size = SZ_128 }, { .size = SZ_256 }, { .size = SZ_512 },
	{ .size = SZ_1K }, { .size = SZ_2K }, { .size = SZ_4K }, { .size = SZ_8K },
	{ .size = SZ_16K }, { .size = SZ_32K }, { .size = SZ_64K }, { .size = SZ_128K },
	{ .size = SZ_256K }, { .size = SZ_512K }, { .size = SZ_1M },
};

/* Larger buffers may come from vmalloc(), if there are not enough contiguous pages. */
#define CONTIGUOUS_MOST		SZ_64K

static void set_classes(struct kp_sized *s, const struct kpool_sized_params *p)
{
	struct kpool_sized *set = &s->set;
	unsigned int i, order, class = 0;

	s->nr_classes = p->nr_classes;
	for (i = 0; i < p->nr_classes; i++) {
		set->class[i].size = p->classes[i].size;
		set->class[i].figures = &set->figures->class[i];
		set->class[i].number = i;
		s->classes[i] = (struct kp_sized_class){
			.set = s, .number = i, .size = p->classes[i].size,
		};
	}
	set->class[i].size = SIZE_MAX;
	set->class[i].cpu = s->gate;
	set->class[i].number = i;
	/* The smallest size of an order is half of the order's largest size, plus 1. */
	for (order = 0; order < BITS_PER_LONG; order++) {
		while (set->class[class].size < (order ? (1UL << (order - 1)) + 1 : 1))
			class++;
		set->first[order] = &set->class[class];
	}
	/* Size 0. The largest sizes have this order, too: they need kpool_sized_search(). */
	set->first[BITS_PER_LONG] = &set->class[0];
}

/* The alignment that kmalloc() gives at least. */
static size_t align_of(unsigned int size)
{
	if (size >= PAGE_SIZE)
		return PAGE_SIZE;
	return max_t(size_t, 1UL << __ffs(size), ARCH_KMALLOC_MINALIGN);
}

/*
 * Called when a class's pool has ended. Its memory stays for a grace period more. So a wrong put
 * that names the class can still look at the cache that was there.
 */
static void class_gone(const struct kp_class_link *link)
{
	struct kp_sized *s = link->set;

	WRITE_ONCE(s->set.class[link->number].cpu, s->gate);
	RCU_INIT_POINTER(s->classes[link->number].pool, NULL);
	kp_sized_unref(s, 1);
}

/* Called when the checks of a class have begun or ended. */
static void class_debugged(const struct kp_class_link *link, bool on)
{
	unsigned long *debugged = &link->set->debugged, bit = BIT(link->number);

	WRITE_ONCE(*debugged, on ? *debugged | bit : *debugged & ~bit);
}

/* As rx-512, rx-2K, rx-1M. A size that is no whole number of KiB or MiB keeps its digits. */
static void name_class(char name[KPOOL_NAME_LEN], const char *set, unsigned int size)
{
	static const char * const units[] = { "", "K", "M" };
	unsigned int unit = 0;

	for (; size % SZ_1K == 0 && unit < ARRAY_SIZE(units) - 1; unit++)
		size /= SZ_1K;
	snprintf(name, KPOOL_NAME_LEN, "%s-%u%s", set, size, units[unit]);
}

/* The parameters of a class's pool, without its name. */
static struct kpool_params params_of(struct kp_sized *s, const struct kpool_sized_params *p,
				     unsigned int i)
{
	const struct kpool_sized_class *class = &p->classes[i];
	struct kpool_params params = {
		.size = class->size,
		.align = align_of(class->size),
		.node = p->node,
		.zone = p->zone,
		.flags = p->flags,
		.magazine = class->magazine,
		.min_idle = class->min_idle,
		.max_idle = class->max_idle,
		.max = class->max,
		.reserve = class->reserve,
		.idle_ms = p->idle_ms,
		.lifetime_ms = p->lifetime_ms,
		.usersize = class->size,
		.ctx = &s->classes[i],
	};

	if (class->size > CONTIGUOUS_MOST && !p->zone)
		params.flags |= KPOOL_KVMALLOC;
	if (!kp_can_be_carved(class->size))
		params.flags &= ~KPOOL_HUGE_PAGES;
	if (params.flags & KPOOL_ZERO_ON_PUT)
		params.wipe_size = class->size;
	return params;
}

static int create_class(struct kp_sized *s, const struct kpool_sized_params *p, unsigned int i,
			struct module *owner)
{
	struct kpool_params params = params_of(s, p, i);
	char name[KPOOL_NAME_LEN];
	const struct kp_class_link link = {
		.set = s,
		.gone = class_gone,
		.debugged = class_debugged,
		.budget = p->max_idle_bytes ? &s->budget : NULL,
		.records = &s->records,
		.number = i,
		.magazine_share = s->shares[i].bytes,
		.floor = kp_sized_floor(&p->classes[i]),
	};
	struct kpool *pool;

	name_class(name, s->name, params.size);
	params.name = name;
	refcount_inc(&s->refs);
	pool = kp_create(&params, owner, &link, (struct kp_ownership){ .own_ops = true });
	if (IS_ERR(pool)) {
		refcount_dec(&s->refs);
		return PTR_ERR(pool);
	}
	/* Code that lists sets may see this one before all its classes are there. */
	rcu_assign_pointer(s->classes[i].pool, pool);
	/* Checked puts need no cache: each one goes out of line. */
	s->set.class[i].cpu = s->flags & KPOOL_DEBUG ? s->gate : pool->cpu;
	return 0;
}

static void sized_release(struct work_struct *work)
{
	struct kp_sized *s = container_of(to_rcu_work(work), struct kp_sized, release);

	irq_work_sync(&s->irq_work);
	cancel_work_sync(&s->work);
	kp_budget_exit(&s->budget);
	kp_records_exit(&s->records);
	kp_account_put(s->memcg);
	free_percpu(s->set.figures);
	free_percpu(s->gate);
	kfree(s);
}

/* The last reference is gone: all classes have ended, and no oversize buffer is in use. */
static void sized_end(struct kp_sized *s)
{
	kp_tell_set_removing(s);
	kp_registry_remove_set(s);
	queue_rcu_work(kpool_wq, &s->release);
	module_put(THIS_MODULE);
}

static void sized_end_work(struct work_struct *work)
{
	sized_end(container_of(work, struct kp_sized, end));
}

/* Shares max_idle_bytes out, as long as nothing is known of the use of classes. */
static void share_out(struct kp_sized *s, const struct kpool_sized_params *p)
{
	struct kpool_params params;
	unsigned int i;

	for (i = 0; i < s->nr_classes; i++) {
		params = params_of(s, p, i);
		s->shares[i] = (struct kp_share){
			.size = params.size,
			.least = params.magazine,
			.wanted = kp_magazine_of_class(&params),
		};
	}
	kp_sized_limit_init(s);
}

static struct kp_sized *sized_alloc(const struct kpool_sized_params *p, struct module *owner)
{
	struct kp_sized *s;
	int cpu;

	s = kzalloc(sizeof(*s), GFP_KERNEL);
	if (!s)
		return NULL;
	s->gate = alloc_percpu(struct kpool_cpu);
	s->set.figures = alloc_percpu(struct kpool_sized_cpu);
	if (!s->gate || !s->set.figures) {
		free_percpu(s->set.figures);
		free_percpu(s->gate);
		kfree(s);
		return NULL;
	}
	for_each_possible_cpu(cpu)
		kp_cache_init(per_cpu_ptr(s->gate, cpu), KPOOL_CPU_SPECIAL);
	strscpy(s->name, p->name, sizeof(s->name));
	if (owner)
		strscpy(s->owner_name, owner->name, sizeof(s->owner_name));
	s->flags = p->flags;
	s->node = p->flags & KPOOL_ON_NODE ? p->node : NUMA_NO_NODE;
	s->zone = p->zone;
	s->memcg = kp_account_get(p->flags);
	kp_alloc_line_record(&s->line);
	if (kp_debug_wanted() && !(p->flags & KPOOL_ANYCTX))
		s->flags |= KPOOL_DEBUG;
	if (s->flags & KPOOL_DEBUG)
		s->debugged = GENMASK(p->nr_classes - 1, 0);
	s->max_idle_bytes = p->max_idle_bytes;
	s->has_budget = p->max_idle_bytes;
	s->floor_bytes = kp_sized_floor_bytes(p);
	mutex_init(&s->limit_lock);
	refcount_set(&s->refs, 1);
	kp_oversize_init(s);
	INIT_WORK(&s->end, sized_end_work);
	INIT_RCU_WORK(&s->release, sized_release);
	kp_records_init(&s->records);
	set_classes(s, p);
	kp_budget_init(&s->budget, p->nr_classes, kp_sized_budget_work);
	if (s->has_budget)
		share_out(s, p);
	return s;
}

static bool abi_matches(const struct kpool_sized_abi *theirs)
{
	const struct kpool_sized_abi ours = KPOOL_SIZED_ABI_HERE;

	if (!kp_abi_matches(theirs->pool))
		return false;
	if (!memcmp(&ours, theirs, sizeof(ours)))
		return true;
	pr_err_ratelimited("cannot create a set: the caller was built against headers of another kpool\n");
	return false;
}

/* Refuses gets. Returns how many buffers are in use. */
static unsigned long end_classes(struct kp_sized *s)
{
	unsigned long out = 0;
	unsigned int i;

	for (i = 0; i < s->nr_classes; i++)
		out += kpool_destroy(kp_class_pool(s, i));
	return out;
}

/* When this returns, nothing of the set is visible any more, unless buffers are in use. */
static void last_unref(struct kp_sized *s)
{
	kp_oversize_sync(s);
	if (refcount_dec_and_test(&s->refs))
		sized_end(s);
}

/**
 * __kpool_sized_create() - out-of-line part of kpool_sized_create()
 * @params: as for kpool_sized_create()
 * @owner: the module that uses the set
 * @abi: numbers and sizes from the caller's headers
 *
 * Context: process context, sleeps.
 * Return: as kpool_sized_create().
 */
struct kpool_sized *__kpool_sized_create(const struct kpool_sized_params *params,
					 struct module *owner, struct kpool_sized_abi abi)
{
	struct kpool_sized_params p;
	struct kp_sized *s;
	unsigned int i;
	int err;

	might_sleep();
	if (!abi_matches(&abi))
		return ERR_PTR(-EINVAL);
	p = *params;
	if (!p.classes && !p.nr_classes) {
		p.classes = default_classes;
		p.nr_classes = ARRAY_SIZE(default_classes);
	}
	err = kp_sized_params_check(&p);
	if (err)
		return ERR_PTR(err);
	s = sized_alloc(&p, owner);
	if (!s)
		return ERR_PTR(-ENOMEM);
	__module_get(THIS_MODULE);
	err = kp_registry_reserve_set(s);
	/* Others can change the limit from here on. They wait until each class has its share. */
	mutex_lock(&s->limit_lock);
	for (i = 0; i < p.nr_classes && !err; i++)
		err = create_class(s, &p, i, owner);
	mutex_unlock(&s->limit_lock);
	if (err) {
		kp_registry_free_set_name(s);
		end_classes(s);
		last_unref(s);
		return ERR_PTR(err);
	}
	kp_tell_set_added(s);
	return &s->set;
}
EXPORT_SYMBOL_GPL(__kpool_sized_create);

/*
 * May this call end the set? If so, nobody finds the set by its name any more. If not, it logs a
 * message.
 */
static bool may_destroy(struct kp_sized *s, const char *call, unsigned long caller)
{
	if (!kp_registry_has_set(s)) {
		pr_err_ratelimited("%s() by %pS refused: no such set, perhaps destroyed before\n",
				   call, (void *)caller);
		return false;
	}
	if (kp_is_atomic()) {
		pr_err_ratelimited("set %s (id %u): %s() by %pS refused: it sleeps, and the context is atomic\n",
				   s->name, s->id, call, (void *)caller);
		return false;
	}
	might_sleep();
	if (kp_registry_free_set_name(s))
		return true;
	pr_err_ratelimited("set %s (id %u): %s() by %pS refused: destroyed before\n", s->name,
			   s->id, call, (void *)caller);
	return false;
}

unsigned long kpool_sized_destroy(struct kpool_sized *set)
{
	unsigned long out, oversize;
	struct kp_sized *s;

	if (IS_ERR_OR_NULL(set))
		return 0;
	s = to_sized(set);
	if (!may_destroy(s, __func__, _RET_IP_))
		return ULONG_MAX;
	out = end_classes(s);
	kp_oversize_sync(s);
	oversize = atomic_long_read(&s->oversize_out);
	if (oversize)
		pr_info("set %s (id %u) destroyed with %lu buffers of oversize in use\n", s->name,
			s->id, oversize);
	last_unref(s);
	return out + oversize;
}
EXPORT_SYMBOL_GPL(kpool_sized_destroy);

static unsigned long left_until(unsigned long deadline)
{
	unsigned long now = jiffies;

	return time_before(now, deadline) ? deadline - now : 0;
}

int kpool_sized_destroy_sync(struct kpool_sized *set, unsigned int timeout_ms)
{
	unsigned long deadline = jiffies + msecs_to_jiffies(timeout_ms);
	struct kp_sized *s;
	unsigned int i;
	int err = 0;
	long out;

	if (IS_ERR_OR_NULL(set))
		return 0;
	s = to_sized(set);
	if (!may_destroy(s, __func__, _RET_IP_))
		return -EINVAL;
	/* All classes at once: a task with buffers of one class may wait for another class. */
	for (i = 0; i < s->nr_classes; i++)
		kp_destroy_begin(to_pool(kp_class_pool(s, i)));
	for (i = 0; i < s->nr_classes; i++)
		err = kp_destroy_finish(to_pool(kp_class_pool(s, i)),
					jiffies_to_msecs(left_until(deadline))) ?: err;
	kp_oversize_sync(s);
	wait_var_event_timeout(&s->oversize_out, !atomic_long_read(&s->oversize_out),
			       left_until(deadline));
	out = atomic_long_read(&s->oversize_out);
	if (out) {
		WARN(1, "kpool: set %s (id %u): %ld buffers of oversize were not put within %u ms\n",
		     s->name, s->id, out, timeout_ms);
		err = -ETIMEDOUT;
	}
	last_unref(s);
	return err;
}
EXPORT_SYMBOL_GPL(kpool_sized_destroy_sync);

unsigned long kpool_sized_trim(struct kpool_sized *set)
{
	struct kp_sized *s = to_sized(set);
	unsigned int i = s->nr_classes;
	unsigned long n = 0;

	while (i--)
		n += kpool_trim(kp_class_pool(s, i));
	return n;
}
EXPORT_SYMBOL_GPL(kpool_sized_trim);
