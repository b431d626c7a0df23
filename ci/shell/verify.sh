#!/usr/bin/env bash
# Verifies a change on any CI. Everything comes from the environment, each value may be left out:
#   HARNESS_REPOSITORY  folder of the checkout, with its history        (.)
#   HARNESS_BASE        where the change starts    (merge base with the default branch)
#   HARNESS_HEAD        where the change ends      (HEAD)
#   HARNESS_SANDBOX, HARNESS_PYTHON, HARNESS_POLICY, HARNESS_BUDGET   as the options of `harness verify`
#   HARNESS_OUT         folder for the report      (harness-report)
#   HARNESS_FAIL_ON     outcomes that fail, of block, inconclusive, review; or never   (block,inconclusive)
#   HARNESS             the program                (harness)
# Exit status: 0, 1 where the outcome is one of HARNESS_FAIL_ON (3 for inconclusive), 2 for a mistake.
set -euo pipefail

harness=${HARNESS:-harness}
out=${HARNESS_OUT:-harness-report}
fail_on=${HARNESS_FAIL_ON:-block,inconclusive}

# A misspelt outcome must not mean that nothing ever fails.
IFS=', ' read -r -a outcomes <<< "$fail_on"
for outcome in "${outcomes[@]}"; do
    case $outcome in
        block | inconclusive | review | never) ;;
        *)
            echo "HARNESS_FAIL_ON holds '$outcome'; it takes block, inconclusive, review or never." >&2
            exit 2
            ;;
    esac
done

arguments=("${HARNESS_REPOSITORY:-.}" --out "$out")
[ -z "${HARNESS_BASE:-}" ] || arguments+=(--base "$HARNESS_BASE")
[ -z "${HARNESS_HEAD:-}" ] || arguments+=(--head "$HARNESS_HEAD")
[ -z "${HARNESS_SANDBOX:-}" ] || arguments+=(--sandbox "$HARNESS_SANDBOX")
[ -z "${HARNESS_PYTHON:-}" ] || arguments+=(--python "$HARNESS_PYTHON")
[ -z "${HARNESS_POLICY:-}" ] || arguments+=(--policy "$HARNESS_POLICY")
[ -z "${HARNESS_BUDGET:-}" ] || arguments+=(--budget "$HARNESS_BUDGET")

status=0
"$harness" verify "${arguments[@]}" || status=$?
case $status in
    0 | 1 | 3) ;;
    *) exit "$status" ;; # nothing was verified, whatever is allowed to fail
esac

outcome=$(GITHUB_OUTPUT='' "$harness" ci outputs "$out" | sed -n 's/^outcome=//p')
for name in "${outcomes[@]}"; do
    if [ "$name" = "$outcome" ]; then
        [ "$outcome" = inconclusive ] && exit 3
        exit 1
    fi
done
