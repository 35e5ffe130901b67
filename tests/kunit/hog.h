/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KPOOL_HOG_H
#define _KPOOL_HOG_H

#include <linux/list.h>

/*
 * Blocks of this order and larger ones are gone, and nobody can make some: what is left is
 * single pages, each with a neighbour that is taken.
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
