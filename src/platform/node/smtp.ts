import { createTransport } from 'nodemailer'
import type { Messenger } from '../../edge/platform.ts'

export interface SmtpConfig {
  readonly host: string
  readonly port: number
  /** TLS from the first byte (`smtps`); otherwise STARTTLS, without which nothing is sent but to this machine. */
  readonly isSecure: boolean
  readonly user: string | undefined
  readonly password: string | undefined
  readonly from: string
  /** Operator that takes a text message as an e-mail to `33612345678@domain`. */
  readonly smsDomain: string | undefined
}

const isLoopback = (host: string) => ['localhost', '127.0.0.1', '::1'].includes(host)

const ANSWER_WITHIN_MS = 10_000

/** Sends through an SMTP server. `ca` is given by tests: the authority of a server on this machine. */
export const smtpMessenger = (config: SmtpConfig, options: { readonly ca?: string } = {}): Messenger => {
  const transport = createTransport({
    host: config.host,
    port: config.port,
    secure: config.isSecure,
    requireTLS: !config.isSecure && !isLoopback(config.host),
    ...(config.user === undefined ? {} : { auth: { user: config.user, pass: config.password ?? '' } }),
    connectionTimeout: ANSWER_WITHIN_MS,
    greetingTimeout: ANSWER_WITHIN_MS,
    socketTimeout: ANSWER_WITHIN_MS,
    // A message is made here of two plain strings: nothing of it is ever read from a file or an address.
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(options.ca === undefined ? {} : { tls: { ca: options.ca } }),
  })
  const { smsDomain } = config
  return {
    channels: smsDomain === undefined ? ['email'] : ['email', 'sms'],
    send: async ({ channel, to, subject, text }) => {
      if (channel === 'sms' && smsDomain === undefined) throw new Error('no operator for text messages')
      const sending = transport.sendMail({
        from: config.from,
        to:
          channel === 'sms'
            ? { name: '', address: `${to.replace(/^\+/, '')}@${smsDomain}` }
            : { name: '', address: to },
        subject,
        text,
        // Out-of-office answers to a machine help nobody (RFC 3834).
        headers: { 'Auto-Submitted': 'auto-generated' },
      })
      try {
        await sending
      } catch (error) {
        const { code = '', responseCode = '' } = error as { code?: string; responseCode?: number }
        // Without what the server said, which may name the mailbox.
        throw new Error(`SMTP: ${code} ${responseCode}`.trimEnd())
      }
    },
  }
}
