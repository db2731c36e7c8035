/** Several answers in the text format of Prometheus as one: each name described once, its samples together. */
export const mergeMetrics = (texts: readonly string[]): string => {
  const families = new Map<string, { head: string[]; samples: string[] }>()
  for (const text of texts) {
    let current: { head: string[]; samples: string[] } | undefined
    for (const line of text.split('\n')) {
      const name = /^# HELP (\S+)/.exec(line)?.[1]
      if (name !== undefined) {
        const known = families.get(name)
        current = known ?? { head: [], samples: [] }
        if (!known) families.set(name, current)
      }
      if (!current || line === '') continue
      if (!line.startsWith('#')) current.samples.push(line)
      else if (!current.head.includes(line)) current.head.push(line)
    }
  }
  return [...families.values()].map(({ head, samples }) => [...head, ...samples].join('\n') + '\n').join('\n')
}
