// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel log during a test. The log itself is read, because not every kernel has
 * tracepoints.
 */
#include <kunit/test.h>
#include <linux/kmsg_dump.h>
#include <linux/string.h>

#include "log.h"

static struct kmsg_dump_iter position;
static char heard[2048];

void log_begin(void)
{
	size_t len;

	kmsg_dump_rewind(&position);
	/* Skips all earlier messages. */
	while (kmsg_dump_get_line(&position, false, NULL, 0, &len))
		;
}

const char *log_end(void)
{
	size_t len, used = 0;

	while (used < sizeof(heard) - 1 &&
	       kmsg_dump_get_line(&position, false, heard + used, sizeof(heard) - 1 - used, &len))
		used += len;
	heard[used] = '\0';
	return heard;
}

unsigned int reports_in(const char *log)
{
	unsigned int n = 0;

	for (; (log = strstr(log, "] kpool: ")); log++)
		n++;
	return n;
}

void expect_in_log(struct kunit *test, const char *log, const char *says)
{
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(log, says), "the log says '%s'", log);
}

void expect_report(struct kunit *test, const char *says, const char *and_says)
{
	const char *log = log_end();

	KUNIT_EXPECT_EQ_MSG(test, reports_in(log), 1U, "in the log '%s'", log);
	expect_in_log(test, log, says);
	expect_in_log(test, log, and_says);
}
