import { rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { NotApplicable, Undetermined } from '../errors.ts'
import { contentTypes, type ExpositionFormat, type Family, render } from '../metrics/exposition.ts'
import type { PrometheusSystem } from '../target/target.ts'

/** By the clock that people read, and by one that is never set. */
interface Moment {
  readonly wallTime: Date
  readonly monotonicMs: number
}

/** A target of the suite's own that a Prometheus scrapes, until it is disposed of. */
export interface ScrapeTarget extends AsyncDisposable {
  /** The label `instance` that its series get. */
  readonly instance: string
  /** When it was scraped for the first time; undefined where it was not yet. */
  firstScrape(): Moment | undefined
}

type Discovery = Pick<PrometheusSystem, 'discovery'>

/**
 * The file by which a Prometheus discovers the target of this name.
 * @throws NotApplicable where the target file says nothing of a folder for such files
 */
export function scrapeTargetFile(system: Discovery, name: string): string {
  return join(discoveryOf(system).folder, `${name}.json`)
}

function discoveryOf({ discovery }: Discovery): NonNullable<PrometheusSystem['discovery']> {
  if (discovery === undefined)
    throw new NotApplicable('the target names no folder in which its Prometheus discovers targets (discovery)')
  return discovery
}

/**
 * Serves metrics over HTTP, and has a Prometheus discover them by a file in its folder of targets (Prometheus
 * documentation, Configuration, `file_sd_config`).
 * @param name of the file; one that nobody else has
 * @throws NotApplicable where there is no such folder; Undetermined where it cannot be written to
 */
export async function exposeTo(
  system: Discovery,
  name: string,
  families: readonly Family[],
  format: ExpositionFormat,
): Promise<ScrapeTarget> {
  const discovery = discoveryOf(system)
  let firstScrape: Moment | undefined
  const body = render(families, format)
  const server = createServer((request, response) => {
    if (request.url !== '/metrics') return response.writeHead(404).end()
    firstScrape ??= { wallTime: new Date(), monotonicMs: performance.now() }
    return response.writeHead(200, { 'content-type': contentTypes[format] }).end(body)
  })
  // Prometheus may be elsewhere; where it is here, nobody else is let in.
  const listenAt = discovery.host === '127.0.0.1' ? '127.0.0.1' : undefined
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, listenAt, resolve))
  const instance = `${discovery.host}:${(server.address() as AddressInfo).port}`
  const file = scrapeTargetFile(system, name)
  const close = async () => {
    await rm(file, { force: true })
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  }
  try {
    await writeFile(file, JSON.stringify([{ targets: [instance] }]))
  } catch (cause) {
    await close()
    throw new Undetermined(`the target cannot be announced to Prometheus in ${discovery.folder}`, 'environment', {
      cause,
    })
  }
  return { instance, firstScrape: () => firstScrape, [Symbol.asyncDispose]: close }
}
