import { globSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { AstBuilder, compile, GherkinClassicTokenMatcher, Parser } from '@cucumber/gherkin'
import { IdGenerator } from '@cucumber/messages'
import { describeError, UsageError } from '../errors.ts'

/** One scenario as it will be run: a row of an outline is a scenario of its own. */
export interface PlannedScenario {
  readonly name: string
  /** Relative to the project's folder. */
  readonly file: string
  readonly line: number
  /** With those of its Feature and Rule, each with its `@`. */
  readonly tags: readonly string[]
}

/** All scenarios of the project's feature files. @throws UsageError that lists every file that is no Gherkin */
export function loadScenarios(project: string): PlannedScenario[] {
  const faults: string[] = []
  const scenarios = globSync('features/**/*.feature', { cwd: project })
    .sort()
    .flatMap(file => {
      try {
        return scenariosOf(join(project, file), project)
      } catch (error) {
        faults.push(`${file}: ${describeError(error)}`)
        return []
      }
    })
  if (faults.length > 0) throw new UsageError('some feature files cannot be read', faults)
  return scenarios
}

function scenariosOf(path: string, project: string): PlannedScenario[] {
  const newId = IdGenerator.incrementing()
  const parser = new Parser(new AstBuilder(newId), new GherkinClassicTokenMatcher())
  const file = relative(project, path)
  return compile(parser.parse(readFileSync(path, 'utf8')), file, newId).map(pickle => ({
    name: pickle.name,
    file,
    line: pickle.location?.line ?? 0,
    tags: pickle.tags.map(tag => tag.name),
  }))
}
