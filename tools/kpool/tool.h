/* SPDX-License-Identifier: GPL-2.0-only */
/* What the commands share: options, tables, JSON, words for a person. */
#ifndef TOOL_H
#define TOOL_H

#include <stdio.h>
#include <time.h>

#include <jansson.h>

#include "kp.h"

enum exit_status {
	EXIT_DONE = 0,
	EXIT_REFUSED = 1,	/* the kernel or the system said no */
	EXIT_USAGE = 2,
};

struct options {
	bool json;
	bool pretty;		/* JSON for people */
	bool raw;		/* numbers without units */
	bool no_headings;
	bool reverse;
	bool percpu;
	bool present;
	bool classes;		/* pools of classes in place of their sets */
	bool sets;		/* only sets */
	bool exhausted;		/* only pools from which a get would have to wait */
	bool total;		/* a last line with the sums */
	unsigned int states;	/* only of these, bits of enum kpool_state; 0: all */
	const char *owner;	/* only this module's, or NULL */
	bool colour;
	bool ignore_missing;	/* pools that do not exist are no error */
	bool batch;		/* plain text */
	bool stacks;
	const char *sort;	/* name of a field, or NULL */
	const char *output;	/* names of fields, or NULL */
	bool prometheus;	/* its text format in place of OpenMetrics */
	const char *textfile;	/* where it goes, or NULL */
	double delay;		/* seconds; 0: once */
	unsigned long count;	/* 0: no end */
	bool per_second;	/* counters are rates, in thousandths */
};

/* main.c */
enum exit_status refused(const char *fmt, ...) __printf(1, 2);
enum exit_status usage(const char *fmt, ...) __printf(1, 2);
void *checked(void *allocated);
extern void (*before_message)(void);
extern const char *message_place;
bool flush_output(void);
struct kp *connect_kernel(void);

/*
 * list.c, show.c, stats.c, top.c, set.c, monitor.c and others: the commands. They look at their
 * words before they ask the kernel, so that wrong ones do not load the module.
 */
enum exit_status cmd_list(const struct options *o, int argc, char **argv);
enum exit_status cmd_show(const struct options *o, int argc, char **argv);
enum exit_status cmd_stats(const struct options *o, int argc, char **argv);
enum exit_status cmd_top(const struct options *o, int argc, char **argv);
enum exit_status cmd_set(const struct options *o, int argc, char **argv);
enum exit_status cmd_debug(const struct options *o, int argc, char **argv);
enum exit_status cmd_holders(const struct options *o, int argc, char **argv);
enum exit_status cmd_waiters(const struct options *o, int argc, char **argv);
enum exit_status cmd_track(const struct options *o, int argc, char **argv);
enum exit_status cmd_trim(const struct options *o, int argc, char **argv);
enum exit_status cmd_reset_peaks(const struct options *o, int argc, char **argv);
enum exit_status cmd_monitor(const struct options *o, int argc, char **argv);
enum exit_status cmd_export(const struct options *o, int argc, char **argv);
enum exit_status cmd_save(const struct options *o, int argc, char **argv);
enum exit_status cmd_restore(const struct options *o, int argc, char **argv);

/* version.c */
void print_version(void);
enum exit_status cmd_bench(const struct options *o, int argc, char **argv);
enum exit_status exec_bench(char **argv);
enum exit_status cmd_version(const struct options *o, int argc, char **argv);

/* limits.c */
#define LIMITS_MAX	8	/* different ones that pools have */

struct limits {
	struct kp_limit limit[LIMITS_MAX];
	size_t n;
	bool of_set;
};

bool read_limits(struct limits *limits, int argc, char **argv);
void print_limits_of(FILE *to, const struct kp_pool *pool, const struct kp_set *set);
void print_limits_help(FILE *to);
const char *limit_names(void);

/* file.c */
enum exit_status replace_file(const char *command, const char *path,
			      void (*print)(FILE *to, const struct kp_all *all),
			      const struct kp_all *all);

/* debug.c */
void print_debug_help(FILE *to);

/* which.c */
#define SET_PREFIX	"set:"	/* before the number of a set, as pools have numbers, too */

/* What has a name. */
struct found {
	bool is_pool;
	struct kp_pool pool;
	struct kp_set *set;	/* NULL: none has it; else kp_sets_free(set, 1) */
};

__u32 read_id(const char *text);
enum exit_status say_not_found(struct kp *kp, const char *arg);
int find_pool(struct kp *kp, const char *arg, struct kp_pool *pool);
int find_set(struct kp *kp, const char *arg, struct kp_set **set);
int find_any(struct kp *kp, const char *arg, struct found *found);
enum exit_status each_pool(struct kp *kp, const char *arg,
			   enum exit_status (*one)(struct kp *kp, const char *name,
						   const struct kp_pool *pool, void *data),
			   void *data);

