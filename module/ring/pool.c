// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of rings, and of pools of rings. A pool of rings is a plain pool whose constructor
 * builds rings. ring/memory.c has the memory of rings, and pool.c the life of plain pools.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "base/refusal.h"
#include "compat/alloc_tag.h"
#include "pool.h"
#include "ring/map.h"
#include "ring/memory.h"
#include "ring/ring.h"
#include "store/account.h"

#define KNOWN_FLAGS	(KPOOL_RING_OVERWRITE | KPOOL_RING_MIRRORED | KPOOL_RING_WIPED |	\
			 KPOOL_RING_MAPPABLE | KPOOL_RING_USER_WRITES)

#define KNOWN_POOL_FLAGS	(KPOOL_BYPASS | KPOOL_ON_NODE | KPOOL_OVERFLOW | KPOOL_ACCOUNT | \
			 KPOOL_ACCOUNT_GETTER)

/* Why the parameters of a ring are invalid, or NULL. */
static const char *whats_wrong(size_t size, unsigned int flags)
{
	if (!size || size > KPOOL_RING_MOST)
		return "size: 1 byte to 1 GiB are possible";
	if (flags & ~KNOWN_FLAGS)
		return "ring_flags: one is unknown";
	if (flags & KPOOL_RING_MIRRORED && size % PAGE_SIZE)
		return "size: not a multiple of a page, but KPOOL_RING_MIRRORED";
	if (flags & KPOOL_RING_USER_WRITES && !(flags & KPOOL_RING_MAPPABLE))
		return "ring_flags: KPOOL_RING_USER_WRITES, but not KPOOL_RING_MAPPABLE";
	if (flags & KPOOL_RING_USER_WRITES && flags & KPOOL_RING_OVERWRITE)
		return "ring_flags: KPOOL_RING_USER_WRITES, but KPOOL_RING_OVERWRITE";
	/* On 32 bits a reader that pauses while positions wrap around would not notice. */
	if (flags & (KPOOL_RING_OVERWRITE | KPOOL_RING_MAPPABLE) && BITS_PER_LONG < 64)
		return "ring_flags: one of them needs a machine of 64 bits";
	return NULL;
}

static int ring_init(struct kpool_ring *r, size_t size, unsigned int flags, gfp_t gfp, int node,
		     const char *name)
{
	int err;

	r->size = size;
	r->name = name;
	atomic_set(&r->waits, 0);
	/* Processes see all of the ring's memory, so the ring is always wiped. */
	r->flags = flags & KPOOL_RING_MAPPABLE ? flags | KPOOL_RING_WIPED : flags;
	r->pages = NULL;
	r->shared = NULL;
	r->pool = NULL;
	r->wiped = false;
	r->mapped_only = false;
	refcount_set(&r->users, 1);
	kp_ring_users_init(r);
	err = kp_ring_alloc(r, gfp, node);
	if (err)
		return err;
	kp_ring_start(r, 0);
	return 0;
}

/**
 * __kpool_ring_create() - out-of-line part of kpool_ring_create()
 * @size: as for kpool_ring_create()
 * @flags: as for kpool_ring_create()
 * @gfp: as for kpool_ring_create()
 * @abi: numbers and sizes from the caller's headers
 *
 * Context: as for kpool_ring_create().
 * Return: as kpool_ring_create().
 */
struct kpool_ring *__kpool_ring_create(size_t size, unsigned int flags, gfp_t gfp,
				       struct kpool_ring_abi abi)
{
	const char *wrong = whats_wrong(size, flags);
	struct kpool_ring *r;
	int err;

	if (!kp_ring_abi_matches(&abi))
		return ERR_PTR(-EINVAL);
	if (wrong) {
		pr_err_ratelimited("cannot create ring: %s\n", wrong);
		return ERR_PTR(-EINVAL);
	}
	r = kzalloc(sizeof(*r), gfp);
	if (!r)
		return ERR_PTR(-ENOMEM);
	err = ring_init(r, size, flags, gfp, NUMA_NO_NODE, NULL);
	if (err) {
		kfree(r);
		return ERR_PTR(err);
	}
	return r;
}
EXPORT_SYMBOL_GPL(__kpool_ring_create);

/* If so, it logs a message. */
static bool is_waited_for(const struct kpool_ring *r, const char *call)
{
	int waits = atomic_read(&r->waits);

	if (likely(!waits))
		return false;
	kp_ring_err(r, "%s() by %pS before kpool_ring_wait_exit(): %d wait for it", call,
		    kp_consumer(), waits);
	return true;
}

void kpool_ring_destroy(struct kpool_ring *ring)
{
	/* The end of the wait looks at the ring. So lose the memory rather than free it. */
	if (IS_ERR_OR_NULL(ring) || is_waited_for(ring, __func__))
		return;
	if (refcount_dec_and_test(&ring->users))
		kp_ring_free(ring);
}
EXPORT_SYMBOL_GPL(kpool_ring_destroy);

