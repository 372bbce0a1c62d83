import type { Edit } from '../../faults/rule.ts'
import { double, drop, type Json, put, spotsOf, valueAt } from './places.ts'

/** A body that can be read as data: decoded, and put together again. */
export interface Structure {
  /** @throws where the bytes are no such data: edits by place find nothing in them */
  decode(bytes: Buffer): Json
  encode(value: Json): Buffer
}

/**
 * Makes the edits one after the other. Tells whether any of them found its place; otherwise the bytes are the same.
 * @param structure how the body is read as data, for edits by place
 */
export function applyEdits(
  bytes: Buffer,
  edits: readonly Edit[],
  structure: Structure,
): { readonly bytes: Buffer; readonly changed: boolean } {
  let edited = bytes
  let changed = false
  for (const edit of edits) {
    const next = applyEdit(edited, edit, structure)
    if (next === undefined) continue
    edited = next
    changed = true
  }
  return { bytes: edited, changed }
}

/** Undefined where it found no place. */
function applyEdit(bytes: Buffer, edit: Edit, structure: Structure): Buffer | undefined {
  if ('replace' in edit) {
    return ifOther(bytes, text => text.replace(new RegExp(edit.replace, edit.all === true ? 'g' : ''), edit.with))
  }
  if ('dropLines' in edit) {
    const unwanted = new RegExp(edit.dropLines)
    return ifOther(bytes, text =>
      text
        .split('\n')
        .filter(line => !unwanted.test(line))
        .join('\n'),
    )
  }
  if ('invertByte' in edit) return invertByte(bytes, edit.invertByte)
  const value = decoded(bytes, structure)
  return value !== undefined && editValue(value, edit) ? structure.encode(value) : undefined
}

function decoded(bytes: Buffer, structure: Structure): Json | undefined {
  try {
    return structure.decode(bytes)
  } catch {
    return undefined
  }
}

type PlaceEdit = Exclude<Edit, { replace: string } | { dropLines: string } | { invertByte: number }>

function editValue(value: Json, edit: PlaceEdit): boolean {
  if ('drop' in edit) {
    const spots = spotsOf(value, edit.drop)
    for (const spot of spots) drop(spot)
    return spots.length > 0
  }
  if ('double' in edit)
    return spotsOf(value, edit.double)
      .map(double)
      .some(done => done)
  if ('set' in edit) {
    return Object.entries(edit.set)
      .flatMap(([place, other]) => spotsOf(value, place, 'allowed').map(spot => put(spot, structuredClone(other))))
      .some(() => true)
  }
  return Object.entries(edit.add)
    .flatMap(([place, amount]) => spotsOf(value, place).map(spot => add(spot, amount)))
    .some(done => done)
}

/** 64-bit integers are written as strings, and stay exact. */
function add(spot: Parameters<typeof put>[0], amount: number): boolean {
  const number = valueAt(spot)
  if (typeof number === 'number') put(spot, number + amount)
  else if (typeof number === 'string' && /^-?\d+$/.test(number)) put(spot, String(BigInt(number) + BigInt(amount)))
  else return false
  return true
}

function ifOther(bytes: Buffer, change: (text: string) => string): Buffer | undefined {
  const text = bytes.toString('utf8')
  const other = change(text)
  return other === text ? undefined : Buffer.from(other)
}

function invertByte(bytes: Buffer, offset: number): Buffer | undefined {
  const at = offset < 0 ? bytes.length + offset : offset
  const byte = bytes[at]
  if (byte === undefined) return undefined
  const other = Buffer.from(bytes)
  other[at] = byte ^ 0xff
  return other
}
