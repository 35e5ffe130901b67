/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KPOOL_COMPAT_MM_TYPES_H
#define _KPOOL_COMPAT_MM_TYPES_H

#include <linux/mm.h>

/*
 * A word of struct page that the owner of an allocated page may use. If such words move, only this
 * header changes.
 */
static inline void **page_owner_link(struct page *page)
{
	BUILD_BUG_ON(sizeof(page->lru) < sizeof(void *));
	return (void **)&page->lru;
}

/* Another word of struct page, which page_owner_link() does not use. */
static inline unsigned long *page_owner_word(struct page *page)
{
	BUILD_BUG_ON(sizeof(page->lru) < sizeof(void *) + sizeof(unsigned long));
	return (unsigned long *)(page_owner_link(page) + 1);
}

#endif /* _KPOOL_COMPAT_MM_TYPES_H */
