import 'reflect-metadata'
import { randomBytes, webcrypto } from 'node:crypto'
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'

/** PEM texts: an authority of this lab alone, and a server certificate for 127.0.0.1 and localhost that it signed. */
export interface Certificates {
  readonly authority: string
  readonly server: string
  readonly serverKey: string
  /** Certificates for the same key that nobody should accept, by what is wrong with them. */
  readonly faulty: Readonly<Record<'expired' | 'other host' | 'unknown authority', string>>
}

type Names = ConstructorParameters<typeof SubjectAlternativeNameExtension>[0] & object

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const hour = 3_600_000
const day = 24 * hour
/** Longer than any lab is kept running. */
const lifetime = 90 * day

/** The authority's own key is forgotten: nothing else can ever be signed with it. */
export async function makeCertificates(): Promise<Certificates> {
  const [authorityKeys, serverKeys, strangerKeys] = await Promise.all([makeKeys(), makeKeys(), makeKeys()])
  // An hour back, for clocks of containers and virtual machines that lag behind.
  const validity = { notBefore: new Date(Date.now() - hour), notAfter: new Date(Date.now() + lifetime) }
  const authority = await X509CertificateGenerator.createSelfSigned({
    ...validity,
    serialNumber: serialNumber(),
    name: 'CN=observability-acceptance lab authority',
    keys: authorityKeys,
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(authorityKeys.publicKey),
    ],
  })
  const ownNames: Names = [
    { type: 'dns', value: 'localhost' },
    { type: 'ip', value: '127.0.0.1' },
  ]
  const sign = async (
    names: Names,
    during: typeof validity,
    signingKey = authorityKeys.privateKey,
  ): Promise<string> => {
    const certificate = await X509CertificateGenerator.create({
      ...during,
      serialNumber: serialNumber(),
      subject: 'CN=localhost',
      issuer: authority.subject,
      publicKey: serverKeys.publicKey,
      signingKey,
      signingAlgorithm: algorithm,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
        new SubjectAlternativeNameExtension(names),
      ],
    })
    return certificate.toString('pem')
  }
  const past = { notBefore: new Date(Date.now() - lifetime), notAfter: new Date(Date.now() - day) }
  const [server, expired, otherHost, unknownAuthority] = await Promise.all([
    sign(ownNames, validity),
    sign(ownNames, past),
    sign([{ type: 'dns', value: 'elsewhere.example' }], validity),
    sign(ownNames, validity, strangerKeys.privateKey),
  ])
  const key = PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', serverKeys.privateKey), 'PRIVATE KEY')
  const faulty = { expired, 'other host': otherHost, 'unknown authority': unknownAuthority }
  return { authority: authority.toString('pem'), server, serverKey: key, faulty }
}

async function makeKeys(): Promise<webcrypto.CryptoKeyPair> {
  return await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
}

/** A positive number in hexadecimal (RFC 5280, section 4.1.2.2). */
function serialNumber(): string {
  return `01${randomBytes(15).toString('hex')}`
}
