// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets, from a device into a reader's ring.
 */
#include <linux/if_arp.h>
#include <linux/if_vlan.h>
#include <linux/ktime.h>
#include <linux/rtnetlink.h>
#include <linux/skbuff.h>

#include "reader.h"

/* What lies in the stack beside a packet, and goes back to where it was on the wire. */
struct vlan_tag {
	__be16 proto;
	__be16 tci;
};

/* A packet as it was on the wire: where that begins, and whether a tag is to be put back. */
struct frame {
	const struct sk_buff *skb;
	int start;
	bool tagged;
};

/*
 * The handlers of a device may share a packet, so it is left as it is: a link layer header
 * that receiving has gone past lies before its data.
 */
static struct frame frame_of(const struct sk_buff *skb, const struct net_device *dev)
{
	return (struct frame){
		.skb = skb,
		.start = dev_has_header(dev) ? skb_mac_offset(skb) : 0,
		.tagged = dev_has_header(dev) && skb_vlan_tag_present(skb),
	};
}

static u32 frame_len(const struct frame *frame)
{
	return frame->skb->len - frame->start + (frame->tagged ? sizeof(struct vlan_tag) : 0);
}

/* Behind both addresses, of which only a part may be wanted. */
static int copy_tagged(const struct frame *frame, void *to, u32 n)
{
	const struct vlan_tag tag = {
		.proto = frame->skb->vlan_proto,
		.tci = htons(skb_vlan_tag_get(frame->skb)),
	};
	u32 addresses = min_t(u32, n, 2 * ETH_ALEN);
	u32 of_tag = min_t(u32, n - addresses, sizeof(tag));
	int err;

	err = skb_copy_bits(frame->skb, frame->start, to, addresses);
	if (err)
		return err;
	memcpy(to + addresses, &tag, of_tag);
	return skb_copy_bits(frame->skb, frame->start + addresses, to + addresses + of_tag,
			     n - addresses - of_tag);
}

static int copy_frame(const struct frame *frame, void *to, u32 n)
{
	if (frame->tagged)
		return copy_tagged(frame, to, n);
	return skb_copy_bits(frame->skb, frame->start, to, n);
}

/* When it came in, if it is known; what goes out may say when it is to leave instead. */
static u64 time_of(const struct sk_buff *skb)
{
	return ktime_to_ns(skb_tstamp(skb) ?: ktime_get_real());
}

/*
 * The ring is mirrored, and larger than any two blocks: so there is always room, and in one piece.
 */
static void add_record(struct tap_reader *reader, const struct frame *frame)
{
	u32 len = frame_len(frame), caplen = min_t(u32, len, tap.snaplen);
	size_t left = tap.block - kpool_ring_head(reader->ring) % tap.block;
	size_t filler = tap_record_size(caplen) > left ? left : 0;
	size_t n = filler + tap_record_size(caplen);
	struct tap_record *record = kpool_ring_reserve(reader->ring, &n);

	if (filler) {
		record->caplen = TAP_FILLER;
		record = (void *)record + filler;
	}
	/* Of what cannot be looked at there is at least to be told that it came by. */
	if (copy_frame(frame, record + 1, caplen))
		caplen = 0;
	*record = (struct tap_record){
		.caplen = caplen,
		.len = len,
		.number = reader->seen,
		.ns = time_of(frame->skb),
	};
	WRITE_ONCE(reader->seen, reader->seen + 1);
	/* Its release pairs with the barrier in figures_of(), too. */
	kpool_ring_commit(reader->ring, filler + tap_record_size(caplen));
}

/* On loopback each packet comes by twice: it is enough to see it come in. */
static bool is_wanted(const struct sk_buff *skb, const struct net_device *dev)
{
	return skb->pkt_type != PACKET_LOOPBACK &&
	       !(dev->flags & IFF_LOOPBACK && skb->pkt_type == PACKET_OUTGOING);
}

/* Called in softirq, or with softirqs off, which is why the lock need not do that. */
static int packet_seen(struct sk_buff *skb, struct net_device *dev, struct packet_type *handler,
		       struct net_device *orig_dev)
{
	struct tap_reader *reader = container_of(handler, struct tap_reader, handler);

	if (is_wanted(skb, dev)) {
		const struct frame frame = frame_of(skb, dev);

		spin_lock(&reader->producer);
		add_record(reader, &frame);
		kpool_ring_wrote(&reader->wait);
		spin_unlock(&reader->producer);
	}
	consume_skb(skb);
	return NET_RX_SUCCESS;
}

/**
 * packet_linktype() - what packets of a device begin with
 * @dev: the device
 * @linktype: set to what pcap calls that
 *
 * Return: 0, or -EPROTONOSUPPORT if it is neither Ethernet nor IP.
 */
int packet_linktype(const struct net_device *dev, u32 *linktype)
{
	switch (dev->type) {
	case ARPHRD_ETHER:
	case ARPHRD_LOOPBACK:
		*linktype = PCAP_ETHERNET;
		return 0;
	case ARPHRD_NONE:
	case ARPHRD_RAWIP:
	case ARPHRD_TUNNEL:
	case ARPHRD_TUNNEL6:
	case ARPHRD_SIT:
	case ARPHRD_IPGRE:
	case ARPHRD_IP6GRE:
		*linktype = PCAP_RAW;
		return dev_has_header(dev) ? -EPROTONOSUPPORT : 0;
	default:
		return -EPROTONOSUPPORT;
	}
}

/**
 * packet_attach() - have packets of the device go into a reader's ring
 * @reader: the reader, of whom all else is set up
 *
 * Context: the RTNL is held.
 * Return: 0; -ENODEV if there is no such device (any more), -EPROTONOSUPPORT.
 */
int packet_attach(struct tap_reader *reader)
{
	struct net_device *dev = __dev_get_by_name(&init_net, tap.device);
	int err;

	ASSERT_RTNL();
	if (!dev)
		return -ENODEV;
	err = packet_linktype(dev, &reader->linktype);
	if (err)
		return err;
	netdev_hold(dev, &reader->tracker, GFP_KERNEL);
	reader->dev = dev;
	reader->handler = (struct packet_type){
		.type = htons(ETH_P_ALL),
		.dev = dev,
		.func = packet_seen,
	};
	dev_add_pack(&reader->handler);
	return 0;
}

/**
 * packet_detach() - no more packets for a reader
 * @reader: the reader; nothing happens if its device is gone already
 *
 * Context: the RTNL is held. Sleeps: afterwards no packet is on its way into the ring.
 */
void packet_detach(struct tap_reader *reader)
{
	ASSERT_RTNL();
	if (!reader->dev)
		return;
	dev_remove_pack(&reader->handler);
	netdev_put(reader->dev, &reader->tracker);
	reader->dev = NULL;
}
