import type { Suite } from '../support/runtime.ts'
import { flowSuite } from './flow.suite.ts'
import { slotsSuite } from './slots.suite.ts'
import { seriesSuite } from './series.suite.ts'
import { seriesEditSuite } from './series-edit.suite.ts'
import { coverageSuite } from './coverage.suite.ts'
import { availabilitySuite } from './availability.suite.ts'
import { bookingsSuite } from './bookings.suite.ts'
import { holdsSuite } from './holds.suite.ts'
import { identitiesSuite } from './identities.suite.ts'
import { retentionSuite } from './retention.suite.ts'
import { eventsSuite } from './events.suite.ts'
import { idempotencySuite } from './idempotency.suite.ts'
import { httpSuite } from './http.suite.ts'
import { accessSuite } from './access.suite.ts'
import { membersSuite } from './members.suite.ts'
import { gardesExportsSuite } from './gardes-exports.suite.ts'
import { gardesOnCallSuite } from './gardes-on-call.suite.ts'
import { gardesRotasSuite } from './gardes-rotas.suite.ts'
import { gardesSectorsSuite } from './gardes-sectors.suite.ts'
import { gardesSwapsSuite } from './gardes-swaps.suite.ts'

/** The whole contract, in the order of the page that states it. Each runtime runs all of it. */
export const suites: readonly Suite[] = [
  flowSuite,
  slotsSuite,
  seriesSuite,
  seriesEditSuite,
  coverageSuite,
  availabilitySuite,
  bookingsSuite,
  holdsSuite,
  identitiesSuite,
  retentionSuite,
  eventsSuite,
  idempotencySuite,
  httpSuite,
  accessSuite,
  membersSuite,
  gardesSectorsSuite,
  gardesRotasSuite,
  gardesSwapsSuite,
  gardesOnCallSuite,
  gardesExportsSuite,
]
