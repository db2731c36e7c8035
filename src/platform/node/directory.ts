import { Directory } from '../../directory/directory.ts'
import type { DirectoryPort } from '../../edge/platform.ts'
import { openFile } from './database.ts'

/** The directory in a file of its own, beside the territories. */
export const openDirectory = (
  file: string,
): { port: DirectoryPort; directory: Directory; close: () => void } => {
  const database = openFile(file)
  const directory = new Directory(database.db, database.transaction)
  return {
    directory,
    port: {
      add: (territory, rpps) => {
        directory.add(territory, rpps)
        return Promise.resolve()
      },
    },
    close: () => database.close(),
  }
}
