import type { Refusal, RefusalCode } from '../kernel/refusal.ts'

/** Problems of the edge itself, before any rule is asked. */
const EDGE_PROBLEMS = {
  invalid_request: [400, 'Requête mal formée'],
  unauthenticated: [401, 'Authentification requise'],
  forbidden: [403, 'Opération interdite à ce rôle'],
  unknown_territory: [404, 'Territoire inconnu'],
  unknown_route: [404, 'Adresse inconnue'],
  method_not_allowed: [405, 'Méthode non permise'],
  payload_too_large: [413, 'Requête trop volumineuse'],
  unsupported_media_type: [415, 'Type de contenu non pris en charge'],
  idempotency_key_required: [428, 'En-tête Idempotency-Key requis'],
  rate_limited: [429, 'Trop de requêtes'],
  internal: [500, 'Erreur interne'],
  unavailable: [503, 'Service momentanément indisponible'],
} as const satisfies Record<string, readonly [number, string]>

const RULE_PROBLEMS = {
  address_required: [422, 'Adresse requise'],
  already_taken: [409, 'Demande déjà prise par un confrère'],
  already_withdrawn: [409, 'Créneau déjà retiré'],
  booking_active: [409, 'Rendez-vous encore à venir'],
  commune_taken: [409, 'Commune déjà rattachée à une CPTS'],
  en_sus_closed: [409, 'Demande en sus close'],
  en_sus_not_accepted: [409, 'Demande en sus sans réponse favorable'],
  erased: [410, 'Données du patient effacées'],
  finess_taken: [409, 'Numéro FINESS déjà enregistré'],
  generation_running: [409, 'Génération déjà en cours'],
  hold_invalid: [409, 'Réservation temporaire invalide'],
  idempotency_key_reused: [422, 'Clé d’idempotence déjà utilisée pour une autre requête'],
  invalid_birth_date: [422, 'Date de naissance invalide'],
  invalid_calendar: [422, 'Agenda illisible'],
  invalid_interval: [422, 'Intervalle invalide'],
  invalid_key_scope: [422, 'Périmètre de clé invalide'],
  invalid_rpps: [422, 'Numéro RPPS invalide'],
  invalid_rrule: [422, 'Règle de récurrence invalide'],
  invalid_transition: [409, 'Étape impossible'],
  invalid_url: [422, 'Adresse refusée'],
  key_revoked: [409, 'Clé révoquée'],
  modality_not_offered: [422, 'Modalité non proposée'],
  no_occurrence: [422, 'Date sans occurrence'],
  not_a_member: [422, 'Praticien hors de la liste du secteur'],
  not_active: [409, 'Rendez-vous inactif'],
  not_found: [404, 'Objet introuvable'],
  outcome_final: [409, 'Issue du rendez-vous définitive'],
  rota_overlap: [409, 'Période déjà couverte par un tableau'],
  rota_too_short: [422, 'Tableau de moins de trois mois'],
  rpps_taken: [409, 'Numéro RPPS déjà enregistré'],
  rule_broken: [422, 'Règle de garde enfreinte'],
  same_slot: [422, 'Même créneau'],
  series_ended: [409, 'Série déjà terminée'],
  slot_not_for_caller: [422, 'Créneau non ouvert à ce demandeur'],
  slot_overlap: [409, 'Chevauchement de créneaux'],
  slot_started: [422, 'Créneau déjà commencé'],
  slot_taken: [409, 'Créneau déjà pris'],
  slot_withdrawn: [410, 'Créneau retiré'],
  stale_version: [412, 'Version périmée'],
  swap_closed: [409, 'Demande de changement close'],
  too_early: [422, 'Rendez-vous à venir'],
  too_many_feeds: [422, 'Trop de flux d’agenda'],
  too_many_holds: [429, 'Trop de réservations temporaires'],
  too_many_members: [422, 'Trop de personnes'],
  too_many_slots: [422, 'Trop de créneaux'],
  too_many_webhooks: [422, 'Trop de webhooks'],
  unknown_commune: [422, 'Commune inconnue'],
  unknown_shift_type: [422, 'Type de garde inconnu'],
  invalid_source: [422, 'Origine de restriction réservée à la coordination'],
  consent_required: [422, 'Consentement requis'],
  request_closed: [409, 'Demande close'],
  invalid_csv: [422, 'Fichier illisible'],
  invalid_rules: [422, 'Règles de répartition incohérentes'],
  unlawful_reason: [422, 'Motif de refus non admis'],
  proposal_expired: [409, 'Proposition expirée'],
  proposal_closed: [409, 'Proposition close'],
  proposal_not_accepted: [409, 'Proposition non acceptée'],
  allocation_closed: [409, 'Répartition close'],
  stale_simulation: [409, 'Simulation périmée'],
  unproven: [409, 'Simulation sans preuve'],
  lock_refused: [422, 'Choix contraire à une règle'],
  not_a_gp: [422, 'Praticien non généraliste'],
  invalid_asked_on: [422, 'Date de la demande invalide'],
} as const satisfies Record<RefusalCode, readonly [number, string]>

export const PROBLEMS = { ...EDGE_PROBLEMS, ...RULE_PROBLEMS }
export type ProblemCode = keyof typeof PROBLEMS

/** RFC 9457, with our stable `code`. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: ProblemCode
  readonly detail: string
  readonly errors?: readonly { path: string; message: string }[]
  readonly [fact: string]: unknown
}

export const PROBLEM_MEDIA_TYPE = 'application/problem+json'

export const problem = (
  code: ProblemCode,
  detail: string,
  more: { errors?: Problem['errors']; facts?: Record<string, unknown> } = {},
): Problem => ({
  type: `urn:urgence-du-jour:problem:${code}`,
  title: PROBLEMS[code][1],
  status: PROBLEMS[code][0],
  code,
  detail,
  ...(more.errors ? { errors: more.errors } : {}),
  ...more.facts,
})

export const problemOf = (refusal: Refusal): Problem =>
  problem(refusal.code, refusal.detail, {
    ...(refusal.path ? { errors: [{ path: refusal.path.join('.'), message: refusal.detail }] } : {}),
    ...(refusal.facts ? { facts: refusal.facts } : {}),
  })
