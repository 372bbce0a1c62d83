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

/** An image with one program in it, which needs no library. */
export interface ImageRecipe {
  readonly name: string
  /** The program's file on this machine, and its place in the image. */
  readonly program: string
  readonly path: string
  readonly entrypoint: readonly string[]
  /** Other names of the program, beside it. */
  readonly links?: readonly string[]
  /** What tells this image from one of another version. */
  readonly version: string
}

/** Debian's static busybox, as a shell for pods of scenarios and as what keeps a pod's namespaces. */
export async function busyboxRecipe(): Promise<ImageRecipe> {
  const program = '/bin/busybox'
  const links = (await run(program, '--list')).split('\n').filter(name => name !== '' && name !== 'busybox')
  const version = createHash('sha256')
    .update(await readFile(program))
    .digest('hex')
    .slice(0, 12)
  return { name: 'busybox', program, path: '/bin/busybox', entrypoint: ['/bin/sleep', 'infinity'], links, version }
}

/** A recipe of a Go program that the lab built. */
export function programRecipe(name: string, { path, version }: { path: string; version: string }): ImageRecipe {
  return { name, program: path, path: `/usr/bin/${name}`, entrypoint: [`/usr/bin/${name}`], version }
}

/** The archive of an image, as `ctr images import` takes it; made once and kept in the cache. */
export async function imageArchive(recipe: ImageRecipe, cache = join(cacheFolder, 'images')): Promise<string> {
  const { program: _, ...contents } = recipe
  // Another place, name or version in it makes it another image.
  const key = createHash('sha256').update(JSON.stringify(contents)).digest('hex').slice(0, 12)
  const file = join(cache, `${recipe.name}-${key}.tar`)
  if (existsSync(file)) return file
  mkdirSync(cache, { recursive: true })
  const whole = await archive(recipe)
  await writeFile(`${file}.${process.pid}`, whole)
  renameSync(`${file}.${process.pid}`, file)
  return file
}

/** Puts images into a containerd, for Kubernetes. */
export async function importImages(socket: string, recipes: readonly ImageRecipe[]): Promise<void> {
  for (const recipe of recipes) {
    const file = await imageArchive(recipe)
    await run('ctr', '--address', socket, '--namespace', 'k8s.io', 'images', 'import', '--no-unpack', file).catch(
      (error: unknown) => {
        // A file that was cut off must not be used again.
        rmSync(file, { force: true })
        throw error
      },
    )
  }
}

/** An OCI image layout (github.com/opencontainers/image-spec, image-layout.md) of one layer, as a tar. */
async function archive(recipe: ImageRecipe): Promise<Buffer> {
  const layer = await layerOf(recipe)
  const configuration = json({
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    os: 'linux',
    config: {
      Entrypoint: recipe.entrypoint,
      Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
    },
    rootfs: { type: 'layers', diff_ids: [digestOf(layer)] },
  })
  const manifest = json({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: descriptor('application/vnd.oci.image.config.v1+json', configuration),
    layers: [descriptor('application/vnd.oci.image.layer.v1.tar', layer)],
  })
  const annotations = { 'io.containerd.image.name': `docker.io/${imageName(recipe.name)}` }
  const index = json({
    schemaVersion: 2,
    manifests: [{ ...descriptor('application/vnd.oci.image.manifest.v1+json', manifest), annotations }],
  })
  const tar = pack()
  tar.entry({ name: 'oci-layout' }, json({ imageLayoutVersion: '1.0.0' }))
  tar.entry({ name: 'index.json' }, index)
  for (const blob of [configuration, manifest, layer])
    tar.entry({ name: `blobs/sha256/${digestOf(blob).slice('sha256:'.length)}` }, blob)
  tar.finalize()
  return await buffer(tar)
}

async function layerOf({ program, path, links = [] }: ImageRecipe): Promise<Buffer> {
  const tar = pack()
  const folder = path.slice(1, path.lastIndexOf('/'))
  for (const name of new Set(['etc', folder.split('/')[0] ?? '', folder]))
    tar.entry({ name, type: 'directory', mode: 0o755 })
  tar.entry({ name: 'tmp', type: 'directory', mode: 0o1777 })
  tar.entry({ name: 'etc/passwd' }, 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/tmp:/bin/false\n')
  tar.entry({ name: 'etc/group' }, 'root:x:0:\nnobody:x:65534:\n')
  tar.entry({ name: path.slice(1), mode: 0o755 }, await readFile(program))
  for (const link of links) tar.entry({ name: `${folder}/${link}`, type: 'symlink', linkname: path })
  tar.finalize()
  return await buffer(tar)
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
