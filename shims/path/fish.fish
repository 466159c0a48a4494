if test "$PATH[1]" != @shims@
    set -gx PATH @shims@ $PATH
end
