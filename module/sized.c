// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sets of pools of buffers, one for each class of sizes: their life, and the slow half
 * of gets and puts.
 */
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/wait_bit.h>

#include "observer.h"
#include "sized.h"

/* Each power of two from 64 bytes to 1 MiB. */
static const struct kpool_sized_class default_classes[] = {
	{ .size = SZ_64 }, { .size = SZ_128 }, { .size = SZ_256 }, { .size = SZ_512 },
	{ .size = SZ_1K }, { .size = SZ_2K }, { .size = SZ_4K }, { .size = SZ_8K },
	{ .size = SZ_16K }, { .size = SZ_32K }, { .size = SZ_64K }, { .size = SZ_128K },
	{ .size = SZ_256K }, { .size = SZ_512K }, { .size = SZ_1M },
};

/* From so many bytes on, vmalloc() does where there are not enough pages in one piece. */
#define CONTIGUOUS_MOST		SZ_64K

#define KNOWN_FLAGS	(KPOOL_ZERO_ON_PUT | KPOOL_BYPASS | KPOOL_ANYCTX | KPOOL_ON_NODE | \
			 KPOOL_BEYOND_MAX)

#define refuse(p, fmt, ...) ({							\
	pr_err_ratelimited("cannot create set %.*s: " fmt "\n",			\
			   KPOOL_SIZED_NAME_LEN, (p)->name ?: "(no name)", ##__VA_ARGS__);	\
	-EINVAL;								\
})

static int check_classes(const struct kpool_sized_params *p)
{
	unsigned int i, size, before = 0;

	if (!p->nr_classes || p->nr_classes > KPOOL_SIZED_CLASSES)
		return refuse(p, "nr_classes: %u, 1 to %d are possible", p->nr_classes,
			      KPOOL_SIZED_CLASSES);
	for (i = 0; i < p->nr_classes; i++) {
		size = p->classes[i].size;
		if (size < KPOOL_SIZED_LEAST || size > KPOOL_SIZED_MOST)
			return refuse(p, "classes[%u]: size: %u bytes, %d to %d are possible", i,
				      size, KPOOL_SIZED_LEAST, KPOOL_SIZED_MOST);
		if (size <= before)
			return refuse(p, "classes[%u]: size: %u bytes after %u, not ascending", i,
				      size, before);
		before = size;
	}
	return 0;
}

/* Objects in a magazine, so that those of all CPUs stay within the class's share of one half. */
static unsigned int magazine_most(const struct kpool_sized_params *p, unsigned int class)
{
	size_t share = p->max_idle_bytes / 2 / p->nr_classes;

	if (!p->max_idle_bytes)
		return UINT_MAX;
	return min_t(size_t, UINT_MAX, share / p->classes[class].size / 2 / num_possible_cpus());
}

/* Buffers of a class that there is always room for. */
static unsigned int floor_of(const struct kpool_sized_class *class)
{
	return max(class->min_idle, class->reserve);
}

/* What is always idle has to fit in beside what magazines may have. */
static int check_bytes(const struct kpool_sized_params *p)
{
	u64 least = 0;
	unsigned int i;

	if (!p->max_idle_bytes)
		return 0;
	if (p->max_idle_bytes > LONG_MAX)
		return refuse(p, "max_idle_bytes: %zu bytes, at most %ld are possible",
			      p->max_idle_bytes, LONG_MAX);
	for (i = 0; i < p->nr_classes; i++) {
		if (p->classes[i].magazine > magazine_most(p, i))
			return refuse(p, "classes[%u]: magazine: %u, max_idle_bytes allows %u",
				      i, p->classes[i].magazine, magazine_most(p, i));
		least += (u64)p->classes[i].size * floor_of(&p->classes[i]);
	}
	if (least > p->max_idle_bytes / 2)
		return refuse(p, "max_idle_bytes: %zu, min_idle and reserve want %llu of one half",
			      p->max_idle_bytes, least);
	return 0;
}

