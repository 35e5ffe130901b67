// SPDX-License-Identifier: GPL-2.0-only
/* kpool list: the pools and the sets of buffers, a line each. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "tool.h"

#define COLUMNS	"id,name,state,size,existing,in_use,idle,memory,owner"

/* In a row's id: it is a set's. So sets come after the pools. */
#define OF_SET	0x100000000ULL

/* A pool; or a set, as far as it has what pools have. */
struct row {
	struct kp_pool pool;		/* first, for kp_pool_fields */
	__u64 least;			/* size of a set's smallest class; pool.size: largest */
};

/* What there is, and how much of it is shown. */
struct lists {
	struct kp_pool *pools;
	struct kp_set *sets;
	size_t n_pools, n_sets;
};

static struct row row_of_set(const struct kp_set *set)
{
	struct row row = {
		.pool = {
			.id = set->id | OF_SET,
			.state = set->state,
			.existing = set->existing,
			.in_use = set->in_use,
			.idle = set->idle,
			.memory = set->memory,
		},
	};

	snprintf(row.pool.name, sizeof(row.pool.name), "%s", set->name);
	snprintf(row.pool.owner, sizeof(row.pool.owner), "%s", set->owner);
	if (set->n_classes) {
		row.least = set->classes[0].size;
		row.pool.size = set->classes[set->n_classes - 1].size;
	}
	return row;
}

static bool is_column(const struct kp_field *field, size_t offset)
{
	return field->offset == offset;
}

#define IS_COLUMN(field, name)	is_column(field, offsetof(struct kp_pool, name))

static void sizes_text(char *text, const struct row *row, const struct options *o)
{
	char least[CELL_LEN], most[CELL_LEN];

	capacity_text(least, row->least, o->raw);
	capacity_text(most, row->pool.size, o->raw);
	snprintf(text, CELL_LEN, "%.20s%s%.20s", least, row->least == row->pool.size ? "" : "..",
		 row->least == row->pool.size ? "" : most);
}

/* As text_of(). Of a set what it does not have stays empty. */
static void row_text(char *text, const struct kp_field *field, const void *item,
		     const struct options *o)
{
	const struct row *row = item;

	*text = '\0';
	if (!(row->pool.id & OF_SET))
		text_of(text, field, item, o);
	else if (IS_COLUMN(field, id))
		snprintf(text, CELL_LEN, SET_PREFIX "%llu", row->pool.id & ~OF_SET);
	else if (IS_COLUMN(field, size))
		sizes_text(text, row, o);
	else if (IS_COLUMN(field, name) || IS_COLUMN(field, owner) || IS_COLUMN(field, state) ||
		 IS_COLUMN(field, existing) || IS_COLUMN(field, in_use) ||
		 IS_COLUMN(field, idle) || IS_COLUMN(field, memory))
		text_of(text, field, item, o);
}

/* Whether a set has the pool, which is in the set's row then. */
static bool is_in(const struct lists *l, const struct kp_pool *pool)
{
	for (size_t i = 0; i < l->n_sets; i++)
		if (l->sets[i].id == pool->set_id)
			return true;
	return false;
}

static struct row *make_rows(const struct lists *l, size_t *n)
{
	struct row *rows = checked(calloc(l->n_pools + l->n_sets + 1, sizeof(*rows)));
	size_t i;

	*n = 0;
	for (i = 0; i < l->n_pools; i++)
		if (!is_in(l, &l->pools[i]))
			rows[(*n)++].pool = l->pools[i];
	for (i = 0; i < l->n_sets; i++)
		rows[(*n)++] = row_of_set(&l->sets[i]);
	return rows;
}

static void print_text(const struct columns *c, const struct row *rows, size_t n,
		       const struct options *o)
{
	if (n)
		items_print(c, rows, n, sizeof(*rows), o);
	else
		fprintf(stderr, "kpool: there is no %s\n", o->sets ? "set of buffers" : "pool");
}

/* In the order of the rows. Sets are among them only if pools are not. */
static void print_json(const struct lists *l, const struct row *rows, size_t n,
		       const struct options *o)
{
	json_t *array = checked(json_array());
	size_t i, j;

	for (i = 0; i < n; i++) {
		if (!(rows[i].pool.id & OF_SET)) {
			json_array_append_new(array, json_of_pool(&rows[i].pool));
			continue;
		}
		for (j = 0; (l->sets[j].id | OF_SET) != rows[i].pool.id;)
			j++;
		json_array_append_new(array, json_of_set(&l->sets[j]));
	}
	json_print(array, o);
}

/* What is to be shown. Programs that know pools alone find them all in JSON. */
static int ask(struct kp *kp, struct lists *l, const struct options *o)
{
	int err = 0;

	*l = (struct lists){ NULL };
	/* First, so that no class's pool comes without its set. An older module has none. */
	if (o->sets || !(o->classes || o->json))
		err = kp_sets(kp, NULL, &l->sets, &l->n_sets);
	if (err == -EOPNOTSUPP && !o->sets)
		err = 0;
	if (!err && !o->sets)
		err = kp_pools(kp, NULL, &l->pools, &l->n_pools);
	return err;
}

static enum exit_status list(struct kp *kp, struct columns *c, const struct options *o)
{
	enum exit_status status = EXIT_DONE;
	struct lists l;
	struct row *rows;
	size_t n;

	if (ask(kp, &l, o)) {
		status = refused("%s", kp_message(kp));
	} else {
		rows = make_rows(&l, &n);
		items_sort(c, rows, n, sizeof(*rows));
		if (o->json)
			print_json(&l, rows, n, o);
		else
			print_text(c, rows, n, o);
		free(rows);
	}
	kp_sets_free(l.sets, l.n_sets);
	free(l.pools);
	return status;
}

enum exit_status cmd_list(const struct options *o, int argc, char **argv)
{
	enum exit_status status = EXIT_REFUSED;
	struct columns c;
	struct kp *kp;

	if (argc)
		return usage("list takes no '%s': show does", argv[0]);
	if (o->classes && o->sets)
		return usage("list: --classes and --sets exclude each other");
	if (!columns_choose(&c, kp_pool_fields, o->output ? o->output : COLUMNS, o))
		return EXIT_USAGE;
	c.text = row_text;
	kp = connect_kernel();
	if (kp)
		status = list(kp, &c, o);
	kp_close(kp);
	columns_free(&c);
	return status;
}
