// Somebody at a terminal of their own: starts a program there, sees what it shows and types.

import { spawn } from "node:child_process"

const PATIENCE = 60_000

export class Person {
  constructor(line, options) {
    this.seen = ""
    // `script` gives the terminal; its own input and output are the person's hands and eyes.
    this.screen = spawn("script", ["-qefc", line, "/dev/null"], { ...options, stdio: ["pipe", "pipe", "ignore"] })
    this.screen.stdout.on("data", (data) => (this.seen += data))
    this.left = new Promise((done) => this.screen.on("close", done))
  }

  // Waits until the screen has shown what `pattern` matches.
  async sees(pattern) {
    const until = Date.now() + PATIENCE
    while (!pattern.test(this.seen)) {
      if (Date.now() > until || this.screen.exitCode !== null) throw new Error(`${pattern} did not come; seen:\n${this.seen}`)
      await new Promise((done) => setTimeout(done, 50))
    }
    return pattern.exec(this.seen)
  }

  // Types a line where it is waited for.
  async types(line) {
    await this.sees(/\n> /)
    this.screen.stdin.write(`${line}\r`)
  }
}
