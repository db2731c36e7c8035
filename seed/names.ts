/** Names that nobody bears: a plant and a word that says so, a star, a mineral, a moon. */

const words = (text: string): string[] => text.trim().split(/\s+/)

const PLANTS = words(`
  Absinthe Acanthe Aneth Angélique Armoise Arnica Aubépine Bardane Basilic Bégonia Bergamote Bouleau
  Bourrache Bruyère Camomille Cardamome Cerfeuil Ciboulette Coquelicot Coriandre Cumin Estragon
  Fenouil Fougère Genévrier Gentiane Gingembre Glycine Hysope Lavande Livèche Marjolaine Mélisse
  Menthe Millepertuis Myrtille Origan Oseille Pâquerette Pimprenelle Pissenlit Réglisse Romarin Safran
  Sarriette Sauge Sureau Thym Valériane Verveine
`)
const PRACTITIONER_WORDS = ['Fictif', 'Exemple', 'Démo']

const STARS = words(`
  Achernar Acrux Albireo Alcor Alcyone Aldébaran Algol Altaïr Antarès Arcturus Bellatrix Bételgeuse
  Canopus Capella Castor Deneb Dubhe Électre Fomalhaut Hadar Izar Kochab Markab Mérope Mimosa Mintaka
  Mira Mizar Mérak Naos Pollux Procyon Rasalas Régulus Rigel Saïph Shaula Sirius Spica Tarazed Véga
  Zosma
`)

const MINERALS = words(`
  Agate Albâtre Améthyste Apatite Azurite Basalte Béryl Calcite Cinabre Corindon Feldspath Fluorine
  Galène Granite Gypse Hématite Jaspe Malachite Mica Obsidienne Olivine Onyx Péridot Pyrite Quartz
  Sélénite Serpentine Silex Topaze Turquoise
`)
const PATIENT_WORDS = ['Fictive', 'Imaginaire']

const MOONS = words(`
  Amalthée Ariel Callisto Charon Déimos Encelade Ganymède Hypérion Janus Japet Miranda Nix Obéron
  Phobos Prométhée Rhéa Téthys Titania Triton
`)

const nth = (list: readonly string[], index: number): string => {
  const found = list[index % list.length]
  if (found === undefined) throw new RangeError('an empty list of names')
  return found
}

const familyOf = (index: number, stems: readonly string[], words: readonly string[]): string => {
  if (index >= stems.length * words.length) throw new RangeError('no more invented names')
  return `${nth(stems, index)}-${nth(words, Math.floor(index / stems.length))}`
}

/** The name of the n-th practitioner; no two share a family name. */
export const practitionerName = (index: number) => ({
  family: familyOf(index, PLANTS, PRACTITIONER_WORDS),
  given: nth(STARS, index * 5 + Math.floor(index / STARS.length)),
})

/** The name of the n-th patient; no two share a family name. */
export const patientName = (index: number) => ({
  family: familyOf(index, MINERALS, PATIENT_WORDS),
  given: nth(MOONS, index * 3 + Math.floor(index / MOONS.length)),
})

/** The n-th person without a médecin traitant: no two share family and given name. */
export const waitingName = (index: number) => ({
  family: `${nth(MINERALS, index)}-${nth(STARS, Math.floor(index / MINERALS.length))}-Fictive`,
  given: nth(MOONS, index * 3 + Math.floor(index / (MINERALS.length * STARS.length))),
})

export const starName = (index: number): string => nth(STARS, index)

export const plantName = (index: number): string => nth(PLANTS, index)

const STREETS = [
  'rue de l’Exemple',
  'avenue de la Démonstration',
  'place du Jeu-d’Essai',
  'allée du Bac-à-Sable',
  'boulevard du Prototype',
  'rue de la Maquette',
  'impasse du Scénario',
  'cours de la Fiction',
]

export const streetLine = (number: number, index: number): string => `${number} ${nth(STREETS, index)}`
