/* SPDX-License-Identifier: GPL-2.0-only */
/* The memory provider that Documentation/memory.rst shows. */
#ifndef _KPOOL_REGION_H
#define _KPOOL_REGION_H

#include <linux/kpool.h>
#include <linux/spinlock.h>

/* Memory in one piece, of whose slots each is one object. */
struct region {
	void *base;			/* begins at a page */
	size_t bytes;
	size_t slot;			/* bytes; set by region_begin() */
	unsigned int slots;
	spinlock_t lock;		/* used */
	unsigned long used[1];		/* a bit for each slot */
};

struct kpool *region_pool(struct region *region, const char *name, size_t size);

#endif /* _KPOOL_REGION_H */
