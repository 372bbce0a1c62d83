import { z } from 'zod'

/** `kind/name`, as kubectl takes it: `statefulset/tempo`. */
const resource = z.string().regex(/^[a-z]+\/[a-z0-9.-]+$/, 'expected kind/name, such as statefulset/tempo')
const manifest = z.looseObject({ apiVersion: z.string(), kind: z.string() })

/** One change of a Kubernetes cluster, which is taken back when the fault is over. */
export const clusterChangeSchema = z.union([
  z.strictObject({
    /** What is changed by a JSON patch (RFC 6902), and put back as it was. */
    patch: resource,
    namespace: z.string().default('monitoring'),
    operations: z.array(z.looseObject({ op: z.string(), path: z.string() })).min(1),
    /** The pods that run stay as they are, and only those that come after them are made in the changed way. */
    keepsPods: z.boolean().default(false),
    /** It is waited until no pod with these labels is left. */
    gone: z.string().optional(),
  }),
  /** This object is there. */
  z.strictObject({ create: manifest }),
  /** This object is there in place of the one of its name, of which nothing can be changed. */
  z.strictObject({ recreate: manifest }),
  z.strictObject({
    /** Nobody may delete objects of this kind, in the plural: `persistentvolumes`. */
    keep: z.string(),
    /** One of them that nobody needs, by which it is seen that the rule is in force. */
    probe: manifest,
  }),
  /** A command of the shell that runs again and again on the node, where its mounts are. */
  z.strictObject({ repeat: z.string().min(1) }),
])

export type ClusterChange = z.output<typeof clusterChangeSchema>
