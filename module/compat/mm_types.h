/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KPOOL_COMPAT_MM_TYPES_H
#define _KPOOL_COMPAT_MM_TYPES_H

#include <linux/llist.h>
#include <linux/mm.h>

/*
 * The words of struct page that the owner of an allocated page may use. Up to Linux 6.12 they are
 * page->lru. Later kernels take struct page apart. If the words move, only this header changes.
 */
static inline struct llist_node *page_owner_link(struct page *page)
{
	BUILD_BUG_ON(sizeof(page->lru) < sizeof(struct llist_node));
	return (struct llist_node *)&page->lru;
}

static inline struct page *page_of_owner_link(struct llist_node *link)
{
	return container_of((struct list_head *)link, struct page, lru);
}

/* Another word of struct page, which page_owner_link() does not use. */
static inline unsigned long *page_owner_word(struct page *page)
{
	BUILD_BUG_ON(sizeof(page->lru) < sizeof(struct llist_node) + sizeof(unsigned long));
	return (unsigned long *)(page_owner_link(page) + 1);
}

#endif /* _KPOOL_COMPAT_MM_TYPES_H */
