/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The heads of HTTP/1.1 requests and responses (RFC 9112), and chunked bodies, as text.
 * Knows no socket.
 */
#ifndef _HTTPD_HTTP_H
#define _HTTPD_HTTP_H

#include <linux/bits.h>
#include <linux/types.h>

enum {
	HTTP_MAX_FIELDS	= 100,
	/* what a chunked body may have besides its data, in one go: extensions, trailers */
	HTTP_MAX_EXTRA	= 8192,
};

enum http_method {
	HTTP_GET	= BIT(0),
	HTTP_HEAD	= BIT(1),
	HTTP_POST	= BIT(2),
};

/**
 * struct http_field - a header field, as offsets into the text
 * @name: where its name begins
 * @name_len: bytes of the name
 * @value: where its value begins, blanks around it left out
 * @value_len: bytes of the value
 */
struct http_field {
	unsigned int name;
	unsigned int name_len;
	unsigned int value;
	unsigned int value_len;
};

/**
 * struct http_head - what is known of a head
 * @line: where the line begins that is not complete yet
 * @scanned: how far that line was looked at
 * @size: bytes of the whole head; 0 until it is complete
 * @method: one of &enum http_method, 0 until the request line was read
 * @minor: the 1 in HTTP/1.1
 * @path: where the path begins, a query left out
 * @path_len: bytes of the path
 * @query_len: bytes of the query behind the path, its question mark included
 * @status: of a response; 0 until the status line was read
 * @reason: where the words after the status begin
 * @reason_len: bytes of them
 * @content_length: bytes of the body that follows the head; of a response, if
 *	@has_length
 * @has_host: there is a Host field
 * @has_length: the head says how long the body is
 * @chunked: the body is in chunks
 * @keep_alive: the sender wants the connection to stay
 * @expect_continue: the client waits for a 100 before it sends the body
 * @nr_fields: entries in @fields
 * @fields: the header table
 *
 * Zero all but @fields before the first byte of a request or response.
 */
struct http_head {
	unsigned int line;
	unsigned int scanned;
	unsigned int size;
	unsigned int method;
	unsigned int minor;
	unsigned int path;
	unsigned int path_len;
	unsigned int query_len;
	unsigned int status;
	unsigned int reason;
	unsigned int reason_len;
	unsigned int content_length;
	bool has_host;
	bool has_length;
	bool chunked;
	bool keep_alive;
	bool expect_continue;
	unsigned int nr_fields;
	struct http_field fields[HTTP_MAX_FIELDS];
};

enum http_chunk_state {
	CHUNK_SIZE,
	CHUNK_BLANK,
	CHUNK_EXTENSION,
	CHUNK_SIZE_LF,
	CHUNK_DATA,
	CHUNK_DATA_CR,
	CHUNK_DATA_LF,
	CHUNK_TRAILER,
	CHUNK_TRAILER_LINE,
	CHUNK_TRAILER_LF,
	CHUNK_LAST_LF,
	CHUNK_END,
};

/**
 * struct http_chunks - how far a chunked body was read
 * @state: what comes next
 * @left: bytes of the chunk's data that are still to come; its size while that is read
 * @digits: digits of the size
 * @extra: bytes since the last data that were no data
 *
 * Zero it before the first byte of the body.
 */
struct http_chunks {
	enum http_chunk_state state;
	unsigned int left;
	unsigned int digits;
	unsigned int extra;
};

int http_parse_head(struct http_head *head, const char *text, unsigned int len,
		    unsigned int max_head, unsigned int max_body);
int http_parse_response(struct http_head *head, const char *text, unsigned int len,
			unsigned int max_head);
bool http_is_field(const char *text, const struct http_field *field, const char *name);
bool http_field_names(const char *text, const struct http_field *field, const char *word,
		      unsigned int len);
int http_decode_chunks(struct http_chunks *chunks, char *text, unsigned int len,
		       unsigned int *used);
void http_pass_data(struct http_chunks *chunks, unsigned int len);
bool http_number(const char *text, unsigned int len, unsigned int *number);
const char *http_reason(unsigned int status);

#endif
