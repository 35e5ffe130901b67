// SPDX-License-Identifier: GPL-2.0-only
/* The model of kpool top: two readings, and the rates that follow. It knows no terminal. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "top.h"

#define ROW(name, kind, what)	\
	{ #name, kind, 0, offsetof(struct top_row, name),	\
	  sizeof(((struct top_row *)0)->name), what }

/* The columns, of the screen and of --batch. */
const struct kp_field top_fields[] = {
	ROW(id, KP_LEVEL, "number of the pool"),
	ROW(name, KP_TEXT, "name of the pool"),
	ROW(marks, KP_TEXT, "what to look at"),
	ROW(used, KP_SHARE, "objects in use, of max or of those that exist"),
	ROW(in_use, KP_LEVEL, "objects that somebody has"),
	ROW(idle, KP_LEVEL, "objects that wait for a get"),
	ROW(max, KP_LIMIT, "objects that exist never exceed this"),
	ROW(gets, KP_COUNTER, "objects that gets returned"),
	ROW(hits, KP_SHARE, "gets that the CPU's magazine served"),
	ROW(waiting, KP_LEVEL, "gets that wait now"),
	ROW(timeouts, KP_COUNTER, "gets whose time was up"),
	ROW(memory, KP_BYTES, "bytes that all objects take"),
	{ NULL }
};

/* Finds a row, or NULL. */
const struct top_row *top_find(const struct top *t, __u64 id)
{
	return kp_find(id, t->rows, t->n, sizeof(*t->rows));
}

static int ask(struct kp *kp, struct top_reading *r)
{
	int err = kp_all_get(kp, false, &r->all);

	clock_gettime(CLOCK_MONOTONIC, &r->time);
	clock_gettime(CLOCK_REALTIME, &r->date);
	return err;
}

static void add_mark(struct top_row *row, char mark)
{
	size_t len = strlen(row->marks);

	if (!strchr(row->marks, mark) && len + 1 < sizeof(row->marks)) {
		row->marks[len] = mark;
		row->marks[len + 1] = '\0';
	}
}

static void mark_state(struct top_row *row, __u64 state)
{
	if (state == KPOOL_STATE_DETACHED)
		add_mark(row, 'D');
	if (state == KPOOL_STATE_DYING)
		add_mark(row, 'E');
}

static bool has_faults(const struct kp_pool *pool)
{
	const struct kp_field *field = kp_pool_fields;

	for (; field->name; field++)
		if (field->kind == KP_FAULT && kp_number(field, pool))
			return true;
	return false;
}

/* A get waits now, or since the last reading a get found max objects and none idle. */
static bool is_exhausted(const struct kp_stats *stats, const struct kp_stats *then)
{
	return stats->waiting || (then && stats->exhausted > then->exhausted);
}

static void mark_pool(struct top_row *row, const struct kp_pool *pool,
		      const struct kp_stats *stats, const struct kp_stats *then)
{
	if (is_exhausted(stats, then))
		add_mark(row, TOP_EXHAUSTED);
	mark_state(row, pool->state);
	if (pool->bypassed)
		add_mark(row, 'B');
	if (has_faults(pool))
		add_mark(row, 'F');
	if (pool->debugged)
		add_mark(row, 'C');
}

static __u64 thousandths(__u64 part, __u64 all)
{
	return all ? (__u64)((double)part * 1000 / (double)all + 0.5) : 0;
}

/* What follows from the rest of a row. Gets that are none all hit: the worst come first. */
static void complete(struct top_row *row)
{
	row->used = thousandths(row->in_use, row->max > row->existing ? row->max : row->existing);
	row->hits = row->misses < row->gets ? 1000 - thousandths(row->misses, row->gets) :
		    row->gets ? 0 : 1000;
}

static void set_rates(struct top_row *row, const struct kp_stats *stats,
		      const struct kp_stats *then, double seconds)
{
	/* A pool that was not there then began at 0 since. */
	static const struct kp_stats none;

	if (!then)
		then = &none;
	row->has_rates = true;
	row->gets = rate_between(stats->gets, then->gets, seconds);
	row->misses = rate_between(stats->get_misses, then->get_misses, seconds);
	row->timeouts = rate_between(stats->timeouts, then->timeouts, seconds);
}

