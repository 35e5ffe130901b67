// SPDX-License-Identifier: GPL-2.0-only
/* Checks the parameters of a set. base/params.c checks the parameters of each class's pool. */
#include <linux/compiler.h>
#include <linux/minmax.h>

#include "base/cpus.h"
#include "sized/params.h"

#define KNOWN_FLAGS	(KPOOL_ZERO_ON_PUT | KPOOL_BYPASS | KPOOL_ANYCTX | KPOOL_ON_NODE | \
			 KPOOL_OVERFLOW | KPOOL_RCU | KPOOL_DEBUG | KPOOL_ACCOUNT | \
			 KPOOL_ACCOUNT_GETTER | KPOOL_NUMA_STRICT | KPOOL_HUGE_PAGES)

#define refuse(p, fmt, ...) ({							\
	pr_err_ratelimited("cannot create set %.*s: " fmt "\n",			\
			   KPOOL_SIZED_NAME_LEN, (p)->name ?: "(no name)", ##__VA_ARGS__);	\
	-EINVAL;								\
})

static int check_classes(const struct kpool_sized_params *p)
{
	unsigned int i, size, before = 0;

	if (!p->classes)
		return refuse(p, "classes: NULL, but nr_classes is %u", p->nr_classes);
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

/* One half of the bytes is for magazines. Each class has an equal share of it. */
size_t kp_sized_magazine_share(size_t max_idle_bytes, unsigned int nr_classes)
{
	return max_idle_bytes / 2 / nr_classes;
}

/* The most objects in a magazine, so that all CPUs' magazines fit the class's share. */
static unsigned int magazine_most(const struct kpool_sized_params *p, unsigned int class)
{
	size_t share = kp_sized_magazine_share(p->max_idle_bytes, p->nr_classes);

	return min_t(size_t, UINT_MAX, share / p->classes[class].size / 2 / READ_ONCE(kp_cpus));
}

/* Buffers of a class that always have room: the class's floor. */
unsigned int kp_sized_floor(const struct kpool_sized_class *class)
{
	return max(class->min_idle, class->reserve);
}

/* Bytes of the floors of all classes. */
size_t kp_sized_floor_bytes(const struct kpool_sized_params *p)
{
	u64 bytes = 0;
	unsigned int i;

	for (i = 0; i < p->nr_classes; i++)
		bytes += (u64)p->classes[i].size * kp_sized_floor(&p->classes[i]);
	return min_t(u64, bytes, SIZE_MAX);
}

/* The floors of all classes must fit into the half that magazines may not use. */
static int check_bytes(const struct kpool_sized_params *p)
{
	size_t least = kp_sized_floor_bytes(p);
	unsigned int i;

	if (!p->max_idle_bytes)
		return 0;
	if (p->max_idle_bytes > LONG_MAX)
		return refuse(p, "max_idle_bytes: %zu bytes, at most %ld are possible",
			      p->max_idle_bytes, LONG_MAX);
	for (i = 0; i < p->nr_classes; i++)
		if (p->classes[i].magazine > magazine_most(p, i))
			return refuse(p, "classes[%u]: magazine: %u, max_idle_bytes allows %u",
				      i, p->classes[i].magazine, magazine_most(p, i));
	if (least > p->max_idle_bytes / 2)
		return refuse(p, "max_idle_bytes: %zu, min_idle and reserve want %zu of one half",
			      p->max_idle_bytes, least);
	return 0;
}

/**
 * kp_sized_params_check() - check the parameters of a set
 * @p: the parameters
 *
 * Context: process context.
 * Return: 0, or -EINVAL; the log says why.
 */
int kp_sized_params_check(const struct kpool_sized_params *p)
{
	unsigned int unknown = p->flags & ~KNOWN_FLAGS;

	if (!p->name || !*p->name)
		return refuse(p, "name: there is none");
	if (strnlen(p->name, KPOOL_SIZED_NAME_LEN) == KPOOL_SIZED_NAME_LEN)
		return refuse(p, "name: longer than %d characters", KPOOL_SIZED_NAME_LEN - 1);
	if (unknown)
		return refuse(p, "flags: %#x is not for a set", unknown);
	return check_classes(p) ?: check_bytes(p);
}
