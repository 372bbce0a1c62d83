import type { Figure } from './figure.ts'
import { median } from './median.ts'
import { Load, type StorageClientOptions, type Way } from './proxy-load.ts'

/** The same servers by two ways. */
export interface ProxiedServers {
  readonly direct: Way
  readonly through: Way
  readonly storage: StorageClientOptions
  /** From now on the proxy looks at what passes, and changes nothing. */
  watch(): Promise<void>
}

const asks = 400
const pushes = 200
const rounds = 7
const roundMs = 400
const mostAddedMs = 1
const leastShare = 0.8

/** Medians of one run; milliseconds, requests a second, bytes a second. */
interface Seen {
  readonly ready: number
  readonly push: number
  readonly requestRate: number
  readonly readRate: number
}

interface Comparison {
  readonly direct: Seen
  readonly through: Seen
  /** Medians of what was measured one right after the other; other users of the machine strike both alike. */
  readonly requestShare: number
  readonly readShare: number
}

/** What it costs that a proxy stands before a port: with no rule, and, told beside it, with one that is never struck. */
export async function measureProxy(servers: ProxiedServers, signal: AbortSignal): Promise<Figure[]> {
  const unopened = await compare(servers, signal)
  await servers.watch()
  const watched = await compare(servers, signal)
  const added = (what: 'ready' | 'push', { direct, through }: Comparison) => through[what] - direct[what]
  const delay = (what: 'ready' | 'push', name: string, of: string): Figure => ({
    name: `${name}, added by the proxy`,
    measured: added(what, unopened),
    unit: 'ms',
    limit: 'at most',
    bound: mostAddedMs,
    note: `medians of ${of}: ${milliseconds(unopened.direct[what])} directly, ${milliseconds(unopened.through[what])} through it; with an idle rule ${milliseconds(added(what, watched))} are added`,
  })
  const throughput = (name: string, share: keyof Comparison & `${string}Share`, directly: string): Figure => ({
    name: `${name} through the proxy`,
    measured: Number(unopened[share]),
    unit: 'share',
    limit: 'at least',
    bound: leastShare,
    note: `of ${directly} directly; median of ${rounds} pairs; with an idle rule ${percent(Number(watched[share]))}`,
  })
  const { requestRate, readRate } = unopened.direct
  return [
    delay('ready', 'GET /ready', `${asks} each`),
    delay('push', 'a push over gRPC', `${pushes} each`),
    throughput('requests', 'requestShare', `${Math.round(requestRate)} a second over 8 connections`),
    throughput('bytes of an object', 'readShare', `${Math.round(readRate / 1e6)} MB a second`),
  ]
}

async function compare({ direct, through, storage }: ProxiedServers, signal: AbortSignal): Promise<Comparison> {
  await using itself = await Load.open(direct, storage, signal)
  await using proxied = await Load.open(through, storage, signal)
  for (let warmUp = 0; warmUp < 20; warmUp += 1) for (const load of [itself, proxied]) await askAll(load)
  const ready = await inTurn([itself, proxied], asks, load => load.askReady())
  const push = await inTurn([itself, proxied], pushes, load => load.push())
  const requestRate = await inTurn([itself, proxied], rounds, load => load.requestRate(roundMs))
  const readRate = await inTurn([itself, proxied], rounds, load => load.readRate())
  const seen = (way: 0 | 1): Seen => ({
    ready: median(ready[way]),
    push: median(push[way]),
    requestRate: median(requestRate[way]),
    readRate: median(readRate[way]),
  })
  return {
    direct: seen(0),
    through: seen(1),
    requestShare: medianShare(requestRate),
    readShare: medianShare(readRate),
  }
}

async function askAll(load: Load): Promise<void> {
  await load.askReady()
  await load.push()
}

type Pair = readonly [Load, Load]
type Measured = readonly [direct: number[], through: number[]]

/** One after the other, and the other first every second time. */
async function inTurn(loads: Pair, times: number, measure: (load: Load) => Promise<number>): Promise<Measured> {
  const measured: Measured = [[], []]
  for (let time = 0; time < times; time += 1) {
    for (const way of time % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
      measured[way].push(await measure(loads[way]))
    }
  }
  return measured
}

function medianShare([direct, through]: Measured): number {
  return median(through.map((rate, pair) => rate / (direct[pair] ?? Number.NaN)))
}

function milliseconds(value: number): string {
  return `${value.toFixed(2)} ms`
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}
