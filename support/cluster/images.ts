import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { pack } from 'tar-stream'
import { cacheFolder } from '../folders.ts'
import { run } from './host.ts'

/** Every image of the cluster lab is called so; none of them can be pulled from anywhere. */
const repository = 'observability-acceptance'

/** The name of an image of the lab, as pods name it: `observability-acceptance/tempo:lab`. */
export function imageName(name: string): string {
  return `${repository}/${name}:lab`
}

export const sandboxImage = `docker.io/${imageName('busybox')}`

/** A file, folder or symbolic link of an image, by its path in it, without a slash before it. */
export type ImageEntry = { readonly path: string; readonly mode?: number } & (
  | { readonly file: string }
  | { readonly text: string }
  | { readonly link: string }
  | { readonly folder: true }
)

export interface ImageRecipe {
  readonly name: string
  /** What lies in it, layer upon layer; a folder of its own accord is there for what is in it. */
  readonly layers: readonly (readonly ImageEntry[])[]
  readonly entrypoint: readonly string[]
  /** What tells this image from one of other contents. */
  readonly version: string
}

/** Debian's static busybox, as a shell for pods of scenarios and as what keeps a pod's namespaces. */
export async function busyboxRecipe(): Promise<ImageRecipe> {
  const program = '/bin/busybox'
  const names = (await run(program, '--list')).split('\n').filter(name => name !== '' && name !== 'busybox')
  const version = createHash('sha256')
    .update(await readFile(program))
    .digest('hex')
    .slice(0, 12)
  const links = names.map(name => ({ path: `bin/${name}`, link: program }))
  return {
    name: 'busybox',
    layers: [[...commonEntries, { path: 'bin/busybox', file: program, mode: 0o755 }, ...links]],
    entrypoint: ['/bin/sleep', 'infinity'],
    version,
  }
}

/** A recipe of a Go program that the lab built, which needs no library. */
export function programRecipe(name: string, { path, version }: { path: string; version: string }): ImageRecipe {
  const program = { path: `usr/bin/${name}`, file: path, mode: 0o755 }
  return { name, layers: [[...commonEntries, program]], entrypoint: [`/usr/bin/${name}`], version }
}

/** What programs of any image look for. */
export const commonEntries: readonly ImageEntry[] = [
  { path: 'tmp', folder: true, mode: 0o1777 },
  { path: 'etc/passwd', text: 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/tmp:/bin/false\n' },
  { path: 'etc/group', text: 'root:x:0:\nnobody:x:65534:\n' },
]

/** The archive of an image, as `ctr images import` takes it; made once and kept in the cache. */
export async function imageArchive(recipe: ImageRecipe, cache = join(cacheFolder, 'images')): Promise<string> {
  const { name, entrypoint, version, layers } = recipe
  // Another place, name or version in it makes it another image; where its files come from does not.
  const paths = layers.map(layer => layer.map(({ path }) => path))
  const contents = JSON.stringify({ name, entrypoint, version, paths })
  const key = createHash('sha256').update(contents).digest('hex').slice(0, 12)
  const file = join(cache, `${recipe.name}-${key}.tar`)
  if (existsSync(file)) return file
  mkdirSync(cache, { recursive: true })
  const whole = await archive(recipe)
  await writeFile(`${file}.${process.pid}`, whole)
  renameSync(`${file}.${process.pid}`, file)
  return file
}

/** Puts the archive of an image into a containerd, for Kubernetes. @throws EnvironmentError where it cannot take it */
export async function importImage(socket: string, file: string): Promise<void> {
  const into = ['--address', socket, '--namespace', 'k8s.io']
  await run('ctr', ...into, 'images', 'import', '--no-unpack', file).catch((error: unknown) => {
    // A file that was cut off must not be used again.
    rmSync(file, { force: true })
    throw error
  })
}

/** An OCI image layout (github.com/opencontainers/image-spec, image-layout.md) as a tar. */
async function archive(recipe: ImageRecipe): Promise<Buffer> {
  const layers = await Promise.all(recipe.layers.map(layerOf))
  const configuration = json({
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    os: 'linux',
    config: {
      Entrypoint: recipe.entrypoint,
      Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
    },
    rootfs: { type: 'layers', diff_ids: layers.map(digestOf) },
  })
  const manifest = json({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: descriptor('application/vnd.oci.image.config.v1+json', configuration),
    layers: layers.map(layer => descriptor('application/vnd.oci.image.layer.v1.tar', layer)),
  })
  const annotations = { 'io.containerd.image.name': `docker.io/${imageName(recipe.name)}` }
  const index = json({
    schemaVersion: 2,
    manifests: [{ ...descriptor('application/vnd.oci.image.manifest.v1+json', manifest), annotations }],
  })
  const tar = pack()
  tar.entry({ name: 'oci-layout' }, json({ imageLayoutVersion: '1.0.0' }))
  tar.entry({ name: 'index.json' }, index)
  for (const blob of [configuration, manifest, ...layers])
    tar.entry({ name: `blobs/sha256/${digestOf(blob).slice('sha256:'.length)}` }, blob)
  tar.finalize()
  return await buffer(tar)
}

async function layerOf(entries: readonly ImageEntry[]): Promise<Buffer> {
  const tar = pack()
  const written = buffer(tar)
  const folders = new Set(entries.flatMap(entry => ('folder' in entry ? [] : foldersOf(entry.path))))
  for (const name of folders) tar.entry({ name, type: 'directory', mode: 0o755 })
  for (const entry of entries) {
    const { path: name, mode = 0o644 } = entry
    if ('folder' in entry) tar.entry({ name, type: 'directory', mode })
    else if ('link' in entry) tar.entry({ name, type: 'symlink', linkname: entry.link })
    else tar.entry({ name, mode }, 'text' in entry ? entry.text : await readFile(entry.file))
  }
  tar.finalize()
  return await written
}

/** `a/b/c` lies in `a` and `a/b`. */
function foldersOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1)
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value))
}

function digestOf(blob: Buffer): string {
  return `sha256:${createHash('sha256').update(blob).digest('hex')}`
}

function descriptor(mediaType: string, blob: Buffer) {
  return { mediaType, digest: digestOf(blob), size: blob.length }
}
