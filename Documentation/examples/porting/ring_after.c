// SPDX-License-Identifier: GPL-2.0-only
/* The last 5000 bytes of a log, in a ring that overwrites. The rings come from a pool. */
#include <linux/kpool_ring.h>

#define HISTORY_BYTES	5000

static struct kpool_ring_pool *histories;

static struct kpool_ring *history_get(void)
{
	return kpool_ring_get(histories, GFP_KERNEL);
}

static void history_put(struct kpool_ring *history)
{
	kpool_ring_put(histories, history);
}

static void history_write(struct kpool_ring *history, const u8 *bytes, size_t n)
{
	kpool_ring_write(history, bytes, n);
}

static size_t history_read(struct kpool_ring *history, u8 *to, size_t n)
{
	return kpool_ring_read(history, to, n);
}

static int histories_create(void)
{
	histories = kpool_ring_pool_create(&(struct kpool_ring_pool_params){
		.name = "histories",
		.size = HISTORY_BYTES,
		.ring_flags = KPOOL_RING_OVERWRITE,
	});
	return PTR_ERR_OR_ZERO(histories);
}

static void histories_destroy(void)
{
	kpool_ring_pool_destroy(histories);
}

/* The module uses the above once. */
static int __init example_init(void)
{
	struct kpool_ring *history;
	int err = histories_create();
	u8 bytes[5];

	if (err)
		return err;
	history = history_get();
	if (IS_ERR(history)) {
		histories_destroy();
		return PTR_ERR(history);
	}
	history_write(history, "kpool", 5);
	if (history_read(history, bytes, 5) != 5)
		pr_err("the bytes did not pass\n");
	history_put(history);
	return 0;
}
module_init(example_init);

static void __exit example_exit(void)
{
	histories_destroy();
}
module_exit(example_exit);

MODULE_DESCRIPTION("The last bytes of a log, in a ring");
MODULE_LICENSE("GPL");
KPOOL_IMPORT_NS;
