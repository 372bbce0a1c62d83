import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { parse, stringify } from 'yaml'
import { addImage } from '../cluster/cluster.ts'
import { suiteRecipe } from '../cluster/suite-image.ts'
import { findProgram } from '../lab/program.ts'
import { type RunReport, readReport } from './run-report.ts'
import { TestCluster } from './test-cluster.ts'

const monitoring = '--namespace=monitoring'
const ofJob = '--selector=batch.kubernetes.io/job-name'
const jobMs = 5 * 60_000

let cluster: TestCluster
const control = async (...given: string[]): Promise<string> => await cluster.control(...given)

before(async () => {
  cluster = await TestCluster.start(['tempo'])
  const never = new AbortController().signal
  const promtool = await findProgram('promtool', { signal: never, onProgress: () => undefined })
  await addImage(cluster.place, await suiteRecipe(promtool))
  const { LAB_S3_ACCESS_KEY_ID, LAB_S3_SECRET_ACCESS_KEY } = cluster.deployment.environment
  await apply({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'acceptance' },
    stringData: {
      ACCEPT_S3_ACCESS_KEY_ID: LAB_S3_ACCESS_KEY_ID,
      ACCEPT_S3_SECRET_ACCESS_KEY: LAB_S3_SECRET_ACCESS_KEY,
    },
  })
  await control('apply', '--server-side', '--kustomize', 'fixtures/nightly/lab')
  await control(monitoring, 'wait', '--for=condition=Ready', 'pod/acceptance-reader', '--timeout=60s')
})
after(async () => {
  await cluster?.[Symbol.asyncDispose]()
})

async function apply(manifest: object): Promise<void> {
  await cluster.control.withInput(JSON.stringify(manifest), monitoring, 'apply', '--server-side', '--filename=-')
}

interface JobManifest {
  spec: {
    completions: number
    parallelism: number
    template: {
      spec: {
        containers: [{ args: string[]; env: { name: string; value?: string }[] }]
        volumes: { name: string; configMap?: { name: string } }[]
      }
    }
  }
}

/** A Job of the CronJob, as its schedule would have made it, but for what is changed. */
async function start(name: string, change: (job: JobManifest) => void = () => undefined): Promise<void> {
  const create = ['create', 'job', name, '--from=cronjob/acceptance', '--dry-run=client', '--output=yaml']
  const job = parse(await control(monitoring, ...create)) as JobManifest
  change(job)
  await apply(job)
}

/** What came of a Job, with what its pods said. */
async function ended(name: string): Promise<{ condition: string; log: string }> {
  const startedAt = performance.now()
  const query = '--output=jsonpath={.status.conditions[?(@.status=="True")].type}'
  while (performance.now() - startedAt < jobMs) {
    const conditions = await control(monitoring, 'get', 'job', name, query)
    const condition = conditions.split(' ').find(type => ['Complete', 'Failed'].includes(type))
    if (condition !== undefined) return { condition, log: await logOf(name) }
    await pause(1_000)
  }
  assert.fail(`job ${name} has not ended:\n${await logOf(name)}`)
}

/** What its pods said; what those said last that still run stands at the end. */
async function logOf(job: string): Promise<string> {
  const selector = `${ofJob}=${job}`
  const logs = async (...given: string[]) =>
    await control(monitoring, 'logs', selector, '--prefix', ...given).catch(error => String(error))
  const pods = await control(monitoring, 'get', 'pods', selector, '--output=wide')
  const running = await control(monitoring, 'get', 'pods', selector, '--field-selector=status.phase=Running')
  const log = `${pods}\n${await logs('--tail=-1')}`
  return running === '' ? log : `${log}\n${running}\n${await logs('--tail=10')}`
}

function setVariable({ spec }: JobManifest, name: string, value: string): void {
  const variable = spec.template.spec.containers[0].env.find(each => each.name === name)
  assert.ok(variable !== undefined)
  variable.value = value
}

let readings = 0

