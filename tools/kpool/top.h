/* SPDX-License-Identifier: GPL-2.0-only */
/* kpool top: readings and what follows from them, their texts, and the screen. */
#ifndef TOP_H
#define TOP_H

#include <time.h>

#include "tool.h"

/* In a row's id: the row is of a set. So sets come after the pools. */
#define TOP_SET		0x100000000ULL

/* Rates of a row that are kept, for its history. */
#define TOP_SAMPLES	64

/* What an operator should look at, as a character each. */
#define TOP_MARKS_LEN	8
#define TOP_EXHAUSTED	'!'

/* A pool, or the pools of a set's classes together. */
struct top_row {
	__u64 id;			/* first, for items_sort() */
	char name[KP_NAME_LEN];
	char marks[TOP_MARKS_LEN];
	__u64 set_id;			/* of the set that the pool is a class of; 0: of none */
	__u64 existing;
	__u64 in_use;
	__u64 idle;
	__u64 max;			/* 0: no limit */
	__u64 used;			/* thousandths of max, or of existing, that are in use */
	__u64 waiting;
	__u64 memory;
	bool has_rates;			/* the following are known */
	__u64 gets;			/* a second, in thousandths */
	__u64 misses;
	__u64 timeouts;
	__u64 hits;			/* thousandths of the gets */
	__u64 history[TOP_SAMPLES];	/* of gets, the newest last */
	size_t n_history;
};

extern const struct kp_field top_fields[];

/* What the kernel said at a moment. */
struct top_reading {
	struct kp_all all;
	struct timespec time;		/* CLOCK_MONOTONIC */
	struct timespec date;		/* CLOCK_REALTIME */
};

/* The figures of one pool with each CPU's share. */
struct top_cpus {
	struct kp_stats *stats;		/* NULL: none were read */
	struct timespec time;
};

/* Why CPUs and tasks cannot be read. */
#define TOP_NEEDS_ADMIN	"needs CAP_NET_ADMIN, as root has"

/* The tasks of one pool: which hold objects, and which wait. */
struct top_tasks {
	struct kp_holder *holders;
	size_t n_holders;
	struct kp_waiter *waiters;
	size_t n_waiters;
	char refused[128];
};

struct top {
	struct kp *kp;			/* NULL: to be opened again */
	struct top_reading now, then;
	double seconds;			/* between them; 0: there is no other */
	struct top_row *rows;		/* all pools and sets, in the order of ids */
	size_t n;
	__u64 memory;			/* of all pools and sets */
	size_t exhausted;		/* so many pools */
	bool failed;			/* the last reading; message says why */
	struct top_cpus cpus, cpus_then;	/* of the pool that is looked at */
	char cpus_refused[128];
	struct top_tasks tasks;		/* of the same pool */
	char message[256];
};

/* Which rows are shown, and in which order. */
struct top_view {
	struct columns columns;
	bool classes;			/* pools of classes in place of their sets */
	char filter[KP_NAME_LEN];	/* part of the name */
	struct top_row *rows;
	size_t n;
};

/* top_model.c */
enum exit_status top_open(struct top *t);
bool top_read(struct top *t);
void top_read_cpus(struct top *t, __u64 id);
void top_forget_cpus(struct top *t);
void top_close(struct top *t);
void top_choose(const struct top *t, struct top_view *view);
const struct top_row *top_find(const struct top *t, __u64 id);

/* top_text.c */
#define TOP_BAR		8	/* cells of the bar in a row's line */

void top_text(char *text, const struct kp_field *field, const void *item,
	      const struct options *o);
void top_short_text(char *text, const struct kp_field *field, const struct top_row *row);
void top_bar(char *text, size_t cells, __u64 in_use, __u64 idle, __u64 max);
void top_share_bar(char *text, size_t cells, __u64 part, __u64 all);
void top_spark(char *text, size_t size, size_t cells, const struct top_row *row);
void top_heading(char *text, size_t size, const struct top *t, const char *format);
const char *top_mark_text(char mark);

/* top_lines.c */
struct top_page {
	char **lines;
	size_t n;
};

void page_add(struct top_page *page, const char *fmt, ...) __printf(2, 3);
void page_clear(struct top_page *page);

/* top_tasks.c */
void top_read_tasks(struct top *t, __u64 id);
void top_forget_tasks(struct top *t);
void page_add_tasks(struct top_page *page, const struct top *t, const struct kp_pool *pool);

/* top_page.c */
void page_of_row(struct top_page *page, const struct top *t, __u64 id, bool frozen);
void page_of_help(struct top_page *page);

/* top_screen.c */
enum exit_status top_screen(struct top *t, struct top_view *view, const struct options *o);

#endif /* TOP_H */
