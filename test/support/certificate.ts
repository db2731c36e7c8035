import { generate } from 'selfsigned'

/** Names that a certificate is good for, beside its common name. */
const ALT_NAMES = [
  { type: 2 as const, value: 'localhost' },
  { type: 7 as const, ip: '127.0.0.1' },
]

/**
 * A certificate that vouches for itself, with its key. Its dates are fixed: TLS goes by the machine's own clock, whatever
 * day the tests are run on.
 */
export const selfSigned = (commonName = 'localhost') =>
  generate([{ name: 'commonName', value: commonName }], {
    algorithm: 'sha256',
    notBeforeDate: new Date('2020-01-01T00:00:00Z'),
    notAfterDate: new Date('2045-01-01T00:00:00Z'),
    extensions: [
      { name: 'basicConstraints', cA: true },
      ...(commonName === 'localhost' ? [{ name: 'subjectAltName' as const, altNames: ALT_NAMES }] : []),
    ],
  })
