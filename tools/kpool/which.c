// SPDX-License-Identifier: GPL-2.0-only
/* Which pool or set of buffers a person means, by its name or its id. */
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
	const char *name;
	const struct kp_pool *pool;	/* or NULL: */
	const struct kp_set *set;
	unsigned int distance;
};

static int nearer(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	return (x->distance > y->distance) - (x->distance < y->distance);
}

/* A quarter of the name may be wrong; part of a name is near, too. */
static void judge(struct candidate *c, const char *name)
{
	c->distance = distance(name, c->name);
	if (*name && strstr(c->name, name))
		c->distance = 1;
	if (c->distance > 1 && c->distance > (strlen(name) + 2) / 4)
		c->distance = UINT_MAX;
}

static void print_candidate(const struct candidate *c, bool first)
{
	fprintf(stderr, "%s %s (", first ? "       did you mean" : ",", c->name);
	if (c->pool)
		fprintf(stderr, "id %llu%s)", c->pool->id,
			c->pool->state == KPOOL_STATE_LIVE ? "" : ", being destroyed");
	else
		fprintf(stderr, SET_PREFIX "%llu%s)", c->set->id,
			c->set->state == KPOOL_STATE_LIVE ? "" : ", being destroyed");
}

static void suggest(struct kp *kp, const char *name, bool with_sets)
{
	struct kp_pool *pools = NULL;
	struct kp_set *sets = NULL;
	size_t n_pools, n_sets = 0, n = 0, i;
	struct candidate *near;

	if (kp_pools(kp, NULL, &pools, &n_pools))
		return;
	if (with_sets)
		kp_sets(kp, NULL, &sets, &n_sets);
	near = checked(calloc(n_pools + n_sets + 1, sizeof(*near)));
	for (i = 0; i < n_sets; i++)
		near[n++] = (struct candidate){ .name = sets[i].name, .set = &sets[i] };
	for (i = 0; i < n_pools; i++)
		near[n++] = (struct candidate){ .name = pools[i].name, .pool = &pools[i] };
	for (i = 0; i < n; i++)
		judge(&near[i], name);
	qsort(near, n, sizeof(*near), nearer);
	for (i = 0; i < n && i < SUGGESTIONS && near[i].distance < UINT_MAX; i++)
		print_candidate(&near[i], !i);
	if (i)
		fprintf(stderr, "?\n");
	free(near);
	kp_sets_free(sets, n_sets);
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

/* An id, or 0 if it is none. */
__u32 read_id(const char *text)
{
	unsigned long long id;
	char *end;

	if (!*text || strspn(text, "0123456789") != strlen(text))
		return 0;
	errno = 0;
	id = strtoull(text, &end, 10);
	return errno || id > UINT_MAX ? 0 : (__u32)id;
}

/* What is longer than any name, the kernel would refuse for that. */
static int look_up_pool(struct kp *kp, const char *arg, struct kp_pool *pool)
{
	struct kp_which which = { .id = read_id(arg) };
	int err = which.id ? ask(kp, &which, pool) : -ENOENT;

	which.name = arg;
	if (err == -ENOENT && strlen(arg) < KP_NAME_LEN)
		err = ask(kp, &which, pool);
	return err;
}

/* The same, with SET_PREFIX before the id; *set is NULL if there is none. */
static int look_up_set(struct kp *kp, const char *arg, struct kp_set **set)
{
	const size_t prefix = strlen(SET_PREFIX);
	struct kp_which which = { 0 };
	int err = -ENOENT;
	size_t n;

	*set = NULL;
	if (!strncmp(arg, SET_PREFIX, prefix))
		which.id = read_id(arg + prefix);
	if (which.id)
		err = kp_sets(kp, &which, set, &n);
	which.name = arg;
	if (err == -ENOENT && strlen(arg) < KP_SET_NAME_LEN)
		err = kp_sets(kp, &which, set, &n);
	/* An older module has no sets to show. */
	return err == -EOPNOTSUPP ? -ENOENT : err;
}

/* To who wants a pool. */
static int no_pool(struct kp *kp, const char *arg)
{
	struct kp_set *set;

	if (!look_up_set(kp, arg, &set)) {
		refused("'%s' is a set of buffers: name a class's pool (kpool list --classes)",
			arg);
		kp_sets_free(set, 1);
		return EXIT_REFUSED;
	}
	refused("no pool has the name or id '%s'", arg);
	suggest(kp, arg, false);
	return EXIT_REFUSED;
}

/**
 * say_not_found() - say that nothing has a name or id, and which names are near
 * @kp: the connection
 * @arg: the name or id
 */
enum exit_status say_not_found(struct kp *kp, const char *arg)
{
	refused("no pool or set of buffers has the name or id '%s'", arg);
	suggest(kp, arg, true);
	return EXIT_REFUSED;
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
	int err = look_up_pool(kp, arg, pool);

	if (!err)
		return EXIT_DONE;
	return err == -ENOENT ? no_pool(kp, arg) : (int)refused("%s: %s", arg, kp_message(kp));
}

/**
 * find_set() - ask for the set of buffers that a person means
 * @kp: the connection
 * @arg: its name, or SET_PREFIX and its id
 * @set: where it goes; kp_sets_free(*set, 1) in the end
 *
 * As find_pool(), else.
 *
 * Return: EXIT_DONE or EXIT_REFUSED.
 */
int find_set(struct kp *kp, const char *arg, struct kp_set **set)
{
	int err = look_up_set(kp, arg, set);
	struct kp_pool pool;

	if (!err)
		return EXIT_DONE;
	if (err != -ENOENT)
		return refused("%s: %s", arg, kp_message(kp));
	if (!look_up_pool(kp, arg, &pool))
		return refused("'%s' is a pool, not a set of buffers (kpool list --sets)", arg);
	refused("no set of buffers has the name or id '%s'", arg);
	suggest(kp, arg, true);
	return EXIT_REFUSED;
}

/**
 * find_any() - ask for the pool and the set of buffers that a person means
 * @kp: the connection
 * @arg: its name, or its id; a set's id is said with SET_PREFIX
 * @found: where they go: one of them, or both where they have the same name
 *
 * As find_pool(), else.
 *
 * Return: EXIT_DONE or EXIT_REFUSED.
 */
int find_any(struct kp *kp, const char *arg, struct found *found)
{
	int err = look_up_set(kp, arg, &found->set);

	found->is_pool = false;
	if (!err || err == -ENOENT) {
		err = look_up_pool(kp, arg, &found->pool);
		found->is_pool = !err;
	}
	if (found->is_pool || found->set)
		return EXIT_DONE;
	if (err != -ENOENT)
		return refused("%s: %s", arg, kp_message(kp));
	return say_not_found(kp, arg);
}

/* Calls one() for each class, also after one failed. A class without an id has no pool any more. */
static enum exit_status each_class(struct kp *kp, const struct kp_set *set,
				   enum exit_status (*one)(struct kp *kp, const char *name,
							   const struct kp_pool *pool, void *arg),
				   void *arg)
{
	char name[KP_NAME_LEN + sizeof(", class of 18446744073709551615 bytes")];
	enum exit_status status = EXIT_DONE;
	struct kp_pool pool;

	for (size_t i = 0; i < set->n_classes; i++) {
		const struct kp_which which = { .id = (__u32)set->classes[i].pool_id };

		/* The class may end meanwhile. */
		if (!which.id || ask(kp, &which, &pool))
			continue;
		snprintf(name, sizeof(name), "%s, class of %llu bytes", set->name,
			 set->classes[i].size);
		if (one(kp, name, &pool, arg))
			status = EXIT_REFUSED;
	}
	return status;
}

/**
 * each_pool() - do something with the pool, or with each class of the set, that a person means
 * @kp: the connection
 * @arg: as for find_any()
 * @one: is called with what to call the pool in messages
 * @data: its argument
 *
 * Return: EXIT_DONE or EXIT_REFUSED.
 */
enum exit_status each_pool(struct kp *kp, const char *arg,
			   enum exit_status (*one)(struct kp *kp, const char *name,
						   const struct kp_pool *pool, void *data),
			   void *data)
{
	enum exit_status status = EXIT_DONE;
	struct found found;

	if (find_any(kp, arg, &found))
		return EXIT_REFUSED;
	if (found.set) {
		status = each_class(kp, found.set, one, data);
		kp_sets_free(found.set, 1);
	}
	if (found.is_pool && one(kp, arg, &found.pool, data))
		status = EXIT_REFUSED;
	return status;
}
