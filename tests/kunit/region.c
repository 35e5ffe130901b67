// SPDX-License-Identifier: GPL-2.0-only
#include <linux/bitmap.h>
#include <linux/minmax.h>
#include <linux/mm.h>

#include "region.h"

/* begin: each request will have this size, which is a multiple of its alignment. */
static int region_begin(void *ctx, size_t size, size_t align)
{
	struct region *region = ctx;

	if (align > PAGE_SIZE)
		return -EINVAL;
	region->slot = size;
	region->slots = min_t(size_t, region->bytes / size, BITS_PER_LONG);
	return region->slots ? 0 : -ENOSPC;
}

/* Returns how many slots it found. Runs in any context but NMI, so interrupts are off. */
static unsigned int region_alloc(void *ctx, const struct kpool_memory_request *request,
				 void **mem, unsigned int n)
{
	struct region *region = ctx;
	unsigned int i, bit;
	unsigned long flags;

	spin_lock_irqsave(&region->lock, flags);
	for (i = 0; i < n; i++) {
		bit = find_first_zero_bit(region->used, region->slots);
		if (bit >= region->slots)
			break;
		__set_bit(bit, region->used);
		mem[i] = region->base + bit * region->slot;
	}
	spin_unlock_irqrestore(&region->lock, flags);
	return i;
}

static void region_free(void *ctx, void **mem, unsigned int n)
{
	struct region *region = ctx;
	unsigned long flags;
	unsigned int i;

	spin_lock_irqsave(&region->lock, flags);
	for (i = 0; i < n; i++)
		__clear_bit((mem[i] - region->base) / region->slot, region->used);
	spin_unlock_irqrestore(&region->lock, flags);
}

static const struct kpool_memory_ops region_memory = {
	.begin = region_begin,
	.alloc = region_alloc,
	.free = region_free,
};

struct kpool *region_pool(struct region *region, const char *name, size_t size)
{
	return kpool_create(&(struct kpool_params){
		.name = name,
		.size = size,
		.memory = &region_memory,
		.memory_ctx = region,
	});
}
