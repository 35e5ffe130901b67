// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads a tap where it lies: maps the ring, and copies packets out of it without a call of the
 * kernel, but to wait.
 *
 *   tapview [-c COUNT] [FILE]
 *
 * Writes pcap to standard output, until it had COUNT packets, the device is gone, or a signal
 * ends it; then how many there were, and how many were lost, to standard error.
 *
 * While it copies, the kernel may overwrite what it copies. So it looks afterwards how far the
 * kernel may have come, and throws away what may be spoilt.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/kpool_mapped.h>

#include "tap.h"

/* Who was overtaken gives up this part of the ring, or would be overtaken again at once. */
#define GIVE_UP		8

struct view {
	int fd;
	struct kpool_ring_indices *ring;
	const unsigned char *data;
	__u64 size;
	__u32 snaplen;
	__u32 block;
	__u64 at;		/* position of the next record */
	__u64 next;		/* its number, if none was lost */
	__u64 packets;
	__u64 lost;
	unsigned char *packet;	/* a copy of its bytes */
};

static bool stopped;

static void stop(int number)
{
	__atomic_store_n(&stopped, true, __ATOMIC_RELAXED);
}

static bool is_over(const struct view *view, __u64 count)
{
	return view->packets == count || __atomic_load_n(&stopped, __ATOMIC_RELAXED);
}

static void die(const char *what)
{
	fprintf(stderr, "tapview: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* The header says how large blocks are; and who has read it is woken for packets alone. */
static void open_tap(struct view *view, const char *path)
{
	struct pcap_header header;

	view->fd = open(path, O_RDWR);
	if (view->fd < 0)
		die(path);
	if (read(view->fd, &header, sizeof(header)) != sizeof(header))
		die("no header");
	if (fwrite(&header, sizeof(header), 1, stdout) != 1)
		die("standard output");
	view->snaplen = header.snaplen;
	view->block = tap_block_size(header.snaplen, sysconf(_SC_PAGESIZE));
	view->packet = malloc(header.snaplen);
	if (!view->packet)
		die("a packet");
}

static void *map(const struct view *view, size_t n)
{
	void *start = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED, view->fd, 0);

	if (start == MAP_FAILED)
		die("mmap");
	return start;
}

/* For writing: the kernel is to know how far this has read. A tap's ring is mirrored. */
static void map_ring(struct view *view)
{
	size_t page = sysconf(_SC_PAGESIZE), data;

	view->ring = map(view, page);
	view->size = view->ring->size;
	data = view->ring->data;
	munmap(view->ring, page);
	view->ring = map(view, data + 2 * view->size);
	view->data = (unsigned char *)view->ring + data;
	view->at = view->ring->tail;
}

static __u64 border_behind(const struct view *view, __u64 position)
{
	return position - position % view->block + view->block;
}

/* Whether the next record may have been overwritten since it was there; goes on behind it then. */
static bool was_overtaken(struct view *view)
{
	__u64 claim;

	/* Pairs with the kernel's write barrier: who copied newer bytes sees their claim. */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	claim = __atomic_load_n(&view->ring->claim, __ATOMIC_RELAXED);
	if (claim - view->at <= view->size)
		return false;
	view->at = border_behind(view, claim - view->size + view->size / GIVE_UP);
	return true;
}

/* Copies the next record, if there is one. */
static bool copy_record(struct view *view, struct tap_record *record)
{
	const unsigned char *from;

	while (view->at != __atomic_load_n(&view->ring->head, __ATOMIC_ACQUIRE)) {
		from = view->data + view->at % view->size;
		memcpy(record, from, sizeof(*record));
		if (was_overtaken(view))
			continue;
		if (record->caplen == TAP_FILLER) {
			view->at = border_behind(view, view->at);
			continue;
		}
		if (record->caplen > view->snaplen) {
			errno = EPROTO;
			die("somebody else wrote into the ring");
		}
		memcpy(view->packet, from + sizeof(*record), record->caplen);
		if (!was_overtaken(view))
			return true;
	}
	return false;
}

static void write_packet(struct view *view, const struct tap_record *record)
{
	const struct pcap_packet packet = {
		.sec = record->ns / 1000000000,
		.nsec = record->ns % 1000000000,
		.caplen = record->caplen,
		.len = record->len,
	};

	if (fwrite(&packet, sizeof(packet), 1, stdout) != 1 ||
	    fwrite(view->packet, 1, record->caplen, stdout) != record->caplen)
		die("standard output");
	view->lost += record->number - view->next;
	view->next = record->number + 1;
	view->packets++;
}

static void read_packets(struct view *view, __u64 count)
{
	struct tap_record record;

	while (!is_over(view, count) && copy_record(view, &record)) {
		write_packet(view, &record);
		view->at += tap_record_size(record.caplen);
		/* So that poll() waits for more than this. */
		__atomic_store_n(&view->ring->tail, view->at, __ATOMIC_RELEASE);
	}
	if (fflush(stdout))
		die("standard output");
}

int main(int argc, char **argv)
{
	struct pollfd tap = { .events = POLLIN };
	struct view view = {};
	__u64 count = -1;
	int option;

	while ((option = getopt(argc, argv, "c:")) != -1) {
		if (option != 'c') {
			fprintf(stderr, "usage: tapview [-c COUNT] [FILE]\n");
			return 2;
		}
		count = strtoull(optarg, NULL, 0);
	}
	sigaction(SIGINT, &(struct sigaction){ .sa_handler = stop }, NULL);
	sigaction(SIGTERM, &(struct sigaction){ .sa_handler = stop }, NULL);
	open_tap(&view, argv[optind] ?: "/dev/kpool-tap");
	map_ring(&view);
	tap.fd = view.fd;
	read_packets(&view, count);
	while (!is_over(&view, count) && !(tap.revents & POLLHUP)) {
		/* Of a signal that came just before it knows only when this returns. */
		if (poll(&tap, 1, 1000) < 0 && errno != EINTR)
			die("poll");
		read_packets(&view, count);
	}
	fprintf(stderr, "%llu packets, %llu lost\n", view.packets, view.lost);
	return 0;
}
