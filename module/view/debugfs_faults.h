/* SPDX-License-Identifier: GPL-2.0-only */
/* The file of a pool in debugfs that makes calls fail on purpose. */
#ifndef _KPOOL_VIEW_DEBUGFS_FAULTS_H
#define _KPOOL_VIEW_DEBUGFS_FAULTS_H

#include <linux/fs.h>

extern const struct file_operations kp_faults_fops;

#endif /* _KPOOL_VIEW_DEBUGFS_FAULTS_H */
