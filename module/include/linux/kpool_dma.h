/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kpool: pools of objects that a device reads and writes. An object is mapped for the device when
 * kpool builds it, and stays mapped while it is idle.
 */
#ifndef _LINUX_KPOOL_DMA_H
#define _LINUX_KPOOL_DMA_H

#include <linux/dma-direction.h>
#include <linux/kpool.h>

struct device;

/**
 * DOC: DMA pools
 *
 * To map memory for a device at each use, and to unmap it afterwards, costs more than the use
 * itself on many machines: an IOMMU changes its tables, and others flush caches or copy. A DMA pool
 * maps an object once, when the object is built, and unmaps it when the object is torn down. In
 * between, a get returns an object with its address for the device, kpool_dma_addr(), and a hit
 * costs the same as in any other pool.
 *
 * *Streaming* objects are normal memory. The consumer says when the device may have the bytes, and
 * when the CPU has them back: kpool_dma_sync_for_device() and kpool_dma_sync_for_cpu(). Only these
 * calls move data between caches, or into and out of a bounce buffer. kpool itself never syncs. So
 * before each use by the device the consumer syncs what the device is to read or write, also if
 * nobody wrote to the object since the last use: kpool may have wiped it.
 *
 * *Coherent* objects (%KPOOL_DMA_COHERENT) need no sync: CPU and device see the same bytes. Reads
 * and writes of the CPU may be slow. These objects are for descriptors and rings of a device.
 *
 * An object that is put must not be in use by the device any more.
 */

/**
 * enum kpool_dma_flags - what kind of DMA pool it is
 * @KPOOL_DMA_COHERENT: coherent memory of dma_alloc_coherent(), small objects that of a dma_pool.
 *	kpool needs three words behind each object there. Objects of more than half a page take
 *	whole pages, and a worker always tears them down. Small objects give their memory back to
 *	the kernel only at the end of the pool.
 */
enum kpool_dma_flags {
	KPOOL_DMA_COHERENT	= BIT(0),
};

/**
 * struct kpool_dma_params - for which device a pool's objects are mapped
 * @dev: the device, with its DMA mask set. kpool takes a reference to it until the pool has ended,
 *	or kpool_destroy() or kpool_destroy_sync() has returned.
 * @direction: for streaming objects: %DMA_TO_DEVICE, %DMA_FROM_DEVICE or %DMA_BIDIRECTIONAL. For
 *	coherent objects: %DMA_BIDIRECTIONAL.
 * @flags: of &enum kpool_dma_flags
 */
struct kpool_dma_params {
	struct device *dev;
	enum dma_data_direction direction;
	unsigned int flags;
};

struct kpool *__kpool_dma_create(const struct kpool_params *params,
				 const struct kpool_dma_params *dma, struct module *owner,
				 struct kpool_abi abi);

/**
 * kpool_dma_create() - create a pool whose objects are mapped for a device
 * @params: as for kpool_create(), without memory. Not with what a memory provider cannot have: see
 *	memory in &struct kpool_params.
 * @dma: which device, and how; copied
 *
 * The pool has its own memory provider. A streaming object has cache lines of its own where the
 * machine needs that, and more than half a page makes whole pages, in powers of two. So the figure
 * size may be larger than &kpool_params.size.
 *
 * All other calls are those of any pool. kpool_destroy() and kpool_destroy_sync() unmap all
 * objects, also those that consumers still hold. So a driver calls one of them when its device has
 * stopped and is about to go, in its remove(). After that kpool does not touch the device any more,
 * whenever the last object is put. The memory of streaming objects is freed at their late puts. The
 * memory of coherent objects that are held then is lost, because only the device could take it
 * back; the log says how much.
 *
 * Context: process context, may sleep.
 * Return: the pool, or an ERR_PTR as from kpool_create(). Also -EINVAL for wrong @dma, and
 * -EOPNOTSUPP on a kernel without DMA; the log says why.
 */
static inline __must_check struct kpool *kpool_dma_create(const struct kpool_params *params,
							  const struct kpool_dma_params *dma)
{
	return __kpool_dma_create(params, dma, THIS_MODULE, KPOOL_ABI_HERE);
}

/* See kpool_create(). */
#ifdef CONFIG_MEM_ALLOC_PROFILING
#define kpool_dma_create(...)	alloc_hooks(kpool_dma_create(__VA_ARGS__))
#endif

/**
 * kpool_dma_addr() - the address of an object for the device
 * @pool: the pool, of kpool_dma_create()
 * @obj: an object of this pool that the caller has
 *
 * The address stays the same from ctor to dtor of the object, and ctor may ask for it, too. In a
 * pool with min_idle or reserve ctor knows the pool by &kpool_params.self.
 *
 * Context: any.
 * Return: the address. %DMA_MAPPING_ERROR after kpool_destroy() or kpool_destroy_sync(), when the
 * object is not mapped any more, and for a pool that is no DMA pool; the latter is logged.
 */
dma_addr_t kpool_dma_addr(struct kpool *pool, const void *obj);

/**
 * kpool_dma_sync_for_device() - give bytes of an object to the device
 * @pool: the pool, of kpool_dma_create()
 * @obj: an object of this pool that the caller has
 * @offset: the first byte
 * @bytes: how many bytes; 0 does nothing
 *
 * Until kpool_dma_sync_for_cpu() the CPU must not use these bytes. Does nothing for coherent
 * objects, and after kpool_destroy() or kpool_destroy_sync(). Bytes beyond the object are refused:
 * the log says so, and nothing is synced.
 *
 * Context: any except NMI.
 */
void kpool_dma_sync_for_device(struct kpool *pool, void *obj, size_t offset, size_t bytes);

/**
 * kpool_dma_sync_for_cpu() - take bytes of an object back from the device
 * @pool: the pool, of kpool_dma_create()
 * @obj: an object of this pool that the caller has
 * @offset: the first byte
 * @bytes: how many bytes; 0 does nothing
 *
 * As kpool_dma_sync_for_device(), the other way round.
 *
 * Context: any except NMI.
 */
void kpool_dma_sync_for_cpu(struct kpool *pool, void *obj, size_t offset, size_t bytes);

#endif /* _LINUX_KPOOL_DMA_H */
