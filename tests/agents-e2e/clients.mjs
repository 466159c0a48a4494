// The clients: what each needs in its home before it starts, how it is started without anybody before it,
// and what is known to be otherwise with it. `url` is the model's address.

const openai = (url) => ({ model: "mock-model", baseUrl: `${url}/v1`, apiKey: "x" })
const json = (value) => JSON.stringify(value, null, 2)

// What OpenCode, and Kilo that grew out of it, are configured by.
const opencode = (url) =>
  json({
    model: "mock/mock-model",
    small_model: "mock/mock-model",
    provider: {
      mock: {
        npm: "@ai-sdk/openai-compatible",
        options: { baseURL: `${url}/v1`, apiKey: "x" },
        models: { "mock-model": { tool_call: true, limit: { context: 100000, output: 8000 } } },
      },
    },
    permission: { "*": "allow", external_directory: "allow" },
  })

// Each: `files` of the home, `copies` in it of what npm installed, `words` to start it with, `variables`.
// `ends`: it ends its task when something is refused, and the model hears of nothing. `shell`: it has no
// hook, and is given guard for a shell instead. `program`: where npm has no link to it.
// `stays`: a process of it, by a word of its command line, that outlives a run and keeps the environment that it was
// started with. `patience`: how long it may take.
export const CLIENTS = {
  "claude-code": {
    words: ["claude", "-p", "go", "--model", "claude-sonnet-4-5", "--allowedTools", "Bash"],
    variables: (url) => ({
      ANTHROPIC_BASE_URL: url,
      ANTHROPIC_API_KEY: "sk-ant-dummy",
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
      DISABLE_AUTOUPDATER: "1",
    }),
  },
  codex: {
    files: (url) => ({
      ".codex/config.toml": `model = "mock-model"
model_provider = "mock"
approval_policy = "never"
sandbox_mode = "danger-full-access"
[model_providers.mock]
name = "mock"
base_url = "${url}/v1"
wire_api = "responses"
env_key = "MOCK_KEY"
request_max_retries = 0
`,
    }),
    // The hook is trusted as a person does it once under /hooks.
    words: ["codex", "exec", "--skip-git-repo-check", "--dangerously-bypass-hook-trust", "go"],
    variables: () => ({ MOCK_KEY: "x" }),
  },
  copilot: {
    words: ["copilot", "-p", "go", "--allow-all-tools", "--no-color"],
    variables: (url) => ({ COPILOT_OFFLINE: "true", COPILOT_PROVIDER_BASE_URL: `${url}/v1`, COPILOT_MODEL: "mock-model" }),
  },
  gemini: {
    files: () => ({
      ".gemini/settings.json": json({
        security: { auth: { selectedType: "gemini-api-key" }, folderTrust: { enabled: false } },
        general: { disableAutoUpdate: true },
      }),
    }),
    words: ["gemini", "-m", "gemini-2.5-pro", "--yolo", "-p", "go"],
    variables: (url) => ({ GEMINI_API_KEY: "dummy", GOOGLE_GEMINI_BASE_URL: url }),
  },
  qwen: {
    files: () => ({ ".qwen/settings.json": json({ security: { auth: { selectedType: "openai" } } }) }),
    words: ["qwen", "--auth-type", "openai", "--yolo", "-p", "go"],
    variables: (url) => ({ OPENAI_API_KEY: "x", OPENAI_BASE_URL: `${url}/v1`, OPENAI_MODEL: "mock-model" }),
  },
  opencode: {
    // Without the package that plugins are written with it looks for it on the network, for minutes.
    copies: { ".config/opencode": "plugins/opencode" },
    files: (url) => ({ ".config/opencode/opencode.json": opencode(url) }),
    words: ["opencode", "run", "go"],
    variables: () => ({ OPENCODE_DISABLE_MODELS_FETCH: "1", OPENCODE_DISABLE_AUTOUPDATE: "1" }),
  },
  droid: {
    files: (url) => ({
      ".factory/settings.json": json({ customModels: [{ ...openai(url), provider: "generic-chat-completion-api" }] }),
    }),
    words: ["droid", "exec", "--skip-permissions-unsafe", "-m", "custom:mock-model", "go"],
  },
  cline: {
    ends: true,
    // The first run after it was started has its agent in a process of its own, to which no answer is given that
    // was asked for elsewhere.
    stays: "--cline-hub-daemon",
    before: (url) => ["cline", "auth", "-p", "openai-compatible", "-k", "x", "-m", "mock-model", "-b", `${url}/v1`],
    words: ["cline", "-P", "openai-compatible", "-m", "mock-model", "-k", "x", "please go now"],
  },
  continue: {
    shell: true,
    files: (url) => ({
      ".continue/config.yaml": `name: mock
version: 0.0.1
models:
  - name: mock
    provider: openai
    model: mock-model
    apiBase: ${url}/v1
    apiKey: x
    roles: [chat]
    capabilities: [tool_use]
`,
    }),
    words: ["cn", "-p", "--auto", "--config", "HOME/.continue/config.yaml", "go"],
  },
  kilo: {
    // It waits minutes for a package that the registry does not have, and goes on without it.
    patience: 330_000,
    program: "node_modules/@kilocode/cli-linux-x64/bin/kilo",
    files: (url) => ({ ".config/kilo/opencode.json": opencode(url) }),
    words: ["kilo", "run", "--auto", "go"],
    variables: () => ({ KILO_DISABLE_MODELS_FETCH: "1", KILO_DISABLE_AUTOUPDATE: "1" }),
  },
}
