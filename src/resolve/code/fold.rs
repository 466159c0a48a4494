//! Functions whose result is known when their arguments are, as tables by name.

use super::Argument;
use super::language::Language::{self, Awk, Go, JavaScript, Lua, Perl, Php, Python, R, Ruby};
use super::value::{Thing, Value};

/// What a function gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fold {
    /// Its first argument.
    First,
    /// The same, or in R a list of all of them.
    List,
    /// All arguments in a row.
    Concat,
    /// The same with a blank between.
    Words,
    /// The second argument's items with the first between them.
    Implode,
    /// The first argument's items with the second between them.
    ImplodeBehind,
    /// A list, or a map where the arguments have names.
    Collect,
    /// The arguments as parts of a path; an absolute one begins anew where `resets`.
    JoinPath { resets: bool },
    /// The same as an object.
    PathObject,
    /// The directory that a path is in.
    Parent,
    /// An environment variable.
    Variable,
    /// A fixed text.
    Text(&'static str),
    /// The same as a path object.
    Place(&'static str),
    /// A list of the files that match.
    Glob,
    /// A new temporary file or directory.
    Temporary,
    /// The text behind base64.
    Base64,
    /// The text behind hexadecimal digits.
    Hex,
    /// The text behind an encoding that the second argument names.
    Decode,
    /// The text of characters given by number.
    Characters,
    /// Letters turned by thirteen.
    Rot13,
    /// The text from the back.
    Reverse,
    /// The first argument, filled in.
    Percent,
    /// JSON.
    Json,
    /// The words of a shell's line.
    Split,
    /// The text quoted for a shell.
    Quote,
    /// A module.
    Module,
    /// A member of the first argument.
    Attribute,
    /// The function of the first argument applied to each item of the second.
    Map,
    /// Lower case.
    Lower,
    /// Upper case.
    Upper,
    /// The first of the current function's or the script's arguments (Perl).
    Shift,
}

/// Functions by name.
#[rustfmt::skip]
const FUNCTIONS: &[(&[&str], Fold)] = &[
    (
        &[
            "str", "String", "repr", "bytes", "tuple", "set", "sorted", "iter", "enumerate", "Array.from",
            "Object.freeze", "Promise.all", "Promise.allSettled", "ipairs", "pairs", "array_values",
            "array_unique", "as.character", "os.fspath", "os.path.abspath", "os.path.realpath",
            "os.path.normpath", "os.path.expanduser", "os.path.expandvars", "File.expand_path",
            "File.realpath", "realpath", "filepath.Abs", "filepath.Clean", "filepath.ToSlash",
            "path.normalize", "fs.realpathSync", "path.expand", "normalizePath", "abs_path", "Cwd.abs_path",
            "Cwd.realpath", "rel2abs", "url.fileURLToPath", "url.pathToFileURL", "fileURLToPath", "URI",
            "URI.parse", "URL", "url.URL", "url.parse", "yarl.URL", "httpx.URL", "util.promisify",
            "promisify", "text", "sqlalchemy.text", "sqlalchemy.sql.text", "psycopg2.sql.SQL",
            "psycopg.sql.SQL", "Arel.sql", "Sequel.lit", "sql", "sql.raw", "Prisma.sql", "Prisma.raw",
            "@prisma/client.Prisma.sql", "@prisma/client.Prisma.raw", "gql", "graphql-tag",
            "graphql-request.gql", "@apollo/client.gql", "String.raw", "dedent", "textwrap.dedent",
            "strings.NewReader", "strings.TrimSpace", "bytes.NewBufferString", "bytes.NewBuffer",
            "bytes.NewReader", "string", "trim", "chomp", "scalar",
        ],
        Fold::First,
    ),
    (&["list"], Fold::List),
    (&["paste0"], Fold::Concat),
    (&["paste"], Fold::Words),
    (&["implode", "join"], Fold::Implode),
    (
        &["table.concat", "strings.Join", "shlex.join", "Shellwords.join", "subprocess.list2cmdline"],
        Fold::ImplodeBehind,
    ),
    (&["c", "array", "dict", "Array.of", "Hash"], Fold::Collect),
    (&["os.path.join", "path.resolve"], Fold::JoinPath { resets: true }),
    (
        &[
            "path.join", "path.posix.join", "File.join", "filepath.Join", "file.path", "catfile", "catdir",
            "File.Spec.catfile", "File.Spec.catdir", "Rails.root.join",
        ],
        Fold::JoinPath { resets: false },
    ),
    (
        &[
            "pathlib.Path", "pathlib.PosixPath", "pathlib.PurePath", "pathlib.PurePosixPath",
            "Pathname.new", "Pathname",
        ],
        Fold::PathObject,
    ),
    (&["os.path.dirname", "path.dirname", "File.dirname", "dirname", "filepath.Dir"], Fold::Parent),
    (
        &[
            "os.getenv", "os.environ.get", "os.environ.setdefault", "os.environ.pop", "Deno.env.get",
            "ENV.fetch", "getenv", "env", "os.Getenv", "Sys.getenv",
        ],
        Fold::Variable,
    ),
    (&["os.homedir", "Dir.home", "os.userInfo.homedir", "File.HomeDir.my_home"], Fold::Text("~")),
    (
        &[
            "os.getcwd", "os.getcwdb", "process.cwd", "Dir.pwd", "Dir.getwd", "getcwd", "getwd", "cwd",
            "Cwd.getcwd", "Deno.cwd",
        ],
        Fold::Text("."),
    ),
    (
        &["os.tmpdir", "tempfile.gettempdir", "os.TempDir", "sys_get_temp_dir", "Dir.tmpdir", "tempdir"],
        Fold::Text("/tmp"),
    ),
    (&["pathlib.Path.home"], Fold::Place("~")),
    (&["pathlib.Path.cwd"], Fold::Place(".")),
    (
        &[
            "glob.glob", "glob.iglob", "glob", "Dir.glob", "filepath.Glob", "Sys.glob",
            "File.Glob.bsd_glob", "fast-glob.sync", "glob.sync", "glob.globSync", "globSync", "fg.sync",
        ],
        Fold::Glob,
    ),
    (
        &[
            "tempfile.mkdtemp", "tempfile.mkstemp", "tempfile.mktemp", "tempfile.TemporaryDirectory",
            "tempfile.NamedTemporaryFile", "fs.mkdtempSync", "fs.promises.mkdtemp", "Dir.mktmpdir",
            "Tempfile.new", "os.MkdirTemp", "ioutil.TempDir", "File.Temp.tempdir", "tempnam", "tempfile",
            "os.tmpname", "Deno.makeTempDirSync", "Deno.makeTempDir",
        ],
        Fold::Temporary,
    ),
    (
        &[
            "base64.b64decode", "base64.urlsafe_b64decode", "base64.standard_b64decode",
            "base64.decodebytes", "binascii.a2b_base64", "atob", "base64_decode", "decode_base64",
            "MIME.Base64.decode_base64", "MIME.Base64.decode", "Base64.decode64", "Base64.strict_decode64",
            "Base64.urlsafe_decode64", "base64.StdEncoding.DecodeString", "base64.URLEncoding.DecodeString",
            "base64enc.base64decode",
        ],
        Fold::Base64,
    ),
    (
        &[
            "bytes.fromhex", "bytearray.fromhex", "binascii.unhexlify", "binascii.a2b_hex", "hex2bin",
            "hex.DecodeString",
        ],
        Fold::Hex,
    ),
    (&["codecs.decode", "Buffer.from"], Fold::Decode),
    (
        &[
            "chr", "unichr", "String.fromCharCode", "String.fromCodePoint", "string.char", "bytearray",
            "intToUtf8",
        ],
        Fold::Characters,
    ),
    (&["str_rot13"], Fold::Rot13),
    (&["reversed", "strrev", "reverse", "string.reverse"], Fold::Reverse),
    (
        &["sprintf", "format", "string.format", "fmt.Sprintf", "util.format", "Kernel.format", "vsprintf"],
        Fold::Percent,
    ),
    (
        &[
            "json.dumps", "JSON.stringify", "json_encode", "JSON.generate", "encode_json", "to_json",
            "ujson.dumps", "orjson.dumps", "toJSON", "json.Marshal",
        ],
        Fold::Json,
    ),
    (&["shlex.split", "Shellwords.split", "shellwords", "Shellwords.shellsplit"], Fold::Split),
    (
        &[
            "shlex.quote", "pipes.quote", "Shellwords.escape", "Shellwords.shellescape", "escapeshellarg",
            "shQuote",
        ],
        Fold::Quote,
    ),
    (
        &[
            "require", "import", "module.require", "process.mainModule.require", "module.constructor._load",
            "importlib.import_module", "__import__", "importlib.__import__",
        ],
        Fold::Module,
    ),
    (&["getattr", "Reflect.get", "operator.attrgetter"], Fold::Attribute),
    (&["map"], Fold::Map),
    (&["lc", "strtolower", "tolower", "string.lower", "strings.ToLower"], Fold::Lower),
    (&["uc", "strtoupper", "toupper", "string.upper", "strings.ToUpper"], Fold::Upper),
    (&["shift"], Fold::Shift),
];

/// Returns what the function called `path` gives, if that is known.
pub(super) fn function(path: &str) -> Option<Fold> {
    FUNCTIONS.iter().find(|(names, _)| names.contains(&path)).map(|(_, fold)| *fold)
}

/// What a method of a string, a list or a path gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    /// What it was called on.
    Same,
    /// Strings with something between them.
    Join,
    /// The string, filled in.
    Format,
    /// The string with one text in place of another.
    Replace,
    /// The string without blanks at its ends.
    Trim,
    /// The string's words.
    Split,
    Lower,
    Upper,
    /// It and the arguments in a row.
    Concat,
    /// From the back.
    Reverse,
    /// As often as the argument says.
    Repeat,
    /// A part.
    Slice,
    /// The first item.
    First,
    /// The text behind an encoding.
    Decode,
    /// The text behind bytes (Ruby's `pack`, `unpack`).
    Pack,
    /// The files in a directory that match.
    Glob,
    /// The files in a directory.
    Children,
    /// The function of this name (Ruby's `method`).
    Member,
    /// JSON.
    Json,
}

