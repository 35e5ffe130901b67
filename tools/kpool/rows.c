// SPDX-License-Identifier: GPL-2.0-only
/* Rows of what the kernel says: pools, and sets with the sums of their classes. */
#include <stdio.h>
#include <stdlib.h>

#include "rows.h"

/* A get that comes now finds nothing, unless the pool may build beyond max. */
static bool is_exhausted(const struct kp_pool *pool, const struct kp_stats *stats)
{
	bool has_max = pool->max && pool->max != KP_NONE;

	return stats->waiting || (has_max && stats->existing >= pool->max && !stats->idle);
}

/* Counts of objects are those of the figures, so that they fit to the other figures. */
static struct row row_of_pool(const struct kp_pool *pool, const struct kp_stats *stats)
{
	struct row row = {
		.pool = *pool, .stats = *stats, .exhausted = is_exhausted(pool, stats),
	};

	row.pool.existing = stats->existing;
	row.pool.in_use = stats->in_use;
	row.pool.idle = stats->idle;
	row.pool.closing = stats->closing;
	row.set.idle_bytes = stats->idle * pool->footprint;
	row.set.in_use_bytes = stats->in_use * pool->footprint;
	return row;
}

static struct row row_of_set(const struct kp_set *set)
{
	struct row row = {
		.pool = {
			.id = set->id | ROW_SET,
			.state = set->state,
			.existing = set->existing,
			.in_use = set->in_use,
			.idle = set->idle,
			.memory = set->memory,
			.overhead = set->overhead,
		},
		.set = *set,
	};

	snprintf(row.pool.name, sizeof(row.pool.name), "%s", set->name);
	snprintf(row.pool.owner, sizeof(row.pool.owner), "%s", set->owner);
	if (set->n_classes) {
		row.least = set->classes[0].size;
		row.pool.size = set->classes[set->n_classes - 1].size;
	}
	return row;
}

static void add_classes(struct row *row, const struct kp_all *all)
{
	const struct kp_class *class = row->set.classes;
	const struct kp_stats *stats;
	const struct kp_pool *pool;

	for (; class < row->set.classes + row->set.n_classes; class++) {
		pool = kp_all_pool(all, class->pool_id);
		stats = kp_all_stats(all, class->pool_id);
		/* The class has ended, or its pool came or went between two answers. */
		if (!pool || !stats)
			continue;
		row_sum(row, stats);
		row->exhausted |= is_exhausted(pool, stats);
	}
	row->pool.closing = row->stats.closing;
	row->stats.misused = row->set.misused;
}

static void complete(struct row *row)
{
	const struct kp_stats *stats = &row->stats;

	row->hits = 0;
	if (stats->get_misses < stats->gets)
		row->hits = (__u64)((double)(stats->gets - stats->get_misses) * 1000 /
				    (double)stats->gets + 0.5);
	/* Not all gets are served at once, so the share is not 100 % either. */
	if (row->hits == 1000 && stats->get_misses)
		row->hits = 999;
	row->wait_mean_ns = stats->waits ? stats->wait_ns / stats->waits : 0;
}

/* Rows of all pools, and behind them of all sets, in the order of ids. */
static struct rows all_rows(const struct kp_all *all)
{
	size_t i, most = all->n_pools + all->n_sets;
	struct rows rows = { checked(calloc(most + 1, sizeof(*rows.row))), 0 };
	const struct kp_stats *stats;

	for (i = 0; i < all->n_pools; i++) {
		stats = kp_all_stats(all, all->pools[i].id);
		/* A pool that came or went between two answers is left out. */
		if (stats)
			rows.row[rows.n++] = row_of_pool(&all->pools[i], stats);
	}
	for (i = 0; i < all->n_sets; i++) {
		rows.row[rows.n] = row_of_set(&all->sets[i]);
		add_classes(&rows.row[rows.n++], all);
	}
	for (i = 0; i < rows.n; i++)
		complete(&rows.row[i]);
	return rows;
}

static const struct row *row_of_its_set(const struct rows *rows, const struct row *row)
{
	return row->pool.set_id ?
	       kp_find(row->pool.set_id | ROW_SET, rows->row, rows->n, sizeof(*row)) : NULL;
}

/*
 * Classes are in the row of their set, unless they are asked for or named. Programs that know pools
 * alone find them all in JSON.
 */
static bool is_shown(const struct rows *rows, const struct row *row, struct chosen *chosen,
		     const struct options *o)
{
	bool classes = o->classes || o->percpu || (o->json && !o->sets);
	const struct row *set = row_of_its_set(rows, row);

	if (is_set_row(row))
		return !classes && (!chosen->n || chosen_has(chosen, row, false));
	if (o->sets)
		return false;
	if (set && !classes)
		return chosen_has(chosen, row, true);
	if (!chosen->n)
		return true;
	/* Both are asked, to note what was found. */
	return chosen_has(chosen, row, false) | (set && chosen_has(chosen, set, false));
}

/**
 * rows_make() - the rows that a person wants to see
 * @rows: where they go, in the order of ids; rows_free() in the end, also after an error
 * @all: what the kernel said
 * @kp: to look for names that are near, when an argument stands for nothing; NULL: that is no error
 * @o: filters, and whether classes are rows
 * @argc: how many arguments
 * @argv: names, ids and patterns; none: all
 */
enum exit_status rows_make(struct rows *rows, const struct kp_all *all, struct kp *kp,
			   const struct options *o, int argc, char **argv)
{
	struct rows from = all_rows(all);
	enum exit_status status;
	struct chosen chosen;

	chosen_read(&chosen, all, argc, argv);
	/* One more, for the total. */
	*rows = (struct rows){ checked(calloc(from.n + 1, sizeof(*rows->row))), 0 };
	for (size_t i = 0; i < from.n; i++)
		if (is_shown(&from, &from.row[i], &chosen, o) && fits_filters(&from.row[i], o))
			rows->row[rows->n++] = from.row[i];
	status = kp ? chosen_check(&chosen, kp) : EXIT_DONE;
	chosen_free(&chosen);
	rows_free(&from);
	return status;
}

/**
 * rows_rates() - turn the counters of rows into rates, in thousandths a second
 * @rows: the rows
 * @then: what the kernel said before
 * @seconds: how long ago
 */
void rows_rates(struct rows *rows, const struct kp_all *then, double seconds)
{
	struct rows before = all_rows(then);
	struct row *row;

	for (row = rows->row; row < rows->row + rows->n; row++) {
		make_rates(row_fields(), row,
			   kp_find(row->pool.id, before.row, before.n, sizeof(*row)), seconds);
		complete(row);
	}
	rows_free(&before);
}

/**
 * rows_add_total() - add a row with the sums of all rows
 * @rows: of rows_make(), and no row was added yet
 */
void rows_add_total(struct rows *rows)
{
	struct row total = { .pool = { .id = ROW_SET, .name = "total" }, .is_total = true };
	const struct row *row;

	for (row = rows->row; row < rows->row + rows->n; row++) {
		row_sum(&total, &row->stats);
		total.pool.existing += row->pool.existing;
		total.pool.in_use += row->pool.in_use;
		total.pool.idle += row->pool.idle;
		total.pool.closing += row->pool.closing;
		total.pool.memory += row->pool.memory;
		total.pool.overhead += row->pool.overhead;
		total.set.idle_bytes += row->set.idle_bytes;
		total.set.in_use_bytes += row->set.in_use_bytes;
	}
	complete(&total);
	rows->row[rows->n++] = total;
}

/* Frees what rows_make() made. */
void rows_free(struct rows *rows)
{
	free(rows->row);
	*rows = (struct rows){ NULL };
}
