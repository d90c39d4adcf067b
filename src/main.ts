#!/usr/bin/env node
// An old Node.js may start the installed program: it must be able to parse this file, which loads nothing before the check.

/** The lowest version that can run the program; package.json has it in `engines`. */
const needed = { major: 22, minor: 18 }

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major > needed.major || (major === needed.major && minor >= needed.minor)) {
  const { run } = await import('./cli/cli.ts')
  await run(process.argv)
} else {
  process.stderr.write(
    `genesys-enricher needs Node.js ${needed.major}.${needed.minor} or later, but this is ${process.versions.node}.\n`,
  )
  process.exitCode = 2
}
