/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KPOOL_HOG_H
#define _KPOOL_HOG_H

#include <linux/list.h>

/*
 * No block of this order or a larger one is free, and the kernel cannot make one by
 * compaction. Only single pages are free, and the neighbour of each is in use.
 */
#define HOG_ORDER	4

struct hog {
	struct list_head blocks;
	struct list_head singles;
};

void hog_start(struct hog *hog);
void hog_more(struct hog *hog);
void hog_end(struct hog *hog);

#endif /* _KPOOL_HOG_H */