/** A report, read out of the claim through the pod that hands it out. */
async function read(folder: string): Promise<{ run: RunReport; page: string }> {
  const cat = async (file: string) =>
    await control(monitoring, 'exec', 'acceptance-reader', '--', 'cat', `/results/${folder}/${file}`)
  readings += 1
  const reports = join(cluster.surroundings.folder, `read-${readings}`)
  mkdirSync(reports)
  writeFileSync(join(reports, 'run.json'), await cat('run.json'))
  return { run: readReport({ reports }), page: await cat('allure/index.html') }
}

describe('a night', () => {
  it('of the CronJob tests the cluster from inside, as nobody, and its report can be read out', async () => {
    await start('alone')
    const { condition, log } = await ended('alone')
    assert.equal(condition, 'Complete', log)
    const { run, page } = await read('reports')
    assert.equal(run.target, 'nightly')
    assert.equal(run.exitCode, 0)
    assert.ok(run.scenarios.passed > 20, log)
    assert.equal(run.scenarios.undetermined, 0, log)
    assert.match(page, /^<!DOCTYPE html>/i)
    assert.equal((await read('runs/alone/report')).run.runId, run.runId)
  })

  it('of two pods is one report of all that a single pod found', async () => {
    await start('shared', job => {
      Object.assign(job.spec, { completions: 2, parallelism: 2 })
      setVariable(job, 'SHARDS', '2')
      // Both share two cores with the cluster.
      setVariable(job, 'PARALLEL', '2')
    })
    const { condition, log } = await ended('shared')
    assert.equal(condition, 'Complete', log)
    assert.match(log, /^\S*shared-0\S* shard 2 of 2, run \S+: \d+ scenarios$/m)
    const { run } = await read('reports')
    const { run: alone } = await read('runs/alone/report')
    const ids = ({ requirements }: RunReport) => requirements.map(({ id }) => id).sort()
    assert.deepEqual(ids(run), ids(alone))
    assert.deepEqual(run.scenarios, alone.scenarios, log)
    assert.notEqual(run.runId, alone.runId)
  })

  it('in which a shard never reports is undecided, and says which requirements it had', async () => {
    await start('halved', job => {
      setVariable(job, 'TAGS', '@suite.tempo.1 or @tempo-mimir.006.1 or @tempo-mimir.006.5 or @tempo-mimir.006.6')
      setVariable(job, 'SHARDS', '2')
      job.spec.template.spec.containers[0].args.push('--wait=5 s')
    })
    const { condition, log } = await ended('halved')
    assert.equal(condition, 'Failed', log)
    assert.match(log, /shard 2 of 2 has not reported within 5 s; the report is made without it/)
    const { run } = await read('reports')
    assert.equal(run.exitCode, 3)
    const silent = run.requirements.filter(({ verdict }) => verdict === 'undetermined')
    assert.ok(silent.length > 0 && silent.length < run.requirements.length, stringify(run.scenarios))
    for (const { message } of silent) assert.match(message ?? '', /shard 2 of 2 never reported/)
  })

  it('that finds a promise broken fails its Job, and is not tried again', async () => {
    await apply({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'strict' },
      // Without the deviations that are accepted of the lab.
      data: { 'target.yaml': readFileSync('fixtures/nightly/base/target.yaml', 'utf8') },
    })
    await start('broken', job => {
      setVariable(job, 'TAGS', '@tempo-mimir.006.3')
      for (const volume of job.spec.template.spec.volumes)
        if (volume.name === 'target') volume.configMap = { name: 'strict' }
    })
    const { condition, log } = await ended('broken')
    assert.equal(condition, 'Failed', log)
    assert.match(log, /violated +tempo-mimir\.006\.3/)
    const pods = await control(monitoring, 'get', 'pods', `${ofJob}=broken`, '--output=name')
    assert.equal(pods.split('\n').length, 1, pods)
    const codes = '--output=jsonpath={.items[*].status.containerStatuses[*].state.terminated.exitCode}'
    assert.equal(await control(monitoring, 'get', 'pods', `${ofJob}=broken`, codes), '1')
  })
})
