import dns from 'node:dns'
import { isIP } from 'node:net'

/**
 * Lets this process reach Services of a cluster by their own names through forwards on this machine: whoever asks for
 * `tempo.monitoring.svc` is told 127.0.0.1. So addresses, signatures and certificates are those that hold in the cluster.
 * Node's own `lookup` is replaced, as HTTP, gRPC and S3 clients all ask it.
 */

const forwarded = new Set<string>()
const local = '127.0.0.1'
let replaced = false

/** From now on these names lead to this machine; as hosts, without a port. */
export function answerLocally(names: Iterable<string>): void {
  for (const name of names) forwarded.add(name)
  if (replaced || forwarded.size === 0) return
  replaced = true
  const { lookup } = dns
  const { lookup: lookupPromise } = dns.promises
  const ours = ((name: string, options: unknown, callback: unknown) => {
    const answer = (typeof options === 'function' ? options : callback) as (...of: unknown[]) => void
    const given = (typeof options === 'object' && options !== null ? options : {}) as { all?: boolean }
    if (isIP(name) !== 0 || !forwarded.has(name)) return lookup(name, given as dns.LookupAllOptions, answer)
    process.nextTick(() => (given.all ? answer(null, [{ address: local, family: 4 }]) : answer(null, local, 4)))
  }) as typeof dns.lookup
  const oursPromise = (async (name: string, options?: dns.LookupOptions) => {
    if (!forwarded.has(name)) return await lookupPromise(name, options ?? {})
    return options?.all ? [{ address: local, family: 4 }] : { address: local, family: 4 }
  }) as typeof dns.promises.lookup
  Object.assign(dns, { lookup: ours })
  Object.assign(dns.promises, { lookup: oursPromise })
}
