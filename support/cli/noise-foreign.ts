import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { connectStorage } from '../drivers/object-storage.ts'
import type { Lab } from '../lab/lab.ts'
import { loadTarget } from '../target/load.ts'

const block = join(import.meta.dirname, '../../fixtures/payloads/tempo-block')
const files = ['data.parquet', 'meta.json']
const tenant = 'somebody-else'

/** Puts a block of another tenant into the bucket: what is there of others must not matter to anybody. */
export async function putForeignBlock({
  targetFile,
  environment,
}: Pick<Lab, 'targetFile' | 'environment'>): Promise<void> {
  const { s3, systems } = loadTarget(targetFile, { ...process.env, ...environment })
  const administration = s3?.administration
  if (s3 === undefined || administration === undefined || systems.tempo === undefined) return
  const client = await connectStorage({ ...s3, credentials: administration.credentials })
  const { blockID } = JSON.parse(readFileSync(join(block, 'meta.json'), 'utf8')) as { blockID: string }
  for (const name of files) {
    const Key = `${tenant}/${blockID}/${name}`
    await client.send(
      new PutObjectCommand({ Bucket: systems.tempo.bucket, Key, Body: readFileSync(join(block, name)) }),
    )
  }
  client.destroy()
}
