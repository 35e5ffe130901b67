// SPDX-License-Identifier: GPL-2.0-only
/* Words for calls that were given no pool. Other files have the words for other wrong calls. */
#include <linux/instruction_pointer.h>
#include <linux/kpool.h>
#include <linux/printk.h>

#include "base/refusal.h"

/**
 * kpool_say_no_pool() - say that a get or a put was given no pool
 * @pool: what it was given
 * @call: its name
 *
 * Context: any.
 */
void kpool_say_no_pool(const void *pool, const char *call)
{
	pr_err_ratelimited("%s() by %pS: no pool, but %pe\n", call,
			   kp_consumer() ?: (void *)_RET_IP_, pool);
}
EXPORT_SYMBOL_GPL(kpool_say_no_pool);
