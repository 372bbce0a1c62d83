import type { Fault } from '../faults/fault.ts'
import { type GeneratedFault, generateFaults } from '../faults/generate.ts'
import type { Control } from '../proofs/entries.ts'
import { figuresOf, isEvidence } from '../proofs/figures.ts'
import { touchedBy } from '../proofs/judge.ts'
import { type Injection, planInjections } from '../proofs/plan.ts'
import type { Pair } from '../proofs/proof.ts'
import { type ProofsFile, readProofs } from '../proofs/proofs-file.ts'
import { factsOf, type MeasuredWait } from '../proofs/waits.ts'
import { renderPair, renderProofReport } from '../report/proof-report.ts'
import { type Style, styleOf } from '../report/style.ts'
import { redact } from '../secret.ts'
import { exitCodes } from './command.ts'
import type { ProveOrder } from './prove-order.ts'
import { type Bench, control, controlLabs, inject, measure, measuredWaits } from './prove-phases.ts'
import { type Found, record } from './prove-record.ts'
import { assertMade } from './prove-selection.ts'

type AnyInjection = Injection<Fault | GeneratedFault>

/** Measures, controls, brings the faults about, controls again, writes what was found, also when it is interrupted. Returns the exit code. */
export async function prove(bench: Bench, order: ProveOrder): Promise<number> {
  const { progress } = bench
  const startedAt = new Date()
  const style = styleOf(process.stdout)
  // Only a terminal has lines that are cut off; a log is read for what it says.
  const lines = process.stdout.isTTY ? style : { ...style, width: Number.POSITIVE_INFINITY }
  const left = order.named.flatMap(each => each.left)
  const everyone = [...new Set([...order.requirements, ...left, ...leftByGeneric(order)])].filter(id =>
    order.possible.has(id),
  )
  progress.tell(`measuring ${everyone.length} requirements without a fault`)
  const measured = await measure(bench, everyone, !order.quick)
  const sound = everyone.filter(id => isSound(measured.get(id)))
  progress.tell(`controlling ${sound.length} with short deadlines`)
  const controls = sound.length === 0 ? new Map<string, Control>() : await controlled(bench, sound, !order.quick)
  const steady = new Set(sound.filter(id => isSound(controls.get(id))))
  const waits = measuredWaits(bench)

  const { generated, missing } = generate(order, waits)
  const injections = planned(order, generated, steady)
  const columns = Math.max(0, ...injections.map(({ fault }) => fault.id.length))
  const pairs: Pair[] = alarmsOf(controls, 'control')
  const show = (found: readonly Pair[], fault?: Fault) => {
    for (const pair of found) {
      if (isEvidence(pair, fault)) progress.print(redact(renderPair(pair, columns, lines)))
    }
  }
  show(pairs)
  const found: Found = {
    startedAt,
    pairs,
    faults: [...order.catalogue.faults, ...generated],
    controls: new Map([...measured, ...controls]),
  }
  const decided = (more: readonly Pair[], fault?: Fault) => {
    pairs.push(...more)
    show(more, fault)
  }
  try {
    const sorted = longestFirst(injections, readProofs(order.reports))
    await inject(bench, sorted, waits, (more, { fault }) => decided(more, fault))
    for (const each of await controlLabs(bench, [...steady])) decided(alarmsOf(each, 'last control'))
  } catch (error) {
    // What took an hour is not lost with what was to come.
    if (pairs.length > 0) progress.tell(`written, as far as it went: ${record(bench, order, found).file}`)
    throw error
  }
  return conclude(bench, order, found, missing, style)
}

/**
 * Controls requirements with short deadlines. One measurement may have been lucky: what is red is measured once more, its
 * deadlines are made of the longer of both times, and it is controlled again; who is red then stays so.
 */
async function controlled(
  bench: Bench,
  ids: readonly string[],
  wholeWindows: boolean,
): Promise<ReadonlyMap<string, Control>> {
  const controls = await control(bench, ids)
  const shaky = ids.filter(id => controls.get(id)?.state === 'red')
  if (shaky.length === 0) return controls
  bench.progress.tell(`measuring ${shaky.length} of them again, whose deadlines were too short: ${shaky.join(', ')}`)
  await measure(bench, shaky, wholeWindows)
  return new Map([...controls, ...(await control(bench, shaky))])
}

function conclude(bench: Bench, order: ProveOrder, found: Found, missing: readonly string[], style: Style): number {
  const { pairs, controls } = found
  const written = record(bench, order, found)
  bench.progress[Symbol.dispose]()
  bench.progress.print(redact(`\n${renderProofReport({ pairs, missing, ...written }, style)}`))
  const { injected, noticed, falseAlarms } = figuresOf(pairs)
  if (noticed < injected || falseAlarms.length > 0) return exitCodes.violated
  const lost = pairs.some(({ outcome }) => outcome === 'not injected')
  const red = order.requirements.some(id => (controls.get(id)?.state ?? 'red') === 'red')
  return lost || red ? exitCodes.undetermined : exitCodes.satisfied
}

/** The faults that follow from what was measured, of those that are wanted. */
function generate(
  { generic, requirements, askedFaults }: ProveOrder,
  waits: ReadonlyMap<string, MeasuredWait>,
): { generated: readonly GeneratedFault[]; missing: readonly string[] } {
  if (generic.length === 0) return { generated: [], missing: [] }
  const { faults, missing } = generateFaults(generic, factsOf(waits.values(), new Set(requirements)))
  assertMade(
    [...(askedFaults ?? [])],
    faults.map(({ id }) => id),
  )
  return { generated: faults, missing: askedFaults === undefined ? missing : [] }
}

function leftByGeneric({ generic, askedFaults }: ProveOrder): string[] {
  if (askedFaults !== undefined && ![...askedFaults].some(id => id.includes('/'))) return []
  return generic.flatMap(({ leaves }) => leaves)
}

/** Only what is green without a fault can prove anything under one. */
function planned(
  { named, askedFaults, requirements }: ProveOrder,
  generated: readonly GeneratedFault[],
  steady: ReadonlySet<string>,
): AnyInjection[] {
  const wanted = { requirements: new Set(requirements), faults: askedFaults }
  return [...named, ...planInjections(generated, wanted)].flatMap((injection: AnyInjection) => {
    const touched = injection.touched.filter(id => steady.has(id))
    const left = injection.left.filter(id => steady.has(id))
    const concerns = touchedBy(injection.fault).length > 0 ? touched : left
    return concerns.length === 0 ? [] : [{ ...injection, touched, left }]
  })
}

/** What took long the last time begins first, and before it what nobody has seen yet. */
function longestFirst(injections: readonly AnyInjection[], before: ProofsFile | undefined): AnyInjection[] {
  const took = new Map(
    (before?.requirements ?? []).flatMap(({ faults }) => faults.map(each => [each.fault, each.tookMs])),
  )
  const expected = ({ fault }: AnyInjection) => (fault.slow ? Infinity : (took.get(fault.id) ?? Number.MAX_VALUE))
  return injections.toSorted((a, b) => (expected(a) < expected(b) ? 1 : expected(a) > expected(b) ? -1 : 0))
}

/** A control that is red, told like a fault that nobody brought about. */
function alarmsOf(controls: ReadonlyMap<string, Control>, fault: string): Pair[] {
  return [...controls].flatMap(([requirement, { state, cause = '' }]) =>
    state === 'red' ? [{ fault, requirement, outcome: 'false alarm' as const, text: cause, tookMs: 0 }] : [],
  )
}

function isSound(control: Control | undefined): boolean {
  return control?.state === 'green' || control?.state === 'accepted'
}
