# SPDX-License-Identifier: GPL-2.0-only
#
# kpool as patches for the kernel. tests/full/in-tree.bats builds and runs the result.

load helpers
load in-tree

setup_file() {
	local linux file
	export TREE=$BATS_FILE_TMPDIR/tree
	linux=$(kernel source-um)
	for file in "${edited[@]}"; do
		mkdir -p "$(dirname "$TREE/$file")"
		cp "$linux/$file" "$TREE/$file"
	done
	the_series "$BATS_FILE_TMPDIR/series"
	repository "$TREE"
	git -C "$TREE" am -q "$BATS_FILE_TMPDIR"/series/*.patch
}

@test "git am takes the patches, and each has a message and a signature" {
	local patch
	[ "$(git -C "$TREE" rev-list --count base..)" = "$(find "$TOP/tools/in-tree/messages" -type f | wc -l)" ]
	for patch in "$BATS_FILE_TMPDIR"/series/*.patch; do
		sed '/^---$/q' "$patch" | grep -q '^Signed-off-by: ' || echo "$patch"
	done | none "not signed"
	[ -z "$(git -C "$TREE" status --porcelain)" ]
}

# missing FROM TO FILE...: the files of FROM that are not in TO.
missing() {
	local from=$1 to=$2 file
	shift 2
	for file; do
		[ -e "$TREE/$to${file#"$from"}" ] || echo "$file"
	done
}

@test "each file of the module, of its headers and of its tests has its place there" {
	cd "$TOP"
	{
		missing module/ lib/kpool/ $(git ls-files 'module/*.[ch]' ':!module/include' ':!module/compat')
		missing module/include/ include/ $(git ls-files 'module/include/*.h')
		missing uapi/ include/uapi/ $(git ls-files uapi)
		missing tests/kunit/ lib/kpool/tests/ $(git ls-files 'tests/kunit/*.[ch]')
		missing tests/stress/ lib/kpool/stress/ $(git ls-files 'tests/stress/*.[ch]')
		missing tests/kselftest/ tools/testing/selftests/kpool/ $(git ls-files tests/kselftest)
		missing Documentation/ Documentation/ Documentation/netlink/specs/kpool.yaml
	} | none "in no patch"
}

@test "each file there is built, by the Makefile of its folder" {
	local file
	cd "$TREE/lib/kpool"
	for file in *.c [a-z]*/*.c; do
		case $file in
		tests/* | stress/*) grep -qw "$(basename "$file" .c)\.o" "${file%/*}/Makefile" ;;
		*) grep -qE "[ :=]${file%.c}\.o( |$)" Makefile ;;
		esac || echo "$file"
	done | none "not built"
	# No file but those of the tests is for the tests alone.
	sed -n 's/^kpool-.*=//p' Makefile | tr ' ' '\n' | grep . | sort -u | while read -r file; do
		[ -e "${file%.o}.c" ] || echo "$file"
	done | none "in the Makefile, but not there"
}

@test "no code for other kernels is left" {
	(grep -rnE 'compat/|\bHAVE_[A-Z]|LINUX_VERSION|KPOOL_FOR_TESTS|KPOOL_VERSION' \
		"$TREE/lib/kpool" "$TREE/include" || :) | none "for other kernels"
}

@test "each option is described, and each that the Makefiles ask for is there" {
	cd "$TREE/lib/kpool"
	diff <(grep -rhoP 'CONFIG_\KKPOOL\w*' --include=Makefile --include='*.[ch]' . ../Makefile | sort -u) \
		<(sed -n 's/^config //p' Kconfig | sort)
	[ "$(grep -c '^	help$' Kconfig)" = "$(grep -c '^config ' Kconfig)" ]
	# What .kunitconfig wants of kpool is there.
	diff <(grep -oP '^CONFIG_\KKPOOL\w*' .kunitconfig) <(printf '%s\n' KPOOL KPOOL_KUNIT_TEST)
}

@test "pages of the series name no page that is not there" {
	cd "$TREE/Documentation/core-api/kpool"
	{
		grep -ohP ':doc:`[^`]*<\K[^>]+' ./*.rst
		grep -ohP ':doc:`\K[^`<]+(?=`)' ./*.rst
		sed -n '/toctree/,$s/^   \([a-z]\+\)$/\1/p' index.rst
	} | sort -u | while read -r page; do
		[ -e "$page.rst" ] || echo "$page"
	done | none "no page"
	grep -ohP '^\.\. kernel-doc:: \K.*' ./*.rst | sort -u | while read -r file; do
		[ -e "$TREE/$file" ] || echo "$file"
	done | none "no file"
}

# Linux refuses them in code that is built in: each function is in a section of its own.
@test "no function has a name that the newest kernel refuses" {
	local folder object
	folder=$(built native)
	for object in kpool.o tests/kunit/kpool_kunit.o tests/stress/kpool_stress.o; do
		sh "$(kernel source-um)/scripts/check-function-names.sh" "$folder/$object"
	done
}
