import type { Run } from '../../support/run.ts'
import type { StoringSystemName } from '../../support/system-names.ts'
import type { Keeper } from '../keepers/keeper.ts'
import { samples } from '../keepers/samples.ts'
import { traces } from '../keepers/traces.ts'
import type { Sent } from '../sent.ts'
import { type Kill, killOf } from './kill.ts'
import { type Outage, outageOf } from './outage.ts'
import { type RefusedStart, refusedStartOf } from './refused-start.ts'
import { type Restart, restartOf } from './restart.ts'

/** What is done to a system in a run, each once, and what it showed. */
export interface Disruptions<Kind extends Sent, Stored> {
  readonly keeper: Keeper<Kind, Stored>
  restart(run: Run): Promise<Restart<Kind, Stored>>
  kill(run: Run): Promise<Kill<Kind>>
  outage(run: Run): Promise<Outage<Kind>>
  refusedStart(run: Run): Promise<RefusedStart>
}

function disruptionsOf<Kind extends Sent, Stored>(keeper: Keeper<Kind, Stored>): Disruptions<Kind, Stored> {
  return {
    keeper,
    restart: restartOf(keeper),
    kill: killOf(keeper),
    outage: outageOf(keeper),
    refusedStart: refusedStartOf(keeper),
  }
}

export const ofTempo = disruptionsOf(traces)
export const ofMimir = disruptionsOf(samples)

/** For steps that are the same for every system. */
export const disruptions: Readonly<Record<StoringSystemName, Disruptions<Sent, unknown>>> = {
  tempo: ofTempo,
  mimir: ofMimir,
}
