// SPDX-License-Identifier: GPL-2.0-only
/*
 * A netlink family that does nothing. Its registration waits for each request of any family that
 * sleeps, and all later requests wait for the registration.
 */
#include <linux/module.h>
#include <net/genetlink.h>

static struct genl_family family = {
	.name = "kpool_family",
	.version = 1,
	.module = THIS_MODULE,
};

static int __init family_init(void)
{
	return genl_register_family(&family);
}
module_init(family_init);

static void __exit family_exit(void)
{
	genl_unregister_family(&family);
}
module_exit(family_exit);

MODULE_DESCRIPTION("A netlink family that does nothing");
MODULE_LICENSE("GPL");
