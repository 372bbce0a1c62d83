import { resolve } from 'node:path'
import { checkBucket } from '../doctor/bucket.ts'
import { discoveryFinding } from '../doctor/discovery.ts'
import { type Finding, renderFindings } from '../doctor/finding.ts'
import { impossibleForTempo } from '../doctor/impossible.ts'
import { checkRights, rightsNeeded } from '../doctor/rights.ts'
import { KubernetesClient } from '../drivers/kubernetes-client.ts'
import { readyEndpoint } from '../drivers/kubernetes-service.ts'
import { Prometheus } from '../drivers/prometheus.ts'
import { Tempo } from '../drivers/tempo.ts'
import { formatDuration } from '../duration.ts'
import { describeError, UsageError } from '../errors.ts'
import { type SystemName, storingSystemNames, systemNames } from '../system-names.ts'
import { clocksApart } from '../target/clocks.ts'
import { loadTarget, readTarget } from '../target/load.ts'
import { checkTarget } from '../target/preflight.ts'
import type { UsedService } from '../target/service-address.ts'
import type { Target } from '../target/target.ts'
import { exitCodes, runCommand } from './command.ts'
import { forwardServices } from './forwarded-services.ts'
import { ownSignals } from './signals.ts'

const help = `Looks whether a target can be tested, before anything is: its clusters and what the suite may do in them, every system's
address and version, the buckets, the clocks, and settings that make a requirement impossible. Changes nothing.

  npm run doctor -- --target home.yaml

  --target FILE   as for npm run accept
  --help          this text

Exit codes: 0 all is well, 2 the target file cannot be used, 3 there are problems: each with what to do, 130 interrupted.`

const options = { target: { type: 'string' }, help: { type: 'boolean', short: 'h', default: false } } as const

const lookMs = 8_000

await runCommand({ options, help }, async asked => {
  if (asked.target === undefined) throw new UsageError(`which target? --target FILE\n\n${help}`)
  using signals = ownSignals()
  try {
    const findings = await examine(resolve(asked.target), signals.signal)
    const problems = findings.filter(({ problem }) => problem !== undefined).length
    process.stdout.write(`${renderFindings(findings)}\n\n`)
    process.stdout.write(problems === 0 ? 'all is well\n' : `${problems} ${problems === 1 ? 'problem' : 'problems'}\n`)
    return problems === 0 ? exitCodes.satisfied : exitCodes.undetermined
  } catch (error) {
    if (!signals.signal.aborted) throw error
    process.stderr.write('interrupted; nothing was changed\n')
    return exitCodes.interrupted
  }
})

async function examine(targetFile: string, signal: AbortSignal): Promise<Finding[]> {
  const { target, services } = readTarget(targetFile, process.env)
  const clusters = await examineClusters(target, services, signal)
  // Where a cluster cannot be asked, whatever lies behind it cannot be reached either.
  if (clusters.some(({ problem }) => problem !== undefined) && services.length > 0) return clusters
  await using forwards = await forwardServices({ targetFile, environment: process.env, systems: [], signal })
  const reached = loadTarget(targetFile, { ...process.env, ...forwards.environment })
  const [systems, buckets, clocks, settings] = await Promise.all([
    examineSystems(reached, signal),
    examineBuckets(reached, signal),
    examineClocks(reached, signal),
    examineSettings(reached, signal),
  ])
  // Each bucket is looked at by itself; what the first look at the storage met is told once.
  const isTold = ({ about, problem }: Finding) =>
    problem !== undefined && buckets.some(bucket => bucket.about === about && bucket.problem !== undefined)
  return [...clusters, ...systems.filter(finding => !isTold(finding)), ...buckets, ...clocks, ...settings]
}

