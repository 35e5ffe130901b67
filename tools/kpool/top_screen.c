// SPDX-License-Identifier: GPL-2.0-only
/* The screen of kpool top: ncurses, keys, signals. */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

/* Wide characters, and macros that do not take common names. */
#define NCURSES_WIDECHAR	1
#define NCURSES_NOMACROS	1
#include <curses.h>

#include "top.h"

#define KEY_ESCAPE	27
#define CTRL_H		8
#define DELETE		127
#define ESCAPE_MS	100	/* within which the rest of a key's sequence comes */
#define BODY		2	/* the first line below the headings */
#define NAME_LEAST	16	/* columns go before names get shorter */

enum colour { RED = 1, YELLOW, MAGENTA, CYAN };

enum mode { ALL_POOLS, ONE_POOL, HELP_PAGE };

struct screen {
	struct top *top;
	struct top_view *view;
	double delay;
	unsigned long left;		/* readings to come; 0: no end */
	struct timespec tick;		/* CLOCK_MONOTONIC of the next reading */
	int signals;			/* file descriptor of those that end the program */
	sigset_t unblocked;		/* signals while the program waits */
	bool frozen;
	bool typing;			/* the filter */
	char old_filter[KP_NAME_LEN];
	enum mode mode;
	__u64 chosen;			/* a row; 0: the first line, whichever row is there */
	size_t first;			/* line of the list that stands first */
	size_t page_first;		/* the same of a page */
	__u64 of;			/* row of the page */
	struct top_page page;
	bool done;
	enum exit_status status;
};

static SCREEN *terminal;

static void restore_terminal(void)
{
	if (!terminal)
		return;
	/* A terminal that has one screen keeps its lines. */
	move(LINES - 1, 0);
	clrtoeol();
	refresh();
	endwin();
	delscreen(terminal);
	terminal = NULL;
}

static void begin_colours(void)
{
	if (!has_colors() || start_color() == ERR)
		return;
	use_default_colors();
	init_pair(RED, COLOR_RED, -1);
	init_pair(YELLOW, COLOR_YELLOW, -1);
	init_pair(MAGENTA, COLOR_MAGENTA, -1);
	init_pair(CYAN, COLOR_CYAN, -1);
}

static enum exit_status refuse_terminal(const char *why)
{
	const char *term = getenv("TERM");

	return refused("top: the terminal '%s' (TERM) %s; --batch needs none", term ? term : "",
		       why);
}

static enum exit_status begin_terminal(void)
{
	terminal = newterm(NULL, stdout, stdin);
	if (!terminal)
		return refuse_terminal("is not known");
	/* A message to the person is printed when the terminal is as it was. */
	before_message = restore_terminal;
	atexit(restore_terminal);
	set_escdelay(ESCAPE_MS);
	cbreak();
	noecho();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	curs_set(0);
	begin_colours();
	return tigetstr("cup") ? EXIT_DONE : refuse_terminal("cannot move its cursor");
}

/* A pool's name may be any bytes. */
static wchar_t next_character(const char **text, mbstate_t *state)
{
	wchar_t c;
	size_t n = mbrtowc(&c, *text, MB_CUR_MAX, state);

	if (n == (size_t)-1 || n == (size_t)-2) {
		memset(state, 0, sizeof(*state));
		n = 1;
		c = L'?';
	}
	*text += n;
	return wcwidth(c) < 0 ? L'?' : c;
}

/* Puts as much of a text as fits, and returns its width. */
static int put(int y, int x, int width, const char *text)
{
	mbstate_t state = { 0 };
	int used = 0;
	wchar_t c;

	while (*text) {
		c = next_character(&text, &state);
		if (used + wcwidth(c) > width)
			break;
		mvaddnwstr(y, x + used, &c, 1);
		used += wcwidth(c);
	}
	return used;
}

static int width_of(const char *text)
{
	mbstate_t state = { 0 };
	int width = 0;

	while (*text)
		width += wcwidth(next_character(&text, &state));
	return width;
}

/* The columns of the list. If the terminal is too narrow, those with the highest rank go first. */
struct column {
	const char *name;		/* of top_fields; NULL: the history */
	const char *heading;
	int width;
	int rank;
	bool left;			/* aligned to the left */
};

#define RANK_LAST	9