/// Methods by name.
#[rustfmt::skip]
const METHODS: &[(&[&str], Method)] = &[
    (
        &[
            "encode", "to_s", "to_str", "to_sym", "freeze", "dup", "clone", "valueOf", "resolve",
            "expanduser", "expand_path", "absolute", "as_posix", "to_path", "strip_heredoc", "flat",
            "compact", "uniq", "to_a", "copy", "squish", "html_safe", "realpath", "values",
        ],
        Method::Same,
    ),
    (&["join", "joinpath", "joinToString"], Method::Join),
    (&["format"], Method::Format),
    (&["replace", "replaceAll", "gsub", "sub"], Method::Replace),
    (&["strip", "trim", "lstrip", "rstrip", "chomp", "trimStart", "trimEnd"], Method::Trim),
    (&["split", "shellsplit"], Method::Split),
    (&["lower", "toLowerCase", "downcase", "casefold"], Method::Lower),
    (&["upper", "toUpperCase", "upcase"], Method::Upper),
    (&["concat"], Method::Concat),
    (&["reverse"], Method::Reverse),
    (&["repeat"], Method::Repeat),
    (&["slice", "drop"], Method::Slice),
    (&["first"], Method::First),
    (&["decode", "toString"], Method::Decode),
    (&["pack", "unpack1"], Method::Pack),
    (&["glob", "rglob"], Method::Glob),
    (&["iterdir", "children", "each_child"], Method::Children),
    (&["method", "public_method", "instance_method"], Method::Member),
    (&["to_json"], Method::Json),
];

