import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { linesSince, logTail } from './server-log.ts'

const folder = mkdtempSync(join(tmpdir(), 'server-log-test-'))
const file = join(folder, 'server.log')
after(() => rmSync(folder, { recursive: true, force: true }))

const logOf = (...lines: string[]): string => {
  writeFileSync(file, lines.map(line => `${line}\n`).join(''))
  return file
}

describe('the log of a server', () => {
  it('is read from a moment on, in logfmt and in JSON', async () => {
    logOf(
      'level=info ts=2026-01-02T03:04:05.999999999Z msg=old',
      'level=info ts=2026-01-02T03:04:06.000000001Z msg=new',
      '{"level":"INFO","time":"2026-01-02T03:04:07.5Z","message":"newer"}',
      'ts=2026-01-02T03:04:08.1Z msg="the text ts=2020-01-01T00:00:00Z is not its time"',
    )
    const since = await linesSince(file, new Date('2026-01-02T03:04:06Z'))
    assert.deepEqual(
      since.map(line => /new\w*|not its time|old/.exec(line)?.[0]),
      ['new', 'newer', 'not its time'],
    )
    assert.deepEqual(await linesSince(file, new Date('2026-01-02T03:04:09Z')), [])
  })

  it('counts a line without a time with the line before it', async () => {
    logOf('a banner', 'ts=2026-01-02T00:00:01Z msg=old', '  of old', 'ts=2026-01-02T00:00:03Z msg=new', '  of new')
    assert.deepEqual(await linesSince(file, new Date('2026-01-02T00:00:02Z')), [
      'ts=2026-01-02T00:00:03Z msg=new',
      '  of new',
    ])
  })

  it('counts the last words of a process with its end', async () => {
    logOf(
      'ts=2026-01-02T00:00:01Z msg=old',
      'panic: oh',
      'ts=2026-01-02T00:00:03Z component=lab msg=ended exit="exit code 2"',
    )
    const lines = await linesSince(file, new Date('2026-01-02T00:00:02Z'))
    assert.equal(lines[0], 'panic: oh')
    assert.equal(lines.length, 2)
  })

  it('ends with its last lines, and is empty where there is none', () => {
    logOf(...Array.from({ length: 30 }, (_, index) => `line ${index}`))
    assert.deepEqual(logTail(file, 2), 'line 28\nline 29')
    assert.equal(logTail(join(folder, 'none')), '')
  })
})
