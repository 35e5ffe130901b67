# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Completion for kpool(8): commands, options, names of pools and of columns.

# Asks the kernel only where that does not load the module.
_kpool_names() {
	[ -d /sys/module/kpool ] && kpool list --no-headings --output name 2>/dev/null
}

# The columns of a command, out of what it says of a wrong one, before it asks the kernel.
_kpool_columns() {
	kpool "$1" --output '?' 2>&1 >/dev/null | sed -n 's/.*there are: //p'
}

# The options of a command, out of its help.
_kpool_options() {
	kpool help "$1" 2>/dev/null | sed -n 's/^  -., \(--[a-z-]*\).*/\1/p'
}

_kpool() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command='' word
	local commands='list show stats monitor help version' words=''

	for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
		case $word in
		-*) ;;
		*) command=$word && break ;;
		esac
	done
	# The last of several columns is what is being typed.
	case $prev in
	-o | --output | -s | --sort)
		word=''
		[[ $cur != *,* ]] || word=${cur%,*},
		words=$(_kpool_columns "${command:-list}")
		mapfile -t COMPREPLY < <(compgen -P "$word" -W "$words" -- "${cur##*,}")
		compopt -o nospace 2>/dev/null
		return
		;;
	-d | --delay | -n | --count) return ;;
	esac
	case $command in
	'' | help) words=$commands ;;
	show | stats) words=$(_kpool_names) ;;
	esac
	[[ $cur != -* ]] || words=$(_kpool_options "${command:-}")
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

complete -F _kpool kpool