static const struct column columns[] = {
	{ "id", "ID", 2, 0, false },
	{ "name", "NAME", 4, 0, true },
	{ "marks", "MARK", 4, 2, true },
	{ "used", "USED", TOP_BAR + 2, 4, true },
	{ "in_use", "IN_USE", 6, RANK_LAST, false },
	{ "idle", "IDLE", 6, RANK_LAST, false },
	{ "max", "MAX", 6, RANK_LAST, false },
	{ "gets", "GETS/S", 6, 3, false },
	{ "hits", "HITS", 5, 6, false },
	{ "waiting", "WAIT", 5, 1, false },
	{ "timeouts", "TMO/S", 5, 7, false },
	{ "memory", "MEMORY", 6, 5, false },
	{ NULL, "HISTORY", 7, 8, true },
};

#define ID_COLUMN	0
#define NAME_COLUMN	1
#define HISTORY_COLUMN	(ARRAY_SIZE(columns) - 1)

struct layout {
	int width[ARRAY_SIZE(columns)];	/* 0: not shown */
};

static const struct kp_field *field_of(const struct column *column)
{
	const struct kp_field *field = top_fields;

	while (field->name && strcmp(field->name, column->name))
		field++;
	return field;
}

static void measure(struct layout *l, const struct top_view *view)
{
	char text[CELL_LEN];
	int width;

	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		l->width[i] = columns[i].width;
	for (size_t i = 0; i < view->n; i++) {
		top_short_text(text, field_of(&columns[ID_COLUMN]), &view->rows[i]);
		width = width_of(text);
		if (width > l->width[ID_COLUMN])
			l->width[ID_COLUMN] = width;
		width = width_of(view->rows[i].name);
		if (width > l->width[NAME_COLUMN])
			l->width[NAME_COLUMN] = width;
	}
}

/* What is left of the width, with this width of names. */
static int space_left(const struct layout *l, int name)
{
	int left = COLS + 1;

	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		if (l->width[i])
			left -= 1 + ((int)i == NAME_COLUMN ? name : l->width[i]);
	return left;
}

static void drop_columns(struct layout *l, int rank)
{
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		if (columns[i].rank == rank)
			l->width[i] = 0;
}

/*
 * If the terminal is too narrow, the columns of the last rank go first. Then names get shorter.
 * Further columns go only if this is not enough.
 */
static void lay_out(struct layout *l, const struct top_view *view)
{
	int name, left, rank;

	measure(l, view);
	name = l->width[NAME_COLUMN];
	for (rank = RANK_LAST; rank && space_left(l, name) < 0; rank--) {
		drop_columns(l, rank);
		if (name > NAME_LEAST)
			name = NAME_LEAST;
	}
	left = space_left(l, 0);
	if (l->width[NAME_COLUMN] > left)
		l->width[NAME_COLUMN] = left > 1 ? left : 1;
	left = space_left(l, l->width[NAME_COLUMN]);
	if (l->width[HISTORY_COLUMN] && left > 0)
		l->width[HISTORY_COLUMN] += left;
	if (l->width[HISTORY_COLUMN] > TOP_SAMPLES)
		l->width[HISTORY_COLUMN] = TOP_SAMPLES;
}

static void put_cell(int y, int x, const struct column *column, int width, const char *text)
{
	int skip = column->left ? 0 : width - width_of(text);

	put(y, x + (skip > 0 ? skip : 0), width, text);
}

static void draw_column_headings(const struct layout *l, const struct top_view *view)
{
	for (size_t i = 0, x = 0; i < ARRAY_SIZE(columns); i++) {
		bool by_it = columns[i].name && view->columns.sort == field_of(&columns[i]);

		if (!l->width[i])
			continue;
		attrset(by_it ? A_REVERSE | A_BOLD : A_REVERSE);
		mvhline(1, (int)x, ' ', l->width[i] + 1);
		put_cell(1, (int)x, &columns[i], l->width[i], columns[i].heading);
		x += l->width[i] + 1;
	}
	attrset(A_NORMAL);
}

static attr_t attributes_of(const struct top_row *row)
{
	static const struct {
		const char *marks;
		enum colour colour;
	} of[] = { { "!", RED }, { "DE", YELLOW }, { "FC", MAGENTA }, { "B", CYAN } };

	for (size_t i = 0; i < ARRAY_SIZE(of); i++)
		if (strpbrk(row->marks, of[i].marks))
			return A_BOLD | (has_colors() ? COLOR_PAIR(of[i].colour) : 0);
	return A_NORMAL;
}

