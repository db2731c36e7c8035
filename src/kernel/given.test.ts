import { describe, expect, it } from 'vitest'
import { given, sorted } from './given.ts'

describe('what a caller gives', () => {
  it('[MEMBER-9][SECTOR-5] null is given, undefined is not', () => {
    expect(given({ a: 1, b: null, c: undefined, d: false })).toStrictEqual({ a: 1, b: null, d: false })
  })

  it('[GARDE-11] codes given in any order are the same list, each once, and the list that came stays as it is', () => {
    const codes = ['b', 'a', 'b']
    expect(sorted(codes)).toEqual(['a', 'b'])
    expect(codes).toEqual(['b', 'a', 'b'])
  })
})
