# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Completion for kpool(8): commands, options, names of pools and of columns.

# Asks the kernel only where that does not load the module.
_kpool_names() {
	[ ! -d /sys/module/kpool ] || kpool list --classes --no-headings --output name 2>/dev/null
}

# What can be shown: pools, those of classes too, and sets of buffers.
_kpool_names_of_all() {
	[ ! -d /sys/module/kpool ] || {
		kpool list --sets --no-headings --output name
		_kpool_names
	} 2>/dev/null
}

_kpool_owners() {
	[ ! -d /sys/module/kpool ] || kpool list --no-headings --output owner 2>/dev/null | sort -u
}

# The columns of a command, out of what it says of a wrong one, before it asks the kernel.
_kpool_columns() {
	kpool "$@" --sort '?' 2>&1 >/dev/null | sed -n 's/.*there are: //p' | tr ' ' '\n'
}

# The limits of kpool set, and what they can be besides a number, out of its help: max=N|none.
_kpool_limits() {
	kpool help set 2>/dev/null | sed -n 's/^  \([a-z_]*=[^ ]*\) .*/\1/p'
}

# The words of kpool debug, out of its help: on|off, held_ms=N, fail_get=1/N|off.
_kpool_debug_words() {
	kpool help debug 2>/dev/null | sed -n '/^  -/d; s/^  \([a-z_|]*=*\).*/\1/p' | tr '|' '\n'
}

# Offers limits, or, behind one's =, the words that it can be. $1 is what is typed of it. The
# shell takes `max=` for two words, so there only what follows is to be offered.
_kpool_offer_limits() {
	local name=${1%%=*}
	if [[ $1 = *=* ]]; then
		_kpool_offer "${1#*=}" '' \
			< <(_kpool_limits | sed -n "s/^$name=N|//p" | tr '|' '\n')
	else
		_kpool_offer "$1" '' < <(_kpool_limits | sed 's/=.*/=/')
		compopt -o nospace 2>/dev/null
	fi
}

# The options of a command, or all, out of its help.
_kpool_options() {
	kpool help "$@" 2>/dev/null | sed -nE 's/^  (-., )?(--[a-z-]*).*/\2/p'
}

# Offers those lines of the input that go on from $1, with $2 before each. Not by compgen -W,
# which expands its words: a name may be any text.
_kpool_offer() {
	local word
	while read -r word; do
		[[ $word != "$1"* ]] || COMPREPLY+=("$(printf '%s%q' "$2" "$word")")
	done
}

_kpool_offer_files() {
	_kpool_offer "$1" '' < <(compgen -f -- "$1")
	compopt -o filenames 2>/dev/null
}

# What is typed already: the command, its first argument, whether columns are those of CPUs.
_kpool_read_words() {
	local i word
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		case $word in
		-o | --output | -s | --sort | -d | --delay | -n | --count | -t | --textfile | -T | --state | \
			-O | --owner | -k | --color) ((++i)) ;;
		-c | --percpu) percpu=(--percpu) ;;
		-* | =) ;;
		*) if [ -z "$command" ]; then command=$word; else argument=${argument:-$word}; fi ;;
		esac
	done
}

_kpool() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command='' before='' typed
	local argument='' percpu=()

	COMPREPLY=()
	_kpool_read_words
	# --output=NAME comes in three words, and so does LIMIT=VALUE.
	typed=$cur
	[ "$cur" != = ] || typed=$prev=
	[ "$prev" != = ] || typed=${COMP_WORDS[COMP_CWORD - 2]}=$cur
	[ "$cur" != = ] || cur=''
	[ "$prev" != = ] || prev=${COMP_WORDS[COMP_CWORD - 2]}
	case $prev in
	-o | --output | -s | --sort)
		# The last of several columns is what is being typed.
		[[ $cur != *,* ]] || before=${cur%,*},
		_kpool_offer "${cur##*,}" "$before" \
			< <(_kpool_columns "${command:-list}" "${percpu[@]}")
		compopt -o nospace 2>/dev/null
		return
		;;
	-d | --delay | -n | --count) return ;;
	-T | --state)
		[[ $cur != *,* ]] || before=${cur%,*},
		_kpool_offer "${cur##*,}" "$before" <<<$'live\ndying\ndetached'
		return
		;;
	-k | --color) _kpool_offer "$cur" '' <<<$'auto\nalways\nnever' && return ;;
	-O | --owner) _kpool_offer "$cur" '' < <(_kpool_owners) && return ;;
	-t | --textfile)
		_kpool_offer_files "$cur"
		return
		;;
	esac
	case $cur:$command in
	-*) _kpool_offer "$cur" '' < <(_kpool_options ${command:+"$command"}) ;;
	*: | *:help) _kpool_offer "$cur" '' \
		<<<$'list\nshow\nstats\ntop\nholders\nwaiters\ntrack\ntrim\nreset-peaks\nset\nsave\nrestore\ndebug\nmonitor\nexport\nbench\nhelp\nversion' ;;
	*:se*) if [ -n "$argument" ]; then
		_kpool_offer_limits "$typed"
	else
		_kpool_offer "$cur" '' < <(_kpool_names_of_all)
	fi ;;
	*:b* | *:sa* | *:resto*) _kpool_offer_files "$cur" ;;
	*:d*) if [ -n "$argument" ]; then
		_kpool_offer "$typed" '' < <(_kpool_debug_words)
		[[ ${COMPREPLY[*]} != *= ]] || compopt -o nospace 2>/dev/null
	else
		_kpool_offer "$cur" '' < <(_kpool_names_of_all)
	fi ;;
	*:tra*) if [ -n "$argument" ]; then
		_kpool_offer "$typed" '' <<<$'all\n1/\noff\nleak_ms='
	else
		_kpool_offer "$cur" '' < <(_kpool_names_of_all)
	fi ;;
	*:ho* | *:w* | *:tri* | *:rese*) _kpool_offer "$cur" '' < <(_kpool_names_of_all) ;;
	*:l* | *:sh* | *:st*) _kpool_offer "$cur" '' < <(_kpool_names_of_all) ;;
	esac
}

complete -F _kpool kpool
