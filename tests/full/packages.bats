# SPDX-License-Identifier: GPL-2.0-only
#
# Debian packages and DKMS, as an administrator uses them, in root folders of Debian 12 and 13. The
# tests of a release go on in the same root, so they run in this order.

bats_require_minimum_version 1.5.0
load ../helpers

setup_file() {
	export ROOTS=$TOP/build/roots
	remove_roots
}

teardown_file() {
	remove_roots
}

# Files in the roots belong to root.
remove_roots() {
	if [ "$(id -u)" = 0 ]; then rm -rf "$ROOTS"; else sudo rm -rf "$ROOTS"; fi
}

# in_root SUITE SCRIPT [WORD]...: runs a script of bash in the root of this release. Its log shows
# if it fails.
in_root() {
	local suite=$1 script
	script="$(declare -f kernels newest files reported source_in); set -eux -o pipefail; $2"
	shift 2
	mkdir -p "$ROOTS/$suite"
	logged "packages-$suite-$BATS_TEST_NUMBER" \
		root "$suite" "$ROOTS/$suite" bash -c "$script" bash "$@"
}

# In the root: a copy of this project without git and without what was built. Goes there.
source_in() {
	mkdir "$1"
	tar -C /kpool --exclude=./build --exclude=./.git -cf - . | tar -C "$1" --no-same-owner -xf -
	cd "$1"
}

# In the root: kernels that have headers, the oldest first.
kernels() { find /lib/modules -mindepth 2 -maxdepth 2 -name build -printf '%h\n' | sed 's|.*/||' | sort -V; }

newest() { kernels | tail -n 1; }

# In the root: all files, except those that any use of apt or dpkg changes, and keys of DKMS.
files() {
	find / -xdev \( -path /proc -o -path /root -o -path /tmp -o -path /kpool -o -path /var/log \
		-o -path /var/cache -o -path /var/lib/apt -o -path /var/lib/dpkg -o -path /run \
		-o -path /dev -o -path /etc/systemd -o -path /var/lib/systemd \) -prune \
		-o ! -path '/var/lib/dkms/mok.*' ! -path '/lib/modules/*/modules.*' \
		! -path '/usr/lib/modules/*/modules.*' -print | sort
}

# reported TEXT COMMAND...: in the root: the command fails, and says the text.
reported() {
	local text=$1
	shift
	if "$@" >/root/output 2>&1; then
		cat /root/output && return 1
	fi
	cat /root/output
	grep -F "$text" /root/output
}

install_packages() {
	in_root "$1" '
		files >/root/before
		source_in /root/kpool
		export KERNEL_SOURCE=/kernel
		echo 0.2.1 >VERSION
		make deb
		mv build/deb /root/next
		echo 0.2.0 >VERSION
		make deb
		lintian --fail-on error,warning build/deb/*.changes
		apt-get -qy --no-install-recommends install ./build/deb/kpool-{dkms,tools,dev}_*.deb
		kernel=$(newest)
		[ "$(modinfo -k "$kernel" -F version kpool)" = 0.2.0 ]
		[ "$(kpool --version | cut -d " " -f 2)" = 0.2.0 ]
		[ "$(dkms status kpool/0.2.0 -k "$kernel")" = \
			"kpool/0.2.0, $kernel, x86_64: installed" ]
		[ -s "/usr/lib/kpool/$kernel/Module.symvers" ]
		man -w kpool'
}

@test "Debian 12: make deb, lintian, and DKMS builds what apt installs" {
	install_packages bookworm
}

# The key's serial number is in the signature.
signatures() {
	in_root "$1" '
		kernel=$(newest)
		[ "$(modinfo -k "$kernel" -F sig_id kpool)" = "PKCS#7" ]
		[ "$(modinfo -k "$kernel" -F signer kpool)" = "DKMS module signing key" ]
		serial=$(openssl x509 -inform DER -in /var/lib/dkms/mok.pub -noout -serial | cut -d = -f 2)
		[ "$(modinfo -k "$kernel" -F sig_key kpool | tr -d :)" = "$serial" ]
		[ "$(stat -c %A /var/lib/dkms/mok.key | cut -c 5-)" = ------ ]'
}

@test "Debian 12: the module is signed with DKMS's key" {
	signatures bookworm
}

consumer() {
	in_root "$1" '
		kernel=$(newest)
		cp -r /usr/share/doc/kpool-dev/examples/hello /usr/src/hello-1.0
		dkms install hello/1.0 -k "$kernel"
		[ "$(modinfo -k "$kernel" -F depends hello)" = kpool ]
		modprobe -n -v -S "$kernel" hello | grep -n . >/root/order
		grep "^1:insmod .*/kpool.ko" /root/order
		grep "^2:insmod .*/hello.ko" /root/order
		mkdir -p /etc/modprobe.d
		cp /usr/share/doc/kpool-dkms/examples/modprobe.d/kpool.conf /etc/modprobe.d
		modprobe -n -v -S "$kernel" kpool | grep "kpool.ko.* age_interval_ms="
		rm /etc/modprobe.d/kpool.conf'
}

@test "Debian 12: a consumer under DKMS, and an example for modprobe.d" {
	consumer bookworm
}

