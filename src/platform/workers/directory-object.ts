import { DurableObject } from 'cloudflare:workers'
import { Directory } from '../../directory/directory.ts'
import type { Env } from './env.ts'
import { databaseOf } from './storage.ts'

/** The directory of the deployment: which territories know an RPPS, which territories there are, which bootstraps are spent. */
export class DirectoryObject extends DurableObject<Env> {
  private readonly directory: Directory

  constructor(state: DurableObjectState, env: Env) {
    super(state, env)
    this.directory = new Directory(databaseOf(state.storage), (fn) => state.storage.transactionSync(fn))
  }

  add(territory: string, rpps: readonly string[]): void {
    this.directory.add(territory, rpps)
  }

  find(rpps: readonly string[]): { rpps: string; territory: string }[] {
    return this.directory.find(rpps)
  }

  territories(): string[] {
    return this.directory.territories()
  }

  /** Spends a bootstrap secret, told by its hash; false when it was spent before. */
  spend(hash: string, territory: string): boolean {
    return this.directory.spend(hash, territory)
  }

  /** Gives back a secret whose territory could not be made. */
  unspend(hash: string): void {
    this.directory.unspend(hash)
  }
}
