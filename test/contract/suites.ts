import type { Suite } from '../support/runtime.ts'
import { flowSuite } from './flow.suite.ts'
import { slotsSuite } from './slots.suite.ts'
import { seriesSuite } from './series.suite.ts'
import { seriesEditSuite } from './series-edit.suite.ts'
import { releaseSuite } from './release.suite.ts'
import { coverageSuite } from './coverage.suite.ts'
import { availabilitySuite } from './availability.suite.ts'
import { bookingsSuite } from './bookings.suite.ts'
import { holdsSuite } from './holds.suite.ts'
import { enSusSuite } from './en-sus.suite.ts'
import { identitiesSuite } from './identities.suite.ts'
import { retentionSuite } from './retention.suite.ts'
import { eventsSuite } from './events.suite.ts'
import { eventVisibilitySuite } from './event-visibility.suite.ts'
import { eventStreamSuite } from './event-stream.suite.ts'
import { feedsSuite } from './feeds.suite.ts'
import { idempotencySuite } from './idempotency.suite.ts'
import { httpSuite } from './http.suite.ts'
import { accessSuite } from './access.suite.ts'
import { importSuite } from './import.suite.ts'
import { membersSuite } from './members.suite.ts'
import { noticesSuite } from './notices.suite.ts'
import { webhooksSuite } from './webhooks.suite.ts'
import { gardesCalendarSuite } from './gardes-calendar.suite.ts'
import { gardesExportsSuite } from './gardes-exports.suite.ts'
import { gardesOnCallSuite } from './gardes-on-call.suite.ts'
import { gardesRotasSuite } from './gardes-rotas.suite.ts'
import { gardesSectorsSuite } from './gardes-sectors.suite.ts'
import { gardesSwapsSuite } from './gardes-swaps.suite.ts'
import { mtHouseholdSuite } from './mt-household.suite.ts'
import { mtImportSuite } from './mt-import.suite.ts'
import { mtClassesSuite } from './mt-classes.suite.ts'
import { mtRequestsSuite } from './mt-requests.suite.ts'
import { mtIntakeSuite } from './mt-intake.suite.ts'
import { mtProposalsSuite } from './mt-proposals.suite.ts'
import { allocationEngineSuite } from './allocation-engine.suite.ts'
import { mtAllocationsSuite } from './mt-allocations.suite.ts'
import { mtFlowSuite } from './mt-flow.suite.ts'

/** The whole contract, in the order of the page that states it. Each runtime runs all of it. */
export const suites: readonly Suite[] = [
  flowSuite,
  slotsSuite,
  seriesSuite,
  seriesEditSuite,
  importSuite,
  releaseSuite,
  coverageSuite,
  availabilitySuite,
  bookingsSuite,
  holdsSuite,
  enSusSuite,
  identitiesSuite,
  retentionSuite,
  eventsSuite,
  webhooksSuite,
  noticesSuite,
  eventVisibilitySuite,
  eventStreamSuite,
  feedsSuite,
  idempotencySuite,
  httpSuite,
  accessSuite,
  membersSuite,
  gardesSectorsSuite,
  gardesRotasSuite,
  gardesSwapsSuite,
  gardesOnCallSuite,
  gardesExportsSuite,
  gardesCalendarSuite,
  mtClassesSuite,
  mtRequestsSuite,
  mtHouseholdSuite,
  mtImportSuite,
  mtIntakeSuite,
  mtProposalsSuite,
  mtAllocationsSuite,
  mtFlowSuite,
  allocationEngineSuite,
]
