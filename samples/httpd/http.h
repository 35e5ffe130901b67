/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The head of an HTTP/1.1 request (RFC 9112) as text. Knows no socket.
 */
#ifndef _HTTPD_HTTP_H
#define _HTTPD_HTTP_H

#include <linux/bits.h>
#include <linux/types.h>

enum {
	HTTP_MAX_FIELDS	= 100,
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
 * struct http_head - what is known of a request's head
 * @line: where the line begins that is not complete yet
 * @scanned: how far that line was looked at
 * @size: bytes of the whole head; 0 until it is complete
 * @method: one of &enum http_method, 0 until the request line was read
 * @minor: the 1 in HTTP/1.1
 * @path: where the path begins, a query left out
 * @path_len: bytes of the path
 * @content_length: bytes of the body that follows the head
 * @keep_alive: the client wants the connection to stay
 * @expect_continue: the client waits for a 100 before it sends the body
 * @nr_fields: entries in @fields
 * @fields: the header table
 *
 * Zero all but @fields before the first byte of a request.
 */
struct http_head {
	unsigned int line;
	unsigned int scanned;
	unsigned int size;
	unsigned int method;
	unsigned int minor;
	unsigned int path;
	unsigned int path_len;
	unsigned int content_length;
	bool keep_alive;
	bool expect_continue;
	unsigned int nr_fields;
	struct http_field fields[HTTP_MAX_FIELDS];
};

int http_parse_head(struct http_head *head, const char *text, unsigned int len,
		    unsigned int max_head, unsigned int max_body);
bool http_number(const char *text, unsigned int len, unsigned int *number);
const char *http_reason(unsigned int status);

#endif
