/* SPDX-License-Identifier: GPL-2.0-only */
/* The lines of kpool list and kpool stats: which pools and sets, and all their figures. */
#ifndef ROWS_H
#define ROWS_H

#include "tool.h"

/* In a row's id: the row is of a set. So sets come after the pools. */
#define ROW_SET	0x100000000ULL

/*
 * A pool with its figures. Or a set, with the sums of its classes in pool and stats. Or the sums of
 * all lines of a list.
 */
struct row {
	struct kp_pool pool;		/* first, because rows begin with their id */
	struct kp_stats stats;
	struct kp_set set;		/* of a pool: only idle_bytes and in_use_bytes */
	__u64 least;			/* size of a set's smallest class; pool.size: largest */
	__u64 hits;			/* thousandths of the gets */
	__u64 wait_mean_ns;
	bool is_total;
	bool exhausted;			/* max objects exist and none is idle, or somebody waits */
};

/* Each row is a copy, but lists of CPUs, classes and the like belong to the struct kp_all. */
struct rows {
	struct row *row;
	size_t n;
};

static inline bool is_set_row(const struct row *row)
{
	return row->pool.id & ROW_SET;
}

/* rows.c */
enum exit_status rows_make(struct rows *rows, const struct kp_all *all, struct kp *kp,
			   const struct options *o, int argc, char **argv);
void rows_rates(struct rows *rows, const struct kp_all *then, double seconds);
void rows_add_total(struct rows *rows);
void rows_free(struct rows *rows);

/* row_fields.c */
const struct kp_field *row_fields(void);
void row_sum(struct row *set, const struct kp_stats *stats);
bool row_has(const struct row *row, const struct kp_field *field);
void row_text(char *text, const struct kp_field *field, const void *item,
	      const struct options *o);
const char *row_colour(const struct kp_field *field, const void *item);

/* choose.c */
/* What a person named: a word for each argument. */
struct chosen {
	struct choice *choice;
	size_t n;
};

void chosen_read(struct chosen *chosen, const struct kp_all *all, int argc, char **argv);
void chosen_free(struct chosen *chosen);
bool chosen_has(struct chosen *chosen, const struct row *row, bool only_exact);
enum exit_status chosen_check(const struct chosen *chosen, struct kp *kp);
bool is_pattern(const char *word);
bool fits_filters(const struct row *row, const struct options *o);

#endif /* ROWS_H */
