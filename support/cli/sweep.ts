import { resolve } from 'node:path'
import { KubernetesClient } from '../drivers/kubernetes-client.ts'
import { type LeftNamespace, leftNamespaces, removeLeftNamespace } from '../drivers/kubernetes-scratch.ts'
import { formatDuration, parseDuration } from '../duration.ts'
import { describeError, UsageError } from '../errors.ts'
import { endOrphans } from '../lab/orphans.ts'
import { readTarget } from '../target/load.ts'
import type { Cluster } from '../target/target.ts'
import { exitCodes, runCommand } from './command.ts'
import { sweepLeftovers } from './sweeping.ts'

const help = `Cleans up after runs that were killed: ends servers of their labs, deletes the labs' folders, and undoes what
the runs had changed in systems (a storage user that is still disabled).

  npm run sweep
  npm run sweep -- --target home.yaml                       also lists what runs left in the target's clusters
  npm run sweep -- --target home.yaml --older-than 2h --yes and removes it

  --target FILE        whose clusters are looked at: namespaces with the label acceptance.observability/run
  --older-than AGE     only what is older; default 1h, longer than a run takes
  --yes                removes what was listed; nothing without the label is ever touched
  --help               this text

The environment variables that the target files of those runs name must be set. Every run of npm run accept does this too, but
for what lies in clusters. Traces and samples stay until the systems' own retention removes them.
Exit codes: 0 all is clean or was listed, 2 wrong usage, 3 something could not be looked at, removed or undone.`

const options = {
  target: { type: 'string' },
  'older-than': { type: 'string', default: '1h' },
  yes: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const

const lookMs = 15_000
let told = 0

function tell(line: string): void {
  told += 1
  process.stdout.write(`${line}\n`)
}

await runCommand({ options, help }, async asked => {
  const olderThanMs = readAge(asked['older-than'])
  if (asked.yes && asked.target === undefined)
    throw new UsageError('--yes removes what is in clusters: name a --target')
  const clusters = asked.target === undefined ? [] : clustersOf(resolve(asked.target))
  await endOrphans(tell)
  const { failed } = await sweepLeftovers(process.env, tell)
  let unclean = failed.length
  for (const cluster of clusters) {
    try {
      await sweepCluster(cluster, { olderThanMs, yes: asked.yes })
    } catch (error) {
      tell(`cluster ${cluster.name} could not be swept: ${describeError(error)}`)
      unclean += 1
    }
  }
  if (told === 0) tell('nothing is left of earlier runs')
  return unclean === 0 ? exitCodes.satisfied : exitCodes.undetermined
})

/** Those in which scenarios make namespaces: none where Kubernetes is not under test. */
function clustersOf(targetFile: string): readonly Cluster[] {
  const { systems, clusters } = readTarget(targetFile, process.env).target
  return systems.kubernetes === undefined ? [] : clusters
}

/** @throws UsageError for what is no age */
function readAge(text: string): number {
  try {
    return parseDuration(text)
  } catch (error) {
    throw new UsageError(`--older-than: ${describeError(error)}`)
  }
}

async function sweepCluster(
  cluster: Cluster,
  { olderThanMs, yes }: { readonly olderThanMs: number; readonly yes: boolean },
): Promise<void> {
  const client = KubernetesClient.of(cluster)
  const all = await leftNamespaces(client, AbortSignal.timeout(lookMs))
  const ageOf = ({ createdAt }: LeftNamespace) => Date.now() - createdAt.getTime()
  const left = all.filter(each => !each.leaving && ageOf(each) > olderThanMs)
  for (const each of left) {
    const what = `namespace ${each.name} of cluster ${cluster.name}, left by run ${each.run}, ${formatDuration(ageOf(each))} old`
    if (yes) await removeLeftNamespace(client, each.name, AbortSignal.timeout(lookMs))
    tell(yes ? `removed: ${what}` : `found: ${what}; --yes removes it`)
  }
}
