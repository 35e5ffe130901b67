// SPDX-License-Identifier: GPL-2.0-only
/* Which pool a person means, by its name or its id. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

/* How many names that look alike are worth a person's time. */
#define SUGGESTIONS	3

static unsigned int least(unsigned int a, unsigned int b, unsigned int c)
{
	if (b < a)
		a = b;
	return c < a ? c : a;
}

/* Levenshtein's distance: how many characters to insert, delete or change. */
static unsigned int distance(const char *a, const char *b)
{
	unsigned int row[KP_NAME_LEN + 1], above, diagonal;
	size_t i, j, n = strnlen(b, KP_NAME_LEN);

	for (j = 0; j <= n; j++)
		row[j] = j;
	for (i = 0; a[i]; i++) {
		diagonal = row[0];
		row[0] = i + 1;
		for (j = 1; j <= n; j++) {
			above = row[j];
			row[j] = least(above + 1, row[j - 1] + 1, diagonal + (a[i] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[n];
}

struct candidate {
	const struct kp_pool *pool;
	unsigned int distance;
};

static int nearer(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	return (x->distance > y->distance) - (x->distance < y->distance);
}

/* A quarter of the name may be wrong; part of a name is near, too. */
static struct candidate judge(const struct kp_pool *pool, const char *name)
{
	struct candidate c = { pool, distance(name, pool->name) };

	if (*name && strstr(pool->name, name))
		c.distance = 1;
	if (c.distance > 1 && c.distance > (strlen(name) + 2) / 4)
		c.distance = UINT_MAX;
	return c;
}

static void suggest(struct kp *kp, const char *name)
{
	struct candidate *near;
	struct kp_pool *pools;
	size_t n, i;

	if (kp_pools(kp, NULL, &pools, &n) || !n) {
		free(pools);
		return;
	}
	near = checked(calloc(n, sizeof(*near)));
	for (i = 0; i < n; i++)
		near[i] = judge(&pools[i], name);
	qsort(near, n, sizeof(*near), nearer);
	for (i = 0; i < n && i < SUGGESTIONS && near[i].distance < UINT_MAX; i++)
		fprintf(stderr, "%s %s (id %llu%s)", i ? "," : "       did you mean",
			near[i].pool->name, near[i].pool->id,
			near[i].pool->state == KPOOL_STATE_LIVE ? "" : ", being destroyed");
	if (i)
		fprintf(stderr, "?\n");
	free(near);
	free(pools);
}

static int ask(struct kp *kp, const struct kp_which *which, struct kp_pool *pool)
{
	struct kp_pool *pools;
	size_t n;
	int err = kp_pools(kp, which, &pools, &n);

	if (!err && n)
		*pool = pools[0];
	free(pools);
	return err;
}

/**
 * find_pool() - ask for the pool that a person means
 * @kp: the connection
 * @arg: its name, or its id
 * @pool: where it goes
 *
 * Digits are an id, unless there is no such pool, but one of that name. Says what
 * is wrong, and which names are near.
 *
 * Return: EXIT_DONE or EXIT_REFUSED.
 */
int find_pool(struct kp *kp, const char *arg, struct kp_pool *pool)
{
	struct kp_which which = { .name = arg };
	unsigned long long id;
	int err = -ENOENT;
	char *end;

	errno = 0;
	id = strtoull(arg, &end, 10);
	if (*arg && strspn(arg, "0123456789") == strlen(arg) && !errno && id && id <= UINT_MAX)
		err = ask(kp, &(struct kp_which){ .id = (__u32)id }, pool);
	/* What is longer than any name, the kernel would refuse for that. */
	if (err == -ENOENT && strlen(arg) < KP_NAME_LEN)
		err = ask(kp, &which, pool);
	if (!err)
		return EXIT_DONE;
	if (err != -ENOENT)
		return refused("%s: %s", arg, kp_message(kp));
	refused("no pool has the name or id '%s'", arg);
	suggest(kp, arg);
	return EXIT_REFUSED;
}
