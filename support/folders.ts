import { join } from 'node:path'
import envPaths from 'env-paths'

const paths = envPaths('observability-acceptance', { suffix: '' })

/** Built servers; may be deleted at any time. */
export const cacheFolder = paths.cache
/** What is no cache: it belongs to something that runs or must be put back. */
export const dataFolder = paths.data
/** What must survive a killed run: the undo journal and the record of running labs. */
export const journalFolder = join(paths.data, 'journal')
export const labsFolder = join(paths.data, 'labs')