/// Returns what the method `name` gives, if that is known.
pub(super) fn method(name: &str) -> Option<Method> {
    METHODS.iter().find(|(names, _)| names.contains(&name)).map(|(_, method)| *method)
}

/// What the runtime gives a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Given {
    /// A constant, written as it is.
    Constant,
    /// A fixed text.
    Text(&'static str),
    /// What the script is called with, after as many names of programs.
    Arguments { before: usize },
    /// The script's path.
    Script,
    /// The directory that the script is in.
    Directory,
}

/// Names with a value, and the languages that have them.
#[rustfmt::skip]
const GIVEN: &[(&[Language], &[&str], Given)] = &[
    (&[Python], &["True", "False", "None"], Given::Constant),
    (&[JavaScript], &["true", "false", "null", "undefined"], Given::Constant),
    (&[Ruby, Go, Lua], &["true", "false", "nil"], Given::Constant),
    (&[Php], &["true", "false", "null", "TRUE", "FALSE", "NULL"], Given::Constant),
    (&[R], &["TRUE", "FALSE", "NULL", "T", "F"], Given::Constant),
    (
        &[Python, JavaScript, Php, Ruby],
        &["os.sep", "os.path.sep", "path.sep", "DIRECTORY_SEPARATOR", "File.SEPARATOR"],
        Given::Text("/"),
    ),
    (&[Python], &["os.curdir"], Given::Text(".")),
    (&[Python, JavaScript], &["os.devnull", "os.devNull"], Given::Text("/dev/null")),
    (&[Python], &["sys.argv"], Given::Arguments { before: 1 }),
    (&[JavaScript], &["process.argv", "Bun.argv"], Given::Arguments { before: 2 }),
    (&[JavaScript], &["Deno.args"], Given::Arguments { before: 0 }),
    (&[Ruby, Perl], &["ARGV"], Given::Arguments { before: 0 }),
    (&[Php], &["argv"], Given::Arguments { before: 1 }),
    (&[Awk], &["ARGV"], Given::Arguments { before: 1 }),
    (&[Go], &["os.Args"], Given::Arguments { before: 1 }),
    (&[Lua], &["arg"], Given::Arguments { before: 0 }),
    (&[Python, Ruby, Php], &["__file__", "__FILE__"], Given::Script),
    (
        &[JavaScript],
        &["__filename", "import.meta.url", "import.meta.filename", "import.meta.path"],
        Given::Script,
    ),
    (&[Perl, Ruby], &["0"], Given::Script),
    (
        &[JavaScript, Php, Ruby],
        &["__dirname", "import.meta.dirname", "import.meta.dir", "__DIR__", "__dir__"],
        Given::Directory,
    ),
];

