import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'

const folder = mkdtempSync(join(tmpdir(), 'report-'))
after(() => rmSync(folder, { recursive: true }))

function report(...given: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise(done => {
    execFile(
      process.execPath,
      [join(import.meta.dirname, 'report.ts'), ...given],
      { cwd: folder },
      (error, stdout, stderr) => {
        done({ code: Number(error?.code ?? 0), stdout, stderr })
      },
    )
  })
}

test('without results it says what to do', async () => {
  const { code, stderr } = await report('--reports', 'nothing')
  assert.equal(code, 2)
  assert.match(stderr, /There are no results in nothing\/allure-results; run npm run accept first\./)
})

test('one page, with everything in it, that may load nothing from anywhere', async () => {
  mkdirSync(join(folder, 'reports/allure-results'), { recursive: true })
  const result = {
    uuid: 'u',
    name: 'a scenario',
    fullName: 'f#s',
    status: 'passed',
    stage: 'finished',
    start: 1,
    stop: 2,
    labels: [],
  }
  writeFileSync(join(folder, 'reports/allure-results/u-result.json'), JSON.stringify(result))
  writeFileSync(join(folder, 'reports/run.json'), '{"runId": "run-7", "target": "home", "deadlineScale": 0.02}')
  const { code, stdout } = await report()
  assert.equal(code, 0)
  assert.equal(stdout, 'reports/allure/index.html\n')
  const page = readFileSync(join(folder, 'reports/allure/index.html'), 'utf8')
  assert.match(
    page,
    /<head><meta http-equiv="Content-Security-Policy" content="default-src data: blob: 'unsafe-inline' 'unsafe-eval'">/,
  )
  assert.match(page, /Observability acceptance of home, run run-7 \(SCALED × 0\.02: no statement of conformance\)/)
})
