// SPDX-License-Identifier: GPL-2.0-only
/*
 * A driver of QEMU's device `edu`, whose objects come from DMA pools. The device has a buffer of
 * 4096 bytes, and copies between that buffer and memory. At its probe the driver sends objects of
 * each pool to the device and back, and compares. It keeps some objects beyond its remove(), and
 * puts them when the module ends.
 */
#include <linux/bits.h>
#include <linux/dma-mapping.h>
#include <linux/io.h>
#include <linux/iopoll.h>
#include <linux/kpool_dma.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/sizes.h>
#include <linux/string.h>

#define EDU_ID			0x00
#define EDU_DMA_FROM		0x80
#define EDU_DMA_TO		0x88
#define EDU_DMA_COUNT		0x90
#define EDU_DMA_COMMAND		0x98
#define EDU_DMA_START		BIT(0)
#define EDU_DMA_TO_MEMORY	BIT(1)
#define EDU_BUFFER		0x40000
#define EDU_BUFFER_BYTES	SZ_4K
/* QEMU 7.2 ends if a copy fills the buffer up. */
#define EDU_MOST		(EDU_BUFFER_BYTES - 1)

#define OBJS	4	/* of a pool that are in use at once */
#define ROUNDS	2

struct edu_pool {
	struct kpool_params params;
	struct kpool_dma_params dma;
	struct kpool *pool;
	void *kept;		/* beyond remove() */
};

static struct edu_pool pools[] = {
	{ { .name = "edu-64", .size = 64, .reserve = 4 }, { .direction = DMA_BIDIRECTIONAL } },
	{ { .name = "edu-1500", .size = 1500 }, { .direction = DMA_BIDIRECTIONAL } },
	{ { .name = "edu-4096", .size = SZ_4K, .flags = KPOOL_ZERO_ON_PUT },
	  { .direction = DMA_BIDIRECTIONAL } },
	{ { .name = "edu-coherent-48", .size = 48 },
	  { .direction = DMA_BIDIRECTIONAL, .flags = KPOOL_DMA_COHERENT } },
	{ { .name = "edu-coherent-4096", .size = SZ_4K, .idle_ms = 1000000 },
	  { .direction = DMA_BIDIRECTIONAL, .flags = KPOOL_DMA_COHERENT } },
};

static int edu_copy(void __iomem *regs, u64 from, u64 to, u32 bytes, u32 direction)
{
	u32 command;

	writeq(from, regs + EDU_DMA_FROM);
	writeq(to, regs + EDU_DMA_TO);
	writeq(bytes, regs + EDU_DMA_COUNT);
	writeq(EDU_DMA_START | direction, regs + EDU_DMA_COMMAND);
	return readl_poll_timeout(regs + EDU_DMA_COMMAND, command, !(command & EDU_DMA_START),
				  1000, 10 * USEC_PER_SEC);
}

static void fill(u8 *bytes, size_t n, u8 seed)
{
	size_t i;

	for (i = 0; i < n; i++)
		bytes[i] = seed + i * 7;
}

static bool is_filled(const u8 *bytes, size_t n, u8 seed)
{
	size_t i;

	for (i = 0; i < n && bytes[i] == (u8)(seed + i * 7); i++)
		;
	return i == n;
}

/* Sends an object to the device, and takes the bytes back in another one. */
static int there_and_back(void __iomem *regs, struct edu_pool *p, void *from, void *to, u8 seed)
{
	u32 bytes = min_t(size_t, p->params.size, EDU_MOST);
	int err;

	fill(from, bytes, seed);
	kpool_dma_sync_for_device(p->pool, from, 0, bytes);
	err = edu_copy(regs, kpool_dma_addr(p->pool, from), EDU_BUFFER, bytes, 0);
	if (err)
		return err;
	memset(to, 0, bytes);
	kpool_dma_sync_for_device(p->pool, to, 0, bytes);
	err = edu_copy(regs, EDU_BUFFER, kpool_dma_addr(p->pool, to), bytes, EDU_DMA_TO_MEMORY);
	if (err)
		return err;
	kpool_dma_sync_for_cpu(p->pool, to, 0, bytes);
	if (is_filled(to, bytes, seed))
		return 0;
	pr_err("%s: the bytes that came back are not those that were sent\n", p->params.name);
	return -EIO;
}

