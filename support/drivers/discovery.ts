import { describeError, NotApplicable, Undetermined } from '../errors.ts'
import type { Discovery, PrometheusSystem } from '../target/target.ts'
import { announceInFolder, withdrawFromFolder } from './discovery-folder.ts'
import { announceToService, withdrawFromService } from './discovery-service.ts'
import type { Exposition, ScrapeTarget } from './scrape-target.ts'

/**
 * How a Prometheus discovers targets of the suite's.
 * @throws NotApplicable where the target file does not say
 */
export function discoveryOf({ discovery }: Pick<PrometheusSystem, 'discovery'>): Discovery {
  if (discovery === undefined)
    throw new NotApplicable('the target does not say how its Prometheus discovers targets (discovery)')
  return discovery
}

/** A discovery as people and the undo journal call it, whichever port it is forwarded from: its folder, or its service. */
export function describeDiscovery(discovery: Discovery): string {
  if ('folder' in discovery) return discovery.folder
  const { url, service } = discovery.service
  return service === undefined ? url.href : `${service.host}:${service.port}`
}

/**
 * Serves metrics, and has a Prometheus discover them.
 * @param name one that nobody else has; letters, digits and hyphens
 * @throws Undetermined where they cannot be announced
 */
export async function exposeTo(
  discovery: Discovery,
  name: string,
  exposition: Exposition,
  signal: AbortSignal,
): Promise<ScrapeTarget> {
  try {
    return 'folder' in discovery
      ? await announceInFolder(discovery, name, exposition)
      : await announceToService(discovery.service, name, exposition, signal)
  } catch (cause) {
    const where = describeDiscovery(discovery)
    throw new Undetermined(
      `the target cannot be announced to Prometheus in ${where}: ${describeError(cause)}`,
      'environment',
      { cause },
    )
  }
}

/** Has a Prometheus forget a target, whoever exposed it; one that is not there is no error. */
export async function withdraw(discovery: Discovery, name: string, signal: AbortSignal): Promise<void> {
  if ('folder' in discovery) await withdrawFromFolder(discovery, name)
  else await withdrawFromService(discovery.service, name, signal)
}
