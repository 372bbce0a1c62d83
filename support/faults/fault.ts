import { z } from 'zod'
import { clusterChangeSchema } from './cluster-change.ts'
import { ruleSchema } from './rule.ts'

const setting = z.union([z.string(), z.number(), z.boolean()])

/** What is different about a server of the lab while the fault lasts; it is restarted when the fault comes and goes. */
const serverFault = z.strictObject({
  /** Settings of its configuration file, by their path with dots. */
  configuration: z.record(z.string(), setting).default({}),
  /** Environment variables; null takes one away. */
  environment: z.record(z.string(), z.string().nullable()).default({}),
  /** Names below its data folder that are lost whenever it starts, such as `wal`. */
  loses: z.array(z.string()).default([]),
  /** Once it has ended it is not started again. */
  staysDown: z.boolean().default(false),
})

/** A deliberate defect, and what must be noticed of it. */
export const faultSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'expected words with dashes, such as query-loses-a-span'),
  /** One sentence: what is broken. */
  breaks: z.string().min(1),
  rules: z.array(ruleSchema).default([]),
  servers: z
    .strictObject({ tempo: serverFault.optional(), mimir: serverFault.optional(), prometheus: serverFault.optional() })
    .default({}),
  /** What is different about a cluster; such a fault is brought about in the cluster lab, and every other one in a lab of processes. */
  cluster: z.array(clusterChangeSchema).default([]),
  /** The target file says something else at this path with dots: what a user's mistake looks like. */
  target: z.record(z.string(), setting).default({}),
  /** A defect of the suite itself: a file of support/faults/defects that is loaded into the run. */
  defect: z.string().optional(),
  /** By requirement, what its message must show (a regular expression): the scenario is red for the reason of the fault. */
  refutes: z.record(z.string(), z.string()).default({}),
  /** By requirement, what its message must show where nothing can be decided, and whose failure it is. */
  undecides: z
    .record(z.string(), z.strictObject({ whose: z.enum(['environment', 'harness']), shows: z.string() }))
    .default({}),
  /** Requirements that the lab's servers violate, and that hold with what this supplies. */
  mends: z.array(z.string()).default([]),
  /** Requirements that it does not touch: they must stay satisfied. Ids, or names of groups. */
  leaves: z.array(z.string()).default([]),
  /** It needs the whole of the scenario's time, so it is not part of the quick selection. */
  slow: z.boolean().default(false),
})

export type Fault = z.output<typeof faultSchema>
export type ServerFault = z.output<typeof serverFault>
