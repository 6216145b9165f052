#!/bin/sh
# Installs the system packages that the tests use, where root or sudo allows; says what is missing otherwise.
set -u
missing=""
command -v chromium >/dev/null 2>&1 || command -v chromium-headless-shell >/dev/null 2>&1 || [ -n "${ENVGYM_CHROMIUM:-}" ] ||
	if apt-cache show chromium-headless-shell >/dev/null 2>&1; then missing="$missing chromium-headless-shell"; else missing="$missing chromium"; fi
command -v bwrap >/dev/null 2>&1 || [ "$(uname -s)" != Linux ] || missing="$missing bubblewrap"
# the sandbox without root is tested by an interpreter that every user can run, of the version that the tests run under
version=$(.venv/bin/python -c 'import sys; print("python%d.%d" % sys.version_info[:2])' 2>/dev/null || echo python3)
[ -x "/usr/bin/$version" ] || ! apt-cache show "$version" >/dev/null 2>&1 || missing="$missing $version"
if [ "$(id -u)" = 0 ]; then # an engine of the tests' own
	command -v dockerd >/dev/null 2>&1 || missing="$missing docker.io"
	command -v mmdebstrap >/dev/null 2>&1 || missing="$missing mmdebstrap"
fi
[ -z "$missing" ] && exit 0
if ! command -v apt-get >/dev/null 2>&1; then
	echo "tests that need$missing will be skipped: no apt-get here; install it by your own package manager"
	exit 0
fi
if [ "$(id -u)" = 0 ]; then sudo=""; elif sudo -n true 2>/dev/null; then sudo="sudo"; else
	echo "tests that need$missing will be skipped; to run them: sudo apt-get install$missing"
	exit 0
fi
echo "installing$missing"
log=$(mktemp)
if ! { $sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $sudo apt-get install -qq -y --no-install-recommends $missing; } >"$log" 2>&1; then
	tail -n 5 "$log"
	echo "could not install$missing; tests that need it will be skipped"
fi
rm -f "$log"
