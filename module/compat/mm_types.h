/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KPOOL_COMPAT_MM_TYPES_H
#define _KPOOL_COMPAT_MM_TYPES_H

#include <linux/llist.h>
#include <linux/mm.h>

/*
 * The words of struct page that the owner of an allocated page may use. They
 * are page->lru up to Linux 6.12; struct page is being taken apart, and where
 * they lie then is this header's business alone.
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

/* Another word, which page_owner_link() leaves alone. */
static inline unsigned long *page_owner_word(struct page *page)
{
	BUILD_BUG_ON(sizeof(page->lru) < sizeof(struct llist_node) + sizeof(unsigned long));
	return (unsigned long *)(page_owner_link(page) + 1);
}

#endif /* _KPOOL_COMPAT_MM_TYPES_H */
