import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/fetch'
import type { BenchClient } from '../../src/shared/contract/index.ts'
import type { Served } from './served.ts'

/** Another program at a served bench. */
export function clientOf({ link, port }: Served): BenchClient {
  const token = new URLSearchParams(new URL(link).hash.slice(1)).get('token')
  const headers = () => ({ authorization: `Bearer ${token}` })
  return createORPCClient(new RPCLink({ url: `http://127.0.0.1:${port}/rpc`, headers }))
}
