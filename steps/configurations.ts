import type { MimirConfiguration } from '../support/drivers/mimir-configuration.ts'
import type { PrometheusConfiguration } from '../support/drivers/prometheus.ts'
import { learn } from '../support/prepare.ts'
import type { Run } from '../support/run.ts'
import { mimirOf, prometheusOf } from '../support/systems.ts'

/** What scenarios must know of a running configuration to be fair to it. @throws Undetermined where it is not told */

export async function mimirConfiguration(run: Run): Promise<MimirConfiguration> {
  return await learn(run, "Mimir's configuration", signal => mimirOf(run).configuration(signal))
}

export async function prometheusConfiguration(run: Run): Promise<PrometheusConfiguration> {
  return await learn(run, "Prometheus' configuration", signal => prometheusOf(run).configuration(signal))
}
