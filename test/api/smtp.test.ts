import type { AddressInfo } from 'node:net'
import { selfSigned } from '../support/certificate.ts'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { parseConfig } from '../../src/platform/node/config.ts'
import { describeError } from '../../src/platform/shared/describe-error.ts'
import { smtpMessenger } from '../../src/platform/node/smtp.ts'
import { messageOf } from '../../src/events/notices/rules.ts'
import { goOutward } from '../../src/tick.ts'
import { bookingBody, makeCommunity, makeGp, slotBody } from '../support/members.ts'
import { nodeGround } from '../support/node-ground.ts'
import { makeWorld } from '../support/world.ts'

interface Mail {
  readonly user: string | undefined
  readonly isSecure: boolean
  readonly from: string
  readonly to: readonly string[]
  readonly raw: string
}

let certificate: { private: string; cert: string }
let servers: SMTPServer[] = []

beforeAll(async () => {
  certificate = await selfSigned()
})

afterEach(async () => {
  for (const server of servers) await new Promise<void>((resolve) => server.close(resolve))
  servers = []
})

/** A real SMTP server on this machine that knows one user, and what it took. */
const serve = async (options: SMTPServerOptions = {}) => {
  const mails: Mail[] = []
  const server = new SMTPServer({
    key: certificate.private,
    cert: certificate.cert,
    authOptional: false,
    onAuth: ({ username, password }, _, done) =>
      username === 'udj' && password === 's:cret@1' ? done(null, { user: 'udj' }) : done(new Error('who?')),
    onRcptTo: ({ address }, _, done) =>
      done(address.startsWith('nobody') ? new Error('no such mailbox') : undefined),
    onData: (stream, session, done) => {
      let raw = ''
      stream.on('data', (chunk: Buffer) => (raw += chunk.toString('latin1')))
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope
        mails.push({
          user: session.user,
          isSecure: session.secure,
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          raw,
        })
        done()
      })
    },
    ...options,
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A client that does not trust us hangs up: that is its business.
  server.on('error', () => undefined)
  servers.push(server)
  return { mails, port: (server.server.address() as AddressInfo).port }
}

const configured = (environment: Record<string, string>) => {
  const { smtp } = parseConfig(environment)
  if (!smtp) throw new Error('no SMTP')
  return smtp
}

const settings = (port: number, scheme = 'smtp') => ({
  SMTP_URL: `${scheme}://udj:s%3Acret%401@localhost:${port}`,
  SMTP_FROM: 'noreply@udj.example',
  SMS_BY_EMAIL_DOMAIN: 'sms.example',
})

/** Headers and text of a mail, decoded as a reader would. */
const readMail = ({ raw }: Mail) => {
  const [head = '', body = ''] = raw.split(/\r\n\r\n([\s\S]*)/)
  const header = (name: string) =>
    new RegExp(`^${name}: (.*(?:\\r\\n[ \\t].*)*)`, 'im').exec(head)?.[1]?.replace(/\r\n[ \t]/g, '') ?? ''
  const subject = header('Subject').replace(
    /=\?UTF-8\?([BQ])\?(.*?)\?=/gi,
    (_, kind: string, text: string) =>
      kind.toUpperCase() === 'B'
        ? Buffer.from(text, 'base64').toString('utf8')
        : quoted(text.replaceAll('_', ' ')),
  )
  const encoding = header('Content-Transfer-Encoding')
  const text = encoding === 'base64' ? Buffer.from(body, 'base64').toString('utf8') : quoted(body)
  return { subject, text: text.replace(/\r\n/g, '\n').trimEnd(), header }
}

