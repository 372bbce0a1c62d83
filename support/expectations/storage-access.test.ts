import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Attempt } from '../drivers/storage-account.ts'
import { Unmet } from '../errors.ts'
import { listsAll, mayDoAll, mayDoNothing } from './storage-access.ts'

const content = Buffer.from('a')
const own: Attempt[] = [
  { bucket: 'own', key: 'k', access: 'write', allowed: true },
  { bucket: 'own', key: 'k', access: 'read', allowed: true, content: Buffer.from('a') },
]
const refused: Attempt = { bucket: 'own', key: 'k', access: 'delete', allowed: false, refusal: '403 AccessDenied' }
const unmet = (act: () => void, says: RegExp) =>
  assert.throws(act, error => error instanceof Unmet && says.test(error.message))

test('everything is allowed in the own bucket, and what was read is what was written', () => {
  mayDoAll(content)(own)
  unmet(() => mayDoAll(content)([...own, refused]), /^it may not delete in own \(403 AccessDenied\)$/)
  unmet(() => mayDoAll(Buffer.from('b'))(own), /what it reads in own is not what it wrote there/)
  const nothing: Attempt = { bucket: 'own', key: 'k', access: 'read', allowed: true }
  unmet(() => mayDoAll(content)([nothing]), /what it reads in own is not/)
  assert.throws(() => mayDoAll(content)([]), RangeError)
})

test('nothing is allowed elsewhere', () => {
  mayDoNothing([refused])
  unmet(
    () => mayDoNothing([refused, { bucket: 'others', key: 'k', access: 'list', allowed: true }]),
    /^it may list in others$/,
  )
  const written: Attempt = { bucket: 'others', key: 'k', access: 'write', allowed: true }
  unmet(() => mayDoNothing([written]), /^it may write in others, where k stays: remove it by hand$/)
  unmet(
    () => mayDoNothing([written, { ...written, access: 'delete' }]),
    /^it may write in others\n?.*it may delete in others/s,
  )
  assert.throws(() => mayDoNothing([]), RangeError)
})

test('a list holds every key that is known', () => {
  const list: Attempt = { bucket: 'own', key: 'k', access: 'list', allowed: true, keys: ['a', 'b'] }
  listsAll(['a'])(list)
  unmet(() => listsAll(['a', 'c'])(list), /^1 of 2 objects; missing c$/)
  unmet(() => listsAll(['a'])({ ...refused, access: 'list' }), /it may not list own/)
})
