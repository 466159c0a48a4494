#!/bin/sh
# Written by `guard install git`; `guard remove git` puts back what was here before.
# What git says on standard input is for guard and for the hook that was here before.
refs=$(cat && printf .) && refs=${refs%.} || exit
printf '%s' "$refs" | @guard@ hook git @name@ "$@" || exit
kept=$0@kept@
[ ! -x "$kept" ] || printf '%s' "$refs" | @guard@ exec -- "$kept" "$@"
