import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { UsageError } from '../errors.ts'
import { type FeatureFile, readFeatures } from '../gherkin/features.ts'
import { faultsOfFeatures } from '../gherkin/lint.ts'
import { withRevision } from '../gherkin/rule-notes.ts'
import { project } from '../proofs/scenario-texts.ts'
import { sectionJsonSchema } from '../requirements/json-schema.ts'
import { loadRegistry, type Registry } from '../requirements/registry.ts'
import { revision } from '../requirements/requirement.ts'
import { requirementOf } from '../tags.ts'
import type { Matrix } from '../trace/matrix.ts'
import { readTrace } from '../trace/read.ts'
import { withMadeLines } from '../trace/readme.ts'
import { markdownTable, textTable } from '../trace/tables.ts'
import { totalsByDocument, totalsBySystem } from '../trace/totals.ts'
import { documentsTable, laterTable, standingTable, systemsTable } from '../trace/views.ts'
import { exitCodes, nearestWords, runCommand } from './command.ts'

const help = `Traces every requirement to its scenarios, its last verdict and its proof, and fails where they do not fit together.

  npm run trace                    how far which document and which system is
  npm run trace -- --looked-at ID  says that the scenarios of this requirement were looked at and fit its present wording;
                                   may be given again
  npm run trace -- --write         writes what is made of the registry: the table in README.md and the JSON Schema for editors

  --json            all requirements with what is known of them, as JSON
  --markdown        the tables as Markdown
  --reports FOLDER  where runs and proofs wrote; default reports
  --help            this text

Exit codes: 0 everything fits; 2 it does not: all faults are listed.`

const options = {
  'looked-at': { type: 'string', multiple: true, default: [] as string[] },
  write: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  markdown: { type: 'boolean', default: false },
  reports: { type: 'string', default: 'reports' },
  help: { type: 'boolean', short: 'h', default: false },
} as const

const readmeFile = join(project, 'README.md')
const schemaFile = join(project, 'fixtures/requirements.schema.json')

await runCommand({ options, help }, async asked => {
  const registry = loadRegistry()
  if (asked['looked-at'].length > 0) signOff(asked['looked-at'], readFeatures(project), registry)
  const { features, matrix, unreadable } = readTrace(resolve(asked.reports), registry)
  for (const place of unreadable) process.stderr.write(`${place} cannot be read, and is left out\n`)

  const made = madeFiles(matrix, registry)
  if (asked.write) for (const { file, text } of made) writeFileSync(file, text)
  const stale = made.filter(({ file, text }) => readText(file) !== text)
  const faults = [
    ...faultsOfFeatures(features, registry),
    ...stale.map(
      ({ file }) => `${file.slice(project.length + 1)} is not what the registry makes of it; npm run trace -- --write`,
    ),
  ]
  if (asked.json) process.stdout.write(`${jsonOf(matrix)}\n`)
  else process.stdout.write(`${report(matrix, registry, asked.markdown ? markdownTable : textTable)}\n`)
  if (faults.length > 0) throw new UsageError('Requirements and features do not fit together:', faults)
  return exitCodes.satisfied
})

/** Writes the present revision of requirements into their Rules. @throws UsageError where one has no Rule */
function signOff(ids: readonly string[], features: readonly FeatureFile[], registry: Registry): void {
  const rules = features.flatMap(({ file, document }) =>
    (document.feature?.children ?? []).flatMap(({ rule }) => {
      const id = rule === undefined ? undefined : requirementOf(rule.tags.map(({ name }) => name))
      return rule === undefined || id === undefined ? [] : [{ id, file: join(project, file), line: rule.location.line }]
    }),
  )
  const known = rules.map(({ id }) => id)
  const unknown = ids.filter(id => !known.includes(id))
  if (unknown.length > 0) {
    const faults = unknown.map(id => `${id} has no Rule; like it are ${nearestWords(id, known).join(', ') || 'none'}`)
    throw new UsageError('These cannot be signed off:', faults)
  }
  // From the end of each file, since a line may be added.
  for (const { id, file, line } of rules.filter(rule => ids.includes(rule.id)).toReversed()) {
    const requirement = registry.byId.get(id)
    if (requirement === undefined) continue
    writeFileSync(file, withRevision(readFileSync(file, 'utf8'), line, revision(requirement)))
  }
}

function madeFiles(matrix: Matrix, registry: Registry): { file: string; text: string }[] {
  const readme = withMadeLines(readFileSync(readmeFile, 'utf8'), markdownTable(standingTable(matrix)))
  return [
    { file: readmeFile, text: readme },
    { file: schemaFile, text: sectionJsonSchema(registry.systems) },
  ]
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

function report(matrix: Matrix, registry: Registry, table: typeof textTable): string {
  const outdated = matrix.rows.filter(row => row.outdated && row.coverage === 'scenario')
  const parts = [
    table(documentsTable(matrix)),
    table(systemsTable(matrix)),
    table(laterTable(matrix, registry.byId)),
    outdated.length === 0
      ? ['no scenario is outdated']
      : [
          'outdated: the requirement was changed after its scenarios were written (npm run trace -- --looked-at ID)',
          ...outdated.map(
            ({ requirement, scenarios }) => `  ${requirement.id}  ${scenarios[0]?.file}:${scenarios[0]?.line}`,
          ),
        ],
  ]
  return parts.map(lines => lines.join('\n')).join('\n\n')
}

function jsonOf(matrix: Matrix): string {
  const rows = matrix.rows.map(({ requirement, history, ...row }) => ({
    ...requirement,
    ...row,
    last: history[0] ?? null,
  }))
  return JSON.stringify(
    { documents: totalsByDocument(matrix), systems: totalsBySystem(matrix), requirements: rows },
    null,
    2,
  )
}
