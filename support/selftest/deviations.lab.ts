import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Ended } from './command.ts'
import { printed, readReport, resultOf } from './run-report.ts'
import { type EditableTarget, writeTarget } from './target.ts'
import { useTestLab } from './test-lab.ts'

/** The lab's Tempo answers 404 with an empty body: a promise that it does not keep, and that its target file accepts. */
const broken = 'tempo-mimir.006.3'
const kept = 'tempo-mimir.006.6'

const { surroundings, lab } = useTestLab()

async function run(deviations: NonNullable<EditableTarget['deviations']> | undefined): Promise<Ended> {
  const file = writeTarget(surroundings.folder, lab(), target => {
    if (deviations !== undefined) target.deviations = deviations
  })
  const options = ['--target', file, '--requirement', broken, '--requirement', kept]
  return await surroundings.accept(options, lab().environment).ended
}

const entry = { reason: 'known', owner: 'nobody', until: '2999-12-31' }

test("the lab's own deviation is accepted, stays visible as violated, and lets the run end with 0", async () => {
  const ended = await run(undefined)
  assert.equal(ended.code, 0, printed(ended))
  const { verdict, accepted, fault } = resultOf(readReport(ended), broken)
  assert.deepEqual({ verdict, accepted, fault }, { verdict: 'violated', accepted: true, fault: 'product' })
  assert.match(ended.stdout, /1 violated \(1 accepted\)/)
})

test('without it, the same run ends with 1', async () => {
  const ended = await run([])
  assert.equal(ended.code, 1, printed(ended))
  assert.equal(resultOf(readReport(ended), broken).accepted, false)
})

test('past its date it accepts nothing, and says since when', async () => {
  const ended = await run([{ ...entry, requirement: broken, until: '2020-02-29' }])
  assert.equal(ended.code, 1, printed(ended))
  assert.equal(resultOf(readReport(ended), broken).accepted, false)
  assert.match(ended.stdout, /PAST since 2020-02-29 +tempo-mimir\.006\.3/)
})

test('a deviation from a promise that is kept is reported as no longer needed', async () => {
  const ended = await run([
    { ...entry, requirement: broken },
    { ...entry, requirement: kept },
  ])
  assert.equal(ended.code, 0, printed(ended))
  assert.equal(resultOf(readReport(ended), kept).verdict, 'satisfied')
  assert.match(ended.stdout, /NO LONGER NEEDED +tempo-mimir\.006\.6/)
  assert.doesNotMatch(ended.stdout, /NO LONGER NEEDED +tempo-mimir\.006\.3/)
})
