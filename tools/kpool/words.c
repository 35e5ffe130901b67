// SPDX-License-Identifier: GPL-2.0-only
/* Words of a command line that several commands have. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

#define ONE_IN	"1/"

/**
 * read_whole_number() - read a number that fills the text
 * @number: receives it
 * @text: the text
 * @least: the smallest number that is allowed; INT_MAX is the largest
 *
 * Return: false if there is no such number.
 */
bool read_whole_number(long long *number, const char *text, long long least)
{
	char *end;

	if (!*text || strspn(text, "0123456789") != strlen(text))
		return false;
	errno = 0;
	*number = strtoll(text, &end, 10);
	return !errno && !*end && *number >= least && *number <= INT_MAX;
}

/**
 * read_one_in() - read how many of something: off, or 1/N for one in N
 * @one_in: receives N, or 0 for off
 * @text: the text, or NULL
 *
 * Return: false if the text is neither.
 */
bool read_one_in(long long *one_in, const char *text)
{
	*one_in = 0;
	if (!text || !strcmp(text, "off"))
		return text;
	return !strncmp(text, ONE_IN, strlen(ONE_IN)) &&
	       read_whole_number(one_in, text + strlen(ONE_IN), 1);
}