static int check_params(const struct kpool_sized_params *p)
{
	unsigned int unknown = p->flags & ~KNOWN_FLAGS;

	if (!p->name || !*p->name)
		return refuse(p, "name: there is none");
	if (strnlen(p->name, KPOOL_SIZED_NAME_LEN) == KPOOL_SIZED_NAME_LEN)
		return refuse(p, "name: longer than %d characters", KPOOL_SIZED_NAME_LEN - 1);
	if (unknown)
		return refuse(p, "flags: %#x is not for a set", unknown);
	if (p->check_puts && p->flags & KPOOL_ANYCTX)
		return refuse(p, "check_puts: not with KPOOL_ANYCTX, as the log takes locks");
	return check_classes(p) ?: check_bytes(p);
}

static void set_classes(struct sized *s, const struct kpool_sized_params *p)
{
	struct kpool_sized *set = &s->set;
	unsigned int i, order, class = 0;

	s->nr_classes = p->nr_classes;
	for (i = 0; i < p->nr_classes; i++) {
		set->size[i] = p->classes[i].size;
		s->classes[i] = (struct sized_class){
			.set = s, .number = i, .size = p->classes[i].size,
		};
	}
	set->size[i] = SIZE_MAX;
	set->cpu[i] = s->gate;
	/* The least size of an order is 1 more than half of the largest. */
	for (order = 0; order < BITS_PER_LONG; order++) {
		while (set->size[class] < (order ? (1UL << (order - 1)) + 1 : 1))
			class++;
		set->first[order] = class;
	}
	/* No bytes at all; what is so large as to be of this order, too, is searched for. */
	set->first[BITS_PER_LONG] = 0;
}

/* The smallest alignment that kmalloc() would give. */
static size_t align_of(unsigned int size)
{
	if (size >= PAGE_SIZE)
		return PAGE_SIZE;
	return max_t(size_t, 1UL << __ffs(size), ARCH_KMALLOC_MINALIGN);
}

/* Gives references back; the set may be gone afterwards. Context: any but NMI. */
void kp_sized_unref(struct sized *s, int n)
{
	if (refcount_sub_and_test(n, &s->refs))
		queue_work(kpool_wq, &s->end);
}

/* A class's pool has ended. Context: process context, sleeps. */
static void class_gone(const struct kp_member *member)
{
	struct sized *s = member->set;

	mutex_lock(&s->lock);
	s->classes[member->number].pool = NULL;
	mutex_unlock(&s->lock);
	kp_sized_unref(s, 1);
}

static int create_class(struct sized *s, const struct kpool_sized_params *p, unsigned int i,
			struct module *owner)
{
	const struct kpool_sized_class *class = &p->classes[i];
	char name[KPOOL_NAME_LEN];
	struct kpool_params params = {
		.name = name,
		.size = class->size,
		.align = align_of(class->size),
		.node = p->node,
		.flags = p->flags,
		.magazine = class->magazine,
		.min_idle = class->min_idle,
		.max_idle = class->max_idle,
		.max = class->max,
		.reserve = class->reserve,
		.idle_ms = p->idle_ms,
		.usersize = class->size,
		.ctx = &s->classes[i],
	};
	const struct kp_member member = {
		.set = s,
		.gone = class_gone,
		.bytes = p->max_idle_bytes ? &s->bytes : NULL,
		.number = i,
		.own_ops = true,
		.magazine_most = magazine_most(p, i),
		.floor = floor_of(class),
	};
	struct kpool *pool;

	snprintf(name, sizeof(name), "%s-%u", s->name, class->size);
	if (class->size > CONTIGUOUS_MOST)
		params.flags |= KPOOL_KVMALLOC;
	if (s->check) {
		params.ops = &kp_check_ops;
		/* Pools without a constructor do so of their own accord. */
		if (want_init_on_free())
			params.flags |= KPOOL_ZERO_ON_PUT;
	}
	if (params.flags & KPOOL_ZERO_ON_PUT)
		params.wipe_size = class->size;
	refcount_inc(&s->refs);
	pool = kp_create(&params, owner, &member);
	if (IS_ERR(pool)) {
		refcount_dec(&s->refs);
		return PTR_ERR(pool);
	}
	/* Whoever lists sets may see this one before it is complete. */
	mutex_lock(&s->lock);
	s->classes[i].pool = pool;
	mutex_unlock(&s->lock);
	s->set.cpu[i] = s->check ? s->gate : pool->cpu;
	return 0;
}

