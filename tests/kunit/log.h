/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KPOOL_LOG_H
#define _KPOOL_LOG_H

/* What the kernel log says between the two, from any task. */
void log_begin(void);
const char *log_end(void);

#endif /* _KPOOL_LOG_H */
