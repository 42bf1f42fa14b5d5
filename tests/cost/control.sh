#!/usr/bin/env bash
# control.sh REELQ-COST LIBRARY KIND FOLDER - reelq-cost can fail: with waste planted in
# worker and webhook, and a command more at Redis, it must name each figure that is kept of that kind.
set -uo pipefail

output=$("$1" --plant "$2" "$3" "$4" 2>&1)
status=$?
printf '%s\n' "$output"
[ "$status" -ne 3 ] || exit 3
[ "$status" -eq 1 ] || { echo "control: the status is $status"; exit 2; }
case $3 in
calls*) wanted=("worker syscall getppid" "webhook syscall getppid" "redis command exists") ;;
*) wanted=("worker instructions" "webhook instructions" "worker allocations" "webhook allocations") ;;
esac
for figure in "${wanted[@]}"; do
    [[ $output == *"GREW    $figure: "* ]] || { echo "control: $figure is not named"; exit 1; }
done
