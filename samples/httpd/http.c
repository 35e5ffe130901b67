// SPDX-License-Identifier: GPL-2.0-only
/*
 * Parser of heads. Strict where RFC 9112 leaves the choice: what two
 * servers could read in two ways (bare CR or LF, folded lines, blanks before
 * a colon, more than one length) is refused.
 *
 * A line is parsed once it is complete, and no byte is looked at twice, however
 * slowly a head comes in.
 */
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "http.h"

/* the end of each request line, the beginning of each status line: "HTTP/1.1" */
#define VERSION_LEN	8

static bool is_token_char(unsigned char c)
{
	if (!isascii(c))
		return false;
	return isalnum(c) || (c && strchr("!#$%&'*+-.^_`|~", c));
}

static bool is_token(const char *text, unsigned int len)
{
	unsigned int i;

	for (i = 0; i < len; i++)
		if (!is_token_char(text[i]))
			return false;
	return len > 0;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_word(const char *text, unsigned int len, const char *word)
{
	return len == strlen(word) && !strncasecmp(text, word, len);
}

/* Is @word one of the comma-separated words in @text? */
static bool has_word(const char *text, unsigned int len, const char *word, unsigned int word_len)
{
	const char *end = text + len;

	while (text < end) {
		const char *comma = memchr(text, ',', end - text);
		const char *next = comma ? comma + 1 : end;
		const char *last = comma ? comma : end;

		while (text < last && is_blank(*text))
			text++;
		while (text < last && is_blank(last[-1]))
			last--;
		if (last - text == word_len && !strncasecmp(text, word, word_len))
			return true;
		text = next;
	}
	return false;
}

/**
 * http_number() - read a decimal number
 * @text: its digits
 * @len: how many
 * @number: where to put it; UINT_MAX if it does not fit
 *
 * Return: false if there is anything but digits, or nothing.
 */
bool http_number(const char *text, unsigned int len, unsigned int *number)
{
	unsigned int n = 0;
	unsigned int i;

	for (i = 0; i < len; i++) {
		if (!isdigit(text[i]))
			return false;
		if (n > (UINT_MAX - 9) / 10)
			n = UINT_MAX;
		else
			n = n * 10 + (text[i] - '0');
	}
	*number = n;
	return len > 0;
}

static unsigned int method_of(const char *text, unsigned int len)
{
	/* unlike all other words, methods are case-sensitive */
	if (len == 3 && !memcmp(text, "GET", 3))
		return HTTP_GET;
	if (len == 4 && !memcmp(text, "HEAD", 4))
		return HTTP_HEAD;
	if (len == 4 && !memcmp(text, "POST", 4))
		return HTTP_POST;
	return 0;
}

/*
 * The target is a path, or a URL whose host is of no interest here. A query is
 * no part of the path.
 */
static int parse_target(struct http_head *head, const char *text,
			unsigned int begin, unsigned int end)
{
	static const char scheme[] = "http://";
	unsigned int scheme_len = sizeof(scheme) - 1;
	unsigned int i;

	for (i = begin; i < end; i++)
		if (text[i] <= ' ' || text[i] > '~')
			return 400;

	if (end - begin > scheme_len && !strncasecmp(text + begin, scheme, scheme_len)) {
		for (i = begin + scheme_len; i < end; i++)
			if (text[i] == '/' || text[i] == '?')
				break;
		if (i == end || text[i] == '?') {
			/* a URL without a path means "/": take the scheme's */
			head->path = begin + scheme_len - 1;
			head->path_len = 1;
			return 0;
		}
		begin = i;
	}
	if (begin == end || text[begin] != '/')
		return 400;

	for (i = begin; i < end; i++)
		if (text[i] == '?')
			break;
	head->path = begin;
	head->path_len = i - begin;
	head->query_len = end - i;
	return 0;
}

static bool is_version(const char *text)
{
	return !memcmp(text, "HTTP/", 5) && isdigit(text[5]) && text[6] == '.' &&
	       isdigit(text[7]);
}

static int parse_request_line(struct http_head *head, const char *text,
			      unsigned int begin, unsigned int end)
{
	const char *blank = memchr(text + begin, ' ', end - begin);
	const char *version;
	unsigned int method_end, target_end;

	if (!blank || end - begin <= VERSION_LEN)
		return 400;
	method_end = blank - text;
	target_end = end - VERSION_LEN - 1;
	version = text + target_end + 1;
	if (method_end >= target_end || version[-1] != ' ' ||
	    !is_token(text + begin, method_end - begin))
		return 400;

	if (!is_version(version))
		return 400;
	if (version[5] != '1')
		return 505;
	head->minor = version[7] - '0';

	head->method = method_of(text + begin, method_end - begin);
	if (!head->method)
		return 501;
	return parse_target(head, text, method_end + 1, target_end);
}

/* "HTTP/1.1 200 OK", where the words may be missing, with or without the blank. */
static int parse_status_line(struct http_head *head, const char *text,
			     unsigned int begin, unsigned int end)
{
	const char *line = text + begin;
	const unsigned int status_end = VERSION_LEN + 4;
	unsigned int len = end - begin;

	if (len < status_end || !is_version(line) || line[5] != '1' || line[VERSION_LEN] != ' ' ||
	    !http_number(line + VERSION_LEN + 1, 3, &head->status) || head->status < 100)
		return 502;
	if (len > status_end && line[status_end] != ' ')
		return 502;
	head->minor = line[7] - '0';
	head->reason = min(begin + status_end + 1, end);
	head->reason_len = end - head->reason;
	return 0;
}

static int parse_field(struct http_head *head, const char *text,
		       unsigned int begin, unsigned int end)
{
	const char *colon = memchr(text + begin, ':', end - begin);
	struct http_field *field;

	if (!colon || !is_token(text + begin, colon - (text + begin)))
		return 400;
	if (head->nr_fields == HTTP_MAX_FIELDS)
		return 431;

	field = &head->fields[head->nr_fields++];
	field->name = begin;
	field->name_len = colon - (text + begin);

	begin += field->name_len + 1;
	while (begin < end && is_blank(text[begin]))
		begin++;
	while (begin < end && is_blank(text[end - 1]))
		end--;
	field->value = begin;
	field->value_len = end - begin;
	return 0;
}

static void read_connection(const char *value, unsigned int len, bool *close, bool *keep)
{
	*close |= has_word(value, len, "close", strlen("close"));
	*keep |= has_word(value, len, "keep-alive", strlen("keep-alive"));
}

/* What the fields say about the request as a whole. */
static int read_fields(struct http_head *head, const char *text, unsigned int max_body)
{
	bool close = false, keep = false;
	unsigned int hosts = 0, lengths = 0, encodings = 0;
	unsigned int i;

	for (i = 0; i < head->nr_fields; i++) {
		const struct http_field *field = &head->fields[i];
		const char *name = text + field->name;
		const char *value = text + field->value;

		if (is_word(name, field->name_len, "host")) {
			hosts++;
		} else if (is_word(name, field->name_len, "connection")) {
			read_connection(value, field->value_len, &close, &keep);
		} else if (is_word(name, field->name_len, "content-length")) {
			lengths++;
			if (!http_number(value, field->value_len, &head->content_length))
				return 400;
		} else if (is_word(name, field->name_len, "transfer-encoding")) {
			encodings++;
			head->chunked = is_word(value, field->value_len, "chunked");
		} else if (is_word(name, field->name_len, "expect") && head->minor) {
			if (!is_word(value, field->value_len, "100-continue"))
				return 417;
			head->expect_continue = true;
		}
	}

	/* HTTP/1.0 has neither Host nor encodings, and closes unless asked not to. */
	if (hosts > 1 || (head->minor && !hosts))
		return 400;
	head->keep_alive = !close && (head->minor || keep);

	/* Two ways to find the body's end: that is how requests are smuggled. */
	if (lengths > 1 || encodings > 1 || (encodings && (lengths || !head->minor)))
		return 400;
	if (encodings && !head->chunked)
		return 501;
	if (head->content_length > max_body)
		return 413;
	head->has_host = hosts;
	head->has_length = lengths;
	return 0;
}

/* What the fields say about the response as a whole. */
static int read_response_fields(struct http_head *head, const char *text)
{
	bool close = false, keep = false;
	unsigned int i;

	for (i = 0; i < head->nr_fields; i++) {
		const struct http_field *field = &head->fields[i];
		const char *value = text + field->value;

		if (http_is_field(text, field, "connection")) {
			read_connection(value, field->value_len, &close, &keep);
		} else if (http_is_field(text, field, "content-length")) {
			if (head->has_length ||
			    !http_number(value, field->value_len, &head->content_length) ||
			    head->content_length == UINT_MAX)
				return 502;
			head->has_length = true;
		} else if (http_is_field(text, field, "transfer-encoding")) {
			if (head->chunked || !head->minor ||
			    !is_word(value, field->value_len, "chunked"))
				return 502;
			head->chunked = true;
		}
	}
	if (head->chunked && head->has_length)
		return 502;
	head->keep_alive = !close && (head->minor || keep);
	return 0;
}

/*
 * Find the end of the line that begins at head->line: @end is the offset of its
 * CR, head->scanned that of its LF.
 * Return: 0, -EAGAIN if the line is not complete, or a status.
 */
static int find_line_end(struct http_head *head, const char *text, unsigned int len,
			 unsigned int *end)
{
	for (; head->scanned < len; head->scanned++) {
		unsigned int i = head->scanned;
		unsigned char c = text[i];
		bool after_cr = i > head->line && text[i - 1] == '\r';

		if (after_cr != (c == '\n'))
			return 400;
		if (after_cr) {
			*end = i - 1;
			return 0;
		}
		if ((c < ' ' && c != '\t' && c != '\r') || c == 0x7f)
			return 400;
	}
	return -EAGAIN;
}

/**
 * http_is_field() - is this the field of that name?
 * @text: what the field's offsets are of
 * @field: the field
 * @name: the name, in any case
 */
bool http_is_field(const char *text, const struct http_field *field, const char *name)
{
	return is_word(text + field->name, field->name_len, name);
}

/**
 * http_field_names() - is a word in the field's comma-separated list?
 * @text: what the field's offsets are of
 * @field: the field
 * @word: the word, in any case
 * @len: bytes of the word
 */
bool http_field_names(const char *text, const struct http_field *field, const char *word,
		      unsigned int len)
{
	return has_word(text + field->value, field->value_len, word, len);
}

/* Has the request line, or the status line, been read? */
static bool has_begun(const struct http_head *head)
{
	return head->method || head->status;
}

/*
 * Parse the complete lines in @text, of which the first is for @parse_first.
 * Return: 0 if the head is complete, -EAGAIN, or a status.
 */
static int parse_lines(struct http_head *head, const char *text, unsigned int len,
		       unsigned int max_head,
		       int (*parse_first)(struct http_head *head, const char *text,
					  unsigned int begin, unsigned int end))
{
	len = min(len, max_head);

	for (;;) {
		unsigned int begin = head->line;
		unsigned int end;
		int status;

		status = find_line_end(head, text, len, &end);
		if (status == -EAGAIN && len == max_head)
			return has_begun(head) ? 431 : 414;
		if (status)
			return status;
		head->scanned++;
		head->line = head->scanned;

		if (begin == end) {
			/* some clients send an empty line after a body */
			if (!has_begun(head))
				continue;
			head->size = head->line;
			return 0;
		}
		status = has_begun(head) ? parse_field(head, text, begin, end)
					 : parse_first(head, text, begin, end);
		if (status)
			return status;
	}
}

/**
 * http_parse_head() - parse as much of a request's head as has come in
 * @head: what was parsed so far
 * @text: all that was received, from the first byte of the request on; may move
 *	between calls, as @head has but offsets
 * @len: how much that is; may reach into the body and beyond
 * @max_head: bytes that a head may have
 * @max_body: bytes that a body may have
 *
 * Return: 0 if the head is complete; -EAGAIN if there is more to come; or the
 * status to refuse the request with, after which the rest of the connection's
 * input means nothing.
 */
int http_parse_head(struct http_head *head, const char *text, unsigned int len,
		    unsigned int max_head, unsigned int max_body)
{
	return parse_lines(head, text, len, max_head, parse_request_line) ?:
	       read_fields(head, text, max_body);
}

/**
 * http_parse_response() - parse as much of a response's head as has come in
 * @head: what was parsed so far
 * @text: all that was received, as for http_parse_head()
 * @len: how much that is
 * @max_head: bytes that a head may have
 *
 * Return: 0 if the head is complete; -EAGAIN if there is more to come; or a positive
 * number if it makes no sense.
 */
int http_parse_response(struct http_head *head, const char *text, unsigned int len,
			unsigned int max_head)
{
	return parse_lines(head, text, len, max_head, parse_status_line) ?:
	       read_response_fields(head, text);
}

/**
 * http_reason() - the words after a status code
 * @status: the code
 *
 * Return: a constant.
 */
const char *http_reason(unsigned int status)
{
	switch (status) {
	case 100: return "Continue";
	case 200: return "OK";
	case 400: return "Bad Request";
	case 404: return "Not Found";
	case 405: return "Method Not Allowed";
	case 408: return "Request Timeout";
	case 413: return "Content Too Large";
	case 414: return "URI Too Long";
	case 417: return "Expectation Failed";
	case 431: return "Request Header Fields Too Large";
	case 501: return "Not Implemented";
	case 502: return "Bad Gateway";
	case 503: return "Service Unavailable";
	case 504: return "Gateway Timeout";
	case 505: return "HTTP Version Not Supported";
	default: return "Unknown";
	}
}
