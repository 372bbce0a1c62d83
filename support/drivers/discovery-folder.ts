import { rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { FolderDiscovery } from '../target/target.ts'
import type { Exposition, ScrapeTarget, ScrapeTime } from './scrape-target.ts'

/**
 * Serves metrics over HTTP from this process, and announces them by a file in a folder that Prometheus watches (Prometheus
 * documentation, Configuration, `file_sd_config`).
 */
export async function announceInFolder(
  { folder, host }: FolderDiscovery,
  name: string,
  { contentType, body }: Exposition,
): Promise<ScrapeTarget> {
  let first: ScrapeTime | undefined
  const server = createServer((request, response) => {
    if (request.url !== '/metrics') return response.writeHead(404).end()
    first ??= { wallTime: new Date(), monotonicMs: performance.now() }
    return response.writeHead(200, { 'content-type': contentType }).end(body)
  })
  // Prometheus may be elsewhere; where it is here, nobody else is let in.
  const listenAt = host === '127.0.0.1' ? '127.0.0.1' : undefined
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, listenAt, resolve))
  const instance = `${host}:${(server.address() as AddressInfo).port}`
  const close = async () => {
    await withdrawFromFolder({ folder, host }, name)
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  }
  try {
    await writeFile(fileOf(folder, name), JSON.stringify([{ targets: [instance] }]))
  } catch (error) {
    await close()
    throw error
  }
  return { instance, firstScrape: async () => first, [Symbol.asyncDispose]: close }
}

export async function withdrawFromFolder({ folder }: FolderDiscovery, name: string): Promise<void> {
  await rm(fileOf(folder, name), { force: true })
}

function fileOf(folder: string, name: string): string {
  return join(folder, `${name}.json`)
}
