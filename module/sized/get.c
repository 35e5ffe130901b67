// SPDX-License-Identifier: GPL-2.0-only
/*
 * The slow half of gets and puts of sized buffers. The inline half is in <linux/kpool_sized.h>;
 * oversize.c has buffers larger than the largest class.
 */
#include <linux/mm.h>
#include <linux/string.h>

#include "base/refusal.h"
#include "sized/debug.h"
#include "sized/oversize.h"
#include "sized/set.h"

/**
 * kpool_sized_search() - find the class for a size
 * @set: the set
 * @size: bytes
 *
 * For sizes whose order does not determine the class: lists of classes that are not powers of two.
 *
 * Context: any.
 * Return: the smallest class that is large enough. For a size larger than the largest class, the
 * place after the last class.
 */
const struct kpool_sized_class_hit *
kpool_sized_search(const struct kpool_sized *set, size_t size)
{
	unsigned int least = 0, most = to_sized(set)->nr_classes, middle;

	while (least < most) {
		middle = (least + most) / 2;
		if (set->class[middle].size < size)
			least = middle + 1;
		else
			most = middle;
	}
	return &set->class[least];
}
EXPORT_SYMBOL_GPL(kpool_sized_search);

size_t kpool_sized_size(const struct kpool_sized *set, size_t size)
{
	const struct kpool_sized_class_hit *class = __kpool_sized_class(set, size);

	return class->number < to_sized(set)->nr_classes ? class->size : kp_oversize_size(size);
}
EXPORT_SYMBOL_GPL(kpool_sized_size);

/* The bucket that counts requests of a size; see kpool_sized_bucket(). */
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

/* Counts gets that were no hits in a class's cache. */
/* data_race(): other CPUs read these with READ_ONCE(), for sums, which may be old. */
#define add_here(figure, n)	data_race(({ this_cpu_add(figure, n); 0; }))

static void count_gets(struct kp_sized *s, unsigned int class, size_t size, unsigned int n)
{
	struct kpool_sized_cpu __percpu *figures = s->set.figures;
	unsigned long after;

	if (class < s->nr_classes) {
		add_here(figures->class[class].asked_outside, size * n);
		add_here(figures->class[class].gets_outside, n);
	} else {
		atomic64_add(n, &s->oversize_gets);
		atomic64_add(size * n, &s->oversize_bytes);
		atomic64_add(kp_oversize_size(size) * n, &s->oversize_given);
	}
	/* Samples the first one, and then one in KPOOL_SIZED_SAMPLE, as the hits do. */
	after = data_race(this_cpu_add_return(figures->outside, n));	/* as in add_here() */
	if (DIV_ROUND_UP(after, KPOOL_SIZED_SAMPLE) != DIV_ROUND_UP(after - n, KPOOL_SIZED_SAMPLE))
		kpool_sized_sample(&s->set, size);
}

/*
 * After a get out of line: counts and zeroes the buffer, unless the get failed. Oversize buffers
 * are zeroed by the allocator.
 */
static void *got_one(struct kp_sized *s, unsigned int class, size_t size, gfp_t gfp, void *buf)
{
	if (IS_ERR(buf))
		return buf;
	count_gets(s, class, size, 1);
	if (gfp & __GFP_ZERO && class < s->nr_classes)
		memset(buf, 0, s->set.class[class].size);
	return buf;
}

/**
 * kpool_sized_get_slow() - out-of-line part of kpool_sized_get()
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
	struct kp_sized *s = to_sized(set);
	void *buf;

	if (class < s->nr_classes)
		buf = kpool_get(kp_class_pool(s, class), gfp & ~__GFP_ZERO);
	else
		buf = kp_oversize_get(s, size, gfp);
	return got_one(s, class, size, gfp, buf);
}
EXPORT_SYMBOL_GPL(kpool_sized_get_slow);

/* A get that waits refuses the same flags for each size, also where it never waits. */
static int check_oversize_waiting(const struct kp_sized *s, gfp_t gfp)
{
	if (gfpflags_allow_blocking(gfp))
		return 0;
	pr_err_ratelimited("set %s: a get by %pS waits, with gfp flags that may not\n",
			   s->name, kp_consumer());
	return -EINVAL;
}

/**
 * kpool_sized_get_waiting() - out-of-line part of the timed gets
 * @set: the set
 * @class: number of the size's class
 * @size: as for kpool_sized_get_timeout()
 * @gfp: as for kpool_sized_get_timeout()
 * @timeout_jiffies: as for kpool_sized_get_timeout()
 * @state: state of the task while it waits
 *
 * Context: process context, sleeps.
 * Return: as kpool_sized_get_timeout().
 */
