import { Unmet } from '../errors.ts'

/** A file below a folder. */
interface LocalFile {
  /** Relative to the folder, with slashes. */
  readonly path: string
  readonly bytes: number
}

/** What Mimir's compactor logs when the blocks that it will merge lie on its disk (pkg/compactor/bucket_compactor.go). */
const downloaded = /msg="downloaded and verified blocks; compacting blocks".* blocks=(\S+).* total_size_bytes=(\d+)/

/**
 * How many bytes of these blocks the compactor had on its disk, as its log tells.
 * @throws Unmet where the log tells of none
 */
export function bytesToldOf(ids: readonly string[], lines: readonly string[]): number {
  const told = lines.flatMap(line => {
    const [, blocks = '', bytes = ''] = downloaded.exec(line) ?? []
    return ids.some(id => blocks.split(',').includes(id)) ? [Number(bytes)] : []
  })
  if (told.length === 0) throw new Unmet("the compactor's log tells of no local copy of these blocks")
  return told.reduce((sum, bytes) => sum + bytes, 0)
}

/** Accepts a folder without index and chunks of these blocks; what is kept of their meta.json is no copy of a block. */
export const noCopiesOf =
  (ids: readonly string[]) =>
  (files: readonly LocalFile[]): void => {
    if (ids.length === 0) throw new RangeError('where no block is named, any folder is free of it')
    const copies = filesOf(ids, files).filter(({ path }) => !path.endsWith('/meta.json'))
    const [first] = copies
    if (first !== undefined)
      throw new Unmet(`${copies.length} files of these blocks are still there, such as ${first.path}`)
  }

/** Accepts a folder in which these blocks use less than so many bytes. */
export const useLessThan =
  (bytes: number, ids: readonly string[]) =>
  (files: readonly LocalFile[]): void => {
    const used = filesOf(ids, files).reduce((sum, file) => sum + file.bytes, 0)
    if (used >= bytes) throw new Unmet(`these blocks use ${used} bytes, and used ${bytes} when they were merged`)
  }

function filesOf(ids: readonly string[], files: readonly LocalFile[]): LocalFile[] {
  return files.filter(({ path }) => path.split('/').some(part => ids.includes(part)))
}
