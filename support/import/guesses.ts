import type { Kind, Systems } from '../requirements/schema.ts'

/**
 * What decides a requirement, by the first line that fits its sentence; `runtime` where none does. What leads from one
 * part of a plan to another, or speaks of how it is written, is about the plan.
 */
const kindsByWords: readonly (readonly [Kind, RegExp])[] = [
  ['human', /→|\b(?:EARS|BDD)\b/],
  ['human', /\b(?:review|approv|sign(?:ed)? off|team|stakeholder|trained|documented|decided|traceab)/i],
  ['repository', /\b[\w.*{}-]+\/[\w.*{}-]+\.(?:ya?ml|json|md|sh|j2|tf|toml)\b|\bREADME\b/],
  ['repository', /\b(?:files?|directory|directories|folders?|scripts?|repository|git|committed|SOPS|\.ya?ml)\b/i],
  ['repository', /\bcreate [`"]?[\w.-]+\//i],
  [
    'cluster',
    /\b(?:pods?|nodes?|namespaces?|replicas?|deployments?|statefulsets?|daemonsets?|PVCs?|PersistentVolumeClaims?|claims?|StorageClass(?:es)?|ServiceAccounts?|ClusterRoles?|HelmReleases?|Kustomizations?|CRDs?|kubectl|memory limits?|Secrets?|ConfigMaps?)\b/i,
  ],
]

const disruptions =
  /\b(?:restart(?:s|ed)?|reboot(?:s|ed)?|kill(?:s|ed)?|drain(?:s|ed)?|crash(?:es|ed)?|fail(?:s|ed)? over|failover|power(?:ed)? off|evict(?:s|ed)?|terminat(?:es?|ed)|uninstall(?:s|ed)?|network partition|revoked?)\b/i

/** Words by which documents mean a system, besides its key and its name in systems.yaml. */
const otherNames: Readonly<Record<string, RegExp>> = {
  s3: /\bS3\b|\bMinio\b|\bbuckets?\b|object stor(?:e|age)/i,
  flux: /\bFluxCD\b/i,
  kubernetes: /\bk8s\b|\bkubectl\b|\bpods?\b|\bnamespaces?\b|\bnodes?\b/i,
  onepassword: /\bop inject\b|\b1Password\b/i,
  'cloudnative-pg': /\bCNPG\b|\bPostgres(?:QL)?\b/i,
  'rook-ceph': /\bRook\b|\bCeph\b/i,
  ingress: /\bgateway API\b|\bnginx\b/i,
}
/** Named so rarely as themselves that their keys, common words, decide nothing. */
const commonWords = new Set(['project', 'documentation', 'repository'])

const bound =
  /(?:\bwithin|\bin (?:less|under) than|\bin under|\bless than|\bunder|\bat most|\bno (?:more|longer) than|\bup to|<=?|≤)\s*(?:about )?(\d+(?:\.\d+)? ?(?:ms|milliseconds?|s|seconds?|min|minutes?|h|hours?|d|days?))\b/i

/** What a sentence seems to need to be decided. */
export function guessKind(says: string): Kind {
  return kindsByWords.find(([, words]) => words.test(says))?.[0] ?? 'runtime'
}

/** Whether a sentence seems to speak of something that takes a system away from those who use it. */
export function guessDisruptive(says: string): boolean {
  return disruptions.test(says)
}

/** The deadline as the sentence names it, such as `5 minutes`; undefined where it sets none. */
export function guessDeadline(says: string): string | undefined {
  return bound.exec(says)?.[1]
}

/**
 * Which system a requirement is about: the first that is named where the sentence tells who shall, then anywhere in it,
 * then in the headings above it, the nearest first. Undefined where none of them names one.
 */
export function guessSystem(says: string, headings: readonly string[], systems: Systems): string | undefined {
  const shall = says.search(/\bshall\b/)
  const subject = says.slice(says.lastIndexOf(', ', shall) + 1, shall)
  for (const text of [subject, says, ...headings]) {
    const found = firstNamed(text, systems)
    if (found !== undefined) return found
  }
  return undefined
}

function firstNamed(text: string, systems: Systems): string | undefined {
  return (
    Object.entries(systems)
      .filter(([key]) => !commonWords.has(key))
      .flatMap(([key, name]) =>
        namesOf(key, name).flatMap(pattern => {
          const match = pattern.exec(text)
          return match === null ? [] : [{ key, place: match.index, length: match[0].length }]
        }),
      )
      // "Grafana Mimir" is not Grafana.
      .sort((left, right) => left.place - right.place || right.length - left.length)[0]?.key
  )
}

function namesOf(key: string, name: string): RegExp[] {
  const words = [key, key.replaceAll('-', ' '), key.replaceAll('-', ''), name]
  const written = words.map(
    word => new RegExp(`(?<![\\w-])${word.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w])`, 'i'),
  )
  const other = otherNames[key]
  return other === undefined ? written : [...written, other]
}