/// Returns what `language` gives the name `path`.
pub(super) fn given(language: Language, path: &str) -> Option<Given> {
    let has = |(languages, names, _): &&(&[Language], &[&str], Given)| {
        languages.contains(&language) && names.contains(&path)
    };
    GIVEN.iter().find(has).map(|(_, _, given)| *given)
}

/// Returns whether the members of `path` are environment variables.
pub(super) fn is_environment(path: &str) -> bool {
    matches!(
        path,
        "os.environ" | "process.env" | "Bun.env" | "ENV" | "_ENV" | "_SERVER" | "ENVIRON" | "import.meta.env"
    )
}

/// Returns whether objects called `path` stand for a path.
pub(super) fn is_path_object(path: &str) -> bool {
    function(path) == Some(Fold::PathObject)
}

/// Returns an object that stands for the path `text`.
pub(super) fn path_object(text: &str) -> Value {
    let argument = Argument { value: Some(text.to_owned()), ..Argument::default() };
    Value::thing("pathlib.Path".to_owned(), vec![argument], true)
}

/// Prefixes that change nothing about what a name stands for.
#[rustfmt::skip]
const PREFIXES: &[&str] = &[
    "builtins.", "__builtins__.", "globalThis.", "window.", "global.", "Kernel.", "CORE.", "CORE.GLOBAL.",
    "base.", "globals.", "locals.", "vars.", "sys.modules.", "_G.", "Object.const_get.",
];

/// Returns the name `path` without what changes nothing about it.
pub(super) fn plain_path(mut path: &str) -> &str {
    while let Some(rest) = PREFIXES.iter().find_map(|prefix| path.strip_prefix(prefix)) {
        path = rest;
    }
    for suffix in [".default", ".__dict__"] {
        path = path.strip_suffix(suffix).unwrap_or(path);
    }
    path
}

/// Returns the name in the string `text` with dots between its parts (`File::Path::rmtree`).
pub(super) fn normal_path(text: &str) -> String {
    text.trim_start_matches(['&', '\\', ':']).replace("::", ".").replace("->", ".").replace('\\', ".")
}

/// How a call goes through another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Indirect {
    /// What it is a member of is called; the first argument is the object.
    Receiver,
    /// What it is a member of is called.
    ReceiverAll,
    /// The same with the second argument's items.
    ReceiverList,
    /// The method that the first argument names is called.
    Method,
    /// The function that the first argument names or is gets the others.
    First,
    /// It gets the second argument's items.
    FirstList,
    /// The second argument gets the first one's items.
    SecondList,
}

/// Functions that call another, by full name or, after a dot, by method.
#[rustfmt::skip]
const INDIRECT: &[(&[Language], &[&str], Indirect)] = &[
    (&[JavaScript], &[".call"], Indirect::Receiver),
    (&[JavaScript], &[".apply"], Indirect::ReceiverList),
    (&[Ruby], &[".call"], Indirect::ReceiverAll),
    (&[Python], &[".__call__"], Indirect::ReceiverAll),
    (&[Ruby], &[".send", ".public_send", ".__send__", "send", "public_send", "__send__"], Indirect::Method),
    (&[Python], &["functools.partial", "partial", "asyncio.to_thread"], Indirect::First),
    (&[Php], &["call_user_func"], Indirect::First),
    (&[Php], &["call_user_func_array", "array_map"], Indirect::FirstList),
    (&[R], &["do.call"], Indirect::FirstList),
    (&[R], &["lapply", "sapply", "vapply", "purrr.walk", "walk", "purrr.map"], Indirect::SecondList),
    (&[Lua], &["pcall", "xpcall"], Indirect::First),
];

