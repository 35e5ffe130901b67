/* SPDX-License-Identifier: GPL-2.0-only */
/* What the suites of sized buffers share. */
#ifndef _KPOOL_SETS_H
#define _KPOOL_SETS_H

#include "fixture.h"
#include "sized/set.h"

extern struct kunit_suite sized_suite, sized_limits_suite, sized_end_suite, sized_check_suite,
	sized_stress_suite, sized_rcu_suite, sized_share_suite;

#define CLASSES(list)	.classes = (list), .nr_classes = ARRAY_SIZE(list)

struct kpool_sized *set_create(const struct kpool_sized_params *params);
struct kpool_sized *set_of(struct kunit *test, const struct kpool_sized_params *params);
void end_set(struct kunit *test, struct kpool_sized *set);
unsigned int sets_left(void);

static inline struct kpool *class_pool(struct kpool_sized *set, unsigned int class)
{
	return kp_class_pool(to_sized(set), class);
}

/* Does the set keep buffers that are put? */
static inline bool set_keeps(struct kpool_sized *set)
{
	return keeps(class_pool(set, 0));
}

static inline unsigned int nr_classes(struct kpool_sized *set)
{
	return to_sized(set)->nr_classes;
}

/* One figure of a set. */
#define set_figure(set, name)	set_figure_at(set, offsetof(struct kpool_sized_stats, name))
u64 set_figure_at(struct kpool_sized *set, size_t offset);
u64 set_samples(struct kpool_sized *set);

void *buf_of(struct kunit *test, struct kpool_sized *set, size_t size);
void bufs_of(struct kunit *test, struct kpool_sized *set, size_t size, void **bufs,
	     unsigned int n);
void see_puts_through(struct kpool_sized *set);
void put_buf(struct kpool_sized *set, void *buf, size_t size);
void put_bufs(struct kpool_sized *set, void **bufs, unsigned int n, size_t size);
void put_bufs_in_irq(struct kpool_sized *set, void **bufs, unsigned int n, size_t size);
void expect_set_quiet(struct kunit *test, struct kpool_sized *set);
void expect_set_trimmed(struct kunit *test, struct kpool_sized *set);

#endif /* _KPOOL_SETS_H */
