/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KPOOL_LOG_H
#define _KPOOL_LOG_H

struct kunit;

/* log_end() returns the kernel log's lines since log_begin(), from all tasks. */
void log_begin(void);
const char *log_end(void);

/* @log is what log_end() returned. */
void expect_in_log(struct kunit *test, const char *log, const char *says);

#endif /* _KPOOL_LOG_H */
