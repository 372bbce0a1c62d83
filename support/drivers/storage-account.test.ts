import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, describe, it } from 'node:test'
import { TransientError } from '../errors.ts'
import { Secret } from '../secret.ts'
import { StorageAccount } from './storage-account.ts'

const soon = () => AbortSignal.timeout(5_000)
const place = { bucket: 'traces', key: 'acceptance-a', content: Buffer.from('written') }

describe('an account of an object storage', () => {
  const asked: string[] = []
  let answer: (request: IncomingMessage, response: ServerResponse) => void
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url?.replace(/[?&]x-id=\w+/, '')}`)
    request.resume().once('end', () => answer(request, response))
  })
  let account: StorageAccount
  before(async () => {
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const endpoint = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    const credentials = { accessKeyId: new Secret('keeper-key'), secretAccessKey: new Secret('made-up-secret') }
    account = new StorageAccount({
      endpoint,
      knownAs: endpoint,
      region: 'here',
      forcePathStyle: true,
      credentials,
      buckets: {},
    })
  })
  after(() => server.close())
  beforeEach(() => void asked.splice(0))

  const says = (status: number, code = '') => {
    answer = (_, response) => response.writeHead(status).end(code === '' ? '' : `<Error><Code>${code}</Code></Error>`)
  }

  it('tries each access by one request to the place itself', async () => {
    says(200)
    for (const access of ['write', 'read', 'delete'] as const) {
      const { value } = await account.attempt(access, place, soon())
      assert.deepEqual([value.access, value.bucket, value.key, value.allowed], [access, 'traces', 'acceptance-a', true])
    }
    assert.deepEqual(asked, ['PUT /traces/acceptance-a', 'GET /traces/acceptance-a', 'DELETE /traces/acceptance-a'])
  })

  it('tells what it read, and which keys it listed', async () => {
    answer = (_, response) => response.end('written')
    assert.equal((await account.attempt('read', place, soon())).value.content?.toString(), 'written')
    answer = (_, response) =>
      response.end('<ListBucketResult><Contents><Key>acceptance-a</Key></Contents></ListBucketResult>')
    assert.deepEqual((await account.attempt('list', place, soon())).value.keys, ['acceptance-a'])
    answer = (_, response) =>
      response.end(
        '<ListAllMyBucketsResult><Buckets><Bucket><Name>traces</Name></Bucket></Buckets></ListAllMyBucketsResult>',
      )
    assert.deepEqual((await account.buckets(soon())).value, ['traces'])
  })

  it('takes 403 for a refusal, and no such object for none', async () => {
    says(403, 'AccessDenied')
    for (const access of ['list', 'write', 'read', 'delete'] as const) {
      const { value } = await account.attempt(access, place, soon())
      assert.deepEqual([value.allowed, value.refusal], [false, '403 AccessDenied'])
    }
    says(404, 'NoSuchKey')
    const { value } = await account.attempt('read', place, soon())
    assert.deepEqual([value.allowed, value.content], [true, undefined])
  })

  it('takes nothing else for an answer', async () => {
    says(503, 'SlowDown')
    await assert.rejects(account.attempt('write', place, soon()), TransientError)
    says(404, 'NoSuchBucket')
    await assert.rejects(account.attempt('list', place, soon()), /404 NoSuchBucket.*bucket traces: create it/)
  })
})
