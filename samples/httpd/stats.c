// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the server counts, for debugfs and for GET /stats.
 */
#include <linux/debugfs.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/seq_file.h>

#include "connpool.h"
#include "httpd.h"

static const char * const names[HTTPD_NR_COUNTERS] = {
	[HTTPD_REQUESTS]		= "requests",
	[HTTPD_RESPONSES_2XX]		= "responses_2xx",
	[HTTPD_RESPONSES_4XX]		= "responses_4xx",
	[HTTPD_RESPONSES_5XX]		= "responses_5xx",
	[HTTPD_CONNECTIONS_ACCEPTED]	= "connections_accepted",
	[HTTPD_CONNECTIONS_CLOSED]	= "connections_closed",
	[HTTPD_CONNECTIONS_TIMED_OUT]	= "connections_timed_out",
	[HTTPD_CONNECTIONS_YIELDED]	= "connections_yielded",
	[HTTPD_BYTES_IN]		= "bytes_in",
	[HTTPD_BYTES_OUT]		= "bytes_out",
	[HTTPD_REQUEST_OBJECTS_BUILT]	= "request_objects_built",
	[HTTPD_REQUEST_OBJECTS_FREED]	= "request_objects_freed",
	[HTTPD_REQUEST_GETS]		= "request_gets",
	[HTTPD_REQUEST_PUTS]		= "request_puts",
	[HTTPD_REQUEST_GET_NS]		= "request_get_ns",
	[HTTPD_REQUEST_PUT_NS]		= "request_put_ns",
	[HTTPD_BODY_GETS]		= "body_gets",
	[HTTPD_BODY_PUTS]		= "body_puts",
	[HTTPD_BODY_GET_NS]		= "body_get_ns",
	[HTTPD_BODY_PUT_NS]		= "body_put_ns",
	[HTTPD_BODY_FAILURES]		= "body_failures",
	[HTTPD_RING_GETS]		= "ring_gets",
	[HTTPD_RING_PUTS]		= "ring_puts",
	[HTTPD_RING_GET_NS]		= "ring_get_ns",
	[HTTPD_RING_PUT_NS]		= "ring_put_ns",
	[HTTPD_RING_FAILURES]		= "ring_failures",
	[HTTPD_RING_FULL]		= "ring_full",
	[HTTPD_BACKEND_REQUESTS]	= "backend_requests",
	[HTTPD_BACKEND_RETRIES]		= "backend_retries",
	[HTTPD_BACKEND_BUSY]		= "backend_busy",
	[HTTPD_BACKEND_FAILED]		= "backend_failed",
	[HTTPD_BACKEND_SILENT]		= "backend_silent",
	[HTTPD_BACKEND_CUT_SHORT]	= "backend_cut_short",
};

static struct dentry *dir;

static u64 counter_sum(enum httpd_counter counter)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(httpd.counters, cpu)->value[counter]);
	return sum;
}

/**
 * stats_print() - the counters as text, one "name: value" a line
 * @buf: where to put it
 * @size: room there; what does not fit is left out
 *
 * Return: bytes written, without the final NUL.
 */
size_t stats_print(char *buf, size_t size)
{
	size_t len;
	int i;

	len = scnprintf(buf, size, "pool: %d\nconnections_open: %u\nbody_bytes: %lu\n",
			httpd.pool, READ_ONCE(httpd.nr_connections), body_held());
	for (i = 0; i < HTTPD_NR_COUNTERS; i++)
		len += scnprintf(buf + len, size - len, "%s: %llu\n", names[i], counter_sum(i));
	if (httpd.connpool)
		len += scnprintf(buf + len, size - len, "backend_connections_opened: %llu\n",
				 connpool_opened(httpd.connpool));
	return len;
}

static int stats_show(struct seq_file *seq, void *unused)
{
	char *buf;
	size_t size = seq_get_buf(seq, &buf);

	seq_commit(seq, stats_print(buf, size));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stats);

int stats_init(void)
{
	httpd.counters = alloc_percpu(struct httpd_counters);
	if (!httpd.counters)
		return -ENOMEM;
	return 0;
}

/* Whatever was got was put: without pools, nothing but this would say so. */
void stats_exit(void)
{
	WARN_ON(counter_sum(HTTPD_REQUEST_GETS) != counter_sum(HTTPD_REQUEST_PUTS));
	WARN_ON(counter_sum(HTTPD_BODY_GETS) != counter_sum(HTTPD_BODY_PUTS));
	WARN_ON(body_held());
	WARN_ON(counter_sum(HTTPD_RING_GETS) != counter_sum(HTTPD_RING_PUTS));
	free_percpu(httpd.counters);
}

/* When all is there that is shown. */
void stats_publish(void)
{
	dir = debugfs_create_dir(KBUILD_MODNAME, NULL);
	debugfs_create_file("stats", 0444, dir, NULL, &stats_fops);
}

/* While it still is: nobody reads it any more when this returns. */
void stats_unpublish(void)
{
	debugfs_remove(dir);
}