/* The second round has objects that were put, and stayed mapped. */
static int use_pool(void __iomem *regs, struct edu_pool *p)
{
	void *objs[OBJS];
	unsigned int round, i;
	int err;

	for (round = 0; round < ROUNDS; round++) {
		err = kpool_get_bulk(p->pool, GFP_KERNEL, objs, OBJS);
		if (err)
			return err;
		for (i = 0; i + 1 < OBJS && !err; i++)
			err = there_and_back(regs, p, objs[i], objs[i + 1], round * OBJS + i);
		kpool_put_bulk(p->pool, objs, OBJS);
		if (err)
			return err;
	}
	return 0;
}

static void end_pools(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pools); i++) {
		kpool_destroy(pools[i].pool);
		if (!pools[i].kept)
			pools[i].pool = NULL;
	}
}

static int start_pools(struct device *dev)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pools); i++) {
		pools[i].dma.dev = dev;
		pools[i].pool = kpool_dma_create(&pools[i].params, &pools[i].dma);
		if (IS_ERR(pools[i].pool))
			return PTR_ERR(pools[i].pool);
	}
	return 0;
}

static int use_pools(void __iomem *regs)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(pools) && !err; i++) {
		err = use_pool(regs, &pools[i]);
		if (!err)
			pr_info("%s: %u objects there and back\n", pools[i].params.name,
				ROUNDS * (OBJS - 1));
	}
	return err;
}

/* Objects that other code still has when the device goes. */
static int keep_some(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pools); i++) {
		pools[i].kept = kpool_get(pools[i].pool, GFP_KERNEL);
		if (IS_ERR(pools[i].kept))
			return PTR_ERR(pools[i].kept);
		memset(pools[i].kept, 0x5a, pools[i].params.size);
	}
	return 0;
}

static int edu_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	void __iomem *regs;
	int err;

	err = pcim_enable_device(pdev);
	if (err)
		return err;
	pci_set_master(pdev);
	err = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(32));
	if (err)
		return err;
	regs = pcim_iomap(pdev, 0, 0);
	if (!regs)
		return -ENOMEM;
	err = start_pools(&pdev->dev) ?: use_pools(regs) ?: keep_some();
	if (err) {
		pr_err("probe failed: %d\n", err);
		end_pools();
	}
	return err;
}

static void edu_remove(struct pci_dev *pdev)
{
	unsigned int i;

	end_pools();
	for (i = 0; i < ARRAY_SIZE(pools); i++)
		if (kpool_dma_addr(pools[i].pool, pools[i].kept) != DMA_MAPPING_ERROR)
			pr_err("%s: an object is mapped for a device that goes\n",
			       pools[i].params.name);
	pr_info("removed\n");
}

static const struct pci_device_id edu_ids[] = {
	{ PCI_DEVICE(0x1234, 0x11e8) },
	{}
};
MODULE_DEVICE_TABLE(pci, edu_ids);

static struct pci_driver edu_driver = {
	.name = "kpool_edu",
	.id_table = edu_ids,
	.probe = edu_probe,
	.remove = edu_remove,
};

static int __init edu_init(void)
{
	return pci_register_driver(&edu_driver);
}
module_init(edu_init);

static void __exit edu_exit(void)
{
	unsigned int i;
	u8 *kept;

	pci_unregister_driver(&edu_driver);
	for (i = 0; i < ARRAY_SIZE(pools); i++) {
		kept = pools[i].kept;
		if (IS_ERR_OR_NULL(kept))
			continue;
		/* Coherent memory is lost, but not taken away. */
		if (memchr_inv(kept, 0x5a, pools[i].params.size))
			pr_err("%s: a kept object has changed\n", pools[i].params.name);
		kpool_put(pools[i].pool, kept);
	}
	pr_info("late puts done\n");
}
module_exit(edu_exit);

MODULE_DESCRIPTION("Sends objects of DMA pools to QEMU's edu device and back");
MODULE_LICENSE("GPL");
KPOOL_IMPORT_NS;
