import { run } from "./snippet.mjs"

console.log(await run("printf fine"))
console.log(await run("rm -rf ~/precious"))