const quoted = (text: string) =>
  Buffer.from(
    text
      .replace(/=\r\n/g, '')
      .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString('utf8')

describe('messages by SMTP', () => {
  it('[NOTICE-6] are taken by a real server, encrypted and with the user of the settings', async () => {
    const { mails, port } = await serve()
    const messenger = smtpMessenger(configured(settings(port)), { ca: certificate.cert })
    expect(messenger.channels).toEqual(['email', 'sms'])
    const words = messageOf('booking', 'https://udj.example/')
    await messenger.send({ channel: 'email', to: 'gp@cabinet.example', ...words })
    await messenger.send({ channel: 'sms', to: '+33639980001', ...words })
    expect(mails.map(({ user, isSecure, from, to }) => ({ user, isSecure, from, to }))).toEqual([
      { user: 'udj', isSecure: true, from: 'noreply@udj.example', to: ['gp@cabinet.example'] },
      { user: 'udj', isSecure: true, from: 'noreply@udj.example', to: ['33639980001@sms.example'] },
    ])
    const { subject, text, header } = readMail(mails[0]!)
    expect({ subject, text }).toEqual(words)
    expect(words.text).toContain('d’urgence')
    expect([header('From'), header('To')]).toEqual(['noreply@udj.example', 'gp@cabinet.example'])
    expect(header('Auto-Submitted')).toBe('auto-generated')
  })

  it('[NOTICE-6] go by TLS from the first byte when the settings say smtps', async () => {
    const { mails, port } = await serve({ secure: true })
    const config = configured(settings(port, 'smtps'))
    await smtpMessenger(config, { ca: certificate.cert }).send({
      channel: 'email',
      to: 'gp@cabinet.example',
      subject: 'x',
      text: 'y',
    })
    expect(mails).toMatchObject([{ isSecure: true }])
  })

  it('[NOTICE-6] reject when the user, the mailbox or the certificate is refused, or nobody is there', async () => {
    const { mails, port } = await serve()
    const message = { channel: 'email', to: 'gp@cabinet.example', subject: 'x', text: 'y' } as const
    const good = configured(settings(port))
    const trusting = { ca: certificate.cert }
    const toNobody = { ...message, to: 'nobody@x.example' }
    const closed = { ...good, port: 1 }
    const withoutSms = { ...good, smsDomain: undefined }
    for (const [reason, send] of [
      ['EAUTH 535', () => smtpMessenger({ ...good, password: 'wrong' }, trusting).send(message)],
      ['ESOCKET', () => smtpMessenger(good).send(message)],
      ['EENVELOPE 550', () => smtpMessenger(good, trusting).send(toNobody)],
      ['ESOCKET', () => smtpMessenger(closed, trusting).send(message)],
      ['no operator', () => smtpMessenger(withoutSms, trusting).send({ ...message, channel: 'sms' })],
    ] as const) {
      const error = await send().catch((error: unknown) => error)
      // What the server said may name the mailbox, and is not for a log.
      expect(String(error)).toContain(reason)
      expect(JSON.stringify(describeError(error))).not.toContain('x.example')
    }
    expect(mails).toEqual([])
    await smtpMessenger(good, trusting).send(message)
    expect(mails).toHaveLength(1)
  })

  it('[NOTICE-6] to another machine nothing is said before the line is encrypted', async () => {
    const { mails, port } = await serve({ disabledCommands: ['STARTTLS'], authOptional: true })
    const message = { channel: 'email', to: 'gp@cabinet.example', subject: 'x', text: 'y' } as const
    const open = { ...configured(settings(port)), user: undefined, password: undefined }
    await smtpMessenger(open).send(message)
    expect(mails).toHaveLength(1)
    // By a writing that is not taken for this machine, the same server is another one.
    await expect(smtpMessenger({ ...open, host: 'LOCALHOST' }).send(message)).rejects.toThrow(/ETLS/)
    expect(mails).toHaveLength(1)
  })

  it('[NOTICE-3] a booking’s notice leaves with nothing of the patient in it', async () => {
    const { mails, port } = await serve()
    const ground = nodeGround()
    try {
      const world = await makeWorld(ground)
      const messenger = smtpMessenger(configured(settings(port)), { ca: certificate.cert })
      Object.assign(world.platform, { messenger })
      const gp = await makeGp(world, await makeCommunity(world, '92050'))
      await gp.caller.put(`/practitioners/${gp.id}/notices`, {
        email: 'gp@cabinet.example',
        phone: '+33639980005',
        subjects: ['booking'],
      })
      await goOutward(world.territory, world.platform)
      const [start, end] = ['2026-11-24T10:00:00+01:00', '2026-11-24T10:15:00+01:00']
      const slot = await gp.caller.post('/slots', slotBody(gp, start, end))
      const regulator = await world.key('regulator')
      const booking = await regulator.post('/bookings', bookingBody(slot.body.id))
      expect(await goOutward(world.territory, world.platform)).toEqual([])
      expect(mails.map(({ to }) => to).sort()).toEqual([['33639980005@sms.example'], ['gp@cabinet.example']])
      for (const mail of mails) {
        const { subject, text } = readMail(mail)
        expect({ subject, text }).toEqual(messageOf('booking', undefined))
        for (const secret of [
          'Fictive',
          'Alix',
          '1980',
          '639980001',
          'fièvre',
          'fever',
          'DRM',
          booking.body.id,
        ])
          expect(mail.raw + text).not.toContain(secret)
      }
    } finally {
      await ground.close()
    }
  })
})

describe('settings', () => {
  it('[NOTICE-6] without SMTP_URL there is no messenger; half of the settings is a mistake', () => {
    expect(parseConfig({}).smtp).toBeUndefined()
    expect(parseConfig({ PUBLIC_URL: 'https://udj.example/92' }).publicUrl).toBe('https://udj.example/92')
    const from = { SMTP_FROM: 'noreply@udj.example' }
    const { smtp } = parseConfig({ SMTP_URL: 'smtp://mail.example', ...from })
    expect(smtp).toEqual({
      host: 'mail.example',
      port: 587,
      isSecure: false,
      user: undefined,
      password: undefined,
      from: 'noreply@udj.example',
      smsDomain: undefined,
    })
    expect(parseConfig({ SMTP_URL: 'smtps://[2a01::1]', ...from }).smtp).toMatchObject({
      host: '2a01::1',
      port: 465,
      isSecure: true,
    })
    for (const wrong of [
      { SMTP_URL: 'smtp://mail.example' },
      { SMTP_URL: 'http://mail.example', ...from },
      { SMTP_URL: 'mail.example:25', ...from },
      { SMTP_URL: 'smtp://mail.example', SMTP_FROM: 'nobody' },
      from,
      { SMS_BY_EMAIL_DOMAIN: 'sms.example' },
      { SMTP_URL: 'smtp://mail.example', ...from, SMS_BY_EMAIL_DOMAIN: 'a@b' },
      { PUBLIC_URL: 'udj.example' },
      { PUBLIC_URL: 'javascript:alert(1)' },
    ])
      expect(() => parseConfig(wrong)).toThrow(/^settings: /)
  })
})