static void sized_release(struct work_struct *work)
{
	struct sized *s = container_of(to_rcu_work(work), struct sized, release);

	irq_work_sync(&s->irq_work);
	cancel_work_sync(&s->work);
	kp_bytes_exit(&s->bytes);
	kp_check_exit(s);
	free_percpu(s->set.figures);
	free_percpu(s->gate);
	kfree(s);
}

/* The last reference is gone: all classes have ended, and nothing of oversize is out. */
static void sized_end(struct sized *s)
{
	kp_tell_set_removing(s);
	kp_registry_remove_set(s);
	queue_rcu_work(kpool_wq, &s->release);
	module_put(THIS_MODULE);
}

static void sized_end_work(struct work_struct *work)
{
	sized_end(container_of(work, struct sized, end));
}

static struct sized *sized_alloc(const struct kpool_sized_params *p, struct module *owner)
{
	struct sized *s;
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
		per_cpu_ptr(s->gate, cpu)->state = KPOOL_CPU_SPECIAL;
	strscpy(s->name, p->name, sizeof(s->name));
	if (owner)
		strscpy(s->owner_name, owner->name, sizeof(s->owner_name));
	s->flags = p->flags;
	s->node = p->flags & KPOOL_ON_NODE ? p->node : NUMA_NO_NODE;
	s->check = p->check_puts || (kp_check_wanted() && !(p->flags & KPOOL_ANYCTX));
	/* Wiping has to know how much. */
	s->records_oversize = s->check || p->flags & KPOOL_ZERO_ON_PUT;
	s->max_idle_bytes = p->max_idle_bytes;
	refcount_set(&s->refs, 1);
	mutex_init(&s->lock);
	kp_oversize_init(s);
	INIT_WORK(&s->end, sized_end_work);
	INIT_RCU_WORK(&s->release, sized_release);
	xa_init_flags(&s->records, XA_FLAGS_LOCK_IRQ);
	set_classes(s, p);
	kp_bytes_init(&s->bytes, p->nr_classes, p->max_idle_bytes ? p->max_idle_bytes : LONG_MAX,
		      kp_sized_make_room);
	return s;
}

