import {
  After,
  Before,
  BeforeStep,
  defineParameterType,
  Status,
  setDefaultTimeout,
  setDefinitionFunctionWrapper,
  setParallelCanAssign,
  setWorldConstructor,
} from '@cucumber/cucumber'
import type { Workload } from './drivers/workload.ts'
import { parseDuration } from './duration.ts'
import { describeError, isDefect, NotApplicable, Undetermined, Violation } from './errors.ts'
import { redact } from './secret.ts'
import { isServer, type SystemName } from './system-names.ts'
import { workloadOf } from './systems.ts'
import { disruptedBy, mayOverlap, requirementOf, systemsOf } from './tags.ts'
import { namespaceOf, type Target } from './target/target.ts'
import { AcceptanceWorld } from './world.ts'

const logMs = 5_000
const mostLogLines = 300

setWorldConstructor(AcceptanceWorld)

// Every wait has its own deadline; the runner's would only hide which one was missed.
setDefaultTimeout(-1)

setParallelCanAssign((pickle, running) => mayOverlap(tagsOf(pickle), running.map(tagsOf)))

defineParameterType({
  name: 'duration',
  regexp: /\d+(?:\.\d+)? (?:milliseconds?|seconds?|minutes?|hours?|days?)/,
  transformer: parseDuration,
})

/** Whatever a step throws is told to the report before Cucumber sees it; what the target lacks skips the scenario. */
setDefinitionFunctionWrapper((definition: (...given: unknown[]) => unknown) => {
  return async function (this: unknown, ...given: unknown[]): Promise<unknown> {
    try {
      return await definition.apply(this, given)
    } catch (error) {
      if (this instanceof AcceptanceWorld) this.observeError(error)
      if (error instanceof NotApplicable) return 'skipped'
      throw withoutSecrets(error)
    }
  }
})

Before({ name: 'look whether the target has what is needed' }, function (this: AcceptanceWorld, { pickle }) {
  const tags = tagsOf(pickle)
  this.context = {
    requirement: requirementOf(tags) ?? 'unknown',
    scenario: pickle.name,
    systems: systemsOf(tags),
  }
  this.step = pickle.name
  if (this.signal.aborted) throw new Undetermined('the run was interrupted', 'environment')
  for (const system of this.context.systems) {
    if (this.run.target.systems[system] === undefined) throw new NotApplicable(`the target has no ${system}`)
  }
  for (const system of disruptedBy(tags)) assertDisruptionAllowed(this.run.target, system)
})

BeforeStep(function (this: AcceptanceWorld, { pickleStep }) {
  this.step = pickleStep.text
})

After({ name: 'put everything back as it was' }, async function (this: AcceptanceWorld, { result }) {
  // Judged apart from the requirement: what could not be put back stays in the undo journal, and the run tells of it.
  const failures = await this.putBack()
  for (const failure of failures) this.log(`not put back: ${redact(describeError(failure))}`)
  const defect = failures.find(isDefect)
  if (defect !== undefined) throw defect
  if (result?.status === Status.FAILED) await attachCircumstances(this)
})

/** What the systems themselves said meanwhile, and what became of them, helps whoever looks into a failure. */
async function attachCircumstances(world: AcceptanceWorld): Promise<void> {
  for (const system of world.context.systems) {
    const attach = async (what: string, read: (workload: Workload) => Promise<string | undefined>) => {
      try {
        const text = await read(workloadOf(world.run, system))
        if (text !== undefined) world.attach(redact(text), { mediaType: 'text/plain', fileName: `${what}.txt` })
      } catch (error) {
        if (isDefect(error)) throw error
        if (!(error instanceof NotApplicable)) world.log(`the ${what} cannot be read: ${describeError(error)}`)
      }
    }
    await attach(`log of ${system}`, async workload => {
      const { value } = await workload.log(world.begunAt, AbortSignal.timeout(logMs))
      return value.slice(-mostLogLines).join('\n')
    })
    await attach(`state of ${system}`, async workload => {
      return (await workload.describe?.(AbortSignal.timeout(logMs)))?.value
    })
  }
}

function assertDisruptionAllowed(target: Target, system: SystemName): void {
  if (!isServer(system)) return
  const workload = target.systems[system]?.workload
  if (workload === undefined)
    throw new NotApplicable(`the target names no workload of ${system} that could be disrupted`)
  const namespace = namespaceOf(workload)
  if (!target.allow.disruption.includes(namespace)) {
    throw new NotApplicable(
      `the target does not allow disruption in ${namespace} (allow: {disruption: [${namespace}]})`,
    )
  }
}

function tagsOf(pickle: { readonly tags: readonly { readonly name: string }[] }): string[] {
  return pickle.tags.map(tag => tag.name)
}

/** A server may have echoed a secret into the message that an error carries. */
function withoutSecrets(error: unknown): unknown {
  if (error instanceof Violation || !(error instanceof Error)) return error
  error.message = redact(error.message)
  if (error.stack !== undefined) error.stack = redact(error.stack)
  return error
}
