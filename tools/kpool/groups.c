// SPDX-License-Identifier: GPL-2.0-only
/* Groups of holders that a person need not tell apart: of one pool, task name and stack. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

static int compare_stacks(const struct kp_holder *a, const struct kp_holder *b)
{
	int way = strcmp(a->caller, b->caller);

	for (size_t i = 0; !way && i < a->n_stack && i < b->n_stack; i++)
		way = strcmp(a->stack[i], b->stack[i]);
	return way ? way : (a->n_stack > b->n_stack) - (a->n_stack < b->n_stack);
}

static int compare_groups(const struct kp_holder *a, const struct kp_holder *b)
{
	int way = (a->id > b->id) - (a->id < b->id);

	if (!way)
		way = strcmp(a->comm, b->comm);
	return way ? way : compare_stacks(a, b);
}

/* Holders of a group, and of a task in the group, stand together. */
static int by_group(const void *a, const void *b)
{
	const struct kp_holder *x = a, *y = b;
	int way = compare_groups(x, y);

	return way ? way : (x->pid > y->pid) - (x->pid < y->pid);
}

static int longest_first(const void *a, const void *b)
{
	const struct holder_group *x = a, *y = b;

	return (x->longest->held_ms < y->longest->held_ms) -
	       (x->longest->held_ms > y->longest->held_ms);
}

/**
 * groups_make() - put holders into groups
 * @holders: the holders, which get another order
 * @n_holders: how many
 * @n: receives how many groups there are
 *
 * Return: the groups, that with the longest holder first; the caller frees them with free(). They
 * point to @holders.
 */
struct holder_group *groups_make(struct kp_holder *holders, size_t n_holders, size_t *n)
{
	struct holder_group *groups = checked(calloc(n_holders + 1, sizeof(*groups))), *last;
	const struct kp_holder *h;

	*n = 0;
	if (n_holders)
		qsort(holders, n_holders, sizeof(*holders), by_group);
	for (h = holders; h < holders + n_holders; h++) {
		if (h == holders || compare_groups(h - 1, h))
			groups[(*n)++] = (struct holder_group){ .longest = h, .tasks = 1 };
		else if (h->pid != h[-1].pid)
			groups[*n - 1].tasks++;
		last = &groups[*n - 1];
		last->objects++;
		if (h->held_ms > last->longest->held_ms)
			last->longest = h;
	}
	qsort(groups, *n, sizeof(*groups), longest_first);
	return groups;
}

/**
 * group_task_text() - the task of a group, or how many tasks
 * @text: room for CELL_LEN characters
 * @group: the group
 */
void group_task_text(char *text, const struct holder_group *group)
{
	const struct kp_holder *h = group->longest;

	if (group->tasks > 1)
		snprintf(text, CELL_LEN, "%s (%zu tasks)", h->comm, group->tasks);
	else if (h->pid)
		snprintf(text, CELL_LEN, "%s[%llu]", h->comm, h->pid);
	else
		snprintf(text, CELL_LEN, "%s", h->comm);
}

/* Whether the kernel knows holders of the pool's objects: it is tracked or debugged. */
bool knows_holders(const struct kp_pool *pool)
{
	return pool->track || pool->debugged;
}