/// Returns how a call of `path` goes through another, if it does.
pub(super) fn indirect(language: Language, path: &str) -> Option<Indirect> {
    let fits = |name: &&str| if name.starts_with('.') { path.ends_with(name) } else { path == *name };
    INDIRECT
        .iter()
        .find(|(languages, names, _)| languages.contains(&language) && names.iter().any(&fits))
        .map(|(_, _, indirect)| *indirect)
}

/// Functions that only look at the functions they are given.
#[rustfmt::skip]
const LOOKING: &[&str] = &[
    "print", "help", "dir", "repr", "type", "id", "hash", "callable", "isinstance", "issubclass", "hasattr",
    "getattr", "pprint.pprint", "console.log", "console.dir", "util.inspect", "util.promisify", "promisify",
    "functools.wraps", "str", "p", "puts", "var_dump", "print_r", "inspect.*", "unittest.*", "mock.*",
    "jest.*",
];

/// Returns whether `path` only looks at the functions it is given.
pub(super) fn only_looks(path: &str) -> bool {
    LOOKING.iter().any(|name| match name.strip_suffix('*') {
        Some(base) => path.starts_with(base),
        None => path == *name,
    })
}

/// Which argument is code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    First,
    Last,
    /// The one of this name.
    Named(&'static str),
}

/// Functions that run a string as code. Those that also take functions run what is not known only
/// where it is known to be a string.
#[rustfmt::skip]
const RUNS_TEXT: &[(&[Language], &[&str], Place, bool)] = &[
    (&[Python], &["eval", "exec"], Place::First, true),
    (&[Python], &["compile"], Place::First, false),
    (
        &[JavaScript],
        &["eval", "vm.runInThisContext", "vm.runInNewContext", "vm.runInContext", "vm.Script", "db.eval"],
        Place::First,
        true,
    ),
    (&[JavaScript], &["Function"], Place::Last, true),
    (&[JavaScript], &["setTimeout", "setInterval"], Place::First, false),
    (
        &[Ruby],
        &["eval", ".instance_eval", ".class_eval", ".module_eval", "binding.eval"],
        Place::First,
        true,
    ),
    (&[Perl], &["eval"], Place::First, true),
    (&[Php], &["eval"], Place::First, true),
    (&[Php], &["create_function"], Place::Last, true),
    (&[Php], &["assert"], Place::First, false),
    (&[Lua], &["load", "loadstring"], Place::First, true),
    (&[R], &["parse", "str2lang", "str2expression"], Place::Named("text"), true),
];

/// Returns which argument of the function `path` is code, and whether it is nothing else.
pub(super) fn runs_text(language: Language, path: &str) -> Option<(Place, bool)> {
    let fits = |name: &&str| if name.starts_with('.') { path.ends_with(name) } else { path == *name };
    RUNS_TEXT
        .iter()
        .find(|(languages, names, ..)| languages.contains(&language) && names.iter().any(&fits))
        .map(|(_, _, place, only)| (*place, *only))
}

/// What gives a file's text.
#[rustfmt::skip]
const SOURCES: &[&str] = &[
    "open.read", "io.open.read", "pathlib.Path.read_text", "pathlib.Path.open.read", "fs.readFileSync",
    "fs.promises.readFile", "File.read", "IO.read", "file_get_contents", "Deno.readTextFileSync",
    "Deno.readTextFile",
];

/// Returns the file whose text `thing` is, if it is one.
pub(super) fn source_of(thing: &Thing) -> Option<&str> {
    let path = SOURCES.contains(&thing.path.as_str()).then(|| thing.arguments.first())??;
    path.value.as_deref()
}

/// How a method changes what it is called on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// Adds its arguments at the end.
    Push,
    /// Adds its argument's items at the end.
    Extend,
    /// In some other way.
    Other,
}

/// Returns how the method `name` changes what it is called on, if it does.
pub(super) fn change(name: &str) -> Option<Change> {
    Some(match name {
        "append" | "push" | "add" => Change::Push,
        "extend" => Change::Extend,
        "unshift" | "insert" | "prepend" | "splice" | "pop" | "shift" | "remove" | "clear" | "fill" => {
            Change::Other
        }
        _ if name.ends_with('!') => Change::Other,
        _ => return None,
    })
}
