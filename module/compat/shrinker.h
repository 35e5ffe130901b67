/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KPOOL_COMPAT_SHRINKER_H
#define _KPOOL_COMPAT_SHRINKER_H

#include <linux/shrinker.h>

/*
 * Linux 6.7 allocates shrinkers itself, and only the allocation can fail. On older kernels the
 * registration can fail, too. Then the shrinker is never called. Can go with 6.1.
 */
#ifndef HAVE_SHRINKER_ALLOC
#include <linux/printk.h>
#include <linux/slab.h>

#define shrinker_alloc(flags, name)	__shrinker_alloc(flags)

static inline struct shrinker *__shrinker_alloc(unsigned int flags)
{
	struct shrinker *shrinker = kzalloc(sizeof(*shrinker), GFP_KERNEL);

	if (shrinker) {
		shrinker->flags = flags;
		shrinker->seeks = DEFAULT_SEEKS;
	}
	return shrinker;
}

static inline void shrinker_register(struct shrinker *shrinker)
{
	if (register_shrinker(shrinker, KBUILD_MODNAME))
		pr_warn("no memory for the shrinker: idle objects are not given back early\n");
}

static inline void shrinker_free(struct shrinker *shrinker)
{
	unregister_shrinker(shrinker);
	kfree(shrinker);
}
#endif

#endif /* _KPOOL_COMPAT_SHRINKER_H */
