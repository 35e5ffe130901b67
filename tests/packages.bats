# SPDX-License-Identifier: GPL-2.0-only
#
# Versions, installations and packages, as far as this machine can show them without installing
# anything. tests/full/packages.bats installs packages in root folders.

load helpers

# repository: a git repository with tools/version and nothing else, in $repository.
repository() {
	repository=$BATS_TEST_TMPDIR/repository
	git init -q "$repository"
	cd "$repository"
	git config user.name nobody
	git config user.email nobody@localhost
	mkdir tools
	cp "$TOP/tools/version" tools
	git add tools
	git commit -q -m one
}

@test "the version: before a tag, at a tag, after it, and with changes" {
	local number hash='[0-9a-f]{8}'
	number=$("$TOP/tools/version" -n)
	[[ $number =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]]
	repository
	[[ $(tools/version) =~ ^$number-dev\.1\+g$hash$ ]]
	git tag -a -m 'not a version' other
	[[ $(tools/version) =~ ^$number-dev\.1\+g$hash$ ]]
	git tag -a -m 'a version' v3.4.5
	[ "$(tools/version)" = 3.4.5 ]
	[ "$(cd / && "$repository/tools/version")" = 3.4.5 ]
	git commit -q --allow-empty -m two
	git commit -q --allow-empty -m three
	[[ $(tools/version) =~ ^3\.4\.5\+2\.g$hash$ ]]
	echo >>tools/version
	[[ $(tools/version) =~ ^3\.4\.5\+2\.g$hash\.dirty$ ]]
	git commit -q -a -m four
	git tag v4.0.0-rc1
	[ "$(tools/version)" = 4.0.0-rc1 ]
	[ "$(tools/version -n)" = "$number" ]
}

@test "the version of a source without git, also inside of another project's repository" {
	repository
	mkdir -p inner/tools
	cp tools/version inner/tools
	[ "$(inner/tools/version)" = "$("$TOP/tools/version" -n)" ]
	echo 7.8.9 >inner/VERSION
	[ "$(inner/tools/version)" = 7.8.9 ]
	# A distributor's repository has tags of its own.
	echo 7.8.9 >VERSION
	[ "$(tools/version)" = 7.8.9 ]
}

