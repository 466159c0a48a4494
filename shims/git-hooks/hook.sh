#!/bin/sh
# Written by `guard install git`; `guard remove` puts back what was here before.
# What git says on standard input is for guard and for the hook that was here before.
refs=$(cat && printf .) && refs=${refs%.} || exit
printf '%s' "$refs" | @guard@ hook git @name@ "$@" || exit
kept=$0@kept@
[ -x "$kept" ] || exit 0
# A script that goes by the name it is called by, as husky's do, is called by the one that it had.
read -r first <"$kept"
shell=${first##*[/ ]}
case $shell in
    sh | dash | bash) grep -q '[$]{\{0,1\}0' "$kept" || shell= ;;
    *) shell= ;;
esac
# shellcheck disable=SC2016 # it is that shell which expands it
if [ "$shell" ]; then set -- "$shell" -c '. "$0@kept@"' "$0" "$@"; else set -- "$kept" "$@"; fi
printf '%s' "$refs" | @guard@ exec -- "$@"
