import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3'
import { connectStorage } from '../drivers/object-storage.ts'
import { causeOfStorage } from '../target/preflight-cause.ts'
import type { ObjectStorage } from '../target/target.ts'
import type { Finding } from './finding.ts'

const limitMs = 5_000

/** Whether the suite may list a bucket and read an object of it; it never writes there, so nothing is written here either. */
export async function checkBucket(storage: ObjectStorage, bucket: string, signal: AbortSignal): Promise<Finding> {
  const client = await connectStorage(storage)
  const about = 'object storage'
  const ended = { abortSignal: AbortSignal.any([signal, AbortSignal.timeout(limitMs)]) }
  try {
    const listed = await client.send(new ListObjectsV2Command({ Bucket: bucket, MaxKeys: 1 }), ended)
    const Key = listed.Contents?.[0]?.Key
    if (Key === undefined) return { about, what: `${bucket}: listed; it is empty, so nothing could be read` }
    const read = await client.send(new GetObjectCommand({ Bucket: bucket, Key, Range: 'bytes=0-0' }), ended)
    await read.Body?.transformToByteArray()
    return { about, what: `${bucket}: listed, and an object read` }
  } catch (error) {
    const { cause, advice } = causeOfStorage(error, bucket, limitMs)
    return { about, what: `${bucket} can be listed and read`, problem: cause, advice }
  } finally {
    client.destroy()
  }
}