/* The constructor's parameters. They are freed with the pool. */
struct kp_ring_params {
	struct kpool *pool;
	size_t size;
	unsigned int flags;
	struct kp_alloc_line line;
	gfp_t account;			/* see kp_account_gfp() */
	char name[KPOOL_NAME_LEN];
};

static int ring_ctor(void *obj, void *ctx, gfp_t gfp, int node)
{
	const struct kp_ring_params *p = ctx;
	struct alloc_tag *before = kp_alloc_line_begin(&p->line);
	int err = ring_init(obj, p->size, p->flags, gfp | p->account, node, p->name);

	kp_alloc_line_end(&p->line, before);
	if (!err)
		kpool_account(p->pool, obj, kp_ring_bytes(obj));
	return err;
}

static void ring_reset(void *obj, void *ctx)
{
	struct kpool_ring *r = obj;

	is_waited_for(r, "kpool_ring_put");
	refcount_set(&r->users, 1);
	if (r->flags & KPOOL_RING_WIPED && !r->wiped)
		kp_ring_wipe(r, false);
	r->wiped = false;
	kp_ring_start(r, 0);
}

static void ring_dtor(void *obj, void *ctx)
{
	const struct kp_ring_params *p = ctx;

	kpool_account(p->pool, obj, -(ssize_t)kp_ring_bytes(obj));
	kp_ring_exit(obj);
}

static const struct kpool_ops ring_ops = {
	.ctor = ring_ctor, .reset = ring_reset, .dtor = ring_dtor,
};

static int check_params(const struct kpool_ring_pool_params *p)
{
	const char *wrong = whats_wrong(p->size, p->ring_flags);

	if (!wrong && p->flags & ~KNOWN_POOL_FLAGS)
		wrong = "flags: one is not for a pool of rings";
	if (!wrong)
		return 0;
	pr_err_ratelimited("cannot create pool %.*s: %s\n", KPOOL_NAME_LEN, p->name ?: "(no name)",
			   wrong);
	return -EINVAL;
}

/**
 * __kpool_ring_pool_create() - out-of-line part of kpool_ring_pool_create()
 * @params: as for kpool_ring_pool_create()
 * @owner: the module that uses the pool
 * @abi: numbers and sizes from the caller's headers
 *
 * Context: process context, sleeps.
 * Return: as kpool_ring_pool_create().
 */
struct kpool_ring_pool *__kpool_ring_pool_create(const struct kpool_ring_pool_params *params,
						 struct module *owner,
						 struct kpool_ring_abi abi)
{
	struct kp_ownership ownership = {
		.own_ops = true, .own_ctx = true,
		.user_held = params->ring_flags & KPOOL_RING_MAPPABLE,
		.extra = params->size,
	};
	struct kpool_params p = {
		.size = sizeof(struct kpool_ring),
		.align = __alignof__(struct kpool_ring),
		.ops = &ring_ops,
	};
	struct kp_ring_params *ring_params;
	struct kpool *pool;
	int err;

	if (!kp_ring_abi_matches(&abi))
		return ERR_PTR(-EINVAL);
	err = check_params(params);
	if (err)
		return ERR_PTR(err);
	p.name = params->name;
	p.flags = params->flags;
	p.node = params->node;
	p.magazine = params->magazine;
	p.min_idle = params->min_idle;
	p.max_idle = params->max_idle;
	p.max = params->max;
	p.reserve = params->reserve;
	p.idle_ms = params->idle_ms;
	p.lifetime_ms = params->lifetime_ms;
	/* The dtor calls vfree() or vunmap(), which sleep. */
	if (params->size > PAGE_SIZE || params->ring_flags & RING_BY_PAGES)
		p.flags |= KPOOL_SLEEPING;

	ring_params = kmalloc(sizeof(*ring_params), GFP_KERNEL);
	if (!ring_params)
		return ERR_PTR(-ENOMEM);
	ring_params->size = params->size;
	ring_params->flags = params->ring_flags;
	ring_params->account = kp_account_gfp(params->flags);
	kp_alloc_line_record(&ring_params->line);
	strscpy(ring_params->name, params->name ?: "", sizeof(ring_params->name));
	/* kp_create() does this for pools without a constructor. */
	if (want_init_on_free())
		ring_params->flags |= KPOOL_RING_WIPED;
	if (ring_params->flags & (KPOOL_RING_WIPED | KPOOL_RING_MAPPABLE))
		ownership.reset_wipes = params->size;
	p.ctx = ring_params;
	p.self = &ring_params->pool;
	ownership.pages = kp_ring_own_pages(ring_params->size, ring_params->flags);
	pool = kp_create(&p, owner, NULL, ownership);
	return (struct kpool_ring_pool *)pool;
}
EXPORT_SYMBOL_GPL(__kpool_ring_pool_create);
