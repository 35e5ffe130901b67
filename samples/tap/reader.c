// SPDX-License-Identifier: GPL-2.0-only
/*
 * The file, and those who read it: packets, from a ring to user space.
 *
 * While bytes are copied out of the ring the device may overwrite them. What kpool_ring_peek()
 * returns is whole and in order, but may begin later than where the last one ended, in the
 * middle of a record. So nothing is handed out of the ring itself: up to a block of it is copied
 * aside, and only if it is known where records begin there, they are made a pcap stream of.
 */
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/poll.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/time64.h>
#include <linux/uio.h>

#include "reader.h"

static bool is_filler(const u8 *record)
{
	return ((const struct tap_record *)record)->caplen == TAP_FILLER;
}

/*
 * Copies records aside, from the first in the ring to the last that its block has, or the
 * ring. Both ends are ends of records: the producer publishes nothing else. After a loss
 * that leads to where a record begins again, too, and what lies in between is lost as well.
 */
static bool fill_chunk(struct tap_reader *reader)
{
	struct kpool_ring *ring = reader->ring;
	unsigned long start, n;
	bool whole;

	do {
		n = kpool_ring_peek(ring, reader->buf, tap.block);
		start = kpool_ring_tail(ring);
		n = min(n, tap.block - start % tap.block);
		whole = start == reader->at || start % tap.block == 0;
		/* What was overwritten since it was copied does not matter any more. */
		kpool_ring_consume(ring, n);
		reader->at = start + n;
	} while (n && (!whole || is_filler(reader->buf)));
	reader->chunk = reader->buf;
	reader->chunk_len = n;
	return n;
}

/* In place: the header of a packet in pcap is no longer than that of a record. */
static void make_pcap(struct tap_reader *reader, const struct tap_record *record)
{
	struct pcap_packet packet = { .caplen = record->caplen, .len = record->len };
	u8 *data = (u8 *)(record + 1);

	BUILD_BUG_ON(sizeof(packet) > sizeof(*record));
	packet.sec = div_u64_rem(record->ns, NSEC_PER_SEC, &packet.nsec);
	reader->out = memcpy(data - sizeof(packet), &packet, sizeof(packet));
	reader->out_len = sizeof(packet) + packet.caplen;
}

/* A process that maps the ring for writing can make nonsense of it, for its own file. */
static bool makes_sense(const struct tap_reader *reader)
{
	const struct tap_record *record = (const struct tap_record *)reader->chunk;

	return reader->chunk_len >= sizeof(*record) && record->caplen <= tap.snaplen &&
	       reader->chunk_len >= tap_record_size(record->caplen);
}

/* Makes the next packet what is read next. */
static bool next_packet(struct tap_reader *reader)
{
	const struct tap_record *record;
	u32 size;

	if (!reader->chunk_len && !fill_chunk(reader))
		return false;
	if (!makes_sense(reader)) {
		reader->chunk_len = 0;
		return false;
	}
	record = (const struct tap_record *)reader->chunk;
	size = tap_record_size(record->caplen);
	reader->chunk += size;
	reader->chunk_len -= size;
	/* So that something is left only if a packet is. */
	if (reader->chunk_len && is_filler(reader->chunk))
		reader->chunk_len = 0;

	WRITE_ONCE(reader->lost, reader->lost + record->number - reader->next);
	reader->next = record->number + 1;
	make_pcap(reader, record);
	return true;
}

/* Some of what is read next has been. */
static void took(struct tap_reader *reader, size_t n)
{
	reader->out += n;
	reader->out_len -= n;
	WRITE_ONCE(reader->bytes, reader->bytes + n);
	/* Before the first packet it was the header. */
	if (!reader->out_len && reader->next)
		WRITE_ONCE(reader->delivered, reader->delivered + 1);
}

/*
 * As much as there is and fits: whole packets, if one fits at all. Of one that does not, the
 * next read gets the rest.
 */
static ssize_t take(struct tap_reader *reader, struct iov_iter *to)
{
	size_t n, copied, taken = 0;

	while (iov_iter_count(to)) {
		if (!reader->out_len && !next_packet(reader))
			break;
		if (taken && reader->out_len > iov_iter_count(to))
			break;
		n = min(reader->out_len, iov_iter_count(to));
		copied = copy_to_iter(reader->out, n, to);
		took(reader, copied);
		taken += copied;
		if (copied < n)
			return taken ?: -EFAULT;
	}
	return taken;
}

