import { z } from 'zod'
import { isDefect, RequestError } from '../errors.ts'

const schema = z.object({
  format: z.string(),
  blockID: z.string(),
  tenantID: z.string(),
  startTime: z.coerce.date(),
  endTime: z.coerce.date(),
  totalObjects: z.int(),
  size: z.int().default(0),
  compactionLevel: z.int().default(0),
  bloomShards: z.int(),
  footerSize: z.int(),
  dedicatedColumns: z
    .array(
      z.object({ s: z.enum(['span', 'resource']).default('span'), n: z.string(), t: z.string().default('string') }),
    )
    .default([]),
})

/** A block's meta.json (tempodb/backend/block_meta.go). */
export interface BlockMeta {
  /** `vParquet4`. */
  readonly format: string
  readonly blockId: string
  readonly tenant: string
  /** Of the spans in it, as Tempo has counted them: whole seconds. */
  readonly start: Date
  readonly end: Date
  /** Traces. */
  readonly totalObjects: number
  /** Bytes of data.parquet. */
  readonly size: number
  /** 0 as an ingester wrote it; each compaction adds 1. */
  readonly compactionLevel: number
  readonly bloomShards: number
  /** Attributes that the installer gave columns of their own: String01, String02, ... in this order for each scope. */
  readonly dedicatedColumns: readonly { readonly scope: 'span' | 'resource'; readonly name: string }[]
}

/** @throws RequestError where it is not the meta of a block */
export function parseBlockMeta(key: string, json: Buffer): BlockMeta {
  try {
    const found = schema.parse(JSON.parse(json.toString('utf8')))
    return {
      format: found.format,
      blockId: found.blockID,
      tenant: found.tenantID,
      start: found.startTime,
      end: found.endTime,
      totalObjects: found.totalObjects,
      size: found.size,
      compactionLevel: found.compactionLevel,
      bloomShards: found.bloomShards,
      dedicatedColumns: found.dedicatedColumns.map(({ s, n }) => ({ scope: s, name: n })),
    }
  } catch (cause) {
    if (isDefect(cause)) throw cause
    throw new RequestError(`${key} is not the meta.json of a Tempo block`, { cause, whose: 'product' })
  }
}
