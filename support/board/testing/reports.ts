import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readFeatures } from '../../gherkin/features.ts'
import { hashesOf } from '../../proofs/hash.ts'
import { project, readScenarioTexts } from '../../proofs/scenario-texts.ts'
import { loadRegistry } from '../../requirements/registry.ts'
import { revision } from '../../requirements/requirement.ts'
import type { LedgerLine } from '../../trace/ledger.ts'
import { matrixOf } from '../../trace/matrix.ts'

/** Every fifth requirement of those with scenarios comes out in another way than satisfied. */
const verdicts = [
  {
    verdict: 'violated',
    accepted: false,
    message: 'not true within 5 s of the query\nlast: <b>404</b>, no such trace',
  },
  { verdict: 'violated', accepted: true, message: '404 with an empty body' },
  { verdict: 'undetermined', accepted: false, message: 'connection refused' },
  { verdict: 'not applicable', accepted: false, message: 'the target names no workload of tempo' },
] as const

/** Writes what 25 runs and a proving would have left in a folder of reports. */
export function writeReports(folder: string): void {
  mkdirSync(folder, { recursive: true })
  const registry = loadRegistry()
  const { rows } = matrixOf(registry, readFeatures(project), { byRequirement: new Map() }, undefined)
  const served = rows.filter(({ scenarios }) => scenarios.length > 0)
  const lines = Array.from({ length: 25 }, (_, run) =>
    served.map(({ requirement }, index): LedgerLine => {
      const other = run === 24 && index % 5 === 0 ? verdicts[(index / 5) % verdicts.length] : undefined
      const startedAt = new Date(Date.UTC(2026, 9, 1 + run, 2, 14)).toISOString()
      return {
        runId: `run-${run}`,
        startedAt,
        target: 'production',
        id: requirement.id,
        revision: revision(requirement),
        ...(other ?? { verdict: 'satisfied', accepted: false, message: null }),
        timeToTrueMs:
          other === undefined ? Math.round((requirement.withinMs ?? 1_000) * ((index % 9) / 10)) + run : null,
        deadlineMs: requirement.withinMs ?? null,
        scaled: false,
      }
    }),
  ).flat()
  writeFileSync(join(folder, 'ledger.ndjson'), lines.map(line => `${JSON.stringify(line)}\n`).join(''))
  const when = '2026-10-20T02:14:00.000Z'
  const requirements = [...hashesOf(registry, readScenarioTexts())].map(([id, hash], index) => ({
    id,
    hash,
    state: index % 7 === 3 ? 'contradicted' : 'proven',
    cause: index % 7 === 3 ? 'nothing noticed late' : null,
    control: 'green',
    known: 2,
    when,
    faults: [
      { fault: 'never', outcome: 'noticed', text: 'no such trace', tookMs: 1_200, when },
      { fault: 'late', outcome: index % 7 === 3 ? 'missed' : 'noticed', text: 'it took 1.1 s', tookMs: 2_400, when },
    ],
  }))
  const proofs = {
    schemaVersion: 1,
    when,
    versions: {},
    wallMs: 1,
    injected: 2,
    noticed: 2,
    falseAlarms: [],
    requirements,
  }
  writeFileSync(join(folder, 'proofs.json'), JSON.stringify(proofs))
}
