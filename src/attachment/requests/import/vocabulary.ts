/** Lines of people that one file may have. */
export const MOST_LINES = 5_000

/** Columns without which a file is not a list of requests. */
export const REQUIRED_COLUMNS = [
  'famille',
  'prenom',
  'naissance',
  'telephone',
  'commune',
  'consentement_le',
  'consentement_par',
  'consentement_moyen',
] as const

/** Columns of the person, beside what is known of them. */
export const PERSON_COLUMNS = ['famille', 'prenom', 'naissance', 'sexe'] as const

/** Columns of the household: its first line says them, another may say the same or nothing. */
export const HOUSEHOLD_COLUMNS = [
  'telephone',
  'email',
  'commune',
  'latitude',
  'longitude',
  'source',
  'visite_domicile',
  'fauteuil',
  'langue',
  'sexe_medecin',
  'mode_foyer',
  'distance_max_km',
  'deja_vu_par',
  'demande_le',
  'consentement_le',
  'consentement_par',
  'consentement_moyen',
] as const
export type HouseholdColumn = (typeof HOUSEHOLD_COLUMNS)[number]
