import { describe, expect, it } from 'vitest'
import { given, sorted } from './given.ts'

describe('what a caller gives', () => {
  it('null is given, undefined is not', () => {
    expect(given({ a: 1, b: null, c: undefined, d: false })).toStrictEqual({ a: 1, b: null, d: false })
  })

  it('codes are taken once, in order, and the list that came stays as it is', () => {
    const codes = ['b', 'a', 'b']
    expect(sorted(codes)).toEqual(['a', 'b'])
    expect(codes).toEqual(['b', 'a', 'b'])
  })
})
