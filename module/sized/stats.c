// SPDX-License-Identifier: GPL-2.0-only
/* Figures of a set of sized buffers, and of its classes. get.c counts gets. */
#include <linux/rcupdate.h>

#include "pool.h"
#include "sized/set.h"
#include "sized/stats.h"

/* How many gets of a class there were. Context: any. */
u64 kp_class_gets(const struct kp_sized *s, unsigned int class)
{
	const struct kpool_sized_class_cpu *figures;
	u64 gets = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		figures = &per_cpu_ptr(s->set.figures, cpu)->class[class];
		gets += READ_ONCE(figures->gets) + READ_ONCE(figures->gets_outside);
	}
	return gets;
}

/**
 * kp_class_stats() - figures of a class, and its pool
 * @s: the set
 * @class: number of the class
 * @st: receives the figures. For a class that has ended, only the figures that the set itself
 *	counts are not 0.
 *
 * Context: any; the caller is an RCU reader.
 * Return: the pool, whose memory stays as long as the caller is an RCU reader, or NULL.
 */
struct kp_pool *kp_class_stats(struct kp_sized *s, unsigned int class,
			       struct kpool_sized_class_stats *st)
{
	struct kpool *pool = rcu_dereference(s->classes[class].pool);
	const struct kpool_sized_class_cpu *figures;
	int cpu;

	*st = (struct kpool_sized_class_stats){ .size = s->set.class[class].size };
	for_each_possible_cpu(cpu) {
		figures = &per_cpu_ptr(s->set.figures, cpu)->class[class];
		st->asked_bytes += READ_ONCE(figures->asked) + READ_ONCE(figures->asked_outside);
	}
	/* Not the pool's gets: they include objects that a failed bulk get had, and put back. */
	st->given_bytes = kp_class_gets(s, class) * st->size;
	if (!pool)
		return NULL;
	kpool_stats(pool, &st->pool);
	if (to_pool(pool)->backing == KPOOL_BACKING_VMALLOC)
		st->vmalloced = st->pool.existing;
	else
		st->vmalloced = atomic_long_read(&to_pool(pool)->vmalloced);
	return to_pool(pool);
}

int kpool_sized_class_stats(struct kpool_sized *set, unsigned int class,
			    struct kpool_sized_class_stats *stats)
{
	struct kp_sized *s = to_sized(set);

	if (class >= s->nr_classes)
		return -EINVAL;
	rcu_read_lock();
	kp_class_stats(s, class, stats);
	rcu_read_unlock();
	return 0;
}
EXPORT_SYMBOL_GPL(kpool_sized_class_stats);

/* Bytes of the set itself, without its pools. */
static u64 own_bytes(const struct kp_sized *s)
{
	return sizeof(*s) +
	       num_possible_cpus() * (sizeof(*s->gate) + sizeof(*s->set.figures)) +
	       (u64)atomic_long_read(&s->oversize_out) * sizeof(struct kp_record);
}

void kpool_sized_stats(struct kpool_sized *set, struct kpool_sized_stats *stats)
{
	struct kp_sized *s = to_sized(set);
	struct kpool_sized_class_stats class;
	u64 oversize = atomic64_read(&s->oversize_bytes);
	unsigned int i;

	*stats = (struct kpool_sized_stats){
		.asked_bytes = oversize,
		.given_bytes = atomic64_read(&s->oversize_given),
		.oversize_gets = atomic64_read(&s->oversize_gets),
		.oversize_puts = atomic64_read(&s->oversize_puts),
		.oversize_bytes = oversize,
		.oversize_failures = atomic64_read(&s->oversize_failures),
		.misused = atomic64_read(&s->misused),
		.oversize_memory = atomic64_read(&s->oversize_memory),
		.overhead = own_bytes(s),
	};
	stats->memory = stats->oversize_memory;
	for (i = 0; i < s->nr_classes; i++) {
		rcu_read_lock();
		kp_class_stats(s, i, &class);
		rcu_read_unlock();
		stats->asked_bytes += class.asked_bytes;
		stats->given_bytes += class.given_bytes;
		stats->idle_bytes += class.pool.idle * class.size;
		stats->in_use_bytes += class.pool.in_use * class.size;
		stats->misused += class.pool.misused;
		stats->memory += class.pool.memory;
		stats->overhead += class.pool.overhead;
	}
}
EXPORT_SYMBOL_GPL(kpool_sized_stats);

size_t kpool_sized_bucket(struct kpool_sized *set, unsigned int bucket, u64 *samples)
{
	unsigned int order;
	u64 n = 0;
	int cpu;

	if (bucket >= KPOOL_SIZED_BUCKETS)
		return 0;
	for_each_possible_cpu(cpu)
		n += READ_ONCE(per_cpu_ptr(set->figures, cpu)->sizes[bucket]);
	*samples = n;
	if (bucket == KPOOL_SIZED_BUCKETS - 1)
		return SIZE_MAX;
	if (bucket < 8)
		return bucket + 1;
	order = bucket / 8 - 1;
	return (size_t)(8 + bucket % 8 + 1) << order;
}
EXPORT_SYMBOL_GPL(kpool_sized_bucket);
