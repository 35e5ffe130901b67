// SPDX-License-Identifier: GPL-2.0-only
/* Load and unload order. */
#include <linux/init.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <net/genetlink.h>

#include "pool.h"

/*
 * Teardowns and the end of pools, and, apart because gets wait for it, what is
 * built in a worker. Both may be waited for while memory is reclaimed.
 */
struct workqueue_struct *kpool_wq;
EXPORT_SYMBOL_FOR_TESTS(kpool_wq);
struct workqueue_struct *kpool_build_wq;

static int __init kpool_init(void)
{
	int err;

	kpool_wq = alloc_workqueue("kpool", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	if (!kpool_wq)
		return -ENOMEM;
	kpool_build_wq = alloc_workqueue("kpool_build", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	if (!kpool_build_wq) {
		err = -ENOMEM;
		goto err_build_wq;
	}
	err = kp_shrink_init();
	if (err)
		goto err_shrink;
	err = kp_registry_init();
	if (err)
		goto err_registry;
	err = kp_hotplug_init();
	if (err)
		goto err_hotplug;
	err = kp_clock_init(kp_age_recount);
	if (err)
		goto err_clock;
	kp_age_init();
	kp_debugfs_init();
	err = kp_netlink_init();
	if (err)
		goto err_netlink;
	return 0;

err_netlink:
	kp_debugfs_exit();
	kp_age_exit();
	kp_clock_exit();
err_clock:
	kp_hotplug_exit();
err_hotplug:
	kp_registry_exit();
err_registry:
	kp_shrink_exit();
err_shrink:
	destroy_workqueue(kpool_build_wq);
err_build_wq:
	destroy_workqueue(kpool_wq);
	return err;
}

/* There is no pool any more: each holds a reference to the module. */
static void __exit kpool_exit(void)
{
	kp_netlink_exit();
	kp_debugfs_exit();
	kp_clock_exit();
	kp_age_exit();
	kp_hotplug_exit();
	rcu_barrier();		/* the rcu_works of the pools that ended last are queued now */
	destroy_workqueue(kpool_build_wq);
	destroy_workqueue(kpool_wq);
	kp_registry_exit();
	kp_shrink_exit();
}

module_init(kpool_init);
module_exit(kpool_exit);

MODULE_DESCRIPTION("Pools of built objects");
MODULE_AUTHOR("The kpool authors");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1");
MODULE_ALIAS_GENL_FAMILY(KPOOL_FAMILY_NAME);
