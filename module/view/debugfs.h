/* SPDX-License-Identifier: GPL-2.0-only */
/* kpool in debugfs. */
#ifndef _KPOOL_VIEW_DEBUGFS_H
#define _KPOOL_VIEW_DEBUGFS_H

void kp_debugfs_init(void);
void kp_debugfs_exit(void);

#endif /* _KPOOL_VIEW_DEBUGFS_H */
