// SPDX-License-Identifier: GPL-2.0-only
/*
 * A tap: what passes a network device, as a pcap stream in /dev/kpool-tap. Each reader has a
 * ring of its own out of a pool. It overwrites, so a slow reader loses the oldest packets, and
 * does not hold up the network.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/rtnetlink.h>
#include <linux/sizes.h>

#include "reader.h"

/* As many blocks as make it worth while to lose one: what a reader is overtaken in is lost. */
#define BLOCKS_LEAST	4

/* As libpcap: no reader takes more for a packet's length. */
#define SNAPLEN_MOST	262144

struct tap tap = {
	.ring_bytes	= SZ_1M,
	.snaplen	= 65535,
	.delay_ms	= 100,
	.max_readers	= 16,
	.readers	= LIST_HEAD_INIT(tap.readers),
};

module_param_named(device, tap.device, charp, 0444);
MODULE_PARM_DESC(device, "name of the network device");
module_param_named(ring_bytes, tap.ring_bytes, uint, 0444);
MODULE_PARM_DESC(ring_bytes, "bytes of packets that each reader may lag behind, rounded up to blocks (default: 1048576)");
module_param_named(snaplen, tap.snaplen, uint, 0444);
MODULE_PARM_DESC(snaplen, "bytes of a packet that are kept, from the first on (default: 65535)");
module_param_named(read_batch, tap.read_batch, uint, 0444);
MODULE_PARM_DESC(read_batch, "bytes of packets that a reader is woken for, 0: any (default: 0)");
module_param_named(delay_ms, tap.delay_ms, uint, 0444);
MODULE_PARM_DESC(delay_ms, "when a reader is woken for less than a batch, in ms, 0: never (default: 100)");
module_param_named(max_readers, tap.max_readers, uint, 0444);
MODULE_PARM_DESC(max_readers, "how many may read at once, each with a ring, 0: no limit (default: 16)");

static int check_sizes(void)
{
	if (!tap.snaplen || tap.snaplen > SNAPLEN_MOST) {
		pr_err("snaplen=%u: 1 to %u are possible\n", tap.snaplen, SNAPLEN_MOST);
		return -EINVAL;
	}
	tap.block = tap_block_size(tap.snaplen, PAGE_SIZE);
	if (tap.ring_bytes < BLOCKS_LEAST * tap.block || tap.ring_bytes > KPOOL_RING_MOST / 2) {
		pr_err("ring_bytes=%u: with snaplen=%u, %u to %lu are possible\n", tap.ring_bytes,
		       tap.snaplen, BLOCKS_LEAST * tap.block, KPOOL_RING_MOST / 2);
		return -EINVAL;
	}
	if (tap.read_batch > tap.ring_bytes / 2) {
		pr_err("read_batch=%u: up to half of ring_bytes=%u is possible\n", tap.read_batch,
		       tap.ring_bytes);
		return -EINVAL;
	}
	return 0;
}

/* That it is there now: whoever opens the file looks for it again. */
static int check_device(void)
{
	struct net_device *dev;
	u32 linktype;
	int err;

	if (!tap.device) {
		pr_err("device= is missing: the name of a network device\n");
		return -EINVAL;
	}
	rtnl_lock();
	dev = __dev_get_by_name(&init_net, tap.device);
	err = dev ? packet_linktype(dev, &linktype) : -ENODEV;
	if (err == -ENODEV)
		pr_err("device=%s: there is no such network device\n", tap.device);
	else if (err)
		pr_err("device=%s: its packets (type %u) are neither Ethernet nor IP\n",
		       tap.device, dev->type);
	rtnl_unlock();
	return err;
}

static int rings_open(void)
{
	const struct kpool_ring_pool_params params = {
		.name = "tap-rings",
		.size = tap_round_up(tap.ring_bytes, tap.block),
		/* What can be mapped is wiped, too: what a reader saw is not for the next one. */
		.ring_flags = KPOOL_RING_OVERWRITE | KPOOL_RING_MIRRORED | KPOOL_RING_MAPPABLE,
		.max = tap.max_readers,
	};

	tap.rings = kpool_ring_pool_create(&params);
	return PTR_ERR_OR_ZERO(tap.rings);
}

/*
 * A device goes, or goes to another network namespace. Its readers get what is in their rings,
 * and then the end of the file.
 */
static int device_event(struct notifier_block *block, unsigned long event, void *info)
{
	const struct net_device *dev = netdev_notifier_info_to_dev(info);
	struct tap_reader *reader;

	if (event != NETDEV_UNREGISTER)
		return NOTIFY_DONE;
	list_for_each_entry(reader, &tap.readers, entry) {
		if (reader->dev != dev)
			continue;
		packet_detach(reader);
		kpool_ring_end(&reader->wait);
	}
	return NOTIFY_DONE;
}

static struct notifier_block device_events = {
	.notifier_call = device_event,
};

static struct miscdevice file = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "kpool-tap",
	.fops = &reader_fops,
	.mode = 0600,
};

static int __init tap_init(void)
{
	int err;

	err = check_sizes();
	if (err)
		return err;
	err = check_device();
	if (err)
		return err;
	err = rings_open();
	if (err)
		return err;
	err = register_netdevice_notifier(&device_events);
	if (err)
		goto err_notifier;
	err = misc_register(&file);
	if (err)
		goto err_file;
	stats_publish();
	return 0;

err_file:
	unregister_netdevice_notifier(&device_events);
err_notifier:
	kpool_ring_pool_destroy(tap.rings);
	return err;
}
module_init(tap_init);

static void __exit tap_exit(void)
{
	stats_unpublish();
	misc_deregister(&file);
	unregister_netdevice_notifier(&device_events);
	kpool_ring_pool_destroy(tap.rings);
}
module_exit(tap_exit);

MODULE_DESCRIPTION("Packet tap that serves pcap out of rings that overwrite");
MODULE_LICENSE("GPL");
KPOOL_IMPORT_NS;