static void draw_row(const struct layout *l, int y, const struct top_row *row, bool chosen)
{
	char text[CELL_LEN], spark[4 * TOP_SAMPLES + 1];
	int x = 0;

	attrset(attributes_of(row) | (chosen ? A_REVERSE : 0));
	mvhline(y, 0, ' ', COLS);
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
		if (!l->width[i])
			continue;
		if (i == HISTORY_COLUMN) {
			top_spark(spark, sizeof(spark), l->width[i], row);
			put_cell(y, x, &columns[i], l->width[i], spark);
		} else {
			top_short_text(text, field_of(&columns[i]), row);
			put_cell(y, x, &columns[i], l->width[i], text);
		}
		x += l->width[i] + 1;
	}
	attrset(A_NORMAL);
}

/* Lines between the headings and the last line. */
static size_t body_lines(void)
{
	int lines = LINES - BODY - 1;

	return lines > 1 ? lines : 1;
}

/* The chosen row's line; if the row is not shown, it is chosen no more. */
static size_t chosen_line(struct screen *s)
{
	for (size_t i = 0; s->chosen && i < s->view->n; i++)
		if (s->view->rows[i].id == s->chosen)
			return i;
	s->chosen = 0;
	return 0;
}

static void scroll_to(size_t *first, size_t line, size_t n)
{
	size_t body = body_lines();

	if (line < *first)
		*first = line;
	if (line >= *first + body)
		*first = line - body + 1;
	/* No empty lines below the last one, if lines are above. */
	if (*first + body > n)
		*first = n > body ? n - body : 0;
}

static void draw_list(struct screen *s)
{
	size_t line = chosen_line(s), i;
	struct layout l;

	lay_out(&l, s->view);
	draw_column_headings(&l, s->view);
	scroll_to(&s->first, line, s->view->n);
	for (i = s->first; i < s->view->n && i < s->first + body_lines(); i++)
		draw_row(&l, BODY + (int)(i - s->first), &s->view->rows[i], i == line);
	if (!s->view->n)
		put(BODY, 0, COLS, s->top->n ? "no pool fits the filter" : "there is no pool");
}

static void draw_page(struct screen *s)
{
	size_t body = body_lines(), i;

	if (s->page_first + body > s->page.n)
		s->page_first = s->page.n > body ? s->page.n - body : 0;
	for (i = s->page_first; i < s->page.n && i < s->page_first + body; i++)
		put(BODY + (int)(i - s->page_first), 0, COLS, s->page.lines[i]);
}

static void draw_heading(const struct screen *s)
{
	char text[2 * CELL_LEN], sums[CELL_LEN];

	top_heading(sums, sizeof(sums), s->top, "%H:%M:%S");
	snprintf(text, sizeof(text), "%s%s  by %s%s%s%s", sums, s->frozen ? "  FROZEN" : "",
		 s->view->columns.sort->name, s->view->columns.reverse ? " reversed" : "",
		 *s->view->filter ? "  filter " : "", s->view->filter);
	attrset(s->top->exhausted ? A_BOLD : A_NORMAL);
	put(0, 0, COLS, text);
	attrset(A_NORMAL);
}

static void draw_last_line(const struct screen *s)
{
	static const char * const keys[] = {
		[ALL_POOLS] =
			"q quit  s sort  r reverse  / filter  space freeze  Enter one pool  h help",
		[ONE_POOL] = "q quit  Escape back  space freeze  up, down scroll",
		[HELP_PAGE] = "q quit  Escape back  up, down scroll",
	};
	char text[CELL_LEN + sizeof(s->top->message)];
	int used;

	if (s->typing) {
		snprintf(text, sizeof(text), "part of the name: %s", s->view->filter);
		used = put(LINES - 1, 0, COLS - 1, text);
		mvaddch(LINES - 1, used, '_');
		return;
	}
	if (s->top->failed) {
		snprintf(text, sizeof(text), "no reading since, trying again: %s",
			 s->top->message);
		attrset(A_BOLD);
		put(LINES - 1, 0, COLS, text);
		attrset(A_NORMAL);
		return;
	}
	put(LINES - 1, 0, COLS, keys[s->mode]);
}

static void draw(struct screen *s)
{
	erase();
	draw_heading(s);
	if (s->mode == ALL_POOLS)
		draw_list(s);
	else
		draw_page(s);
	draw_last_line(s);
	refresh();
}

static void choose_rows(struct screen *s)
{
	top_choose(s->top, s->view);
	if (s->mode == ONE_POOL)
		page_of_row(&s->page, s->top, s->of, s->frozen);
}

