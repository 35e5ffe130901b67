// SPDX-License-Identifier: GPL-2.0-only
#include <linux/delay.h>
#include <linux/gfp.h>
#include <linux/kmemleak.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "giver.h"

/* In front of a piece: how to free it, and that kpool has it. */
struct piece {
	void *memory;
	unsigned long out;
};

#define OUT	0x9107edUL

static void *piece_alloc(struct giver *giver, const struct kpool_memory_request *request)
{
	struct piece *piece;
	void *memory, *mem;

	memory = kmalloc(sizeof(*piece) + request->align + request->size,
			 request->gfp | __GFP_NOWARN);
	if (!memory)
		return NULL;
	kmemleak_not_leak(memory);
	mem = PTR_ALIGN(memory + sizeof(*piece), request->align);
	piece = mem - sizeof(*piece);
	piece->memory = memory;
	piece->out = OUT;
	return mem;
}

static void piece_free(struct giver *giver, void *mem)
{
	struct piece *piece = mem - sizeof(*piece);

	if (piece->out != OUT) {
		atomic_inc(&giver->wrongs);
		return;
	}
	piece->out = 0;
	kfree(piece->memory);
}

static void *pages_alloc(struct giver *giver, const struct kpool_memory_request *request)
{
	if (request->size & ~PAGE_MASK || request->align < PAGE_SIZE)
		atomic_inc(&giver->wrongs);
	return alloc_pages_exact(request->size, request->gfp | __GFP_NOWARN);
}

static void pages_free(struct giver *giver, void *mem)
{
	free_pages_exact(mem, giver->last.size);
}

static unsigned int give(struct giver *giver, const struct kpool_memory_request *request,
			 void **mem, unsigned int n,
			 void *(*alloc)(struct giver *giver, const struct kpool_memory_request *r))
{
	int fail_at = READ_ONCE(giver->fail_at);
	unsigned int i;

	atomic_inc(&giver->calls);
	if (!n || n > KPOOL_MEMORY_BATCH || in_nmi())
		atomic_inc(&giver->wrongs);
	if (request->size != giver->size || request->align != giver->align)
		atomic_inc(&giver->wrongs);
	giver->most = max(giver->most, n);
	giver->last = *request;
	for (i = 0; i < n; i++) {
		if (atomic_inc_return(&giver->pieces) >= fail_at && fail_at)
			break;
		mem[i] = alloc(giver, request);
		if (!mem[i])
			break;
		atomic_inc(&giver->out);
	}
	return i;
}

static void take_back(struct giver *giver, void **mem, unsigned int n,
		      void (*free)(struct giver *giver, void *mem))
{
	unsigned int i;

	if (!n || n > KPOOL_MEMORY_BATCH || in_nmi())
		atomic_inc(&giver->wrongs);
	for (i = 0; i < n; i++) {
		free(giver, mem[i]);
		atomic_dec(&giver->out);
	}
}

static unsigned int giver_alloc(void *ctx, const struct kpool_memory_request *request, void **mem,
				unsigned int n)
{
	return give(ctx, request, mem, n, piece_alloc);
}

static void giver_free(void *ctx, void **mem, unsigned int n)
{
	take_back(ctx, mem, n, piece_free);
}

static unsigned int page_giver_alloc(void *ctx, const struct kpool_memory_request *request,
				     void **mem, unsigned int n)
{
	return give(ctx, request, mem, n, pages_alloc);
}

static void page_giver_free(void *ctx, void **mem, unsigned int n)
{
	take_back(ctx, mem, n, pages_free);
}

/* The kernel itself reports a sleep in the wrong place. */
static unsigned int sleeping_giver_alloc(void *ctx, const struct kpool_memory_request *request,
					 void **mem, unsigned int n)
{
	struct giver *giver = ctx;

	if (!gfpflags_allow_blocking(request->gfp))
		atomic_inc(&giver->wrongs);
	usleep_range(1, 10);
	return give(giver, request, mem, n, piece_alloc);
}

static void sleeping_giver_free(void *ctx, void **mem, unsigned int n)
{
	usleep_range(1, 10);
	take_back(ctx, mem, n, piece_free);
}

static int giver_begin(void *ctx, size_t size, size_t align)
{
	struct giver *giver = ctx;

	atomic_inc(&giver->begun);
	giver->size = size;
	giver->align = align;
	return giver->begin_err;
}

static void giver_detach(void *ctx)
{
	atomic_inc(&((struct giver *)ctx)->detached);
}

static void giver_end(void *ctx)
{
	atomic_inc(&((struct giver *)ctx)->ended);
}

const struct kpool_memory_ops giver_ops = {
	.alloc = giver_alloc,
	.free = giver_free,
	.begin = giver_begin,
	.detach = giver_detach,
	.end = giver_end,
};

const struct kpool_memory_ops page_giver_ops = {
	.flags = KPOOL_MEMORY_PAGES,
	.alloc = page_giver_alloc,
	.free = page_giver_free,
	.begin = giver_begin,
	.detach = giver_detach,
	.end = giver_end,
};

const struct kpool_memory_ops sleeping_giver_ops = {
	.flags = KPOOL_MEMORY_ALLOC_SLEEPS | KPOOL_MEMORY_FREE_SLEEPS,
	.alloc = sleeping_giver_alloc,
	.free = sleeping_giver_free,
	.begin = giver_begin,
	.detach = giver_detach,
	.end = giver_end,
};
