/** Ids in the first column of a Markdown text's tables, in order, each as often as it is there. */
export declare const idsOfRules: (markdown: string) => string[]

/** Titles of the tests that a TypeScript text declares by `it`, `test` or `rule`. */
export declare const titlesOf: (code: string) => string[]

/** Ids in brackets at the start of a title. */
export declare const idsOfTitle: (title: string) => string[]

/** What does not hold, one line each. Texts are by file name. */
export declare const checkRules: (texts: {
  readonly rules: Readonly<Record<string, string>>
  readonly tests: Readonly<Record<string, string>>
}) => { readonly problems: string[]; readonly rules: number }

/** Suites of the contract that no runtime runs, as the list of suites does not name them. */
export declare const findForgottenSuites: (files: readonly string[], list: string) => string[]
