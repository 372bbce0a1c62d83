/**
 * Who keeps data in a bucket of its own, by the documents: systems that the suite tests, and others whose bucket is looked at
 * without them.
 */
export const bucketOwners = [
  'loki',
  'tempo',
  'mimir',
  'thanos',
  'opensearch',
  'parseable',
  'longhorn',
  'volsync',
] as const
export type BucketOwner = (typeof bucketOwners)[number]
