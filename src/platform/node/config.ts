import { z } from 'zod'

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
})

export interface Config {
  readonly dataDir: string
  readonly host: string
  readonly port: number
  readonly logLevel: string
  /** How many proxies of ours stand in front: the last that many entries of X-Forwarded-For are theirs. */
  readonly trustedProxies: number
  readonly keyRing: string | undefined
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
  }
}
