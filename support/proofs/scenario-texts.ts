import { join } from 'node:path'
import { compile } from '@cucumber/gherkin'
import { IdGenerator } from '@cucumber/messages'
import { readFeatures } from '../gherkin/features.ts'
import { isDisruptive, requirementOf } from '../tags.ts'

export const project = join(import.meta.dirname, '../..')

/** A scenario as it is run: a row of an outline is one of its own. */
export interface ScenarioText {
  readonly name: string
  readonly requirement: string
  /** Its steps with those of its Background, with their tables and texts. */
  readonly steps: readonly string[]
  readonly disruptive: boolean
  readonly slow: boolean
}

/** Every scenario that proves a requirement. @throws UsageError that lists every file that is no Gherkin */
export function readScenarioTexts(folder: string = project): ScenarioText[] {
  return readFeatures(folder).flatMap(({ file, document }) =>
    compile(document, file, IdGenerator.incrementing()).flatMap(({ name, steps, tags }) => {
      const names = tags.map(tag => tag.name)
      const requirement = requirementOf(names)
      if (requirement === undefined) return []
      const texts = steps.map(({ text, argument }) =>
        argument === undefined ? text : `${text} ${JSON.stringify(argument)}`,
      )
      return [{ name, requirement, steps: texts, disruptive: isDisruptive(names), slow: names.includes('@slow') }]
    }),
  )
}
