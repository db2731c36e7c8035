/** The 36 communes of the Hauts-de-Seine: INSEE population, and a centre good enough for distances in kilometres. */
export const DEMO_COMMUNES = [
  { insee: '92002', name: 'Antony', postalCode: '92160', population: 64_263, lat: 48.753, lon: 2.299 },
  {
    insee: '92004',
    name: 'Asnières-sur-Seine',
    postalCode: '92600',
    population: 93_941,
    lat: 48.915,
    lon: 2.288,
  },
  { insee: '92007', name: 'Bagneux', postalCode: '92220', population: 44_572, lat: 48.798, lon: 2.31 },
  { insee: '92009', name: 'Bois-Colombes', postalCode: '92270', population: 28_909, lat: 48.915, lon: 2.267 },
  {
    insee: '92012',
    name: 'Boulogne-Billancourt',
    postalCode: '92100',
    population: 119_019,
    lat: 48.836,
    lon: 2.241,
  },
  { insee: '92014', name: 'Bourg-la-Reine', postalCode: '92340', population: 21_019, lat: 48.78, lon: 2.316 },
  {
    insee: '92019',
    name: 'Châtenay-Malabry',
    postalCode: '92290',
    population: 35_825,
    lat: 48.768,
    lon: 2.263,
  },
  { insee: '92020', name: 'Châtillon', postalCode: '92320', population: 36_705, lat: 48.803, lon: 2.288 },
  { insee: '92022', name: 'Chaville', postalCode: '92370', population: 20_594, lat: 48.808, lon: 2.192 },
  { insee: '92023', name: 'Clamart', postalCode: '92140', population: 58_576, lat: 48.796, lon: 2.255 },
  { insee: '92024', name: 'Clichy', postalCode: '92110', population: 64_410, lat: 48.904, lon: 2.305 },
  { insee: '92025', name: 'Colombes', postalCode: '92700', population: 91_053, lat: 48.923, lon: 2.247 },
  { insee: '92026', name: 'Courbevoie', postalCode: '92400', population: 82_902, lat: 48.898, lon: 2.256 },
  {
    insee: '92032',
    name: 'Fontenay-aux-Roses',
    postalCode: '92260',
    population: 24_070,
    lat: 48.79,
    lon: 2.288,
  },
  { insee: '92033', name: 'Garches', postalCode: '92380', population: 17_743, lat: 48.846, lon: 2.187 },
  {
    insee: '92035',
    name: 'La Garenne-Colombes',
    postalCode: '92250',
    population: 30_197,
    lat: 48.907,
    lon: 2.245,
  },
  { insee: '92036', name: 'Gennevilliers', postalCode: '92230', population: 50_979, lat: 48.934, lon: 2.294 },
  {
    insee: '92040',
    name: 'Issy-les-Moulineaux',
    postalCode: '92130',
    population: 67_669,
    lat: 48.824,
    lon: 2.264,
  },
  {
    insee: '92044',
    name: 'Levallois-Perret',
    postalCode: '92300',
    population: 68_092,
    lat: 48.895,
    lon: 2.288,
  },
  { insee: '92046', name: 'Malakoff', postalCode: '92240', population: 30_557, lat: 48.818, lon: 2.298 },
  {
    insee: '92047',
    name: 'Marnes-la-Coquette',
    postalCode: '92430',
    population: 1_752,
    lat: 48.83,
    lon: 2.17,
  },
  { insee: '92048', name: 'Meudon', postalCode: '92190', population: 46_334, lat: 48.806, lon: 2.228 },
  { insee: '92049', name: 'Montrouge', postalCode: '92120', population: 46_324, lat: 48.816, lon: 2.317 },
  { insee: '92050', name: 'Nanterre', postalCode: '92000', population: 97_783, lat: 48.896, lon: 2.207 },
  {
    insee: '92051',
    name: 'Neuilly-sur-Seine',
    postalCode: '92200',
    population: 59_538,
    lat: 48.886,
    lon: 2.267,
  },
  {
    insee: '92060',
    name: 'Le Plessis-Robinson',
    postalCode: '92350',
    population: 28_848,
    lat: 48.782,
    lon: 2.261,
  },
  { insee: '92062', name: 'Puteaux', postalCode: '92800', population: 44_002, lat: 48.884, lon: 2.238 },
  {
    insee: '92063',
    name: 'Rueil-Malmaison',
    postalCode: '92500',
    population: 82_874,
    lat: 48.869,
    lon: 2.177,
  },
  { insee: '92064', name: 'Saint-Cloud', postalCode: '92210', population: 29_855, lat: 48.843, lon: 2.212 },
  { insee: '92071', name: 'Sceaux', postalCode: '92330', population: 20_884, lat: 48.777, lon: 2.295 },
  { insee: '92072', name: 'Sèvres', postalCode: '92310', population: 22_303, lat: 48.823, lon: 2.211 },
  { insee: '92073', name: 'Suresnes', postalCode: '92150', population: 48_956, lat: 48.87, lon: 2.221 },
  { insee: '92075', name: 'Vanves', postalCode: '92170', population: 28_622, lat: 48.822, lon: 2.288 },
  { insee: '92076', name: 'Vaucresson', postalCode: '92420', population: 8_432, lat: 48.84, lon: 2.158 },
  { insee: '92077', name: "Ville-d'Avray", postalCode: '92410', population: 11_089, lat: 48.822, lon: 2.188 },
  {
    insee: '92078',
    name: 'Villeneuve-la-Garenne',
    postalCode: '92390',
    population: 26_021,
    lat: 48.937,
    lon: 2.326,
  },
]

export type DemoCommune = (typeof DEMO_COMMUNES)[number]

export interface DemoCommunity {
  readonly name: string
  readonly finess: string
  /** Left out where it is the sum of the communes. */
  readonly population?: number
  readonly communes: readonly string[]
  readonly phone: string
  readonly contractStart: string
}

/**
 * Six CPTS with the populations that they state themselves. Their numbers, phones and dates are invented. The other
 * communes, Courbevoie, Puteaux and Colombes among them, are in none.
 */
export const DEMO_COMMUNITIES: readonly DemoCommunity[] = [
  {
    name: 'CPTS de Nanterre',
    finess: '929999001',
    population: 96_807,
    communes: ['92050'],
    phone: '+33199000001',
    contractStart: '2022-01-01',
  },
  {
    name: 'CPTS de Rueil-Malmaison',
    finess: '929999002',
    population: 77_986,
    communes: ['92063'],
    phone: '+33199000002',
    contractStart: '2021-07-01',
  },
  {
    name: 'CPTS des Hauts-de-Bièvre',
    finess: '929999003',
    population: 174_300,
    communes: ['92002', '92014', '92019', '92060', '92071'],
    phone: '+33199000003',
    contractStart: '2020-10-01',
  },
  {
    name: 'CPTS de Suresnes',
    finess: '929999004',
    communes: ['92073'],
    phone: '+33199000004',
    contractStart: '2023-04-01',
  },
  {
    name: 'CPTS de Meudon',
    finess: '929999005',
    communes: ['92048'],
    phone: '+33199000005',
    contractStart: '2023-09-01',
  },
  {
    name: 'CPTS de Gennevilliers et Villeneuve-la-Garenne',
    finess: '929999006',
    population: 71_725,
    communes: ['92036', '92078'],
    phone: '+33199000006',
    contractStart: '2022-11-01',
  },
]

export const communeOf = (insee: string): DemoCommune => {
  const found = DEMO_COMMUNES.find((commune) => commune.insee === insee)
  if (!found) throw new Error(`no commune ${insee} in the demo`)
  return found
}
