import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AstBuilder, compile, GherkinClassicTokenMatcher, Parser } from '@cucumber/gherkin'
import { type GherkinDocument, IdGenerator, type Pickle } from '@cucumber/messages'
import { describeError, UsageError } from '../errors.ts'

/** One feature file, read. */
export interface FeatureFile {
  /** Relative to the project's folder. */
  readonly file: string
  readonly document: GherkinDocument
}

/** One scenario as it will be run: a row of an outline is a scenario of its own. */
export interface PlannedScenario {
  readonly name: string
  /** Relative to the project's folder. */
  readonly file: string
  readonly line: number
  /** With those of its Feature and Rule, each with its `@`. */
  readonly tags: readonly string[]
}

/** All feature files of the project. @throws UsageError that lists every file that is no Gherkin */
export function readFeatures(project: string): FeatureFile[] {
  const faults: string[] = []
  const features = globSync('features/**/*.feature', { cwd: project })
    .sort()
    .flatMap(file => {
      try {
        return [{ file, document: parseFeature(readFileSync(join(project, file), 'utf8')) }]
      } catch (error) {
        faults.push(`${file}: ${describeError(error)}`)
        return []
      }
    })
  if (faults.length > 0) throw new UsageError('some feature files cannot be read', faults)
  return features
}

/** @throws where the text is no Gherkin */
export function parseFeature(text: string, newId = IdGenerator.incrementing()): GherkinDocument {
  return new Parser(new AstBuilder(newId), new GherkinClassicTokenMatcher()).parse(text)
}

/** All scenarios of the project's feature files. @throws UsageError that lists every file that is no Gherkin */
export function loadScenarios(project: string): PlannedScenario[] {
  return readFeatures(project).flatMap(({ file, document }) =>
    compile(document, file, IdGenerator.incrementing()).map(pickle => ({
      name: pickle.name,
      file,
      line: pickle.location?.line ?? 0,
      tags: pickle.tags.map(tag => tag.name),
    })),
  )
}

/** A scenario as Cucumber's messages tell of it. */
export interface ScenarioMessages {
  readonly document: GherkinDocument
  readonly pickle: Pickle
}

/** The same scenarios as messages, whose ids are nobody else's. @throws UsageError that lists every file that is no Gherkin */
export function scenarioMessages(project: string, scenarios: readonly PlannedScenario[]): ScenarioMessages[] {
  const wanted = Map.groupBy(scenarios, ({ file }) => file)
  return [...wanted].flatMap(([uri, own]) => {
    const newId = IdGenerator.uuid()
    const document = { ...parseFeature(readFileSync(join(project, uri), 'utf8'), newId), uri }
    const lines = new Set(own.map(({ line }) => line))
    return compile(document, uri, newId)
      .filter(({ location }) => lines.has(location?.line ?? 0))
      .map(pickle => ({ document, pickle }))
  })
}
