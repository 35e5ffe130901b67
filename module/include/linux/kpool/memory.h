/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kpool: memory providers, which give a pool the memory of its objects. <linux/kpool.h> includes
 * this header.
 */
#ifndef _LINUX_KPOOL_MEMORY_H
#define _LINUX_KPOOL_MEMORY_H

#include <linux/bits.h>
#include <linux/types.h>

struct module;

/**
 * DOC: memory providers
 *
 * A pool takes the memory of its objects from the kernel's allocators, unless the consumer names a
 * *memory provider*: two functions that give memory and take it back. For example, the memory may
 * belong to a device, or come from a region that was reserved at boot. kpool does all the rest:
 * constructors, caches, limits, waiting, ageing, the reserve, memory pressure, checks. kpool asks a
 * provider only when it builds an object, and gives memory back only when it has torn one down. So
 * a hit costs the same with a provider as without.
 *
 * FreeBSD's UMA has had this for long (uma_zone_set_allocf()), and so have DPDK's mempools
 * (rte_mempool_ops) and the page_pool of network drivers (memory_provider_ops). kpool's providers
 * work in batches as DPDK's do, and say whether they sleep, which none of these does.
 *
 * What a provider does not know it cannot spoil: it sees no object, only memory. kpool looks at
 * each answer of a provider. It refuses a wrong answer, gives back what came with it, and the log
 * names the pool and the function.
 */

/* One call asks for memory of at most so many objects, and gives back that of at most so many. */
#define KPOOL_MEMORY_BATCH	16

/**
 * enum kpool_memory_flags - what kpool may expect of a memory provider
 * @KPOOL_MEMORY_ALLOC_SLEEPS: alloc may sleep, whatever the gfp of the request. Only a get that may
 *	block builds objects then. Other gets take idle objects, and a worker builds more.
 * @KPOOL_MEMORY_FREE_SLEEPS: free may sleep. A worker always tears objects down then.
 * @KPOOL_MEMORY_PAGES: the memory of each object begins with a page of its own, and kpool may use
 *	the words in that page's struct page that belong to its owner (page->lru), as long as kpool
 *	has the memory. The page has an address in the kernel's linear map and is no tail of a
 *	compound page. Then kpool needs no bytes behind the object, so a request has exactly the
 *	size of the objects, which has to be a multiple of the page size.
 */
enum kpool_memory_flags {
	KPOOL_MEMORY_ALLOC_SLEEPS	= BIT(0),
	KPOOL_MEMORY_FREE_SLEEPS	= BIT(1),
	KPOOL_MEMORY_PAGES		= BIT(2),
};

/**
 * struct kpool_memory_request - what kpool needs for each object of a batch
 * @size: bytes: the object, and a few bytes that kpool needs behind it; the same in each request of
 *	a pool, and a multiple of @align
 * @align: alignment in bytes, a power of two; the same in each request of a pool
 * @gfp: how the provider may allocate. If gfpflags_allow_blocking(@gfp) is false, alloc must not
 *	sleep. The provider chooses the zone.
 * @node: the node on which the memory should be, or %NUMA_NO_NODE: on that of this CPU, best
 */
struct kpool_memory_request {
	size_t size;
	size_t align;
	gfp_t gfp;
	int node;
};

/**
 * struct kpool_memory_ops - a memory provider
 * @owner: the module that has the code of these ops, if it is not the one that creates the pool.
 *	kpool keeps this module until the pool is gone. NULL: the consumer's own module. Then the
 *	rules of callbacks hold for these ops, too: see kpool_destroy(). If objects are put after
 *	the consumer's module may be gone, their memory is lost, and the log says how much. kpool
 *	takes an owner that is the consumer itself for NULL.
 * @flags: of &enum kpool_memory_flags
 * @begin: a pool is being created, whose requests will have this size and this alignment, in bytes.
 *	Returns 0 or an error, with which kpool_create() then fails. May sleep. Optional.
 * @alloc: allocates memory for @n objects, at most %KPOOL_MEMORY_BATCH, and writes the addresses to
 *	@mem. Returns for how many of them, from the first, there is memory; fewer than @n: there is
 *	not more now. A get that needs more fails with -ENOMEM, or waits for the reserve, as if the
 *	kernel had no memory. The memory is normal memory of the kernel: its CPUs can read and write
 *	it through the address. It belongs to kpool until kpool gives it back. kpool expects nothing
 *	of its contents. kpool may ask for memory that it does not need in the end, and then gives
 *	it back at once.
 * @free: takes memory of @n pieces back, at most %KPOOL_MEMORY_BATCH, in any order and mixed from
 *	any calls of alloc
 * @detach: kpool_destroy() or kpool_destroy_sync() is about to return while consumers still hold
 *	objects. For a provider whose memory depends on something that may go away after that, such
 *	as a device. free may be called at the same time, and later. May sleep. Optional.
 * @end: kpool calls no other op for this pool any more. Runs once for each pool that
 *	kpool_create() returned: in kpool_destroy() or kpool_destroy_sync(), or, if they left
 *	objects out, after the last of these objects was put. Does not run after an error of
 *	kpool_create(), even if @begin did: then all memory is back when kpool_create() returns.
 *	May sleep. Optional.
 *
 * The argument ctx is &kpool_params.memory_ctx.
 *
 * Context: alloc and free run in the task or interrupt that gets or puts, unless their flag says
 * that they sleep; never in NMI, and on PREEMPT_RT only where a spinlock may be taken. So what they
 * share needs locks with interrupts off. Several CPUs may call them at once. kpool holds no lock
 * meanwhile. They must not use the pool.
 *
 * kmemleak does not see the addresses that kpool has. A provider whose memory kmemleak knows, such
 * as that of kmalloc() or vmalloc(), calls kmemleak_not_leak() for it.
 */
struct kpool_memory_ops {
	struct module *owner;
	unsigned int flags;
	int (*begin)(void *ctx, size_t size, size_t align);
	unsigned int (*alloc)(void *ctx, const struct kpool_memory_request *request, void **mem,
			      unsigned int n);
	void (*free)(void *ctx, void **mem, unsigned int n);
	void (*detach)(void *ctx);
	void (*end)(void *ctx);
};

#endif /* _LINUX_KPOOL_MEMORY_H */