void *kpool_sized_get_waiting(struct kpool_sized *set, unsigned int class, size_t size, gfp_t gfp,
			      long timeout_jiffies, unsigned int state)
{
	struct kp_sized *s = to_sized(set);
	void *buf;
	int err;

	if (class < s->nr_classes) {
		buf = __kpool_get_waiting(kp_class_pool(s, class), gfp & ~__GFP_ZERO,
					  timeout_jiffies, state);
	} else {
		err = check_oversize_waiting(s, gfp);
		buf = err ? ERR_PTR(err) : kp_oversize_get(s, size, gfp);
	}
	return got_one(s, class, size, gfp, buf);
}
EXPORT_SYMBOL_GPL(kpool_sized_get_waiting);

#ifdef CONFIG_PROVE_LOCKING
/**
 * kpool_sized_lockdep_wait() - kpool_lockdep_wait() for a class
 * @set: the set
 * @class: number of the class, or of none
 *
 * Context: process context, sleeps.
 */
void kpool_sized_lockdep_wait(struct kpool_sized *set, unsigned int class)
{
	if (class < to_sized(set)->nr_classes)
		kpool_lockdep_wait(kp_class_pool(to_sized(set), class));
}
EXPORT_SYMBOL_GPL(kpool_sized_lockdep_wait);

/**
 * kpool_sized_lockdep_got() - kpool_lockdep_got() for a class
 * @set: the set
 * @class: number of the class, or of none
 * @buf: the buffer
 *
 * Context: any.
 */
void kpool_sized_lockdep_got(struct kpool_sized *set, unsigned int class, void *buf)
{
	if (class < to_sized(set)->nr_classes)
		kpool_lockdep_got(kp_class_pool(to_sized(set), class), buf);
}
EXPORT_SYMBOL_GPL(kpool_sized_lockdep_got);

/**
 * kpool_sized_lockdep_put() - kpool_lockdep_put() for a class
 * @set: the set
 * @class: number of the class, or of none
 * @buf: the buffer
 *
 * If the set checks puts, kpool_put() tells lockdep, after the check.
 *
 * Context: any.
 */
void kpool_sized_lockdep_put(struct kpool_sized *set, unsigned int class, void *buf)
{
	if (class < to_sized(set)->nr_classes && !kp_sized_checks(to_sized(set)))
		kpool_lockdep_put(kp_class_pool(to_sized(set), class), buf);
}
EXPORT_SYMBOL_GPL(kpool_sized_lockdep_put);
#endif

/*
 * Built into the kernel, kpool tells its own functions from those of consumers by their names, see
 * kp_callers(). So the function between two calls of the API has such a name.
 */
static noinline void kpool_sized_put_debugged(struct kp_sized *s, unsigned int class, void *buf,
					      size_t size)
{
	rcu_read_lock();
	if (kp_sized_check_put(s, class, buf, size))
		kpool_put(rcu_dereference(s->classes[class].pool), buf);
	rcu_read_unlock();
}

static __always_inline void put_one(struct kp_sized *s, unsigned int class, void *buf, size_t size)
{
	if (class < s->nr_classes && unlikely(kp_sized_checks(s)))
		kpool_sized_put_debugged(s, class, buf, size);
	else if (class < s->nr_classes)
		kpool_put(kp_class_pool(s, class), buf);
	else
		kp_oversize_put(s, buf, size);
}

/**
 * kpool_sized_put_slow() - out-of-line part of the puts
 * @set: the set
 * @class: number of the buffer's class
 * @buf: the buffer
 * @size: as for kpool_sized_put()
 *
 * Context: as for kpool_sized_put().
 */
void kpool_sized_put_slow(struct kpool_sized *set, unsigned int class, void *buf, size_t size)
{
	put_one(to_sized(set), class, buf, size);
}
EXPORT_SYMBOL_GPL(kpool_sized_put_slow);

/**
 * kpool_sized_grow_slow() - out-of-line part of kpool_sized_grow()
 * @set: the set
 * @buf: as for kpool_sized_grow()
 * @size: as for kpool_sized_grow()
 * @gfp: as for kpool_sized_grow()
 *
 * Context: as for kpool_sized_grow().
 * Return: as kpool_sized_grow().
 */
int kpool_sized_grow_slow(struct kpool_sized *set, struct kpool_buf *buf, size_t size, gfp_t gfp)
{
	struct kpool_buf larger;
	int err = kpool_sized_get_buf(set, &larger, size, gfp);

	if (err)
		return err;
	larger.len = buf->len;
	if (buf->len)
		memcpy(larger.data, buf->data, buf->len);
	kpool_sized_put_buf(set, buf);
	*buf = larger;
	return 0;
}
EXPORT_SYMBOL_GPL(kpool_sized_grow_slow);

