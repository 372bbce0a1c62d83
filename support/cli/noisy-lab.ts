import { EnvironmentError } from '../errors.ts'
import type { Fault } from '../faults/fault.ts'
import type { NoiseRun } from '../noise/noise-file.ts'
import { type NoiseStrike, rulesOf } from '../noise/strike.ts'
import { describeSeen } from '../proofs/judge.ts'
import type { ScenarioText } from '../proofs/scenario-texts.ts'
import type { ProvingLab } from './prove-lab.ts'

/** Far beyond what all scenarios take. */
const limitMs = 10 * 60_000
/** Scenarios of each suite: noise is not load, which on two cores would break promises of times. */
const atATime = 2
const besideAtATime = 1

/** A lab on which the scenarios run under noise, with another suite beside them. */
export class NoisyLab {
  readonly #lab: ProvingLab
  readonly #scenarios: readonly ScenarioText[]
  readonly #requirements: readonly string[]
  /** Once there was a false alarm, only what gave it is run: to make the noise smaller, not to find more. */
  #only: readonly string[] | undefined

  constructor(lab: ProvingLab, scenarios: readonly ScenarioText[], requirements: readonly string[]) {
    this.#lab = lab
    this.#scenarios = scenarios
    this.#requirements = requirements
  }

  /** @throws EnvironmentError where the run came to nothing */
  async run(strikes: readonly NoiseStrike[]): Promise<NoiseRun> {
    const requirements = this.#only ?? this.#requirements
    const noise: Fault = {
      id: 'noise',
      breaks: 'Nothing.',
      rules: rulesOf(strikes),
      servers: {},
      cluster: [],
      target: {},
      refutes: {},
      undecides: {},
      mends: [],
      leaves: [],
      slow: false,
    }
    const calm = this.#calm(requirements)
    // What the other suite finds is of no interest, so it need not come to its end: it was there while Tempo was restarted.
    const over = new AbortController()
    const another = { ...this.#order(calm), parallel: besideAtATime, until: over.signal }
    const beside = calm.length === 0 ? undefined : this.#lab.run(another)
    const seen = await this.#lab
      .runUnder(noise, { ...this.#order(requirements), parallel: atATime })
      .finally(() => over.abort())
    await beside
    if (seen.failure !== undefined) throw new EnvironmentError(`a run under noise came to nothing: ${seen.failure}`)
    const red = seen.requirements.filter(({ verdict, accepted }) => verdict !== 'satisfied' && !accepted)
    if (red.length > 0) this.#only ??= red.map(({ id }) => id)
    const struck = seen.strikes.reduce((sum, times) => sum + times, 0)
    return { strikes, struck, tookMs: seen.tookMs, alarms: red.map(one => `${one.id} ${describeSeen(one)}`) }
  }

  #order(requirements: readonly string[]) {
    const scenarios = this.#scenarios.filter(({ requirement }) => requirements.includes(requirement)).length
    return { requirements, scenarios, limitMs }
  }

  #calm(requirements: readonly string[]): string[] {
    const disruptive = this.#scenarios.filter(scenario => scenario.disruptive).map(({ requirement }) => requirement)
    return requirements.filter(id => !disruptive.includes(id))
  }
}
