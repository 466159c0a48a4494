// A scripted model on loopback: it answers the first request that offers a tool for shell commands with one
// call of it, and what follows with a last word. It speaks the APIs of Anthropic (Messages), OpenAI
// (Responses, Chat Completions) and Google (Gemini).
//
// usage: node model.mjs COMMAND LOG     prints its port; LOG gets what came back from the tool

import { appendFileSync } from "node:fs"
import { createServer } from "node:http"

const [command, log] = process.argv.slice(2)

// The tools by which agents run commands.
const TERMINALS = ["Bash", "bash", "exec_command", "shell_command", "shell", "run_shell_command", "Execute"]

// Returns a call of the terminal tool among those offered, by its own schema.
function call(tools) {
  const named = tools.map((tool) => tool.function ?? tool)
  const tool = TERMINALS.map((name) => named.find((tool) => tool.name === name)).find(Boolean)
  if (!tool) return null
  const schema = tool.input_schema ?? tool.parameters ?? tool.parametersJsonSchema ?? {}
  const properties = schema.properties ?? {}
  const args = {}
  for (const [name, property] of Object.entries(properties)) {
    const wanted = (schema.required ?? []).includes(name)
    if (name === "command" || name === "cmd") {
      args[name] = property.type === "array" || property.type === "ARRAY" ? ["bash", "-lc", command] : command
    } else if (wanted) {
      const type = String(property.type).toLowerCase()
      args[name] = property.enum?.[0] ?? { string: "x", boolean: false, number: 10000, integer: 10000, array: [], object: {} }[type]
    }
  }
  return { name: tool.name, args }
}

const note = (result) => appendFileSync(log, `${typeof result === "string" ? result : JSON.stringify(result)}\n`)
const sse = (events) => events.map(([event, data]) => `${event ? `event: ${event}\n` : ""}data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`).join("")

function anthropic(body) {
  const blocks = body.messages.flatMap((message) => (Array.isArray(message.content) ? message.content : []))
  const results = blocks.filter((block) => block.type === "tool_result")
  results.forEach((result) => note(result.content))
  const wanted = results.length === 0 && call(body.tools ?? [])
  const block = wanted
    ? { type: "tool_use", id: "toolu_1", name: wanted.name, input: {} }
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

function responses(body) {
  const input = Array.isArray(body.input) ? body.input : []
  const results = input.filter((item) => String(item.type).endsWith("_output"))
  results.forEach((result) => note(result.output))
  const wanted = results.length === 0 && call(body.tools ?? [])
  const item = wanted
    ? { type: "function_call", id: "fc_1", call_id: "call_1", name: wanted.name, arguments: JSON.stringify(wanted.args), status: "completed" }
    : { type: "message", id: "msg_1", role: "assistant", status: "completed", content: [{ type: "output_text", text: "done", annotations: [] }] }
  const response = { id: "resp_1", object: "response", model: body.model, status: "completed", output: [item], usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 } }
  return sse([
    ["response.created", { type: "response.created", response: { ...response, status: "in_progress", output: [] } }],
    ["response.output_item.added", { type: "response.output_item.added", output_index: 0, item }],
    ["response.output_item.done", { type: "response.output_item.done", output_index: 0, item }],
    ["response.completed", { type: "response.completed", response }],
  ])
}

function chat(body) {
  const results = body.messages.filter((message) => message.role === "tool")
  results.forEach((result) => note(result.content))
  const wanted = results.length === 0 && call(body.tools ?? [])
  const message = wanted
    ? { role: "assistant", content: null, tool_calls: [{ index: 0, id: "call_1", type: "function", function: { name: wanted.name, arguments: JSON.stringify(wanted.args) } }] }
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

function gemini(body, streams) {
  const parts = (body.contents ?? []).flatMap((content) => content.parts ?? [])
  const results = parts.filter((part) => part.functionResponse)
  results.forEach((result) => note(result.functionResponse.response))
  const tools = (body.tools ?? []).flatMap((tool) => tool.functionDeclarations ?? [])
  const wanted = results.length === 0 && call(tools)
  const part = wanted ? { functionCall: { name: wanted.name, args: wanted.args } } : { text: "done" }
  const answer = { candidates: [{ content: { role: "model", parts: [part] }, finishReason: "STOP", index: 0 }], usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 } }
  return streams ? sse([["", answer]]) : JSON.stringify(answer)
}

const server = createServer((request, response) => {
  let text = ""
  request.on("data", (data) => (text += data))
  request.on("end", () => {
    const path = request.url.split("?")[0]
    let answer = "{}"
    try {
      const body = text ? JSON.parse(text) : {}
      if (path.endsWith("/count_tokens")) answer = JSON.stringify({ input_tokens: 1 })
      else if (path.endsWith("/messages")) answer = anthropic(body)
      else if (path.endsWith("/responses")) answer = responses(body)
      else if (path.endsWith("/chat/completions")) answer = chat(body)
      else if (path.endsWith("GenerateContent") || path.endsWith("generateContent")) answer = gemini(body, path.endsWith("streamGenerateContent"))
      else if (path.endsWith("countTokens")) answer = JSON.stringify({ totalTokens: 1 })
      else if (path.endsWith("/models")) answer = JSON.stringify({ object: "list", data: [{ id: "mock-model", object: "model" }], models: [] })
    } catch (error) {
      note(`error: ${error.message}`)
    }
    const type = /^(event|data): /.test(answer) ? "text/event-stream" : "application/json"
    response.writeHead(200, { "content-type": type, connection: "close" })
    response.end(answer)
  })
})

server.listen(0, "127.0.0.1", () => console.log(server.address().port))
