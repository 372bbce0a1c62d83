import type { Standing } from './entries.ts'

/** `2026-11-21 02:14 UTC`. */
export function timeOf(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`
}

/** The class of the style sheet that colours a standing. */
export function classOf(standing: Standing): string {
  return standing.replaceAll(' ', '-')
}