@test "versions of packages ascend: before a tag, a tag, after it, the next" {
	local last='' version
	for version in 0.2.0-dev.9+g1 0.2.0-dev.10+g0 0.2.0-rc1 0.2.0 0.2.0+2.gf 0.2.0+10.g0 0.2.1; do
		version=${version//-/\~}
		[ -z "$last" ] || dpkg --compare-versions "$last" lt "$version"
		last=$version
	done
}

@test "CHANGELOG.md begins with the version of tools/version, and so does a tag on this commit" {
	local number tag
	number=$("$TOP/tools/version" -n)
	[[ $(grep -m 1 '^## ' "$TOP/CHANGELOG.md") =~ ^##\ $number(,\ 20..-..-..)?$ ]]
	tag=$(git -C "$TOP" tag --points-at HEAD 'v[0-9]*')
	[ -z "$tag" ] || [ "$tag" = "v$number" ]
}

@test "the module and the program have the version, 6.1" {
	local version
	logged tools make -C "$TOP" tools
	version=$("$TOP/tools/version")
	[ "$(modinfo -F version "$(built 6.1)/kpool.ko")" = "$version" ]
	[ "$("$TOP/build/tools/kpool" --version)" = "kpool $version (netlink family kpool, version 1)" ]
	[ "$("$TOP/build/tools/kpool" version)" = "kpool $version (netlink family kpool, version 1)
kpool.ko is not loaded" ] || [ -e /sys/module/kpool ]
}

@test "make refuses paths with a blank, and says which" {
	local folder="$BATS_TEST_TMPDIR/a folder" variable
	mkdir -p "$folder"
	cp -r "$TOP/Makefile" "$TOP/tools" "$folder"
	run make -C "$folder" tools
	[ "$status" = 2 ]
	[[ $output == *"make cannot handle a blank in the path of this folder: '$folder'."* ]]
	for variable in KDIR BUILD DESTDIR PREFIX; do
		run make -C "$TOP" "$variable=/not here" install
		[ "$status" = 2 ]
		[[ $output == *"make cannot handle a blank in the path of $variable=: '/not here'."* ]]
	done
}

# stripped FILE...: no debugging information, and something is left.
stripped() {
	local file
	for file; do
		readelf -SW "$file" | grep ' \.text ' >/dev/null || echo "$file: no code"
		! readelf -SW "$file" | grep -o ' \.debug_info ' || echo "$file"
	done | none 'not stripped'
}

@test "make install-module, and uninstall leaves nothing, 6.1" {
	local folder root=$BATS_TEST_TMPDIR/root kdir kernel
	folder=$(built 6.1)
	kdir=$(realpath "$(kernel 6.1)/build")
	kernel=$(cat "$(kernel 6.1)/release")
	# Each build of the samples installs the module there.
	cp -r "$folder/stage" "$root"
	rm -r "$root/lib/modules/$kernel/updates/tests"
	[ "$(cd "$root" && find . -name 'kpool.ko' -o -name Module.symvers | sort | paste -sd ' ')" = \
		"./lib/modules/$kernel/updates/kpool.ko ./usr/local/lib/kpool/$kernel/Module.symvers" ]
	stripped "$root/lib/modules/$kernel/updates/kpool.ko"
	cmp "$TOP/tools/coccinelle/kpool.cocci" "$root/usr/local/share/kpool/coccinelle/kpool.cocci"
	(cd "$TOP/module/include" && find . -name '*.h') | while read -r header; do
		cmp "$TOP/module/include/$header" "$root/usr/local/include/kpool/$header"
	done
	logged uninstall-module make -C "$TOP" uninstall DESTDIR="$root" KDIR="$kdir"
	(cd "$root" && find . -type f ! -path "./lib/modules/$kernel/modules.*") | none 'still there'
	(cd "$root" && find . -name '*kpool*') | none 'still there'
}

@test "make install-dkms: the source of each object and its version; uninstall-dkms leaves nothing" {
	local root=$BATS_TEST_TMPDIR/root version source object kdir=$BATS_TEST_TMPDIR/kdir
	version=$("$TOP/tools/version")
	source=$root/usr/src/kpool-$version
	logged install-dkms make -C "$TOP" install-dkms DESTDIR="$root" PREFIX=/opt
	[ "$("$source/tools/version")" = "$version" ]
	grep -xF "PACKAGE_VERSION=\"$version\"" "$source/dkms.conf"
	grep -F '/opt/lib/kpool"' "$source/dkms.conf"
	grep @ "$source/dkms.conf" | none 'not filled in'
	# With headers that build nothing, the Makefile makes the tree that the kernel would build.
	mkdir -p "$kdir/include/generated"
	echo '#define UTS_RELEASE "6.1.0"' >"$kdir/include/generated/utsrelease.h"
	printf 'modules:\n\t@echo built\n' >"$kdir/Makefile"
	run make -C "$source" modules KDIR="$kdir" BUILD=build/kernel
	[ "$status" = 0 ]
	[[ $output == *$'\nbuilt'* ]]
	sed -n 's/^kpool-.*[+:]= *//p' "$TOP/Kbuild" | tr ' ' '\n' | while read -r object; do
		[ -e "$source/build/kernel/${object%.o}.c" ] || echo "$object"
	done | none 'without a source'
	diff "$TOP/Kbuild" "$source/build/kernel/Kbuild"
	[ "$("$source/build/kernel/tools/version")" = "$version" ]
	[ -e "$root/opt/include/kpool/linux/kpool/hit.h" ]
	[ ! -e "$source/tests" ]
	logged uninstall-dkms make -C "$TOP" uninstall-dkms DESTDIR="$root" PREFIX=/opt
	find "$root" -type f | none 'still there'
}

@test "make dist: a tarball that knows its version" {
	local clone=$BATS_TEST_TMPDIR/clone version
	git clone -q "$TOP" "$clone"
	cd "$clone"
	version=$(tools/version)
	logged dist make dist
	tar -xf "build/kpool-$version.tar.gz" -C "$BATS_TEST_TMPDIR"
	cd "$BATS_TEST_TMPDIR/kpool-$version"
	[ "$(tools/version)" = "$version" ]
	diff -r --exclude=.git --exclude=build --exclude=VERSION "$clone" .
	run make dist
	[ "$status" = 2 ]
	[[ $output == *'dist needs the git repository.'* ]]
	cd "$clone"
	echo >>README.md
	run make dist
	[ "$status" = 2 ]
	[[ $output == *'commit your changes first.'* ]]
}

@test "make install-bench-dkms: DKMS can build the benchmark from it, 6.1" {
	local root=$BATS_TEST_TMPDIR/root version source kernel
	version=$("$TOP/tools/version")
	source=$root/usr/src/kpool-bench-$version
	kernel=$(kernel 6.1)
	logged install-bench-dkms make -C "$TOP" install-bench-dkms DESTDIR="$root"
	grep -xF "PACKAGE_VERSION=\"$version\"" "$source/dkms.conf"
	grep @ "$source/dkms.conf" | none 'not filled in'
	# As DKMS does: with what dkms.conf says, in a copy.
	mkdir -p "$root/tree/kpool-bench/$version"
	cp -r "$source" "$root/tree/kpool-bench/$version/build"
	kernel_source_dir=$(realpath "$kernel/build") dkms_tree=$root/tree PACKAGE_NAME=kpool-bench \
		PACKAGE_VERSION=$version kernelver=$(cat "$kernel/release") \
		bash -c '. "$1/dkms.conf" && cd "$2" && eval "${MAKE[0]/KBUILD_EXTRA_SYMBOLS=*symvers/KBUILD_EXTRA_SYMBOLS=$3}"' \
		- "$source" "$root/tree/kpool-bench/$version/build" \
		"$(built 6.1)/Module.symvers" >"$LOGS/bench-dkms.log" 2>&1
	[ -e "$root/tree/kpool-bench/$version/build/tests/bench/kpool_bench.ko" ]
	logged uninstall-dkms make -C "$TOP" uninstall-dkms DESTDIR="$root"
	find "$root/usr" -type f | grep -v share/kpool/bench | none 'still there'
}

@test "make deb: four packages, which lintian accepts, stripped, of one version" {
	local version package folder=$BATS_TEST_TMPDIR
	version=$("$TOP/tools/version")
	logged make-deb make -C "$TOP" deb
	lintian --fail-on error,warning "$TOP"/build/deb/*.changes
	for package in kpool-dkms kpool-tools kpool-bench kpool-dev; do
		[ "$(dpkg-deb -f "$TOP/build/deb/$package"_*.deb Version)" = "${version//-/\~}" ]
		dpkg-deb -x "$TOP/build/deb/$package"_*.deb "$folder/$package"
	done
	[ "$("$folder/kpool-tools/usr/bin/kpool" --version)" = \
		"kpool $version (netlink family kpool, version 1)" ]
	stripped "$folder/kpool-tools/usr/bin/kpool"
	grep -xF "PACKAGE_VERSION=\"$version\"" "$folder/kpool-dkms/usr/src/kpool-$version/dkms.conf"
	grep -rl /usr/local/bin "$folder"/kpool-tools/usr "$folder"/kpool-tools/*lib |
		none 'names a folder of make install'
	[ "$(cd "$folder/kpool-tools" && find . -path '*/systemd/system/*' -printf '%f\n' | sort |
		paste -sd ' ')" = 'kpool-export.service kpool-export.timer kpool-monitor.service kpool-restore.service' ]
	"$folder/kpool-tools/usr/bin/kpool" bench --help >/dev/null 2>&1 && return 1
	# Installed together, the program finds the benchmark.
	cp -r "$folder/kpool-bench/usr/share/kpool/bench" "$folder/kpool-tools/usr/share/kpool"
	"$folder/kpool-tools/usr/bin/kpool" bench --help | grep -F 'usage: kpool bench'
	rm -r "$folder/kpool-tools/usr/share/kpool/bench"
	grep -xF "PACKAGE_VERSION=\"$version\"" \
		"$folder/kpool-bench/usr/src/kpool-bench-$version/dkms.conf"
	cmp "$TOP/Documentation/netlink/specs/kpool.yaml" "$folder/kpool-dev/usr/share/kpool/kpool.yaml"
	cmp "$TOP/tools/coccinelle/kpool.cocci" \
		"$folder/kpool-dev/usr/share/kpool/coccinelle/kpool.cocci"
	[ -e "$folder/kpool-dev/usr/share/man/man9/kpool_get.9.gz" ]
	[ -e "$folder/kpool-dev/usr/share/man/man7/kpool.7.gz" ]
	[ "$(cd "$folder/kpool-tools/usr/share/man" && find . -type f)" = ./man8/kpool.8.gz ]
	grep -q 'id="c.kpool_get"' "$folder/kpool-dev/usr/share/doc/kpool-dev/html/api.html"
	# Two packages with one file could not be installed together.
	(cd "$folder" && for package in kpool-*; do (cd "$package" && find . -type f); done) |
		sort | uniq -d | none 'in two packages'
}

@test "examples for modprobe.d and modules-load.d: modprobe reads them, and the module has the parameters" {
	local module parameter
	module=$(built 6.1)/kpool.ko
	modprobe -C "$TOP/tools/modprobe.d/kpool.conf" --showconfig | sed -n 's/^options kpool //p' \
		>"$BATS_TEST_TMPDIR/options"
	[ -s "$BATS_TEST_TMPDIR/options" ]
	for parameter in $(cat "$BATS_TEST_TMPDIR/options"); do
		modinfo -F parm "$module" | grep -q "^${parameter%%=*}:" || echo "$parameter"
	done | none 'no such parameter'
	[ "$(grep -v '^#' "$TOP/tools/modules-load.d/kpool.conf")" = kpool ]
}

@test "the commands of netlink.rst work with the installed specification, native" {
	local folder root=$TOP/build/ynl-root
	folder=$(built native)
	rm -rf "$root"
	logged install-tool make -C "$TOP" install-tool DESTDIR="$root"
	vm -k native -t 240 -l "$LOGS/ynl.console" -o "$folder/kpool.ko" \
		-o "$folder/tests/crowd/kpool_crowd.ko pools=3 sets=1" \
		"$TOP/tests/vm/guest/ynl" "$(kernel ynl)" "$TOP/Documentation/netlink.rst" "$root"
	kernel-log "$LOGS/ynl.console"
}
