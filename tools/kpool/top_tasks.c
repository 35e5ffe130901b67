// SPDX-License-Identifier: GPL-2.0-only
/* Tasks on the page of one pool in kpool top: the holders of its objects, and those that wait. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "top.h"

/* Forgets the tasks. */
void top_forget_tasks(struct top *t)
{
	kp_holders_free(t->tasks.holders, t->tasks.n_holders);
	free(t->tasks.waiters);
	t->tasks = (struct top_tasks){ NULL };
}

/**
 * top_read_tasks() - read which tasks hold objects of one pool, and which wait
 * @t: the model, with a reading of the pool
 * @id: the pool
 *
 * @t->tasks has what was read; if something was not, @t->tasks.refused says why.
 */
void top_read_tasks(struct top *t, __u64 id)
{
	const struct kp_pool *pool = kp_all_pool(&t->now.all, id);
	const struct kp_which which = { .id = (__u32)id };
	struct top_tasks *tasks = &t->tasks;
	int err = 0;

	top_forget_tasks(t);
	if (!t->kp || !pool)
		return;
	if (knows_holders(pool))
		err = kp_holders(t->kp, &which, &tasks->holders, &tasks->n_holders);
	if (!err && pool->waiting)
		err = kp_waiters(t->kp, &which, &tasks->waiters, &tasks->n_waiters);
	if (err)
		snprintf(tasks->refused, sizeof(tasks->refused), "%s", err == -EPERM ?
			 TOP_NEEDS_ADMIN : kp_message(t->kp));
}

static void add_holders(struct top_page *page, const struct top_tasks *tasks)
{
	char held[CELL_LEN], task[CELL_LEN];
	struct holder_group *groups;
	size_t n;

	page_add(page, "holders    longest  objects  task, and function that got them");
	groups = groups_make(tasks->holders, tasks->n_holders, &n);
	for (size_t i = 0; i < n; i++) {
		held_text(held, groups[i].longest->held_ms, false);
		group_task_text(task, &groups[i]);
		page_add(page, "  %16s %8zu  %s %s", held, groups[i].objects, task,
			 groups[i].longest->caller);
	}
	free(groups);
	if (!n)
		page_add(page, "  none is known");
}

static void add_waiters(struct top_page *page, const struct top_tasks *tasks)
{
	const struct kp_waiter *waiter = tasks->waiters;
	char since[CELL_LEN];

	page_add(page, "waiters      since    wants  task, the next one first");
	for (; waiter < tasks->waiters + tasks->n_waiters; waiter++) {
		held_text(since, waiter->wait_ns / 1000000, false);
		page_add(page, "  %16s %8llu  %s[%llu]", since, waiter->wanted, waiter->comm,
			 waiter->pid);
	}
}

/**
 * page_add_tasks() - add what top_read_tasks() has read to a page
 * @page: the page of the pool
 * @t: the model
 * @pool: the pool
 */
void page_add_tasks(struct top_page *page, const struct top *t, const struct kp_pool *pool)
{
	if (*t->tasks.refused)
		page_add(page, "holders and waiters: %s", t->tasks.refused);
	else if (knows_holders(pool))
		add_holders(page, &t->tasks);
	else if (pool->in_use)
		page_add(page, "holders: not known; as root: kpool track %s all", pool->name);
	if (t->tasks.n_waiters)
		add_waiters(page, &t->tasks);
}
