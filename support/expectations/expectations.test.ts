import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Unmet } from '../errors.ts'
import { refusedWithCause, rejectedWithReason, sayingWhatIsMissing, statusIs } from './answers.ts'
import { holdsBucket, keepsVersions } from './buckets.ts'
import { expiresAfter, hasEnabledRule } from './lifecycle.ts'
import {
  namesRefusedCredentials,
  noStorageErrors,
  proveLogSearch,
  recordsStorageWriteError,
  storageErrors,
} from './log.ts'
import { grewBy, isCounting } from './metrics.ts'
import { mimirLog } from './mimir-log.ts'
import { exactlyTheseTraces, theseTracesAmongOthers } from './search.ts'
import { tempoLog } from './tempo-log.ts'

function fault(check: () => void): string {
  try {
    check()
  } catch (error) {
    assert.ok(error instanceof Unmet, String(error))
    return error.message
  }
  return 'accepted'
}

const found = (...ids: string[]) => ids.map(traceId => ({ traceId }))

test('a search finds exactly these traces', () => {
  const check = exactlyTheseTraces(['a', 'b'])
  check(found('b', 'a'))
  assert.equal(
    fault(() => check(found('a'))),
    '1 of 2 traces found; missing b',
  )
  assert.equal(
    fault(() => check(found('a', 'b', 'c'))),
    '2 of 2 traces found; found without matching: c',
  )
  assert.equal(
    fault(() => check(found('a', 'b', 'b'))),
    '2 of 2 traces found; found more than once: b',
  )
  assert.match(
    fault(() => check([])),
    /^0 of 2 traces found/,
  )
  assert.throws(() => exactlyTheseTraces([])([]), RangeError)
})

test('a search finds these traces among others', () => {
  const check = theseTracesAmongOthers(['a'])
  check(found('x', 'a', 'y'))
  assert.match(
    fault(() => check(found('x'))),
    /missing a/,
  )
  assert.match(
    fault(() => check(found('a', 'a'))),
    /more than once/,
  )
})

test('a malformed id is refused with a reason', () => {
  const check = rejectedWithReason(400)
  check({ status: 400, text: "trace IDs can only contain hex characters: invalid character 'x' at position 1" })
  assert.equal(
    fault(() => check({ status: 404, text: 'trace IDs can only contain hex characters' })),
    'status 404, not 400',
  )
  for (const text of ['', '  ', 'Bad Request', '400 Bad Request', 'error', '<html><body>400</body></html>']) {
    assert.match(
      fault(() => check({ status: 400, text })),
      /^status 400, but /,
    )
  }
  statusIs(200)({ status: 200 })
  assert.equal(
    fault(() => statusIs(200)({ status: 404 })),
    'status 404, not 200',
  )
})

test('a 404 tells what was not found', () => {
  const check = sayingWhatIsMissing('00ab12')
  check({ status: 404, text: 'trace not found' })
  check({ status: 404, text: 'unable to find AB12' })
  assert.equal(
    fault(() => check({ status: 404, text: '' })),
    'status 404 with an empty body: nothing tells what was not found',
  )
  for (const text of ['404 page not found', '{"metrics":{}}', 'not found']) {
    assert.match(
      fault(() => check({ status: 404, text })),
      /its text tells of no trace/,
    )
  }
  assert.equal(
    fault(() => check({ status: 200, text: 'trace not found' })),
    'status 200, not 404',
  )
})

test('a push is refused with its cause', () => {
  refusedWithCause({ status: 400, message: 'proto: ExportTraceServiceRequest: wiretype end group for non-group' })
  refusedWithCause({ status: 'RESOURCE_EXHAUSTED', message: 'grpc: received message larger than max (5 vs. 4)' })
  refusedWithCause({ status: 'INTERNAL', message: 'grpc: error unmarshalling request: proto: wrong wireType' })
  for (const status of [200, 500, 503, 'OK', 'UNAVAILABLE', 'DEADLINE_EXCEEDED']) {
    assert.match(
      fault(() => refusedWithCause({ status, message: 'a long and telling message' })),
      /which is no refusal of bad data/,
    )
  }
  assert.match(
    fault(() => refusedWithCause({ status: 400, message: '' })),
    /no text says why/,
  )
  assert.match(
    fault(() => refusedWithCause({ status: 'INTERNAL', message: 'internal error' })),
    /gives no cause/,
  )
})

test('a counter grew by at least so much, also over a restart', () => {
  grewBy(3, 4)(7)
  grewBy(undefined, 4)(4)
  grewBy(100, 4)(5)
  assert.equal(
    fault(() => grewBy(3, 4)(6)),
    'the counter grew by 3, from 3 to 6, not by 4',
  )
  assert.match(
    fault(() => grewBy(100, 4)(3)),
    /grew by 3, from 0 to 3/,
  )
  assert.equal(
    fault(() => grewBy(undefined, 1)(undefined)),
    'there is no such counter yet',
  )
  assert.throws(() => grewBy(0, 0)(0), RangeError)
  isCounting(1)
  assert.match(
    fault(() => isCounting(0)),
    /is 0/,
  )
  assert.match(
    fault(() => isCounting(undefined)),
    /no such counter/,
  )
})

