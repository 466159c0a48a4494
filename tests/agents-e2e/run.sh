#!/bin/bash
# Drives real agents with a scripted model on loopback, with guard's hooks set up by `guard install`, and says
# what each did: whether a command that destroys ran, what the model was told, whether a harmless one ran,
# and what happened once guard was gone.
#
# usage: tests/agents-e2e/run.sh GUARD NODE_MODULES [AGENT…]
#
# NODE_MODULES is where the clients are installed: npm i @anthropic-ai/claude-code @openai/codex
# @google/gemini-cli @qwen-code/qwen-code @github/copilot. Needs node, unshare and script (util-linux). No client
# reaches the network: each runs in a network namespace with loopback alone.
set -u
here=$(cd "$(dirname "$0")" && pwd)
guard=$(realpath "$1") modules=$(realpath "$2")
shift 2
[ $# -gt 0 ] || set -- claude-code codex gemini qwen copilot
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
patience=60

# A home with a tool in it that notes that it ran, guard, and the agent's own settings.
home() {
    home=$work/$1/home
    rm -rf "${work:?}/$1"
    mkdir -p "$home/bin" "$home/project/.git"
    cp "$guard" "$home/bin/guard"
    printf '#!/bin/sh\necho "$*" >> "%s/ran"\necho ran\n' "$home" > "$home/bin/railway"
    chmod +x "$home/bin/railway"
    case $1 in
        codex)
            mkdir -p "$home/.codex"
            cat > "$home/.codex/config.toml" <<EOF
model = "mock-model"
model_provider = "mock"
approval_policy = "never"
sandbox_mode = "danger-full-access"
# A login shell would reset PATH and lose the tool of this test.
allow_login_shell = false
[model_providers.mock]
name = "mock"
base_url = "http://127.0.0.1:PORT/v1"
wire_api = "responses"
env_key = "MOCK_KEY"
request_max_retries = 0
EOF
            ;;
        gemini)
            mkdir -p "$home/.gemini"
            echo '{"security":{"auth":{"selectedType":"gemini-api-key"},"folderTrust":{"enabled":false}},"general":{"disableAutoUpdate":true}}' > "$home/.gemini/settings.json"
            ;;
        qwen)
            mkdir -p "$home/.qwen"
            echo '{"security":{"auth":{"selectedType":"openai"}}}' > "$home/.qwen/settings.json"
            ;;
    esac
}

clean() { env -i HOME="$home" PATH="$home/bin:$modules/.bin:$PATH" SHELL=/bin/bash TERM=xterm LANG=C.UTF-8 "$@"; }

# A person at a terminal types `install`.
install() {
    { sleep 2; printf 'install\r'; sleep 2; } |
        clean unshare --pid --fork --mount-proc script -qec "guard install $1" /dev/null > "$work/$1/install" 2>&1
    grep -q '^set up' "$work/$1/install" || { echo "$1: guard install failed:"; cat "$work/$1/install"; return 1; }
}

client() {
    url=http://127.0.0.1:$2
    case $1 in
        claude-code)
            clean ANTHROPIC_BASE_URL="$url" ANTHROPIC_API_KEY=sk-ant-dummy \
                CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 DISABLE_AUTOUPDATER=1 \
                claude -p go --model claude-sonnet-4-5 --allowedTools Bash ;;
        codex)
            sed -i "s#127.0.0.1:[A-Z0-9]*/#127.0.0.1:$2/#" "$home/.codex/config.toml"
            clean MOCK_KEY=x codex exec --skip-git-repo-check --dangerously-bypass-hook-trust go ;;
        gemini)
            clean GEMINI_API_KEY=dummy GOOGLE_GEMINI_BASE_URL="$url" gemini -m gemini-2.5-pro --yolo -p go ;;
        qwen)
            clean OPENAI_API_KEY=x OPENAI_BASE_URL="$url/v1" OPENAI_MODEL=mock-model \
                qwen --auth-type openai --yolo -p go ;;
        copilot)
            clean COPILOT_OFFLINE=true COPILOT_PROVIDER_BASE_URL="$url/v1" COPILOT_MODEL=mock-model \
                copilot -p go --allow-all-tools --no-color ;;
    esac
}

# Has the agent's model propose a command; says whether it ran, and whether the model saw `seen`.
propose() {
    agent=$1 command=$2 seen=$3
    rm -f "$home/ran" "$work/$agent/port"
    : > "$work/$agent/told"
    node "$here/model.mjs" "$command" "$work/$agent/told" > "$work/$agent/port" &
    model=$!
    until [ -s "$work/$agent/port" ]; do sleep 0.1; done
    (cd "$home/project" && client "$agent" "$(cat "$work/$agent/port")" < /dev/null > "$work/$agent/output" 2>&1) &
    client=$!
    ( sleep $patience; kill -KILL $client 2> /dev/null ) & watch=$!
    wait $client 2> /dev/null
    kill $watch $model 2> /dev/null
    wait $watch $model 2> /dev/null
    ran=no; [ -e "$home/ran" ] && ran=yes
    told=no; grep -q "$seen" "$work/$agent/told" && told=yes
    if [ "${VERBOSE:-}" ]; then
        { echo "--- $agent: $command"; tail -c 2000 "$work/$agent/output"; echo "--- told"; tail -c 2000 "$work/$agent/told"; } >&2
    fi
}

drive() {
    ip link set lo up
    for agent; do
        home "$agent"
        propose "$agent" 'railway volume delete --volume x' ran
        without=$ran
        install "$agent" || continue
        propose "$agent" 'railway volume delete --volume x' 'railway/volume-delete'
        refused=$ran reason=$told
        propose "$agent" 'railway status' ran
        harmless=$ran
        rm "$home/bin/guard"
        propose "$agent" 'railway volume delete --volume x' ran
        echo "| $agent | $(clean "$modules/.bin/${agent%-code}" --version 2> /dev/null | head -1) | $without | $refused | $reason | $harmless | $ran |"
    done
}

echo '| agent | version | ran without guard | ran with guard | model saw the reason | harmless ran | ran with guard gone |'
echo '|---|---|---|---|---|---|---|'
export -f home clean install client propose drive
export here guard modules work patience
unshare --net bash -c 'drive "$@"' drive "$@"