/** Those that are used: their API servers, the rights that are needed there, and a ready pod behind each Service. */
async function examineClusters(
  target: Target,
  services: readonly UsedService[],
  signal: AbortSignal,
): Promise<Finding[]> {
  const rights = rightsNeeded(target, services)
  const used = target.clusters.filter(({ name }) => rights.some(({ cluster }) => cluster === name))
  const found = await Promise.all(
    used.map(async cluster => {
      const about = `cluster ${cluster.name}`
      const client = KubernetesClient.of(cluster)
      const limit = AbortSignal.any([signal, AbortSignal.timeout(lookMs)])
      try {
        const { value } = await client.ask('version', limit, ({ version }, given) => version.getCode(given))
        const granted = await checkRights(rights, cluster, client, limit)
        const own = services.filter(service => service.cluster === cluster.name)
        const ready = await Promise.all(own.map(service => examineService(about, client, service, limit)))
        return [{ about, what: `answers, version ${value.gitVersion}` }, ...granted, ...ready]
      } catch (error) {
        signal.throwIfAborted()
        const advice = 'correct kubeconfig, context or impersonate under clusters, or start the cluster'
        return [{ about, what: 'answers', problem: describeError(error), advice }]
      }
    }),
  )
  return found.flat()
}

async function examineService(
  about: string,
  client: KubernetesClient,
  service: UsedService,
  signal: AbortSignal,
): Promise<Finding> {
  const what = `service/${service.namespace}/${service.name}:${service.port} has a ready pod (${service.owner})`
  try {
    await readyEndpoint(client, service, signal)
    return { about, what }
  } catch (error) {
    const advice = 'correct its name, namespace or port in the target, or look why its pods are not ready'
    return { about, what, problem: describeError(error), advice }
  }
}

async function examineSystems(target: Target, signal: AbortSignal): Promise<Finding[]> {
  const { versions, problems } = await checkTarget(target, systemNames, signal)
  const sound = Object.entries(versions).filter(([name]) => !problems.some(({ system }) => system === name))
  return [
    ...sound.map(([about, version]) => ({ about, what: `answers, version ${version}` })),
    ...problems.map(({ system, address, cause, advice }) => ({
      about: system,
      what: 'can be used',
      problem: `${address}: ${cause}`,
      advice,
    })),
  ]
}

async function examineBuckets(target: Target, signal: AbortSignal): Promise<Finding[]> {
  const { s3, systems } = target
  const names = [...new Set(storingSystemNames.flatMap(name => systems[name]?.bucket ?? []))]
  if (names.length === 0) return []
  if (s3 === undefined) {
    const problem = `the target has no s3, so nothing can be said of ${names.join(' and ')}`
    return [{ about: 'object storage', what: 'is known', problem, advice: 'add s3 to the target file' }]
  }
  return await Promise.all(names.map(name => checkBucket(s3, name, signal)))
}

async function examineClocks(target: Target, signal: AbortSignal): Promise<Finding[]> {
  const apart = await clocksApart(target, AbortSignal.any([signal, AbortSignal.timeout(lookMs)]))
  const what = 'are less than a minute apart from the one here'
  if (apart.length === 0) return [{ about: 'clocks', what }]
  return apart.map(({ place, ms }) => ({
    about: 'clocks',
    what,
    problem: `${place}: ${formatDuration(ms)} apart`,
    advice: 'set it right (NTP), here or there: deadlines and log times cannot be compared',
  }))
}

/** What the settings of systems make impossible. */
async function examineSettings({ systems }: Target, signal: AbortSignal): Promise<Finding[]> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(lookMs)])
  const { tempo, prometheus } = systems
  const discovery = prometheus?.discovery
  const found = await Promise.all([
    tempo !== undefined &&
      whenTold('tempo', '/status/config', signal, async () =>
        impossibleForTempo((await new Tempo(tempo).configuration(limit)).value),
      ),
    prometheus !== undefined &&
      discovery !== undefined &&
      whenTold('prometheus', '/api/v1/status/config', signal, async () => [
        discoveryFinding(discovery, (await new Prometheus(prometheus).configuration(limit)).value),
      ]),
  ])
  return found.flatMap(findings => findings || [])
}

async function whenTold(
  about: SystemName,
  path: string,
  signal: AbortSignal,
  examine: () => Promise<Finding[]>,
): Promise<Finding[]> {
  try {
    return await examine()
  } catch (error) {
    signal.throwIfAborted()
    const advice = `let the suite ask ${path}; without it, its settings are not looked at`
    return [{ about, what: 'tells its configuration', problem: describeError(error), advice }]
  }
}
