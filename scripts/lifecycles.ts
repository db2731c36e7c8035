// Writes docs/lifecycles.md from the transition tables that the code decides by: `npm run lifecycles`.
import { writeFileSync } from 'node:fs'
import { ALLOCATION_TRANSITIONS } from '../src/attachment/allocation/rules.ts'
import { PROPOSAL_TRANSITIONS } from '../src/attachment/proposals/rules.ts'
import { REQUEST_TRANSITIONS } from '../src/attachment/requests/rules.ts'
import { EN_SUS_TRANSITIONS } from '../src/bookings/en-sus/rules.ts'
import { SEAT_TRANSITIONS } from '../src/bookings/rules.ts'
import { ROTA_TRANSITIONS } from '../src/gardes/rotas/rules.ts'
import { SWAP_TRANSITIONS } from '../src/gardes/swaps/rules.ts'
import { SLOT_TRANSITIONS } from '../src/slots/rules.ts'

type Transitions = Readonly<Record<string, { readonly from: readonly string[]; readonly to: string }>>

const diagram = (transitions: Transitions): string => {
  const state = (name: string) => (name === 'none' ? '[*]' : name)
  const arrows = Object.entries(transitions).flatMap(([action, { from, to }]) =>
    from.map((one) => `  ${state(one)} --> ${state(to)}: ${action}`),
  )
  return ['```mermaid', 'stateDiagram-v2', ...arrows, '```'].join('\n')
}

/** The page, as it should be. */
export const lifecyclesPage = (): string =>
  `# Lives

Made by \`npm run lifecycles\` from the tables that the code decides by (\`SLOT_TRANSITIONS\` in \`src/slots/rules.ts\`,
\`SEAT_TRANSITIONS\` in \`src/bookings/rules.ts\`, \`EN_SUS_TRANSITIONS\` in \`src/bookings/en-sus/rules.ts\`,
\`ROTA_TRANSITIONS\` in \`src/gardes/rotas/rules.ts\`, \`SWAP_TRANSITIONS\` in \`src/gardes/swaps/rules.ts\`,
\`REQUEST_TRANSITIONS\` in \`src/attachment/requests/rules.ts\`, \`ALLOCATION_TRANSITIONS\` in
\`src/attachment/allocation/rules.ts\`, \`PROPOSAL_TRANSITIONS\` in \`src/attachment/proposals/rules.ts\`); a test holds
the page against them.

## A slot

A slot is full and free again as its seats are taken and given back; withdrawn, it keeps the bookings it has, flagged for
someone to act on. It closes when its release goes to the practitioner or its series ends or is edited: it is full with
the patients it has, and is given back when there is none.

${diagram(SLOT_TRANSITIONS)}

## A seat: hold and booking

A hold ends by itself 180 seconds after it was made or extended: from that instant on the seat is anybody's, whether or
not the row has been swept.

${diagram(SEAT_TRANSITIONS)}

## A request en sus

While it is asked the waves follow one another by the clock. What is asked expires when the last wave runs out, or when
all have declined; what a GP accepted expires at the hour agreed, unless the booking was made.

${diagram(EN_SUS_TRANSITIONS)}

## A rota

A step taken late is told, not refused. A daytime rota of a CPTS is published once validated, without the CDOM. Time alone
begins and performs a published rota.

${diagram(ROTA_TRANSITIONS)}

## A change of a published rota

Where the sector wants approval, acceptance is the first step of two; elsewhere it settles the change. An outside person
has agreed before, so theirs begins accepted or done. It expires a week after it was asked for, and when its first shift
begins (an open call: when its shift ends).

${diagram(SWAP_TRANSITIONS)}

## A request for a médecin traitant

Its people decide where it is: asked of a practitioner, accepted, declared; otherwise it is in the queue that its class
gives. Who joins or leaves the household moves it accordingly. An escalated one waits and is allocated like the others.
What is withdrawn or placed is closed; what nobody could reach is brought back by hand.

${diagram(REQUEST_TRANSITIONS)}

## An allocation

A simulation has no effect and may be adjusted and thrown away; one that nobody published within 90 days throws itself
away. Only a person publishes.

${diagram(ALLOCATION_TRANSITIONS)}

## A proposal

It expires at the instant until which an answer was asked for, whether or not the tick has noted it. Its people are free
once it is refused, expired, declined, unreachable or withdrawn; until then, and once declared, they are in no other.

${diagram(PROPOSAL_TRANSITIONS)}
`

if (process.argv[1]?.endsWith('lifecycles.ts'))
  writeFileSync(new URL('../docs/lifecycles.md', import.meta.url), lifecyclesPage())