static struct top_row row_of_pool(const struct top *t, const struct kp_pool *pool,
				  const struct kp_stats *stats)
{
	const struct kp_stats *then = kp_all_stats(&t->then.all, pool->id);
	struct top_row row = {
		.id = pool->id,
		.set_id = pool->set_id,
		.existing = stats->existing,
		.in_use = stats->in_use,
		.idle = stats->idle,
		.max = pool->max == KP_NONE ? 0 : pool->max,
		.waiting = stats->waiting,
		.memory = stats->memory,
	};

	snprintf(row.name, sizeof(row.name), "%s", pool->name);
	mark_pool(&row, pool, stats, then);
	if (t->seconds > 0)
		set_rates(&row, stats, then, t->seconds);
	return row;
}

static struct top_row row_of_set(const struct top *t, const struct kp_set *set)
{
	struct top_row row = {
		.id = set->id | TOP_SET,
		.memory = set->memory,
		.has_rates = t->seconds > 0,
	};

	snprintf(row.name, sizeof(row.name), "%s", set->name);
	mark_state(&row, set->state);
	return row;
}

static void add_class(struct top_row *set, const struct top_row *class)
{
	set->existing += class->existing;
	set->in_use += class->in_use;
	set->idle += class->idle;
	set->waiting += class->waiting;
	set->gets += class->gets;
	set->misses += class->misses;
	set->timeouts += class->timeouts;
	for (const char *mark = class->marks; *mark; mark++)
		add_mark(set, *mark);
}

static void extend_history(struct top_row *row, const struct top_row *then)
{
	size_t skip;

	if (then) {
		skip = then->n_history == TOP_SAMPLES;
		row->n_history = then->n_history - skip;
		memcpy(row->history, then->history + skip, row->n_history * sizeof(*row->history));
	}
	if (row->has_rates)
		row->history[row->n_history++] = row->gets;
}

static void add_pools(struct top *t, struct top_row *rows, size_t *n)
{
	const struct kp_stats *stats;
	const struct kp_pool *pool;

	for (pool = t->now.all.pools; pool < t->now.all.pools + t->now.all.n_pools; pool++) {
		stats = kp_all_stats(&t->now.all, pool->id);
		/* It went between the two requests. */
		if (!stats)
			continue;
		rows[*n] = row_of_pool(t, pool, stats);
		t->memory += rows[*n].memory;
		t->exhausted += !!strchr(rows[*n].marks, TOP_EXHAUSTED);
		(*n)++;
	}
}

static void add_sets(struct top *t, struct top_row *rows, size_t *n)
{
	struct top_row *sets = rows + *n, *set, *row;
	size_t i;

	for (i = 0; i < t->now.all.n_sets; i++) {
		sets[i] = row_of_set(t, &t->now.all.sets[i]);
		t->memory += t->now.all.sets[i].oversize_memory;
	}
	for (row = rows; row < sets; row++) {
		if (!row->set_id)
			continue;
		set = kp_find(row->set_id | TOP_SET, sets, i, sizeof(*sets));
		if (set)
			add_class(set, row);
	}
	*n += i;
}

static void make_rows(struct top *t)
{
	struct top_row *rows;
	size_t n = 0;

	rows = checked(calloc(t->now.all.n_pools + t->now.all.n_sets + 1, sizeof(*rows)));
	t->memory = 0;
	t->exhausted = 0;
	add_pools(t, rows, &n);
	add_sets(t, rows, &n);
	for (size_t i = 0; i < n; i++) {
		complete(&rows[i]);
		extend_history(&rows[i], top_find(t, rows[i].id));
	}
	free(t->rows);
	t->rows = rows;
	t->n = n;
}

static bool module_is_there(void)
{
	return access("/sys/module/kpool", F_OK) == 0;
}

static void note_failure(struct top *t, const char *why)
{
	snprintf(t->message, sizeof(t->message), "%s", why);
	t->failed = true;
}

/*
 * After an error, the rest of an answer may still come. A new connection does not see it.
 * It must not load a module that somebody has just unloaded.
 */
static bool reconnect(struct top *t)
{
	if (t->kp || !module_is_there())
		return t->kp;
	if (!kp_open(&t->kp))
		return true;
	/* The message stays, which says what went wrong first. */
	kp_close(t->kp);
	t->kp = NULL;
	return false;
}

