import { Given, Then } from '@cucumber/cucumber'
import { formatDuration } from '../support/duration.ts'
import { Undetermined } from '../support/errors.ts'
import { NotSeen } from '../support/eventually.ts'
import { wholeTrace } from '../support/expectations/traces.ts'
import { learn } from '../support/prepare.ts'
import { tempoOf, workloadOf } from '../support/systems.ts'
import type { AcceptanceWorld } from '../support/world.ts'
import { killOf } from './evidence/kill.ts'
import { judgedWait } from './evidence/waited.ts'

Given('Tempo was killed while it held traces of every age', async function (this: AcceptanceWorld) {
  await killOf(this.run)
})

Then(
  'within {duration} Tempo answers whole for every trace that was old enough',
  async function (this: AcceptanceWorld, deadlineMs: number) {
    const { at, ready, old, young, memoryOnlyMs } = await killOf(this.run)
    if (old.length === 0) throw new Undetermined('no trace was old enough at the kill', 'harness')
    if (ready instanceof NotSeen || ready.timeToTrueMs > deadlineMs) {
      const asked = `status of ${workloadOf(this.run, 'tempo').name}`
      await this.judge({ deadlineMs, after: 'the kill' }, [judgedWait(ready, 'it did not become ready', asked)])
    }
    const tempo = tempoOf(this.run)
    await this.eventuallyAll(
      { deadlineMs, since: at, after: 'the kill' },
      old.map(({ trace }) => ({ ask: signal => tempo.traceById(trace.traceId, signal), expect: wholeTrace(trace) })),
    )
    // What was too young is told and not judged, so it is asked for last: the deadline is for the others.
    const answers = await Promise.all(
      young.map(({ trace }) =>
        learn(this.run, 'whether a young trace is there', signal => tempo.traceById(trace.traceId, signal)),
      ),
    )
    const lost = answers.filter(trace => trace === undefined).length
    this.note(
      `${old.length} traces were older than ${formatDuration(memoryOnlyMs)} at the kill; of ${young.length} younger ones ${lost} are lost`,
    )
  },
)
