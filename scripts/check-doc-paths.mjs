// Fails when a document names a path of this repository that is not there.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** Folders whose files documents name from the root. Written down, so that removing one does not silence its mentions. */
const FOLDERS = ['src', 'test', 'seed', 'scripts', 'bench', 'docs', 'drizzle', String.raw`\.ci`]

const PATH = new RegExp(String.raw`(?<![\w/.@-])(?:${FOLDERS.join('|')})/[\w./*{}<>…-]*`, 'g')
const LINK = /\]\(([^)\s#]+)(?:#[^)]*)?\)/g

/** The part of a path before its first `*`, `{`, `<` or `…`, which stand for names. */
const solidPart = (path) => {
  const wild = path.search(/[*{<…]/)
  return wild < 0 ? path.replace(/[.…]+$/, '') : path.slice(0, path.lastIndexOf('/', wild) + 1)
}

/**
 * Paths that a Markdown text names: from the root, as words and in code; relative to its own place, in links.
 * Each is given relative to the root.
 */
export const pathsIn = (markdown, file) => {
  const linked = [...markdown.matchAll(LINK)]
    .map(([, target]) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => join(dirname(file), decodeURI(target)))
  const named = [...markdown.replace(LINK, ']').matchAll(PATH)].map(([path]) => solidPart(path))
  return [...new Set([...named, ...linked])]
}

/** `file: path` for each path that a text names and `isThere` denies. */
export const findMissingPaths = (documents, isThere) =>
  Object.entries(documents).flatMap(([file, text]) =>
    pathsIn(text, file)
      .filter((path) => !isThere(path))
      .map((path) => `${file}: ${path}`),
  )

const root = fileURLToPath(new URL('..', import.meta.url))

const main = () => {
  const docs = readdirSync(join(root, 'docs'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
    .map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name)))
  const files = [...['AGENTS.md', 'README.md'].filter((file) => existsSync(join(root, file))), ...docs]
  const documents = Object.fromEntries(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]))
  const missing = findMissingPaths(documents, (path) => existsSync(join(root, path)))
  for (const line of missing) process.stdout.write(`no such path: ${line}\n`)
  process.stdout.write(`${files.length} documents, ${missing.length} missing paths\n`)
  if (missing.length > 0) process.exitCode = 1
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) main()
