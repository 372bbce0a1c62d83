import { readFileSync } from 'node:fs'
import { bootCluster, isUp, removeCluster } from '../cluster/cluster.ts'
import { adminKubeconfig, kubectl } from '../cluster/kubectl.ts'
import { clusterPlace } from '../cluster/place.ts'
import { EnvironmentError, UsageError } from '../errors.ts'
import { findProgram } from '../lab/program.ts'
import { exitCodes, nearestWords, runCommand } from './command.ts'
import { LabProgressPrinter } from './lab-progress.ts'
import { ownSignals } from './signals.ts'

const help = `A real Kubernetes of one node on this machine, in namespaces of its own; it goes on running in the background.

  npm run cluster -- up          boots it; a second time it does nothing
  npm run cluster -- status      tells whether it runs, and how its node and its pods are
  npm run cluster -- kubeconfig  prints the kubeconfig by which it is administered
  npm run cluster -- down        ends it and removes all that it made: processes, mounts, network, cgroups, data

  --help    this text

Linux, as root, with Debian's containerd, runc, containernetworking-plugins, iptables, iproute2 and busybox-static; what is
missing is told. Its other programs are built with Go once. There is no NetworkPolicy in it.
Exit codes: 0 done, and for status: it runs; 2 the request cannot be met, 3 it could not be done, or for status: it does not
run, 130 interrupted.`

const options = { help: { type: 'boolean', short: 'h', default: false } } as const
const tell = (line: string): void => void process.stderr.write(`${line}\n`)

const actions: Record<string, (signal: AbortSignal) => Promise<number>> = {
  up: async signal => {
    using progress = new LabProgressPrinter(process.stderr)
    const startedAt = performance.now()
    const place = await bootCluster({ signal, onProgress: event => progress.print(event) })
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1)
    tell(`the cluster is up (${seconds} s): export KUBECONFIG=${adminKubeconfig(place)}`)
    return exitCodes.satisfied
  },
  down: async () => {
    tell((await removeCluster()) ? 'the cluster has ended, and nothing of it is left' : 'there was no cluster')
    return exitCodes.satisfied
  },
  status: async signal => {
    if (!isUp()) {
      process.stdout.write('the cluster does not run\n')
      return exitCodes.undetermined
    }
    const { path } = await findProgram('kubectl', { signal, onProgress: () => undefined })
    const control = kubectl(path, clusterPlace(), signal)
    process.stdout.write(await control('get', 'nodes', '--output=wide'))
    process.stdout.write(`\n${await control('get', 'pods', '--all-namespaces')}`)
    return exitCodes.satisfied
  },
  kubeconfig: async () => {
    if (!isUp()) throw new EnvironmentError('the cluster does not run: npm run cluster -- up')
    process.stdout.write(readFileSync(adminKubeconfig(clusterPlace()), 'utf8'))
    return exitCodes.satisfied
  },
}

await runCommand({ options, help, takes: 'FILE' }, async asked => {
  const [name = '', ...more] = asked.positionals
  const action = actions[name]
  if (action === undefined || more.length > 0) {
    const nearest = nearestWords(name, Object.keys(actions))[0]
    const hint = nearest === undefined ? '' : ` (did you mean ${nearest}?)`
    throw new UsageError(`expected one of ${Object.keys(actions).join(', ')}${hint}\n\n${help}`)
  }
  using signals = ownSignals()
  try {
    return await action(signals.signal)
  } catch (error) {
    if (!signals.signal.aborted) throw error
    tell('interrupted; what has begun goes on, and npm run cluster -- down ends it')
    return exitCodes.interrupted
  }
})
