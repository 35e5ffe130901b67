/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KPOOL_LOG_H
#define _KPOOL_LOG_H

#include <linux/types.h>

/* For suites that look at what the kernel log says: in their suite_init and suite_exit. */
int log_listen(void);
void log_listen_no_more(void);

/* What this task says between the two. */
void log_begin(void);
const char *log_end(void);

#endif /* _KPOOL_LOG_H */
