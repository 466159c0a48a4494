// A scripted model on loopback. Whenever an agent offers it a tool for shell commands, it proposes the next
// command of a list, and is told what came of the one before; when the list is at its end it says so. It
// speaks the APIs of Anthropic (Messages), OpenAI (Responses, Chat Completions) and Google (Gemini).

import { createServer } from "node:http"

// The tools by which agents run commands.
const TERMINALS = ["Bash", "bash", "exec_command", "shell_command", "shell", "run_shell_command", "Execute", "run_commands", "execute_command"]

// Returns the terminal tool among those offered, if there is one.
function terminal(tools) {
  const named = tools.map((tool) => tool.function ?? tool)
  return TERMINALS.map((name) => named.find((tool) => tool.name === name)).find(Boolean)
}

// Returns a call of a terminal tool by its own schema.
function call(tool, command) {
  const schema = tool.input_schema ?? tool.parameters ?? tool.parametersJsonSchema ?? {}
  const properties = schema.properties ?? {}
  const args = {}
  for (const [name, property] of Object.entries(properties)) {
    const wanted = (schema.required ?? []).includes(name)
    if (name === "commands") {
      args[name] = [command]
    } else if (name === "command" || name === "cmd") {
      args[name] = String(property.type).toLowerCase() === "array" ? ["bash", "-lc", command] : command
    } else if (wanted) {
      const type = String(property.type).toLowerCase()
      args[name] = property.enum?.[0] ?? { string: "x", boolean: false, number: 10000, integer: 10000, array: [], object: {} }[type]
    }
  }
  return { name: tool.name, args }
}

const text = (result) => (typeof result === "string" ? result : JSON.stringify(result ?? null))
const sse = (events) => events.map(([event, data]) => `${event ? `event: ${event}\n` : ""}data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`).join("")

async function anthropic(body, next) {
  const blocks = body.messages.flatMap((message) => (Array.isArray(message.content) ? message.content : []))
  const results = blocks.filter((block) => block.type === "tool_result")
  const wanted = await next(body.tools ?? [], results.map((result) => result.content))
  const block = wanted
    ? { type: "tool_use", id: `toolu_${results.length}`, name: wanted.name, input: {} }
    : { type: "text", text: "" }
  const delta = wanted
    ? { type: "input_json_delta", partial_json: JSON.stringify(wanted.args) }
    : { type: "text_delta", text: "done" }
  const reason = wanted ? "tool_use" : "end_turn"
  const message = { id: "msg_1", type: "message", role: "assistant", model: body.model, content: [], stop_reason: null, stop_sequence: null, usage: { input_tokens: 1, output_tokens: 1 } }
  if (!body.stream) {
    const content = [wanted ? { ...block, input: wanted.args } : { type: "text", text: "done" }]
    return JSON.stringify({ ...message, content, stop_reason: reason })
  }
  return sse([
    ["message_start", { type: "message_start", message }],
    ["content_block_start", { type: "content_block_start", index: 0, content_block: block }],
    ["content_block_delta", { type: "content_block_delta", index: 0, delta }],
    ["content_block_stop", { type: "content_block_stop", index: 0 }],
    ["message_delta", { type: "message_delta", delta: { stop_reason: reason, stop_sequence: null }, usage: { output_tokens: 1 } }],
    ["message_stop", { type: "message_stop" }],
  ])
}

async function responses(body, next) {
  const input = Array.isArray(body.input) ? body.input : []
  const results = input.filter((item) => String(item.type).endsWith("_output"))
  const wanted = await next(body.tools ?? [], results.map((result) => result.output))
  const item = wanted
    ? { type: "function_call", id: `fc_${results.length}`, call_id: `call_${results.length}`, name: wanted.name, arguments: JSON.stringify(wanted.args), status: "completed" }
    : { type: "message", id: "msg_1", role: "assistant", status: "completed", content: [{ type: "output_text", text: "done", annotations: [] }] }
  const response = { id: "resp_1", object: "response", model: body.model, status: "completed", output: [item], usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 } }
  return sse([
    ["response.created", { type: "response.created", response: { ...response, status: "in_progress", output: [] } }],
    ["response.output_item.added", { type: "response.output_item.added", output_index: 0, item }],
    ["response.output_item.done", { type: "response.output_item.done", output_index: 0, item }],
    ["response.completed", { type: "response.completed", response }],
  ])
}

async function chat(body, next) {
  const results = body.messages.filter((message) => message.role === "tool")
  const wanted = await next(body.tools ?? [], results.map((result) => result.content))
  const message = wanted
    ? { role: "assistant", content: null, tool_calls: [{ index: 0, id: `call_${results.length}`, type: "function", function: { name: wanted.name, arguments: JSON.stringify(wanted.args) } }] }
    : { role: "assistant", content: "done" }
  const reason = wanted ? "tool_calls" : "stop"
  const base = { id: "chat_1", created: 1, model: body.model }
  const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 }
  if (!body.stream) {
    return JSON.stringify({ ...base, object: "chat.completion", choices: [{ index: 0, message, finish_reason: reason }], usage })
  }
  const chunk = (delta, finish_reason) => ({ ...base, object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason }] })
  return sse([["", chunk(message, null)], ["", { ...chunk({}, reason), usage }], ["", "[DONE]"]])
}

async function gemini(body, next, streams) {
  const parts = (body.contents ?? []).flatMap((content) => content.parts ?? [])
  const results = parts.filter((part) => part.functionResponse)
  const tools = (body.tools ?? []).flatMap((tool) => tool.functionDeclarations ?? [])
  const wanted = await next(tools, results.map((result) => result.functionResponse.response))
  const part = wanted ? { functionCall: { name: wanted.name, args: wanted.args } } : { text: "done" }
  const answer = { candidates: [{ content: { role: "model", parts: [part] }, finishReason: "STOP", index: 0 }], usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 } }
  return streams ? sse([["", answer]]) : JSON.stringify(answer)
}

// Returns the answer to a request, as text.
async function answer(path, body, next) {
  if (path.endsWith("/count_tokens")) return JSON.stringify({ input_tokens: 1 })
  if (path.endsWith("/messages")) return anthropic(body, next)
  if (path.endsWith("/responses")) return responses(body, next)
  if (path.endsWith("/chat/completions")) return chat(body, next)
  if (path.endsWith("GenerateContent") || path.endsWith("generateContent")) return gemini(body, next, path.endsWith("streamGenerateContent"))
  if (path.endsWith("countTokens")) return JSON.stringify({ totalTokens: 1 })
  if (path.endsWith("/models")) return JSON.stringify({ object: "list", data: [{ id: "mock-model", object: "model" }], models: [] })
  return "{}"
}

// Starts the model and returns its address. `propose(past)` is given what came of the commands of this
// conversation, as texts, and returns the next command, or nothing when it is over.
export async function serve(propose) {
  const next = async (tools, past) => {
    const tool = terminal(tools)
    const command = tool && (await propose(past.map(text)))
    return command ? call(tool, command) : null
  }
  const server = createServer((request, response) => {
    let body = ""
    request.on("data", (data) => (body += data))
    request.on("end", async () => {
      const said = await answer(request.url.split("?")[0], JSON.parse(body || "{}"), next).catch((error) => {
        console.error(`model: ${error.stack}`)
        return "{}"
      })
      const type = /^(event|data): /.test(said) ? "text/event-stream" : "application/json"
      response.writeHead(200, { "content-type": type, connection: "close" })
      response.end(said)
    })
  })
  await new Promise((done) => server.listen(0, "127.0.0.1", done))
  return `http://127.0.0.1:${server.address().port}`
}
