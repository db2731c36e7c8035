import type { DirectoryObject } from './directory-object.ts'
import type { TerritoryObject } from './territory-object.ts'

/** Bindings and secrets, as wrangler.toml names them. */
export interface Env {
  readonly TERRITORY: DurableObjectNamespace<TerritoryObject>
  readonly DIRECTORY: DurableObjectNamespace<DirectoryObject>
  /** JSON `{ current, keys, index }`, as `npm run admin -- key-ring` prints it. */
  readonly KEY_RING?: string
  /** Makes one territory and its first admin key, once. */
  readonly BOOTSTRAP_SECRET?: string
  /** Where the objects live (`eu`); empty on a local machine, which has no jurisdictions. */
  readonly JURISDICTION?: string
  /** `true` lets the bootstrap fill territory 92 with the demo; never set in production. */
  readonly DEMO?: string
}

const within = <O extends Rpc.DurableObjectBranded | undefined>(
  namespace: DurableObjectNamespace<O>,
  jurisdiction: string | undefined,
): DurableObjectNamespace<O> => (jurisdiction === 'eu' ? namespace.jurisdiction('eu') : namespace)

/** The object of one territory: the same name is always the same object. */
export const territoryStub = (env: Env, code: string): DurableObjectStub<TerritoryObject> => {
  const namespace = within(env.TERRITORY, env.JURISDICTION)
  return namespace.get(namespace.idFromName(code))
}

/** The one directory of the deployment. */
export const directoryStub = (env: Env): DurableObjectStub<DirectoryObject> => {
  const namespace = within(env.DIRECTORY, env.JURISDICTION)
  return namespace.get(namespace.idFromName('directory'))
}
