import { CertificateAuthority, makeKeys, privateKeyPem, type Validity } from './authority.ts'

/** PEM texts: an authority of this lab alone, and a server certificate for 127.0.0.1 and localhost that it signed. */
export interface Certificates {
  readonly authority: string
  readonly server: string
  readonly serverKey: string
  /** Certificates for the same key that nobody should accept, by what is wrong with them. */
  readonly faulty: Readonly<Record<'expired' | 'other host' | 'unknown authority', string>>
}

const hour = 3_600_000
const day = 24 * hour
/** Longer than any lab is kept running. */
const lifetime = 90 * day
const subject = 'CN=localhost'

/** From now on; an hour back, for clocks of containers and virtual machines that lag behind. */
export function validFromNow(): Validity {
  return { notBefore: new Date(Date.now() - hour), notAfter: new Date(Date.now() + lifetime) }
}

/** The authority's own key is forgotten: nothing else can ever be signed with it. */
export async function makeCertificates(): Promise<Certificates> {
  const during = validFromNow()
  const name = 'CN=observability-acceptance lab authority'
  const [authority, stranger, keys] = await Promise.all([
    CertificateAuthority.create(name, during),
    CertificateAuthority.create(name, during),
    makeKeys(),
  ])
  const past = { notBefore: new Date(Date.now() - lifetime), notAfter: new Date(Date.now() - day) }
  const names = [
    { type: 'dns', value: 'localhost' },
    { type: 'ip', value: '127.0.0.1' },
  ] as const
  const [server, expired, otherHost, unknownAuthority] = await Promise.all([
    authority.sign({ subject, names, during, keys }),
    authority.sign({ subject, names, during: past, keys }),
    authority.sign({ subject, names: [{ type: 'dns', value: 'elsewhere.example' }], during, keys }),
    stranger.sign({ subject, names, during, keys }),
  ])
  const faulty = { expired, 'other host': otherHost, 'unknown authority': unknownAuthority }
  return { authority: authority.certificate, server, serverKey: await privateKeyPem(keys), faulty }
}
