// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that a consumer's memory provider gives. Its answers are checked here, because kpool would
 * write to what they say. If one piece of an answer is wrong, all of them go back: the provider
 * expects that kpool has them.
 */
#include <linux/align.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/slab.h>

#include "pool.h"
#include "store/provider.h"

/*
 * The provider is a module of its own, which stays, or the consumer, which may go. The struct of
 * the consumer would go, too, and a detached pool still reads the flags. So the pool has a copy.
 *
 * Context: process context, sleeps. Return: 0, or -ENOMEM.
 */
int kp_provider_init(struct kp_pool *pool, const struct kpool_params *p)
{
	struct module *owner = p->memory->owner;

	pool->memory = kmemdup(p->memory, sizeof(*p->memory), GFP_KERNEL);
	if (!pool->memory)
		return -ENOMEM;
	pool->parts_bytes += sizeof(*pool->memory);
	pool->memory_ctx = p->memory_ctx;
	pool->memory_may_go = !owner || owner == pool->owner;
	/* The consumer calls this module, so it cannot be going away. */
	if (!pool->memory_may_go)
		__module_get(owner);
	return 0;
}

/*
 * Tells the provider what kpool is going to ask for. Context: process context, sleeps. Return: 0,
 * or the error of the provider.
 */
int kp_provider_begin(struct kp_pool *pool)
{
	int err;

	if (!pool->memory->begin)
		return 0;
	err = pool->memory->begin(pool->memory_ctx, pool->footprint, kp_memory_align(pool));
	if (likely(err <= 0 && err >= -MAX_ERRNO))
		return err;
	pr_err("pool %s: its memory provider %ps returned %d, which is no error\n", pool->name,
	       pool->memory->begin, err);
	return -EINVAL;
}

/* Context: nobody uses the pool any more. */
void kp_provider_exit(struct kp_pool *pool)
{
	if (!pool->memory_may_go)
		module_put(pool->memory->owner);
	kfree(pool->memory);
}

/* Is this a page of its own, whose words kpool may use? */
static bool is_own_page(const void *mem)
{
	struct page *page;

	if (is_vmalloc_addr(mem) || !virt_addr_valid(mem))
		return false;
	page = virt_to_page(mem);
	return !PageTail(page) && !PageSlab(page);
}

static bool overlap(const struct kp_pool *pool, const void *a, const void *b)
{
	return a < b ? b - a < pool->footprint : a - b < pool->footprint;
}

/* What is wrong with this piece of an answer? NULL: nothing. */
static const char *wrong_piece(const struct kp_pool *pool, size_t align, void **mem,
			       unsigned int i)
{
	unsigned int k;

	if (!mem[i])
		return "NULL";
	if (IS_ERR(mem[i]))
		return "an error";
	if (!IS_ALIGNED((unsigned long)mem[i], align))
		return "a misaligned address";
	if (pool->memory->flags & KPOOL_MEMORY_PAGES ? !is_own_page(mem[i]) :
	    !is_vmalloc_addr(mem[i]) && !virt_addr_valid(mem[i]))
		return pool->memory->flags & KPOOL_MEMORY_PAGES ? "what is no page of its own" :
								 "what is no kernel address";
	for (k = 0; k < i; k++)
		if (overlap(pool, mem[i], mem[k]))
			return "memory that overlaps another piece";
	return NULL;
}

/* Gives back what came with a wrong answer, each address once. */
static void return_answer(struct kp_pool *pool, void **mem, unsigned int n)
{
	unsigned int i, k, good = 0;

	for (i = 0; i < n; i++) {
		if (IS_ERR_OR_NULL(mem[i]))
			continue;
		for (k = 0; k < good && mem[k] != mem[i]; k++)
			;
		if (k == good)
			mem[good++] = mem[i];
	}
	if (good)
		kp_provider_free(pool, mem, good);
}

/**
 * kp_provider_alloc() - ask the memory provider of a pool, and check its answer
 * @pool: the pool
 * @request: what each object needs
 * @objs: array for the memory
 * @n: how many objects, at most %KPOOL_MEMORY_BATCH
 *
 * Context: as kp_memory_alloc().
 * Return: how many objects, from the first, have memory. 0 after a wrong answer.
 */
unsigned int kp_provider_alloc(struct kp_pool *pool, const struct kpool_memory_request *request,
			       void **objs, unsigned int n)
{
	/* More than n, so that an answer of too many pieces writes to no memory of others. */
	void *mem[KPOOL_MEMORY_BATCH] = {};
	const char *wrong = NULL;
	unsigned int got, i;

	might_sleep_if(pool->memory->flags & KPOOL_MEMORY_ALLOC_SLEEPS);
	got = pool->memory->alloc(pool->memory_ctx, request, mem, n);
	if (unlikely(got > n)) {
		pr_err_ratelimited("pool %s (id %u): its memory provider %ps returned %d when asked for %u pieces of memory: none is used\n",
				   pool->name, pool->id, pool->memory->alloc, (int)got, n);
		return_answer(pool, mem, KPOOL_MEMORY_BATCH);
		return 0;
	}
	for (i = 0; i < got && !wrong; i++)
		wrong = wrong_piece(pool, request->align, mem, i);
	if (unlikely(wrong)) {
		pr_err_ratelimited("pool %s (id %u): its memory provider %ps gave %s, as piece %u of %u: none is used\n",
				   pool->name, pool->id, pool->memory->alloc, wrong, i, got);
		return_answer(pool, mem, got);
		return 0;
	}
	memcpy(objs, mem, got * sizeof(*mem));
	return got;
}

/* Gives at most KPOOL_MEMORY_BATCH pieces back. Context: as kp_memory_free(). */
void kp_provider_free(struct kp_pool *pool, void **objs, unsigned int n)
{
	might_sleep_if(pool->memory->flags & KPOOL_MEMORY_FREE_SLEEPS);
	pool->memory->free(pool->memory_ctx, objs, n);
}

/* The end of the pool leaves objects in use. Context: process context; only once. */
void kp_provider_detach(struct kp_pool *pool)
{
	if (pool->memory->detach)
		pool->memory->detach(pool->memory_ctx);
}

/* The provider is not called any more. Context: process context; one caller at a time. */
void kp_provider_end(struct kp_pool *pool)
{
	if (!pool->memory->end || pool->memory_ended)
		return;
	pool->memory_ended = true;
	pool->memory->end(pool->memory_ctx);
}

/* Says that memory cannot go back, because the code of the provider may be gone. */
void kp_provider_lost(struct kp_pool *pool, unsigned int n)
{
	pr_err_ratelimited("pool %s (id %u) of %s: %u objects were put after their memory provider may have gone: %zu bytes are lost\n",
			   pool->name, pool->id, pool->owner_name, n, n * pool->footprint);
}
