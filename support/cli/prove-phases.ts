import { join } from 'node:path'
import { anyWindow } from '../deadlines.ts'
import type { Fault } from '../faults/fault.ts'
import type { GeneratedFault } from '../faults/generate.ts'
import type { Control } from '../proofs/entries.ts'
import { describeSeen, judgeRun, type SeenRequirement } from '../proofs/judge.ts'
import { scaledLengths, shortestWindowMs } from '../proofs/lengths.ts'
import type { Injection } from '../proofs/plan.ts'
import type { Pair } from '../proofs/proof.ts'
import type { ScenarioText } from '../proofs/scenario-texts.ts'
import { type MeasuredWait, readWaits } from '../proofs/waits.ts'
import type { ProveProgress } from './prove-progress.ts'
import { spread } from './prove-work.ts'
import type { ProvingPlace } from './proving-place.ts'

/** What all phases work with. */
export interface Bench {
  readonly labs: readonly ProvingPlace[]
  readonly scenarios: readonly ScenarioText[]
  /** To write to. */
  readonly folder: string
  readonly progress: ProveProgress
}

/** With their own deadlines scenarios take minutes; what takes longer hangs. */
const longestMeasureMs = 20 * 60_000
/** What a run needs besides its waits. */
const restMs = 120_000

/** A lab that has seen many runs holds their blocks, and answers more slowly; what stuck to it would not be gone then either. */
const timesOfLastControl = 6

type Controls = ReadonlyMap<string, Control>

/** What all runs without a fault have measured so far; whoever waits longer under a fault than ever without one is late. */
export function measuredWaits(bench: Pick<Bench, 'folder'>): ReadonlyMap<string, MeasuredWait> {
  return readWaits(parts.map(part => waitsFile(bench, part)))
}

/**
 * Runs scenarios without a fault, and measures how long each wait takes. They are as they are, but for windows in which
 * something must stay true, where those need not be whole.
 */
export async function measure(bench: Bench, ids: readonly string[], wholeWindows: boolean): Promise<Controls> {
  return await runWithoutFault(bench, ids, (lab, requirements, part) =>
    lab.run({
      ...orderOf(bench, requirements),
      waitsFile: waitsFile(bench, part),
      ...(wholeWindows ? {} : { lengths: { [anyWindow]: shortestWindowMs } }),
      limitMs: longestMeasureMs,
    }),
  )
}

/** Runs scenarios with short deadlines, without a fault, and measures them too. */
export async function control(bench: Bench, ids: readonly string[], times?: number): Promise<Controls> {
  const lengths = scaledLengths(measuredWaits(bench).values(), times === undefined ? {} : { times })
  return await runWithoutFault(bench, ids, (lab, requirements, part) =>
    lab.run({
      ...orderOf(bench, requirements),
      waitsFile: waitsFile(bench, part),
      lengths,
      limitMs: limitOf(lengths, requirements),
    }),
  )
}

/**
 * A short control on each lab, one after the other, which shows whether something of a fault has stuck to it; what is red
 * then is controlled once more.
 */
export async function controlLabs(bench: Bench, ids: readonly string[]): Promise<Controls[]> {
  const short = ids.filter(id =>
    bench.scenarios.every(each => each.requirement !== id || !(each.disruptive || each.slow)),
  )
  if (short.length === 0) return []
  const all: Controls[] = []
  for (const lab of bench.labs) {
    // A log of the start that tells of the last scenario's disruption would be no trace of a fault.
    await lab.restartServers()
    const alone = { ...bench, labs: [lab] }
    const first = await control(alone, short, timesOfLastControl)
    const red = short.filter(id => first.get(id)?.state === 'red')
    all.push(red.length === 0 ? first : new Map([...first, ...(await control(alone, red, timesOfLastControl))]))
  }
  return all
}

type AnyInjection = Injection<Fault & Partial<Pick<GeneratedFault, 'lengths' | 'slackMs'>>>

/**
 * Brings faults about, one after the other on each lab, and tells of each pair as soon as it is decided. Labs side by side
 * share the processors, and deadlines are short: what is not as it should be is looked at once more when the others are
 * done, alone and on a fresh lab, and is then what it is.
 */
