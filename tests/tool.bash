# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Functions for the tests of the kpool program. TOP is set.

# refused STATUS TEXT COMMAND...: fails with this status, has this text on stderr, prints nothing.
refused() {
	local wanted=$1 text=$2
	shift 2
	run --separate-stderr -"$wanted" "$@"
	[ -z "$output" ] || { echo "stdout: $output" && return 1; }
	# shellcheck disable=SC2154 # run sets it
	grep -F -- "$text" <<<"$stderr" || { echo "stderr: $stderr" && return 1; }
}

# completed WORD...: the completions that are offered for the last word.
completed() {
	local COMP_WORDS=(kpool "$@") COMP_CWORD=$# COMPREPLY=()
	# shellcheck disable=SC1091
	. "$TOP/tools/kpool/completion.bash"
	_kpool
	echo "${COMPREPLY[*]}"
}

# valid <LINES: each line is `DEFINITION JSON`. Prints the schema's verdict on the JSON.
valid() {
	# shellcheck disable=SC2016 # $ref is a word of the schema
	/usr/bin/python3 -c '
import json, sys
import jsonschema
definitions = json.load(open(sys.argv[1]))["definitions"]
n = 0
for line in sys.stdin:
    name, text = line.split(maxsplit=1)
    jsonschema.Draft7Validator({"$ref": "#/definitions/" + name,
                                "definitions": definitions}).validate(json.loads(text))
    n += 1
print(n)' "$TOP/Documentation/kpool.schema.json"
}

# watch COMMAND...: runs it in the background, and sends its output to $watched.
watch() {
	exec {watched}< <(exec "$@" 2>&1)
	watcher=$!
}

# watched_ends STATUS: it ends by itself. `run` cannot wait for it, because it is no child of run's
# shell.
watched_ends() {
	local status=0
	wait "$watcher" || status=$?
	[ $status = "$1" ]
}

# The next line of the watched output goes to $line.
# shellcheck disable=SC2034 # the caller reads it
next_line() { read -r -t 60 line <&"$watched"; }
