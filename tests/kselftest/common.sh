# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Functions of the selftests. They print TAP; the exit status is that of kselftest: 0, 1, or 4 for a
# test that is skipped.
#
# KPOOL_MODULES in the environment is a folder build/RELEASE with modules. Without it, modprobe
# finds them.

PATH=$PATH:/sbin:/usr/sbin
mark="kpool selftest ${0##*/} $$"
loaded=''
number=0
failed=0

skip() {
	echo "1..0 # SKIP $1"
	exit 4
}

file_of() {
	case $1 in
	kpool) echo "$KPOOL_MODULES/kpool.ko" ;;
	*) echo "$KPOOL_MODULES/tests/${1#kpool_}/$1.ko" ;;
	esac
}

# needs MODULE: skips the test if there is no such module for the running kernel.
needs() {
	local built
	if [ -z "${KPOOL_MODULES:-}" ]; then
		modprobe -q -n "$1" ||
			skip "modprobe finds no $1 for $(uname -r), and KPOOL_MODULES is not set"
		return
	fi
	[ -e "$(file_of "$1")" ] || skip "there is no $(file_of "$1")"
	built=$(modinfo -F vermagic "$(file_of "$1")")
	[ "${built%% *}" = "$(uname -r)" ] ||
		skip "$(file_of "$1") is for kernel ${built%% *}, this is $(uname -r)"
}

# start MODULE: skips the test unless kpool and this module can be tried on this machine.
start() {
	echo 'TAP version 13'
	[ "$(id -u)" = 0 ] || skip 'only root can load modules'
	[ ! -e /sys/module/kpool ] ||
		skip 'kpool is loaded already: unload it, and the modules that use it'
	needs kpool
	needs "$1"
	output=$(mktemp)
	trap 'unload_all; rm -f "$output"' EXIT
	trap 'exit 1' INT TERM HUP
	echo "$mark" >/dev/kmsg
}

# comment: a diagnosis in TAP, from stdin.
comment() { sed 's/^/# /'; }

# load MODULE [PARAMETER=VALUE]...
load() {
	local module=$1
	shift
	if [ -z "${KPOOL_MODULES:-}" ]; then
		modprobe "$module" "$@" || return
	else
		insmod "$(file_of "$module")" "$@" || return
	fi
	loaded="$module $loaded"
}

# unload_all: the module that was loaded last goes first.
unload_all() {
	local module rc=0
	for module in $loaded; do
		rmmod "$module" || rc=1
	done
	loaded=''
	return $rc
}

# The kernel log since the start. The mark may have fallen out of it.
log() {
	dmesg | awk -v mark="$mark" '
		index($0, mark) { n = 0; next }
		{ line[n++] = $0 }
		END { for (i = 0; i < n; i++) print line[i] }'
}

complaints='WARNING:|BUG:|KASAN:|KCSAN:|KMSAN:|UBSAN:|Oops|general protection|detected stall'
complaints="$complaints|INFO: (task|rcu)|suspicious RCU|possible (circular|recursive|irq)"
complaints="$complaints|sleeping function|scheduling while atomic|Objects remaining|soft lockup"

# quiet: fails and shows what the kernel complained about, if it did.
quiet() { ! log | grep -E -A 20 "$complaints"; }

# try NAME COMMAND...: one line of the result. The command runs in this shell, because it may load.
try() {
	local name=$1 verdict=ok
	shift
	number=$((number + 1))
	"$@" >"$output" 2>&1 || verdict='not ok'
	comment <"$output"
	echo "$verdict $number $name"
	[ "$verdict" = ok ] || failed=1
}

# try_all MODULE NAME [PARAMETER=VALUE]...: loads kpool, then the module. After both, the test of
# the caller goes on. If one does not load, the rest is not tried.
try_all() {
	local module=$1 name=$2
	shift 2
	try 'kpool loads' load kpool
	[ $failed = 1 ] || try "$name" load "$module" "$@"
	if [ $failed = 1 ]; then
		log | tail -n 20 | comment
		echo "Bail out! see above"
		exit 1
	fi
}
