// SPDX-License-Identifier: GPL-2.0-only
/* The last 5000 bytes of a log, in an array with a lock around each byte's copy. */
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#define HISTORY_BYTES	5000

struct history {
	spinlock_t lock;	/* Protects: all members */
	size_t first;
	size_t len;
	u8 bytes[HISTORY_BYTES];
};

static struct history *history_get(void)
{
	struct history *history = kzalloc(sizeof(*history), GFP_KERNEL);

	if (history)
		spin_lock_init(&history->lock);
	return history;
}

static void history_put(struct history *history)
{
	kfree(history);
}

static void history_write(struct history *history, const u8 *bytes, size_t n)
{
	unsigned long flags;
	size_t i;

	spin_lock_irqsave(&history->lock, flags);
	for (i = 0; i < n; i++) {
		history->bytes[(history->first + history->len) % HISTORY_BYTES] = bytes[i];
		if (history->len < HISTORY_BYTES)
			history->len++;
		else
			history->first = (history->first + 1) % HISTORY_BYTES;
	}
	spin_unlock_irqrestore(&history->lock, flags);
}

static size_t history_read(struct history *history, u8 *to, size_t n)
{
	unsigned long flags;
	size_t i;

	spin_lock_irqsave(&history->lock, flags);
	n = min(n, history->len);
	for (i = 0; i < n; i++)
		to[i] = history->bytes[(history->first + i) % HISTORY_BYTES];
	history->first = (history->first + n) % HISTORY_BYTES;
	history->len -= n;
	spin_unlock_irqrestore(&history->lock, flags);
	return n;
}

/* The module uses the above once. */
static int __init example_init(void)
{
	struct history *history = history_get();
	u8 bytes[5];

	if (!history)
		return -ENOMEM;
	history_write(history, "kpool", 5);
	if (history_read(history, bytes, 5) != 5)
		pr_err("the bytes did not pass\n");
	history_put(history);
	return 0;
}
module_init(example_init);

static void __exit example_exit(void)
{
}
module_exit(example_exit);

MODULE_DESCRIPTION("The last bytes of a log, in an array");
MODULE_LICENSE("GPL");