/* What CPUs' magazines can hold is set aside, also after kpool_retune(), and the floors. */
static void set_bytes_aside(struct sized *s)
{
	long most = s->max_idle_bytes;
	const struct pool *pool;
	unsigned long buffers;
	unsigned int i;

	if (!most)
		return;
	for (i = 0; i < s->nr_classes; i++) {
		pool = to_pool(s->classes[i].pool);
		buffers = 2UL * num_possible_cpus() *
			  min(pool->container, pool->member.magazine_most);
		most -= (buffers + pool->member.floor) * pool->size;
	}
	WRITE_ONCE(s->bytes.most, most);
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

/* Refuses gets. Nobody finds it by its name any more. */
static void end_classes(struct sized *s)
{
	unsigned int i;

	kp_registry_free_set_name(s);
	for (i = 0; i < s->nr_classes; i++)
		kpool_destroy(s->classes[i].pool);
}

/* All of it that can be seen is gone when this returns, unless something is out. */
static void last_unref(struct sized *s)
{
	kp_oversize_sync(s);
	if (refcount_dec_and_test(&s->refs))
		sized_end(s);
}

/**
 * __kpool_sized_create() - what kpool_sized_create() calls
 * @params: as for kpool_sized_create()
 * @owner: the module that it is for
 * @abi: what the caller's headers say
 *
 * Context: process context, sleeps.
 * Return: as kpool_sized_create().
 */
struct kpool_sized *__kpool_sized_create(const struct kpool_sized_params *params,
					 struct module *owner, struct kpool_sized_abi abi)
{
	struct kpool_sized_params p;
	struct sized *s;
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
	err = check_params(&p);
	if (err)
		return ERR_PTR(err);
	s = sized_alloc(&p, owner);
	if (!s)
		return ERR_PTR(-ENOMEM);
	__module_get(THIS_MODULE);
	err = kp_registry_reserve_set(s);
	for (i = 0; i < p.nr_classes && !err; i++)
		err = create_class(s, &p, i, owner);
	if (err) {
		end_classes(s);
		last_unref(s);
		return ERR_PTR(err);
	}
	set_bytes_aside(s);
	kp_tell_set_added(s);
	return &s->set;
}
EXPORT_SYMBOL_GPL(__kpool_sized_create);

/**
 * kpool_sized_destroy() - end a set
 * @set: the set; NULL and an ERR_PTR are ignored
 *
 * As kpool_destroy() for each class. The set lives on until the last of its buffers is
 * put, those of oversize too.
 *
 * Context: process context, sleeps.
 */
void kpool_sized_destroy(struct kpool_sized *set)
{
	struct sized *s;
	long out;

	might_sleep();
	if (IS_ERR_OR_NULL(set))
		return;
	s = to_sized(set);
	end_classes(s);
	kp_oversize_sync(s);
	out = atomic_long_read(&s->oversize_out);
	if (out)
		pr_info("set %s (id %u) destroyed with %ld buffers of oversize in use\n", s->name,
			s->id, out);
	last_unref(s);
}
EXPORT_SYMBOL_GPL(kpool_sized_destroy);

static unsigned long left_until(unsigned long deadline)
{
	unsigned long now = jiffies;

	return time_before(now, deadline) ? deadline - now : 0;
}

/**
 * kpool_sized_destroy_sync() - end a set, and wait for its buffers
 * @set: the set; NULL and an ERR_PTR are ignored
 * @timeout_ms: how long to wait for them, all together, in milliseconds
 *
 * As kpool_destroy_sync() for each class, with one deadline.
 *
 * Context: process context, sleeps.
 * Return: 0, or -ETIMEDOUT.
 */
int kpool_sized_destroy_sync(struct kpool_sized *set, unsigned int timeout_ms)
{
	unsigned long deadline = jiffies + msecs_to_jiffies(timeout_ms);
	struct sized *s;
	unsigned int i;
	int err = 0;
	long out;

	might_sleep();
	if (IS_ERR_OR_NULL(set))
		return 0;
	s = to_sized(set);
	kp_registry_free_set_name(s);
	/* All at once: who has buffers of one class may wait for one of another. */
	for (i = 0; i < s->nr_classes; i++)
		kp_destroy_begin(to_pool(s->classes[i].pool));
	for (i = 0; i < s->nr_classes; i++)
		if (kp_destroy_finish(to_pool(s->classes[i].pool),
				      jiffies_to_msecs(left_until(deadline))))
			err = -ETIMEDOUT;
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

/**
 * kpool_sized_trim() - tear down all that is idle, the largest first
 * @set: the set
 *
 * As kpool_trim() for each class.
 *
 * Context: process context, sleeps.
 * Return: how many buffers were torn down.
 */
unsigned long kpool_sized_trim(struct kpool_sized *set)
{
	struct sized *s = to_sized(set);
	unsigned int i = s->nr_classes;
	unsigned long n = 0;

	while (i--)
		n += kpool_trim(s->classes[i].pool);
	return n;
}
EXPORT_SYMBOL_GPL(kpool_sized_trim);

/**
 * kpool_sized_search() - the class for a size
 * @set: the set
 * @size: bytes
 *
 * Where the order of the size does not tell: for lists that are not powers of two.
 *
 * Context: any.
 * Return: number of the smallest class that is large enough; that after the last, for more.
 */
unsigned int kpool_sized_search(const struct kpool_sized *set, size_t size)
{
	unsigned int least = 0, most = to_sized(set)->nr_classes, middle;

	while (least < most) {
		middle = (least + most) / 2;
		if (set->size[middle] < size)
			least = middle + 1;
		else
			most = middle;
	}
	return least;
}
EXPORT_SYMBOL_GPL(kpool_sized_search);

/**
 * kpool_sized_size() - how large a buffer would be
 * @set: the set
 * @size: bytes that are needed
 *
 * Context: any.
 * Return: capacity in bytes of a buffer that a get of @size gives.
 */
size_t kpool_sized_size(const struct kpool_sized *set, size_t size)
{
	unsigned int class = __kpool_sized_class(set, size);

	return class < to_sized(set)->nr_classes ? set->size[class] : kp_oversize_size(size);
}
EXPORT_SYMBOL_GPL(kpool_sized_size);

/* Which class of requests a size is of; see kpool_sized_bucket(). */
static unsigned int bucket_of(size_t size)
{
	unsigned int order;

	if (size > KPOOL_SIZED_MOST)
		return KPOOL_SIZED_BUCKETS - 1;
	if (size <= 8)
		return max_t(size_t, size, 1) - 1;
	order = fls_long(size - 1);
	return 8 + 8 * (order - 4) + ((size - 1) >> (order - 4)) - 8;
}

/**
 * kpool_sized_sample() - count a request by its size
 * @set: the set
 * @size: bytes
 *
 * Context: any.
 */
void kpool_sized_sample(struct kpool_sized *set, size_t size)
{
	this_cpu_inc(set->figures->sizes[bucket_of(size)]);
}
EXPORT_SYMBOL_GPL(kpool_sized_sample);

/* Gets that were no hits of a class's cache are counted here. */
static void count_gets(struct sized *s, unsigned int class, size_t size, unsigned int n)
{
	struct kpool_sized_cpu __percpu *figures = s->set.figures;
	unsigned long before, after;

	if (class < s->nr_classes) {
		this_cpu_add(figures->asked_outside[class], size * n);
		this_cpu_add(figures->gets_outside[class], n);
	} else {
		atomic64_add(n, &s->oversize_gets);
		atomic64_add(size * n, &s->oversize_bytes);
		atomic64_add(kp_oversize_size(size) * n, &s->oversize_given);
	}
	after = this_cpu_add_return(figures->outside, n);
	before = after - n;
	if (after / KPOOL_SIZED_SAMPLE != before / KPOOL_SIZED_SAMPLE)
		kpool_sized_sample(&s->set, size);
}

/**
 * kpool_sized_get_slow() - what kpool_sized_get() calls where it cannot go on inline
 * @set: the set
 * @class: number of the size's class
 * @size: as for kpool_sized_get()
 * @gfp: as for kpool_sized_get()
 *
 * Context: as for kpool_sized_get().
 * Return: as kpool_sized_get().
 */
void *kpool_sized_get_slow(struct kpool_sized *set, unsigned int class, size_t size, gfp_t gfp)
{
	struct sized *s = to_sized(set);
	void *buf;

	if (class < s->nr_classes)
		buf = kpool_get(s->classes[class].pool, gfp & ~__GFP_ZERO);
	else
		buf = kp_oversize_get(s, size, gfp);
	if (IS_ERR(buf))
		return buf;
	count_gets(s, class, size, 1);
	if (s->check)
		kp_check_got(s, buf);
	if (gfp & __GFP_ZERO && class < s->nr_classes)
		memset(buf, 0, set->size[class]);
	return buf;
}
EXPORT_SYMBOL_GPL(kpool_sized_get_slow);

/**
 * kpool_sized_get_waiting() - what the timed gets call where they cannot go on inline
 * @set: the set
 * @class: number of the size's class
 * @size: as for kpool_sized_get_timeout()
 * @gfp: as for kpool_sized_get_timeout()
 * @timeout: as for kpool_sized_get_timeout()
 * @state: of the task while it waits
 *
 * Context: process context, sleeps.
 * Return: as kpool_sized_get_timeout().
 */
void *kpool_sized_get_waiting(struct kpool_sized *set, unsigned int class, size_t size, gfp_t gfp,
			      long timeout, unsigned int state)
{
	struct sized *s = to_sized(set);
	void *buf;

	if (class < s->nr_classes)
		buf = __kpool_get_waiting(s->classes[class].pool, gfp, timeout, state);
	else if (gfpflags_allow_blocking(gfp))
		buf = kp_oversize_get(s, size, gfp);
	else
		buf = ERR_PTR(-EINVAL);
	if (IS_ERR(buf))
		return buf;
	count_gets(s, class, size, 1);
	if (s->check)
		kp_check_got(s, buf);
	return buf;
}
EXPORT_SYMBOL_GPL(kpool_sized_get_waiting);

static void put_one(struct sized *s, unsigned int class, void *buf, size_t size,
		    unsigned long caller)
{
	if (s->check && !kp_check_put(s, buf, class, size, caller))
		return;
	if (class < s->nr_classes)
		kpool_put(s->classes[class].pool, buf);
	else
		kp_oversize_put(s, buf);
}

/**
 * kpool_sized_put_slow() - what the puts call where they cannot go on inline
 * @set: the set
 * @class: number of the buffer's class
 * @buf: the buffer
 * @size: as for kpool_sized_put()
 *
 * Context: as for kpool_sized_put().
 */
void kpool_sized_put_slow(struct kpool_sized *set, unsigned int class, void *buf, size_t size)
{
	put_one(to_sized(set), class, buf, size, _RET_IP_);
}
EXPORT_SYMBOL_GPL(kpool_sized_put_slow);

/* After a bulk get: counts it, if it has them. */
static int got_bulk(struct sized *s, unsigned int class, size_t size, void **bufs, unsigned int n,
		    int err)
{
	unsigned int i;

	if (err)
		return err;
	count_gets(s, class, size, n);
	for (i = 0; i < n && s->check; i++)
		kp_check_got(s, bufs[i]);
	return 0;
}

/**
 * kpool_sized_get_bulk() - get several buffers of a size, or none
 * @set: the set
 * @size: as for kpool_sized_get(), the same for each
 * @gfp: as for kpool_get_bulk(); with __GFP_ZERO all of the buffers are zeroed
 * @bufs: where they go, room for @n
 * @n: how many; 0 succeeds and does nothing
 *
 * Context: as for kpool_sized_get().
 * Return: as kpool_get_bulk().
 */
int kpool_sized_get_bulk(struct kpool_sized *set, size_t size, gfp_t gfp, void **bufs,
			 unsigned int n)
{
	unsigned int i, class = __kpool_sized_class(set, size);
	struct sized *s = to_sized(set);
	int err;

	if (class == s->nr_classes)
		return got_bulk(s, class, size, bufs, n,
				kp_oversize_get_bulk(s, size, gfp, bufs, n));
	err = got_bulk(s, class, size, bufs, n,
		       kpool_get_bulk(s->classes[class].pool, gfp & ~__GFP_ZERO, bufs, n));
	for (i = 0; i < n && !err && gfp & __GFP_ZERO; i++)
		memset(bufs[i], 0, set->size[class]);
	return err;
}
EXPORT_SYMBOL_GPL(kpool_sized_get_bulk);

/**
 * kpool_sized_get_bulk_waiting() - what the timed bulk gets call
 * @set: the set
 * @size: as for kpool_sized_get_bulk_timeout()
 * @gfp: as for kpool_sized_get_bulk_timeout()
 * @bufs: where they go, room for @n
 * @n: how many
 * @timeout: as for kpool_sized_get_bulk_timeout()
 * @state: of the task while it waits
 *
 * Context: process context, sleeps.
 * Return: as kpool_sized_get_bulk_timeout().
 */
int kpool_sized_get_bulk_waiting(struct kpool_sized *set, size_t size, gfp_t gfp, void **bufs,
				 unsigned int n, long timeout, unsigned int state)
{
	unsigned int class = __kpool_sized_class(set, size);
	struct sized *s = to_sized(set);
	int err;

	if (class == s->nr_classes)
		err = kp_oversize_get_bulk(s, size, gfp, bufs, n);
	else
		err = kpool_get_bulk_waiting(s->classes[class].pool, gfp, bufs, n, timeout,
					     state);
	return got_bulk(s, class, size, bufs, n, err);
}
EXPORT_SYMBOL_GPL(kpool_sized_get_bulk_waiting);

/**
 * kpool_sized_put_bulk() - put several buffers of a size back
 * @set: the set that they came from
 * @bufs: the buffers, none of them NULL
 * @n: how many; 0 does nothing
 * @size: as for kpool_sized_put(), the same for each
 *
 * Context: as for kpool_sized_put().
 */
void kpool_sized_put_bulk(struct kpool_sized *set, void **bufs, unsigned int n, size_t size)
{
	unsigned int i, class = __kpool_sized_class(set, size);
	struct sized *s = to_sized(set);

	if (class < s->nr_classes && !s->check) {
		kpool_put_bulk(s->classes[class].pool, bufs, n);
		return;
	}
	/* With the last one the set may go. */
	for (i = 0; i < n; i++)
		put_one(s, class, bufs[i], size, _RET_IP_);
}
EXPORT_SYMBOL_GPL(kpool_sized_put_bulk);
