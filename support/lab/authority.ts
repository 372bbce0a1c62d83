import 'reflect-metadata'
import { randomBytes, webcrypto } from 'node:crypto'
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type JsonGeneralName,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

export interface Validity {
  readonly notBefore: Date
  readonly notAfter: Date
}

/** What a certificate says of its holder. */
export interface Holder {
  /** As in RFC 4514: `CN=localhost`, `CN=admin, O=system:masters`. */
  readonly subject: string
  /** The names of a server; a client has none. */
  readonly names?: readonly JsonGeneralName[]
  readonly during: Validity
  readonly keys: webcrypto.CryptoKeyPair
}

/** An authority that signs certificates for servers and clients; its key is kept in memory only. */
export class CertificateAuthority {
  /** PEM. */
  readonly certificate: string
  readonly #subject: string
  readonly #keys: webcrypto.CryptoKeyPair

  static async create(subject: string, during: Validity): Promise<CertificateAuthority> {
    const keys = await makeKeys()
    const certificate = await X509CertificateGenerator.createSelfSigned({
      ...during,
      serialNumber: serialNumber(),
      name: subject,
      keys,
      signingAlgorithm: algorithm,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        await SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    })
    return new CertificateAuthority(certificate.toString('pem'), subject, keys)
  }

  private constructor(certificate: string, subject: string, keys: webcrypto.CryptoKeyPair) {
    this.certificate = certificate
    this.#subject = subject
    this.#keys = keys
  }

  /** The PEM of a certificate that this authority signed, for servers that have names, and for clients. */
  async sign({ subject, names = [], during, keys }: Holder): Promise<string> {
    const certificate = await X509CertificateGenerator.create({
      ...during,
      serialNumber: serialNumber(),
      subject,
      issuer: this.#subject,
      publicKey: keys.publicKey,
      signingKey: this.#keys.privateKey,
      signingAlgorithm: algorithm,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([names.length > 0 ? ExtendedKeyUsage.serverAuth : ExtendedKeyUsage.clientAuth]),
        ...(names.length > 0 ? [new SubjectAlternativeNameExtension([...names])] : []),
      ],
    })
    return certificate.toString('pem')
  }
}

export async function makeKeys(): Promise<webcrypto.CryptoKeyPair> {
  return await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
}

/** A private key as PEM (PKCS #8). */
export async function privateKeyPem({ privateKey }: webcrypto.CryptoKeyPair): Promise<string> {
  return PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', privateKey), 'PRIVATE KEY')
}

/** A positive number in hexadecimal (RFC 5280, section 4.1.2.2). */
function serialNumber(): string {
  return `01${randomBytes(15).toString('hex')}`
}