export async function inject(
  bench: Bench,
  injections: readonly AnyInjection[],
  waits: ReadonlyMap<string, MeasuredWait>,
  onPairs: (pairs: readonly Pair[], injection: AnyInjection) => void,
): Promise<void> {
  const { labs, progress } = bench
  const doubtful: { readonly injection: AnyInjection; readonly first: string }[] = []
  let begun = 0
  await spread(labs, injections, async (lab, injection, number) => {
    begun += 1
    progress.head = `${begun} of ${injections.length} faults`
    progress.begin(number, injection.fault.id)
    const pairs = await injectOnce(bench, lab, injection, waits)
    progress.end(number)
    const bad = pairs.find(isBad)
    if (bad === undefined) return onPairs(pairs, injection)
    doubtful.push({ injection, first: `${bad.outcome}: ${bad.text}` })
  })
  for (const [index, { injection, first }] of doubtful.entries()) {
    const [lab] = labs
    if (lab === undefined) return
    progress.head = `${index + 1} of ${doubtful.length} once more, alone`
    progress.begin(0, injection.fault.id)
    await lab.renew()
    const pairs = await injectOnce(bench, lab, injection, waits)
    progress.end(0)
    onPairs(
      pairs.map(pair => ({ ...pair, first })),
      injection,
    )
  }
}

async function injectOnce(
  bench: Bench,
  lab: ProvingPlace,
  { fault, touched, left }: AnyInjection,
  waits: ReadonlyMap<string, MeasuredWait>,
): Promise<Pair[]> {
  const ids = [...new Set([...touched, ...left])]
  const { slow: wholeWindows, slackMs = 0 } = fault
  const green = new Set([...left, ...fault.mends])
  const lengths = { ...scaledLengths(waits.values(), { wholeWindows, slackMs, green }), ...fault.lengths }
  const run = await lab.runUnder(fault, { ...orderOf(bench, ids), lengths, limitMs: limitOf(lengths, ids) })
  return judgeRun(fault, new Set(ids), run)
}

function isBad({ outcome }: Pair): boolean {
  return outcome !== 'noticed' && outcome !== 'green'
}

/** Those that disrupt take longest and begin first. */
const parts = ['disruptive', 'calm'] as const
type Part = (typeof parts)[number]

function waitsFile({ folder }: Pick<Bench, 'folder'>, part: Part): string {
  return join(folder, `waits-${part}.ndjson`)
}

type RunPart = (
  lab: ProvingPlace,
  requirements: readonly string[],
  part: Part,
) => Promise<{ readonly requirements: readonly SeenRequirement[]; readonly failure?: string }>

/** Scenarios that disrupt never overlap with others, so they have a lab of their own where there are two. */
async function runWithoutFault(
  { labs, scenarios, progress }: Bench,
  ids: readonly string[],
  run: RunPart,
): Promise<Map<string, Control>> {
  const disruptive = new Set(scenarios.filter(each => each.disruptive).map(({ requirement }) => requirement))
  const tasks = parts
    .map(part => ({ part, own: ids.filter(id => disruptive.has(id) === (part === 'disruptive')) }))
    .filter(({ own }) => own.length > 0)
  const controls = new Map<string, Control>()
  await spread(labs, tasks, async (lab, { part, own }, number) => {
    progress.head = 'without a fault'
    progress.begin(number, `${own.length} requirements`)
    const { requirements, failure } = await run(lab, own, part)
    progress.end(number)
    for (const id of own)
      controls.set(
        id,
        controlOf(
          requirements.find(each => each.id === id),
          failure,
        ),
      )
  })
  return controls
}

function controlOf(seen: SeenRequirement | undefined, failure: string | undefined): Control {
  if (failure !== undefined || seen === undefined)
    return { state: 'red', cause: failure ?? 'the run says nothing of it' }
  if (seen.verdict === 'satisfied') return { state: 'green' }
  if (seen.verdict === 'not applicable') return { state: 'not applicable', cause: describeSeen(seen) }
  return seen.accepted ? { state: 'accepted' } : { state: 'red', cause: describeSeen(seen) }
}

function orderOf({ scenarios }: Bench, requirements: readonly string[]) {
  return { requirements, scenarios: scenarios.filter(each => requirements.includes(each.requirement)).length }
}

/** Everything that the scenarios of these requirements may wait for, one after the other. */
function limitOf(lengths: Readonly<Record<string, number>>, ids: readonly string[]): number {
  return Object.entries(lengths).reduce((total, [key, ms]) => {
    // Preparations are not told apart by requirement.
    const [id, ...more] = key.split(' | ')
    return more.length > 0 && !ids.includes(id ?? '') ? total : total + ms
  }, restMs)
}