void kpool_sized_put_rcu(struct kpool_sized *set, void *buf, size_t size)
{
	struct kp_sized *s = to_sized(set);
	unsigned int class;

	if (IS_ERR_OR_NULL(buf) || __kpool_is_none(set, __func__))
		return;
	class = __kpool_sized_class(set, size)->number;
	if (unlikely(!(s->flags & KPOOL_RCU))) {
		pr_err_ratelimited("set %s: no KPOOL_RCU, so %pS cannot put a buffer after a grace period\n",
				   s->name, kp_consumer());
		return;
	}
	if (class == s->nr_classes) {
		kp_oversize_put_rcu(s, buf, size);
		return;
	}
	rcu_read_lock();
	if (!kp_sized_checks(s) || kp_sized_check_put(s, class, buf, size))
		kpool_put_rcu(rcu_dereference(s->classes[class].pool), buf);
	rcu_read_unlock();
}
EXPORT_SYMBOL_GPL(kpool_sized_put_rcu);

/* got_one() for a bulk get. */
static int got_bulk(struct kp_sized *s, unsigned int class, size_t size, gfp_t gfp, void **bufs,
		    unsigned int n, int err)
{
	unsigned int i;

	if (err)
		return err;
	count_gets(s, class, size, n);
	for (i = 0; i < n && gfp & __GFP_ZERO && class < s->nr_classes; i++)
		memset(bufs[i], 0, s->set.class[class].size);
	return 0;
}

/**
 * __kpool_sized_get_bulk() - kpool_sized_get_bulk() after the compiler's look at the flags
 * @set: the set
 * @size: as for kpool_sized_get()
 * @gfp: as for kpool_sized_get()
 * @bufs: receives the buffers, has room for @n
 * @n: how many
 *
 * Context: as for kpool_sized_get_bulk().
 * Return: as kpool_sized_get_bulk().
 */
int __kpool_sized_get_bulk(struct kpool_sized *set, size_t size, gfp_t gfp, void **bufs,
			   unsigned int n)
{
	struct kp_sized *s = to_sized(set);
	unsigned int class;
	int err;

	if (__kpool_is_none(set, "kpool_sized_get_bulk"))
		return -EINVAL;
	class = __kpool_sized_class(set, size)->number;
	if (class == s->nr_classes)
		err = kp_oversize_get_bulk(s, size, gfp, bufs, n);
	else
		err = kpool_get_bulk(kp_class_pool(s, class), gfp & ~__GFP_ZERO, bufs, n);
	return got_bulk(s, class, size, gfp, bufs, n, err);
}
EXPORT_SYMBOL_GPL(__kpool_sized_get_bulk);

/**
 * kpool_sized_get_bulk_waiting() - out-of-line part of the timed bulk gets
 * @set: the set
 * @size: as for kpool_sized_get_bulk_timeout()
 * @gfp: as for kpool_sized_get_bulk_timeout()
 * @bufs: receives the buffers, has room for @n
 * @n: how many
 * @timeout_jiffies: as for kpool_sized_get_bulk_timeout()
 * @state: state of the task while it waits
 *
 * Context: process context, sleeps.
 * Return: as kpool_sized_get_bulk_timeout().
 */
int kpool_sized_get_bulk_waiting(struct kpool_sized *set, size_t size, gfp_t gfp, void **bufs,
				 unsigned int n, long timeout_jiffies, unsigned int state)
{
	struct kp_sized *s = to_sized(set);
	unsigned int class;
	int err;

	if (__kpool_is_none(set, "kpool_sized_get_bulk_*_timeout"))
		return -EINVAL;
	class = __kpool_sized_class(set, size)->number;
	if (class == s->nr_classes)
		err = check_oversize_waiting(s, gfp) ?:
		      kp_oversize_get_bulk(s, size, gfp, bufs, n);
	else
		err = kpool_get_bulk_waiting(kp_class_pool(s, class), gfp & ~__GFP_ZERO, bufs, n,
					     timeout_jiffies, state);
	return got_bulk(s, class, size, gfp, bufs, n, err);
}
EXPORT_SYMBOL_GPL(kpool_sized_get_bulk_waiting);

void kpool_sized_put_bulk(struct kpool_sized *set, void **bufs, unsigned int n, size_t size)
{
	struct kp_sized *s = to_sized(set);
	unsigned int i, class;

	if (__kpool_is_none(set, __func__))
		return;
	class = __kpool_sized_class(set, size)->number;
	if (class < s->nr_classes && !kp_sized_checks(s)) {
		kpool_put_bulk(kp_class_pool(s, class), bufs, n);
		return;
	}
	/* The set may be gone after the last put. */
	for (i = 0; i < n; i++)
		if (!IS_ERR_OR_NULL(bufs[i]))
			put_one(s, class, bufs[i], size);
}
EXPORT_SYMBOL_GPL(kpool_sized_put_bulk);
