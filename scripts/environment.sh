# shellcheck shell=bash
# Sourced by scripts/serve and scripts/test: makes .venv and keeps it as the locks say. Needs `name` (who is asking)
# and sets `root` and `venv`.

: "${name:?a script that sources this says who it is}"
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
venv=$root/.venv

say() { printf '%s: %s\n' "$name" "$*" >&2; }
fail() { say "$*"; exit 2; }

# What runs in the background does not see Ctrl-C or TERM, and bash in the foreground would only act on them when its
# child has ended; so wait, and hand them on.
run() {
    local child status=0
    "$@" &
    child=$!
    trap 'kill -TERM "$child" 2>/dev/null; wait "$child"; exit 130' INT
    trap 'kill -TERM "$child" 2>/dev/null; wait "$child"; exit 143' TERM
    wait "$child" || status=$?
    trap - INT TERM
    return "$status"
}

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    local candidate
    for candidate in ${PYTHON:+"$PYTHON"} python3 python3.13 python3.12 python3.11; do
        if new_enough "$candidate"; then
            printf '%s\n' "$candidate"
            return
        fi
    done
    return 1
}

make_venv() {
    local python
    python=$(find_python) || fail "needs Python 3.11 or newer as python3, or named by PYTHON=...;" \
        "on Debian 12 or newer: apt-get install python3 python3-venv"
    "$python" -c 'import ensurepip, venv' 2>/dev/null || fail "$("$python" --version) lacks venv or ensurepip;" \
        "on Debian or Ubuntu: apt-get install python3-venv"
    say "making .venv with $("$python" --version)"
    rm -rf "$venv"
    run "$python" -m venv "$venv" || { rm -rf "$venv"; fail "could not make $venv; the reason stands above"; }
}

# install_locked LOCK: brings .venv to what LOCK names, and this checkout into it. Does nothing where that was done
# since LOCK, setup.cfg and pyproject.toml last changed and the checkout was last moved.
install_locked() {
    local lock=$1 stamp wanted
    stamp=$venv/.installed-${lock%.lock}
    # Two starts at once must not install into one folder together.
    if command -v flock >/dev/null; then
        exec 9<"$root"
        run flock 9
    fi
    new_enough "$venv/bin/python" || make_venv
    wanted=$(cd "$root" && cksum "$lock" setup.cfg pyproject.toml && pwd -P)
    if [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ]; then
        say "installing $lock (the first time takes a minute or two)"
        run "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes \
            -r "$root/$lock" || fail "could not install $lock: it needs a package index" \
            "(PyPI, or yours by PIP_INDEX_URL) and about 1 GB of disk; the reason stands above"
        run "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps \
            --no-build-isolation -e "$root" || fail "could not install this checkout; the reason stands above"
        printf '%s\n' "$wanted" >"$stamp"
    fi
    exec 9<&-
}
