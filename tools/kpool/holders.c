// SPDX-License-Identifier: GPL-2.0-only
/* kpool holders: which tasks hold objects, since when, and from where. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

/* All holders, and how many objects of their pools are in use. */
struct tracked {
	struct kp_holder *holders;
	size_t n;
	struct kp_pool *pools;		/* those that are tracked or debugged */
	size_t n_pools;
};

static void print_table(const struct holder_group *groups, size_t n, const struct options *o)
{
	struct table *table = table_new(o);
	char text[CELL_LEN];

	table_column(table, "POOL", false, true);
	table_column(table, "OBJECTS", true, false);
	table_column(table, "LONGEST", true, false);
	table_column(table, "TASK", false, true);
	table_column(table, "FROM", false, true);
	for (size_t i = 0; i < n; i++) {
		table_row(table);
		table_cell(table, groups[i].longest->name, NULL);
		snprintf(text, sizeof(text), "%zu", groups[i].objects);
		table_cell(table, text, NULL);
		held_text(text, groups[i].longest->held_ms, o->raw);
		table_cell(table, text, NULL);
		group_task_text(text, &groups[i]);
		table_cell(table, text, NULL);
		table_cell(table, groups[i].longest->caller, NULL);
	}
	table_print(table);
}

static void print_stacks(const struct holder_group *groups, size_t n, const struct options *o)
{
	char held[CELL_LEN], task[CELL_LEN];

	for (size_t i = 0; i < n; i++) {
		held_text(held, groups[i].longest->held_ms, o->raw);
		group_task_text(task, &groups[i]);
		printf("%s%s: %zu objects, the longest for %s, by %s\n", i ? "\n" : "",
		       groups[i].longest->name, groups[i].objects, held, task);
		for (size_t j = 0; j < groups[i].longest->n_stack; j++)
			printf("    %s\n", groups[i].longest->stack[j]);
		if (!groups[i].longest->n_stack)
			printf("    %s\n", *groups[i].longest->caller ?
			       groups[i].longest->caller : "(unknown)");
	}
}

/* Objects in use of which nobody knows the holder. */
static void print_unknown(const struct tracked *t)
{
	size_t known;

	for (const struct kp_pool *p = t->pools; p < t->pools + t->n_pools; p++) {
		known = 0;
		for (size_t i = 0; i < t->n; i++)
			known += t->holders[i].id == p->id;
		if (p->in_use <= known)
			continue;
		if (p->track > 1)
			printf("%s: %llu objects are in use; one get in %llu is tracked\n",
			       p->name, p->in_use, p->track);
		else
			printf("%s: %llu objects more are in use, of holders that are not known\n",
			       p->name, p->in_use - known);
	}
}

static void print_json(const struct tracked *t, const struct options *o)
{
	json_t *array = checked(json_array()), *object, *stack;

	for (size_t i = 0; i < t->n; i++) {
		object = json_of(kp_holder_fields, &t->holders[i]);
		stack = checked(json_array());
		for (size_t j = 0; j < t->holders[i].n_stack; j++)
			json_array_append_new(stack,
					      checked(json_string(t->holders[i].stack[j])));
		json_object_set_new(object, "stack", stack);
		json_array_append_new(array, object);
	}
	json_print(array, o);
}

static void print(struct tracked *t, const struct options *o)
{
	struct holder_group *groups;
	size_t n;

	if (o->json) {
		print_json(t, o);
		return;
	}
	groups = groups_make(t->holders, t->n, &n);
	if (o->stacks)
		print_stacks(groups, n, o);
	else if (n)
		print_table(groups, n, o);
	free(groups);
	print_unknown(t);
	if (!t->n_pools)
		fprintf(stderr, "kpool: no pool is tracked: kpool track POOL all begins that\n");
	else if (!n)
		fprintf(stderr, "kpool: no holder is known\n");
}

static void add(struct tracked *t, struct kp_holder *holders, size_t n)
{
	if (!n)
		return;
	t->holders = checked(reallocarray(t->holders, t->n + n, sizeof(*holders)));
	memcpy(t->holders + t->n, holders, n * sizeof(*holders));
	t->n += n;
	free(holders);
}

static enum exit_status add_pool(struct kp *kp, const char *name, const struct kp_pool *pool,
				 void *arg)
{
	const struct kp_which which = { .id = (__u32)pool->id };
	struct tracked *t = arg;
	struct kp_holder *holders;
	size_t n;

	if (!knows_holders(pool))
		return refused("holders %s: not tracked: kpool track %s all begins that", name,
			       pool->name);
	if (kp_holders(kp, &which, &holders, &n))
		return refused("holders %s: %s", name, kp_message(kp));
	add(t, holders, n);
	t->pools = checked(reallocarray(t->pools, t->n_pools + 1, sizeof(*pool)));
	t->pools[t->n_pools++] = *pool;
	return EXIT_DONE;
}

static enum exit_status add_all(struct kp *kp, struct tracked *t)
{
	size_t n = 0;

	if (kp_pools(kp, NULL, &t->pools, &t->n_pools) ||
	    kp_holders(kp, NULL, &t->holders, &t->n))
		return refused("holders: %s", kp_message(kp));
	for (size_t i = 0; i < t->n_pools; i++)
		if (knows_holders(&t->pools[i]))
			t->pools[n++] = t->pools[i];
	t->n_pools = n;
	return EXIT_DONE;
}

enum exit_status cmd_holders(const struct options *o, int argc, char **argv)
{
	enum exit_status status = EXIT_DONE;
	struct tracked t = { NULL };
	struct kp *kp = connect_kernel();

	if (!kp)
		return EXIT_REFUSED;
	if (!argc)
		status = add_all(kp, &t);
	for (int i = 0; i < argc; i++)
		if (each_pool(kp, argv[i], add_pool, &t))
			status = EXIT_REFUSED;
	if (!status || t.n_pools)
		print(&t, o);
	kp_holders_free(t.holders, t.n);
	free(t.pools);
	kp_close(kp);
	return status;
}
