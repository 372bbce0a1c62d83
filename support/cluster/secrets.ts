import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { type Account, makeAccounts } from '../lab/accounts.ts'
import { CertificateAuthority, makeKeys, privateKeyPem } from '../lab/authority.ts'
import { validFromNow } from '../lab/certificates.ts'
import { Secret } from '../secret.ts'
import { storingSystemNames } from '../system-names.ts'
import type { ClusterPlace } from './place.ts'

const account = z.strictObject({ user: z.string(), password: z.string().transform(text => new Secret(text)) })

const schema = z.strictObject({
  accounts: z.strictObject({
    root: account,
    acceptance: account,
    systems: z.strictObject({ tempo: account, mimir: account }),
  }),
  /** PEM of the authority that signed the storage's certificate, the certificate and its key. */
  authority: z.string(),
  certificate: z.string(),
  key: z.string(),
})

/** What is made up for the systems of one cluster, and gone with its folder. */
export type ClusterSecrets = z.output<typeof schema>

/** Made up the first time, the same ever after. `names` are those of the storage. */
export async function secretsOf({ folder }: ClusterPlace, names: readonly string[]): Promise<ClusterSecrets> {
  const file = join(folder, 'secrets.json')
  if (!existsSync(file)) writeFileSync(file, JSON.stringify(await makeUp(names)), { mode: 0o600 })
  return schema.parse(JSON.parse(readFileSync(file, 'utf8')))
}

async function makeUp(names: readonly string[]) {
  const { root, acceptance, systems } = makeAccounts(storingSystemNames)
  const during = validFromNow()
  const authority = await CertificateAuthority.create('CN=observability-acceptance storage authority', during)
  const keys = await makeKeys()
  const certificate = await authority.sign({
    subject: `CN=${names[0]}`,
    names: names.map(value => ({ type: 'dns', value }) as const),
    during,
    keys,
  })
  const revealed = ({ user, password }: Account) => ({ user, password: password.reveal() })
  const ofSystems = Object.entries(systems).map(([name, own]) => [name, revealed(own)])
  return {
    accounts: {
      root: revealed(root),
      acceptance: revealed(acceptance),
      systems: Object.fromEntries(ofSystems),
    },
    authority: authority.certificate,
    certificate,
    key: await privateKeyPem(keys),
  }
}
