// SPDX-License-Identifier: GPL-2.0-only
/* What the kernel log says while a test listens. */
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

#include "log.h"

static struct {
	char text[1024];
	size_t len;
	struct task_struct *of;
} heard;

static void hear(void *unused, const char *text, size_t len)
{
	if (current != READ_ONCE(heard.of))
		return;
	len = min(len, sizeof(heard.text) - 1 - heard.len);
	memcpy(heard.text + heard.len, text, len);
	heard.len += len;
}

static struct tracepoint *console;

static void find_console(struct tracepoint *tp, void *unused)
{
	if (!strcmp(tp->name, "console"))
		console = tp;
}

int log_listen(void)
{
	for_each_kernel_tracepoint(find_console, NULL);
	return console ? tracepoint_probe_register(console, hear, NULL) : -ENOENT;
}

void log_listen_no_more(void)
{
	tracepoint_probe_unregister(console, hear, NULL);
	tracepoint_synchronize_unregister();
}

void log_begin(void)
{
	memset(&heard, 0, sizeof(heard));
	WRITE_ONCE(heard.of, current);
}

const char *log_end(void)
{
	WRITE_ONCE(heard.of, NULL);
	return heard.text;
}