static void read_one_pool(struct screen *s)
{
	if (s->mode != ONE_POOL || s->of & TOP_SET || s->frozen)
		return;
	top_read_cpus(s->top, s->of);
	top_read_tasks(s->top, s->of);
}

static void take_reading(struct screen *s)
{
	if (!top_read(s->top)) {
		s->status = refused("%s", s->top->message);
		s->done = true;
		return;
	}
	read_one_pool(s);
	choose_rows(s);
}

static void move_by(struct screen *s, long lines)
{
	long line = (long)chosen_line(s) + lines, last = (long)s->view->n - 1;

	if (s->mode != ALL_POOLS) {
		line = (long)s->page_first + lines;
		s->page_first = line > 0 ? line : 0;
		return;
	}
	if (last < 0)
		return;
	line = line < 0 ? 0 : line > last ? last : line;
	s->chosen = s->view->rows[line].id;
}

static void move_home(struct screen *s)
{
	if (s->mode == ALL_POOLS)
		s->chosen = 0;
	else
		s->page_first = 0;
}

static void sort_by_next(struct screen *s, int step)
{
	int n = 0, i = (int)(s->view->columns.sort - top_fields);

	while (top_fields[n].name)
		n++;
	s->view->columns.sort = &top_fields[(i + n + step) % n];
}

static void open_page(struct screen *s)
{
	if (s->mode != ALL_POOLS || !s->view->n)
		return;
	s->of = s->view->rows[chosen_line(s)].id;
	s->chosen = s->of;
	s->page_first = 0;
	page_clear(&s->page);
	top_forget_cpus(s->top);
	top_forget_tasks(s->top);
	s->mode = ONE_POOL;
	read_one_pool(s);
}

static void open_help(struct screen *s)
{
	s->page_first = 0;
	page_of_help(&s->page);
	s->mode = HELP_PAGE;
}

static void go_back(struct screen *s)
{
	s->mode = ALL_POOLS;
	page_clear(&s->page);
}

static void freeze(struct screen *s)
{
	s->frozen = !s->frozen;
	if (!s->frozen)
		clock_gettime(CLOCK_MONOTONIC, &s->tick);
}

static void begin_typing(struct screen *s)
{
	if (s->mode != ALL_POOLS)
		return;
	strcpy(s->old_filter, s->view->filter);
	s->typing = true;
}

static void add_to_filter(char *filter, wchar_t c)
{
	char bytes[MB_LEN_MAX];
	size_t len = strlen(filter);
	int n = wctomb(bytes, c);

	if (n > 0 && iswprint(c) && len + n < KP_NAME_LEN) {
		memcpy(filter + len, bytes, n);
		filter[len + n] = '\0';
	}
}

/* The last character, which may be of several bytes. */
static void shorten_filter(char *filter)
{
	size_t len = strlen(filter);

	while (len && ((unsigned char)filter[len - 1] & 0xc0) == 0x80)
		len--;
	filter[len ? len - 1 : 0] = '\0';
}

static void type(struct screen *s, wint_t key, bool is_function)
{
	if (is_function ? key == KEY_BACKSPACE : key == CTRL_H || key == DELETE) {
		shorten_filter(s->view->filter);
	} else if (is_function ? key == KEY_ENTER : key == '\n' || key == '\r') {
		s->typing = false;
	} else if (!is_function && key == KEY_ESCAPE) {
		strcpy(s->view->filter, s->old_filter);
		s->typing = false;
	} else if (!is_function) {
		add_to_filter(s->view->filter, key);
	}
}

static void on_function_key(struct screen *s, wint_t key)
{
	switch (key) {
	case KEY_UP:
		move_by(s, -1);
		break;
	case KEY_DOWN:
		move_by(s, 1);
		break;
	case KEY_PPAGE:
		move_by(s, -(long)body_lines());
		break;
	case KEY_NPAGE:
		move_by(s, (long)body_lines());
		break;
	case KEY_HOME:
		move_home(s);
		break;
	case KEY_ENTER:
		open_page(s);
		break;
	}
}

static void on_character(struct screen *s, wint_t key)
{
	switch (key) {
	case 'q':
		s->done = true;
		break;
	case '>':
	case 's':
		sort_by_next(s, 1);
		break;
	case '<':
		sort_by_next(s, -1);
		break;
	case 'r':
		s->view->columns.reverse = !s->view->columns.reverse;
		break;
	case '/':
		begin_typing(s);
		break;
	case ' ':
	case 'p':
		freeze(s);
		break;
	case 'c':
		s->view->classes = !s->view->classes;
		break;
	case 'h':
	case '?':
		open_help(s);
		break;
	case '\n':
	case '\r':
		open_page(s);
		break;
	case KEY_ESCAPE:
		go_back(s);
		break;
	}
}