const rule = { id: 'thirty', enabled: true, prefix: 'single-tenant/', limited: false, expirationDays: 30 }

test('an enabled rule expires everything below the prefix after 30 days', () => {
  const check = expiresAfter(30, 'single-tenant/')
  check([rule])
  check([{ ...rule, prefix: '' }])
  check([{ ...rule, enabled: false }, rule])
  check([rule, { ...rule, id: 'elsewhere', prefix: 'other/', expirationDays: 1 }])
  assert.match(
    fault(() => check([])),
    /the bucket has no lifecycle rules/,
  )
  for (const wrong of [
    { enabled: false },
    { expirationDays: 31 },
    { expirationDays: undefined },
    { limited: true },
    { prefix: 'other/' },
    { prefix: 'single-tenant/deeper/' },
  ]) {
    assert.match(
      fault(() => check([{ ...rule, ...wrong }])),
      /no enabled rule expires everything below "single-tenant\/" after 30 days: rule "thirty"/,
    )
  }
  assert.match(
    fault(() => check([rule, { ...rule, id: 'soon', prefix: 'single-tenant/x', expirationDays: 7 }])),
    /rule "soon" .* expires before 30 days/,
  )
})

const lines = (cause: RegExp) =>
  tempoLog.recorded.filter(recorded => cause.test(recorded.cause)).map(({ line }) => line)

for (const [system, log] of Object.entries({ Tempo: tempoLog, Mimir: mimirLog })) {
  test(`every recorded storage error of ${system} is found as what it is, and nothing in a healthy log`, () => {
    const { recorded, healthy } = log
    assert.ok(recorded.length > 0 && healthy.length > 0)
    proveLogSearch(log)
    for (const { kind, line } of recorded) assert.deepEqual(storageErrors(log, [...healthy, line]), [{ kind, line }])
    noStorageErrors(log)(healthy)
    for (const { line } of recorded)
      assert.match(
        fault(() => noStorageErrors(log)([...healthy, line])),
        /^1 storage errors in the log: \(/,
      )
    assert.equal(
      fault(() => noStorageErrors(log)([])),
      'the log has no lines at all',
    )
  })
}

test('an error is found in a log of JSON as well, and of another cause too', () => {
  const json =
    '{"level":"error","msg":"failed to poll blocklist","err":"error listing blocks in s3 bucket, bucket: b: Access Denied."}'
  assert.equal(storageErrors(tempoLog, [json])[0]?.kind, 'authentication')
  const slow =
    'level=error caller=tempodb.go:666 msg="failed to poll blocklist" err="error listing blocks in s3 bucket, bucket: b: Please reduce your request rate."'
  assert.equal(storageErrors(tempoLog, [slow])[0]?.kind, 'other')
  const ended = 'level=error caller=tempodb.go:666 msg="failed to poll blocklist" err="context canceled"'
  assert.deepEqual(storageErrors(tempoLog, [ended]), [])
})

test('a failed write, and refused credentials, are told of', () => {
  recordsStorageWriteError(tempoLog)(lines(/disabled while it writes/))
  recordsStorageWriteError(tempoLog)(lines(/down while it writes/))
  assert.match(
    fault(() => recordsStorageWriteError(tempoLog)(lines(/looks for blocks/))),
    /no failed write/,
  )
  assert.match(
    fault(() => recordsStorageWriteError(tempoLog)(tempoLog.healthy)),
    /no failed write/,
  )
  namesRefusedCredentials(tempoLog)(lines(/disabled when it starts/))
  namesRefusedCredentials(tempoLog)(lines(/wrong secret/))
  assert.match(
    fault(() => namesRefusedCredentials(tempoLog)(lines(/unknown authority/))),
    /only \(connection\)/,
  )
  assert.match(
    fault(() => namesRefusedCredentials(tempoLog)(tempoLog.healthy)),
    /no storage error at all/,
  )
})

test('a list holds a bucket of just that name', () => {
  const check = holdsBucket('thanos')
  check(['loki-chunks', 'thanos'])
  assert.equal(
    fault(() => check(['thanos-old', 'loki-chunks'])),
    'no bucket thanos in the list: only loki-chunks, thanos-old',
  )
  assert.equal(
    fault(() => check([])),
    'no bucket thanos in the list: none at all',
  )
})

test('versions are kept where versioning is enabled, and not where it was suspended', () => {
  keepsVersions('Enabled')
  assert.equal(
    fault(() => keepsVersions('Suspended')),
    'its versioning is suspended',
  )
  assert.equal(
    fault(() => keepsVersions('never enabled')),
    'its versioning is never enabled',
  )
})

test('one rule that is enabled is enough, and a disabled one is none', () => {
  const rule = { id: 'old', enabled: true, prefix: '', limited: true, expirationDays: undefined }
  hasEnabledRule([{ ...rule, enabled: false }, rule])
  assert.match(
    fault(() => hasEnabledRule([{ ...rule, enabled: false }])),
    /^no rule is enabled: rule "old" \(disabled/,
  )
  assert.match(
    fault(() => hasEnabledRule([])),
    /^no rule is enabled: the bucket has no lifecycle rules/,
  )
})
