/** The levels that each factor may take, such as `{ events: ['none', 'one'], kind: ['server', 'client'] }`. */
export type Factors = Readonly<Record<string, readonly string[]>>
export type Row<F extends Factors> = { readonly [K in keyof F]: F[K][number] }

/** What must not stand together in a row. It is asked of rows that are still incomplete: what is absent forbids nothing. */
export type Forbidden<F extends Factors> = (row: Partial<Row<F>>) => boolean

interface Level {
  readonly factor: string
  readonly level: string
}

/**
 * Rows in which every pair of levels of two factors that can stand together does so at least once (a covering array of
 * strength 2), found greedily: each row begins with a pair that is still missing and takes, factor by factor, the level
 * that adds the most missing pairs. The same seed gives the same rows.
 * @throws RangeError where the rules leave no row at all
 */
export function pairwise<F extends Factors>(factors: F, forbidden: Forbidden<F>, seed: number): Row<F>[] {
  const random = randomFrom(seed)
  const names = Object.keys(factors)
  const allows = (row: Record<string, string>) => !forbidden(row as Partial<Row<F>>)
  const complete = (row: Record<string, string>): Record<string, string> | undefined => {
    if (!allows(row)) return undefined
    const open = names.find(name => !(name in row))
    if (open === undefined) return row
    for (const level of shuffled(factors[open] ?? [], random)) {
      const found = complete({ ...row, [open]: level })
      if (found !== undefined) return found
    }
    return undefined
  }
  if (complete({}) === undefined) throw new RangeError('no row can satisfy the rules of these factors')

  const missing = new Map<string, readonly [Level, Level]>()
  for (const [a, b] of levelPairs(factors)) {
    if (complete({ [a.factor]: a.level, [b.factor]: b.level }) !== undefined) missing.set(pairKey(a, b), [a, b])
  }
  const gain = (row: Record<string, string>, next: Level): number =>
    Object.entries(row).filter(([factor, level]) => missing.has(pairKey({ factor, level }, next))).length

  const rows: Row<F>[] = []
  while (missing.size > 0) {
    const [first] = shuffled([...missing.values()], random)
    if (first === undefined) break
    let row: Record<string, string> = Object.fromEntries(first.map(({ factor, level }) => [factor, level]))
    for (const factor of shuffled(names, random).filter(name => !(name in row))) {
      const levels = shuffled(factors[factor] ?? [], random).sort(
        (a, b) => gain(row, { factor, level: b }) - gain(row, { factor, level: a }),
      )
      const level = levels.find(candidate => complete({ ...row, [factor]: candidate }) !== undefined)
      if (level !== undefined) row = { ...row, [factor]: level }
    }
    const taken = Object.entries(row).map(([factor, level]) => ({ factor, level }))
    for (const a of taken) for (const b of taken) missing.delete(pairKey(a, b))
    rows.push(Object.fromEntries(names.map(name => [name, row[name]])) as Row<F>)
  }
  return rows
}

/** Every pair of levels of two different factors. */
export function levelPairs(factors: Factors): [Level, Level][] {
  const all = Object.entries(factors).map(([factor, levels]) => levels.map(level => ({ factor, level })))
  return all.flatMap((ofOne, index) =>
    all.slice(index + 1).flatMap(others => ofOne.flatMap(a => others.map(b => [a, b] as [Level, Level]))),
  )
}

function pairKey(a: Level, b: Level): string {
  return [`${a.factor}=${a.level}`, `${b.factor}=${b.level}`].sort().join(' & ')
}

function shuffled<T>(values: readonly T[], random: () => number): T[] {
  const result = [...values]
  for (let index = result.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1))
    const held = result[index] as T
    result[index] = result[other] as T
    result[other] = held
  }
  return result
}

/** Numbers in [0, 1) that only depend on the seed (the mulberry32 generator). */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
