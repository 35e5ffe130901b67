// SPDX-License-Identifier: GPL-2.0-only
/*
 * What became of packets, in debugfs: in all, and for each reader who is there.
 */
#include <linux/debugfs.h>
#include <linux/rtnetlink.h>
#include <linux/seq_file.h>

#include "reader.h"

static struct dentry *dir;

static void add(struct tap_figures *sum, const struct tap_figures *figures)
{
	sum->seen += figures->seen;
	sum->delivered += figures->delivered;
	sum->lost += figures->lost;
	sum->bytes += figures->bytes;
}

/* What was seen last: so it is no less than what became of it. */
static struct tap_figures figures_of(const struct tap_reader *reader)
{
	struct tap_figures figures = {
		.delivered = READ_ONCE(reader->delivered),
		.lost = READ_ONCE(reader->lost),
		.bytes = READ_ONCE(reader->bytes),
	};

	smp_rmb();	/* pairs with the commit in add_record(): what was read had been seen */
	figures.seen = READ_ONCE(reader->seen);
	return figures;
}

static void show_sum(struct seq_file *seq, const struct tap_figures *sum, unsigned int readers)
{
	seq_printf(seq, "device: %s\nreaders: %u\n", tap.device, readers);
	seq_printf(seq, "seen: %llu\ndelivered: %llu\nlost: %llu\nbytes: %llu\n",
		   sum->seen, sum->delivered, sum->lost, sum->bytes);
}

static void show_reader(struct seq_file *seq, const struct tap_reader *reader)
{
	struct tap_figures figures = figures_of(reader);

	seq_printf(seq, "%8d %-15s %-6s %12llu %12llu %12llu %12llu %14llu\n", reader->pid,
		   reader->comm, reader->dev ? "live" : "ended", figures.seen, figures.delivered,
		   figures.lost, figures.seen - figures.delivered - figures.lost, figures.bytes);
}

static int stats_show(struct seq_file *seq, void *unused)
{
	const struct tap_reader *reader;
	struct tap_figures sum;
	unsigned int readers = 0;

	rtnl_lock();
	sum = tap.closed;
	list_for_each_entry(reader, &tap.readers, entry) {
		const struct tap_figures figures = figures_of(reader);

		add(&sum, &figures);
		readers++;
	}
	show_sum(seq, &sum, readers);
	seq_printf(seq, "\n%8s %-15s %-6s %12s %12s %12s %12s %14s\n", "PID", "COMMAND", "STATE",
		   "SEEN", "DELIVERED", "LOST", "UNREAD", "BYTES");
	list_for_each_entry(reader, &tap.readers, entry)
		show_reader(seq, reader);
	rtnl_unlock();
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stats);

/**
 * stats_closed() - keep the figures of a reader who goes
 * @reader: the reader
 *
 * Context: the RTNL is held.
 */
void stats_closed(struct tap_reader *reader)
{
	const struct tap_figures figures = figures_of(reader);

	ASSERT_RTNL();
	add(&tap.closed, &figures);
}

void stats_publish(void)
{
	dir = debugfs_create_dir("kpool-tap", NULL);
	debugfs_create_file("stats", 0400, dir, NULL, &stats_fops);
}

/* Nobody reads it any more when this returns. */
void stats_unpublish(void)
{
	debugfs_remove(dir);
}