static void read_keys(struct screen *s)
{
	wint_t key;
	int kind;

	while (!s->done && (kind = get_wch(&key)) != ERR) {
		if (s->typing)
			type(s, key, kind == KEY_CODE_YES);
		else if (kind == KEY_CODE_YES)
			on_function_key(s, key);
		else
			on_character(s, key);
		/* Each key may depend on what the one before did. */
		choose_rows(s);
	}
}

/* Signals that end the program come by a file descriptor, others only while the program waits. */
static bool begin_signals(struct screen *s)
{
	sigset_t ending, blocked;

	sigemptyset(&ending);
	sigaddset(&ending, SIGINT);
	sigaddset(&ending, SIGTERM);
	sigaddset(&ending, SIGHUP);
	sigaddset(&ending, SIGQUIT);
	blocked = ending;
	sigaddset(&blocked, SIGTSTP);
	sigaddset(&blocked, SIGWINCH);
	sigprocmask(SIG_BLOCK, &blocked, &s->unblocked);
	s->signals = signalfd(-1, &ending, SFD_CLOEXEC | SFD_NONBLOCK);
	sigdelset(&s->unblocked, SIGTSTP);
	sigdelset(&s->unblocked, SIGWINCH);
	for (int i = 1; i < NSIG; i++)
		if (sigismember(&ending, i) == 1)
			sigaddset(&s->unblocked, i);
	return s->signals >= 0;
}

/* Ends as the signal would have ended it, but with the terminal as it was. */
static void end_by(int number)
{
	sigset_t set;

	restore_terminal();
	signal(number, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(number);
}

static void read_signal(struct screen *s)
{
	struct signalfd_siginfo info;

	if (read(s->signals, &info, sizeof(info)) == sizeof(info))
		end_by((int)info.ssi_signo);
}

static void set_tick(struct timespec *tick, double delay)
{
	double sum = (double)tick->tv_nsec / 1e9 + delay;

	tick->tv_sec += (time_t)sum;
	tick->tv_nsec = (long)((sum - (double)(time_t)sum) * 1e9);
}

/* Takes the reading whose time has come. Those that were missed are not made up for. */
static void tick(struct screen *s)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (s->frozen || seconds_between(&s->tick, &now) < 0)
		return;
	take_reading(s);
	if (s->left && !--s->left)
		s->done = true;
	set_tick(&s->tick, s->delay);
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (seconds_between(&s->tick, &now) > 0)
		s->tick = now;
}

static void wait_for_event(struct screen *s)
{
	struct pollfd polled[] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = s->signals, .events = POLLIN },
	};
	struct timespec now, left = { 0, 0 };
	double seconds;

	clock_gettime(CLOCK_MONOTONIC, &now);
	seconds = seconds_between(&now, &s->tick);
	if (seconds > 0)
		set_tick(&left, seconds);
	if (ppoll(polled, ARRAY_SIZE(polled), s->frozen ? NULL : &left, &s->unblocked) < 0)
		return;
	if (polled[1].revents)
		read_signal(s);
	/* Nobody is there any more. */
	if (polled[0].revents & (POLLHUP | POLLERR | POLLNVAL))
		s->done = true;
}

static void loop(struct screen *s)
{
	clock_gettime(CLOCK_MONOTONIC, &s->tick);
	set_tick(&s->tick, s->delay);
	choose_rows(s);
	while (!s->done) {
		draw(s);
		wait_for_event(s);
		read_keys(s);
		if (!s->done)
			tick(s);
	}
}

/**
 * top_screen() - show pools until a person quits
 * @t: the model, with its first reading
 * @view: what is shown first
 * @o: the time between readings, and how many
 *
 * The terminal is restored in the end, also if a signal ends the program.
 */
enum exit_status top_screen(struct top *t, struct top_view *view, const struct options *o)
{
	struct screen s = {
		.top = t, .view = view, .delay = o->delay, .left = o->count, .signals = -1,
	};

	if (!begin_signals(&s))
		return refused("top: signalfd: %s", strerror(errno));
	if (begin_terminal())
		return EXIT_REFUSED;
	loop(&s);
	restore_terminal();
	page_clear(&s.page);
	close(s.signals);
	return s.status;
}
