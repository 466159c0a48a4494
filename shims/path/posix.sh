case "${PATH-}" in
    @shims@ | @shims@:*) ;;
    *) export PATH=@shims@"${PATH:+:$PATH}" ;;
esac
