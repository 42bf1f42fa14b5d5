# files.sh - the files that the checks look at. To be sourced.

# Prints the project's files that match the given git patterns, one per line: what is tracked and
# what is about to be. Without git or a checkout (a tarball, an image), what find sees.
project_files() {
    if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
        git ls-files --cached --others --exclude-standard -- "$@" | sort -u
    else
        local names=() pattern
        for pattern in "$@"; do
            names+=(-o -path "./$pattern")
        done
        find . \( -name .git -o -name node_modules -o -path ./build \) -prune -o \
            -type f \( "${names[@]:1}" \) -print | sed 's,^\./,,' | sort
    fi | while IFS= read -r file; do
        [ ! -f "$file" ] || printf '%s\n' "$file"
    done
}

# Prints the project's shell scripts, by their first line.
project_shell_scripts() {
    project_files '*' | while IFS= read -r file; do
        if head -n 1 "$file" | tr -d '\0' | grep -Eq '^#!.*[/ ](ba)?sh( |$)'; then
            printf '%s\n' "$file"
        fi
    done
    project_files '*.sh'
}
