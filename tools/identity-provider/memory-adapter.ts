import type { Adapter, AdapterPayload } from 'oidc-provider'

/** Keeps sessions, codes and tokens in memory. The package's own one warns that it is not for production. */
export function createMemoryAdapters(): (model: string) => Adapter {
  const stores = new Map<string, Map<string, AdapterPayload>>()
  return (model) => {
    const store = stores.get(model) ?? new Map<string, AdapterPayload>()
    stores.set(model, store)
    // The provider itself checks when an item expires.
    return {
      async upsert(id, payload) {
        store.set(id, payload)
      },
      find: async (id) => store.get(id),
      findByUid: async (uid) => [...store.values()].find((payload) => payload.uid === uid),
      // Only the device flow has such codes, and it is off.
      findByUserCode: async () => undefined,
      async consume(id) {
        const payload = store.get(id)
        if (payload) payload.consumed = Math.floor(Date.now() / 1000)
      },
      async destroy(id) {
        store.delete(id)
      },
      async revokeByGrantId(grantId) {
        for (const [id, payload] of store) if (payload.grantId === grantId) store.delete(id)
      },
    }
  }
}
