/** Paths that a Markdown text names, relative to the root. */
export declare const pathsIn: (markdown: string, file: string) => string[]

/** `file: path` for each path that a text names and `isThere` denies. */
export declare const findMissingPaths: (
  documents: Readonly<Record<string, string>>,
  isThere: (path: string) => boolean,
) => string[]
