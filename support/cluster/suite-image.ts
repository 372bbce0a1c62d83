import { createHash } from 'node:crypto'
import { globSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { z } from 'zod'
import { EnvironmentError } from '../errors.ts'
import { commonEntries, type ImageEntry, type ImageRecipe } from './images.ts'

/**
 * The image of the suite itself, as fixtures/nightly/Dockerfile describes it, of what is on this machine: Node with its
 * libraries, the packages that it needs to run, its files, and promtool.
 */

const project = fileURLToPath(new URL('../..', import.meta.url))
const home = 'suite'
/** What of the project is in the image; the Dockerfile copies the same. */
export const suiteContents = ['package.json', 'cucumber.js', 'features', 'steps', 'support', 'fixtures'] as const
/** The pinned Node, whichever runs this. */
const node = join(project, 'node_modules/node/bin/node')

const nodeInImage = '/usr/local/bin/node'

const lockfile = z.object({
  packages: z.record(z.string(), z.object({ dev: z.boolean().optional() })),
})

/** Node alone. @throws EnvironmentError where this machine cannot tell which libraries it needs */
export async function nodeRecipe(): Promise<ImageRecipe> {
  return {
    name: 'node',
    layers: [[...commonEntries, ...(await nodeEntries([]))]],
    entrypoint: [nodeInImage],
    version: process.version,
  }
}

/** @throws EnvironmentError where this machine cannot tell which libraries Node needs */
export async function suiteRecipe(promtool: { path: string; version: string }): Promise<ImageRecipe> {
  const packages = neededPackages().flatMap(entriesUnder)
  const native = packages.flatMap(entry => ('file' in entry && entry.path.endsWith('.node') ? [entry.file] : []))
  const runtime = [...(await nodeEntries(native)), { path: 'usr/local/bin/promtool', file: promtool.path, mode: 0o755 }]
  const own = suiteContents.flatMap(entriesUnder)
  const version = createHash('sha256')
  for (const part of [process.version, promtool.version, readFileSync(join(project, 'package-lock.json'))])
    version.update(part)
  for (const entry of own) if ('file' in entry) version.update(entry.path).update(readFileSync(entry.file))
  return {
    name: 'suite',
    layers: [[...commonEntries, ...runtime], packages, own],
    entrypoint: [nodeInImage, `/${home}/support/cli/nightly.ts`],
    version: version.digest('hex').slice(0, 12),
  }
}

/** Node, and the libraries that it and these native parts of packages are linked to. */
async function nodeEntries(native: readonly string[]): Promise<ImageEntry[]> {
  const libraries = new Set((await Promise.all([node, ...native].map(librariesOf))).flat())
  return [
    { path: nodeInImage.slice(1), file: node, mode: 0o755 },
    ...[...libraries].map(file => ({ path: file.slice(1), file, mode: 0o755 })),
  ]
}

/** The libraries that a program is linked to, by their paths, and the loader that its header names. */
async function librariesOf(program: string): Promise<string[]> {
  const { stdout } = await execa('ldd', [program]).catch((error: unknown) => {
    throw new EnvironmentError(`ldd cannot tell which libraries ${program} needs`, { cause: error })
  })
  return stdout.split('\n').flatMap(line => /(?:=> |^\s*)(\/\S+) \(/.exec(line)?.[1] ?? [])
}

/** The folders of the packages that are no tools of developers; Node itself is elsewhere in the image. */
function neededPackages(): string[] {
  const { packages } = lockfile.parse(JSON.parse(readFileSync(join(project, 'package-lock.json'), 'utf8')))
  return Object.entries(packages)
    .filter(([path, { dev = false }]) => path !== '' && path !== 'node_modules/node' && !dev)
    .map(([path]) => path)
}

/** A file, or everything under a folder but what only tools of developers read, and packages, which are listed by themselves. */
function entriesUnder(path: string): ImageEntry[] {
  const whole = join(project, path)
  const status = statSync(whole, { throwIfNoEntry: false })
  // Packages for other kinds of machines are not installed.
  if (status === undefined) return []
  if (status.isFile()) return [{ path: `${home}/${path}`, file: whole }]
  return globSync('**/*', { cwd: whole, exclude: ({ name }) => name === 'node_modules', withFileTypes: true })
    .filter(entry => !entry.isDirectory() && !/\.(d\.[cm]?ts|map)$/.test(entry.name))
    .map(entry => {
      const file = resolve(entry.parentPath, entry.name)
      const inImage = `${home}/${file.slice(project.length)}`
      return entry.isSymbolicLink() ? { path: inImage, link: readlinkSync(file) } : { path: inImage, file }
    })
}
