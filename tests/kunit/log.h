/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KPOOL_LOG_H
#define _KPOOL_LOG_H

struct kunit;

/* log_end() returns the kernel log's lines since log_begin(), from all tasks. */
void log_begin(void);
const char *log_end(void);

/* How many lines kpool itself has written. @log is what log_end() returned, here and below. */
unsigned int reports_in(const char *log);

void expect_in_log(struct kunit *test, const char *log, const char *says);

/* kpool has written one line, which has both of these. Ends what log_begin() began. */
void expect_report(struct kunit *test, const char *says, const char *and_says);

#endif /* _KPOOL_LOG_H */