new_kernel() {
	in_root "$1" '
		before=$(newest)
		apt-get -qy --no-install-recommends -t "$1-backports" install linux-headers-amd64
		[ "$(newest)" != "$before" ]
		for kernel in $(kernels); do
			# Only headers are here. The package of the kernel itself does this, and DKMS
			# of Debian 13 leaves it to that package if modules.dep is not there yet.
			[ -e "/lib/modules/$kernel/modules.dep" ] || depmod "$kernel"
			[ "$(modinfo -k "$kernel" -F version kpool)" = 0.2.0 ]
			[ "$(modinfo -k "$kernel" -F depends hello)" = kpool ]
			[ -s "/usr/lib/kpool/$kernel/Module.symvers" ]
		done
		! cmp /usr/lib/kpool/{"$before","$(newest)"}/Module.symvers' "$1"
}

@test "Debian 12: with a new kernel, DKMS builds kpool and the consumer for it" {
	new_kernel bookworm
}

broken_source() {
	in_root "$1" '
		kernel=$(newest)
		dkms unbuild kpool/0.2.0 -k "$kernel"
		[ ! -e "/usr/lib/kpool/$kernel" ]
		cp /usr/src/kpool-0.2.0/module/main.c /root
		echo "#error broken on purpose" >>/usr/src/kpool-0.2.0/module/main.c
		reported "Bad return status for module build" dkms build kpool/0.2.0 -k "$kernel"
		grep "error: #error broken on purpose" /var/lib/dkms/kpool/0.2.0/build/make.log
		reported "Bad return status for module build" /etc/kernel/header_postinst.d/dkms "$kernel"
		[ "$(modinfo -k "$(kernels | head -n 1)" -F version kpool)" = 0.2.0 ]
		cp /root/main.c /usr/src/kpool-0.2.0/module
		dkms install kpool/0.2.0 -k "$kernel"'
}

@test "Debian 12: a build that fails is reported, and other kernels keep their module" {
	broken_source bookworm
}

upgrade() {
	in_root "$1" '
		apt-get -qy --no-install-recommends install /root/next/kpool-{dkms,tools,dev}_*.deb
		kernel=$(newest)
		[ "$(modinfo -k "$kernel" -F version kpool)" = 0.2.1 ]
		[ "$(kpool --version | cut -d " " -f 2)" = 0.2.1 ]
		[ ! -e /usr/src/kpool-0.2.0 ]
		dkms build hello/1.0 -k "$kernel" --force
		dkms install hello/1.0 -k "$kernel" --force
		[ "$(dkms status kpool/0.2.1 -k "$kernel")" = \
			"kpool/0.2.1, $kernel, x86_64: installed" ]'
}

@test "Debian 12: a new version takes the place of the old one" {
	upgrade bookworm
}

remove() {
	in_root "$1" '
		apt-get -qy remove kpool-dkms kpool-tools
		for kernel in $(kernels); do
			reported "not found" modinfo -k "$kernel" kpool
		done
		[ ! -e /usr/bin/kpool ]
		dkms remove hello/1.0 --all
		rm -r /usr/src/hello-1.0
		apt-get -qy purge "kpool-*"
		files | grep -iE "kpool|hello|dkms" >/root/after || :
		# Kernels came, but none of their files has such a name.
		grep -iE "kpool|hello|dkms" /root/before | diff - /root/after
		find /lib/modules /usr/src -iname "*kpool*" -o -iname "*hello*" >/root/rest
		[ ! -s /root/rest ]'
}

@test "Debian 12: remove and purge leave nothing" {
	remove bookworm
}

# DKMS without packages, and kernels that kpool is too new for.
from_source() {
	in_root "$1" '
		source_in /root/source
		echo 0.2.2 >VERSION
		kernel=$(kernels | head -n 1)
		make install-dkms
		dkms add kpool/0.2.2
		dkms build kpool/0.2.2 -k "$kernel"
		[ ! -e "/usr/local/lib/kpool/$kernel" ]
		dkms install kpool/0.2.2 -k "$kernel"
		[ "$(modinfo -k "$kernel" -F version kpool)" = 0.2.2 ]
		cp -r samples/hello /usr/src/hello-1.0
		dkms install hello/1.0 -k "$kernel"
		mkdir -p /lib/modules/5.10.0-1-amd64
		cp -r "/usr/src/linux-headers-$kernel" /usr/src/old
		ln -s /usr/src/old /lib/modules/5.10.0-1-amd64/build
		reported BUILD_EXCLUSIVE dkms build kpool/0.2.2 -k 5.10.0-1-amd64
		rm -r /lib/modules/5.10.0-1-amd64 /usr/src/old
		dkms remove hello/1.0 --all
		rm -r /usr/src/hello-1.0
		make uninstall-dkms
		find /lib/modules /usr/local /usr/src /var/lib/dkms -iname "*kpool*" >/root/rest
		[ ! -s /root/rest ]'
}

@test "Debian 12: make install-dkms, a consumer, an old kernel, and uninstall-dkms leaves nothing" {
	from_source bookworm
}

@test "Debian 13: make deb, lintian, and DKMS builds what apt installs" {
	install_packages trixie
}

@test "Debian 13: the module is signed with DKMS's key" {
	signatures trixie
}

@test "Debian 13: a consumer under DKMS, and an example for modprobe.d" {
	consumer trixie
}

@test "Debian 13: with a new kernel, DKMS builds kpool and the consumer for it" {
	new_kernel trixie
}

@test "Debian 13: a build that fails is reported, and other kernels keep their module" {
	broken_source trixie
}

@test "Debian 13: a new version takes the place of the old one" {
	upgrade trixie
}

@test "Debian 13: remove and purge leave nothing" {
	remove trixie
}

@test "Debian 13: make install-dkms, a consumer, an old kernel, and uninstall-dkms leaves nothing" {
	from_source trixie
}