/* Whether a read gets something whatever is in the ring. */
static bool has_some(struct tap_reader *reader)
{
	bool some;

	mutex_lock(&reader->consumer);
	some = reader->out_len || reader->chunk_len;
	mutex_unlock(&reader->consumer);
	return some;
}

static ssize_t reader_read(struct kiocb *iocb, struct iov_iter *to)
{
	struct tap_reader *reader = iocb->ki_filp->private_data;
	bool wait = !(iocb->ki_filp->f_flags & O_NONBLOCK || iocb->ki_flags & IOCB_NOWAIT);
	bool ended;
	ssize_t n;
	long err;

	if (!iov_iter_count(to))
		return 0;
	do {
		if (wait && !has_some(reader)) {
			err = kpool_ring_wait_data(&reader->wait, MAX_SCHEDULE_TIMEOUT);
			if (err < 0)
				return err;
		}
		mutex_lock(&reader->consumer);
		/* First: so a ring that is empty after that is so for good. */
		ended = kpool_ring_ended(&reader->wait);
		n = take(reader, to);
		mutex_unlock(&reader->consumer);
		/* Nothing: others took it, or it was overwritten meanwhile. */
	} while (!n && !ended && wait);
	return n || ended ? n : -EAGAIN;
}

static __poll_t reader_poll(struct file *file, poll_table *table)
{
	struct tap_reader *reader = file->private_data;
	__poll_t mask = kpool_ring_poll(&reader->wait, file, table);

	mask &= EPOLLIN | EPOLLRDNORM | EPOLLHUP;
	return has_some(reader) ? mask | EPOLLIN | EPOLLRDNORM : mask;
}

/* A reader may do without read(): see tapview.c. */
static int reader_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct tap_reader *reader = file->private_data;

	return kpool_ring_mmap(reader->ring, vma, file->f_mode & FMODE_WRITE);
}

static struct tap_reader *reader_alloc(void)
{
	struct tap_reader *reader = kvzalloc(struct_size(reader, buf, tap.block), GFP_KERNEL);

	if (!reader)
		return NULL;
	spin_lock_init(&reader->producer);
	mutex_init(&reader->consumer);
	reader->pid = task_tgid_nr(current);
	get_task_comm(reader->comm, current);
	return reader;
}

static int ring_open(struct tap_reader *reader)
{
	const struct kpool_ring_wait_params params = {
		.read_batch = tap.read_batch,
		.delay_ms = tap.delay_ms,
	};
	int err;

	reader->ring = kpool_ring_get(tap.rings, GFP_KERNEL);
	if (IS_ERR(reader->ring))
		return PTR_ERR(reader->ring);
	err = kpool_ring_wait_init(&reader->wait, reader->ring, &params);
	if (err)
		kpool_ring_put(tap.rings, reader->ring);
	return err;
}

/* Nobody reads, polls or writes any more. */
static void ring_close(struct tap_reader *reader)
{
	kpool_ring_wait_exit(&reader->wait);
	kpool_ring_put(tap.rings, reader->ring);
}

static void set_header(struct tap_reader *reader)
{
	reader->header = (struct pcap_header){
		.magic = PCAP_NS,
		.major = 2,
		.minor = 4,
		.snaplen = tap.snaplen,
		.linktype = reader->linktype,
	};
	reader->out = (const u8 *)&reader->header;
	reader->out_len = sizeof(reader->header);
}

static int reader_open(struct inode *inode, struct file *file)
{
	struct tap_reader *reader = reader_alloc();
	int err;

	if (!reader)
		return -ENOMEM;
	err = ring_open(reader);
	if (err)
		goto err_ring;
	rtnl_lock();
	err = packet_attach(reader);
	if (!err)
		list_add_tail(&reader->entry, &tap.readers);
	rtnl_unlock();
	if (err)
		goto err_attach;
	set_header(reader);
	file->private_data = reader;
	return stream_open(inode, file);

err_attach:
	ring_close(reader);
err_ring:
	kvfree(reader);
	return err;
}

static int reader_release(struct inode *inode, struct file *file)
{
	struct tap_reader *reader = file->private_data;

	rtnl_lock();
	packet_detach(reader);
	list_del(&reader->entry);
	stats_closed(reader);
	rtnl_unlock();
	ring_close(reader);
	kvfree(reader);
	return 0;
}

/* The owner: the module stays while somebody has the file open. */
const struct file_operations reader_fops = {
	.owner = THIS_MODULE,
	.open = reader_open,
	.release = reader_release,
	.read_iter = reader_read,
	.poll = reader_poll,
	.mmap = reader_mmap,
};
