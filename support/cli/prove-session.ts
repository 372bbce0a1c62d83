import { relative } from 'node:path'
import type { Catalogue } from '../faults/catalogue.ts'
import type { Fault } from '../faults/fault.ts'
import { type GeneratedFault, generateFaults } from '../faults/generate.ts'
import type { Generic } from '../faults/generic.ts'
import { type Control, entriesOf } from '../proofs/entries.ts'
import { figuresOf, isEvidence } from '../proofs/figures.ts'
import { hashesOf } from '../proofs/hash.ts'
import { touchedBy } from '../proofs/judge.ts'
import { type Injection, planInjections } from '../proofs/plan.ts'
import type { Pair } from '../proofs/proof.ts'
import { mergeProofs, type ProofsFile, readProofs, writeProofs } from '../proofs/proofs-file.ts'
import { settle } from '../proofs/settle.ts'
import type { Unprovable } from '../proofs/uncovered.ts'
import { factsOf, type MeasuredWait } from '../proofs/waits.ts'
import { renderPair, renderProofReport } from '../report/proof-report.ts'
import { type Style, styleOf } from '../report/style.ts'
import type { Registry } from '../requirements/registry.ts'
import { redact } from '../secret.ts'
import { exitCodes } from './command.ts'
import { type Bench, control, controlLabs, inject, measure, measuredWaits } from './prove-phases.ts'
import { assertMade } from './prove-selection.ts'

/** What is to be proven, and with what. */
export interface ProveOrder {
  readonly requirements: readonly string[]
  /** The faults of the file that are brought about. */
  readonly named: readonly Injection[]
  /** Ids that were asked for; undefined: all. */
  readonly askedFaults: ReadonlySet<string> | undefined
  /** Of which faults are made once it is measured what the scenarios ask. */
  readonly generic: readonly Generic[]
  readonly unprovable: readonly Unprovable[]
  readonly catalogue: Catalogue
  readonly registry: Pick<Registry, 'byId'>
  readonly scenarios: Bench['scenarios']
  /** Folder, absolute. */
  readonly reports: string
}

type AnyInjection = Injection<Fault | GeneratedFault>

/** Measures, controls, brings the faults about, controls again, writes what was found. Returns the exit code. */
export async function prove(bench: Bench, order: ProveOrder): Promise<number> {
  const { progress } = bench
  const startedAt = new Date()
  const style = styleOf(process.stdout)
  const left = order.named.flatMap(each => each.left)
  const everyone = [...new Set([...order.requirements, ...left, ...leftByGeneric(order)])].filter(id =>
    bench.scenarios.some(({ requirement }) => requirement === id),
  )
  progress.tell(`measuring ${everyone.length} requirements without a fault`)
  const measured = await measure(bench, everyone)
  const sound = everyone.filter(id => isSound(measured.get(id)))
  progress.tell(`controlling ${sound.length} with short deadlines`)
  const controls = sound.length === 0 ? new Map<string, Control>() : await controlled(bench, sound)
  const steady = new Set(sound.filter(id => isSound(controls.get(id))))
  const waits = measuredWaits(bench)

  const { generated, missing } = generate(order, waits)
  const injections = planned(order, generated, steady)
  const columns = Math.max(0, ...injections.map(({ fault }) => fault.id.length))
  const faults: readonly Fault[] = [...order.catalogue.faults, ...generated]
  const pairs: Pair[] = alarmsOf(controls, 'control')
  const show = (found: readonly Pair[], fault?: Fault) => {
    for (const pair of found) {
      if (isEvidence(pair, fault)) progress.print(redact(renderPair(pair, columns, style)))
    }
  }
  show(pairs)
  const sorted = longestFirst(injections, readProofs(order.reports))
  pairs.push(...(await inject(bench, sorted, waits, (found, { fault }) => show(found, fault))))
  const last = (await controlLabs(bench, [...steady])).flatMap(each => alarmsOf(each, 'last control'))
  show(last)
  pairs.push(...last)

  return conclude(bench, order, {
    startedAt,
    pairs,
    faults,
    missing,
    controls: new Map([...measured, ...controls].map(([id, state]) => [id, worse(measured.get(id), state)])),
    style,
  })
}

