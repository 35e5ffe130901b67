/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What lies in a tap's ring, and what is read from its file: for the module, and for programs
 * that map the ring. Everything is in the machine's own byte order.
 *
 * A ring that overwrites loses bytes, not records. So that a reader who lost some finds where a
 * record begins again, the ring is cut into blocks, and its size is a multiple of theirs. At each
 * position that is a multiple of a block's size a record begins, and none goes on beyond a
 * block's end: what is left there is a filler.
 */
#ifndef _TAP_H
#define _TAP_H

#include <linux/types.h>

/* Records begin and end at multiples of it, so there is room to say that a filler begins. */
#define TAP_ALIGN	8

/**
 * struct tap_record - what lies before the bytes of a packet
 * @caplen: bytes of the packet that follow; or %TAP_FILLER: nothing more in this block,
 *	and nothing behind @caplen is set
 * @len: bytes that the packet had on the wire
 * @number: of the packet, from 0 on: so a gap tells how many were lost
 * @ns: when it came by, in nanoseconds since 1970
 */
struct tap_record {
	__u32 caplen;
	__u32 len;
	__u64 number;
	__u64 ns;
};

#define TAP_FILLER	0xffffffffU

static inline __u32 tap_round_up(__u32 n, __u32 to)
{
	return (n + to - 1) / to * to;
}

/* Bytes of a record with so many of a packet. */
static inline __u32 tap_record_size(__u32 caplen)
{
	return tap_round_up(sizeof(struct tap_record) + caplen, TAP_ALIGN);
}

/* Bytes of a block: pages that have room for any record. @snaplen is as in the pcap header. */
static inline __u32 tap_block_size(__u32 snaplen, __u32 page_size)
{
	return tap_round_up(tap_record_size(snaplen), page_size);
}

/**
 * struct pcap_header - what a pcap stream begins with, and so what a tap's file does
 * @magic: %PCAP_NS
 * @major: 2
 * @minor: 4
 * @zone: 0
 * @accuracy: 0
 * @snaplen: most bytes of a packet
 * @linktype: what packets begin with
 */
struct pcap_header {
	__u32 magic;
	__u16 major;
	__u16 minor;
	__s32 zone;
	__u32 accuracy;
	__u32 snaplen;
	__u32 linktype;
};

#define PCAP_NS			0xa1b23c4d	/* times are in nanoseconds */
#define PCAP_ETHERNET		1
#define PCAP_RAW		101		/* an IP header, of version 4 or 6 */

/**
 * struct pcap_packet - what lies before the bytes of a packet there
 * @sec: when it came by, in seconds since 1970
 * @nsec: and nanoseconds
 * @caplen: bytes of the packet that follow
 * @len: bytes that it had on the wire
 */
struct pcap_packet {
	__u32 sec;
	__u32 nsec;
	__u32 caplen;
	__u32 len;
};

#endif /* _TAP_H */
