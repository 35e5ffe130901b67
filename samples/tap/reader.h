/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the tap share. */
#ifndef _READER_H
#define _READER_H

#include <linux/fs.h>
#include <linux/if_packet.h>
#include <linux/kpool_ring_wait.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

#include "tap.h"

/**
 * struct tap_figures - what became of packets
 * @seen: came by
 * @delivered: were read
 * @lost: were overwritten before
 * @bytes: were read, of the stream that they are in
 */
struct tap_figures {
	u64 seen;
	u64 delivered;
	u64 lost;
	u64 bytes;
};

/**
 * struct tap - what there is once
 * @device: name of the network device
 * @ring_bytes: of a reader's ring, and then rounded up to blocks
 * @snaplen: most bytes of a packet that are kept
 * @read_batch: bytes that a reader is woken for
 * @delay_ms: after which it is woken for fewer
 * @max_readers: how many there may be at once
 * @block: bytes of a block of a ring
 * @rings: where readers have theirs from
 * @readers: all of them; protected by the RTNL, which decides about devices, too
 * @closed: figures of those who are gone; protected by the RTNL
 */
struct tap {
	char *device;
	unsigned int ring_bytes;
	unsigned int snaplen;
	unsigned int read_batch;
	unsigned int delay_ms;
	unsigned int max_readers;
	u32 block;
	struct kpool_ring_pool *rings;
	struct list_head readers;
	struct tap_figures closed;
};

extern struct tap tap;

/**
 * struct tap_reader - one who opened the file
 * @ring: packets on their way from the device to the reader
 * @wait: who waits for them
 * @entry: in &tap.readers
 * @dev: the device; NULL once it is gone. Protected by the RTNL
 * @tracker: of the reference to @dev
 * @linktype: of @dev, as it is in the pcap header
 * @handler: is called for each packet
 * @producer: packets come by on several CPUs at once. Readers never take it, so they cannot
 *	hold up the network. Innermost.
 * @seen: packets that came by
 * @consumer: protects the consumer's side of @ring, and all below it, against threads that
 *	read the same file. It is not held while one waits. Outermost.
 * @at: position in @ring up to which it was read
 * @chunk: bytes that were copied out of @ring and not looked at yet: whole records, no more than
 *	one block
 * @chunk_len: how many
 * @out: what the next read gets first: the pcap header, or a packet with its own
 * @out_len: how many bytes of it are left
 * @next: number of the packet that comes next if none was lost
 * @delivered: packets that were read
 * @lost: packets that were overwritten before
 * @bytes: bytes that were read
 * @header: what a reader gets before all packets
 * @pid: of the process that opened the file
 * @comm: its name
 * @buf: where @chunk and @out point to
 */
struct tap_reader {
	struct kpool_ring *ring;
	struct kpool_ring_wait wait;
	struct list_head entry;
	struct net_device *dev;
	netdevice_tracker tracker;
	u32 linktype;

	struct packet_type handler ____cacheline_aligned_in_smp;
	spinlock_t producer;		/* protects the ring's side of that name, and seen */
	u64 seen;

	struct mutex consumer ____cacheline_aligned_in_smp;
	unsigned long at;
	u8 *chunk;
	size_t chunk_len;
	const u8 *out;
	size_t out_len;
	u64 next;
	u64 delivered;
	u64 lost;
	u64 bytes;

	struct pcap_header header;
	pid_t pid;
	char comm[TASK_COMM_LEN];
	u8 buf[];
};

/* packet.c */
int packet_linktype(const struct net_device *dev, u32 *linktype);
int packet_attach(struct tap_reader *reader);
void packet_detach(struct tap_reader *reader);

/* reader.c */
extern const struct file_operations reader_fops;

/* stats.c */
void stats_closed(struct tap_reader *reader);
void stats_publish(void);
void stats_unpublish(void);

#endif /* _READER_H */
