// SPDX-License-Identifier: GPL-2.0-only
/* The lines of a page of kpool top. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "top.h"

/**
 * page_add() - add a line to a page
 * @page: the page
 * @fmt: the line
 */
void page_add(struct top_page *page, const char *fmt, ...)
{
	va_list args;
	char *line;
	int len;

	va_start(args, fmt);
	len = vasprintf(&line, fmt, args);
	va_end(args);
	if (len < 0)
		line = checked(NULL);
	page->lines = checked(reallocarray(page->lines, page->n + 1, sizeof(*page->lines)));
	page->lines[page->n++] = line;
}

/* Frees the lines of a page. */
void page_clear(struct top_page *page)
{
	for (size_t i = 0; i < page->n; i++)
		free(page->lines[i]);
	free(page->lines);
	*page = (struct top_page){ NULL, 0 };
}
