import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EnvironmentError } from '../errors.ts'
import { measureCommand } from './command.ts'
import { measureOvershoot } from './overshoot.ts'
import { processorTimeOf } from './processor-time.ts'
import { startSlowTempo } from './slow-tempo.ts'

const signal = new AbortController().signal
const project = import.meta.dirname

test('a wait sees the moment of truth late, never early', async () => {
  const { overshootMs, attempts } = await measureOvershoot(1_000, signal)
  assert.ok(overshootMs >= 0 && overshootMs < 1_000, `${overshootMs} ms`)
  assert.ok(attempts > 1)
})

test('a command is measured to its exit, and its lines when they come', async () => {
  const lines: [string, number][] = []
  const program = 'console.error("ready"); setTimeout(() => console.log("done"), 300)'
  const { elapsedMs, stdout } = await measureCommand(process.execPath, ['-e', program], {
    project,
    signal,
    onLine: (line, atMs) => lines.push([line, atMs]),
  })
  assert.equal(stdout, 'done')
  const [[line, atMs] = ['', Number.NaN], ...others] = lines
  assert.equal(line, 'ready')
  assert.deepEqual(others, [])
  assert.ok(elapsedMs - atMs > 250, `told after ${atMs} ms, ended after ${elapsedMs} ms`)
})

test('a command that fails is no measurement, and says why', async () => {
  const program = 'console.log("some"); console.error("wrong"); process.exitCode = 3'
  const measured = measureCommand(process.execPath, ['-e', program], { project, signal })
  await assert.rejects(measured, error => {
    assert.ok(error instanceof EnvironmentError)
    return /ended with 3, so nothing was measured:\nsome\nwrong$/.test(error.message)
  })
})

test('an interrupted command may clean up', async () => {
  const interruption = new AbortController()
  const lines: string[] = []
  const program = 'process.once("SIGINT", () => console.error("clean")); console.error("up")'
  const keep = `${program}; const timer = setInterval(() => 0, 100); process.once("SIGINT", () => clearInterval(timer))`
  const measured = measureCommand(process.execPath, ['-e', keep], {
    project,
    signal: interruption.signal,
    onLine: line => {
      lines.push(line)
      if (line === 'up') interruption.abort(new Error('interrupted'))
    },
  })
  await assert.rejects(measured, /interrupted/)
  assert.deepEqual(lines, ['up', 'clean'])
})

test('the processor time of a process grows with its work', { skip: process.platform !== 'linux' }, () => {
  const before = processorTimeOf(process.pid) ?? Number.NaN
  // On a busy machine this takes long: it is work that is waited for, not time.
  const beginning = process.cpuUsage()
  for (let microseconds = 0; microseconds < 200_000; ) {
    const { user, system } = process.cpuUsage(beginning)
    microseconds = user + system
  }
  const used = (processorTimeOf(process.pid) ?? Number.NaN) - before
  assert.ok(used >= 150 && used <= 1_000, `${used} ms`)
  assert.equal(processorTimeOf(2 ** 30), undefined)
})

test('a slow Tempo is ready at once, counts its queries, and answers them in the end', async () => {
  using tempo = await startSlowTempo(100)
  const statusOf = async (path: string) => (await fetch(tempo.url + path)).status
  assert.equal(await statusOf('/ready'), 200)
  assert.equal(tempo.firstAskedAt(), undefined)
  assert.equal(await statusOf('/api/traces/one'), 503)
  assert.equal(await statusOf('/api/traces/two'), 503)
  assert.equal(tempo.queries(), 2)
  while (performance.now() - (tempo.firstAskedAt() ?? 0) < 100) await statusOf('/ready')
  assert.equal(await statusOf('/api/traces/one'), 400)
})
