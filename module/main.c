// SPDX-License-Identifier: GPL-2.0-only
/* Loading and unloading: the order in which the parts of the module start and stop. */
#include <linux/init.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <net/genetlink.h>

#include "base/chance.h"
#include "base/clock.h"
#include "base/registry.h"
#include "base/work.h"
#include "policy/age.h"
#include "policy/hotplug.h"
#include "policy/oom.h"
#include "policy/shrink.h"
#include "pool.h"
#include "sized/sets.h"
#include "store/magazine.h"
#include "store/stats.h"
#include "view/debugfs.h"
#include "view/netlink.h"

static int __init kpool_init(void)
{
	int err;

	kp_chance_init();
	err = kp_pools_init();
	if (err)
		return err;
	err = kp_magazines_init();
	if (err)
		goto err_magazines;
	err = kp_work_init();
	if (err)
		goto err_work;
	err = kp_stats_init();
	if (err)
		goto err_stats;
	err = kp_shrink_init();
	if (err)
		goto err_shrink;
	err = kp_registry_init();
	if (err)
		goto err_registry;
	err = kp_oom_init();
	if (err)
		goto err_oom;
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
	kp_oom_exit();
err_oom:
	kp_sets_exit();
	kp_registry_exit();
err_registry:
	kp_shrink_exit();
err_shrink:
	kp_stats_exit();
err_stats:
	kp_work_exit();
err_work:
	kp_magazines_exit();
err_magazines:
	kp_pools_exit();
	return err;
}

/* No pool exists any more, as each pool holds a reference to the module. */
static void __exit kpool_exit(void)
{
	kp_netlink_exit();
	kp_debugfs_exit();
	kp_clock_exit();
	kp_age_exit();
	kp_hotplug_exit();
	rcu_barrier();		/* the rcu_works of the last pools are queued after this */
	kp_work_exit();
	kp_oom_exit();
	kp_sets_exit();
	kp_registry_exit();
	kp_shrink_exit();
	kp_stats_exit();
	kp_magazines_exit();
	kp_pools_exit();
}

module_init(kpool_init);
module_exit(kpool_exit);

MODULE_DESCRIPTION("Pools of built objects");
MODULE_AUTHOR("The kpool authors");
MODULE_LICENSE("GPL");
MODULE_VERSION(KPOOL_VERSION);
MODULE_ALIAS_GENL_FAMILY(KPOOL_FAMILY_NAME);
