import { z } from 'zod'
import type { SmtpConfig } from './smtp.ts'

const Environment = z.object({
  DATA_DIR: z.string().min(1).default('./data'),
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: z
    .string()
    .regex(/^\d{1,5}$/)
    .transform(Number)
    .pipe(z.int().max(65_535))
    .default(8080),
  KEY_RING: z.string().optional(),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  TRUSTED_PROXIES: z.string().regex(/^\d$/).transform(Number).default(0),
  PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  SMTP_URL: z
    .url({ protocol: /^smtps?$/ })
    .refine((url) => new URL(url).hostname !== '', 'a host is missing')
    .optional(),
  SMTP_FROM: z.email().optional(),
  SMS_BY_EMAIL_DOMAIN: z
    .string()
    .regex(/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i)
    .optional(),
})

type Settings = z.infer<typeof Environment>

const SMTPS_PORT = 465
const SUBMISSION_PORT = 587

const smtpOf = ({ SMTP_URL, SMTP_FROM, SMS_BY_EMAIL_DOMAIN }: Settings): SmtpConfig | undefined => {
  if (SMTP_URL === undefined) {
    if (SMTP_FROM !== undefined || SMS_BY_EMAIL_DOMAIN !== undefined)
      throw new Error('settings: SMTP_FROM and SMS_BY_EMAIL_DOMAIN are of no use without SMTP_URL')
    return undefined
  }
  if (SMTP_FROM === undefined)
    throw new Error('settings: SMTP_URL needs SMTP_FROM, the address of the sender')
  const url = new URL(SMTP_URL)
  const isSecure = url.protocol === 'smtps:'
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? (isSecure ? SMTPS_PORT : SUBMISSION_PORT) : Number(url.port),
    isSecure,
    user: url.username === '' ? undefined : decodeURIComponent(url.username),
    password: url.password === '' ? undefined : decodeURIComponent(url.password),
    from: SMTP_FROM,
    smsDomain: SMS_BY_EMAIL_DOMAIN,
  }
}

export interface Config {
  readonly dataDir: string
  readonly host: string
  readonly port: number
  readonly logLevel: string
  /** How many proxies of ours stand in front: the last that many entries of X-Forwarded-For are theirs. */
  readonly trustedProxies: number
  readonly keyRing: string | undefined
  /** Where people find this service, for messages that ask them to log in. */
  readonly publicUrl?: string | undefined
  /** None: nobody is sent a message. */
  readonly smtp?: SmtpConfig | undefined
}

/** The process's settings, read once. Throws with one line per wrong setting. */
export const parseConfig = (environment: Record<string, string | undefined>): Config => {
  const parsed = Environment.safeParse(environment)
  if (!parsed.success) throw new Error(`settings: ${z.prettifyError(parsed.error)}`)
  const { DATA_DIR, HOST, PORT, KEY_RING, LOG_LEVEL, TRUSTED_PROXIES } = parsed.data
  return {
    dataDir: DATA_DIR,
    host: HOST,
    port: PORT,
    logLevel: LOG_LEVEL,
    trustedProxies: TRUSTED_PROXIES,
    keyRing: KEY_RING,
    publicUrl: parsed.data.PUBLIC_URL,
    smtp: smtpOf(parsed.data),
  }
}