static void accept_reading(struct top *t, struct top_reading *r)
{
	kp_all_free(&t->then.all);
	t->then = t->now;
	t->now = *r;
	t->seconds = t->then.time.tv_sec || t->then.time.tv_nsec ?
		     seconds_between(&t->then.time, &t->now.time) : 0;
	t->failed = false;
	make_rows(t);
}

static void read_once(struct top *t)
{
	struct top_reading r;

	if (!reconnect(t))
		return;
	if (!ask(t->kp, &r)) {
		accept_reading(t, &r);
		return;
	}
	note_failure(t, kp_message(t->kp));
	kp_all_free(&r.all);
	kp_close(t->kp);
	t->kp = NULL;
}

/**
 * top_read() - take one more reading
 * @t: the model
 *
 * If the reading fails, the rows stay as they are: @t->failed and @t->message say so, and the next
 * call tries again.
 *
 * Return: false if the module is gone, so that no reading can succeed.
 */
bool top_read(struct top *t)
{
	read_once(t);
	if (!t->failed || module_is_there())
		return true;
	note_failure(t, "the module was unloaded");
	return false;
}

/* Forgets the shares of CPUs. */
void top_forget_cpus(struct top *t)
{
	if (t->cpus.stats)
		kp_stats_free(t->cpus.stats, 1);
	if (t->cpus_then.stats)
		kp_stats_free(t->cpus_then.stats, 1);
	t->cpus = (struct top_cpus){ .stats = NULL };
	t->cpus_then = t->cpus;
	t->cpus_refused[0] = '\0';
}

/**
 * top_read_cpus() - read each CPU's share of one pool
 * @t: the model
 * @id: the pool
 *
 * @t->cpus has what was read; if nothing was read, @t->cpus_refused says why.
 */
void top_read_cpus(struct top *t, __u64 id)
{
	struct kp_which which = { .id = (__u32)id };
	struct kp_stats *stats;
	size_t n;
	int err;

	if (!t->kp)
		return;
	err = kp_stats(t->kp, &which, true, &stats, &n);
	if (err) {
		top_forget_cpus(t);
		snprintf(t->cpus_refused, sizeof(t->cpus_refused), "%s", err == -EPERM ?
			 TOP_NEEDS_ADMIN : kp_message(t->kp));
		return;
	}
	if (t->cpus_then.stats)
		kp_stats_free(t->cpus_then.stats, 1);
	t->cpus_then = t->cpus;
	t->cpus = (struct top_cpus){ .stats = stats };
	clock_gettime(CLOCK_MONOTONIC, &t->cpus.time);
	t->cpus_refused[0] = '\0';
}

/**
 * top_open() - connect to the kernel and take the first reading
 * @t: the model; top_close() in the end
 *
 * Return: EXIT_DONE, or EXIT_REFUSED after a message.
 */
enum exit_status top_open(struct top *t)
{
	*t = (struct top){ .kp = connect_kernel() };
	if (!t->kp)
		return EXIT_REFUSED;
	return top_read(t) ? EXIT_DONE : refused("%s", t->message);
}

/* Ends what top_open() began. */
void top_close(struct top *t)
{
	top_forget_cpus(t);
	top_forget_tasks(t);
	kp_all_free(&t->now.all);
	kp_all_free(&t->then.all);
	free(t->rows);
	kp_close(t->kp);
}

static bool is_shown(const struct top *t, const struct top_view *view, const struct top_row *row)
{
	if (view->classes ? row->id & TOP_SET : row->set_id && kp_all_set(&t->now.all, row->set_id))
		return false;
	return !*view->filter || strcasestr(row->name, view->filter);
}

/**
 * top_choose() - choose rows and order them
 * @t: the model
 * @view: which ones, and the order; the rows are copied there
 */
void top_choose(const struct top *t, struct top_view *view)
{
	free(view->rows);
	view->rows = checked(calloc(t->n + 1, sizeof(*view->rows)));
	view->n = 0;
	for (size_t i = 0; i < t->n; i++)
		if (is_shown(t, view, &t->rows[i]))
			view->rows[view->n++] = t->rows[i];
	items_sort(&view->columns, view->rows, view->n, sizeof(*view->rows));
}
