// SPDX-License-Identifier: GPL-2.0-only
/* Fragments the memory for real, without an injected fault. */
#include <linux/gfp.h>
#include <linux/log2.h>
#include <linux/mm.h>

#include "hog.h"

#define LEFT_FREE	8192		/* single pages, for all other users */

/* Takes large blocks. A later call also takes the blocks that were freed since. */
void hog_more(struct hog *hog)
{
	unsigned int order = ilog2(MAX_ORDER_NR_PAGES);
	struct page *page;

	while (order >= HOG_ORDER) {
		/* With the flags of a get that waits. */
		page = alloc_pages(GFP_KERNEL | __GFP_NOWARN | __GFP_NOMEMALLOC | __GFP_NORETRY,
				   order);
		if (!page) {
			order--;
			continue;
		}
		set_page_private(page, order);
		list_add(&page->lru, &hog->blocks);
	}
}

static void leave_singles(struct hog *hog)
{
	struct page *page, *next;
	unsigned int i, left = 0;

	list_for_each_entry_safe(page, next, &hog->blocks, lru) {
		if (left >= LEFT_FREE)
			break;
		list_del(&page->lru);
		i = page_private(page);
		split_page(page, i);
		for (i = 1 << i; i--; page++) {
			if (i % 2) {
				list_add(&page->lru, &hog->singles);
			} else {
				__free_page(page);
				left++;
			}
		}
	}
}

void hog_end(struct hog *hog)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, &hog->blocks, lru)
		__free_pages(page, page_private(page));
	list_for_each_entry_safe(page, next, &hog->singles, lru)
		__free_page(page);
}

void hog_start(struct hog *hog)
{
	INIT_LIST_HEAD(&hog->blocks);
	INIT_LIST_HEAD(&hog->singles);
	hog_more(hog);
	leave_singles(hog);
	/* Blocks that the watermarks kept before. */
	hog_more(hog);
}