/* groups.c */
struct holder_group {
	const struct kp_holder *longest;
	size_t objects;
	size_t tasks;
};

struct holder_group *groups_make(struct kp_holder *holders, size_t n_holders, size_t *n);
void group_task_text(char *text, const struct holder_group *group);
bool knows_holders(const struct kp_pool *pool);

/* words.c */
bool read_whole_number(long long *number, const char *text, long long least);
bool read_one_in(long long *one_in, const char *text);

/* show.c */
void print_fields(const struct kp_field *field, const struct kp_field *end, const void *item,
		  const struct options *o);

/* show_set.c */
void print_set(const struct kp_set *set, const struct options *o);

/* classes.c */
#define CLASSES_MOST	32	/* of a set */

struct better {
	enum { TOO_FEW_SAMPLES, NONE_BETTER, IS_BETTER } verdict;
	__u64 samples;			/* of requests that classes served */
	__u64 sizes[CLASSES_MOST];	/* ascending */
	size_t n;
	__u64 less_given;		/* thousandths of what is given now */
	__u64 less_waste;		/* thousandths of what is wasted now */
};

#define SAMPLES_LEAST	100	/* for a verdict */
#define GAIN_LEAST	50	/* thousandths of what is given that are worth a change */

void better_classes(const struct kp_set *set, struct better *b);

/* text.c */
#define CELL_LEN	160	/* room for what text_of() writes */
void held_text(char *text, __u64 ms, bool raw);
void text_of(char *text, const struct kp_field *field, const void *item, const struct options *o);
void bytes_text(char *text, __u64 bytes, bool raw);
void capacity_text(char *text, __u64 bytes, bool raw);
void count_text(char *text, double number, bool fraction);
void duration_text(char *text, double ns);
__u64 now_ms(void);
const char *state_name(__u64 state);
const char *enum_name(enum kp_kind kind, __u64 value);
#define FLAG_LEN	32	/* room for what flag_name() writes */
void flag_name(char *text, unsigned int bit);

/* rates.c */
double seconds_between(const struct timespec *then, const struct timespec *now);
__u64 rate_between(__u64 now, __u64 then, double seconds);
bool is_counter(const struct kp_field *field);
void make_rates(const struct kp_field *field, void *now, const void *then, double seconds);

/* json.c */
json_t *json_value(const struct kp_field *field, const void *item);
json_t *json_of(const struct kp_field *fields, const void *item);
json_t *json_of_pool(const struct kp_pool *pool);
json_t *json_of_stats(const struct kp_stats *stats, const struct options *o);
json_t *json_of_both(const struct kp_pool *pool, const struct kp_stats *stats,
		     const struct options *o);
json_t *json_of_set(const struct kp_set *set);
void json_print(json_t *json, const struct options *o);

/* metrics.c */
enum metrics_form {
	FORM_OPENMETRICS,
	FORM_PROMETHEUS,		/* version 0.0.4 of its text format */
};

void metrics_print(FILE *to, const struct kp_all *all, enum metrics_form form);

/* table.c */
struct table;
struct table *table_new(const struct options *o);
void table_column(struct table *table, const char *heading, bool number, bool can_shrink);
void table_row(struct table *table);
void table_cell(struct table *table, const char *text, const char *colour);
void table_print(struct table *table);
char *table_string(struct table *table);

/* terminal.c */
bool terminal_size(size_t *height, size_t *width);
bool terminal_has_colours(void);
void print_table_of_now(const char *text, bool first);

/* columns.c */
struct columns {
	const struct kp_field **field;
	size_t n;
	const struct kp_field *sort;	/* NULL: as they are */
	bool reverse;
	bool *used;			/* columns that had a value; NULL: all are printed */
	/* As text_of(), which it is unless somebody changes it. */
	void (*text)(char *text, const struct kp_field *field, const void *item,
		     const struct options *o);
	/* The sequence that begins the cell's colour, or NULL; or the function is NULL. */
	const char *(*colour)(const struct kp_field *field, const void *item);
};

bool columns_choose(struct columns *c, const struct kp_field *all, const char *names,
		    const struct options *o);
void columns_hide_unused(struct columns *c);
void columns_free(struct columns *c);
void items_sort(const struct columns *c, void *items, size_t n, size_t size);
void items_print(const struct columns *c, const void *items, size_t n, size_t size,
		 const struct options *o);
char *items_string(const struct columns *c, const void *items, size_t n, size_t size,
		   const struct options *o);

#endif /* TOOL_H */