/**
 * Controls requirements with short deadlines. One measurement may have been lucky: what is red is measured once more, its
 * deadlines are made of the longer of both times, and it is controlled again; who is red then stays so.
 */
async function controlled(bench: Bench, ids: readonly string[]): Promise<ReadonlyMap<string, Control>> {
  const controls = await control(bench, ids)
  const shaky = ids.filter(id => !isSound(controls.get(id)))
  if (shaky.length === 0) return controls
  bench.progress.tell(`measuring ${shaky.length} of them again, whose deadlines were too short: ${shaky.join(', ')}`)
  await measure(bench, shaky)
  return new Map([...controls, ...(await control(bench, shaky))])
}

interface Found {
  readonly startedAt: Date
  readonly pairs: readonly Pair[]
  readonly faults: readonly Fault[]
  readonly missing: readonly string[]
  readonly controls: ReadonlyMap<string, Control>
  readonly style: Style
}

function conclude(bench: Bench, order: ProveOrder, found: Found): number {
  const { startedAt, pairs, faults, missing, controls, style } = found
  const { requirements, unprovable, registry, reports, scenarios } = order
  const when = startedAt.toISOString()
  const wallMs = Date.now() - startedAt.getTime()
  const hashes = hashesOf(registry, scenarios)
  const { injected, noticed, falseAlarms } = figuresOf(pairs)
  const newer: ProofsFile = {
    schemaVersion: 1,
    when,
    versions: { ...bench.labs[0]?.versions },
    wallMs,
    injected,
    noticed,
    falseAlarms: falseAlarms.map(({ fault, requirement, text }) => ({ fault, requirement, text })),
    requirements: entriesOf({ requirements, hashes, controls, faults, pairs, unprovable, when }),
  }
  const known = new Set(faults.map(({ id }) => id))
  const merged = mergeProofs(readProofs(reports), newer, settle, id => {
    return known.has(id) || (order.generic.length === 0 && id.includes('/'))
  })
  const file = relative(process.cwd(), writeProofs(reports, merged))
  const own = new Set(newer.requirements.map(({ id }) => id))
  const entries = merged.requirements.filter(({ id }) => own.has(id))
  bench.progress[Symbol.dispose]()
  process.stdout.write(redact(`\n${renderProofReport({ pairs, entries, missing, wallMs, file }, style)}\n`))
  if (noticed < injected || falseAlarms.length > 0) return exitCodes.violated
  const lost = pairs.some(({ outcome }) => outcome === 'not injected')
  const red = requirements.some(id => !isSound(controls.get(id)))
  return lost || red ? exitCodes.undetermined : exitCodes.satisfied
}

/** The faults that follow from what was measured, of those that are wanted. */
function generate(
  { generic, catalogue, requirements, askedFaults }: ProveOrder,
  waits: ReadonlyMap<string, MeasuredWait>,
): { generated: readonly GeneratedFault[]; missing: readonly string[] } {
  if (generic.length === 0) return { generated: [], missing: [] }
  const { faults, missing } = generateFaults(generic, factsOf(waits.values(), new Set(requirements)), catalogue.groups)
  assertMade(
    [...(askedFaults ?? [])],
    faults.map(({ id }) => id),
  )
  return { generated: faults, missing: askedFaults === undefined ? missing : [] }
}

function leftByGeneric({ generic, catalogue, askedFaults }: ProveOrder): string[] {
  if (askedFaults !== undefined && ![...askedFaults].some(id => id.includes('/'))) return []
  return generic.flatMap(({ leaves }) => leaves.flatMap(word => catalogue.groups[word] ?? [word]))
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
  return control !== undefined && control.state !== 'red'
}

function worse(one: Control | undefined, other: Control): Control {
  return one?.state === 'red' ? one : other
}
